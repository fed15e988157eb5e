"""The context of the Dockerfile beside this: the least that a root file system can be."""

import re
import shutil
import subprocess
from pathlib import Path

DOCKERFILE = Path(__file__).with_name("Dockerfile")
BAKED_FILE = Path(__file__).with_name("reeve.ini")
TARGETS = re.findall(r" AS (\S+)", DOCKERFILE.read_text())

BUSYBOX = "/usr/bin/busybox"
APPLETS = ["cat", "grep", "httpd", "kill", "mkdir", "sh", "sleep", "touch", "true", "wget"]
REDIS = ["/usr/bin/redis-server", "/usr/bin/redis-cli"]
ETC = {
    "passwd": "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/var/app:/bin/sh\n",
    "group": "root:x:0:\napp:x:1000:\nmedia:x:2000:app\n",
}
WRITABLE_BY_EVERYBODY = 0o1777


def lay_out(context, reeve, reevectl, probe):
    """Files `context` for a docker build: root/ for every image, beside it reeve and what belongs to it."""
    root = context / "root"
    _copy(BUSYBOX, root / "bin/busybox")
    for applet in APPLETS:
        (root / "bin" / applet).symlink_to("busybox")
    _copy(probe, root / "bin/probe")
    _copy(reeve, context / "reeve")
    _copy(reevectl, context / "reevectl")
    _copy(BAKED_FILE, context / "reeve.ini")
    for name, text in ETC.items():
        _write(text, context / "etc" / name)
    for program in REDIS:
        _copy(program, root / program[1:])
    for library in _libraries([*REDIS, probe, reeve, reevectl]):
        _copy(library, root / library[1:])
    (root / "run").mkdir()
    for folder in ("tmp", "data"):
        (root / folder).mkdir()
        (root / folder).chmod(WRITABLE_BY_EVERYBODY)
    (root / "not-executable").write_text("a text\n")


def _write(text, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def _copy(source, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def _libraries(programs):
    """What the programs need at run time, as absolute paths; nothing for those linked statically."""
    found = set()
    for program in programs:
        listing = subprocess.run(["ldd", program], capture_output=True, text=True, check=False).stdout
        found.update(Path(path) for path in re.findall(r"(/\S+) \(0x", listing))
    return sorted(str(path) for path in found)

"""A podman with a store of its own. It needs no daemon, no network and no registry."""

import json
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

import image
from processes import PATIENCE, read_proc

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = "programs"

# A container may not raise the limits of who started it.
SETTINGS = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
helper_binaries_dir = ["{folder}/helpers"]

[containers]
init_path = "{folder}/helpers/catatonit"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
netns = "none"
log_driver = "k8s-file"
"""


class Podman:
    """Every pod has reeve under the name that podman looks for, which is a link."""

    def __init__(self, reeve, probe):
        self.folder = Path(tempfile.mkdtemp(prefix="reeve-podman-", dir="/tmp"))
        self.reeve = reeve
        (self.folder / "helpers").mkdir()
        (self.folder / "helpers/catatonit").symlink_to(reeve)
        settings = self.folder / "containers.conf"
        settings.write_text(SETTINGS.format(folder=self.folder))
        self.environment = {"PATH": PATH, "HOME": str(self.folder), "CONTAINERS_CONF": str(settings)}
        # Which copies nothing, but is not to be had on every file system.
        self.driver = "overlay"
        if self.try_podman("info").returncode != 0:
            self.driver = "vfs"
        self._import(PROGRAMS, {"bin/busybox": image.BUSYBOX, "bin/probe": probe}, links=["sh", "sleep", "true", "cat"])

    def _import(self, name, files, links=()):
        """Makes an image of these files alone, and of links to busybox."""
        archive = self.folder / f"{name}.tar"
        with tarfile.open(archive, "w") as tar:
            for place, source in files.items():
                tar.add(source, place)
            for link in links:
                entry = tarfile.TarInfo(f"bin/{link}")
                entry.type = tarfile.SYMTYPE
                entry.linkname = "busybox"
                tar.addfile(entry)
        self.podman("import", str(archive), name)

    def image_of_reeve(self, name):
        """An image with nothing but reeve."""
        self._import(name, {"reeve": self.reeve})
        return name

    def try_podman(self, *words):
        store = ["--root", f"{self.folder}/store", "--runroot", f"{self.folder}/run", "--storage-driver", self.driver]
        done = subprocess.run(
            ["podman", *store, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        print(f"$ podman {' '.join(map(str, words))}", done.stdout, done.stderr, f"-> {done.returncode}", sep="\n")
        return done

    def podman(self, *words):
        """A podman command that has to succeed; returns what it says on standard output."""
        done = self.try_podman(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def run(self, *words, options=()):
        """The whole of a container that podman gives an init to."""
        return self.try_podman("run", "--rm", "--init", *options, PROGRAMS, *words)

    def infra(self, pod):
        """What podman knows of the container that a pod exists by."""
        name = json.loads(self.podman("pod", "inspect", pod))["InfraContainerID"]
        return json.loads(self.podman("inspect", name))[0]

    def close(self):
        self.try_podman("pod", "rm", "--all", "--force", "--time", "0")
        self.try_podman("rm", "--all", "--force", "--time", "0")
        for mount in self._mounts():
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.folder)

    def _mounts(self):
        places = [line.split()[4] for line in read_proc("self", "mountinfo").splitlines()]
        return [place for place in reversed(places) if place.startswith(f"{self.folder}/")]

"""The Debian package of a dynamic build, installed and removed by dpkg.

That happens on the running system, but everything that it writes goes to a layer in memory, which
is dropped with the mount namespace of each command.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

BUILD = Path(os.environ["REEVE"]).parent.parent
DEADLINE = 300

IN_A_LAYER = """
set -eu
mount -t tmpfs none /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work overlay /mnt/root
mount --bind /proc /mnt/root/proc
mount --bind /dev /mnt/root/dev
mount --bind "$1" /mnt/root/srv
exec chroot /mnt/root sh -eu -c "$2"
"""


def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=DEADLINE, check=False)


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    made = run("cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder)
    assert made.returncode == 0, made.stdout + made.stderr
    package, = folder.glob("reeve_*.deb")
    return package


@pytest.fixture
def in_a_layer(package):
    """Runs a script where writing to the system is forgotten; the package is in /srv."""

    def run_it(script):
        return run("unshare", "--mount", "sh", "-c", IN_A_LAYER, "sh", package.parent, script)

    return run_it


def field(package, name):
    return run("dpkg-deb", "--field", package, name).stdout.strip()


def test_its_checksum_is_beside_it(package):
    checked = subprocess.run(["sha256sum", "--check", f"{package.name}.sha256"], cwd=package.parent, check=False)
    assert checked.returncode == 0


def libraries(program):
    """The packages of the libraries that it is linked with."""
    paths = re.findall(r"=> (/\S+)", run("ldd", program).stdout)
    names = {os.path.basename(path) for path in paths}
    owners = [run("dpkg", "--search", f"*/{name}").stdout for name in names]
    return {owner.split(":")[0] for owner in owners}


def test_it_depends_on_the_libraries_that_its_programs_are_linked_with(package):
    linked = libraries(os.environ["REEVE"]) | libraries(os.environ["REEVECTL"])
    depends = [word.split()[0] for word in field(package, "Depends").split(", ")]
    assert "libc6" in linked
    assert sorted(depends) == sorted(linked)


def test_dpkg_installs_it_and_its_programs_and_pages_are_there(in_a_layer, package):
    done = in_a_layer("dpkg --install /srv/reeve_*.deb >&2; reeve --version; reevectl --version; "
                      "reeve -- sh -c 'exit 7' || echo $?; ls /usr/share/man/man1/reeve.1 /usr/share/man/man5/reeve.ini.5")
    assert done.returncode == 0, done.stderr
    version, client, code, *pages = done.stdout.splitlines()
    assert version == f"reeve {field(package, 'Version')}"
    assert client.startswith("reevectl ")
    assert code == "7"
    assert pages == ["/usr/share/man/man1/reeve.1", "/usr/share/man/man5/reeve.ini.5"]


def test_dpkg_removes_every_file_of_it(in_a_layer):
    done = in_a_layer("dpkg --install /srv/reeve_*.deb >&2; dpkg --listfiles reeve >/tmp/files; dpkg --remove reeve >&2; "
                      "grep -c reeve /tmp/files; while read -r file; do [ -d $file ] || ls $file || true; done </tmp/files")
    assert done.returncode == 0, done.stderr
    count, *left = done.stdout.splitlines()
    assert int(count) > 5
    assert left == []


def test_dpkg_does_not_configure_it_where_a_library_is_missing(in_a_layer):
    done = in_a_layer("dpkg --remove --force-depends libev4 >&2; dpkg --install /srv/reeve_*.deb")
    assert done.returncode != 0
    assert "reeve depends on libev4" in done.stderr

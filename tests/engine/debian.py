"""debian:12, the base of the examples, from packages of the Debian that we run on: there is no registry."""

import functools
import io
import os
import re
import subprocess
import tarfile
from pathlib import Path

NAME = "debian:12"
# What maintainer scripts have made, and no package lists: with all that is in it, and without.
MADE = ["/etc/pam.d", "/etc/php"]
MADE_EMPTY = ["/var/lib/redis"]
NOT_NEEDED = ["/usr/share/doc", "/usr/share/locale", "/usr/share/man"]
APT_GET = "/usr/bin/apt-get"
FIRST_PERSON = 1000
INSTALLED = "${db:Status-Status}\t${binary:Package}\t${Package}, ${Provides}\t${Pre-Depends}, ${Depends}\n"
PACKAGE_NAME = re.compile(r"(?:^|[,|]) *([\w.+-]+)")


def import_for(engine, dockerfiles):
    """Makes the image. What the files install is there already, and apt-get says that all is well."""
    packages = {name for dockerfile in dockerfiles for name in _installed_by(dockerfile.read_text())}
    archive = engine.folder / "debian.tar"
    with tarfile.open(archive, "w") as files:
        for path in _files([*_required(), *packages]):
            files.add(path, recursive=False)
        for folder in MADE:
            files.add(folder)
        for name, text in _accounts().items():
            _add_file(files, name, text)
        _add_link(files, APT_GET, "true")
    engine.docker("import", str(archive), NAME)
    archive.unlink()


def _installed_by(dockerfile):
    words = " ".join(re.findall(r"apt-get install([^&\\\\\n]*)", dockerfile)).split()
    return [word for word in words if re.match(r"\w", word)]


def _required():
    """The base system."""
    return re.findall(r"^required (\S+)$", _query("${Priority} ${Package}\n"), re.M)


def _files(packages):
    """Those of the packages and of all that they depend on."""
    listed = _ask("dpkg", "--listfiles", *_with_dependencies(packages)).splitlines()
    places = {_true_place(path) for path in [*listed, *MADE_EMPTY] if path.startswith("/")} - {"/", APT_GET}
    left_out = re.compile(rf"({'|'.join(MADE + NOT_NEEDED)})(/|$)")
    return sorted(path for path in places if os.path.lexists(path) and not left_out.match(path))


def _with_dependencies(packages):
    """As dpkg calls them. Of alternatives, whatever is installed."""
    providers, dependencies = _installed()
    missing = set(packages) - providers.keys()
    assert not missing, f"these packages are not installed: {' '.join(missing)}"
    found, names = set(), list(packages)
    while names:
        new = providers.get(names.pop(), set()) - found
        found |= new
        names += [name for package in new for name in dependencies[package]]
    return sorted(found)


def _installed():
    """Who provides each name, and which names each needs."""
    providers, dependencies = {}, {}
    for line in _query(INSTALLED).splitlines():
        state, package, provides, depends = line.split("\t")
        if state == "installed":
            dependencies[package] = PACKAGE_NAME.findall(depends)
            for name in PACKAGE_NAME.findall(provides):
                providers.setdefault(name, set()).add(package)
    return providers, dependencies


def _true_place(path):
    """Packages say /bin where it is /usr/bin."""
    folder, name = os.path.split(path)
    return os.path.join(_true_folder(folder), name)


_true_folder = functools.cache(os.path.realpath)


def _accounts():
    """The files of accounts, without people's: an example may make some of its own."""
    files = {}
    for name in ("passwd", "group"):
        lines = Path("/etc", name).read_text().splitlines(keepends=True)
        files[f"/etc/{name}"] = "".join(line for line in lines if int(line.split(":")[2]) < FIRST_PERSON)
    files["/etc/shadow"] = re.sub(r":.*", ":*:::::::", files["/etc/passwd"])
    return files


def _add_file(files, path, text):
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.size = len(text)
    entry.mode = 0o644
    files.addfile(entry, io.BytesIO(text.encode()))


def _add_link(files, path, target):
    entry = tarfile.TarInfo(path.lstrip("/"))
    entry.type, entry.linkname = tarfile.SYMTYPE, target
    files.addfile(entry)


def _query(fields):
    return _ask("dpkg-query", "--show", "--showformat", fields)


def _ask(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout

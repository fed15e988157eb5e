"""The image of reeve alone, and the tarball: what others take the static binaries from."""

import hashlib
import os
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["REEVE"]).parent.parent
BINARIES = {name.lower(): Path(os.environ[name]) for name in ("REEVE", "REEVECTL")}
DEADLINE = 300

TAKES_IT = """
FROM scratch
COPY --from=reeve /reeve /reevectl /sbin/
ENTRYPOINT ["/sbin/reeve"]
"""


@pytest.fixture(scope="module")
def image(dockerd):
    dockerd.docker("build", "--tag", "reeve", "--file", SOURCE / "docs/examples/image/Dockerfile", BUILD / "bin")
    return "reeve"


def test_the_image_holds_the_two_binaries_and_nothing_else(dockerd, image, tmp_path):
    archive = tmp_path / "image.tar"
    dockerd.docker("save", "--output", archive, image)
    with tarfile.open(archive) as saved:
        layers = [name for name in saved.getnames() if name.endswith("layer.tar")]
        files = [member for layer in layers for member in tarfile.open(fileobj=saved.extractfile(layer)).getnames()]
    assert sorted(files) == ["reeve", "reevectl"]


def test_a_build_copies_them_from_the_image(dockerd, image, tmp_path):
    (tmp_path / "Dockerfile").write_text(TAKES_IT)
    dockerd.docker("build", "--tag", "takes-reeve", tmp_path)
    assert dockerd.docker("run", "--rm", "--network", "none", "takes-reeve", "--version").startswith("reeve ")
    assert dockerd.docker("run", "--rm", "--network", "none", "--entrypoint", "/sbin/reevectl", "takes-reeve",
                          "--version").startswith("reevectl ")  # fmt: skip


@pytest.fixture(scope="module")
def tarball(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tarball")
    subprocess.run(["cpack", "--config", BUILD / "CPackConfig.cmake", "-B", folder], timeout=DEADLINE, check=True)
    tarball, = folder.glob("*.tar.gz")
    return tarball


def test_the_tarball_has_the_binaries_as_they_are(tarball):
    with tarfile.open(tarball) as files:
        for name, binary in BINARIES.items():
            place, = [place for place in files.getnames() if place.endswith(f"/bin/{name}")]
            assert files.extractfile(place).read() == binary.read_bytes()


def test_the_tarball_has_the_licences_of_what_is_linked_in(tarball):
    with tarfile.open(tarball) as files:
        names = {os.path.basename(place) for place in files.getnames()}
    assert {"copyright", "copyright.libev", "copyright.libinih", "copyright.musl"} <= names


def test_the_checksum_of_the_tarball_is_beside_it(tarball):
    said, name = Path(f"{tarball}.sha256").read_text().split()
    assert (said, name) == (hashlib.sha256(tarball.read_bytes()).hexdigest(), tarball.name)


def libev_source():
    """Where this build has it from: another one need not fetch it again."""
    cache = (BUILD / "CMakeCache.txt").read_text()
    return re.search(r"^LIBEV_SOURCE_DIR:PATH=(.*)$", cache, re.MULTILINE)[1]


def test_a_build_in_another_folder_gives_the_same_bytes(tmp_path):
    subprocess.run(["cmake", "-G", "Ninja", "-S", SOURCE, "-B", tmp_path / "build", "-DREEVE_STATIC=ON", "-DREEVE_TESTS=OFF",
                    f"-DLIBEV_SOURCE_DIR={libev_source()}"], timeout=DEADLINE, check=True)  # fmt: skip
    subprocess.run(["cmake", "--build", tmp_path / "build"], timeout=DEADLINE, check=True)
    for name, binary in BINARIES.items():
        assert (tmp_path / "build/bin" / name).read_bytes() == binary.read_bytes(), name

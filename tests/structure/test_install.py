"""What `cmake --install` puts where."""

import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*words):
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("option, names", [("OFF", []), ("ON", ["catatonit", "docker-init", "dumb-init", "tini"])])
def test_links_by_the_names_of_other_inits_are_installed_where_that_is_asked_for(tmp_path, option, names):
    build, prefix = tmp_path / "build", tmp_path / "prefix"
    run("cmake", "-G", "Ninja", "-S", ROOT, "-B", build, "-DREEVE_TESTS=OFF", f"-DREEVE_INSTALL_LINKS={option}")
    run("cmake", "--install", build, "--prefix", prefix, "--component", "links")
    links = sorted((prefix / "bin").glob("*"))
    assert [link.name for link in links] == names
    assert {os.readlink(link) for link in links} <= {"reeve"}

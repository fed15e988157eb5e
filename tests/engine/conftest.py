import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent / "cases"))

import container  # noqa: E402
import debian  # noqa: E402
import engine  # noqa: E402
import image  # noqa: E402
import podman  # noqa: E402

EXAMPLES = Path(__file__).parents[2] / "docs/examples"
DOCKERFILES = sorted(EXAMPLES.glob("*/Dockerfile*"))


def pytest_configure():
    missing = [name for name in ("REEVE", "REEVECTL", "PROBE") if not os.path.isabs(os.environ.get(name, ""))]
    if missing:
        raise pytest.UsageError(f"the environment must name the binaries by absolute paths: {', '.join(missing)}")


@pytest.fixture(scope="session")
def dockerd():
    """The engine, with all images built."""
    running = engine.Engine(os.environ["REEVE"])
    try:
        running.wait_until_ready()
        build_images(running)
        yield running
    finally:
        running.close()


def build_images(running):
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder)
        image.lay_out(context, os.environ["REEVE"], os.environ["REEVECTL"], os.environ["PROBE"])
        for target in image.TARGETS:
            running.build(image.DOCKERFILE, target, context, "--target", target)


@pytest.fixture(scope="session")
def build_example(dockerd):
    """Builds the images of an example, FROM debian:12, and gives them names of their own."""
    debian.import_for(dockerd, DOCKERFILES)

    def build(example, dockerfile="Dockerfile"):
        name = "-".join(["example", example, *dockerfile.lower().split(".")[1:]])
        with tempfile.TemporaryDirectory() as folder:
            context = Path(folder)
            shutil.copytree(EXAMPLES / example, context, dirs_exist_ok=True)
            for program in ("REEVE", "REEVECTL"):
                shutil.copy(os.environ[program], context / program.lower())
            dockerd.build(context / dockerfile, name, context)
        return name

    return build


@pytest.fixture
def start(dockerd):
    """Starts containers that are removed after the test."""
    starter = container.Starter(dockerd)
    yield starter
    starter.close()


@pytest.fixture
def start_services(start, tmp_path):
    """Starts a container whose services are in a file of this text."""

    def start_them(text, *options, image=container.SERVICES):
        return start(image, options=[*container.mounted(tmp_path, text), *options])

    return start_them


@pytest.fixture(scope="module")
def start_for_module(dockerd):
    """The same, for what several tests look at."""
    starter = container.Starter(dockerd)
    yield starter
    starter.close()


@pytest.fixture(scope="session")
def podman_engine():
    """The other engine, with an image of a few programs; its pods get reeve."""
    running = podman.Podman(os.environ["REEVE"], os.environ["PROBE"])
    yield running
    running.close()

"""Containers from which much was taken away."""

import signal

import pytest
from container import WITH_REEVE, WITHOUT_REEVE
from harness import Run

SHORT = 1
AMPLE = 20

CONFINEMENTS = {
    "read-only-root": ["--read-only"],
    "no-capabilities": ["--cap-drop", "ALL"],
    "random-uid": ["--user", "12345:54321"],
    "no-new-privileges": ["--security-opt", "no-new-privileges"],
}
CONFINEMENTS["all-together"] = [word for options in CONFINEMENTS.values() for word in options]

LEAVES_AN_ORPHAN = """
(sh -c 'trap "echo asked; exit" TERM; echo ready; sleep 1000 & wait' &)
sleep 1000; true
"""


@pytest.fixture(params=CONFINEMENTS.values(), ids=CONFINEMENTS.keys())
def confinement(request):
    return request.param


def test_a_confined_program_runs_and_its_exit_code_is_passed_without_a_word(start, confinement):
    container = start(WITH_REEVE, "sh", "-c", "echo hello; exit 7", options=confinement)
    assert container.wait() == 7
    assert container.log() == "hello\n"


def test_without_reeve_a_confined_container_is_killed_and_its_orphans_are_not_asked(start, confinement):
    container = start(WITHOUT_REEVE, "sh", "-c", LEAVES_AN_ORPHAN, options=confinement)
    container.wait_for_line("^ready")
    container.stop(SHORT)
    assert container.code == 137
    assert container.log() == "ready\n"


def test_under_reeve_a_confined_container_ends_by_docker_stop_and_its_orphans_are_asked(start, confinement):
    container = start(WITH_REEVE, "sh", "-c", LEAVES_AN_ORPHAN, options=confinement)
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert container.code == 143
    assert container.log() == "ready\nasked\n"


# An engine always gives a container its /proc; so here unshare takes docker's place.

AS_PID_1_OF_ROOT = ["unshare", "--pid", "--fork", "--kill-child", "chroot"]
REEVE = ["/sbin/reeve", "--"]
LEAVES_ANOTHER_ORPHAN = ["probe", "leave", "orphan:15", "--", "sh", "-c", "exit 7"]


@pytest.fixture(scope="module")
def root(dockerd, tmp_path_factory):
    """The files of the image with reeve, and nothing mounted there."""
    folder = tmp_path_factory.mktemp("root")
    dockerd.export(WITH_REEVE, folder)
    return folder


@pytest.fixture
def start_without_proc(root):
    runs = []

    def start(*command):
        runs.append(Run([*AS_PID_1_OF_ROOT, str(root), *command], command[0]))
        return runs[-1]

    yield start
    for run in runs:
        run.close()


def test_without_proc_and_reeve_orphans_are_not_asked(start_without_proc):
    run = start_without_proc(*LEAVES_ANOTHER_ORPHAN)
    assert run.wait() == 7
    assert "orphan pid" in run.out.text()
    assert "orphan got" not in run.out.text()


def test_without_proc_reeve_asks_orphans_and_passes_the_exit_code(start_without_proc):
    run = start_without_proc(*REEVE, *LEAVES_ANOTHER_ORPHAN)
    assert run.wait() == 7
    assert "orphan got 15" in run.out.text()


def test_without_proc_reeve_forwards_signals(start_without_proc):
    run = start_without_proc(*REEVE, "probe", "signals")
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0

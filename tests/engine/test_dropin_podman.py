"""podman run --init and pods, with reeve in place of catatonit."""

from pathlib import Path

import pytest
from podman import PROGRAMS
from processes import read_proc, state, wait_until

CONFINEMENTS = {
    "plain": [],
    "read-only-root": ["--read-only"],
    "another-user": ["--user", "12345:54321"],
    "no-capabilities": ["--cap-drop", "ALL"],
}


@pytest.fixture(params=CONFINEMENTS.values(), ids=CONFINEMENTS.keys())
def confinement(request):
    return request.param


@pytest.mark.parametrize("is_named", [False, True], ids=["configured", "named"])
def test_the_init_of_the_container_is_reeve(podman_engine, is_named):
    options = ["--init-path", podman_engine.reeve] if is_named else []
    assert podman_engine.run("/run/podman-init", "-L", options=options).stdout.startswith("reeve ")
    done = podman_engine.run("cat", "/proc/1/cmdline", options=options)
    assert done.stdout.split("\0")[:3] == ["/run/podman-init", "--", "cat"]


def test_the_exit_code_is_passed_without_a_word(podman_engine, confinement):
    done = podman_engine.run("sh", "-c", "echo hello; exit 7", options=confinement)
    assert (done.returncode, done.stdout, done.stderr) == (7, "hello\n", "")


def test_podman_stop_ends_the_program(podman_engine):
    podman_engine.podman("run", "--detach", "--init", "--name", "stopped", PROGRAMS, "sleep", "1000")
    podman_engine.podman("stop", "--time", "20", "stopped")
    assert podman_engine.podman("inspect", "--format", "{{.State.ExitCode}}", "stopped") == "143"
    podman_engine.podman("rm", "stopped")


def test_what_the_program_left_is_asked_to_end(podman_engine):
    done = podman_engine.run("probe", "leave", "left:15", "--", "sh", "-c", "exit 7")
    assert done.returncode == 7
    assert "left got 15" in done.stdout


# -- pods

PODS = {"built-by-podman": (), "named-reeve": ("--infra-command", "/reeve -P")}


@pytest.fixture(params=PODS.values(), ids=PODS.keys())
def pod(request, podman_engine):
    """A pod whose processes see each other, and the pid of the one that it exists by."""
    words = [*request.param]
    if words:
        words += ["--infra-image", podman_engine.image_of_reeve("reeve-alone")]
    podman_engine.podman("pod", "create", "--name", "pod", "--share", "pid,ipc", *words)
    podman_engine.podman("pod", "start", "pod")
    yield podman_engine.infra("pod")
    podman_engine.podman("pod", "rm", "--force", "--time", "0", "pod")


def test_a_pod_exists_by_reeve(podman_engine, pod):
    binary = Path(f"/proc/{pod['State']['Pid']}/exe").resolve().name
    words = read_proc(pod["State"]["Pid"], "cmdline").split("\0")
    assert words[:2] in (["/catatonit", "-P"], ["/reeve", "-P"])
    assert binary == words[0].lstrip("/")


def test_a_pod_reaps_what_its_containers_leave(podman_engine, pod):
    orphans = podman_engine.try_podman("run", "--rm", "--pod", "pod", PROGRAMS, "probe", "orphans", "20", "0", "sh", "-c", "exit 4")
    assert orphans.returncode == 4
    infra = pod["State"]["Pid"]
    children = Path(f"/proc/{infra}/task/{infra}/children")
    wait_until(lambda: children.read_text() == "", "all orphans were reaped")
    assert state(infra) == "S"


def test_a_pod_stops_at_once_and_well(podman_engine, pod):
    podman_engine.podman("pod", "stop", "--time", "600", "pod")
    assert podman_engine.infra("pod")["State"]["ExitCode"] == 0

"""Processes that come into a container by docker exec, and are no children of its PID 1."""

import pytest
from container import WITH_REEVE, WITHOUT_REEVE, inner_pid, is_gone
from processes import parent, state, wait_until

AMPLE = 20
# It leaves no child of PID 1 behind, for which an init would wait anyway.
ENDS_BY_TERM = ["probe", "signals", "1", "5"]
# Only after a moment: an init that asks but does not wait is seen too.
SAYS_THAT_IT_WAS_ASKED = """
trap "sleep 0.2; echo asked >/tmp/asked; exit" TERM
touch /tmp/ready
sleep 1000 & wait
"""


def killed_orphan_of_an_exec(start, image):
    """A process whose parent, a shell of docker exec, is dead, and that is killed then itself."""
    container = start(image, "redis-server", "--save", "")
    container.wait_for_line("Ready to accept connections")
    container.exec_in_background("sh", "-c", "sleep 1000 >/dev/null 2>&1 </dev/null; true")
    orphan = container.find("sleep")
    container.kill_inside("KILL", inner_pid(parent(orphan)))
    wait_until(lambda: parent(orphan) == container.pid, "PID 1 has adopted the orphan")
    container.kill_inside("KILL", inner_pid(orphan))
    return container, orphan


def test_without_reeve_an_orphan_of_docker_exec_stays_a_zombie(start):
    container, orphan = killed_orphan_of_an_exec(start, WITHOUT_REEVE)
    wait_until(lambda: state(orphan) == "Z", "the orphan is dead")
    assert container.exec("redis-cli", "ping") == "PONG"
    assert state(orphan) == "Z"


def test_under_reeve_an_orphan_of_docker_exec_is_reaped(start):
    container, orphan = killed_orphan_of_an_exec(start, WITH_REEVE)
    wait_until(lambda: is_gone(orphan), "the orphan is reaped")
    assert container.exec("redis-cli", "ping") == "PONG"


def file_left_by_an_exec(start, image):
    """Stops a container in which a process of docker exec runs; returns what that one wrote."""
    container = start(image, *ENDS_BY_TERM)
    container.wait_for_line("^ready")
    container.exec_in_background("sh", "-c", SAYS_THAT_IT_WAS_ASKED)
    wait_until(container.path("tmp/ready").exists, "the process of docker exec is ready")
    container.stop(AMPLE)
    assert container.code == 5
    return container.file("/tmp/asked")


def test_without_reeve_a_process_of_docker_exec_is_killed_unasked_when_the_container_stops(start):
    assert file_left_by_an_exec(start, WITHOUT_REEVE) is None


def test_under_reeve_a_process_of_docker_exec_is_asked_when_the_container_stops(start):
    assert file_left_by_an_exec(start, WITH_REEVE) == b"asked\n"


@pytest.mark.parametrize("image", [WITHOUT_REEVE, WITH_REEVE])
def test_docker_exec_gives_the_exit_code_of_its_command(start, dockerd, image):
    container = start(image, "sleep", "1000")
    assert dockerd.try_docker("exec", container.name, "sh", "-c", "exit 7").returncode == 7


def test_in_the_pid_namespace_of_another_container_reeve_leaves_the_others_alone(start):
    first = start(WITH_REEVE, "sleep", "1000")
    sleep = first.find("sleep")
    second = start(WITH_REEVE, "sh", "-c", "(sleep 2000 &); exit 3", options=["--pid", f"container:{first.name}"])
    assert second.wait() == 3
    first.exec("true")
    assert state(sleep) == "S"

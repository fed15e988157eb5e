"""Signals that docker, or a process of the container, sends to PID 1."""

import pytest
from container import WITH_REEVE, WITHOUT_REEVE, inner_pid
from processes import state

SHORT = 1
AMPLE = 20
PID_1 = 1


@pytest.mark.parametrize(
    "name, number", [("RTMIN+3", 37), ("37", 37), ("USR1", 10), ("SIGQUIT", 3), ("RTMAX", 64), ("TERM", 15)]
)
def test_the_stop_signal_of_docker_run_reaches_the_program(start, name, number):
    container = start(WITH_REEVE, "probe", "signals", options=["--stop-signal", name])
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert f"signal {number} " in container.log()
    assert container.code == 0


def test_the_stop_signal_of_the_image_reaches_the_program(start):
    container = start("with-reeve-rtmin3", "probe", "signals")
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert "signal 37 " in container.log()
    assert container.code == 0


def test_without_reeve_a_program_that_does_not_know_the_stop_signal_of_its_image_is_killed(start):
    container = start("without-reeve-rtmin3", "sleep", "1000")
    container.stop(SHORT)
    assert container.code == 137


def test_under_reeve_a_program_that_does_not_know_the_stop_signal_of_its_image_ends_by_it(start):
    container = start("with-reeve-rtmin3", "sleep", "1000")
    container.find("sleep")
    container.stop(AMPLE)
    assert container.code == 128 + 37


def test_without_reeve_a_program_does_not_end_by_docker_stop(start):
    container = start(WITHOUT_REEVE, "sleep", "1000")
    container.stop(SHORT)
    assert container.code == 137


def test_under_reeve_a_program_ends_by_docker_stop(start):
    container = start(WITH_REEVE, "sleep", "1000")
    container.find("sleep")
    container.stop(AMPLE)
    assert container.code == 143


def test_under_reeve_a_signal_from_inside_to_pid_1_reaches_the_program(start):
    container = start(WITH_REEVE, "probe", "signals")
    container.wait_for_line("^ready")
    container.kill_inside("WINCH", PID_1)
    assert container.wait() == 0
    assert "signal 28 " in container.log()


@pytest.mark.parametrize("name", ["KILL", "STOP"])
def test_a_signal_from_inside_that_nobody_can_handle_has_no_effect_on_reeve(start, name):
    container = start(WITH_REEVE, "probe", "signals")
    container.wait_for_line("^ready")
    container.kill_inside(name, PID_1)
    assert container.is_running()
    assert state(container.pid) in ("S", "R")
    container.signal("USR1")
    assert container.wait() == 0
    assert "signal 10 " in container.log()


def test_a_kill_from_inside_ends_the_program_and_docker_is_told(start):
    container = start(WITH_REEVE, "sleep", "1000")
    container.kill_inside("KILL", inner_pid(container.find("sleep")))
    assert container.wait() == 137

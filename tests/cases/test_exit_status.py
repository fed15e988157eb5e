import signal

import pytest

from harness import PROBE


@pytest.mark.parametrize("code", [0, 1, 7, 125, 126, 127, 255])
def test_the_exit_code_is_the_programs_own_and_nothing_is_said(reeve, code):
    run = reeve.finished(PROBE, "exit", str(code))
    assert run.code == code
    assert run.err.text() == ""


@pytest.mark.parametrize("number", [1, 6, 9, 11, 15, 32, 33, 34, 37, 64])
def test_a_program_ended_by_signal_n_gives_128_plus_n(reeve, number):
    run = reeve.finished(PROBE, "die", str(number))
    assert run.code == 128 + number


def test_a_stop_request_that_ends_the_program_gives_143(reeve):
    run = reeve("sleep", "1000")
    run.main()
    run.signal(signal.SIGTERM)
    assert run.wait() == 143
    assert run.err.text() == ""


def test_a_program_that_answers_a_stop_request_gives_its_own_code(reeve):
    run = reeve(PROBE, "signals", "1", "5")
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.wait() == 5


@pytest.mark.parametrize("option", [["-e", "3"], ["-e3"], ["--remap-exit", "3"], ["--remap-exit=3"], ["-e", "9", "-e", "3"]])
def test_a_remapped_exit_code_counts_as_0(reeve_not_pid_1, option):
    assert reeve_not_pid_1.finished(*option, PROBE, "exit", "3").code == 0


def test_an_exit_code_that_is_not_remapped_stays(reeve_not_pid_1):
    assert reeve_not_pid_1.finished("-e", "3", PROBE, "exit", "4").code == 4


def test_the_code_of_a_termination_signal_can_be_remapped(reeve):
    assert reeve.finished("-e", "143", PROBE, "die", "15").code == 0


def test_a_signal_that_kills_from_inside_has_no_effect_on_pid_1(reeve_as_pid_1):
    run = reeve_as_pid_1.finished("sh", "-c", "kill -KILL 1; exit 5")
    assert run.code == 5


def test_a_signal_that_stops_from_inside_has_no_effect_on_pid_1(reeve_as_pid_1):
    run = reeve_as_pid_1("sh", "-c", 'kill -STOP 1; exec "$0" signals', PROBE)
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0

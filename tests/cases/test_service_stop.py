"""By what a service is asked to stop, how long it has for it, and which exit code comes of it."""

import json
import re
import signal

import pytest

from harness import PROBE
from processes import is_alive, state, wait_until
from services import said_of, start
from stopping import DEAF, asked, service, since_stopping, stop, told, wait_until_ready

DIES = "sh -c 'echo ready 0; exec sleep 1000'"


def begin(reeve, folder, text, ready=1, *words):
    run = start(reeve, folder, text, *words)
    wait_until_ready(run, ready)
    return run


def heard(run):
    """The numbers of all signals that the probes got, in order."""
    return [int(line.split()[1]) for line in run.out.lines() if line.startswith("signal ")]


# -- by what


@pytest.mark.parametrize("written, number", [("USR1", 10), ("12", 12), ("SIGQUIT", 3), ("RTMIN+3", 37)])
def test_each_service_gets_its_own_stop_signal_and_CONT_behind_it(reeve, tmp_path, written, number):
    run = begin(reeve, tmp_path, service("a", "PROBE signals 2", f"stop-signal = {written}"))
    assert stop(run) == 0
    assert sorted(heard(run)) == sorted([number, signal.SIGCONT])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, 37])
def test_each_stop_signal_stops_the_services(reeve, tmp_path, number):
    run = begin(reeve, tmp_path, service("a", asked("a")))
    run.signal(number)
    assert run.wait() == 0
    assert told(run) == ["a asked", "a leaves"]


def test_stop_signals_of_ones_own_replace_the_others(reeve, tmp_path):
    text = "[reeve]\nstop-signals = USR2\n" + service("a", "PROBE signals 2", "main = yes", "stop-signal = USR1")
    run = begin(reeve, tmp_path, text)
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM  # like any other one: to the main service
    run.signal(signal.SIGUSR2)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_a_stopped_service_can_act_on_its_stop_signal(reeve, tmp_path):
    run = begin(reeve, tmp_path, service("a", "PROBE stop 19 PROBE die 15"), 0)
    pid = run.outer(int(run.line_matching(r"^stopping (\d+)$")[1]))
    wait_until(lambda: state(pid) == "T", "it is stopped")
    assert stop(run) == 0
    assert said_of(run, "a")[1:] == ["killed by SIGTERM"]


# -- for how long


def test_who_ignores_the_stop_signal_is_killed_after_the_stop_timeout(reeve, tmp_path):
    run = begin(reeve, tmp_path, service("a", DEAF, "stop-timeout = 300ms"))
    assert stop(run) == 137
    still, killed = said_of(run, "a")[1:]
    assert 300 <= int(re.fullmatch(r"still running (\d+)ms after SIGTERM, sending SIGKILL", still)[1])
    assert killed == "killed by SIGKILL"


def test_who_is_killed_for_it_is_named_with_its_own_stop_signal(reeve, tmp_path):
    run = begin(reeve, tmp_path, service("a", DEAF, "stop-timeout = 100ms", "stop-signal = RTMIN+1"))
    assert stop(run) == 137
    assert re.search(r"^reeve: a: still running \S+ after SIGRTMIN\+1, sending SIGKILL$", run.err.text(), re.M)


# -- with which exit code


@pytest.mark.parametrize("code, expected", [(0, 0), (5, 5), (143, 0)])
def test_an_essential_service_that_fails_while_stopping_gives_the_code(reeve, tmp_path, code, expected):
    run = begin(reeve, tmp_path, service("a", asked("a", f"exit {code}")) + service("b", asked("b")), 2)
    assert stop(run) == expected


def test_of_several_that_fail_while_stopping_the_first_gives_the_code(reeve, tmp_path):
    text = service("first", asked("first", "exit 5"), "after = second") + service("second", asked("second", "exit 6"))
    run = begin(reeve, tmp_path, text, 2)
    assert stop(run) == 5


def test_a_service_that_is_not_essential_gives_no_code(reeve, tmp_path):
    run = begin(reeve, tmp_path, service("a", asked("a", "exit 5"), "essential = no") + service("b", asked("b")), 2)
    assert stop(run) == 0


def test_who_dies_of_its_stop_signal_has_stopped_well(reeve, tmp_path):
    run = begin(reeve, tmp_path, service("a", DIES))
    assert stop(run) == 0
    assert said_of(run, "a")[1:] == ["killed by SIGTERM"]


@pytest.mark.parametrize("command, code", [(asked("a", "exit 7"), 7), (DIES, 143), (asked("a"), 0)])
def test_a_main_service_gives_its_own_code_whatever_the_others_do(reeve, tmp_path, command, code):
    run = begin(reeve, tmp_path, service("a", command, "main = yes") + service("b", asked("b", "exit 5")), 2)
    assert stop(run) == code


# -- stop-delay


def test_nobody_is_asked_before_the_stop_delay_is_over(reeve, tmp_path):
    text = "[reeve]\nstop-delay = 400ms\n" + service("a", "PROBE signals 1")
    run = begin(reeve, tmp_path, text, 1, "--log-format", "json", "--log-level", "debug")
    assert stop(run) == 0
    assert since_stopping(run)[None, "forwarded"] >= 0.399


def test_a_second_stop_signal_ends_the_stop_delay(reeve, tmp_path):
    run = begin(reeve, tmp_path, "[reeve]\nstop-delay = 10m\n" + service("a", asked("a")))
    run.signal(signal.SIGTERM)
    run.message("stopping: SIGTERM received")
    assert run.is_running()
    assert stop(run) == 0


# -- stop-command


def test_the_stop_command_comes_before_the_stop_signal_and_knows_the_main_pid(reeve, tmp_path):
    text = service("a", asked("a"), "stop-command = sh -c 'sleep 0.1; echo command for $MAINPID'")
    run = begin(reeve, tmp_path, text)
    assert stop(run) == 0
    pid = said_of(run, "a")[0].removeprefix("started, pid ")
    assert told(run) == [f"command for {pid}", "a asked", "a leaves"]


def test_who_ends_by_its_stop_command_gets_no_signal(reeve, tmp_path):
    gone = "kill -USR1 $MAINPID; while kill -0 $MAINPID 2>/dev/null; do :; done"
    text = service("a", "PROBE signals 1", f"stop-command = sh -c '{gone}'")
    run = begin(reeve, tmp_path, text, 1, "--log-level", "debug")
    assert stop(run) == 0
    assert heard(run) == [signal.SIGUSR1]
    assert "forwarded" not in run.err.text()


@pytest.mark.parametrize(
    "command, said",
    [
        ("false", "the stop-command exited with code 1"),
        ("/nowhere/stop", "the stop-command exited with code 127"),
        ("sleep 1000", "the stop-command killed by SIGTERM"),
        (DEAF, "the stop-command killed by SIGKILL"),
    ],
    ids=["fails", "does-not-exist", "hangs", "hangs-and-is-deaf"],
)
def test_a_stop_command_that_does_not_work_is_no_obstacle(reeve, tmp_path, command, said):
    run = begin(reeve, tmp_path, service("a", asked("a"), f"stop-command = {command}", "stop-timeout = 3s"))
    assert stop(run) == 0
    assert told(run) == ["a asked", "a leaves"]
    assert f"reeve: warning: a: {said}" in run.err.lines()
    assert "a: killed by SIGKILL" not in run.err.text()


def test_the_time_of_the_stop_command_is_part_of_the_stop_timeout(reeve, tmp_path):
    """Of 3 s one is left for the stop signal, and else there would be three, behind two."""
    text = service("a", DEAF, "stop-command = sleep 1000", "stop-timeout = 3s")
    run = begin(reeve, tmp_path, text, 1, "--log-format", "json")
    assert stop(run) == 137
    killed = next(message for message in map(json.loads, run.err.lines()) if message["event"] == "killed")
    assert 1000 <= killed["after_ms"] < 3000
    assert 2.99 <= since_stopping(run)["a", "killed"] < 5


def test_what_a_stop_command_leaves_behind_does_not_outlive_reeve(reeve_as_pid_1, tmp_path):
    text = service("a", asked("a"), "stop-command = sh -c 'sleep 1000 & echo left $!'")
    run = begin(reeve_as_pid_1, tmp_path, text)
    run.signal(signal.SIGTERM)
    left = run.outer(int(run.line_matching(r"^left (\d+)$")[1]))
    assert run.wait() == 0
    assert left is None or not is_alive(left)


def test_one_command_that_is_stopped_as_a_service_gets_a_second_stop_signal_too(reeve):
    run = reeve("-o", "stop-timeout=10m", PROBE, "signals", "3")
    run.ready()
    run.signal(signal.SIGTERM)
    assert {run.received(), run.received()} == {signal.SIGTERM, signal.SIGCONT}
    run.signal(signal.SIGINT)
    assert run.received() == signal.SIGINT
    assert run.wait() == 0

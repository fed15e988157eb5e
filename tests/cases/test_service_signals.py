"""Which service gets a signal that reeve gets."""

import signal

import pytest

from processes import FORWARDABLE, children, is_alive
from services import said_of, start
from stopping import service, stop, wait_until_ready

RTMIN_PLUS_5 = 39
FIFTY = 50
ASK_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, 37)
OTHERS = [number for number in FORWARDABLE if number not in (*ASK_TO_STOP, signal.SIGHUP)]
STOPPED = [signal.SIGTERM, signal.SIGCONT]
NOBODY = "nobody to forward it to$"


def listener(name, *settings, others=0):
    """Says what it gets, and ends when that was so many signals, its stop signal and CONT."""
    return service(name, f"PROBE signals {others + 2}", *settings)


def begin(reeve, folder, text, ready=1, *words):
    run = start(reeve, folder, text, *words)
    wait_until_ready(run, ready)
    return run


def heard_by(run, name):
    """What the listener has got; at the end the stop signal and CONT."""
    pid = said_of(run, name)[0].removeprefix("started, pid ")
    words = [line.split() for line in run.out.lines() if line.startswith("signal ")]
    return [int(number) for _, number, _, hearer, *_ in words if hearer == pid]


def test_a_signal_goes_to_the_main_service_and_to_no_other(reeve, tmp_path):
    run = begin(reeve, tmp_path, listener("b") + listener("a", "main = yes", others=len(OTHERS)) + listener("c"), 3)
    for number in OTHERS:
        run.signal(number)
        assert run.received() == number
    stop(run)
    assert heard_by(run, "a") == [*OTHERS, *STOPPED]
    assert heard_by(run, "b") == heard_by(run, "c") == STOPPED


def test_another_service_gets_what_its_rewrite_names(reeve, tmp_path):
    text = listener("a", "main = yes", others=1) + listener("b", "rewrite = USR1:WINCH", others=1)
    text += listener("c", "rewrite = USR2:WINCH")
    run = begin(reeve, tmp_path, text, 3)
    run.signal(signal.SIGUSR1)
    assert {run.received(), run.received()} == {signal.SIGUSR1, signal.SIGWINCH}
    stop(run)
    assert heard_by(run, "a") == [signal.SIGUSR1, *STOPPED]
    assert heard_by(run, "b") == [signal.SIGWINCH, *STOPPED]
    assert heard_by(run, "c") == STOPPED


def test_another_service_may_name_a_signal_as_itself(reeve, tmp_path):
    run = begin(reeve, tmp_path, listener("a", "rewrite = USR1:USR1", others=1), 1, "-v")
    run.signal(signal.SIGUSR1)
    assert run.message("(forwarded|dropped) SIGUSR1")[1] == "forwarded"
    assert run.received() == signal.SIGUSR1
    stop(run)


def test_the_main_service_gets_a_signal_as_its_rewrite_has_it(reeve, tmp_path):
    run = begin(reeve, tmp_path, listener("a", "main = yes", "rewrite = USR1:USR2", others=1))
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR2
    stop(run)


@pytest.mark.parametrize("role", ["main = yes", "main = no"])
def test_what_is_rewritten_to_0_is_swallowed(reeve, tmp_path, role):
    run = begin(reeve, tmp_path, listener("a", role, "rewrite = USR2:0 USR1:WINCH", others=1), 1, "-v")
    run.signal(signal.SIGUSR2)
    run.message(f"dropped SIGUSR2: {NOBODY}")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGWINCH
    stop(run)


def test_fifty_real_time_signals_reach_the_main_service_as_fifty(reeve, tmp_path):
    run = begin(reeve, tmp_path, listener("a", "main = yes", others=FIFTY))
    for _ in range(FIFTY):
        run.signal(RTMIN_PLUS_5)
    assert [run.received() for _ in range(FIFTY)] == [RTMIN_PLUS_5] * FIFTY
    stop(run)
    assert heard_by(run, "a") == [RTMIN_PLUS_5] * FIFTY + STOPPED


@pytest.mark.parametrize("level", [["--log-level", "debug"], []], ids=["debug", "info"])
def test_without_a_main_service_a_signal_is_dropped_with_a_debug_line(reeve, tmp_path, level):
    run = begin(reeve, tmp_path, listener("a"), 1, *level)
    run.signal(signal.SIGUSR1)
    stop(run)
    assert ("reeve: dropped SIGUSR1: nobody to forward it to" in run.err.lines()) == bool(level)
    assert heard_by(run, "a") == STOPPED


def test_while_the_main_service_does_not_run_a_signal_is_dropped(reeve, tmp_path):
    text = service("a", "false", "main = yes", "restart = always", "restart-delay = 50s") + listener("b")
    run = begin(reeve, tmp_path, text, 1, "-v")
    run.message("restarting in 50s")
    run.signal(signal.SIGUSR1)
    run.message(f"dropped SIGUSR1: {NOBODY}")
    stop(run)


def test_a_signal_reaches_the_leader_and_not_its_group(reeve, tmp_path):
    """Of whom the others would die by it."""
    command = "sh -c 'sleep 1000 & exec PROBE signals 4'"
    run = begin(reeve, tmp_path, service("a", command, "main = yes"), 1, "-v")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    run.message("forwarded SIGUSR1 to a")
    leader = run.outer(int(said_of(run, "a")[0].removeprefix("started, pid ")))
    run.signal(signal.SIGUSR2)
    assert run.received() == signal.SIGUSR2
    assert [is_alive(pid) for pid in children(leader)] == [True]
    stop(run)

"""System calls that fail, by the seam of the test build: FAULT=CALL:NTH[-LAST|-]:ERRNO."""

import re
import signal

import pytest

from harness import PROBE, REEVE_FAULTY
from processes import children, wait_until


def start_with(reeve, faults, *words, **settings):
    return reeve(*words, binary=REEVE_FAULTY, env={"FAULT": faults} if faults else {}, **settings)


def works(run):
    """The basic job, whatever fails: a signal passed on, orphans reaped, the program's own code."""
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "the orphans were reaped")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 5
    return run


BASIC_JOB = [PROBE, "orphans", "3", "0", PROBE, "signals", "1", "5"]


def test_the_faulty_build_works_like_the_other_without_a_fault(reeve):
    assert works(start_with(reeve, None, *BASIC_JOB)).err.text() == ""


@pytest.mark.parametrize("errno, text", [("EAGAIN", "Resource temporarily unavailable"), ("ENOMEM", "Cannot allocate memory|Out of memory")])
def test_a_failed_fork_is_one_message_and_126(reeve, errno, text):
    run = start_with(reeve, f"fork:1:{errno}", PROBE, "exit", "0")
    assert run.wait() == 126
    (line,) = run.err.lines()
    assert re.fullmatch(rf"reeve: probe: cannot start: .*({text}) \(fork\)", line)


@pytest.mark.parametrize("errno, text", [("EMFILE", "Too many open files|No file descriptors available"), ("ENOMEM", "Cannot allocate memory|Out of memory")])
def test_no_pipe_for_the_exec_status_is_one_message_and_126(reeve, errno, text):
    run = start_with(reeve, f"pipe2:1:{errno}", PROBE, "exit", "0")
    assert run.wait() == 126
    (line,) = run.err.lines()
    assert re.fullmatch(rf"reeve: probe: cannot start: .*({text}) \(pipe\)", line)


@pytest.mark.parametrize("errno", ["EIO", "ENOSPC", "EPIPE", "EBADF"])
def test_messages_that_cannot_be_written_change_nothing(reeve, errno):
    assert works(start_with(reeve, f"write:1-:{errno}", "-vv", *BASIC_JOB)).err.text() == ""


@pytest.mark.parametrize(
    "faults",
    [
        "waitid:1:EINTR",
        "waitid:1-5:EINTR",
        "waitid:2:EINTR",
        "signalfd_read:1:EINTR",
        "signalfd_read:1-4:EINTR",
        "signalfd_read:2-3:EINTR",
        "signalfd_read:2:EAGAIN",
        "signalfd_read:2-4:EAGAIN",
        "signalfd_read:2:EIO",
        "signalfd_read:2-4:EIO",
        "signalfd_read:2-3:ENOMEM",
    ],
)
def test_a_call_that_fails_for_a_while_loses_nothing(reeve, faults):
    works(start_with(reeve, faults, *BASIC_JOB))


def test_no_child_where_one_was_outstanding_is_the_end_and_no_hang(reeve):
    run = start_with(reeve, "waitid:2-:ECHILD", PROBE, "exit", "7")
    assert run.wait() > 0
    assert len(run.err.lines()) == 1


@pytest.mark.parametrize("errno, text", [("EPERM", "Operation not permitted"), ("ENOMEM", "Cannot allocate memory|Out of memory")])
def test_a_signal_that_cannot_be_sent_is_a_warning_and_not_the_end(reeve, errno, text):
    run = start_with(reeve, f"kill:1:{errno}", PROBE, "signals")
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.message(rf"^reeve: warning: cannot send SIGTERM to probe: ({text})$")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_a_sweep_that_may_not_signal_anything_still_ends(reeve):
    words = ["-o", "sweep-timeout=200ms", PROBE, "orphans", "1", "0", PROBE, "exit", "7"]
    run = start_with(reeve, "kill:1-:EPERM", *words)
    assert run.wait() == 7


def test_no_subreaper_is_a_warning_and_the_rest_works(reeve_not_pid_1):
    run = start_with(reeve_not_pid_1, "prctl:1-:EPERM", PROBE, "signals", "1", "5")
    assert run.message(r"^reeve: warning: .*subreaper.*Operation not permitted")
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 5


def test_no_subreaper_is_wanted_as_pid_1(reeve_as_pid_1):
    assert works(start_with(reeve_as_pid_1, "prctl:1-:EPERM", *BASIC_JOB)).err.text() == ""

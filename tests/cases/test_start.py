"""No signal is lost from the first system call on: before, during and after fork and exec."""

import os
import re
import signal
import time

import pytest

import processes
from harness import PROBE
from processes import blocks_everything, children, read_proc, wait_until
from terminal import with_terminal

TRIES = 60
STEP_SECONDS = 50e-6
# What one such call is delayed by; some are made again and again.
DELAY_US = {"rt_sigaction": 1500, "rt_sigprocmask": 25000}
SLOWNESS = (1, 4, 16, 64)


def first_child_or(process):
    """Quick, since the moment counts: the first child of a launcher."""
    found = read_proc(process.pid, f"task/{process.pid}/children").split()
    return found and int(found[0])


def once_everything_is_blocked(pid):
    deadline = time.monotonic() + processes.PATIENCE
    while not blocks_everything(pid):
        assert time.monotonic() < deadline, "reeve did not block every signal"


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def test_no_stop_request_is_lost_once_everything_is_blocked(reeve):
    codes = []
    for attempt in range(TRIES):
        run = reeve("sleep", "1000")
        pid = wait_until(lambda: first_child_or(run.process), "unshare forked") if reeve.is_pid_1 else run.process.pid
        once_everything_is_blocked(pid)
        spin(attempt * STEP_SECONDS)
        os.kill(pid, signal.SIGTERM)
        codes.append(run.wait())
    assert codes == [143] * TRIES


# Every folder of PATH that is searched in vain costs one delayed exec.
SHORT_PATH = {"PATH": "/usr/bin:/bin"}


def delayed(log, call, slowness=1):
    """Runs under strace, with a delay before every such call, and before exec."""
    delays = {"execve": 100000, call: DELAY_US.get(call, 100000)}
    inject = [f"--inject={name}:delay_enter={delay * slowness}" for name, delay in delays.items()]
    return ["strace", "-f", "-qq", "-o", str(log), f"--trace={call},execve,kill", *inject]


def index_of(log, is_wanted):
    return next((index for index, line in enumerate(log) if is_wanted(line)), len(log))


def was_sent_before_exec(log, child):
    lines = log.read_text().splitlines()
    sent = index_of(lines, lambda line: " kill(" in line and "SIGTERM" in line)
    executed = index_of(lines, lambda line: line.split()[0] == str(child) and re.search(r"execve.* = 0$", line))
    return sent < executed


def stops_while_the_child_prepares(run, log):
    """Whether the signal was under way in time; otherwise nothing was shown."""
    (child,) = wait_until(lambda: children(run.pid), "reeve forked")
    run.signal(signal.SIGTERM)
    assert run.wait() == 143
    return was_sent_before_exec(log, child)


@pytest.mark.parametrize("options", [[], ["-g"]], ids=["process", "group"])
@pytest.mark.parametrize("call", ["setsid", "rt_sigaction", "rt_sigprocmask", "execve"])
def test_no_stop_request_is_lost_between_fork_and_exec(reeve, tmp_path, call, options):
    log = tmp_path / "calls"

    def stops_in_time(slowness):
        run = reeve(*options, "sleep", "1000", around=delayed(log, call, slowness), env=SHORT_PATH)
        return stops_while_the_child_prepares(run, log)

    assert any(map(stops_in_time, SLOWNESS))


@pytest.mark.parametrize("options", [[], ["-g"]], ids=["process", "group"])
@pytest.mark.parametrize("call", ["setpgid", "ioctl"])
def test_no_stop_request_is_lost_while_the_child_takes_the_terminal(reeve, tmp_path, call, options):
    log = tmp_path / "calls"

    def stops_in_time(slowness):
        with with_terminal(reeve, *options, "sleep", "1000", around=delayed(log, call, slowness), env=SHORT_PATH) as (run, _):
            return stops_while_the_child_prepares(run, log)

    assert any(map(stops_in_time, SLOWNESS))


def test_a_signal_before_exec_waits_for_a_program_that_blocks_it(reeve, tmp_path):
    around = delayed(tmp_path / "calls", "setsid")
    run = reeve(PROBE, "signals", around=around, env=SHORT_PATH, before=[PROBE, "block", "10"])
    wait_until(lambda: children(run.pid), "reeve forked")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_fifty_signals_before_exec_arrive_as_fifty(reeve, tmp_path):
    around = delayed(tmp_path / "calls", "setsid")
    run = reeve(PROBE, "signals", "50", around=around, env=SHORT_PATH, before=[PROBE, "block", "40"])
    wait_until(lambda: children(run.pid), "reeve forked")
    for _ in range(50):
        run.signal(40)
    assert [run.received() for _ in range(50)] == [40] * 50
    assert run.wait() == 0


@pytest.mark.not_under_asan("the sanitizer's own start makes system calls before main")
def test_blocking_everything_is_the_first_thing_that_main_does(reeve_not_pid_1, tmp_path):
    log = tmp_path / "calls"
    run = reeve_not_pid_1.finished("true", around=["strace", "-qq", "-o", str(log)])
    assert run.code == 0
    lines = log.read_text().splitlines()
    blocking = index_of(lines, lambda line: line.startswith("rt_sigprocmask(SIG_"))
    assert "~[" in lines[blocking]
    of_the_loader = ("execve", "brk", "mmap", "munmap", "mprotect", "open", "close", "read", "pread64", "fstat", "newfstatat", "access", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "getrandom", "ioctl(")
    assert all(line.startswith(of_the_loader) for line in lines[:blocking]), "\n".join(lines[:blocking])


@pytest.mark.not_under_asan("the sanitizer makes system calls of its own")
def test_few_system_calls_come_before_fork(reeve_not_pid_1, tmp_path):
    log = tmp_path / "calls"
    assert reeve_not_pid_1.finished("true", around=["strace", "-qq", "-o", str(log)]).code == 0
    lines = log.read_text().splitlines()
    blocking = index_of(lines, lambda line: line.startswith("rt_sigprocmask(SIG_"))
    forking = index_of(lines, lambda line: line.startswith(("clone", "fork", "vfork")))
    assert forking < len(lines)
    assert forking - blocking <= 12, "\n".join(lines[blocking:forking])

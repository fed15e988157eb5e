"""What docs/DROPIN.md says changes for the better: a test for each line, by each name."""

import json
import os
import signal
import subprocess

import pytest

from harness import PROBE
from processes import children, descriptors, state, wait_until, wait_until_idle
from test_idle import ONE_DAY_MS, timeout_ms
from test_inheritance import with_own_pid_as

NAMES = {"tini": ["-s"], "dumb-init": [], "catatonit": []}
FIFTY = 50


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def dropin(reeve, called, name):
    return lambda *words, **more: reeve(*NAMES[name], "--", *words, binary=called(name), **more)


@pytest.fixture
def dropin_as_pid_1(reeve_as_pid_1, called, name):
    return lambda *words, **more: reeve_as_pid_1("--", *words, binary=called(name), **more)


@pytest.fixture
def dropin_not_pid_1(reeve_not_pid_1, called, name):
    return lambda *words, **more: reeve_not_pid_1(*NAMES[name], "--", *words, binary=called(name), **more)


def test_it_sees_the_end_of_the_program_where_sigchld_was_ignored(dropin):
    assert dropin(PROBE, "exit", "7", before=[PROBE, "ignore", "17"]).wait() == 7


def test_it_works_without_standard_descriptors(dropin):
    assert dropin(PROBE, "exit", "7", before=[PROBE, "close", "0,1,2"]).wait() == 7


def test_every_one_of_many_queued_signals_arrives(dropin):
    run = dropin(PROBE, "signals", str(FIFTY + 1))
    run.ready()
    run.signal(signal.SIGSTOP)
    wait_until(lambda: state(run.pid) == "T", "it was stopped")
    for _ in range(FIFTY):
        run.signal(40)
    run.signal(signal.SIGCONT)
    assert sorted(run.received() for _ in range(FIFTY + 1)) == [signal.SIGCONT] + [40] * FIFTY
    assert run.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGABRT, signal.SIGSEGV])
def test_a_fault_signal_from_outside_goes_to_the_program(dropin_not_pid_1, number):
    run = dropin_not_pid_1(PROBE, "signals", "1")
    run.ready()
    run.signal(number)
    assert run.received() == number
    assert run.wait() == 0


def test_a_program_of_another_user_that_cannot_be_signalled_runs_on(dropin_as_pid_1):
    anybody = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
    without_cap_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]
    run = dropin_as_pid_1(*anybody, PROBE, "signals", "1", before=without_cap_kill)
    run.ready()
    run.signal(signal.SIGTERM)
    os.kill(run.main(), signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_the_program_begins_with_the_mask_and_the_ignored_signals_that_it_would_have_had(dropin):
    run = dropin(PROBE, "report", "-", before=[PROBE, "block", "10,20", PROBE, "ignore", "12,21"])
    report = run.report()
    assert run.wait() == 0
    direct = subprocess.run(
        [PROBE, "block", "10,20", PROBE, "ignore", "12,21", PROBE, "report", "-"], capture_output=True, text=True, check=True
    )
    for kind in ("blocked", "ignored"):
        assert f'"{kind}"' in direct.stdout
        assert report[kind] == json.loads(direct.stdout)[kind]


def test_no_descriptor_and_no_folder_stays_busy_because_of_it(dropin, tmp_path):
    reading, writing = os.pipe()
    try:
        run = dropin("cat", stdin=subprocess.PIPE, pass_fds=[writing], cwd=tmp_path)
        run.write("up\n")
        assert run.line() == "up"
        wait_until(lambda: writing not in descriptors(run.pid), "the pipe was let go")
        wait_until(lambda: os.readlink(f"/proc/{run.pid}/cwd") == "/", "the folder was left")
        run.process.stdin.close()
        assert run.wait() == 0
    finally:
        os.close(reading)
        os.close(writing)


def test_a_socket_that_was_handed_on_is_for_the_program(dropin):
    run = dropin(PROBE, "report", "-", before=with_own_pid_as("LISTEN_PID"), env={"LISTEN_FDS": "1"})
    report = run.report()
    assert run.wait() == 0
    assert f"LISTEN_PID={report['pid']}" in report["environment"]


def test_what_the_program_leaves_has_time_to_end_after_it_was_asked(dropin_as_pid_1):
    run = dropin_as_pid_1(PROBE, "leave", "left:15", "--", PROBE, "exit", "7")
    assert run.wait() == 7
    assert run.out.lines()[-2:] == ["left got 15", "left ended"]


def test_nothing_wakes_it_while_it_is_idle(dropin):
    run = dropin("cat", stdin=subprocess.PIPE)
    run.write("up\n")
    assert run.line() == "up"
    _, arguments = wait_until_idle(run.pid)
    assert timeout_ms(arguments) == -1 or timeout_ms(arguments) > ONE_DAY_MS
    assert children(run.pid) == [run.main()]
    run.process.stdin.close()
    assert run.wait() == 0

import struct
import subprocess

import pytest

from harness import PROBE
from processes import status, wait_until_idle

ONE_DAY_MS = 24 * 60 * 60 * 1000
PINGS = 20


def timeout_ms(arguments):
    return struct.unpack("i", struct.pack("I", arguments[3] & 0xFFFFFFFF))[0]


def start_idle(reeve, *options):
    run = reeve(*options, "cat", stdin=subprocess.PIPE)
    run.write("up\n")
    assert run.line() == "up"
    wait_until_idle(run.pid)
    return run


def assert_ends(run):
    run.process.stdin.close()
    assert run.wait() == 0


LOOKED_AFTER = ["-o", "health=exec:true", "-o", "health-interval=48h", "-o", "watchdog=48h"]


@pytest.mark.parametrize("options", [[], ["-g"], ["-o", "sweep-timeout=10m"], LOOKED_AFTER], ids=["plain", "group", "sweep", "health"])
def test_while_idle_no_timeout_wakes_reeve(reeve, options):
    run = start_idle(reeve, *options)
    _, arguments = wait_until_idle(run.pid)
    assert timeout_ms(arguments) == -1 or timeout_ms(arguments) > ONE_DAY_MS
    assert_ends(run)


def test_the_programs_work_does_not_wake_reeve(reeve):
    run = start_idle(reeve)
    before = switches(run)
    for number in range(PINGS):
        run.write(f"{number}\n")
        assert run.line() == str(number)
    assert switches(run) == before
    assert_ends(run)


def switches(run):
    now = status(run.pid)
    return now["voluntary_ctxt_switches"], now["nonvoluntary_ctxt_switches"]


def test_reeve_is_idle_again_after_a_signal(reeve):
    run = reeve(PROBE, "signals", "2")
    run.ready()
    run.signal(10)
    assert run.received() == 10
    _, arguments = wait_until_idle(run.pid)
    assert timeout_ms(arguments) == -1 or timeout_ms(arguments) > ONE_DAY_MS
    run.signal(10)
    assert run.wait() == 0

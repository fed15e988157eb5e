import signal

import pytest

from harness import PROBE
from processes import blocks_everything, children, wait_until


def paused(reeve, *options, **settings):
    run = reeve(*options, **settings)
    wait_until(lambda: blocks_everything(run.pid), "reeve blocked every signal")
    return run


@pytest.mark.parametrize("option", ["-P", "--pause"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pause_ends_with_0_when_asked(reeve, option, number):
    run = paused(reeve, option)
    run.signal(number)
    assert run.wait() == 0
    assert (run.out.text(), run.err.text()) == ("", "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_pause_ends_even_where_the_signal_was_ignored_at_start(reeve, number):
    run = paused(reeve, "-P", before=[PROBE, "ignore", "2,15"])
    run.signal(number)
    assert run.wait() == 0


def test_pause_goes_on_after_a_signal_that_asks_for_nothing(reeve):
    run = paused(reeve, "-P")
    for number in (signal.SIGUSR1, signal.SIGWINCH, signal.SIGCHLD, 40):
        run.signal(number)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_pause_reaps_what_it_adopts(reeve_as_pid_1):
    run = paused(reeve_as_pid_1, "-P")
    assert reeve_as_pid_1.inside(run, PROBE, "orphans", "5", "0").wait() == 0
    wait_until(lambda: children(run.pid) == [], "the orphans were reaped")
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_pause_asks_what_is_left_before_it_ends(reeve_as_pid_1):
    run = paused(reeve_as_pid_1, "-P")
    joined = reeve_as_pid_1.inside(run, PROBE, "signals", "1", "3")
    joined.ready()
    run.signal(signal.SIGTERM)
    assert joined.received() == signal.SIGTERM
    assert joined.wait() == 3
    assert run.wait() == 0


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_pause_needs_an_empty_root_only(reeve_as_pid_1, bare_root):
    run = paused(reeve_as_pid_1, "-P", binary="/reeve", before=["chroot", str(bare_root)])
    run.signal(signal.SIGTERM)
    assert run.wait() == 0

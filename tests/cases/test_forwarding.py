import os
import signal

import pytest

from harness import PROBE
from processes import FORWARDABLE, children, state, status, wait_until

FIFTY = 50


def test_every_signal_from_outside_reaches_the_program(reeve):
    run = reeve(PROBE, "signals", str(len(FORWARDABLE)))
    run.ready()
    for number in FORWARDABLE:
        run.signal(number)
        assert run.received() == number
    assert run.wait() == 0


def test_every_signal_that_the_program_sends_to_its_parent_comes_back(reeve):
    run = reeve.finished(PROBE, "round-trip")
    assert run.out.lines() == ["all came back"]
    assert run.code == 0


def hold(run):
    """Stops reeve itself, so that signals queue up."""
    run.signal(signal.SIGSTOP)
    wait_until(lambda: state(run.pid) == "T", "reeve was stopped")


@pytest.mark.parametrize("number", [32, 33, 34, 35, 64])
def test_fifty_queued_real_time_signals_arrive_as_fifty(reeve, number):
    run = reeve(PROBE, "signals", str(FIFTY + 1))
    run.ready()
    hold(run)
    for _ in range(FIFTY):
        run.signal(number)
    run.signal(signal.SIGCONT)
    assert sorted(run.received() for _ in range(FIFTY + 1)) == [signal.SIGCONT] + [number] * FIFTY
    assert run.wait() == 0


def test_a_mixture_of_queued_signals_arrives_complete(reeve):
    mixture = [number for number in FORWARDABLE if number != signal.SIGCONT]
    mixture = [number for number in mixture if number not in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)]
    run = reeve(PROBE, "signals", str(len(mixture) + 1))
    run.ready()
    hold(run)
    for number in mixture:
        run.signal(number)
    run.signal(signal.SIGCONT)
    assert sorted(run.received() for _ in range(len(mixture) + 1)) == sorted([*mixture, signal.SIGCONT])
    assert run.wait() == 0


def test_the_same_stop_signal_is_forwarded_a_second_time(reeve):
    run = reeve(PROBE, "signals", "2")
    run.ready()
    for _ in range(2):
        run.signal(signal.SIGTERM)
        assert run.received() == signal.SIGTERM
    assert run.wait() == 0


def test_a_sigchld_from_outside_is_not_forwarded(reeve):
    run = reeve(PROBE, "signals")
    run.ready()
    run.signal(signal.SIGCHLD)
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_a_sigpipe_that_reeve_causes_itself_is_not_forwarded(reeve):
    reader, writer = os.pipe()
    os.close(reader)
    run = reeve("-vv", PROBE, "orphans", "3", "0", PROBE, "signals", stderr=writer)
    os.close(writer)
    run.ready()
    wait_until(lambda: len(children(run.pid)) == 1, "the orphans were reaped, with a message for each")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def rewritten(reeve, options, sent):
    run = reeve(*options, PROBE, "signals")
    run.ready()
    for number in sent:
        run.signal(number)
    received = run.received()
    assert run.wait() == 0
    return received


@pytest.mark.parametrize("pair", ["USR1:USR2", "10:12", "SIGUSR1:12", "usr1:SigUsr2"])
def test_a_rewritten_signal_arrives_as_the_other(reeve_not_pid_1, pair):
    assert rewritten(reeve_not_pid_1, ["-r", pair], [signal.SIGUSR1]) == signal.SIGUSR2


def test_rtmin_is_34_whatever_the_libc_says(reeve_not_pid_1):
    assert rewritten(reeve_not_pid_1, ["-r", "RTMIN:RTMIN+3"], [34]) == 37


def test_rtmax_is_64(reeve_not_pid_1):
    assert rewritten(reeve_not_pid_1, ["-r", "RTMAX-1:RTMAX"], [63]) == 64


def test_a_signal_that_libc_keeps_for_itself_can_be_rewritten(reeve_not_pid_1):
    assert rewritten(reeve_not_pid_1, ["-r", "33:32"], [33]) == 32


def test_a_signal_rewritten_to_0_is_swallowed(reeve):
    assert rewritten(reeve, ["-r", "USR1:0"], [signal.SIGUSR1, signal.SIGUSR2]) == signal.SIGUSR2


def test_a_stop_signal_can_be_rewritten(reeve):
    assert rewritten(reeve, ["-r", "TERM:QUIT"], [signal.SIGTERM]) == signal.SIGQUIT


def test_a_stop_signal_can_be_swallowed(reeve):
    assert rewritten(reeve, ["-r", "TERM:0"], [signal.SIGTERM, signal.SIGUSR2]) == signal.SIGUSR2


@pytest.mark.parametrize("sent, arrives", [(10, 12), (1, 3), (15, 15)])
def test_rewrite_is_repeatable(reeve_not_pid_1, sent, arrives):
    assert rewritten(reeve_not_pid_1, ["-r", "USR1:USR2", "--rewrite=HUP:QUIT"], [sent]) == arrives


def test_a_rewritten_signal_is_not_rewritten_again(reeve_not_pid_1):
    assert rewritten(reeve_not_pid_1, ["-r", "USR1:USR2", "-r", "USR2:HUP"], [signal.SIGUSR1]) == signal.SIGUSR2


def start_two_in_one_group(reeve, *options, others_count):
    """The main program and a child of it; returns the run and both pids as they see them."""
    run = reeve(*options, "sh", "-c", f'"$0" signals {others_count} & exec "$0" signals 2', PROBE)
    pids = {run.ready(), run.ready()}
    main = int(status(run.main())["NSpid"].split()[-1])
    (other,) = pids - {main}
    return run, main, other


def test_with_group_a_signal_reaches_the_whole_process_group(reeve):
    run, main, other = start_two_in_one_group(reeve, "-g", others_count=2)
    run.signal(signal.SIGUSR1)
    heard = {tuple(run.line_matching(r"^signal (\d+) pid (\d+) ").groups()) for _ in range(2)}
    assert heard == {("10", str(main)), ("10", str(other))}
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_without_group_only_the_program_itself_gets_the_signal(reeve):
    run, main, other = start_two_in_one_group(reeve, others_count=1)
    for _ in range(2):
        run.signal(signal.SIGUSR1)
        assert run.line_matching(r"^signal 10 pid (\d+) ")[1] == str(main)
    # What is left of the group hears nothing before the sweep.
    assert run.line_matching(r"^signal (\d+) pid (\d+) ").groups() == (str(int(signal.SIGTERM)), str(other))
    assert run.wait() == 0


def test_the_death_of_the_parent_is_told_by_the_signal_asked_for(reeve):
    around = [] if reeve.is_pid_1 else ["sh", "-c", '"$@"; exit', "sh"]
    run = reeve("-p", "USR1", PROBE, "signals", around=around)
    run.ready()
    run.outlive_launcher()
    run.process.kill()
    assert run.received() == signal.SIGUSR1
    run.wait()

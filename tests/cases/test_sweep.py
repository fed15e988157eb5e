"""What is left when the main program has ended: asked first, given time, killed last."""

import os
import re
import signal

import pytest

from harness import PROBE, traced, tracing
from processes import is_alive, parent, program, state, wait_until

QUICK = ["-o", "sweep-timeout=100ms"]
PATIENT = ["-o", "sweep-timeout=10m"]
# Both end by TERM, and need longer for it than a quick sweep grants, but less than the 9 s of the
# whole shutdown: one a little, to be waited for, and one much, to be cut off.
SLOW = "slow:15+700"
TOO_SLOW = "slow:15+5000"


def said(run, name):
    """What the survivor of that name reported, in order, without its pid and being continued."""
    lines = [line.removeprefix(f"{name} ") for line in run.out.lines() if line.startswith(f"{name} ")]
    return [line for line in lines if not line.startswith("pid ") and line != "got 18"]


def left_by(reeve, options, *survivors, code="7"):
    run = reeve.finished(*options, PROBE, "leave", *survivors, "--", PROBE, "exit", code)
    assert run.code == int(code)
    assert run.err.text() == ""
    return run


def test_what_is_left_gets_term_and_the_code_stays_the_programs(reeve):
    run = left_by(reeve, [], "left:15")
    assert said(run, "left") == ["got 15", "ended"]


def test_what_ignores_term_gets_hup(reeve):
    run = left_by(reeve, PATIENT, "!shell:1")
    assert said(run, "shell")[-2:] == ["got 1", "ended"]


def test_what_ignores_both_is_killed_after_the_sweep_timeout(reeve):
    run = left_by(reeve, QUICK, "!deaf:")
    assert sorted(said(run, "deaf")) == ["got 1", "got 15"]


def test_what_takes_term_and_goes_on_is_killed_after_the_sweep_timeout(reeve):
    run = left_by(reeve, QUICK, "deaf:")
    assert said(run, "deaf")[0] == "got 15"


def test_many_that_are_left_are_all_asked_before_any_is_killed(reeve):
    names = [f"left{number}" for number in range(20)]
    run = left_by(reeve, QUICK, *(f"{name}:" for name in names))
    for name in names:
        assert said(run, name)[0] == "got 15"


def test_no_kill_is_sent_to_what_ended_when_asked(reeve, tmp_path):
    log = tmp_path / "calls"
    run = reeve.finished(*PATIENT, PROBE, "leave", "left:15", "--", PROBE, "exit", "7", around=tracing(log, "kill"))
    assert run.code == 7
    assert "TERM" in signals_sent(log)
    assert "KILL" not in signals_sent(log)


def signals_sent(log):
    """By reeve, in order: nobody else sends one."""
    return [match[1] for lines in traced(log).values() for line in lines if (match := re.match(r"kill\(.*, SIG(\w+)\)", line))]


def test_a_kill_comes_only_after_term_and_hup(reeve, tmp_path):
    log = tmp_path / "calls"
    reeve.finished(*QUICK, PROBE, "leave", "!deaf:", "--", PROBE, "exit", "7", around=tracing(log, "kill"))
    sent = signals_sent(log)
    firsts = sorted({"TERM", "HUP", "KILL"}, key=sent.index)
    assert firsts == ["TERM", "HUP", "KILL"]


def test_the_sweep_is_over_when_nothing_is_left(reeve):
    # Ends within the deadline of the tests, long before the 10 minutes are over.
    left_by(reeve, PATIENT, "a:15", "!b:1", "c:15")


def test_without_anything_left_there_is_no_sweep_to_wait_for(reeve):
    assert reeve.finished(*PATIENT, PROBE, "exit", "7").code == 7


def test_a_slow_end_within_the_sweep_timeout_is_waited_for(reeve):
    run = left_by(reeve, PATIENT, SLOW)
    assert said(run, "slow") == ["got 15", "ended"]


def test_a_slow_end_beyond_the_sweep_timeout_is_cut_off(reeve):
    run = left_by(reeve, QUICK, TOO_SLOW)
    assert said(run, "slow") == ["got 15"]


def stopped_with(reeve, options, number, survivor, **settings):
    run = reeve(*options, PROBE, "leave", survivor, "--", "sleep", "1000", **settings)
    wait_until(lambda: is_sleeping(run), "the program was executed")
    run.signal(number)
    assert run.wait() == 128 + number
    return run


def is_sleeping(run):
    return program(run.main()) == "sleep"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, 37])
def test_after_a_stop_signal_the_rest_of_the_shutdown_time_is_granted(reeve, number):
    assert said(stopped_with(reeve, QUICK, number, SLOW), "slow") == ["got 15", "ended"]


def test_after_any_other_signal_only_the_sweep_timeout_is_granted(reeve):
    assert said(stopped_with(reeve, QUICK, signal.SIGUSR1, TOO_SLOW), "slow") == ["got 15"]


def test_a_stop_signal_of_ones_own_grants_the_shutdown_time(reeve):
    options = [*QUICK, "-o", "stop-signals=USR1 USR2"]
    assert said(stopped_with(reeve, options, signal.SIGUSR1, SLOW), "slow") == ["got 15", "ended"]


def test_a_list_of_stop_signals_replaces_the_usual_ones(reeve):
    options = [*QUICK, "-o", "stop-signals=USR1 USR2"]
    assert said(stopped_with(reeve, options, signal.SIGTERM, TOO_SLOW), "slow") == ["got 15"]


def test_a_rewritten_stop_signal_grants_the_shutdown_time(reeve):
    run = reeve(*QUICK, "-r", "TERM:USR1", PROBE, "leave", SLOW, "--", "sleep", "1000")
    wait_until(lambda: is_sleeping(run), "the program was executed")
    run.signal(signal.SIGTERM)
    assert run.wait() == 128 + signal.SIGUSR1
    assert said(run, "slow") == ["got 15", "ended"]


def test_the_shutdown_timeout_limits_what_is_granted(reeve):
    options = [*QUICK, "-o", "shutdown-timeout=200ms"]
    assert said(stopped_with(reeve, options, signal.SIGTERM, TOO_SLOW), "slow") == ["got 15"]


def test_the_environment_can_set_the_shutdown_timeout(reeve):
    run = stopped_with(reeve, QUICK, signal.SIGTERM, TOO_SLOW, env={"REEVE_SHUTDOWN_TIMEOUT": "200ms"})
    assert said(run, "slow") == ["got 15"]


def test_an_option_wins_over_the_shutdown_timeout_of_the_environment(reeve):
    options = [*QUICK, "-o", "shutdown-timeout=60s"]
    run = stopped_with(reeve, options, signal.SIGTERM, SLOW, env={"REEVE_SHUTDOWN_TIMEOUT": "200ms"})
    assert said(run, "slow") == ["got 15", "ended"]


def test_a_second_stop_signal_hastens_no_kill(reeve):
    run = reeve(*PATIENT, PROBE, "leave", SLOW, "--", PROBE, "exit", "7")
    run.line_matching("^slow got 15$")
    for _ in range(3):
        run.signal(signal.SIGTERM)
    assert run.wait() == 7
    assert said(run, "slow")[-1] == "ended"


def test_what_is_adopted_during_the_sweep_is_asked_as_well(reeve):
    run = left_by(reeve, PATIENT, "outer:15/middle:15/inner:15")
    for name in ("outer", "middle", "inner"):
        assert said(run, name)[0] == "got 15"
        assert said(run, name)[-1] == "ended"


def test_what_is_left_stopped_can_act_on_being_asked(reeve):
    run = reeve(*PATIENT, PROBE, "leave", "frozen:15", "--", PROBE, "signals", "1", "7")
    frozen = run.outer(run.line_matching(r"^frozen pid (\d+)$")[1])
    run.ready()
    os.kill(frozen, signal.SIGSTOP)
    wait_until(lambda: state(frozen) == "T", "the orphan was stopped")
    run.signal(signal.SIGUSR1)
    assert run.wait() == 7
    assert "got 15" in said(run, "frozen")
    assert said(run, "frozen")[-1] == "ended"


def test_a_plain_program_that_is_left_is_over_at_once(reeve):
    run = reeve.finished(*PATIENT, "sh", "-c", "sleep 1000 & sleep 1000 & exit 7")
    assert run.code == 7


def test_pid_1_asks_what_joined_from_outside(reeve_as_pid_1):
    run = reeve_as_pid_1(*PATIENT, PROBE, "signals", "1", "7")
    run.ready()
    joined = reeve_as_pid_1.inside(run, PROBE, "signals", "1", "3")
    joined.ready()
    run.signal(signal.SIGUSR1)
    assert joined.received() == signal.SIGTERM
    assert joined.wait() == 3
    assert run.wait() == 7


def test_pid_1_notices_when_what_joined_ends_while_it_is_being_asked(reeve_as_pid_1, tmp_path):
    slow_kill = ["strace", "-f", "-qq", "-o", str(tmp_path / "calls"), "--trace=kill", "--inject=kill:delay_exit=50000"]
    run = reeve_as_pid_1(*PATIENT, PROBE, "signals", "1", "7", around=slow_kill)
    run.ready()
    joined = reeve_as_pid_1.inside(run, PROBE, "signals")
    joined.ready()
    run.signal(signal.SIGUSR1)
    assert joined.wait() == 0
    assert run.wait() == 7


def test_pid_1_kills_what_joined_from_outside_only_after_asking(reeve_as_pid_1):
    run = reeve_as_pid_1(*QUICK, PROBE, "signals", "1", "7")
    run.ready()
    joined = reeve_as_pid_1.inside(run, PROBE, "signals", "10")
    joined.ready()
    run.signal(signal.SIGUSR1)
    assert joined.received() == signal.SIGTERM
    assert joined.wait() != 0
    assert run.wait() == 7


def test_not_pid_1_leaves_the_rest_of_the_session_alone(reeve_not_pid_1):
    script = '"$0" signals & other=$!; "$@"; code=$?; kill -USR1 $other; wait $other; exit $code'
    beside = ["sh", "-c", script, PROBE]
    run = reeve_not_pid_1(*QUICK, PROBE, "leave", "deaf:", "--", PROBE, "signals", "1", "7", before=beside)
    pids = {run.ready(), run.ready()}
    (other,) = pids - {run.main()}
    assert parent(other) != run.pid
    assert is_alive(other)
    run.signal(signal.SIGWINCH)
    assert run.line_matching(rf"^signal (\d+) pid {other} ")[1] == str(int(signal.SIGUSR1))
    assert run.wait() == 7


def test_a_failed_exec_leaves_nothing_to_wait_for(reeve):
    assert reeve.finished(*PATIENT, "/nowhere/web").code == 127


def test_after_a_stop_request_that_was_survived_the_next_one_still_grants_time(reeve):
    main = 'trap "echo survived" QUIT; sh -c "trap \'sleep 0.7; echo saved; exit\' TERM; echo ready 1; while :; do sleep 0.05; done" & while :; do wait; done'
    run = reeve("-o", "shutdown-timeout=5s", "-o", "sweep-timeout=100ms", "sh", "-c", main)
    run.ready()
    run.signal(signal.SIGQUIT)
    run.line_matching("survived")
    run.signal(signal.SIGTERM)
    run.line_matching("saved")
    assert run.wait() == 143

"""Docker's restart policies: who is started again, after how long, and when that ends."""

import re
import signal

import pytest

from harness import PROBE, REEVE_FAULTY
from services import finished, said_of, stamps, start, wait_for_runs

AT_ONCE = "restart-delay = 1ms\nrestart-delay-max = 1ms\n"
SAME_PROGRAM = 5


def delays_said(run, name="web"):
    """What was said behind "restarting in", each time."""
    return [match[1] for line in said_of(run, name) if (match := re.search(r"restarting in (\S+)", line))]


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def web(settings, *steps):
    return f"[service web]\n{settings}command = PROBE runs HERE/web {' '.join(steps)}\n"


# -- the delays


def test_the_delay_before_a_restart_begins_at_100_ms_and_doubles(reeve, tmp_path):
    # The shortest of several that are restarted side by side is nearest to what it is without load. How much longer
    # than its delay it was shows on the longest one only.
    run = finished(reeve, tmp_path, f"[service web]\ninstances = {SAME_PROGRAM}\nrestart = on-failure:4\nessential = no\n"
                   "command = PROBE runs HERE/%i 1\n")
    assert run.code == 0
    starts = [stamps(tmp_path / str(number)) for number in range(1, SAME_PROGRAM + 1)]
    gaps = [[after - before for before, after in zip(each, each[1:])] for each in starts]
    assert [len(each) for each in gaps] == [4] * SAME_PROGRAM
    shortest = list(map(min, zip(*gaps)))
    for gap, delay in zip(shortest, (100, 200, 400, 800)):
        assert gap >= delay
    assert shortest[-1] < 2 * 800


def test_each_restart_is_said_with_its_delay_and_the_count_of_failures(reeve, tmp_path):
    run = finished(reeve, tmp_path, web("restart = on-failure:3\n", "1"))
    assert [line for line in said_of(run, "web") if "restarting" in line] == [
        "exited with code 1, restarting in 100ms (failure 1)",
        "exited with code 1, restarting in 200ms (failure 2)",
        "exited with code 1, restarting in 400ms (failure 3)",
    ]


@pytest.mark.parametrize(
    "settings, delays",
    [
        ("restart-delay = 3ms\n", ["3ms", "6ms", "12ms", "24ms"]),
        ("restart-delay = 10ms\nrestart-delay-max = 30ms\n", ["10ms", "20ms", "30ms", "30ms"]),
        ("restart-delay = 4ms\nrestart-factor = 3\n", ["4ms", "12ms", "36ms", "108ms"]),
        ("restart-delay = 10ms\nrestart-factor = 1.5\n", ["10ms", "15ms", "22ms", "33ms"]),
        ("restart-delay = 10ms\nrestart-factor = 1\n", ["10ms", "10ms", "10ms", "10ms"]),
        ("restart-delay = 0\n", ["0ms", "0ms", "0ms", "0ms"]),
    ],
)
def test_the_delays_are_as_they_are_set(reeve_as_pid_1, tmp_path, settings, delays):
    run = finished(reeve_as_pid_1, tmp_path, web(f"restart = on-failure:4\n{settings}", "1"))
    assert delays_said(run) == delays


def test_with_a_delay_of_0_it_is_started_again_at_once_every_time(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path,
                   web("restart = on-failure:9\nrestart-delay = 0\n", "1")
                   + "[service slow]\nrestart = on-failure:9\nrestart-factor = 1\ncommand = PROBE runs HERE/slow 1\n")
    quick, slow = stamps(tmp_path / "web"), stamps(tmp_path / "slow")
    assert len(quick) == 10
    # It began beside the other and was through while that one still waited.
    assert len(slow) < 10
    assert run.code == 1


def test_a_jitter_makes_delays_differ_within_its_percentage(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, "[service web]\ninstances = 20\nrestart = on-failure:1\nrestart-jitter = 50\n"
                   "essential = no\ncommand = PROBE exit 1\n")
    delays = {int(text.removesuffix("ms")) for number in range(1, 21) for text in delays_said(run, f"web@{number}")}
    assert len(delays) > 3
    assert 50 <= min(delays) and max(delays) <= 150


def test_a_run_as_long_as_restart_reset_puts_the_delay_back(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web("restart = on-failure:5\nrestart-reset = 3s\n", "1", "1", "+3500:1", "1", "1"))
    assert [line for line in said_of(run, "web") if "restarting" in line] == [
        "exited with code 1, restarting in 100ms (failure 1)",
        "exited with code 1, restarting in 200ms (failure 2)",
        "exited with code 1, restarting in 100ms (failure 1)",
        "exited with code 1, restarting in 200ms (failure 2)",
        "exited with code 1, restarting in 400ms (failure 3)",
    ]


def test_a_run_that_ends_well_does_not_put_the_delay_back(reeve_as_pid_1, tmp_path):
    run = start(reeve_as_pid_1, tmp_path, web("restart = always\n", "1", "0", "1", "stay"))
    wait_for_runs(tmp_path / "web", 4)
    stop(run)
    assert [line for line in said_of(run, "web") if "restarting" in line] == [
        "exited with code 1, restarting in 100ms (failure 1)",
        "exited with code 0, restarting in 200ms",
        "exited with code 1, restarting in 400ms (failure 1)",
    ]


# -- the policies


def test_on_failure_with_a_number_gives_up_after_so_many_restarts(reeve, tmp_path):
    run = finished(reeve, tmp_path, web(f"restart = on-failure:3\n{AT_ONCE}", "7"))
    assert run.code == 7
    assert len(stamps(tmp_path / "web")) == 4
    assert said_of(run, "web")[-1] == "failed: exited with code 7, gave up after 3 restarts"


def test_uptime_gives_no_tries_back(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web("restart = on-failure:3\nrestart-reset = 1ms\n", "+200:1"))
    assert run.code == 1
    assert delays_said(run) == ["100ms"] * 3  # so each run was a long one
    assert said_of(run, "web")[-1] == "failed: exited with code 1, gave up after 3 restarts"


@pytest.mark.parametrize("tries", ["", ":0"])
def test_on_failure_without_a_number_goes_on_for_ever(reeve_as_pid_1, tmp_path, tries):
    run = start(reeve_as_pid_1, tmp_path, web(f"restart = on-failure{tries}\n{AT_ONCE}", "1"))
    wait_for_runs(tmp_path / "web", 30)
    stop(run)
    assert "failed" not in run.err.text()


def test_on_failure_ends_after_a_success(reeve, tmp_path):
    run = finished(reeve, tmp_path, web(f"restart = on-failure\n{AT_ONCE}", "1", "0", "1"))
    assert run.code == 0
    assert len(stamps(tmp_path / "web")) == 2
    assert said_of(run, "web")[-1] == "exited with code 0"


def test_on_failure_restarts_what_a_signal_has_killed(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"restart = on-failure:1\n{AT_ONCE}", "-11", "0"))
    assert run.code == 0
    assert said_of(run, "web")[1] == "killed by SIGSEGV, restarting in 1ms (failure 1)"


@pytest.mark.parametrize("policy", ["always", "unless-stopped"])
def test_always_and_unless_stopped_go_on_whatever_the_code(reeve, tmp_path, policy):
    run = start(reeve, tmp_path, web(f"restart = {policy}\n{AT_ONCE}", "0", "1", "0", "-15", "0", "stay"))
    wait_for_runs(tmp_path / "web", 6)
    assert run.is_running()
    assert stop(run) == 0
    assert len(stamps(tmp_path / "web")) == 6


@pytest.mark.parametrize("code", [0, 1])
def test_no_never_starts_again(reeve, tmp_path, code):
    run = finished(reeve, tmp_path, web("restart = no\n", str(code)))
    assert run.code == code
    assert len(stamps(tmp_path / "web")) == 1


def test_a_oneshot_is_not_started_again_where_restart_is_not_written(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web("type = oneshot\n", "3"))
    assert run.code == 3
    assert said_of(run, "web")[1:] == ["failed: exited with code 3"]


def test_a_oneshot_that_fails_is_started_again_by_its_policy_until_it_is_done(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"type = oneshot\nrestart = on-failure\n{AT_ONCE}", "1", "1", "0"))
    assert run.code == 0
    assert len(stamps(tmp_path / "web")) == 3


def test_codes_in_success_exit_codes_are_no_failure(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"restart = on-failure\nsuccess-exit-codes = 3 4\n{AT_ONCE}", "1", "4"))
    assert len(stamps(tmp_path / "web")) == 2
    assert run.code == 4


# -- the limit of crashes


def test_without_a_policy_ten_failed_runs_in_a_row_are_the_end(reeve, tmp_path):
    run = finished(reeve, tmp_path, web(AT_ONCE, "1"))
    assert run.code == 1
    assert len(stamps(tmp_path / "web")) == 10
    assert said_of(run, "web")[-1] == "failed: exited with code 1, gave up after 10 failed runs in a row"


def test_a_crash_limit_holds_under_always_too(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"restart = always\ncrash-limit = 3\n{AT_ONCE}", "1", "1", "0", "1"))
    assert run.code == 1
    assert len(stamps(tmp_path / "web")) == 6  # the success begins the row anew


def test_a_long_run_is_not_one_of_the_crashes(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"crash-limit = 2\nrestart-reset = 3s\n{AT_ONCE}", "1", "+3500:1", "1", "1"))
    assert len(stamps(tmp_path / "web")) == 4
    assert run.code == 1


def test_a_crash_limit_of_0_is_none(reeve_as_pid_1, tmp_path):
    run = start(reeve_as_pid_1, tmp_path, web(f"crash-limit = 0\n{AT_ONCE}", "1"))
    wait_for_runs(tmp_path / "web", 15)
    stop(run)
    assert "failed" not in run.err.text()


# -- starts that fail for a while


@pytest.mark.parametrize("fault, stage", [("fork:1-2:EAGAIN", "fork"), ("fork:1-2:ENOMEM", "fork"), ("pipe2:1-2:EMFILE", "pipe")])
def test_a_start_that_may_work_later_is_tried_again_after_a_growing_delay(reeve, tmp_path, fault, stage):
    run = start(reeve, tmp_path, web("", "stay"), binary=REEVE_FAULTY, env={"FAULT": fault})
    wait_for_runs(tmp_path / "web", 1)
    assert stop(run) == 0
    first, second, started = said_of(run, "web")[:3]
    assert re.fullmatch(rf"cannot start: .* \({stage}\), trying again in 100ms", first)
    assert re.fullmatch(rf"cannot start: .* \({stage}\), trying again in 200ms", second)
    assert started.startswith("started, pid ")


def test_a_program_that_is_being_written_is_tried_again(reeve, tmp_path):
    program = tmp_path / "program"
    with open(program, "wb") as writer:
        with open(PROBE, "rb") as probe:
            writer.write(probe.read())
        writer.flush()
        program.chmod(0o755)
        run = start(reeve, tmp_path, "[service web]\ncommand = HERE/program runs HERE/web stay\n")
        run.message(rf"web: cannot start: {program}: Text file busy \(exec\), trying again in 100ms")
        run.message(r"trying again in 200ms")
        assert not stamps(tmp_path / "web")
    wait_for_runs(tmp_path / "web", 1)
    assert stop(run) == 0


def test_starts_that_fail_for_a_while_use_up_the_tries(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, web(f"restart = on-failure:2\n{AT_ONCE}", "stay"),
                   binary=REEVE_FAULTY, env={"FAULT": "fork:1-:EAGAIN"})
    assert run.code == 126
    assert len(said_of(run, "web")) == 3
    assert "trying again" not in said_of(run, "web")[-1]


# -- one command


def one_command(reeve, tmp_path, options, *steps):
    return reeve(*(word for option in options for word in ("-o", option)), "-v", PROBE, "runs", str(tmp_path / "web"), *steps)


def test_one_command_is_started_again_by_the_policy_of_its_option(reeve, tmp_path):
    run = one_command(reeve, tmp_path, ["restart=on-failure:2", "restart-delay=1ms"], "5")
    assert run.wait() == 5
    assert len(stamps(tmp_path / "web")) == 3
    assert said_of(run, "probe")[-1] == "failed: exited with code 5, gave up after 2 restarts"


def test_one_command_that_is_asked_to_stop_is_not_started_again(reeve):
    run = reeve("-o", "restart=always", "-o", "restart-delay=0", PROBE, "signals", "1", "6")
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM
    assert run.wait() == 6
    assert len([line for line in run.out.lines() if line.startswith("ready")]) == 1


def test_one_command_that_waits_for_its_restart_is_over_when_it_is_asked_to_stop(reeve, tmp_path):
    run = one_command(reeve, tmp_path, ["restart=always", "restart-delay=60s"], "5")
    run.message("restarting in 60s")
    assert stop(run) == 5


def test_a_stop_timeout_kills_the_one_command_in_the_end(reeve):
    run = reeve("-o", "stop-timeout=100ms", "-v", PROBE, "signals", "100")
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM
    assert run.wait() == 137
    run.message(r"^reeve: probe: still running \S+ after SIGTERM, sending SIGKILL$")

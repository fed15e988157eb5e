"""Who is asked when everything stops, for how long it may go on, and what is swept behind it."""

import os
import signal
import time

import pytest

from processes import wait_until
from services import said_of, start
from stopping import DEAF, asked, service, since_stopping, stop, told, wait_until_ready


def begin(reeve, folder, text, ready, *words):
    """Starts services and waits until as many are ready."""
    run = start(reeve, folder, text, *words)
    wait_until_ready(run, ready)
    return run


def meets(name, count):
    """Waits until that many have come here by this name."""
    return f"mktemp -p HERE {name}.XXXXXX >HERE/null; until [ $(ls HERE | grep -c ^{name}) = {count} ]; do sleep 0.01; done"


def waits_for(name):
    return f"until [ -e HERE/{name} ]; do sleep 0.01; done"


# -- the order


def test_nobody_is_asked_while_something_that_comes_after_it_is_there(reeve, tmp_path):
    text = service("web", asked("web", "sleep 0.1"), "after = app cache") + service("db", asked("db"))
    text += service("app", asked("app", meets("middle", 2) + "; sleep 0.1"), "after = db")
    text += service("cache", asked("cache", meets("middle", 2)), "after = db")
    run = begin(reeve, tmp_path, text, 4)
    assert stop(run) == 0
    lines = told(run)
    assert lines[:2] == ["web asked", "web leaves"]
    assert sorted(lines[2:4]) == ["app asked", "cache asked"]
    assert sorted(lines[4:6]) == ["app leaves", "cache leaves"]
    assert lines[6:] == ["db asked", "db leaves"]


def test_what_is_independent_is_asked_before_any_of_it_has_ended(reeve, tmp_path):
    """Each of the six waits for all others, so that one after the other they would never end."""
    six = [f"s{number}" for number in range(6)]
    text = "[reeve]\nshutdown-timeout = 0\n"  # at half of it they would be asked in any order
    run = begin(reeve, tmp_path, text + "".join(service(name, asked(name, meets("six", 6))) for name in six), 6)
    assert stop(run) == 0
    assert sorted(told(run)[:6]) == [f"{name} asked" for name in six]


def test_all_instances_have_ended_before_what_they_came_after_is_asked(reeve, tmp_path):
    text = service("db", asked("db"))
    last_is_2 = "; sleep 0.$((%i % 3))"
    text += service("web", asked("web", meets("web", 3) + last_is_2), "after = db", "instances = 3")
    run = begin(reeve, tmp_path, text, 4)
    assert stop(run) == 0
    assert told(run) == ["web asked"] * 3 + ["web leaves"] * 3 + ["db asked", "db leaves"]


def test_the_stop_that_a_failure_begins_has_the_same_order_but_no_stop_delay(reeve, tmp_path):
    text = "[reeve]\nstop-delay = 10m\n" + service("db", asked("db"))
    text += service("web", asked("web", "sleep 0.1"), "after = db")
    text += service("broken", f"sh -c '{waits_for('go')}; exit 9'", "restart = no")
    run = begin(reeve, tmp_path, text, 2)
    (tmp_path / "go").touch()
    assert run.wait() == 9
    assert told(run) == ["web asked", "web leaves", "db asked", "db leaves"]


def test_a_second_stop_signal_asks_everybody_at_once_and_kills_nobody(reeve, tmp_path):
    text = service("web", asked("web", waits_for("go")), "after = db", "stop-timeout = 10m")
    run = begin(reeve, tmp_path, text + service("db", asked("db")), 2)
    for line in ("web asked", "db asked", "db leaves"):
        run.signal(signal.SIGTERM)
        run.line_matching(f"^{line}$")
    run.message("reeve: db: exited with code 0")
    assert run.is_running() and "SIGKILL" not in run.err.text()
    (tmp_path / "go").touch()
    assert run.wait() == 0


# -- who is not started any more


def test_who_still_waits_for_its_turn_to_start_is_not_started_by_the_stop(reeve, tmp_path):
    text = service("job", asked("job"), "type = oneshot") + service("web", asked("web"), "after = job")
    run = begin(reeve, tmp_path, text, 1)
    assert stop(run) == 0
    assert told(run) == ["job asked", "job leaves"]
    assert said_of(run, "web") == []


def test_who_ends_while_all_stop_is_not_started_again(reeve, tmp_path):
    """Neither when it was asked, as web, nor when it was not yet, as db."""
    always = ["restart = always", "restart-delay = 0"]
    kill_db = "read pid <HERE/pid; kill -USR1 $pid; while kill -0 $pid 2>HERE/null; do :; done; sleep 0.2; exit 3"
    text = service("db", "sh -c 'echo $$ >HERE/pid; exec PROBE signals 1 7'", *always)
    text += service("web", asked("web", kill_db), "after = db", *always)
    run = begin(reeve, tmp_path, text, 2)
    assert stop(run) == 7  # of who failed first
    assert said_of(run, "db")[1:] == ["exited with code 7"]
    assert said_of(run, "web")[1:] == ["exited with code 3"]


def test_a_stop_ends_a_backoff(reeve, tmp_path):
    text = service("a", "sh -c 'echo up; exit 3'", "restart = always", "restart-delay = 50s")
    run = start(reeve, tmp_path, text)
    run.message("restarting in 50s")
    assert stop(run) == 0
    assert run.out.lines() == ["up"]


def test_a_stop_while_many_start_starts_no_more_of_them_and_leaves_none(reeve, tmp_path):
    """More than are started at once; the fixture looks for what is left behind."""
    run = start(reeve, tmp_path, service("a", "sh -c 'echo up; exec sleep 1000'", "instances = 150"))
    run.line()
    assert stop(run) == 0
    lines = run.err.lines()
    behind = lines[lines.index("reeve: stopping: SIGTERM received") :]
    assert not any("started" in line or "SIGKILL" in line for line in behind)


# -- how long


def test_a_hung_dependent_does_not_cost_the_others_their_stop_signal(reeve, tmp_path):
    text = "[reeve]\nshutdown-timeout = 2s\nsweep-timeout = 100ms\n"
    text += service("web", DEAF, "after = db") + service("db", asked("db"))
    run = begin(reeve, tmp_path, text, 2, "--log-format", "json")
    assert stop(run) == 137
    assert told(run) == ["db asked", "db leaves"]
    times = since_stopping(run)
    assert 0.99 <= times["db", "exited"] <= times["web", "killed"]  # at half of the time


def test_a_service_that_is_not_asked_yet_gets_the_stop_timeout_that_it_has_written(reeve, tmp_path):
    """Else it would be asked at half of the time, after 15 s."""
    text = "[reeve]\nshutdown-timeout = 30s\nsweep-timeout = 100ms\n"
    text += service("web", asked("web", waits_for("mark")), "after = db")
    text += service("db", asked("db", ": >HERE/mark"), "stop-timeout = 29s")
    run = begin(reeve, tmp_path, text, 2, "--log-format", "json")
    assert stop(run) == 0
    assert 0.89 <= since_stopping(run)["db", "exited"] < 15


def test_services_are_killed_in_time_for_the_sweep_and_all_is_over_in_the_shutdown_timeout(reeve, tmp_path):
    text = "[reeve]\nshutdown-timeout = 4s\nsweep-timeout = 1s\n"
    text += service("web", f"PROBE leave orphan: -- {DEAF}")
    run = begin(reeve, tmp_path, text, 1, "--log-format", "json")
    assert stop(run) == 137
    times = since_stopping(run)
    assert 2.99 <= times["web", "killed"] < 4
    assert 3.99 <= times[None, "stopped"] < 3 * 4  # the orphan stays until the end of it
    assert "orphan got 15" in run.out.lines()


def test_without_a_shutdown_timeout_each_stop_timeout_counts_alone(reeve, tmp_path):
    text = "[reeve]\nshutdown-timeout = 0\n"
    text += service("web", DEAF, "after = db", "stop-timeout = 300ms") + service("db", asked("db", "sleep 0.4"))
    run = begin(reeve, tmp_path, text, 2, "--log-format", "json")
    assert stop(run) == 137
    assert told(run) == ["db asked", "db leaves"]
    times = since_stopping(run)
    assert times["web", "killed"] + 0.39 <= times["db", "exited"]
    assert ("db", "killed") not in times


def test_who_was_frozen_for_all_of_the_time_is_still_asked_before_it_is_killed(reeve, tmp_path):
    text = "[reeve]\nstop-delay = 200ms\nshutdown-timeout = 300ms\n" + service("web", asked("web"))
    run = begin(reeve, tmp_path, text, 1)
    run.signal(signal.SIGTERM)
    run.message("stopping: SIGTERM received")
    run.signal(signal.SIGSTOP)
    end = time.monotonic() + 0.5
    wait_until(lambda: time.monotonic() > end, "all of the time is over")
    run.signal(signal.SIGCONT)
    assert run.wait() == 0
    assert told(run) == ["web asked", "web leaves"]


def test_who_hangs_before_its_program_is_executed_holds_up_nobody_else(reeve, tmp_path):
    os.mkfifo(tmp_path / "fifo")  # which nobody ever opens for reading
    text = service("stuck", "true", "stdout = HERE/fifo", "stop-timeout = 300ms") + service("web", asked("web"))
    run = begin(reeve, tmp_path, text, 1)
    assert stop(run) == 137
    assert told(run) == ["web asked", "web leaves"]
    assert said_of(run, "stuck")[-1] == "killed by SIGKILL"


# -- the sweep behind it


@pytest.mark.parametrize("stops", [1, 2])
def test_what_services_have_left_is_asked_when_the_last_of_them_has_ended(reeve, tmp_path, stops):
    text = service("web", asked("web", "sleep 0.3")) + service("db", f"PROBE leave orphan:15 -- {asked('db')}")
    run = begin(reeve, tmp_path, text, 2)
    for _ in range(stops):
        run.signal(signal.SIGTERM)
        run.line_matching(" asked$")
    assert run.wait() == 0
    lines = run.out.lines()
    assert lines.index("web leaves") < lines.index("orphan got 15") < lines.index("orphan ended")


@pytest.mark.parametrize("orphan, timeout, is_waited_for", [("slow:15+700", "20s", True), ("slow:15+60000", "1s", False)])
def test_the_sweep_has_what_is_left_of_the_shutdown_timeout(reeve, tmp_path, orphan, timeout, is_waited_for):
    text = f"[reeve]\nsweep-timeout = 50ms\nshutdown-timeout = {timeout}\n"
    run = begin(reeve, tmp_path, text + service("web", f"PROBE leave {orphan} -- {asked('web')}"), 1)
    assert stop(run) == 0
    assert ("slow ended" in run.out.lines()) == is_waited_for

"""Services that wait for each other: who starts when, what becomes of who waits in vain, who stops with whom."""

import os
import signal

from harness import PROBE
from processes import wait_until
from services import events, finished, said_of, stamps, start, wait_for_runs
from stopping import asked, service, stop, told, wait_until_ready

STAYS = "PROBE signals"
NEVER = "restart = no"
UNESSENTIAL = "essential = no"
WAITS_FOR_FILE = "ready = exec:test -e HERE/go"


def runs(name, *steps):
    return f"PROBE runs HERE/{name} {' '.join(steps or ['stay'])}"


def events_in_order(run, *wanted):
    """Which of these pairs of a service and an event were told, in order."""
    found = [(message["service"], message["event"]) for message in events(run)]
    return [pair for pair in found if pair in wanted]


# -- starting


def test_each_starts_when_what_it_waits_for_has_come(reeve, tmp_path):
    text = service("web", f"sh -c 'cat HERE/data; exec {STAYS}'", "depends-on = db:ready fill:completed") + \
        service("fill", "sh -c 'cat HERE/base >HERE/data'", "type = oneshot", "depends-on = db") + \
        service("db", f"sh -c 'echo ours >HERE/base; echo >&3; exec {STAYS}'", "ready = fd:3")
    run = start(reeve, tmp_path, text, "--log-format", "json")
    run.line_matching("^ours$")
    run.message('"service":"web","event":"started"')
    order = [("db", "started"), ("db", "up"), ("fill", "started"), ("fill", "exited"), ("web", "started")]
    assert events_in_order(run, *order) == order
    wait_until_ready(run, 1)
    assert stop(run) == 0


def test_who_waits_for_a_start_does_not_wait_for_readiness(reeve, tmp_path):
    text = service("db", STAYS, "ready = after:1h") + service("web", STAYS, "depends-on = db:started")
    run = start(reeve, tmp_path, text)
    run.message("reeve: web: started, pid")
    wait_until_ready(run, 2)
    assert len(said_of(run, "db")) == 1
    assert stop(run) == 0


def test_a_start_counts_however_soon_it_has_failed(reeve, tmp_path):
    numbers = range(20)
    text = "".join(service(f"job{n}", "PROBE exit 1", "type = oneshot", UNESSENTIAL) +
                   service(f"web{n}", f"echo web{n}", "type = oneshot", f"depends-on = job{n}:started") for n in numbers)
    run = finished(reeve, tmp_path, text)
    assert sorted(told(run)) == sorted(f"web{n}" for n in numbers)
    assert run.code == 0


def test_who_waits_says_nothing_and_is_seen_to_wait(steer, tmp_path):
    steered = steer(service("db", "sleep 1000", WAITS_FOR_FILE) + service("web", runs("web"), "depends-on = db"))
    steered.wait_for("db", "starting")
    assert steered.states() == {"db": "starting", "web": "waiting"}
    assert said_of(steered.run, "web") == []
    assert steered.ctl("status").code == 3
    (tmp_path / "go").touch()
    steered.wait_for_all()
    wait_for_runs(tmp_path / "web", 1)
    assert len(stamps(tmp_path / "web")) == 1


def test_a_crash_does_not_restart_who_depends_on_it(steer, tmp_path):
    steered = steer(service("db", runs("db")) + service("web", runs("web"), "depends-on = db"))
    steered.wait_for_all()
    before = steered.pids("web")
    wait_for_runs(tmp_path / "db", 1)
    os.kill(steered.run.outer(steered.pids("db")["db"]), signal.SIGKILL)
    wait_for_runs(tmp_path / "db", 2)
    steered.wait_for_all()
    assert steered.pids("web") == before


def test_what_is_not_to_start_is_waited_for(steer, tmp_path):
    steered = steer(service("db", "sleep 1000", "start = no") + service("web", runs("web"), "depends-on = db"))
    assert steered.states() == {"db": "down", "web": "waiting"}
    steered.done("start", "db")
    steered.wait_for_all()


# -- in vain


def test_the_container_ends_with_the_code_of_what_was_waited_for(reeve, tmp_path):
    text = service("db", "PROBE exit 3", "ready = notify", NEVER, UNESSENTIAL) + service("web", runs("web"), "depends-on = db")
    run = finished(reeve, tmp_path, text)
    assert run.code == 3
    assert said_of(run, "web") == ["failed: it depends on db, which has failed"]
    assert run.err.lines()[-2:] == ["reeve: stopping: web failed and is essential", "reeve: stopped, exit code 3"]
    assert stamps(tmp_path / "web") == []


def test_a_job_that_fails_ends_the_container_before_anybody_works_with_it(reeve, tmp_path):
    text = service("fill", runs("fill", "+300:7"), "type = oneshot") + service("web", runs("web"), "depends-on = fill") + \
        service("db", "sleep 1000")
    run = finished(reeve, tmp_path, text)
    assert run.code == 7
    assert stamps(tmp_path / "web") == []


def test_one_that_cannot_be_executed_is_waited_for_in_vain(reeve, tmp_path):
    text = service("db", "/nowhere/db", UNESSENTIAL) + service("web", runs("web"), "depends-on = db")
    run = finished(reeve, tmp_path, text)
    assert run.code == 127
    assert said_of(run, "web") == ["failed: it depends on db, which has failed"]


def test_one_that_ended_well_and_will_not_be_ready_any_more_is_said_to_have_ended(reeve, tmp_path):
    text = service("db", "PROBE exit 0", "ready = notify", UNESSENTIAL) + service("web", runs("web"), "depends-on = db")
    run = finished(reeve, tmp_path, text)
    assert run.code == 1
    assert said_of(run, "web") == ["failed: it depends on db, which has ended"]


def test_one_that_was_never_ready_is_waited_for_in_vain(reeve, tmp_path):
    text = service("db", "PROBE signals 1 0", "ready = notify", "start-timeout = 100ms", NEVER, UNESSENTIAL) + \
        service("web", runs("web"), "depends-on = db")
    # A TERM that comes before the probe waits for it.
    run = finished(reeve, tmp_path, text, before=[PROBE, "block", "15"])
    assert run.code == 1
    assert "not ready after 100ms, stopping it" in said_of(run, "db")
    assert said_of(run, "web") == ["failed: it depends on db, which has failed"]


def test_who_is_not_essential_fails_alone(reeve, tmp_path):
    text = service("db", "PROBE exit 3", "ready = notify", NEVER, UNESSENTIAL) + \
        service("web", runs("web"), "depends-on = db", UNESSENTIAL) + service("other", STAYS)
    run = start(reeve, tmp_path, text)
    run.message("reeve: web: failed: it depends on db, which has failed")
    run.ready()
    assert stop(run) == 0


def test_in_json_the_cause_has_its_name_and_code(reeve, tmp_path):
    text = service("db", "PROBE exit 3", "ready = notify", NEVER, UNESSENTIAL) + service("web", runs("web"), "depends-on = db")
    run = finished(reeve, tmp_path, text, "--log-format", "json")
    said = events(run, service="web")
    assert [(message["event"], message["level"], message["cause"], message["code"]) for message in said] == \
        [("impossible", "error", "db", 3)]


def test_reevectl_tells_what_was_waited_for_in_vain_as_a_failure(steer_not_pid_1, tmp_path):
    steered = steer_not_pid_1(service("db", "PROBE exit 3", "ready = notify", NEVER, UNESSENTIAL) +
                              service("web", runs("web"), "depends-on = db", UNESSENTIAL) + service("other", "sleep 1000"))
    steered.wait_for("web", "failed")
    assert steered.ctl("start", "web").code == 1
    assert stamps(tmp_path / "web") == []


# -- stopping


def test_all_stop_in_reverse_order(reeve, tmp_path):
    text = service("db", asked("db")) + service("app", asked("app"), "depends-on = db") + \
        service("web", asked("web"), "depends-on = app")
    run = start(reeve, tmp_path, text)
    wait_until_ready(run, 3)
    assert stop(run) == 0
    assert told(run) == [f"{name} {does}" for name in ("web", "app", "db") for does in ("asked", "leaves")]


def test_a_stop_while_some_wait_ends_at_once(reeve, tmp_path):
    text = service("db", STAYS, "ready = after:1h") + service("web", runs("web"), "depends-on = db")
    run = start(reeve, tmp_path, text)
    run.ready()
    assert stop(run) == 0
    assert stamps(tmp_path / "web") == []


# -- by hand

STACK = service("db", asked("db"), "ready = exec:PROBE runs HERE/tries 0") + \
    service("web", asked("web"), "depends-on = db") + service("other", "sleep 1000")


def test_a_stop_stops_dependents_first_which_wait_and_come_back(steer):
    steered = steer(STACK)
    wait_until_ready(steered.run, 2)
    steered.wait_for_all()
    steered.done("stop", "db")
    steered.run.line_matching("^db leaves$")
    assert told(steered.run) == ["web asked", "web leaves", "db asked", "db leaves"]
    assert steered.states() == {"db": "down", "web": "waiting", "other": "up"}
    assert steered.status("web")["web"]["wanted"] == "up"
    steered.done("start", "db")
    steered.wait_for_all()
    wait_until_ready(steered.run, 2)


def test_who_waits_again_has_nothing_more_to_say_of_its_end(steer):
    steered = steer(STACK)
    wait_until_ready(steered.run, 2)
    steered.wait_for_all()
    steered.done("stop", "db")
    steered.wait_for("web", "waiting")
    assert steered.stop() == 0
    assert [line for line in said_of(steered.run, "web") if "started" not in line] == ["exited with code 0"]


def test_a_restart_brings_dependents_back(steer):
    steered = steer(STACK)
    wait_until_ready(steered.run, 2)
    steered.wait_for_all()
    before = steered.pids()
    steered.done("restart", "db")
    steered.wait_for_all()
    wait_until_ready(steered.run, 2)
    after = steered.pids()
    assert {name for name in before if before[name] != after[name]} == {"db", "web"}
    assert told(steered.run) == ["web asked", "web leaves", "db asked", "db leaves"]


def test_a_start_brings_what_it_depends_on_and_waits_for_all_of_it(steer, tmp_path):
    off = "start = no"
    steered = steer(service("db", "sleep 1000", WAITS_FOR_FILE, off) +
                    service("fill", runs("fill", "0"), "type = oneshot", "depends-on = db", off) +
                    service("web", runs("web"), "depends-on = fill", off) + service("other", "sleep 1000"))
    client = steered.begin("start", "web")
    steered.wait_for("db", "starting")
    assert client.is_running()
    (tmp_path / "go").touch()
    assert client.wait() == 0
    assert steered.states() == {"db": "up", "fill": "done", "web": "up", "other": "up"}
    wait_until(lambda: stamps(tmp_path / "web"), "web runs")
    assert stamps(tmp_path / "fill")[0] <= stamps(tmp_path / "web")[0]


def test_a_dependent_that_is_down_by_hand_stays_down(steer_not_pid_1):
    steered = steer_not_pid_1(STACK)
    wait_until_ready(steered.run, 2)
    steered.wait_for_all()
    steered.done("stop", "web")
    steered.done("restart", "db")
    wait_until_ready(steered.run, 1)
    assert steered.states() == {"db": "up", "web": "down", "other": "up"}


# -- another configuration


def test_who_waits_does_so_by_the_new_conditions(steer, tmp_path):
    db = service("db", "sleep 1000", WAITS_FOR_FILE)
    steered = steer(db + service("web", runs("web"), "depends-on = db"))
    steered.wait_for("db", "starting")
    steered.write(db + service("web", runs("web"), "depends-on = db:started"))
    steered.done("reload")
    steered.wait_for("web", "up")
    assert steered.states("db") == {"db": "starting"}


def test_another_way_to_be_ready_is_taken_up(steer, tmp_path):
    steered = steer(service("db", f"PROBE line-on 3 {runs('db')}", "ready = fd:3"))
    wait_for_runs(tmp_path / "db", 1)
    steered.wait_for("db", "up")
    steered.write(service("db", f"PROBE notify READY=1 {runs('db')}", "ready = notify"))
    steered.done("reload")
    wait_for_runs(tmp_path / "db", 2)
    steered.wait_for("db", "up")

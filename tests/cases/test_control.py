"""What an operator sees of running services, and does with them, by reevectl."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import threading

import pytest

from control import REEVECTL
from harness import PROBE
from processes import is_alive, wait_until
from services import stamps, wait_for_runs
from stopping import DEAF, asked, service, told, wait_until_ready

STAYS = service("web", "PROBE runs HERE/web stay")
OTHER = service("db", "PROBE runs HERE/db stay")
WAITS_LONG = "restart-delay = 60s"
DEAF_WEB = service("web", DEAF, "stop-timeout = 10m")
STATUS_TYPES = {
    "name": str, "state": str, "wanted": str, "health": str, "pid": int | None, "uptime_s": int | None,
    "restarts": int, "exit_code": int | None, "signal": str | None, "core_dumped": bool, "out_of_memory": bool,
    "error": str | None, "reason": str | None, "main": bool,
}


def crashed(name="web"):
    """It waits for its restart."""
    return service(name, "PROBE exit 7", WAITS_LONG)


def kill_service(steered, name):
    os.kill(steered.run.outer(steered.pids(name)[name]), signal.SIGKILL)


# -- status


def test_status_is_a_table_with_a_line_for_each_service(steer):
    steered = steer(STAYS + service("job", "true", "type = oneshot") + crashed("bad") +
                    service("off", "true", "start = no"))
    steered.wait_for("web", "up")
    steered.wait_for("bad", "backoff")
    steered.wait_for("job", "done")
    table = steered.ctl("status").out.lines()
    assert table[0].split() == ["NAME", "STATE", "HEALTH", "PID", "UPTIME", "RESTARTS", "LAST", "EXIT"]
    pid = steered.pids("web")["web"]
    assert re.fullmatch(rf"web +up +- +{pid}  \d+s +0", table[1])
    assert re.fullmatch(r"job +done +- +-  - +0  exit code 0", table[2])
    assert re.fullmatch(r"bad +backoff +- +-  - +1  exit code 7", table[3])
    assert re.fullmatch(r"off +down +- +-  - +0", table[4])
    assert len(table) == 5


def test_the_columns_of_a_table_line_up(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS + service("a-very-long-name-of-a-service", "PROBE exit 3", WAITS_LONG))
    steered.wait_for("web", "up")
    steered.wait_for("a-very-long-name-of-a-service", "backoff")
    heading, *rows = steered.ctl("status").out.lines()
    for row in rows:
        assert [row[heading.index(word) - 1] for word in ("STATE", "HEALTH", "UPTIME")] == [" "] * 3
    assert rows[1][heading.index("LAST"):] == "exit code 3"


def test_without_a_terminal_nothing_is_in_colour(steer_not_pid_1):
    assert "\x1b" not in steer_not_pid_1(STAYS).ctl("status").out.text()


@pytest.mark.parametrize("names, shown", [
    (["web"], ["web"]),
    (["w"], ["w@1", "w@2", "w@3"]),
    (["w@2", "web"], ["w@2", "web"]),
    (["all"], ["web", "w@1", "w@2", "w@3"]),
    ([], ["web", "w@1", "w@2", "w@3"]),
])
def test_status_shows_those_that_are_named(steer_not_pid_1, names, shown):
    steered = steer_not_pid_1(STAYS + service("w", "PROBE runs HERE/%i stay", "instances = 3"))
    steered.wait_for_all()
    assert [line.split()[0] for line in steered.ctl("status", *names).out.lines()[1:]] == shown
    assert list(steered.status(*names)) == shown


def test_json_has_every_field_of_its_type_a_line_each_service(steer):
    steered = steer(service("web", "PROBE runs HERE/web stay", "main = yes") + crashed("bad"))
    steered.wait_for("web", "up")
    steered.wait_for("bad", "backoff")
    lines = steered.ctl("status", "--json").out.lines()
    assert len(lines) == 2
    for line in lines:
        found = json.loads(line)
        assert set(found) == set(STATUS_TYPES)
        for name, kind in STATUS_TYPES.items():
            assert isinstance(found[name], kind), (name, found)
    web, bad = map(json.loads, lines)
    assert (web["state"], web["wanted"], web["health"], web["main"]) == ("up", "up", "none", True)
    assert (web["exit_code"], web["signal"], web["reason"]) == (None, None, None)
    assert is_alive(steered.run.outer(web["pid"]))
    assert (bad["pid"], bad["uptime_s"], bad["restarts"], bad["exit_code"]) == (None, None, 1, 7)


def test_json_tells_a_signal_by_its_name_and_no_code(steer_as_pid_1):
    steered = steer_as_pid_1(service("web", "PROBE die 11", WAITS_LONG))
    steered.wait_for("web", "backoff")
    web = steered.status()["web"]
    assert (web["signal"], web["exit_code"]) == ("SEGV", None)
    assert steered.ctl("status").out.lines()[1].endswith("  killed by SIGSEGV")


def test_json_tells_why_a_service_could_not_be_started(steer_as_pid_1):
    steered = steer_as_pid_1(STAYS + service("bad", "HERE/missing", "essential = no"))
    steered.wait_for("bad", "failed")
    bad = steered.status()["bad"]
    assert (bad["error"], bad["exit_code"]) == ("No such file or directory (exec)", 127)
    assert steered.ctl("status").out.lines()[2].endswith("  cannot start: No such file or directory (exec)")


def test_a_name_with_control_characters_cannot_reach_the_terminal(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("status", "\x1b[31mweb")
    assert run.code == 4
    assert "\x1b" not in run.err.text() + run.out.text()


def test_the_exit_code_of_status_is_0_where_all_is_as_wanted(steer):
    steered = steer(STAYS + service("job", "true", "type = oneshot") + service("off", "true", "start = no"))
    steered.wait_for("job", "done")
    steered.wait_for("web", "up")
    assert steered.ctl("status").code == 0


def test_the_exit_code_of_status_is_3_where_something_is_not_as_wanted(steer):
    steered = steer(STAYS + crashed("bad") + service("failed", "false", "restart = no", "essential = no"))
    steered.wait_for("web", "up")
    steered.wait_for("bad", "backoff")
    steered.wait_for("failed", "failed")
    assert [steered.ctl("status", *names).code for names in (["web"], ["bad"], ["failed"], [])] == [0, 3, 3, 3]
    assert steered.ctl("status", "--json").code == 3


def test_the_exit_code_of_status_is_4_for_an_unknown_name(steer):
    run = steer(STAYS).ctl("status", "web", "wbe")
    assert run.code == 4
    assert run.err.lines() == ["reevectl: there is no service 'wbe'"]
    assert run.out.text() == ""


def test_one_that_was_stopped_by_hand_is_as_wanted(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS)
    steered.done("stop", "web")
    assert steered.ctl("status").code == 0
    web = steered.status()["web"]
    assert (web["state"], web["wanted"], web["reason"]) == ("down", "down", "by-hand")


def test_restarts_are_counted_from_the_last_start_by_hand(steer_as_pid_1):
    steered = steer_as_pid_1(service("web", "PROBE runs HERE/web 1 1 stay", "restart-delay = 1ms"))
    wait_for_runs(steered.folder / "web", 3)
    steered.wait_for("web", "up")
    assert steered.status()["web"]["restarts"] == 2
    steered.done("restart", "web")
    assert steered.status()["web"]["restarts"] == 0


# -- stop


def test_stop_waits_until_the_service_is_down(steer):
    steered = steer(service("web", asked("web", "sleep 0.3; echo > HERE/through")))
    wait_until_ready(steered.run)
    steered.done("stop", "web")
    assert (steered.folder / "through").exists()
    assert steered.states() == {"web": "down"}


def test_a_stopped_service_stays_down_and_reeve_goes_on(steer):
    steered = steer(service("web", "PROBE runs HERE/web stay", "restart = always", "restart-delay = 1ms") + OTHER)
    wait_for_runs(steered.folder / "web", 1)
    steered.done("stop", "web")
    steered.done("restart", "db")  # something that happened meanwhile
    assert steered.states() == {"web": "down", "db": "up"}
    assert len(stamps(steered.folder / "web")) == 1


def test_a_stopped_only_service_does_not_end_the_container(steer):
    steered = steer(STAYS)
    steered.done("stop", "web")
    assert steered.run.is_running()
    steered.done("start", "web")
    assert steered.states() == {"web": "up"}


@pytest.mark.parametrize("command, settings", [("PROBE runs HERE/web stay", []), (DEAF, ["stop-timeout = 50ms"])],
                         ids=["asked", "killed"])
def test_a_stopped_main_service_does_not_end_the_container(steer, command, settings):
    steered = steer(service("web", command, "main = yes", *settings) + OTHER)
    steered.wait_for_all()
    steered.done("stop", "web")
    assert steered.run.is_running()
    assert steered.states() == {"web": "down", "db": "up"}
    steered.done("start", "web")
    assert steered.states() == {"web": "up", "db": "up"}


def test_stop_ends_a_backoff(steer):
    steered = steer(crashed() + OTHER)
    steered.wait_for("web", "backoff")
    steered.done("stop", "web")
    web = steered.status("web")["web"]
    assert (web["state"], web["wanted"]) == ("down", "down")
    assert steered.run.is_running()


def test_stop_of_one_that_is_down_or_failed_is_done_at_once(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS + service("bad", "false", "restart = no", "essential = no") +
                              service("off", "true", "start = no"))
    steered.wait_for("bad", "failed")
    steered.done("stop", "bad", "off")


def test_stop_goes_against_the_start_order_whatever_the_order_of_the_names(steer):
    steered = steer(service("db", asked("db")) + service("web", asked("web"), "after = db"))
    wait_until_ready(steered.run, 2)
    steered.done("stop", "db", "web")
    wait_until(lambda: steered.run.out.read_available() or len(told(steered.run)) == 4, "both have told")
    assert told(steered.run) == ["web asked", "web leaves", "db asked", "db leaves"]


def test_stop_of_one_instance_leaves_the_others(steer_not_pid_1):
    steered = steer_not_pid_1(service("w", "PROBE runs HERE/%i stay", "instances = 3"))
    steered.wait_for_all()
    steered.done("stop", "w@2")
    assert steered.states() == {"w@1": "up", "w@2": "down", "w@3": "up"}
    steered.done("stop", "w")
    assert set(steered.states().values()) == {"down"}


def test_an_unknown_name_among_several_leaves_all_as_they_are(steer):
    steered = steer(STAYS + OTHER)
    steered.wait_for_all()
    pids = steered.pids()
    for command in ("stop", "restart", "signal"):
        words = ["TERM"] if command == "signal" else []
        run = steered.ctl(command, *words, "web", "nobody", "db")
        assert (run.code, run.err.lines()) == (4, ["reevectl: there is no service 'nobody'"])
    assert steered.pids() == pids
    assert steered.states() == {"web": "up", "db": "up"}


def test_stop_that_does_not_wait_is_answered_while_it_goes_on(steer_as_pid_1):
    steered = steer_as_pid_1(DEAF_WEB)
    wait_until_ready(steered.run)
    steered.done("stop", "--no-wait", "web")
    assert steered.run.received() == signal.SIGTERM
    assert steered.states() == {"web": "stopping"}
    kill_service(steered, "web")
    steered.wait_for("web", "down")


def test_a_timeout_is_the_end_of_the_wait_and_of_nothing_else(steer):
    steered = steer(DEAF_WEB)
    wait_until_ready(steered.run)
    run = steered.ctl("stop", "web", "--timeout", "300ms")
    assert run.code == 124
    assert run.err.lines() == ["reevectl: not done within 300ms; what was asked for goes on"]
    assert steered.states() == {"web": "stopping"}
    kill_service(steered, "web")
    steered.wait_for("web", "down")


def test_two_who_wait_for_one_stop_are_both_answered(steer_as_pid_1):
    steered = steer_as_pid_1(DEAF_WEB)
    wait_until_ready(steered.run)
    first, second = steered.begin("stop", "web"), steered.begin("stop", "web")
    steered.wait_for("web", "stopping")
    kill_service(steered, "web")
    assert (first.wait(), second.wait()) == (0, 0)


# -- start


def test_start_waits_until_the_program_runs(steer):
    steered = steer(service("web", "PROBE runs HERE/web stay", "start = no") + OTHER)
    assert steered.states("web") == {"web": "down"}
    steered.done("start", "web")
    assert steered.states("web") == {"web": "up"}


def test_start_waits_until_a_oneshot_is_done(steer):
    steered = steer(service("job", "PROBE runs HERE/job +300:0", "start = no", "type = oneshot") + OTHER)
    steered.done("start", "job")
    assert steered.states("job") == {"job": "done"}


def test_start_runs_a_oneshot_once_more(steer_not_pid_1):
    steered = steer_not_pid_1(service("job", "PROBE runs HERE/job 0", "type = oneshot") + OTHER)
    steered.wait_for("job", "done")
    steered.done("start", "job")
    assert len(stamps(steered.folder / "job")) == 2


def test_a_start_that_fails_says_why(steer):
    steered = steer(service("bad", "HERE/missing", "essential = no", "start = no") + STAYS)
    run = steered.ctl("start", "bad", "web")
    assert run.code == 1
    assert run.err.lines() == ["reevectl: bad: failed, cannot start: No such file or directory (exec)"]


def test_a_oneshot_that_fails_is_a_start_that_failed(steer_not_pid_1):
    steered = steer_not_pid_1(service("bad", "PROBE exit 5", "type = oneshot", "essential = no", "start = no") + STAYS)
    run = steered.ctl("start", "bad")
    assert (run.code, run.err.lines()) == (1, ["reevectl: bad: failed, exit code 5"])


def test_start_of_one_that_runs_leaves_it_as_it_is(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS)
    steered.wait_for("web", "up")
    pids = steered.pids()
    steered.done("start", "web")
    assert steered.pids() == pids


def test_start_ends_a_backoff(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "PROBE runs HERE/web 1 stay", WAITS_LONG))
    steered.wait_for("web", "backoff")
    steered.done("start", "web")
    assert steered.states() == {"web": "up"}


def test_start_while_a_stop_goes_on_starts_it_when_it_is_down(steer_as_pid_1):
    steered = steer_as_pid_1(DEAF_WEB)
    wait_until_ready(steered.run)
    before = steered.pids()["web"]
    steered.done("stop", "--no-wait", "web")
    starting = steered.begin("start", "web")
    wait_until(lambda: steered.status()["web"]["wanted"] == "up", "the start was heard")
    assert steered.states() == {"web": "stopping"}
    os.kill(steered.run.outer(before), signal.SIGKILL)
    assert starting.wait() == 0
    assert steered.states() == {"web": "up"}
    steered.run.ready()
    kill_service(steered, "web")
    steered.done("stop", "--no-wait", "web")
    steered.wait_for("web", "down")


def test_nothing_is_started_once_reeve_is_stopping(steer_as_pid_1):
    steered = steer_as_pid_1(DEAF_WEB + service("off", "true", "start = no"), settings="shutdown-timeout = 10m\n")
    wait_until_ready(steered.run)
    steered.run.signal(signal.SIGTERM)
    steered.wait_for("web", "stopping")
    run = steered.ctl("start", "off")
    assert (run.code, run.err.lines()) == (1, ["reevectl: reeve is stopping"])
    kill_service(steered, "web")
    assert steered.run.wait() == 137


def test_a_container_in_which_nothing_starts_waits_for_a_hand(steer):
    steered = steer(service("web", "PROBE runs HERE/web stay", "start = no"))
    assert steered.run.is_running()
    steered.done("start", "web")
    assert steered.states() == {"web": "up"}


# -- restart


def test_restart_runs_it_anew_with_another_pid(steer):
    steered = steer(STAYS + OTHER)
    steered.wait_for_all()
    before = steered.pids()
    old = steered.run.outer(before["web"])
    steered.done("restart", "web")
    after = steered.pids()
    assert not is_alive(old)
    assert after["web"] not in (None, before["web"])
    assert after["db"] == before["db"]


def test_restart_of_all_goes_down_backwards_and_up_in_start_order(steer):
    steered = steer(service("web", asked("web"), "after = db") + service("db", asked("db")))
    wait_until_ready(steered.run, 2)
    steered.done("restart", "all")
    wait_until_ready(steered.run, 2)
    assert told(steered.run) == ["web asked", "web leaves", "db asked", "db leaves"]
    started = [line.split(":")[1].strip() for line in steered.run.err.lines() if "started, pid" in line]
    assert started == ["db", "web", "db", "web"]


def test_restart_starts_what_was_down(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "PROBE runs HERE/web stay", "start = no"))
    steered.done("restart", "web")
    assert steered.states() == {"web": "up"}


# -- shutdown


def test_shutdown_ends_reeve_as_a_stop_signal_would(steer):
    steered = steer(service("web", asked("web", "exit 0")))
    wait_until_ready(steered.run)
    steered.done("shutdown")
    assert steered.run.wait() == 0
    assert told(steered.run) == ["web asked"]
    assert "reeve: stopping: asked to by reevectl" in steered.run.err.lines()


# -- signal


@pytest.mark.parametrize("written", ["USR1", "SIGUSR1", "10"])
def test_signal_sends_it_to_those_that_are_named(steer, written):
    steered = steer("".join(service(name, "PROBE signals 2") for name in "abc"))
    wait_until_ready(steered.run, 3)
    steered.done("signal", written, "a", "b")
    assert [steered.run.received(), steered.run.received()] == [signal.SIGUSR1] * 2
    assert steered.stop() == 0
    assert len([line for line in steered.run.out.lines() if line.startswith("signal 10 ")]) == 2


def test_a_signal_that_is_none_is_quoted(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("signal", "FOO", "web")
    assert (run.code, run.err.lines()) == (1, ["reevectl: 'FOO' is no signal"])


@pytest.mark.parametrize("written, shown", [("HUP\nstop db", "HUP\\nstop db"), ("USR1 db", "USR1 db"), ("", ""), ("USR1\r", "USR1\\r")])
def test_nothing_else_is_asked_for_by_way_of_a_signal(steer_not_pid_1, written, shown):
    steered = steer_not_pid_1("".join(service(name, "sleep 1000") for name in ("web", "db")))
    steered.wait_for_all()
    run = steered.ctl("signal", written, "web")
    assert (run.code, run.err.lines()) == (1, [f"reevectl: '{shown}' is no signal"])
    assert steered.states() == {"web": "up", "db": "up"}


def test_a_signal_for_one_that_does_not_run_fails_and_the_others_get_it(steer_not_pid_1):
    steered = steer_not_pid_1(service("off", "true", "start = no") + service("a", "PROBE signals 2"))
    wait_until_ready(steered.run)
    run = steered.ctl("signal", "USR1", "off", "a")
    assert (run.code, run.err.lines()) == (1, ["reevectl: off: does not run"])
    assert steered.run.received() == signal.SIGUSR1


# -- health


def health(steered, *words):
    return steered.ctl("health", *words).code


def test_all_is_well_while_the_essential_services_are_up_and_oneshots_done(steer):
    steered = steer(STAYS + service("job", "true", "type = oneshot"))
    steered.wait_for("web", "up")
    steered.wait_for("job", "done")
    assert [health(steered, *words) for words in ([], ["--live"], ["--ready"], ["web"])] == [0, 0, 0, 0]


def test_a_service_that_waits_for_its_restart_lives_and_does_not_serve(steer):
    steered = steer(STAYS + crashed("bad"))
    steered.wait_for("web", "up")
    steered.wait_for("bad", "backoff")
    run = steered.ctl("health")
    assert (run.code, run.out.lines()) == (1, ["bad: backoff, exit code 7"])
    assert [health(steered, *words) for words in (["--live"], ["--ready"], ["web"], ["bad"])] == [0, 1, 0, 1]


def test_the_failure_of_one_that_is_not_essential_counts_where_it_is_named(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS + service("bad", "false", "restart = no", "essential = no"))
    steered.wait_for("web", "up")
    steered.wait_for("bad", "failed")
    assert [health(steered, *words) for words in ([], ["--live"], ["--ready"])] == [0, 0, 0]
    assert [health(steered, *words) for words in (["bad"], ["--live", "bad"], ["web"])] == [1, 1, 0]


def test_a_service_that_is_stopped_by_hand_does_not_serve(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS)
    steered.done("stop", "web")
    assert [health(steered, *words) for words in ([], ["--ready"], ["--live"])] == [1, 1, 0]


def test_a_service_that_nobody_has_started_yet_does_not_count_unless_it_is_named(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS + service("tool", "sleep 1000", "start = no"))
    steered.wait_for("web", "up")
    assert [health(steered, *words) for words in ([], ["--ready"], ["tool"])] == [0, 0, 1]
    steered.done("start", "tool")
    steered.done("stop", "tool")
    assert [health(steered, *words) for words in ([], ["--ready"])] == [1, 1]


def test_health_of_an_unknown_name_is_no_health(steer_not_pid_1):
    assert health(steer_not_pid_1(STAYS), "nobody") == 4


# -- events


def follow(steered, *words):
    """reevectl that follows events, once it is known to."""
    following = steered.begin("events", *words)
    wait_until(lambda: steered.run.is_running() and follows(steered, following), "events are followed")
    return following


def follows(steered, following):
    steered.ctl("stop", "mark")
    steered.done("start", "mark")
    following.out.read_available()
    return "mark" in following.out.text()


MARK = service("mark", "PROBE runs HERE/mark stay")


def changes(following, name):
    """What it said of one service so far."""
    following.out.read_available()
    return [line.split(f" {name}: ", 1)[1] for line in following.out.lines() if f" {name}: " in line]


def test_events_are_a_line_for_each_change(steer):
    steered = steer(STAYS + MARK)
    steered.wait_for_all()
    following = follow(steered)
    old = steered.pids("web")["web"]
    steered.done("restart", "web")
    new = steered.pids("web")["web"]
    following.line_matching(f" web: up, pid {new}$")
    assert changes(following, "web") == [
        f"stopping, pid {old}", "down, killed by SIGTERM", "waiting", "starting", f"up, pid {new}"]
    for line in following.out.lines():
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+: ", line)
    assert steered.stop() == 0
    assert following.wait() == 2


def test_an_event_says_nothing_of_the_run_before(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS + MARK)
    steered.wait_for_all()
    steered.done("restart", "web")
    following = follow(steered)
    pid = steered.pids("web")["web"]
    steered.done("stop", "web")
    following.line_matching(" web: down")
    assert changes(following, "web") == [f"stopping, pid {pid}", "down, killed by SIGTERM"]
    assert steered.stop() == 0
    assert following.wait() == 2


def test_events_in_json_have_a_time_and_all_that_status_has(steer):
    steered = steer(STAYS + MARK)
    steered.wait_for_all()
    following = follow(steered, "--json")
    steered.done("stop", "web")
    following.line_matching('"web","state":"down"')
    found = [json.loads(line) for line in following.out.lines()]
    for event in found:
        assert set(event) == {"ts", *STATUS_TYPES}
    assert [event["state"] for event in found if event["name"] == "web"] == ["stopping", "down"]
    assert steered.stop() == 0
    assert following.wait() == 2


def test_who_follows_events_sees_the_end_and_is_told_that_reeve_is_gone(steer):
    steered = steer(STAYS + MARK)
    steered.wait_for_all()
    following = follow(steered)
    assert steered.stop() == 0
    assert following.wait() == 2
    assert changes(following, "web")[-1] == "down, killed by SIGTERM"
    assert following.err.lines() == ["reevectl: reeve has closed the connection"]


# -- graph


ORDERED = service("web", "PROBE runs HERE/web stay", "after = db cache") + OTHER + service("cache", "sleep 1000", "after = db")


def test_graph_shows_in_start_order_who_waits_for_whom(steer):
    steered = steer(ORDERED)
    assert steered.done("graph") == ["db", "cache", "    after db", "web", "    after db", "    after cache"]


def test_graph_can_be_drawn(steer_not_pid_1):
    steered = steer_not_pid_1(ORDERED)
    assert steered.done("graph", "--dot") == [
        "digraph reeve {", '    "db";', '    "cache";', '    "cache" -> "db" [style=dashed];', '    "web";',
        '    "web" -> "db" [style=dashed];', '    "web" -> "cache" [style=dashed];', "}"]


def test_graph_in_json_is_a_service_or_an_edge_a_line(steer_not_pid_1):
    steered = steer_not_pid_1(ORDERED)
    assert [json.loads(line) for line in steered.done("graph", "--json")][:3] == [
        {"service": "db"}, {"service": "cache"}, {"service": "cache", "after": "db", "condition": None}]


# -- the command line


@pytest.mark.parametrize("words, said", [
    ([], "no command, see reevectl --help"),
    (["begin"], "unknown command 'begin', see reevectl --help"),
    (["start"], "start needs names of services"),
    (["signal"], "signal needs a signal and names of services"),
    (["signal", "USR1"], "signal needs names of services"),
    (["reload", "web"], "'reload' takes no names"),
    (["status", "--dot"], "'status' takes no such option"),
    (["health", "--no-wait"], "'health' takes no such option"),
    (["stop", "web", "--timeout", "soon"], "--timeout: 'soon' is no duration, expected for example 500ms, 10s or 1m30s"),
])
def test_a_wrong_call_fails_and_says_what_is_wrong(steer_not_pid_1, words, said):
    steered = steer_not_pid_1(STAYS)
    run = steered.ctl(*words)
    assert (run.code, run.out.text(), run.err.lines()) == (1, "", [f"reevectl: {said}"])
    steered.wait_for("web", "up")


def test_a_wrong_option_fails_and_points_to_the_help(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("--nonsense")
    assert run.code == 1
    assert run.err.lines()[-1] == "reevectl: see reevectl --help"


def test_a_name_that_cannot_be_one_is_unknown(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("stop", "we b\nshutdown")
    assert run.code == 4
    assert run.err.lines() == ["reevectl: there is no service 'we b\\nshutdown'"]


def test_a_name_that_looks_like_an_option_is_a_name(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("stop", "--", "--no-wait")
    assert (run.code, run.err.lines()) == (4, ["reevectl: there is no service '--no-wait'"])


def test_more_names_than_fit_into_a_request_are_refused(steer_not_pid_1):
    run = steer_not_pid_1(STAYS).ctl("status", *["web"] * 2000)
    assert (run.code, run.err.lines()) == (1, ["reevectl: too many names, expected fewer of them or 'all'"])


def test_the_help_has_every_command_and_option(reeve_not_pid_1):
    run = reeve_not_pid_1.beside(REEVECTL, "--help")
    assert run.wait() == 0
    for word in ("status", "start", "stop", "restart", "signal", "reload", "reload-service", "health", "events", "top",
                 "graph", "shutdown"):
        assert re.search(rf"^  {word} ", run.out.text(), re.MULTILINE)
    for word in ("--socket", "--json", "--no-wait", "--timeout", "--live", "--ready", "--dot", "--version"):
        assert f"  {word} " in run.out.text()


def test_an_output_that_takes_nothing_is_a_failure(steer_not_pid_1):
    steered = steer_not_pid_1(STAYS)
    with open("/dev/full", "w") as full:
        run = steered.reeve.beside(REEVECTL, "--socket", str(steered.path), "graph", stdout=full)
        assert run.wait() == 1


# -- which socket


def ask(reeve, *words, env=None):
    run = reeve.beside(REEVECTL, *words, env=env)
    run.wait()
    return run


def test_REEVE_CONTROL_names_the_socket_and_an_option_wins_over_it(steer_not_pid_1, reeve_not_pid_1):
    steered = steer_not_pid_1(STAYS)
    here, elsewhere = str(steered.path), str(steered.folder / "elsewhere")
    assert ask(reeve_not_pid_1, "graph", env={"REEVE_CONTROL": here}).out.lines() == ["web"]
    assert ask(reeve_not_pid_1, "graph", env={"REEVE_CONTROL": elsewhere}).code == 2
    assert ask(reeve_not_pid_1, "--socket", here, "graph", env={"REEVE_CONTROL": elsewhere}).out.lines() == ["web"]
    assert ask(reeve_not_pid_1, "--socket", elsewhere, "graph", env={"REEVE_CONTROL": here}).code == 2


def test_a_service_can_ask_reevectl(steer):
    steered = steer(service("job", f"sh -c '{REEVECTL} restart web && {REEVECTL} status --json > HERE/seen; true'",
                            "type = oneshot", "after = web") + STAYS)
    steered.wait_for("job", "done")
    seen = [json.loads(line) for line in (steered.folder / "seen").read_text().splitlines()]
    assert {service["name"]: service["state"] for service in seen} == {"job": "starting", "web": "up"}


def reported_control(reeve, folder, settings, *words, env=None):
    """REEVE_CONTROL in the environment of a service."""
    (folder / "reeve.ini").write_text(f"[reeve]\n{settings}\n[service job]\ntype = oneshot\n"
                                      f"command = {PROBE} report {folder}/report\n")
    run = reeve.finished("-c", str(folder / "reeve.ini"), *words, env=env)
    assert run.code == 0, run.err.text()
    environment = json.loads((folder / "report").read_text())["environment"]
    return [text for text in environment if text.startswith("REEVE_CONTROL=")], run


def test_children_are_told_where_the_socket_is(reeve, tmp_path):
    for env in ({}, {"REEVE_CONTROL": "/outer"}):
        found, _ = reported_control(reeve, tmp_path, f"control = {tmp_path}/control", env=env)
        assert found == [f"REEVE_CONTROL={tmp_path}/control"]


def test_without_a_socket_children_are_told_of_none(reeve, tmp_path):
    found, run = reported_control(reeve, tmp_path, "control = none")
    assert found == []
    assert "control" not in run.err.text()
    assert not (tmp_path / "control").exists()


def test_no_service_inherits_the_socket(reeve_as_pid_1, tmp_path):
    reported_control(reeve_as_pid_1, tmp_path, f"control = {tmp_path}/control")
    assert json.loads((tmp_path / "report").read_text())["fds"] == [0, 1, 2]


# -- one command


def test_one_command_has_no_socket(reeve, tmp_path):
    run = reeve(PROBE, "report", str(tmp_path / "report"), PROBE, "signals", env={"REEVE_CONTROL": "/outer"})
    run.ready()
    sockets = [name for name in os.listdir(f"/proc/{run.pid}/fd") if "socket" in os.readlink(f"/proc/{run.pid}/fd/{name}")]
    assert sockets == []
    assert "REEVE_CONTROL=/outer" in json.loads((tmp_path / "report").read_text())["environment"]
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_one_command_has_a_socket_where_it_is_asked_for(reeve, tmp_path):
    path = tmp_path / "control"
    run = reeve("-o", f"control={path}", PROBE, "report", "-", PROBE, "signals")
    assert f"REEVE_CONTROL={path}" in run.report()["environment"]
    run.ready()
    status = ask(reeve, "--socket", str(path), "status", "--json")
    assert (status.code, json.loads(status.out.text())["state"]) == (0, "up")
    assert ask(reeve, "--socket", str(path), "signal", "USR1", "probe").code == 0
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0
    assert not path.exists()


# -- not reachable


def not_reached(reeve, path, *words):
    """What is said of it, which ends with 2."""
    run = ask(reeve, "--socket", str(path), *words)
    assert (run.code, run.out.text()) == (2, "")
    line, = run.err.lines()
    assert line.startswith(f"reevectl: cannot reach reeve: {path}: ")
    return line


def unreachable(reeve, path):
    """The same; a health check that cannot ask is one that failed, which is 1."""
    well = ask(reeve, "--socket", str(path), "health")
    assert (well.code, well.out.text()) == (1, "")
    line = not_reached(reeve, path, "status")
    assert well.err.lines() == [line]
    return line


def test_where_nothing_is_there_it_says_how_to_name_the_socket(reeve_not_pid_1, tmp_path):
    line = unreachable(reeve_not_pid_1, tmp_path / "control")
    assert "No such file or directory" in line
    assert "--socket" in line and "REEVE_CONTROL" in line


def test_a_socket_that_nobody_listens_on_any_more_is_named(reeve_not_pid_1, tmp_path):
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(tmp_path / "control"))
    stale.close()
    line = unreachable(reeve_not_pid_1, tmp_path / "control")
    assert "Connection refused (no reeve listens there any more)" in line


def test_a_file_that_is_no_socket_is_named(reeve_not_pid_1, tmp_path):
    (tmp_path / "control").write_text("words")
    assert "Connection refused" in unreachable(reeve_not_pid_1, tmp_path / "control")


def test_a_path_that_is_too_long_is_named(reeve_not_pid_1, tmp_path):
    for command, code in (("status", 2), ("health", 1)):
        run = ask(reeve_not_pid_1, "--socket", f"{tmp_path}/{'x' * 200}", command)
        assert run.code == code
        line, = run.err.lines()
        assert line.startswith(f"reevectl: cannot reach reeve: {tmp_path}/xxx")
        assert "xxx: the path of a socket cannot be so long (see --socket" in line


def test_who_may_not_write_to_the_socket_is_told_who_may(steer_not_pid_1, public_path):
    steered = steer_not_pid_1(STAYS)
    copy = shutil.copy(REEVECTL, public_path / "reevectl")
    run = steered.reeve.beside("setpriv", "--reuid", "65534", "--clear-groups", copy, "--socket", str(steered.path), "status")
    assert run.wait() == 2
    assert run.err.lines() == [f"reevectl: cannot reach reeve: {steered.path}: Permission denied "
                               "(only root and the user that reeve runs as are let in)"]


@pytest.fixture
def impostor(tmp_path):
    """Listens where reeve should, and does with each client what it is told to."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "control"))
    listener.listen()

    def serve(treat):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(ConnectionError):  # it need not stay until we are done
                treat(client)

    def start(treat):
        threads.append(threading.Thread(target=serve, args=[treat]))
        threads[0].start()
        return tmp_path / "control"

    threads = []
    yield start
    listener.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join()
    listener.close()


def test_one_that_never_answers_is_waited_for_until_the_timeout(reeve_not_pid_1, impostor):
    path = impostor(lambda client: client.recv(65536) and client.recv(65536))
    line = not_reached(reeve_not_pid_1, path, "stop", "web", "--timeout", "200ms")
    assert "does not answer" in line


def test_one_that_has_no_room_for_more_is_waited_for_until_the_timeout(reeve_not_pid_1, tmp_path):
    path = tmp_path / "control"
    with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as first:
        listener.bind(str(path))
        listener.listen(0)
        first.connect(str(path))
        line = not_reached(reeve_not_pid_1, path, "stop", "web", "--timeout", "200ms")
    assert "does not answer" in line


@pytest.mark.parametrize("garbage", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\xff\n", b"{}\n", b"x" * 100000],
                         ids=["http", "binary", "empty", "long"])
def test_one_that_answers_something_else_is_no_reeve(reeve_not_pid_1, impostor, garbage):
    def answer(client):
        client.recv(65536)
        client.sendall(garbage)

    unreachable(reeve_not_pid_1, impostor(answer))


def test_one_that_closes_the_connection_is_no_reeve(reeve_not_pid_1, impostor):
    assert "closed the connection" in unreachable(reeve_not_pid_1, impostor(lambda client: client.recv(65536)))

"""Services that say again and again that they are well, and what follows where one does not."""

import signal

import pytest

from service_report import read_report, variables
from services import finished, said_of, stamps, start
from stopping import service

STAYS = "PROBE signals"
NEVER = "restart = no"
LAX = "essential = no"
SAYS_SO = "sh -c 'while PROBE notify WATCHDOG=1; do sleep 0.05; done'"


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def is_found_silent(run, name, time):
    run.message(rf"reeve: {name}: no WATCHDOG=1 within {time}, stopping it$")


def test_one_that_falls_silent_is_stopped_and_has_failed(reeve, tmp_path):
    run = finished(reeve, tmp_path, service("web", "PROBE signals 1 0", "watchdog = 1s", NEVER))
    assert run.code == 1
    assert run.received() == signal.SIGTERM
    assert said_of(run, "web")[1:] == ["no WATCHDOG=1 within 1s, stopping it", "failed: exited with code 0"]


def test_one_that_says_that_it_is_well_goes_on(reeve_not_pid_1, tmp_path):
    text = service("well", SAYS_SO, "watchdog = 4s") + service("silent", STAYS, "watchdog = 5s", NEVER, LAX)
    run = start(reeve_not_pid_1, tmp_path, text)
    is_found_silent(run, "silent", "5s")
    assert len(said_of(run, "well")) == 1
    assert stop(run) in (0, 143)


def test_the_policy_decides_what_follows(reeve_not_pid_1, tmp_path):
    settings = ["watchdog = 300ms", "restart = on-failure:2", "restart-delay = 1ms"]
    run = finished(reeve_not_pid_1, tmp_path, service("web", "sleep 1000", *settings))
    assert said_of(run, "web").count("no WATCHDOG=1 within 300ms, stopping it") == 3
    assert said_of(run, "web")[-1].endswith("gave up after 2 restarts")


def test_the_reason_is_told(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "sleep 1000", "watchdog = 100ms", NEVER, LAX) + service("db", "sleep 1000"))
    steered.wait_for("web", "failed")
    assert steered.status("web")["web"]["reason"] == "watchdog"


def test_the_environment_says_how_often_and_to_whom(reeve, tmp_path):
    text = service("web", f"PROBE report HERE/web {STAYS}", "watchdog = 1m") + service("db", f"PROBE report HERE/db {STAYS}")
    run = start(reeve, tmp_path, text, env={"WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "NOTIFY_SOCKET": "/outer"})
    for _ in range(2):
        run.ready()
    web, db = read_report(tmp_path, "web"), read_report(tmp_path, "db")
    assert (variables(web)["WATCHDOG_USEC"], variables(web)["WATCHDOG_PID"]) == ("60000000", str(web["pid"]))
    assert variables(web)["NOTIFY_SOCKET"] != "/outer"
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & variables(db).keys()
    assert stop(run) == 0


def test_a_daemon_is_not_told_that_the_watchdog_is_for_its_launcher(reeve, tmp_path):
    command = f"PROBE fork 0 PROBE report HERE/web {STAYS} 1"
    run = start(reeve, tmp_path, service("web", command, "type = forking", "watchdog = 1m"))
    run.ready()
    web = variables(read_report(tmp_path, "web"))
    assert (web["WATCHDOG_USEC"], web.get("WATCHDOG_PID")) == ("60000000", None)
    run.message("^reeve: web: started, pid ")
    stop(run)


def test_it_counts_from_when_it_is_ready(reeve_not_pid_1, tmp_path):
    text = service("web", f"sh -c 'until test -e HERE/go; do sleep 0.01; done; PROBE notify READY=1; exec {STAYS}'",
                   "ready = notify", "watchdog = 100ms", NEVER, LAX) + \
        service("silent", "sleep 1000", "watchdog = 400ms", NEVER, LAX) + service("db", "sleep 1000")
    run = start(reeve_not_pid_1, tmp_path, text)
    is_found_silent(run, "silent", "400ms")
    assert len(said_of(run, "web")) == 1
    (tmp_path / "go").touch()
    is_found_silent(run, "web", "100ms")
    assert stop(run) == 0


def test_one_may_say_that_it_is_not_well(reeve, tmp_path):
    command = "sh -c '(until test -e HERE/go; do sleep 0.01; done; PROBE notify WATCHDOG=trigger) & exec PROBE signals 1 5'"
    run = start(reeve, tmp_path, service("web", command, "watchdog = 1h", NEVER))
    run.ready()
    (tmp_path / "go").touch()
    assert run.wait() == 5
    assert said_of(run, "web")[1:] == ["says WATCHDOG=trigger, stopping it", "failed: exited with code 5"]


def test_one_may_say_how_often_it_will(reeve_not_pid_1, tmp_path):
    run = finished(reeve_not_pid_1, tmp_path, service("web", f"PROBE notify WATCHDOG_USEC=100000 {STAYS}", "watchdog = 1h", NEVER))
    assert "no WATCHDOG=1 within 100ms, stopping it" in said_of(run, "web")


def test_one_that_can_notify_may_begin_a_watchdog_by_itself(reeve_not_pid_1, tmp_path):
    command = f"PROBE notify READY=1 PROBE notify WATCHDOG_USEC=100000 {STAYS}"
    run = finished(reeve_not_pid_1, tmp_path, service("web", command, "ready = notify", NEVER))
    assert "no WATCHDOG=1 within 100ms, stopping it" in said_of(run, "web")


def test_who_asks_for_more_time_has_it(reeve_not_pid_1, tmp_path):
    hours = 3600 * 1000000
    text = service("slow", f"PROBE notify EXTEND_TIMEOUT_USEC={hours} {STAYS}", "watchdog = 2s") + \
        service("silent", STAYS, "watchdog = 3s", NEVER, LAX)
    run = start(reeve_not_pid_1, tmp_path, text)
    is_found_silent(run, "silent", "3s")
    assert len(said_of(run, "slow")) == 1
    assert stop(run) == 0


def test_what_is_said_of_readiness_counts_only_where_that_is_asked(reeve_not_pid_1, tmp_path):
    settings = ["ready = exec:PROBE runs HERE/tries 1 1 1 0", "watchdog = 1h"]
    run = start(reeve_not_pid_1, tmp_path, service("web", f"PROBE notify READY=1 {STAYS}", *settings))
    run.message("reeve: web: up after ")
    assert len(stamps(tmp_path / "tries")) == 4
    run.ready()
    assert stop(run) == 0


@pytest.mark.parametrize("words", ["PROBE line-on 3 PROBE notify WATCHDOG_USEC=200000", "PROBE notify WATCHDOG_USEC=200000 PROBE line-on 3"],
                         ids=["line-first", "watchdog-first"])
def test_one_may_write_a_line_and_have_a_watchdog(reeve, tmp_path, words):
    run = finished(reeve, tmp_path, service("web", f"{words} {STAYS}", "ready = fd:3", "watchdog = 1h", NEVER))
    assert [line.split()[0] for line in said_of(run, "web")] == ["started,", "up", "no", "failed:"]


def test_the_command_alone_can_have_one(reeve_not_pid_1):
    run = reeve_not_pid_1("-v", "-o", "watchdog=100ms", "-o", "restart=on-failure:1", "sh", "-c", "exec sleep 1000")
    assert run.wait() == 143
    assert said_of(run, "sh").count("no WATCHDOG=1 within 100ms, stopping it") == 2


def test_who_takes_the_place_of_another_has_both_of_its_channels(reeve, tmp_path):
    daemon = "until test -e HERE/go; do sleep 0.01; done; exec PROBE line-on 3 PROBE signals 1 7"
    command = f"""sh -c '(sh -c "{daemon}" & echo $! >HERE/pid); PROBE notify MAINPID=$(cat HERE/pid)'"""
    run = start(reeve, tmp_path, service("web", command, "ready = fd:3", "watchdog = 1h", NEVER))
    run.message("reeve: web: its main process is pid ")
    (tmp_path / "go").touch()
    run.message("reeve: web: up after ")
    run.ready()
    assert stop(run) == 7

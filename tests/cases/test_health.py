"""How a service is found to be well or not, again and again, and what follows."""

import json
import os
import re
import signal
import socket
import socketserver
import threading
from contextlib import contextmanager

import pytest

from processes import children, state, wait_until
from service_report import read_report, variables
from services import events, finished, said_of, stamps, start, wait_for_runs
from stopping import service

STAYS = "PROBE signals"
SLEEPS = "sleep 1000"
NEVER = "restart = no"
IGNORED = "on-unhealthy = ignore"
NOBODY = 65534
BY_TERM = 143
OFTEN = ["health-interval = 50ms", "health-retries = 2"]
UNTIL_FILE = "health = exec:test -e HERE/well"


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def without_numbers(lines):
    return [" ".join(line.split()[:2]) for line in lines]


def why_unhealthy(run, name="web", count=2):
    return run.message(rf"reeve: {name}: unhealthy after {count} failed checks: (.*)$")[1]


def wait_for_health(steered, name, health):
    wait_until(lambda: steered.status(name)[name]["health"] == health, f"{name} is {health}")


# -- what follows


def test_one_that_is_not_well_is_a_failed_run_and_started_again(reeve, tmp_path):
    settings = ["health = exec:false", *OFTEN, "restart = on-failure:1", "restart-delay = 1ms"]
    run = finished(reeve, tmp_path, service("web", "PROBE runs HERE/web stay", *settings))
    assert run.code == BY_TERM
    assert len(stamps(tmp_path / "web")) == 2
    assert said_of(run, "web").count("unhealthy after 2 failed checks: exited with code 1") == 2
    assert said_of(run, "web")[-1] == "failed: killed by SIGTERM, gave up after 1 restart"


def test_its_code_is_1_where_it_ends_well(reeve_not_pid_1, tmp_path):
    run = finished(reeve_not_pid_1, tmp_path, service("web", "PROBE signals 1 0", "health = exec:false", *OFTEN, NEVER))
    assert run.code == 1
    assert run.received() == signal.SIGTERM


def test_one_may_be_ignored_and_become_well_again(steer, tmp_path):
    steered = steer(service("web", "PROBE runs HERE/web stay", UNTIL_FILE, *OFTEN, IGNORED))
    why_unhealthy(steered.run)
    wait_for_health(steered, "web", "unhealthy")
    (tmp_path / "well").touch()
    steered.run.message("reeve: web: healthy again$")
    wait_for_health(steered, "web", "healthy")
    assert len(stamps(tmp_path / "web")) == 1
    assert re.search("^web +up +healthy ", "\n".join(steered.done("status")), re.MULTILINE)


def test_one_may_stop_the_container_although_it_is_not_essential(reeve, tmp_path):
    settings = ["health = exec:false", *OFTEN, "on-unhealthy = stop", "restart = always", "essential = no"]
    run = finished(reeve, tmp_path, service("web", "PROBE signals 1 0", *settings) + service("db", SLEEPS))
    assert run.code == 1
    assert said_of(run, "web")[-1] == "failed: exited with code 0"
    assert "reeve: stopping: web was unhealthy" in run.err.lines()


def test_the_reason_is_told(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", SLEEPS, "health = exec:false", *OFTEN, NEVER, "essential = no") + service("db", SLEEPS))
    steered.wait_for("web", "failed")
    web = steered.status("web")["web"]
    assert (web["reason"], web["health"], web["signal"]) == ("unhealthy", "none", "TERM")


def test_messages_are_objects_where_that_is_asked_for(reeve_not_pid_1, tmp_path):
    text = service("web", SLEEPS, "health = exec:PROBE runs HERE/checks 1 1 0", *OFTEN, IGNORED)
    run = start(reeve_not_pid_1, tmp_path, text, "--log-format", "json")
    run.message('"event":"healthy"')
    unhealthy = events(run, event="unhealthy")
    assert [(one["failures"], one["error"], one["level"]) for one in unhealthy] == [(2, "exited with code 1", "error")]
    assert stop(run) == 0


# -- when


def test_checks_begin_when_it_is_up(reeve, tmp_path):
    text = service("web", SLEEPS, "ready = exec:test -e HERE/go", "health = exec:PROBE runs HERE/web 0 0", *OFTEN) + \
        service("other", SLEEPS, "health = exec:PROBE runs HERE/other 0 0", *OFTEN)
    run = start(reeve, tmp_path, text)
    wait_for_runs(tmp_path / "other", 3)
    assert stamps(tmp_path / "web") == []
    (tmp_path / "go").touch()
    wait_for_runs(tmp_path / "web", 2)
    assert stop(run) == 0


def test_the_interval_is_from_the_end_of_one_to_the_start_of_the_next(reeve_not_pid_1, tmp_path):
    settings = ['health = exec:sh -c "PROBE runs HERE/checks 0 0; exec sleep 0.2"', "health-interval = 100ms"]
    run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, *settings))
    wait_for_runs(tmp_path / "checks", 4)
    begins = stamps(tmp_path / "checks")
    assert all(after - before >= 300 for before, after in zip(begins, begins[1:]))
    assert stop(run) == 0


def test_failures_in_the_start_period_do_not_count_until_one_passes(reeve_not_pid_1, tmp_path):
    settings = ["health = exec:PROBE runs HERE/checks 1 1 1 0 1", "health-interval = 50ms", "health-retries = 1",
                "health-start-period = 1h", "health-start-interval = 50ms", NEVER]
    run = finished(reeve_not_pid_1, tmp_path, service("web", SLEEPS, *settings))
    assert without_numbers(said_of(run, "web")) == ["started, pid", "healthy", "unhealthy after", "failed: killed"]
    assert "unhealthy after 1 failed check: exited with code 1" in said_of(run, "web")


def test_who_waits_for_health_starts_when_a_check_has_passed(reeve, tmp_path):
    text = service("db", SLEEPS, UNTIL_FILE, *OFTEN, IGNORED) + service("web", STAYS, "depends-on = db:healthy")
    run = start(reeve, tmp_path, text)
    why_unhealthy(run, "db")
    assert said_of(run, "web") == []
    (tmp_path / "well").touch()
    run.ready()
    assert stop(run) == 0


# -- how: a program


def test_what_a_check_prints_is_for_nobody(reeve_not_pid_1, tmp_path):
    run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, "health = exec:sh -c 'echo noise; echo noise >&2'", *OFTEN))
    run.message("reeve: web: healthy$")
    assert stop(run) == 0
    assert "noise" not in run.out.text() + run.err.text()


def test_a_check_is_what_the_service_is(reeve, public_path):
    settings = [f"user = {NOBODY}", f"group = {NOBODY}", "environment = A=1", "directory = HERE", "limit-nofile = 77", *OFTEN,
                'health = exec:sh -c "id -u >id; echo $$A $$MAINPID >>id; ulimit -n >>id"']
    run = start(reeve, public_path, service("web", STAYS, *settings))
    pid = run.ready()
    run.message("reeve: web: healthy$")
    assert (public_path / "id").read_text().split() == [str(NOBODY), "1", str(pid), "77"]
    assert stop(run) == 0


def test_a_check_gets_nothing_but_the_standard_descriptors(reeve_not_pid_1, tmp_path):
    settings = ["health = exec:PROBE report HERE/report", "ready = fd:9", "watchdog = 1h", *OFTEN]
    run = start(reeve_not_pid_1, tmp_path, service("web", f"PROBE line-on 9 {STAYS}", *settings))
    run.message("reeve: web: healthy$")
    assert read_report(tmp_path)["fds"] == [0, 1, 2]
    assert not {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} & variables(read_report(tmp_path)).keys()
    run.ready()
    assert stop(run) == 0


def test_a_program_that_is_not_there_is_not_well(reeve_not_pid_1, tmp_path):
    run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, "health = exec:/no/such/program", *OFTEN, IGNORED))
    assert why_unhealthy(run) == "exited with code 127"
    assert stop(run) == 0


def test_a_check_that_takes_too_long_has_failed_and_is_ended(steer, tmp_path):
    hangs = "health = exec:PROBE runs HERE/checks stay"
    steered = steer(service("web", SLEEPS, hangs, "health-timeout = 200ms", "health-retries = 2", "health-interval = 50ms", IGNORED))
    assert why_unhealthy(steered.run) == "no answer within 200ms"
    steered.done("stop", "web")
    wait_until(lambda: children(steered.run.pid) == [], "nothing is left of it")


def test_a_check_that_does_not_go_is_killed(steer, tmp_path):
    hangs = """health = exec:sh -c 'trap "" TERM; PROBE runs HERE/checks stay'"""
    steered = steer(service("web", SLEEPS, hangs, "health-timeout = 100ms", "health-retries = 1", "health-interval = 1h"))
    wait_for_health(steered, "web", "starting")
    (steered.folder / "reeve.ini").write_text((steered.folder / "reeve.ini").read_text().replace("1h", "1ms"))
    steered.done("reload")
    wait_for_runs(tmp_path / "checks", 2)  # the next one, after the service was started again
    steered.done("stop", "web")
    wait_until(lambda: children(steered.run.pid) == [], "nothing is left of it")


def test_no_check_is_left_as_a_zombie(steer, tmp_path):
    steered = steer(service("web", SLEEPS, "health = exec:PROBE runs HERE/checks 1 0 1 0", *OFTEN) + service("db", SLEEPS))
    wait_for_runs(tmp_path / "checks", 5)
    wait_until(lambda: [state(pid) for pid in children(steered.run.pid)] == ["S", "S"], "the services are all that is left")


# -- how: a connection


@contextmanager
def serving(answer):
    """A server that accepts and does what `answer` does with the connection; yields its port."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            try:
                answer(self.request)
            except OSError:
                pass

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def says(*lines):
    def answer(connection):
        connection.recv(65536)
        connection.sendall("".join(line + "\r\n" for line in [*lines, ""]).encode())

    return answer


def until_it_goes(connection):
    while connection.recv(65536):
        pass


def byte_by_byte(connection):
    for byte in b"HTTP/1.0 200 OK\r\n\r\n":
        connection.sendall(bytes([byte]))
        threading.Event().wait(1)


LONG = [f"X-{n}: {'x' * 1000}" for n in range(64)]


@pytest.mark.parametrize("answer", [says("HTTP/1.1 200 OK"), says("HTTP/1.0 204"), says("HTTP/1.1 302 Found", "Location: /"),
                                    says("HTTP/1.1 200 OK", *LONG)], ids=["200", "204", "302", "64-KiB-of-headers"])
def test_an_answer_of_2xx_or_3xx_is_well(reeve_not_pid_1, tmp_path, answer):
    with serving(answer) as port:
        run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, f"health = http://127.0.0.1:{port}/healthz", *OFTEN))
        run.message("reeve: web: healthy$")
        assert stop(run) == 0


@pytest.mark.parametrize("answer,why", [
    (says("HTTP/1.1 503 Service Unavailable"), "GET URL answered 503"),
    (says("HTTP/1.1 404 Not Found", *LONG), "GET URL answered 404"),
    (says("220 mail ESMTP"), "GET URL answered, but not by HTTP"),
    (until_it_goes, "no answer within 300ms"),
    (byte_by_byte, "no answer within 300ms"),
    (lambda connection: None, "GET URL(: Connection reset by peer| was not answered before the connection ended)"),
], ids=["503", "404-and-64-KiB-of-headers", "another-protocol", "never", "a-byte-a-second", "closes-at-once"])
def test_any_other_answer_is_not(reeve_not_pid_1, tmp_path, answer, why):
    with serving(answer) as port:
        url = f"http://127.0.0.1:{port}/healthz"
        timeout = "300ms" if "300ms" in why else "30s"
        run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, f"health = {url}", f"health-timeout = {timeout}", *OFTEN, IGNORED))
        assert re.fullmatch(why.replace("URL", url), why_unhealthy(run))
        assert stop(run) == 0


def test_a_port_is_well_as_long_as_it_is_open(reeve, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        run = start(reeve, tmp_path, service("web", SLEEPS, f"health = tcp:127.0.0.1:{port}", *OFTEN, IGNORED))
        assert why_unhealthy(run) == f"tcp:127.0.0.1:{port}: Connection refused"
        listener.listen(1000)
        run.message("reeve: web: healthy again$")
        assert stop(run) == 0


def test_a_socket_is_well_when_somebody_listens(reeve_not_pid_1, tmp_path):
    path = tmp_path / "socket"
    run = start(reeve_not_pid_1, tmp_path, service("web", SLEEPS, f"health = unix:{path}", *OFTEN, IGNORED))
    assert why_unhealthy(run) == f"unix:{path}: No such file or directory"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(1000)
        run.message("reeve: web: healthy again$")
        assert stop(run) == 0


def test_each_of_many_says_what_was_wrong_with_it(reeve_not_pid_1, tmp_path):
    names = [f"s{n}" for n in range(20)]
    run = start(reeve_not_pid_1, tmp_path, "".join(service(name, SLEEPS, f"health = unix:/no/{name}", *OFTEN, IGNORED) for name in names))
    for _ in names:
        run.message("unhealthy after")
    for name in names:
        assert f"unhealthy after 2 failed checks: unix:/no/{name}: No such file or directory" in said_of(run, name)
    assert stop(run) == 0


# -- reload


def test_checks_are_added_changed_and_removed_without_a_restart(steer, tmp_path):
    def reload(*settings):
        steered.write(service("web", "PROBE runs HERE/web stay", *settings))
        return steered.done("reload")

    steered = steer(service("web", "PROBE runs HERE/web stay"))
    steered.wait_for("web", "up")
    assert steered.status()["web"]["health"] == "none"
    assert reload("health = exec:true", *OFTEN) == ["web: changed"]
    wait_for_health(steered, "web", "healthy")
    assert reload("health = exec:false", *OFTEN, IGNORED) == ["web: changed"]
    wait_for_health(steered, "web", "unhealthy")
    assert reload() == ["web: changed"]
    assert steered.status()["web"]["health"] == "none"
    assert len(stamps(tmp_path / "web")) == 1


# -- reevectl


def test_health_knows_who_is_not_well(steer_not_pid_1, tmp_path):
    steered = steer_not_pid_1(service("web", SLEEPS, UNTIL_FILE, *OFTEN, IGNORED) + service("db", SLEEPS))
    wait_for_health(steered, "web", "unhealthy")
    for question in ([], ["--live"], ["--ready"]):
        asked = steered.ctl("health", *question)
        assert (asked.code, asked.out.lines()) == (1, ["web: up, unhealthy"])
    (tmp_path / "well").touch()
    wait_for_health(steered, "web", "healthy")
    for question in ([], ["--live"], ["--ready"]):
        assert steered.ctl("health", *question).code == 0


def test_one_that_passed_no_check_yet_is_well_but_not_ready(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", SLEEPS, "health = exec:true", "health-interval = 1h"))
    steered.wait_for("web", "up")
    assert steered.status()["web"]["health"] == "starting"
    assert [steered.ctl("health", *question).code for question in ([], ["--live"], ["--ready"])] == [0, 0, 1]
    assert steered.ctl("health", "--ready").out.lines() == ["web: up, starting"]


def test_one_that_is_not_essential_does_not_count_unless_it_is_named(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", SLEEPS, "health = exec:false", *OFTEN, IGNORED, "essential = no") + service("db", SLEEPS))
    wait_for_health(steered, "web", "unhealthy")
    assert steered.ctl("health").code == 0
    assert steered.ctl("health", "web").code == 1


def test_a_change_of_health_is_an_event(steer_not_pid_1, tmp_path):
    steered = steer_not_pid_1(service("web", SLEEPS, UNTIL_FILE, *OFTEN, IGNORED))
    wait_for_health(steered, "web", "unhealthy")
    client = steered.client()
    client.send("events\n")
    (tmp_path / "well").touch()
    event = client.line()
    assert (event["name"], event["state"], event["health"]) == ("web", "up", "healthy")


# -- what makes no sense


@pytest.mark.parametrize("key", ["health = exec:true", "watchdog = 1s"])
def test_a_oneshot_is_never_up_and_so_never_looked_after(reeve_not_pid_1, tmp_path, key):
    run = finished(reeve_not_pid_1, tmp_path, service("web", "true", "type = oneshot", key))
    assert run.code == 125
    assert f"reeve.ini:4: [service web] {key.split()[0]}: a oneshot is never up: only what is up can be looked after" in run.err.text()

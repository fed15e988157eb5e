"""How a service is found to be ready: by what it says, by probes or by time; and one that never is."""

import os
import signal
import socket
import subprocess

import pytest

from harness import PROBE
from processes import children, descriptors, state, wait_until, wait_until_idle
from service_report import read_report, variables
from services import events, finished, said_of, stamps, start, wait_for_runs
from stopping import service

STAYS = "PROBE signals"
DEBUG = ("--log-level", "debug")
QUIETLY_STOPPED = 143  # by TERM, which the probe takes: see `probe signals`
FREE_NUMBERS = range(3, 21)
NEVER = "restart = no"
NOBODY = 65534
STARTS = 20
# What services inherit, so that the signal waits for a probe which is not that far when its time is over.
TERM_IS_BLOCKED = [PROBE, "block", "15"]


def up(run, name="web"):
    return run.message(rf"reeve: {name}: up after \d")


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def without_numbers(lines):
    return [" ".join(line.split()[:2]) for line in lines]


def wait_until_late(run, name="web"):
    run.message(rf"reeve: {name}: not ready after ")


# -- notify


def test_one_that_notifies_is_up_when_it_has_said_so(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", f"PROBE notify READY=1 {STAYS}", "ready = notify"))
    up(run)
    assert without_numbers(said_of(run, "web")) == ["started, pid", "up after"]
    assert stop(run) == 0


def test_what_it_says_of_itself_is_a_debug_message(reeve, tmp_path):
    command = f"PROBE notify 'STATUS=half way' PROBE notify READY=1 {STAYS}"
    run = start(reeve, tmp_path, service("web", command, "ready = notify"), *DEBUG)
    run.message("reeve: web: says: half way$")
    up(run)
    assert stop(run) == 0


def test_a_message_without_ready_makes_nobody_ready(reeve_not_pid_1, tmp_path):
    command = f"PROBE notify READY=0 PROBE notify xREADY=1 PROBE notify STOPPING=1 PROBE notify STATUS=through {STAYS}"
    run = start(reeve_not_pid_1, tmp_path, service("web", command, "ready = notify"), *DEBUG)
    run.message("reeve: web: says: through$")
    run.ready()
    assert stop(run) == 0
    assert "up after" not in without_numbers(said_of(run, "web"))


def test_a_reload_that_it_tells_of_ends_with_ready_and_it_was_up_once(reeve, tmp_path):
    words = ["READY=1", "RELOADING=1", "RELOADING=1", "READY=1", "READY=1", "STOPPING=1"]
    command = " ".join(f"PROBE notify {word}" for word in words)
    run = start(reeve, tmp_path, service("web", f"{command} PROBE signals", "ready = notify"))
    run.message("reeve: web: stopping by itself$")
    run.ready()
    assert stop(run) == 0
    assert without_numbers(said_of(run, "web"))[:5] == ["started, pid", "up after", "reloading", "ready again", "stopping by"]


def test_who_is_asked_to_stop_and_says_so_is_not_news(reeve, tmp_path):
    command = "sh -c 'trap \"PROBE notify STOPPING=1; exit 0\" TERM; PROBE notify READY=1; PROBE signals 1'"
    run = start(reeve, tmp_path, service("web", command, "ready = notify"))
    up(run)
    run.ready()
    assert stop(run) == 0
    assert without_numbers(said_of(run, "web")) == ["started, pid", "up after", "exited with"]


def test_systemd_notify_is_heard_and_does_not_wait_in_vain(reeve, tmp_path):
    """It ends when its barrier was seen, which fails after five seconds."""
    command = f"sh -c 'systemd-notify --ready --status=fine && exec {STAYS}'"
    run = start(reeve, tmp_path, service("web", command, "ready = notify"), *DEBUG)
    run.message("reeve: web: says: fine$")
    up(run)
    run.ready()
    assert stop(run) == 0


def test_every_descriptor_that_comes_with_a_message_is_closed(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", f"PROBE barrier PROBE notify READY=1 {STAYS}", "ready = notify"))
    run.line_matching("^released$")
    up(run)
    assert stop(run) == 0


def test_a_helper_that_is_gone_may_have_sent_it(reeve, tmp_path):
    command = f"sh -c 'PROBE notify READY=1; exec {STAYS}'"
    run = start(reeve, tmp_path, service("web", command, "ready = notify"))
    up(run)
    assert stop(run) == 0


def test_one_that_ends_right_behind_it_was_ready(reeve, tmp_path):
    run = finished(reeve, tmp_path, service("web", "PROBE notify READY=1 PROBE exit 3", "ready = notify", NEVER,
                                            f"instances = {STARTS}", "essential = no"))
    for number in range(1, STARTS + 1):
        assert without_numbers(said_of(run, f"web@{number}"))[-2:] == ["up after", "failed: exited"]


def test_readiness_is_never_heard_before_the_start(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", f"PROBE notify READY=1 {STAYS}", "ready = notify", f"instances = {STARTS}"))
    for _ in range(STARTS):
        run.message(r"web@\d+: up after ")
    for number in range(1, STARTS + 1):
        assert without_numbers(said_of(run, f"web@{number}")) == ["started, pid", "up after"]
    for _ in range(STARTS):
        run.ready()
    assert stop(run) == 0


def test_a_user_without_rights_can_say_it(reeve, public_path):
    settings = ["ready = notify", f"user = {NOBODY}", f"group = {NOBODY}"]
    run = start(reeve, public_path, service("web", f"PROBE notify READY=1 {STAYS}", *settings))
    up(run)
    assert stop(run) == 0


def send_to(address, message):
    client = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    client.sendto(message.encode(), address.replace("@", "\0", 1) if address.startswith("@") else address)
    client.close()


def address_of(folder):
    wait_until(lambda: (folder / "report").exists() and (folder / "report").read_text().endswith("\n"), "it has reported")
    return variables(read_report(folder))["NOTIFY_SOCKET"]


SAYS_WHERE = f"PROBE report HERE/report {STAYS}"


def test_a_stranger_from_outside_is_ignored(reeve_as_pid_1, tmp_path):
    run = start(reeve_as_pid_1, tmp_path, service("web", SAYS_WHERE, "ready = notify"), *DEBUG)
    send_to(address_of(tmp_path), "READY=1")
    run.message(r"reeve: web: a message of a stranger \(pid 0, uid \S+\) is ignored")
    run.ready()
    assert stop(run) == 0
    assert "up after" not in without_numbers(said_of(run, "web"))


def test_anybody_of_our_namespace_may_say_it(reeve_not_pid_1, tmp_path):
    run = start(reeve_not_pid_1, tmp_path, service("web", SAYS_WHERE, "ready = notify"))
    send_to(address_of(tmp_path), "READY=1")
    up(run)
    assert stop(run) == 0


def test_the_socket_is_removed_with_its_service(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", SAYS_WHERE, "ready = notify"))
    address = address_of(tmp_path)
    assert address.startswith("@") or os.path.exists(address)
    run.ready()
    assert stop(run) == 0
    assert not os.path.exists(address)


def test_an_inherited_notify_socket_is_for_the_command_alone(reeve, tmp_path):
    text = service("web", f"PROBE report HERE/web {STAYS}") + service("db", f"PROBE report HERE/db PROBE notify READY=1 {STAYS}", "ready = notify")
    run = start(reeve, tmp_path, text, "--", "sh", "-c", 'echo "$NOTIFY_SOCKET"; read -r wait || exit 0', env={"NOTIFY_SOCKET": "/outer"},
                stdin=subprocess.PIPE)
    run.line_matching("^/outer$")
    up(run, "db")
    wait_until(lambda: (tmp_path / "web").exists() and (tmp_path / "web").read_text().endswith("\n"), "it has reported")
    assert "NOTIFY_SOCKET" not in variables(read_report(tmp_path, "web"))
    assert variables(read_report(tmp_path, "db"))["NOTIFY_SOCKET"] != "/outer"
    run.process.stdin.close()
    assert run.wait() == 0


# Reeve has adopted the daemon when its first parent, the inner shell, is gone.
LEAVES_A_DAEMON = "sh -c '(PROBE signals 1 7 & echo $! >HERE/pid); {then}'"


def pid_in(folder):
    return int((folder / "pid").read_text())


@pytest.mark.parametrize("then", ["notify READY=1; PROBE notify MAINPID=$(cat HERE/pid)", "notify MAINPID=$(cat HERE/pid); PROBE notify READY=1"],
                         ids=["ready-first", "daemon-first"])
def test_a_daemon_takes_the_place_of_who_started_it(steer, tmp_path, then):
    steered = steer(service("web", LEAVES_A_DAEMON.format(then=f"PROBE {then}; exit 3"), "ready = notify", NEVER), *DEBUG)
    up(steered.run)
    steered.run.message(r"reaped orphan \d+ \(exited with code 3\)")
    assert steered.run.ready() == pid_in(tmp_path)
    web = steered.status("web")["web"]
    assert (web["state"], web["pid"]) == ("up", pid_in(tmp_path))
    assert without_numbers(said_of(steered.run, "web")).count("up after") == 1
    os.kill(steered.run.outer(pid_in(tmp_path)), signal.SIGTERM)
    assert steered.run.wait() == 7


def test_who_asks_for_more_time_has_it(reeve, tmp_path):
    hours = 3600 * 1000000
    text = service("slow", f"PROBE notify EXTEND_TIMEOUT_USEC={hours} {STAYS}", "ready = notify", "start-timeout = 5s") + \
        service("late", STAYS, "ready = notify", "start-timeout = 6s", "essential = no", NEVER)
    run = start(reeve, tmp_path, text)
    wait_until_late(run, "late")
    assert without_numbers(said_of(run, "slow")) == ["started, pid"]
    assert stop(run) == 0


def test_the_time_that_it_had_in_all_is_told(reeve, tmp_path):
    text = service("web", "PROBE notify EXTEND_TIMEOUT_USEC=1000000 sleep 1000", "ready = notify", "start-timeout = 300ms", NEVER)
    run = finished(reeve, tmp_path, text, "--log-format", "json")
    assert [message["after_ms"] >= 1000 for message in events(run, event="not-ready")] == [True]


# -- fd:N


def test_one_that_writes_a_line_is_up(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", f"sh -c 'echo >&3; exec {STAYS}'", "ready = fd:3"))
    up(run)
    assert without_numbers(said_of(run, "web")) == ["started, pid", "up after"]
    assert stop(run) == 0


@pytest.mark.parametrize("script", ["printf abc >&3; echo def >&3", r'printf "\n\n\nabc" >&3; exec 3>&-', "echo >&3; exec 3>&-"],
                         ids=["in-pieces", "more-behind-it", "closed-behind-it"])
def test_the_newline_is_what_counts(reeve, tmp_path, script):
    run = start(reeve, tmp_path, service("web", f"sh -c '{script}; exec {STAYS}'", "ready = fd:3"))
    up(run)
    assert stop(run) == 0


@pytest.mark.parametrize("script", ["exec 3>&-", "printf abc >&3", "printf abc >&3; exec 3>&-"],
                         ids=["closed", "written", "written-and-closed"])
def test_without_a_newline_it_is_not_ready(reeve, tmp_path, script):
    settings = ["ready = fd:3", "start-timeout = 300ms", NEVER]
    run = finished(reeve, tmp_path, service("web", f"sh -c '{script}; exec {STAYS}'", *settings), before=TERM_IS_BLOCKED)
    assert run.code == 1
    assert "not ready after 300ms, stopping it" in said_of(run, "web")


def test_a_grandchild_may_write_it(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", f"sh -c '(PROBE line-on 3 &) ; exec 3>&-; exec {STAYS}'", "ready = fd:3"))
    up(run)
    assert stop(run) == 0


def test_a_line_of_one_that_ends_right_behind_it_counts(reeve, tmp_path):
    run = finished(reeve, tmp_path, service("web", "PROBE line-on 3 PROBE exit 3", "ready = fd:3", NEVER, f"instances = {STARTS}",
                                            "essential = no"))
    for number in range(1, STARTS + 1):
        assert without_numbers(said_of(run, f"web@{number}"))[-2:] == ["up after", "failed: exited"]


def test_any_number_will_do_also_one_that_reeve_uses_itself(reeve, tmp_path):
    text = "".join(service(f"w{n}", f"PROBE report HERE/w{n} PROBE line-on {n} {STAYS}", f"ready = fd:{n}") for n in FREE_NUMBERS)
    run = start(reeve, tmp_path, text)
    for _ in FREE_NUMBERS:
        run.message(r"w\d+: up after ")
        run.ready()
    assert {n: read_report(tmp_path, f"w{n}")["fds"] for n in FREE_NUMBERS} == {n: [0, 1, 2, n] for n in FREE_NUMBERS}
    assert stop(run) == 0


def test_an_exec_that_fails_is_told_whatever_the_number_is(reeve, tmp_path):
    text = "".join(service(f"w{n}", "/nowhere/web", f"ready = fd:{n}", "essential = no") for n in FREE_NUMBERS)
    run = finished(reeve, tmp_path, text)
    expected = ["cannot start: /nowhere/web: No such file or directory (exec)"]
    assert {n: said_of(run, f"w{n}") for n in FREE_NUMBERS} == {n: expected for n in FREE_NUMBERS}


def test_a_number_beyond_the_limit_is_a_start_that_fails(reeve, tmp_path):
    settings = ["ready = fd:50", "limit-nofile = 40", NEVER]
    run = finished(reeve, tmp_path, service("web", STAYS, *settings))
    assert run.code == 126
    assert said_of(run, "web") == ["cannot start: PROBE: Bad file descriptor (channel)".replace("PROBE", os.environ["PROBE"])]


def test_the_command_alone_can_say_it_too(reeve):
    run = reeve("-v", "-o", "ready=fd:3", "-o", "essential=yes", "sh", "-c", "echo >&3; exit 5")
    assert run.wait() == 5
    assert without_numbers(said_of(run, "sh")) == ["started, pid", "up after", "exited with"]


@pytest.mark.parametrize("closed", ["0", "1", "0,1", "0,1,2"])
def test_it_is_heard_although_reeve_began_with_closed_descriptors(reeve_not_pid_1, tmp_path, closed):
    text = service("web", "PROBE line-on 3 PROBE runs HERE/web stay", "ready = fd:3") + \
        service("next", "PROBE runs HERE/next stay", "depends-on = web")
    run = start(reeve_not_pid_1, tmp_path, text, before=[os.environ["PROBE"], "close", closed])
    wait_for_runs(tmp_path / "next", 1)
    assert stop(run) == 0


# -- time


def test_one_that_is_ready_by_time_is_up_after_it(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", STAYS, "ready = after:50ms"), "--log-format", "json")
    run.message('"event":"up"')
    assert events(run, event="up")[0]["after_ms"] >= 50
    run.ready()
    assert stop(run) == 0


# -- probes


def test_one_is_up_when_its_port_is_open(reeve, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        text = service("other", STAYS, "ready = exec:PROBE runs HERE/tries 1 1 0")
        run = start(reeve, tmp_path, text + service("web", STAYS, f"ready = tcp:127.0.0.1:{port}"))
        up(run, "other")
        assert without_numbers(said_of(run, "web")) == ["started, pid"]  # although it was tried as often
        listener.listen()
        up(run)
        for _ in range(2):
            run.ready()
        assert stop(run) == 0


def test_one_is_up_when_somebody_listens_at_its_path(reeve, tmp_path):
    path = tmp_path / "socket"
    text = service("other", STAYS, "ready = exec:PROBE runs HERE/tries 1 1 0")
    run = start(reeve, tmp_path, text + service("web", STAYS, f"ready = unix:{path}"))
    up(run, "other")
    assert without_numbers(said_of(run, "web")) == ["started, pid"]
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        up(run)
        for _ in range(2):
            run.ready()
        assert stop(run) == 0


def test_one_is_up_when_its_program_says_so_which_is_asked_again_and_again(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", STAYS, "ready = exec:PROBE runs HERE/tries 1 1 1 0"))
    up(run)
    tries = stamps(tmp_path / "tries")
    gaps = [after - before for before, after in zip(tries, tries[1:])]
    assert len(gaps) == 3
    assert all(gap >= least for gap, least in zip(gaps, (100, 200, 400)))
    run.ready()
    assert stop(run) == 0
    assert stamps(tmp_path / "tries") == tries


def test_what_a_probe_prints_is_for_nobody(reeve, tmp_path):
    run = start(reeve, tmp_path, service("web", STAYS, "ready = exec:sh -c 'echo noise; echo noise >&2'"))
    up(run)
    run.ready()
    assert stop(run) == 0
    assert "noise" not in run.out.text() + run.err.text()


def test_a_probe_is_what_the_service_is(reeve, public_path):
    settings = [f"user = {NOBODY}", f"group = {NOBODY}", "umask = 027", "environment = A=1", "directory = HERE", "limit-nofile = 77",
                'ready = exec:sh -c "id -u >id; umask >>id; echo $$A $$MAINPID >>id; ulimit -n >>id"']
    run = start(reeve, public_path, service("web", STAYS, *settings))
    pid = run.ready()
    up(run)
    assert (public_path / "id").read_text().split() == [str(NOBODY), "0027", "1", str(pid), "77"]
    assert stop(run) == 0


def test_a_probe_gets_nothing_but_the_standard_descriptors(reeve, tmp_path):
    text = service("web", STAYS, "ready = exec:PROBE report HERE/report") + service("db", STAYS, "ready = fd:9")
    run = start(reeve, tmp_path, text)
    up(run)
    assert read_report(tmp_path)["fds"] == [0, 1, 2]
    for _ in range(2):
        run.ready()
    assert stop(run) == 0


def test_a_probe_that_hangs_ends_with_its_service(steer, tmp_path):
    steered = steer(service("web", "sleep 1000", "ready = exec:PROBE runs HERE/tries stay"))
    wait_for_runs(tmp_path / "tries", 1)
    steered.done("stop", "web")
    wait_until(lambda: children(steered.run.pid) == [], "nothing is left of it")


def test_a_probe_of_an_earlier_run_makes_nobody_ready(steer_as_pid_1, tmp_path):
    hangs = "ready = exec:sh -c 'trap : TERM; PROBE runs HERE/tries stay; exit 0'"
    steered = steer_as_pid_1(service("web", "PROBE runs HERE/web stay", hangs, "restart-delay = 1ms"))
    wait_for_runs(tmp_path / "tries", 1)
    os.kill(steered.run.outer(steered.pids("web")["web"]), signal.SIGKILL)
    wait_for_runs(tmp_path / "web", 2)
    wait_for_runs(tmp_path / "tries", 2)
    assert steered.states() == {"web": "starting"}


def test_no_probe_is_left_as_a_zombie(steer, tmp_path):
    steered = steer(service("web", "PROBE runs HERE/web stay", "ready = exec:PROBE runs HERE/tries 1 1 0"))
    steered.wait_for("web", "up")
    wait_until(lambda: [state(pid) for pid in children(steered.run.pid)] == ["S"], "its service is all that is left")


def test_many_starts_leave_neither_descriptors_nor_zombies(steer, tmp_path):
    forms = {"said": "notify", "line": "fd:3", "port": "exec:true", "time": "after:1ms"}
    commands = {"said": "PROBE notify READY=1 ", "line": "PROBE line-on 3 "}
    steered = steer("".join(service(name, f"{commands.get(name, '')}PROBE runs HERE/{name} stay", f"ready = {ready}")
                            for name, ready in forms.items()))
    steered.wait_for_all()
    pid = steered.run.pid
    wait_until_idle(pid)
    before = len(descriptors(pid))
    for _ in range(10):
        steered.done("restart", "all")
    wait_until(lambda: len(descriptors(pid)) <= before, "no more descriptors than before")
    wait_until(lambda: [state(child) for child in children(pid)] == ["S"] * 4, "the services are all that is left")


# -- start-timeout


def test_one_that_is_not_ready_in_time_is_stopped_and_has_failed(reeve, tmp_path):
    settings = ["ready = notify", "start-timeout = 1s", NEVER]
    run = finished(reeve, tmp_path, service("web", "PROBE signals 1 0", *settings), before=TERM_IS_BLOCKED)
    assert run.code == 1
    assert run.received() == signal.SIGTERM
    assert without_numbers(said_of(run, "web")) == ["started, pid", "not ready", "failed: exited"]


def test_its_code_is_its_own_where_it_has_one(reeve, tmp_path):
    settings = ["ready = notify", "start-timeout = 100ms", NEVER]
    assert finished(reeve, tmp_path, service("web", "PROBE signals 1 7", *settings), before=TERM_IS_BLOCKED).code == 7
    assert finished(reeve, tmp_path, service("web", "sleep 1000", *settings)).code == QUIETLY_STOPPED


def test_the_policy_decides_what_follows(reeve, tmp_path):
    settings = ["ready = notify", "start-timeout = 100ms", "restart = on-failure:2", "restart-delay = 1ms"]
    run = finished(reeve, tmp_path, service("web", "sleep 1000", *settings))
    assert run.code == QUIETLY_STOPPED
    assert said_of(run, "web").count("not ready after 100ms, stopping it") == 3


def test_a_oneshot_that_is_not_done_in_time_is_stopped(reeve, tmp_path):
    settings = ["type = oneshot", "start-timeout = 100ms"]
    run = finished(reeve, tmp_path, service("web", "PROBE signals 1 0", *settings), before=TERM_IS_BLOCKED)
    assert run.code == 1
    assert "not done after 100ms, stopping it" in said_of(run, "web")


def test_the_reason_is_told(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "sleep 1000", "ready = notify", "start-timeout = 100ms", NEVER, "essential = no") +
                              service("db", "sleep 1000"))
    steered.wait_for("web", "failed")
    web = steered.status("web")["web"]
    assert (web["reason"], web["exit_code"], web["signal"]) == ("start-timeout", None, "TERM")
    assert steered.stop() == 0


# -- by hand

WAITS_FOR_FILE = "ready = exec:test -e HERE/go"


def test_start_waits_until_it_is_ready(steer, tmp_path):
    steered = steer(service("web", "PROBE runs HERE/web stay", WAITS_FOR_FILE, "start = no") + service("db", "sleep 1000"))
    client = steered.begin("start", "web")
    wait_for_runs(tmp_path / "web", 1)
    steered.wait_for("web", "starting")
    assert client.is_running()
    (tmp_path / "go").touch()
    assert client.wait() == 0
    assert steered.states("web") == {"web": "up"}


def test_a_start_that_is_late_for_good_has_failed(steer_not_pid_1, tmp_path):
    steered = steer_not_pid_1(service("web", "sleep 1000", WAITS_FOR_FILE, "start-timeout = 200ms", "start = no", NEVER, "essential = no") +
                              service("db", "sleep 1000"))
    assert steered.ctl("start", "web").code == 1


def test_one_that_is_not_ready_yet_is_not_as_wanted(steer_not_pid_1, tmp_path):
    steered = steer_not_pid_1(service("web", "sleep 1000", WAITS_FOR_FILE))
    steered.wait_for("web", "starting")
    assert steered.ctl("status").code == 3
    (tmp_path / "go").touch()
    steered.wait_for("web", "up")
    assert steered.ctl("status").code == 0


# -- programs that people run


def test_redis_says_when_it_is_ready(reeve, tmp_path):
    command = "redis-server --port 0 --unixsocket HERE/redis --supervised systemd --save '' --dir HERE"
    run = start(reeve, tmp_path, service("db", command, "ready = notify") +
                service("next", f"sh -c 'redis-cli -s HERE/redis ping; exec {STAYS}'", "depends-on = db"), *DEBUG)
    run.line_matching("^PONG$")
    run.ready()
    up(run, "db")
    run.message("reeve: next: started")
    assert stop(run) == 0

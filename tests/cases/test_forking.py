"""Services whose command ends and leaves a daemon: which process that is, and how it lives on as the service."""

import json
import os
import signal
import socket

import pytest

from harness import PROBE, REEVE_FAULTY
from processes import children, descendants, descriptors, is_alive, parent, program, read_proc, wait_until, wait_until_idle
from services import said_of, start
from stopping import DEAF, service

NEVER = "restart = no"
FORKS_ONCE = "PROBE fork 0 PROBE signals 1"
# As a classical daemon does it: two forks, and a session of its own between them.
FORKS_TWICE = "PROBE fork 0 PROBE away PROBE fork 0 PROBE signals 1"
TWO = "PROBE signals 1 & PROBE signals 1 & exit 0"
HUNDRED_YEARS = "stop-timeout = 36500h"


def forking(name, command, *settings):
    return service(name, command, "type = forking", *settings)


def begin_by(steer, folder):
    os.mkfifo(folder / "gate")
    os.mkfifo(folder / "told")

    def begin_it(command, *settings, more=""):
        return steer(forking("web", command, "essential = no", *settings) + service("stays", "sleep 1000") + more)

    return begin_it


@pytest.fixture
def begin(steer, tmp_path):
    """Starts a forking service, web, whose end does not end all, beside one that stays."""
    return begin_by(steer, tmp_path)


@pytest.fixture
def begin_as_pid_1(steer_as_pid_1, tmp_path):
    return begin_by(steer_as_pid_1, tmp_path)


def open_gate(folder):
    (folder / "gate").write_text("")


def daemon_of(steered):
    """The pid, as we see it, of the `probe signals` that has become the service."""
    inner = steered.run.ready()
    steered.wait_for("web", "up")
    assert steered.pids("web") == {"web": inner}
    return steered.run.outer(inner)


def processes_of(steered):
    """All children of reeve but the one that stays."""
    stays = steered.run.outer(steered.pids("stays")["stays"])
    return [pid for pid in children(steered.run.pid) if pid != stays]


# -- the daemon is the only one that is left


def test_the_only_one_that_is_left_is_the_service(begin):
    steered = begin(FORKS_ONCE)
    daemon = daemon_of(steered)
    assert processes_of(steered) == [daemon]


def test_one_that_forks_twice_and_leaves_its_session_is_the_service(begin):
    steered = begin(FORKS_TWICE)
    daemon = daemon_of(steered)
    assert processes_of(steered) == [daemon]


def test_it_is_told_of_as_started_with_the_pid_of_the_daemon(begin_as_pid_1):
    steered = begin_as_pid_1(FORKS_ONCE)
    inner = steered.run.ready()
    steered.run.message(f"^reeve: web: started, pid {inner}$")
    assert said_of(steered.run, "web") == [f"started, pid {inner}"]


def test_a_launcher_that_takes_its_time_is_waited_for(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1(f"sh -c 'PROBE signals 1 & read line <HERE/gate; exit 0'")
    steered.run.ready()
    assert steered.states("web") == {"web": "starting"}
    open_gate(tmp_path)
    steered.wait_for("web", "up")


def test_a_daemon_of_one_service_is_not_taken_for_that_of_another(begin, tmp_path):
    both = "PROBE fork 0 PROBE away PROBE fork 0 PROBE runs HERE/{} stay"
    names = ["web", "a", "b", "c"]
    steered = begin(both.format("web"), more="".join(forking(name, both.format(name)) for name in names[1:]))
    steered.wait_for_all()
    for name, inner in steered.pids(*names).items():
        assert f"HERE/{name}".replace("HERE", str(tmp_path)) in read_proc(steered.run.outer(inner), "cmdline").split("\0")


def test_one_that_is_still_at_work_is_waited_for(begin, tmp_path):
    """The launcher ends before the second fork, which comes behind some work."""
    (tmp_path / "forks.sh").write_text(f"""
{{ i=0; while [ $i -lt 10000 ]; do i=$((i + 1)); done
  {PROBE} signals 1 & exit 0; }} &
exit 0
""")
    steered = begin("sh HERE/forks.sh")
    daemon = daemon_of(steered)
    assert processes_of(steered) == [daemon]


# -- the daemon is whom its pidfile names


def test_of_several_it_is_the_one_that_the_pidfile_names(begin):
    steered = begin("sh -c 'sleep 1000 & PROBE write-pid HERE/pid PROBE signals 1 & sleep 1000 & exit 0'", "pidfile = HERE/pid")
    daemon_of(steered)


def test_a_pidfile_may_be_written_late(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE fork 0 PROBE away PROBE await HERE/gate PROBE write-pid HERE/pid PROBE signals 1", "pidfile = HERE/pid")
    steered.run.message("^reeve: warning: web: waiting for its pidfile: .*/pid: No such file or directory$")
    assert steered.states("web") == {"web": "starting"}
    open_gate(tmp_path)
    daemon_of(steered)


def test_who_is_not_left_by_its_parent_yet_is_found_when_it_is(begin, tmp_path):
    holds = "PROBE write-pid HERE/pid PROBE signals 1 & read line <HERE/gate"
    steered = begin(f"PROBE fork 0 sh -c '{holds}'", "pidfile = HERE/pid")
    inner = steered.run.ready()
    steered.run.message(f"^reeve: warning: web: waiting for its pidfile: .*/pid: names {inner}, which the command has not left$")
    assert steered.states("web") == {"web": "starting"}
    open_gate(tmp_path)
    steered.wait_for("web", "up")
    assert steered.pids("web") == {"web": inner}


def test_a_stale_pidfile_is_waited_for(begin_as_pid_1, tmp_path):
    (tmp_path / "pid").write_text("1\n")
    steered = begin_as_pid_1("PROBE fork 0 PROBE await HERE/gate PROBE write-pid HERE/pid PROBE signals 1", "pidfile = HERE/pid")
    steered.run.message("^reeve: warning: web: waiting for its pidfile: .*/pid: is the one of before$")
    open_gate(tmp_path)
    daemon_of(steered)


def test_a_pidfile_of_the_run_before_is_stale(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE fork 0 PROBE write-pid HERE/pid PROBE signals 1", "pidfile = HERE/pid")
    first = daemon_of(steered)
    os.kill(first, signal.SIGKILL)
    steered.run.message("^reeve: web: killed by SIGKILL, restarting in ")
    assert daemon_of(steered) != first


def test_a_stranger_in_the_pidfile_is_not_the_service(begin_as_pid_1, tmp_path):
    daemon = "PROBE await HERE/gate PROBE write-pid HERE/pid PROBE signals 1"
    steered = begin_as_pid_1(f"sh -c '{daemon} & read pid <HERE/told; echo $pid >HERE/pid; exit 0'", "pidfile = HERE/pid",
                             more=service("db", "sh -c 'PROBE signals 1; :'"))
    stranger = steered.run.ready()
    (tmp_path / "told").write_text(f"{stranger}\n")
    steered.run.message(f"^reeve: warning: web: waiting for its pidfile: .*/pid: names {stranger}, which the command has not left$")
    assert steered.states("web", "db") == {"web": "starting", "db": "up"}
    open_gate(tmp_path)
    daemon_of(steered)
    assert is_alive(steered.run.outer(stranger))


def test_a_pidfile_that_is_a_link_to_another_file_is_not_followed(begin_as_pid_1, tmp_path):
    (tmp_path / "pid").symlink_to("/etc/passwd")
    steered = begin_as_pid_1("PROBE fork 0 PROBE await HERE/gate PROBE signals 1", "pidfile = HERE/pid")
    steered.run.message("^reeve: warning: web: waiting for its pidfile: .*/pid: is a symbolic link$")
    open_gate(tmp_path)
    inner = steered.run.ready()
    (tmp_path / "new").write_text(f"{inner}\n")
    os.rename(tmp_path / "new", tmp_path / "pid")
    steered.wait_for("web", "up")
    assert "root:" not in steered.run.err.text()
    with open("/etc/passwd") as passwd:
        assert passwd.read().startswith("root:")


def test_a_pidfile_that_is_no_pid_is_not_shown(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE fork 0 sh -c 'echo secret >HERE/pid; exec PROBE signals 1'", "pidfile = HERE/pid")
    steered.run.message("^reeve: warning: web: waiting for its pidfile: .*/pid: has no pid in its first line$")
    assert "secret" not in steered.run.err.text()


def test_instances_have_pidfiles_of_their_own(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE fork 0 PROBE write-pid HERE/pid-%i PROBE signals 1", "pidfile = HERE/pid-%i", "instances = 2")
    steered.wait_for_all()
    assert steered.pids("web") == {f"web@{n}": int((tmp_path / f"pid-{n}").read_text()) for n in (1, 2)}


# -- no daemon


def test_several_without_a_pidfile_are_an_error_that_asks_for_one(begin):
    steered = begin(f"sh -c '{TWO}'", NEVER)
    found = {str(steered.run.ready()), str(steered.run.ready())}
    said = steered.run.message(r"^reeve: web: the command left several processes behind \((\d+) (\d+)\), name the pidfile of the daemon$")
    assert {said[1], said[2]} == found
    assert [steered.run.received() for _ in found] == [signal.SIGTERM] * 2
    steered.wait_for("web", "failed")
    assert processes_of(steered) == []


def test_a_command_that_leaves_nobody_has_failed(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE exit 0", NEVER)
    steered.run.message("^reeve: web: the command left no daemon behind$")
    steered.wait_for("web", "failed")


def test_without_a_daemon_the_exit_code_of_the_container_is_1(reeve, tmp_path):
    run = start(reeve, tmp_path, forking("web", "PROBE exit 0", NEVER))
    assert run.wait() == 1


@pytest.mark.parametrize("how, said", [("exit 3", "exited with code 3"), ("die 11", "killed by SIGSEGV"), ("die 9", "killed by SIGKILL")])
def test_a_command_that_fails_is_a_failed_run_with_its_own_end(begin_as_pid_1, how, said):
    steered = begin_as_pid_1(f"PROBE {how}", NEVER)
    steered.run.message(f"^reeve: web: failed: {said}$")


def test_a_daemon_that_ends_before_it_is_found_gives_its_code(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE fork 0 PROBE exit 7", NEVER)
    steered.run.message("^reeve: web: failed: exited with code 7$")


def test_what_a_failed_command_leaves_is_asked_to_go(begin):
    steered = begin("sh -c 'PROBE signals 1 & setsid PROBE signals 1 & read line <HERE/gate; exit 3'", NEVER)
    steered.run.ready(), steered.run.ready()
    open_gate(steered.folder)
    steered.run.message("^reeve: web: the command failed, stopping what it left behind$")
    assert [steered.run.received() for _ in range(2)] == [signal.SIGTERM] * 2
    steered.run.message("^reeve: web: failed: exited with code 3$")
    assert processes_of(steered) == []


def test_what_does_not_go_is_killed_wherever_it_is(begin):
    steered = begin(f"sh -c '{DEAF} & setsid PROBE fork 0 {DEAF} & read line <HERE/gate; exit 3'", NEVER, "stop-timeout = 100ms")
    steered.run.ready(), steered.run.ready()
    open_gate(steered.folder)
    steered.run.message("^reeve: web: still running .* after SIGTERM, sending SIGKILL$")
    steered.run.message("^reeve: web: failed: exited with code 3$")
    assert processes_of(steered) == []


def test_a_command_that_cannot_be_executed_fails_for_good(begin_as_pid_1):
    steered = begin_as_pid_1("/nowhere/at/all", "restart = always")
    steered.run.message(r"^reeve: web: cannot start: /nowhere/at/all: No such file or directory \(exec\)$")
    steered.wait_for("web", "failed")


def test_a_daemon_that_never_tells_its_pid_is_stopped_behind_start_timeout(begin_as_pid_1):
    steered = begin_as_pid_1(FORKS_ONCE, "pidfile = HERE/pid", "start-timeout = 200ms", NEVER)
    steered.run.message("^reeve: web: not ready after 200ms, stopping it$")
    assert steered.run.received() == signal.SIGTERM
    steered.wait_for("web", "failed")


# -- it lives by the rules of any service


def test_its_end_is_noticed_and_its_exit_code_known(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE fork 0 PROBE away PROBE signals 1 7")
    os.kill(daemon_of(steered), signal.SIGUSR1)
    steered.run.message(r"^reeve: web: exited with code 7, restarting in \S+ \(failure 1\)$")
    daemon_of(steered)


def test_one_that_is_killed_is_started_again(begin):
    steered = begin(FORKS_TWICE)
    os.kill(daemon_of(steered), signal.SIGKILL)
    steered.run.message(r"^reeve: web: killed by SIGKILL, restarting in \S+ \(failure 1\)$")
    daemon_of(steered)


def test_the_exit_code_of_the_main_daemon_is_that_of_the_container(reeve, tmp_path):
    run = start(reeve, tmp_path, forking("web", "PROBE fork 0 PROBE signals 1 7", NEVER, "main = yes"))
    os.kill(run.outer(run.ready()), signal.SIGUSR1)
    assert run.wait() == 7


def test_its_whole_group_is_stopped(begin):
    steered = begin("PROBE fork 0 PROBE away sh -c 'PROBE signals 1 & exec PROBE signals 1'")
    steered.run.ready(), steered.run.ready()
    steered.wait_for("web", "up")
    steered.done("stop", "web")
    assert [steered.run.received() for _ in range(2)] == [signal.SIGTERM] * 2
    assert processes_of(steered) == []


def daemon_with_a_group_of_its_own(begin, folder, how):
    """A daemon that has joined the group, with another process, only after it was found."""
    both = f"PROBE signals 1 & exec PROBE signals 1 {how}"
    steered = begin(f"PROBE fork 0 sh -c 'read line <HERE/gate; exec setsid sh -c \"{both}\"'")
    steered.wait_for("web", "up")
    open_gate(folder)
    steered.run.ready(), steered.run.ready()
    return steered


def test_the_group_that_a_daemon_makes_late_is_stopped(begin, tmp_path):
    steered = daemon_with_a_group_of_its_own(begin, tmp_path, 0)
    steered.done("stop", "web")
    assert [steered.run.received() for _ in range(2)] == [signal.SIGTERM] * 2
    assert processes_of(steered) == []


def test_the_group_that_a_daemon_makes_late_is_stopped_when_it_ends(begin, tmp_path):
    steered = daemon_with_a_group_of_its_own(begin, tmp_path, 3)
    os.kill(steered.run.outer(steered.pids()["web"]), signal.SIGUSR1)
    assert sorted(steered.run.received() for _ in range(2)) == [signal.SIGUSR1, signal.SIGTERM]
    steered.run.message("^reeve: web: exited with code 3, restarting")


@pytest.mark.parametrize("how", ["PROBE away", ""], ids=["leads-its-group", "does-not"])
def test_what_its_daemon_leaves_is_stopped_before_it_is_started_again(begin, how):
    steered = begin(f"PROBE fork 0 {how} sh -c 'PROBE signals 1 & exec PROBE signals 1 3'")
    steered.run.ready(), steered.run.ready()
    steered.wait_for("web", "up")
    os.kill(steered.run.outer(steered.pids()["web"]), signal.SIGUSR1)
    steered.run.message("^reeve: web: exited with code 3, restarting")
    assert sorted(steered.run.received() for _ in range(2)) == [signal.SIGUSR1, signal.SIGTERM]


def test_it_can_be_stopped_and_started_by_hand(begin_as_pid_1):
    steered = begin_as_pid_1(FORKS_TWICE)
    first = daemon_of(steered)
    steered.done("restart", "web")
    assert daemon_of(steered) != first
    steered.done("stop", "web")
    assert steered.states("web") == {"web": "down"}


def test_its_stop_command_knows_its_pid(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE fork 0 PROBE signals 1", "stop-command = sh -c 'kill -USR2 $MAINPID'", HUNDRED_YEARS)
    daemon_of(steered)
    steered.done("stop", "web")
    assert steered.run.received() == signal.SIGUSR2


def test_it_gets_its_reload_signal(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE fork 0 PROBE signals 2", "reload-signal = HUP")
    daemon_of(steered)
    steered.done("reload-service", "web")
    assert steered.run.received() == signal.SIGHUP


def test_it_is_ready_when_its_daemon_says_so(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE fork 0 PROBE await HERE/gate PROBE notify READY=1 PROBE signals 1", "ready = notify")
    steered.run.message("^reeve: web: started, pid ")
    assert steered.states("web") == {"web": "starting"}
    open_gate(tmp_path)
    daemon_of(steered)


def test_a_daemon_that_says_so_before_its_launcher_ends_is_ready_then(begin, tmp_path):
    steered = begin("sh -c 'PROBE notify READY=1 PROBE signals 1 & read line <HERE/gate; exit 0'", "ready = notify")
    inner = steered.run.ready()
    assert steered.states("web") == {"web": "starting"}
    open_gate(tmp_path)
    steered.wait_for("web", "up")
    assert steered.pids("web") == {"web": inner}
    steered.run.message("^reeve: web: up after ")


def test_its_readiness_is_looked_at_when_its_daemon_is_found(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1(FORKS_ONCE, "ready = exec:sh -c 'echo $MAINPID >>HERE/looked; test -e HERE/go'")
    inner = steered.run.ready()
    wait_until((tmp_path / "looked").exists, "it was looked at")
    assert steered.states("web") == {"web": "starting"}
    (tmp_path / "go").touch()
    steered.wait_for("web", "up")
    assert set((tmp_path / "looked").read_text().split()) == {str(inner)}


def test_what_depends_on_it_waits_for_the_daemon(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("sh -c 'PROBE signals 1 & read line <HERE/gate; exit 0'",
                    more=service("next", "PROBE runs HERE/next stay", "depends-on = web"))
    steered.run.ready()
    assert steered.states("next") == {"next": "waiting"}
    open_gate(tmp_path)
    steered.wait_for("next", "up")


# -- it is stopped before its daemon is known


def test_a_launcher_is_asked_with_all_that_it_started(begin):
    steered = begin("sh -c 'setsid PROBE signals 1 & exec PROBE signals 1'")
    steered.run.ready(), steered.run.ready()
    client = steered.begin("stop", "web")
    assert steered.run.received() == signal.SIGTERM
    assert steered.run.received() == signal.SIGTERM
    assert client.wait() == 0
    assert processes_of(steered) == []
    assert steered.states("web") == {"web": "down"}


def test_who_was_left_before_the_stop_is_asked_although_the_launcher_is_deaf(begin):
    steered = begin(f"sh -c 'PROBE fork 0 PROBE away PROBE signals 1; exec {DEAF}'", HUNDRED_YEARS)
    ready = {steered.run.ready(), steered.run.ready()}
    steered.done("stop", "web", "--no-wait")
    asked = [steered.run.line_matching(r"^signal 15 pid (\d+) ") for _ in ready]
    assert {int(one[1]) for one in asked} == ready
    (deaf,) = [pid for pid in descendants(steered.run.pid) if read_proc(pid, "cmdline").endswith("\0signals\x0099\0")]
    os.kill(deaf, signal.SIGKILL)
    steered.wait_for("web", "down")


def test_it_is_asked_once(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE signals 3", "stop-signal = USR1", "stop-timeout = 100ms")
    steered.run.ready()
    steered.done("stop", "web")
    steered.stop()
    got = [int(line.split()[1]) for line in steered.run.out.lines() if line.startswith("signal ")]
    assert got == [signal.SIGUSR1, signal.SIGCONT]


def test_who_has_left_its_session_before_the_stop_is_asked_too(begin, tmp_path):
    """Its parent, who stands between it and us, ignores the stop signal for a while."""
    steered = begin("sh -c 'trap \"\" TERM; (trap - TERM; exec setsid PROBE signals 1) & read line <HERE/gate; exit 3'")
    steered.run.ready()
    client = steered.begin("stop", "web", "--no-wait")
    assert client.wait() == 0
    wait_until(lambda: steered.states("web") == {"web": "stopping"}, "it is being stopped")
    open_gate(tmp_path)
    assert steered.run.received() == signal.SIGTERM
    steered.wait_for("web", "down")


def test_who_does_not_go_is_killed_with_all_that_it_started(begin):
    steered = begin(f"sh -c 'setsid sh -c \"{DEAF} & exec {DEAF}\" & exec {DEAF}'", "stop-timeout = 100ms")
    for _ in range(3):
        steered.run.ready()
    steered.done("stop", "web")
    assert processes_of(steered) == []


def test_a_daemon_that_is_found_while_it_stops_is_asked(begin, tmp_path):
    steered = begin("PROBE ignore 15 sh -c 'PROBE signals 2 & read line <HERE/gate; exit 0'")
    steered.run.ready()
    steered.begin("stop", "web", "--no-wait").wait()
    assert steered.run.received() == signal.SIGTERM
    assert steered.run.received() == signal.SIGCONT
    open_gate(tmp_path)
    steered.wait_for("web", "down")
    assert "left no daemon" not in steered.run.err.text()


def test_the_end_of_all_stops_a_launcher_in_no_time(begin):
    steered = begin("sh -c 'setsid PROBE signals 1 & exec PROBE signals 1'")
    steered.run.ready(), steered.run.ready()
    assert steered.stop() == 0
    assert "SIGKILL" not in steered.run.err.text()


def test_who_kills_the_process_between_loses_nothing_in_its_session(begin):
    steered = begin("sh -c 'PROBE signals 1 & exec PROBE signals 1'", NEVER)
    steered.run.ready(), steered.run.ready()
    (between,) = processes_of(steered)
    os.kill(between, signal.SIGKILL)
    assert [steered.run.received() for _ in range(2)] == [signal.SIGTERM] * 2
    steered.run.message("^reeve: web: failed: killed by SIGKILL")
    assert processes_of(steered) == []


# -- what it is given, and what it costs


def test_the_command_gets_nothing_of_ours(begin_as_pid_1, tmp_path):
    steered = begin_as_pid_1("PROBE report HERE/launcher PROBE fork 0 PROBE report HERE/daemon PROBE signals 1")
    daemon_of(steered)
    for name in ("launcher", "daemon"):
        report = json.loads((tmp_path / name).read_text())
        assert (report["fds"], report["blocked"], report["ignored"]) == ([0, 1, 2], [], [])


def test_who_looks_for_the_daemon_holds_nothing_but_the_pipe(begin_as_pid_1):
    steered = begin_as_pid_1("PROBE signals 1")
    steered.run.ready()
    (between,) = processes_of(steered)
    held = [target for number, target in descriptors(between).items() if number > 2]
    assert len(held) == 1 and held[0].startswith("pipe:")


def test_nothing_of_the_search_is_left_in_reeve(begin_as_pid_1):
    steered = begin_as_pid_1(FORKS_ONCE)
    daemon_of(steered)
    wait_until_idle(steered.run.pid)
    before = descriptors(steered.run.pid)
    for _ in range(3):
        steered.done("restart", "web")
        daemon_of(steered)
    wait_until_idle(steered.run.pid)
    assert len(descriptors(steered.run.pid)) == len(before)


def test_as_another_user_it_writes_its_own_pidfile(steer, public_path):
    steered = steer(forking("web", "PROBE fork 0 PROBE away PROBE write-pid HERE/run/pid PROBE signals 1", "user = 61000", "mkdir = HERE/run",
                            "pidfile = HERE/run/pid"))
    daemon = daemon_of(steered)
    assert os.stat(f"/proc/{daemon}").st_uid == 61000


def test_the_service_cannot_signal_who_looks_for_its_daemon(steer, public_path):
    steered = steer(forking("web", "sh -c 'kill -KILL $PPID || exec PROBE signals 1'", "user = 61000"))
    steered.run.ready()
    assert steered.states("web") == {"web": "starting"}


# -- in other surroundings


def test_one_command_can_leave_a_daemon(reeve):
    run = reeve("-o", "type=forking", PROBE, "fork", "0", PROBE, "away", PROBE, "fork", "0", PROBE, "signals", "2", "7")
    run.ready()
    wait_until(lambda: [program(pid) for pid in children(run.pid)] == ["probe"], "the daemon is found")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM
    assert run.wait() == 7


@pytest.mark.not_under_asan("its processes want /proc")
def test_without_proc_a_pidfile_finds_it(reeve, bare_root):
    (bare_root / "reeve.ini").write_text("[service web]\ntype = forking\npidfile = /pid\ncommand = /probe fork 0 /probe away /probe fork 0 "
                                         "/probe write-pid /pid /probe signals 1\n")
    run = reeve("-c", "/reeve.ini", "-o", "control=none", binary="/reeve", before=["chroot", str(bare_root)])
    inner = run.ready()
    run.message(f"^reeve: web: started, pid {inner}$")
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM
    assert run.wait() == 0


@pytest.mark.not_under_asan("its processes want /proc")
def test_without_proc_and_pidfile_it_is_asked_for_one(reeve, bare_root):
    (bare_root / "reeve.ini").write_text("[service web]\ntype = forking\nrestart = no\ncommand = /probe fork 0 /probe signals 1\n")
    run = reeve("-c", "/reeve.ini", "-o", "control=none", binary="/reeve", before=["chroot", str(bare_root)])
    run.message("^reeve: web: without /proc nobody can tell what the command left behind, name the pidfile of the daemon$")
    assert run.wait() == 1


@pytest.mark.parametrize("nth", ["1", "2", "1-4"])
def test_a_fork_that_fails_is_tried_again(reeve, tmp_path, nth):
    run = start(reeve, tmp_path, forking("web", FORKS_ONCE, "restart-delay = 10ms"), binary=REEVE_FAULTY, env={"FAULT": f"fork:{nth}:EAGAIN"})
    run.message(r"^reeve: web: cannot start: .*Resource temporarily unavailable \(fork\), trying again in ")
    inner = run.ready()
    run.message(f"^reeve: web: started, pid {inner}$")
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_no_subreaper_is_a_start_that_failed(reeve_as_pid_1, tmp_path):
    run = start(reeve_as_pid_1, tmp_path, forking("web", FORKS_ONCE), binary=REEVE_FAULTY, env={"FAULT": "prctl:1-:EPERM"})
    run.message(r"^reeve: web: cannot start: .*Operation not permitted \(session\)$")
    assert run.wait() == 126


# -- programs that people run

NGINX = """
daemon on;
pid HERE/nginx.pid;
error_log HERE/nginx.log;
worker_processes 2;
events {{ }}
http {{ access_log off; client_body_temp_path HERE/body; proxy_temp_path HERE/proxy; fastcgi_temp_path HERE/fastcgi;
  uwsgi_temp_path HERE/uwsgi; scgi_temp_path HERE/scgi;
  server {{ listen 127.0.0.1:PORT; return 200 "served"; }} }}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


@pytest.mark.parametrize("settings", [["pidfile = HERE/nginx.pid"], []], ids=["with-its-pidfile", "without"])
def test_nginx_in_the_background_is_a_service(steer, public_path, settings):
    (public_path / "nginx.conf").write_text(NGINX.replace("{{", "{").replace("}}", "}").replace("HERE", str(public_path)).replace("PORT", str(free_port())))
    steered = steer(forking("web", "/usr/sbin/nginx -e HERE/nginx.log -c HERE/nginx.conf", *settings))
    steered.wait_for("web", "up")
    main = steered.run.outer(steered.pids()["web"])
    assert str(steered.pids()["web"]) == (public_path / "nginx.pid").read_text().strip()
    os.kill(main, signal.SIGKILL)
    steered.run.message("^reeve: web: killed by SIGKILL, (stopping what it left behind|restarting)")
    wait_until(lambda: steered.states("web") == {"web": "up"} and steered.run.outer(steered.pids()["web"]) != main, "it is up again")
    assert parent(steered.run.outer(steered.pids()["web"])) == steered.run.pid
    steered.done("stop", "web")
    assert children(steered.run.pid) == []


def test_cron_is_a_service(steer_as_pid_1, tmp_path):
    (tmp_path / "run").mkdir()
    steered = steer_as_pid_1(forking("cron", "unshare --mount sh -c 'mount --bind HERE/run /run && exec /usr/sbin/cron'"))
    steered.wait_for("cron", "up")
    main = steered.run.outer(steered.pids()["cron"])
    assert program(main) == "cron"
    assert (tmp_path / "run" / "crond.pid").read_text().strip() == str(steered.pids()["cron"])
    assert steered.stop() == 0
    assert not is_alive(main)

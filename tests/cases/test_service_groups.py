"""What a service leaves in its process group when it ends, and how a whole group is stopped."""

import os
import re
import signal
import sys

from harness import PROBE
from processes import children, descriptors, is_alive, program, status, wait_until, wait_until_idle
from services import said_of, start
from stopping import asked, service, stop, wait_until_ready

# Each instance needs a lock, which a process that it leaves behind holds on to.
NEEDS_A_LOCK = """
exec 9>lock
flock -n 9 || { echo taken; exit 2; }
echo free
TRAP
sleep 1000 &
exit 1
"""


def needs_a_lock(folder, trap=""):
    (folder / "lock.sh").write_text(NEEDS_A_LOCK.replace("TRAP", trap))
    return "[service a]\ncommand = sh lock.sh\ndirectory = HERE\nrestart = on-failure:2\nrestart-delay = 10ms\n"


def test_what_an_instance_leaves_is_asked_to_go_before_the_next_one_starts(reeve, tmp_path):
    run = start(reeve, tmp_path, needs_a_lock(tmp_path))
    assert run.wait() == 1
    assert run.out.lines() == ["free"] * 3
    assert "SIGKILL" not in run.err.text()


def test_what_stays_is_killed_after_the_stop_timeout_before_the_next_one_starts(reeve, tmp_path):
    run = start(reeve, tmp_path, needs_a_lock(tmp_path, 'trap "" TERM') + "stop-timeout = 100ms\n")
    assert run.wait() == 1
    assert run.out.lines() == ["free"] * 3
    left, still, restarting = said_of(run, "a")[1:4]
    assert left == "exited with code 1, stopping what it left behind"
    assert re.fullmatch(r"still running \S+ after SIGTERM, sending SIGKILL", still)
    assert restarting == "exited with code 1, restarting in 10ms (failure 1)"


def test_with_kill_mode_process_it_is_left_alone(reeve, tmp_path):
    run = start(reeve, tmp_path, needs_a_lock(tmp_path) + "kill-mode = process\n")
    assert run.wait() == 2
    assert run.out.lines() == ["free", "taken", "taken"]


LEAVES_A_DAEMON = """
[ -e away ] && exec sleep 1000
setsid sh -c ': >away; exec sleep 1000' &
until [ -e away ]; do :; done
echo $!
exit 1
"""


def test_what_has_left_the_group_is_left_alone_until_the_end_of_all(reeve_as_pid_1, tmp_path):
    (tmp_path / "a.sh").write_text(LEAVES_A_DAEMON)
    run = start(reeve_as_pid_1, tmp_path, "[service a]\ncommand = sh a.sh\ndirectory = HERE\n")
    daemon = run.outer(int(run.line()))
    run.message("restarting")
    run.message("started")
    assert is_alive(daemon)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0
    wait_until(lambda: not is_alive(daemon), "the daemon was swept")


# The child is ready when the leader has its trap.
WITH_A_CHILD = f"""
trap 'echo leader asked; LEAVE' TERM
{PROBE} signals 1 &
wait
wait
"""


def with_a_child(reeve, folder, mode, leave="sleep 0.2; echo leader leaves; exit"):
    (folder / "a.sh").write_text(WITH_A_CHILD.replace("LEAVE", leave))
    run = start(reeve, folder, service("a", "sh a.sh", "directory = HERE", *mode))
    wait_until_ready(run)
    return run


def said_together(run):
    """The lines of leader and child, behind the one that they are ready."""
    return ["child asked" if line.startswith("signal 15 ") else line for line in run.out.lines()[1:]]


def test_the_whole_group_is_asked_at_once_where_nothing_else_is_written(reeve, tmp_path):
    run = with_a_child(reeve, tmp_path, [], "until [ -e asked ]; do :; done; exit")
    run.signal(signal.SIGTERM)
    assert run.received() == signal.SIGTERM
    (tmp_path / "asked").touch()
    assert run.wait() == 0


def test_with_kill_mode_mixed_the_rest_is_asked_when_the_leader_has_left(reeve, tmp_path):
    run = with_a_child(reeve, tmp_path, ["kill-mode = mixed", "stop-timeout = 60s"])
    assert stop(run) == 0
    assert said_together(run) == ["leader asked", "leader leaves", "child asked"]


def test_with_kill_mode_mixed_the_rest_is_asked_where_the_leader_stays(reeve, tmp_path):
    run = with_a_child(reeve, tmp_path, ["kill-mode = mixed", "stop-timeout = 200ms"], "sleep 1000")
    assert stop(run) == 137
    assert said_together(run)[0] == "leader asked"
    assert "child asked" in said_together(run)
    assert "sending SIGKILL" in run.err.text()


def test_who_was_forked_after_the_stop_signal_gets_it_when_the_leader_has_ended(reeve, tmp_path):
    os.mkfifo(tmp_path / "fifo")  # by which the leader learns that its late child is ready
    leader = f"trap '{PROBE} signals 1 >fifo & read ready <fifo; exit 0' TERM\necho ready 0\nwhile :; do sleep 0.1; done\n"
    (tmp_path / "a.sh").write_text(leader)
    run = start(reeve, tmp_path, service("a", "sh a.sh", "directory = HERE"))
    wait_until_ready(run)
    assert stop(run) == 0
    assert "SIGKILL" not in run.err.text()


def test_with_kill_mode_process_the_rest_is_left_to_the_sweep(reeve, tmp_path):
    text = service("b", asked("b", "sleep 0.5"))
    (tmp_path / "a.sh").write_text(WITH_A_CHILD.replace("LEAVE", "echo leader leaves; exit"))
    run = start(reeve, tmp_path, text + service("a", "sh a.sh", "directory = HERE", "kill-mode = process"))
    wait_until_ready(run, 2)
    assert stop(run) == 0
    assert said_together(run)[-2:] == ["b leaves", "child asked"]


# -- what reeve itself keeps

RESTARTS = 200

# The first run and the last one wait for a signal; those between leave somebody in their group.
RESTARTING = f"""
echo >>runs
case $(wc -l <runs) in
1 | {RESTARTS}) exec {PROBE} signals 1 1 ;;
esac
sleep 1000 &
exit 1
"""


def test_200_restarts_leave_no_descriptor_and_no_zombie_behind(reeve, tmp_path):
    (tmp_path / "a.sh").write_text(RESTARTING)
    always = ["restart = always", "restart-delay = 0", "directory = HERE"]
    run = start(reeve, tmp_path, service("a", "sh a.sh", *always))
    first = run.outer(run.ready())
    wait_until_idle(run.pid)  # and so the pipe of the start is closed
    before = descriptors(run.pid)
    os.kill(first, signal.SIGUSR1)
    run.ready()
    run.message(f"failure {RESTARTS - 1}")
    wait_until_idle(run.pid)
    assert descriptors(run.pid) == before
    assert [program(pid) for pid in children(run.pid)] == ["probe"]
    assert stop(run) == 1


# Says something now and then, by children that are none of reeve's.
TICKING = "sh -c 'n=0; while [ $n -lt 30 ]; do n=$((n + 1)); sleep 0.01; echo tick $n; done; sleep 1000'"


def test_services_that_are_idle_do_not_wake_reeve(reeve, tmp_path):
    text = "".join(service(f"s{number}", "sleep 1000") for number in range(5)) + service("job", "true", "type = oneshot")
    text += service("ticking", TICKING, "after = job s0 s1 s2 s3 s4")
    run = start(reeve, tmp_path, text)
    run.message("ticking: started")
    run.line()
    wait_until_idle(run.pid)
    before = switches(run)
    run.line_matching("^tick 30$")
    assert switches(run) == before
    assert stop(run) == 0


def switches(run):
    return status(run.pid)["voluntary_ctxt_switches"]


# The listening socket of a server that has died lives on in the worker that it has forked.
LISTENS = """
import os, socket, sys, time
listener = socket.socket()
listener.bind(("", 8080))
listener.listen()
print("listening", flush=True)
if os.fork() == 0:
    time.sleep(1000)
sys.exit(1)
"""


def test_a_port_that_a_worker_holds_is_free_for_the_next_instance(reeve, tmp_path):
    (tmp_path / "server.py").write_text(LISTENS)
    command = f"{sys.executable} -S HERE/server.py"
    text = f"[service a]\ncommand = {command}\nrestart = on-failure:2\nrestart-delay = 1ms\n"
    run = start(reeve, tmp_path, text, before=["unshare", "--net"])  # where all ports are ours
    assert run.wait() == 1
    assert run.out.lines() == ["listening"] * 3

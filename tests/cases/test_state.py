"""What is stopped by hand stays so when the container starts again, where its policy says so."""

import contextlib
import os
import random
import select
import signal
import time

import pytest

from processes import wait_until
from stopping import service

STATE = "state-dir = HERE/state/of/reeve\n"
OTHER = service("db", "PROBE runs HERE/db stay")
KILLED_STOPS = 25


def web(policy="unless-stopped", *settings):
    return service("web", "PROBE runs HERE/web stay", f"restart = {policy}", *settings) + OTHER


def marks(steered):
    """The names of all files in the state-dir; None where there is no folder."""
    folder = steered.folder / "state/of/reeve"
    return sorted(os.listdir(folder)) if folder.exists() else None


def begin(steer, text, settings=STATE):
    return steer(text, settings=settings)


@pytest.mark.parametrize("again", ["start", "restart"])
def test_a_stop_by_hand_makes_a_mark_and_a_start_or_restart_removes_it(steer, again):
    steered = begin(steer, web())
    steered.wait_for_all()
    assert marks(steered) is None
    steered.done("stop", "web")
    assert marks(steered) == ["web.stopped"]
    steered.done(again, "web")
    assert marks(steered) == []


def test_the_mark_is_there_even_where_the_answer_does_not_wait_for_the_stop(steer_not_pid_1):
    steered = begin(steer_not_pid_1, service("web", "PROBE signals 99", "restart = unless-stopped", "stop-timeout = 10m"))
    steered.run.ready()
    steered.done("stop", "web", "--no-wait")
    assert marks(steered) == ["web.stopped"]
    os.kill(steered.pids()["web"], signal.SIGKILL)
    steered.wait_for("web", "down")


@pytest.mark.parametrize("policy", ["always", "on-failure", "no"])
def test_other_policies_make_no_mark(steer_not_pid_1, policy):
    steered = begin(steer_not_pid_1, web(policy))
    steered.done("stop", "web")
    assert marks(steered) is None


def test_each_instance_has_a_mark_of_its_own(steer_not_pid_1):
    steered = begin(steer_not_pid_1, service("w", "PROBE runs HERE/%i stay", "instances = 3", "restart = unless-stopped"))
    steered.done("stop", "w@1", "w@3")
    assert marks(steered) == ["w@1.stopped", "w@3.stopped"]
    steered.done("start", "w")
    assert marks(steered) == []


def test_a_stop_of_all_marks_those_that_it_is_for(steer_not_pid_1):
    steered = begin(steer_not_pid_1, web() + service("a", "sleep 1000", "restart = always"))
    steered.done("stop", "all")
    assert marks(steered) == ["web.stopped"]


def test_the_stop_of_the_container_marks_nothing(steer):
    steered = begin(steer, web())
    steered.wait_for_all()
    assert steered.stop() == 0
    assert marks(steered) is None


def test_one_that_is_marked_stays_down_at_the_next_start(steer):
    steered = begin(steer, web())
    steered.done("stop", "web")
    assert steered.stop() == 0
    (steered.folder / "web").unlink(missing_ok=True)
    steered = begin(steer, web())
    steered.wait_for("db", "up")
    found = steered.status("web")["web"]
    assert (found["state"], found["wanted"], found["reason"]) == ("down", "down", "by-hand")
    assert not (steered.folder / "web").exists()
    steered.done("start", "web")
    assert steered.stop() == 0
    steered = begin(steer, web())
    steered.wait_for_all()


@pytest.mark.parametrize("policy", ["always", "on-failure"])
def test_one_that_is_started_whatever_was_has_no_use_for_a_mark(steer_not_pid_1, policy):
    steered = begin(steer_not_pid_1, web(policy))
    steered.done("stop", "web")
    assert steered.stop() == 0
    folder = steered.folder / "state/of/reeve"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "web.stopped").touch()
    steered = begin(steer_not_pid_1, web(policy))
    steered.wait_for_all()


def test_a_container_whose_only_service_is_marked_waits_for_a_hand(steer):
    only = service("web", "PROBE runs HERE/web stay", "restart = unless-stopped")
    steered = begin(steer, only)
    steered.done("stop", "web")
    assert steered.stop() == 0
    steered = begin(steer, only)
    assert steered.states() == {"web": "down"}
    steered.done("start", "web")
    assert steered.states() == {"web": "up"}


def test_a_marked_one_that_a_reload_brings_stays_down(steer_not_pid_1):
    steered = begin(steer_not_pid_1, web())
    steered.done("stop", "web")
    steered.write(OTHER)
    steered.done("reload")
    steered.write(web())
    steered.done("reload")
    steered.done("restart", "db")  # something that happened behind it
    assert steered.states() == {"web": "down", "db": "up"}


def test_where_nothing_can_be_written_the_stop_works_and_its_answer_warns(steer):
    steered = begin(steer, web(), "state-dir = HERE/file/state\n")
    (steered.folder / "file").write_text("no folder")
    steered.wait_for_all()
    run = steered.ctl("stop", "web")
    assert run.code == 0
    assert run.err.lines() == [f"reevectl: cannot remember it in {steered.folder}/file/state: Not a directory"]
    assert steered.states() == {"web": "down", "db": "up"}


def test_a_disk_that_takes_its_time_keeps_nobody_who_has_no_use_for_it(steer_not_pid_1):
    steered = begin(steer_not_pid_1, web())
    folder = steered.folder / "state/of/reeve"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "web.stopped")  # who opens it waits for somebody to read it
    slow = steered.client()
    slow.send("stop web\n")
    steered.wait_for("web", "down")
    next_one = steered.client()
    next_one.send("start web\n")
    steered.done("restart", "db")
    assert steered.states() == {"web": "down", "db": "up"}
    os.close(os.open(folder / "web.stopped", os.O_RDONLY))
    assert slow.answer()[1] == {"ok": True, "code": 0}
    assert next_one.answer()[1] == {"ok": True, "code": 0}
    assert steered.states() == {"web": "up", "db": "up"}
    assert marks(steered) == []


def test_a_start_that_has_nothing_to_forget_does_not_warn(steer_not_pid_1):
    steered = begin(steer_not_pid_1, web())
    assert steered.done("start", "web") == []
    assert marks(steered) is None


def test_a_folder_that_cannot_be_looked_into_marks_nothing(steer_not_pid_1):
    steered = begin(steer_not_pid_1, web(), "state-dir = HERE/reeve.ini\n")
    steered.wait_for_all()


def test_no_child_is_left_behind_the_marks(steer_as_pid_1):
    steered = begin(steer_as_pid_1, web())
    for _ in range(10):
        steered.done("stop", "web")
        steered.done("start", "web")
    with open(f"/proc/{steered.run.pid}/task/{steered.run.pid}/children") as file:
        assert len(file.read().split()) == 2


def test_orders_that_come_at_once_leave_the_mark_of_the_last_one(steer_as_pid_1):
    steered = begin(steer_as_pid_1, web())
    steered.wait_for_all()
    client = steered.client()
    for last in ("stop", "start") * 5:
        client.send(f"start --no-wait web\nstop --no-wait web\n{last} web\n")
        assert [client.answer()[1]["ok"] for _ in range(3)] == [True] * 3
        assert marks(steered) == (["web.stopped"] if last == "stop" else [])


def stop_and_kill(steered, moment_s):
    """Kills reeve that long behind the request for a stop. Returns whether that was answered before: the last line is."""
    client = steered.client()
    client.send("stop web\n")
    select.select([client.socket], [], [], moment_s)
    os.kill(steered.run.pid, signal.SIGKILL)
    steered.run.wait()
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        while some := client.socket.recv(4096):
            answer += some
    steered.close_clients()
    return b'"ok":true' in answer


def test_a_reeve_that_is_killed_within_a_stop_leaves_a_mark_or_none_and_begins_so(steer_as_pid_1):
    steered = begin(steer_as_pid_1, web())
    steered.wait_for_all()
    client = steered.client()
    before = time.monotonic()
    client.ask("stop web")
    whole_s = time.monotonic() - before
    client.ask("start web")
    for number in range(KILLED_STOPS):
        was_answered = stop_and_kill(steered, whole_s * number / KILLED_STOPS * random.uniform(0.5, 1.5))
        found = marks(steered)
        assert found in ([], ["web.stopped"])
        assert found or not was_answered
        steered = begin(steer_as_pid_1, web())
        steered.wait_for("db", "up")
        wait_until(lambda: steered.states("web") == {"web": "down" if found else "up"}, f"with {found} web is so")
        steered.done("start", "web")
        assert marks(steered) == []

"""Clients that PID 1 must not wait for, whatever they send, and however they vanish."""

import contextlib
import json
import os
import resource
import select
import shutil
import signal
import socket
import statistics
import sys
import time

import pytest

from control import GREETING, REEVECTL
from harness import PROBE, REEVE
from processes import children, descriptors, read_proc, state, status, wait_until, wait_until_idle
from services import stamps, wait_for_runs
from stopping import DEAF, service, wait_until_ready

SOME_UID = "12345"
AS_ANYBODY = ["setpriv", f"--reuid={SOME_UID}", f"--regid={SOME_UID}", "--clear-groups"]
WEB = service("web", "PROBE runs HERE/web stay")
MANY = service("w", "PROBE runs HERE/%i stay", "instances = 300")
CLIENTS_AT_ONCE = 64
RESTARTS = 15
KIB = 1024


def open_files(steered):
    """What its descriptors refer to, whatever their numbers: libev may take another one for what it has.

    What we have closed is closed there, too, once it waits again.
    """
    wait_until_idle(steered.run.pid)
    return sorted(descriptors(steered.run.pid).values())


def zombies(steered):
    return [pid for pid in children(steered.run.pid) if state(pid) == "Z"]


@contextlib.contextmanager
def undisturbed(steered, restarts=False):
    """
    Whatever is done within, reeve answers behind it, and has no descriptor, zombie or child more than
    before; the services run, and are the same unless the test restarts them.
    """
    steered.wait_for_all()
    before_pids = steered.pids()
    wait_until(lambda: not sockets_of_clients(steered), "nobody is connected")
    before = open_files(steered)
    yield
    steered.close_clients()
    assert set(steered.states().values()) == {"up"}
    wait_until(lambda: open_files(steered) == before, f"the descriptors are {before} again")
    assert zombies(steered) == []
    assert len(children(steered.run.pid)) == len(before_pids)
    assert restarts or steered.pids() == before_pids


def sockets_of_clients(steered):
    """All but the one that listens."""
    sockets = [name for name in descriptors(steered.run.pid).values() if name.startswith("socket:")]
    return sockets[1:]


def memory(steered):
    """What reeve has of its own, in KiB."""
    return int(status(steered.run.pid)["RssAnon"].split()[0])


# -- the conversation


def test_a_greeting_is_answered_with_the_version(steer):
    client = steer(WEB).client(greets=False)
    client.send(GREETING)
    assert set(client.line()) == {"reeve", "version"}


def test_a_wrong_greeting_is_answered_and_ends_the_connection(steer):
    steered = steer(WEB)
    with undisturbed(steered):
        for greeting in (b"reeve 2\n", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"\n", b"status\n"):
            client = steered.client(greets=False)
            client.send(greeting)
            assert client.line() == {"ok": False, "code": 1, "error": "expected 'reeve 1' as the first line"}
            assert client.is_dropped()


def test_lines_may_end_with_a_carriage_return(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    steered.wait_for("web", "up")
    client = steered.client(greets=False)
    client.send("reeve 1\r\nstatus web\r\n")
    assert client.line()["reeve"] == 1
    (web,), verdict = client.answer()
    assert (web["name"], verdict) == ("web", {"ok": True, "code": 0})


def test_requests_that_come_at_once_are_answered_in_their_order(steer):
    steered = steer(WEB)
    with undisturbed(steered, restarts=True):
        client = steered.client(greets=False)
        client.send(GREETING + "stop web\nstatus\nstart web\nstatus\nnonsense\nstatus\n")
        client.line()
        seen = [client.answer() for _ in range(6)]
        assert [[found["state"] for found in objects] for objects, _ in seen] == [["down"], ["down"], ["up"], ["up"], [], ["up"]]
        assert [verdict["ok"] for _, verdict in seen] == [True, True, True, True, False, True]


@pytest.mark.parametrize("request_, error", [
    ("", "empty line, expected a command"),
    ("   ", "empty line, expected a command"),
    ("nonsense", "unknown command 'nonsense'"),
    ("status --all", "unknown option '--all'"),
    ("stop", "stop needs names of services"),
    ("graph web", "graph takes no names"),
    ("signal 999 web", "'999' is no signal"),
])
def test_a_wrong_request_is_answered_and_the_next_one_is_heard(steer_not_pid_1, request_, error):
    steered = steer_not_pid_1(WEB)
    client = steered.client()
    assert client.ask(request_) == ([], {"ok": False, "code": 1, "error": error})
    steered.wait_for("web", "up")
    assert client.ask("status web")[1]["ok"]


@pytest.mark.parametrize("garbage", [bytes(range(256)) + b"\n", b"\0\0\0\0\n", b"\xff\xfe\x80 \x1b[2J\n", b"status \xc3\x28\n",
                                     b"status \0web\n"],
                         ids=["every-byte", "nul", "no-utf-8", "half-a-character", "nul-inside"])
def test_garbage_is_answered_in_well_formed_lines(steer_not_pid_1, garbage):
    steered = steer_not_pid_1(WEB)
    with undisturbed(steered):
        client = steered.client()
        client.send(garbage)
        client.say_no_more()
        lines = []
        while line := client.raw_line():
            lines.append(json.loads(line.decode()))
        assert lines and "ok" in lines[-1]


def test_a_line_does_not_end_at_a_nul(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    client = steered.client()
    client.send(b"status\0x\n")
    answer = client.line()
    assert answer["ok"] is False and "unknown command" in answer["error"]


def test_who_has_said_all_still_gets_the_answer(steer):
    steered = steer(MANY)
    with undisturbed(steered):
        client = steered.client(greets=False)
        client.send(GREETING + "status\n")
        client.say_no_more()
        client.line()
        objects, verdict = client.answer()
        assert (len(objects), verdict["ok"]) == (300, True)
        assert client.is_dropped()


def test_a_line_that_is_too_long_is_said_to_be(steer):
    steered = steer(WEB)
    with undisturbed(steered):
        client = steered.client()
        client.send("status " + "x" * 4089)
        assert client.line() == {"ok": False, "code": 1, "error": "the line is too long"}
        assert client.is_dropped()


def test_the_longest_line_is_heard(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    client = steered.client()
    assert client.ask("status " + "x" * 4088)[1]["code"] == 4


@pytest.mark.not_under_asan("the sanitizer keeps what was freed")
def test_a_mebibyte_without_a_newline_is_not_taken(steer):
    steered = steer(WEB)
    with undisturbed(steered):
        client = steered.client()
        before = memory(steered)
        with pytest.raises((BrokenPipeError, ConnectionResetError)):
            client.send(b"x" * KIB * KIB)
        assert memory(steered) - before < 64


# -- many


def test_a_hundred_at_once_are_all_answered(steer):
    steered = steer(WEB)
    with undisturbed(steered):
        clients = [steered.client(greets=False) for _ in range(100)]
        for client in clients:
            client.send(GREETING + "status web\n")
        for client in clients:
            client.line()
            assert client.answer()[1]["ok"]
            client.close()


def test_a_hundred_reevectl_at_once_are_all_answered(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    with undisturbed(steered):
        runs = [steered.begin("graph") for _ in range(100)]
        assert {run.wait() for run in runs} == {0}
        for run in runs:
            steered.reeve.put_away(run)


def test_a_hundred_who_order_different_things_leave_a_service_that_can_be_steered(steer_as_pid_1):
    steered = steer_as_pid_1(WEB)
    with undisturbed(steered, restarts=True):
        runs = [steered.begin(("start", "stop", "restart")[number % 3], "web") for number in range(60)]
        for run in runs:
            run.wait()
            steered.reeve.put_away(run)
        steered.done("start", "web")


# -- slow ones


def drip(client, answered):
    """Sends a byte now and then, until it is dropped; `answered` is called behind each."""
    client.socket.setblocking(False)
    sent = 0
    while not select.select([client.socket], [], [], 0.2)[0]:
        with contextlib.suppress(BrokenPipeError):
            sent += client.socket.send(b"x")
        answered()
    return sent


def test_who_says_little_or_nothing_or_does_not_read_is_dropped_while_others_are_served(steer_not_pid_1):
    steered = steer_not_pid_1(MANY)
    with undisturbed(steered):
        silent, mute, slow, greedy = (steered.client(greets) for greets in (True, False, True, True))
        greedy.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                greedy.socket.send(b"status\n" * 1000)
        busy = steered.client()
        assert drip(slow, lambda: busy.ask("status w@1")) > 1
        assert [client.is_dropped() for client in (silent, mute, slow)] == [True] * 3
        wait_until(lambda: busy.ask("status w@1") and len(sockets_of_clients(steered)) == 1, "all but one are dropped")


def test_who_waits_for_an_answer_or_for_events_is_not_dropped(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", DEAF, "stop-timeout = 10m") + WEB.replace("web", "db"))
    wait_until_ready(steered.run)
    waiting, following, silent = (steered.client() for _ in range(3))
    waiting.send("stop web\n")
    following.send("events\n")
    steered.wait_for("web", "stopping")
    assert silent.is_dropped()  # who came last and had least to wait for
    os.kill(steered.pids("web")["web"], signal.SIGKILL)
    assert waiting.answer()[1]["ok"]
    assert following.line()["name"] == "web"


@pytest.mark.not_under_asan("the sanitizer keeps what was freed")
def test_who_does_not_read_costs_no_more_than_an_answer(steer_not_pid_1):
    steered = steer_not_pid_1(MANY)
    with undisturbed(steered):
        before = memory(steered)
        for _ in range(10):
            client = steered.client()
            client.socket.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    client.socket.send(b"status\n" * 1000)
        # Ten answers, which lie in buffers that double, and what was read of the requests.
        assert memory(steered) - before < 10 * 2 * 300 * 300 / KIB


def test_who_follows_events_and_does_not_read_loses_them_and_nothing_else(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "PROBE exit 1", "restart = always", "restart-delay = 0") + WEB.replace("web", "db"))
    steered.wait_for("db", "up")
    steered.close_clients()
    wait_until(lambda: not sockets_of_clients(steered), "nobody is connected")
    deaf = steered.client()
    deaf.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.send("events\n")
    wait_until(lambda: not sockets_of_clients(steered), "who does not read was dropped")
    assert steered.states("db") == {"db": "up"}


# -- who vanishes


@pytest.mark.parametrize("said", [b"", b"reeve", b"reeve 1\nstat", b"reeve 1\nstatus\n", b"reeve 1\nevents\n",
                                  b"reeve 1\nstatus\n" * 500,
                                  b"reeve 1\nstop nobody\n", b"reeve 1\nevents\n" + b"status\n" * 1000],
                         ids=["at-once", "in-the-greeting", "in-a-request", "in-an-answer", "following", "in-many", "unread",
                              "following-and-talking"])
def test_who_vanishes_leaves_nothing(steer, said):
    steered = steer(MANY.replace("300", "30"))
    with undisturbed(steered):
        for _ in range(100):
            client = steered.client(greets=False)
            client.send(said)
            client.close()


def test_who_vanishes_while_it_waits_leaves_nothing_and_the_order_goes_on(steer):
    steered = steer(service("web", DEAF, "stop-timeout = 10m"))
    wait_until_ready(steered.run)
    before = open_files(steered)
    for command in ("stop", "stop", "restart"):
        client = steered.client()
        client.send(f"{command} web\n")
        steered.wait_for("web", "stopping")
        client.close()
    wait_until(lambda: open_files(steered) == before, "nobody is connected")
    pid = steered.run.outer(steered.pids()["web"])
    os.kill(pid, signal.SIGKILL)
    steered.run.ready()
    steered.wait_for("web", "up")
    os.kill(steered.run.outer(steered.pids()["web"]), signal.SIGKILL)
    steered.done("stop", "web", "--no-wait")


def test_those_who_vanish_while_they_wait_do_not_keep_others_out(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", DEAF, "stop-timeout = 10m") + WEB.replace("web", "db"))
    wait_until_ready(steered.run)
    for _ in range(2 * CLIENTS_AT_ONCE):
        client = steered.client()
        client.send("stop web\n")
        client.close()
    assert steered.states("db") == {"db": "up"}
    os.kill(steered.pids()["web"], signal.SIGKILL)
    steered.wait_for("web", "down")


# -- who may not


def copied(folder, binary):
    return shutil.copy(binary, folder / os.path.basename(binary))


def test_another_user_is_refused_whatever_the_mode_of_the_socket(steer, public_path):
    steered = steer(WEB)
    reevectl = copied(public_path, REEVECTL)
    with undisturbed(steered):
        steered.path.chmod(0o666)
        run = steered.reeve.beside(*AS_ANYBODY, reevectl, "--socket", str(steered.path), "stop", "web")
        assert run.wait() == 2
        assert f"{steered.path}: refused: uid {SOME_UID} is neither root nor 0" in run.err.text()


def test_root_and_the_user_that_reeve_runs_as_are_let_in(steer, public_path):
    reevectl = copied(public_path, REEVECTL)
    copied(public_path, PROBE)
    steered = steer(service("web", "HERE/probe runs HERE/web stay"), binary=copied(public_path, REEVE), before=AS_ANYBODY)
    assert steered.done("graph") == ["web"]
    run = steered.reeve.beside(*AS_ANYBODY, reevectl, "--socket", str(steered.path), "graph")
    assert (run.wait(), run.out.lines()) == (0, ["web"])
    steered.path.chmod(0o666)
    run = steered.reeve.beside("setpriv", "--reuid=23456", "--clear-groups", reevectl, "--socket", str(steered.path), "graph")
    assert run.wait() == 2


# -- no more descriptors


def lowest_free(pid):
    used = descriptors(pid)
    return next(number for number in range(len(used) + 1) if number not in used)


def ticks(pid):
    """Of the processor, that it has used."""
    return sum(map(int, read_proc(pid, "stat").rpartition(")")[2].split()[11:13]))


def test_without_a_descriptor_for_a_client_reeve_waits_and_then_serves_it(steer):
    steered = steer(WEB)
    with undisturbed(steered):
        pid = steered.run.pid
        _, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        old = resource.prlimit(pid, resource.RLIMIT_NOFILE, (lowest_free(pid), hard))
        client = steered.client(greets=False)
        client.send(GREETING)
        before, used = int(status(pid)["voluntary_ctxt_switches"]), ticks(pid)
        # It looks again now and then: three times of that are awaited.
        wait_until(lambda: int(status(pid)["voluntary_ctxt_switches"]) >= before + 3, "reeve has looked again")
        assert ticks(pid) - used <= 5
        assert int(status(pid)["voluntary_ctxt_switches"]) < before + 100
        assert not select.select([client.socket], [], [], 0)[0]
        resource.prlimit(pid, resource.RLIMIT_NOFILE, old)
        assert client.line()["reeve"] == 1


# -- the services come first


HOSTILE = """
import contextlib, socket, sys
def connect():
    client = socket.socket(socket.AF_UNIX)
    client.connect(sys.argv[1])
    client.sendall(b"reeve 1\\n")
    client.recv(65536)
    return client
clients = [connect() for _ in range(50)]
for client in clients[:20]:
    client.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while True:
            client.send(b"status\\n" * 1000)
print("there", flush=True)
while True:
    for client in clients[20:]:
        client.sendall(b"x\\nstatus\\n")
        while client.recv(65536).count(b'"ok"') == 0:
            pass
"""


def restart_ms(steered):
    """From the death of the service to the first instruction of its next run."""
    path = steered.folder / "web"
    pid = steered.pids("web")["web"]
    count = len(stamps(path))
    killed = time.monotonic_ns()
    os.kill(pid, signal.SIGKILL)
    wait_for_runs(path, count + 1)
    steered.wait_for("web", "up")
    return (int(path.read_text().splitlines()[count]) - killed) / 1e6


@pytest.mark.alone("it compares how long something takes")
def test_a_service_comes_back_as_soon_while_fifty_clients_ask_or_do_not_listen(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "PROBE runs HERE/web stay", "restart = always", "restart-delay = 0"))
    steered.wait_for("web", "up")
    alone, asked = [], []
    for _ in range(RESTARTS // 3):
        alone += [restart_ms(steered) for _ in range(3)]
        hostile = steered.reeve.beside(sys.executable, "-c", HOSTILE, str(steered.path))
        assert hostile.line() == "there"
        asked += [restart_ms(steered) for _ in range(3)]
        hostile.process.kill()
        hostile.wait()
    assert statistics.median(asked) < max(3 * statistics.median(alone), max(alone))

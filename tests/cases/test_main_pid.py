"""A service that names its main process itself, by MAINPID of sd_notify: one that it has left to reeve."""

import json
import os
import signal
import sys

import pytest

from harness import PROBE
from processes import children, descriptors, is_alive, parent, program, state, wait_until, wait_until_idle
from services import said_of
from stopping import service

# What every program below knows. What ends by then without a word leaves no child behind.
COMMON = f"""
import os, signal, socket, sys, time

def tell(*lines):
    address = os.environ["NOTIFY_SOCKET"]
    place = "\\0" + address[1:] if address[0] == "@" else address
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto("\\n".join(lines).encode(), place)

def fork(*words, enter=lambda: None):
    pid = os.fork()
    if pid == 0:
        enter()
        os.execv("{PROBE}", ["probe", *words])
    return pid

def left(*words, enter=lambda: None):
    "The same, forked by one that has ended: it is nobody's but reeve's."
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.write(writer, str(fork(*words, enter=enter)).encode())
        os._exit(0)
    os.wait()
    return int(os.read(reader, 20))

def stay():
    signal.pause()
"""
LEAVES = 'tell("READY=1", f"MAINPID={fork(*WORDS)}")\n'


def leaves(*words):
    """A program that puts itself into the background: it names its child, which is `probe WORDS`, and ends."""
    return LEAVES.replace("WORDS", repr(words))


def begin_by(steer, folder):
    """Starts a service, web, that runs a program of this text."""

    def begin_it(text, *settings, more="", **options):
        (folder / "web.py").write_text(COMMON + text)
        command = f"{sys.executable} -S HERE/web.py"
        return steer(service("web", command, "ready = notify", "essential = no", *settings) + more, **options)

    return begin_it


@pytest.fixture
def begin(steer, tmp_path):
    return begin_by(steer, tmp_path)


@pytest.fixture
def begin_as_pid_1(steer_as_pid_1, tmp_path):
    return begin_by(steer_as_pid_1, tmp_path)


def wait_for_main(steered, inner):
    """The pid of the main process as we see it, once reeve has it for that."""
    wait_until(lambda: steered.pids("web")["web"] == inner, f"{inner} is the main process")
    return steered.run.outer(inner)


def main_of(steered):
    """The same of the `probe signals` that the service runs next."""
    return wait_for_main(steered, steered.run.ready())


def main_now(steered):
    return steered.run.outer(steered.pids("web")["web"])


def kill(pid):
    os.kill(pid, signal.SIGKILL)


# -- it is the main process from then on


def test_a_child_that_is_named_before_its_parent_ends_goes_on_as_the_service(begin):
    steered = begin(leaves("signals", "1"))
    main = main_of(steered)
    wait_until(lambda: parent(main) == steered.run.pid, "it was left to reeve")
    assert steered.states() == {"web": "up"}
    assert not [line for line in said_of(steered.run, "web") if "exited" in line]
    assert [program(pid) for pid in children(steered.run.pid)] == ["probe"]


def test_a_parent_that_lives_on_is_the_service_until_it_ends(begin, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    steered = begin(leaves("signals", "1") + f"open({str(tmp_path / 'fifo')!r}).read()\n")
    inner = steered.run.ready()
    steered.wait_for("web", "up")
    assert steered.pids()["web"] != inner
    (tmp_path / "fifo").write_text("")
    wait_for_main(steered, inner)


def test_what_nobody_is_the_parent_of_is_it_at_once(begin):
    steered = begin('tell("READY=1", f"MAINPID={left(\'signals\', \'1\')}")\nstay()\n')
    main_of(steered)
    assert steered.states() == {"web": "up"}
    assert len(children(steered.run.pid)) == 2  # the program that has named it, too


def test_reevectl_tells_its_pid(begin):
    steered = begin(leaves("signals", "1"))
    inner = steered.run.ready()
    wait_for_main(steered, inner)
    told = json.loads(steered.done("status", "--json")[0])
    assert (told["name"], told["state"], told["pid"]) == ("web", "up", inner)


def test_the_last_one_that_is_named_counts(begin):
    steered = begin('fork("signals", "1")\ntell(f"MAINPID={fork(\'runs\', \'HERE\', \'stay\')}")\n'
                    'tell("READY=1", f"MAINPID={os.getpid()}")\nstay()\n'.replace("HERE", os.devnull))
    inner = steered.run.ready()
    steered.wait_for("web", "up")
    assert steered.pids()["web"] != inner
    assert steered.run.main() == steered.run.outer(steered.pids()["web"])


def test_it_is_told_to_be_up_once(begin):
    steered = begin(leaves("signals", "1"))
    main_of(steered)
    assert steered.stop() == 0
    said = said_of(steered.run, "web")
    assert [line.split()[0] for line in said if not line.startswith("its main process is pid ")] == ["started,", "up", "exited"]
    assert len(said) == 4


# -- it is stopped, and what is left of it


def test_it_gets_the_stop_signal(begin):
    steered = begin(leaves("signals", "1"), "stop-signal = USR2")
    main_of(steered)
    steered.done("stop", "web")
    assert steered.run.received() == signal.SIGUSR2
    assert steered.states() == {"web": "down"}
    steered.run.message("^reeve: web: exited with code 0$")


def test_it_gets_the_signals_of_reevectl(begin):
    steered = begin(leaves("signals", "2"))
    main_of(steered)
    steered.done("signal", "WINCH", "web")
    assert steered.run.received() == signal.SIGWINCH


def test_one_that_does_not_listen_is_killed(begin):
    steered = begin(leaves("signals", "9"), "stop-timeout = 100ms")
    main = main_of(steered)
    steered.done("stop", "web")
    assert not is_alive(main)
    steered.run.message("^reeve: web: killed by SIGKILL$")


def test_the_end_of_reeve_asks_it(begin):
    steered = begin(leaves("signals", "1", "5"))
    main_of(steered)
    steered.run.signal(signal.SIGTERM)
    steered.run.wait()
    assert "reeve: web: exited with code 5" in steered.run.err.lines()
    assert steered.run.received() == signal.SIGTERM


def test_its_death_is_noticed_and_the_service_started_again(begin):
    steered = begin(leaves("signals", "1"), "restart = always", "restart-delay = 10ms")
    kill(main_of(steered))
    steered.run.message("^reeve: web: killed by SIGKILL, restarting in 10ms")
    main_of(steered)
    steered.wait_for("web", "up")


def test_its_exit_code_is_that_of_the_service(begin):
    steered = begin(leaves("signals", "1", "7"), "restart = no")
    os.kill(main_of(steered), signal.SIGUSR1)
    steered.run.message("^reeve: web: .*exited with code 7")
    steered.run.wait()


@pytest.mark.parametrize("group", ["that of its parent", "its own"])
def test_who_is_left_in_its_group_is_asked_to_go_before_the_next_start(begin, group):
    enter = "os.setsid" if group == "its own" else "lambda: None"
    text = f"""
def enter():
    ({enter})()
    fork("ignore", "1", "{PROBE}", "signals", "1")
tell("READY=1", f"MAINPID={{fork('runs', '{os.devnull}', 'stay', enter=enter)}}")
"""
    steered = begin(text, "restart = always", "restart-delay = 10ms")
    left = steered.run.outer(steered.run.ready())
    steered.wait_for("web", "up")
    wait_until(lambda: parent(left) == main_now(steered), "the child is the main process")
    kill(parent(left))
    assert steered.run.received() == signal.SIGTERM
    steered.run.ready()
    assert not is_alive(left)


def test_a_name_that_is_refused_takes_nothing_back(begin):
    steered = begin('tell("READY=1", f"MAINPID={fork(\'signals\', \'1\')}")\ntell("MAINPID=4194304")\n')
    main_of(steered)
    assert steered.states() == {"web": "up"}


def test_it_may_go_into_a_session_of_its_own_later(begin, tmp_path):
    """A daemon does, and its parent may have named it by then."""
    os.mkfifo(tmp_path / "fifo")
    text = f"""
def enter():
    open({str(tmp_path / "fifo")!r}).read()
    os.setsid()
    fork("ignore", "1", "{PROBE}", "signals", "1")
pid = left('runs', '{os.devnull}', 'stay', enter=enter)
print(pid, flush=True)
tell("READY=1", f"MAINPID={{pid}}")
"""
    steered = begin(text, "restart = always", "restart-delay = 10ms")
    for end in (kill, lambda _: steered.done("restart", "web")):
        main = wait_for_main(steered, int(steered.run.line()))
        (tmp_path / "fifo").write_text("")
        left = steered.run.outer(steered.run.ready())
        end(main)
        assert steered.run.received() == signal.SIGTERM
        assert not is_alive(main)
        wait_until(lambda: not is_alive(left), "who was left in its session has ended")
    (tmp_path / "fifo").write_text("")


def test_it_may_name_another_one(begin, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    steered = begin(f"""
pid = os.fork()
if pid == 0:
    open({str(tmp_path / "fifo")!r}).read()
    tell(f"MAINPID={{fork('signals', '1')}}")
    os._exit(0)
print(pid, flush=True)
tell("READY=1", f"MAINPID={{pid}}")
""")
    wait_for_main(steered, int(steered.run.line()))
    (tmp_path / "fifo").write_text("")
    main_of(steered)
    assert steered.states() == {"web": "up"}


def test_nothing_is_left_of_many_that_left(begin):
    steered = begin(leaves("signals", "1"), "restart = always", "restart-delay = 0")
    main = main_of(steered)
    wait_until(lambda: len(children(steered.run.pid)) == 1, "all else was reaped")
    wait_until_idle(steered.run.pid)  # nor asks anybody any more
    before = len(descriptors(steered.run.pid))
    for _ in range(20):
        kill(main)
        main = main_of(steered)
    wait_until(lambda: len(descriptors(steered.run.pid)) == before, "as many descriptors are open")
    assert [program(pid) for pid in children(steered.run.pid)] == ["probe"]


FLOOD = 200  # more than is read at once
LONG_QUEUE = ["unshare", "--net", "sh", "-c", f'echo {FLOOD + 10} >/proc/sys/net/unix/max_dgram_qlen; exec "$@"', "-"]


def test_the_last_word_of_one_that_said_much_is_heard(begin_as_pid_1, tmp_path):
    """Reeve wakes up to a dead leader and all that it has said."""
    os.mkfifo(tmp_path / "fifo")
    text = f"""
open({str(tmp_path / "fifo")!r}).read()
for _ in range({FLOOD}):
    tell("STATUS=busy")
tell("READY=1", f"MAINPID={{left('signals', '1')}}")
"""
    steered = begin_as_pid_1(text, "restart = no", before=LONG_QUEUE)
    program = steered.run.main()
    steered.run.signal(signal.SIGSTOP)
    (tmp_path / "fifo").write_text("")
    wait_until(lambda: state(program) == "Z", "the program has ended")
    steered.run.signal(signal.SIGCONT)
    main_of(steered)
    assert steered.states() == {"web": "up"}


# -- who cannot be it

def assert_is_as_started(steered):
    """What was started is the main process still; to be asked once."""
    started = int(steered.run.message(r"^reeve: web: started, pid (\d+)")[1])
    assert steered.pids("web")["web"] == started


@pytest.mark.parametrize("who", ["1", "{os.getppid()}", "{os.getpid()}", "4194304", "2147483647"])
def test_neither_reeve_nor_nobody_is_it(begin, who):
    steered = begin(f'tell("READY=1", f"MAINPID={who}")\nstay()\n')
    steered.wait_for("web", "up")
    assert_is_as_started(steered)


def test_neither_is_it_a_child_that_ended_before_its_parent(begin):
    ends = "pid = os.fork()\nif pid == 0: os._exit(0)\n"
    steered = begin(f'{ends}tell("READY=1", f"MAINPID={{pid}}")\nos.wait()\nos._exit(3)\n', "restart = no")
    steered.run.message("^reeve: web: .*exited with code 3")
    steered.run.wait()


DB = service("db", "PROBE signals 9", "stop-signal = KILL")


@pytest.fixture
def begin_naming(begin, public_path):
    """Starts web, which names whom the test tells it to, twice: while it lives, and for when it ends."""
    path = public_path / "fifo"
    os.mkfifo(path)
    path.chmod(0o666)

    def begin_it(*settings, more):
        text = f'tell("READY=1", f"MAINPID={{open({str(path)!r}).read()}}")\nopen({str(path)!r}).read()\n'
        return begin(text, "restart = no", *settings, more=more)

    return begin_it


def assert_is_refused(steered, inner):
    fifo = steered.folder / "fifo"
    fifo.write_text(str(inner))
    steered.wait_for("web", "up")
    assert_is_as_started(steered)
    fifo.write_text("")
    steered.run.message("^reeve: web: .*exited with code 0")
    assert is_alive(steered.run.outer(inner))


def wait_until_left(steered, inner):
    wait_until(lambda: parent(steered.run.outer(inner)) == steered.run.pid, "it was left to reeve")


def test_another_service_is_not_its_main_process(begin_naming):
    steered = begin_naming(more=DB)
    db = steered.run.ready()
    assert_is_refused(steered, db)
    assert steered.pids()["db"] == db


OWN_GROUP = f"{sys.executable} -S -c \"import os, sys; os.setpgid(0, 0); os.execv(sys.argv[1], sys.argv[1:])\""


@pytest.mark.parametrize("how", ["", OWN_GROUP], ids=["in-its-group", "in-a-group-of-its-own"])
def test_what_is_in_the_session_of_another_service_is_not_its_main_process(begin_naming, how):
    db = service("db", f"sh -c '({how} PROBE signals 1 &) ; exec PROBE runs HERE/db stay'", "stop-timeout = 10ms")
    steered = begin_naming(more=db)
    left = steered.run.ready()
    wait_until_left(steered, left)
    assert_is_refused(steered, left)
    assert steered.states("db") == {"db": "up"}


AS_NOBODY = ["user = 65534", "group = 65534"]
LEAVES_A_SESSION = service("db", "sh -c '(setsid PROBE signals 1 &) ; exec PROBE runs HERE/db stay'", "stop-timeout = 10ms")


def test_without_rights_it_cannot_name_what_another_user_has_left(begin_naming):
    steered = begin_naming(*AS_NOBODY, more=LEAVES_A_SESSION)
    left = steered.run.ready()
    wait_until_left(steered, left)
    assert_is_refused(steered, left)


@pytest.mark.parametrize("settings", [[], AS_NOBODY], ids=["root", "nobody"])
def test_it_may_name_what_it_has_left_in_a_session_of_its_own(begin, public_path, settings):
    steered = begin('tell("READY=1", f"MAINPID={left(\'signals\', \'1\', enter=os.setsid)}")\nstay()\n', *settings)
    main_of(steered)
    assert steered.states() == {"web": "up"}


def test_root_may_name_what_has_given_up_its_rights(begin):
    enter = "lambda: (os.setsid(), os.setuid(65534))"
    steered = begin(f'tell("READY=1", f"MAINPID={{left(\'signals\', \'1\', enter={enter})}}")\nstay()\n', "stop-timeout = 10ms")
    main_of(steered)
    assert steered.states() == {"web": "up"}


def test_a_stop_command_is_nobody_s_main_process(begin_naming):
    steered = begin_naming(more=service("db", "PROBE runs HERE/db stay", "stop-command = PROBE signals 1 0"))
    steered.wait_for("db", "up")
    client = steered.begin("stop", "db")
    command = steered.run.ready()
    assert_is_refused(steered, command)
    os.kill(steered.run.outer(command), signal.SIGTERM)
    assert client.wait() == 0


def test_a_reload_command_is_nobody_s_main_process(begin_naming):
    steered = begin_naming(more=service("db", "PROBE runs HERE/db stay", "reload-command = PROBE signals 1 0"))
    steered.wait_for("db", "up")
    client = steered.begin("reload-service", "db")
    command = steered.run.ready()
    assert_is_refused(steered, command)
    os.kill(steered.run.outer(command), signal.SIGTERM)
    assert client.wait() == 0
    steered.run.message("^reeve: db: its reload-command exited with code 0$")


def test_a_process_from_outside_is_not_its_main_process(begin):
    outside = os.getpid()
    steered = begin(f'tell("READY=1", "MAINPID={outside}")\nstay()\n')
    steered.wait_for("web", "up")
    assert_is_as_started(steered)

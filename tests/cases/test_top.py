"""reevectl top: what it shows, what its keys do, and how it leaves the terminal."""

import contextlib
import fcntl
import os
import re
import signal
import struct
import subprocess
import termios

import pytest

from control import REEVECTL, Steered
from processes import PATIENCE, read_proc, state, wait_until
from screen import full_screen
from terminal import PROMPT

THREE = """
[service db]
command = PROBE signals
[service migrate]
type    = oneshot
command = PROBE exit 0
[service web]
command = PROBE signals
"""
SLOW = "[service slow]\ncommand = PROBE signals 9\nstop-timeout = 1h\n"
MANY = "".join(f"[service s{number:02}]\ncommand = PROBE signals\n" for number in range(30))


def stop(run):
    run.signal(signal.SIGTERM)
    run.wait()


@pytest.fixture
def control(environment, tmp_path):
    """The environment of a reevectl that talks with the reeve of this folder."""
    colours = {name: value for name, value in environment.items() if name != "NO_COLOR"}
    return {**colours, "REEVE_CONTROL": str(tmp_path / "control"), "TERM": "xterm"}


@pytest.fixture
def show(reeve_not_pid_1, control, tmp_path):
    """Starts reeve with services, and top in a terminal of some size."""

    @contextlib.contextmanager
    def start_both(services=THREE, size=(80, 24), settings="", env=(), around=(), **popen):
        run = Steered(reeve_not_pid_1, tmp_path, services, settings=settings).run
        with full_screen([*around, REEVECTL, "top"], {**control, **dict(env)}, size, **popen) as top:
            yield run, top
        if run.is_running():
            stop(run)

    return start_both


def unread(top):
    """How many bytes were typed and not read yet."""
    return struct.unpack("i", fcntl.ioctl(top.terminal, termios.FIONREAD, bytes(4)))[0]


def row(name, state_of_it):
    return rf"^{name} +{state_of_it} "


def shows_both_up(top):
    for name in ("db", "web"):
        top.shows(row(name, "up"))


def pid_of(top, name):
    found = re.search(rf"^{name} +up +\S+ +(\d+)", top.screen.text(), re.MULTILINE)
    return int(found[1]) if found else None


# -- what it shows


def test_it_shows_every_service_of_a_reeve(show):
    with show() as (_, top):
        top.shows(r"^reeve \S+ - 3 services, 2 up, 1 done$")
        assert top.screen.is_alternate and not top.screen.has_cursor
        lines = top.screen.lines()
        assert lines[1].split() == "NAME STATE HEALTH PID UPTIME RESTARTS LAST EXIT".split()
        assert [line.split()[:2] for line in lines[2:5]] == [["db", "up"], ["migrate", "done"], ["web", "up"]]
        assert lines[3].endswith("exit code 0")
        assert lines[-1] == "up/down select  s start  t stop  r restart  q quit"


def test_it_shows_the_services_of_a_reeve_that_is_pid_1(reeve_as_pid_1, control, tmp_path):
    run = Steered(reeve_as_pid_1, tmp_path, THREE).run
    with full_screen([REEVECTL, "top"], control) as top:
        top.shows(row("web", "up"))
    stop(run)


def test_it_looks_again_by_itself(show):
    with show() as (_, top):
        top.shows(row("web", "up"))
        os.kill(pid_of(top, "web"), signal.SIGKILL)
        top.shows(r"^web +\S.* 1  killed by SIGKILL$")


def test_it_stays_for_longer_than_reeve_waits_for_a_client_that_says_nothing(show):
    with show() as (_, top):
        top.shows(r"^web +up .* 1[1-9]s ")


def test_it_says_when_reeve_does_not_answer(show):
    with show() as (run, top):
        top.shows(row("web", "up"))
        run.signal(signal.SIGSTOP)
        try:
            top.shows(r"^reeve \S+ - no answer for \d+s - 3 services")
            top.type("q")
            assert top.wait() == 0
        finally:
            run.signal(signal.SIGCONT)


def test_what_was_not_said_is_forgotten_when_reeve_answers_again(show):
    with show() as (run, top):
        top.shows(row("web", "up"))
        run.signal(signal.SIGSTOP)
        top.shows(r"^reeve \S+ - no answer")
        run.signal(signal.SIGCONT)
        top.shows(r"^reeve \S+ - 3 services")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"NO_COLOR": ""}], ids=["colour", "NO_COLOR", "empty"])
def test_states_are_coloured_unless_no_color_is_set(show, env):
    with show(env=env) as (_, top):
        top.shows(row("web", "up"))
        assert ("\x1b[32mup\x1b[0m" in top.raw) == (not env.get("NO_COLOR"))


@pytest.mark.parametrize("size", [(20, 4), (80, 24), (200, 50), (1, 1)], ids=lambda size: "x".join(map(str, size)))
def test_nothing_is_written_beyond_the_screen(show, size):
    with show(MANY, size) as (_, top):
        top.wait_until(lambda screen: screen.lines()[0] != "", "frame")
        top.type("jjjjjjjjjjq")
        assert top.wait() == 0


@pytest.mark.not_under_asan("the leak checker traces its own process, which only one can do")
def test_a_frame_is_one_write(show, tmp_path):
    trace = tmp_path / "trace"
    around = ["strace", "-o", trace, "-s", "100", "-e", "trace=write", "-e", "write=none"]
    with show(MANY, around=around) as (_, top):
        top.selects("s00")
        for number in range(1, 6):
            top.type("j")
            top.selects(f"s{number:02}")
        top.type("q")
        assert top.wait() == 0
    writes = re.findall(r'^write\(1, "(.*?)"', trace.read_text(), re.MULTILINE)
    assert len(writes) > 7
    assert all(text.startswith(r"\33[1;1Hreeve ") for text in writes[1:-1]), writes


# -- selecting


@pytest.mark.parametrize(
    "keys, selected",
    [
        ("j", "s01"),
        ("jjjk", "s02"),
        ("\x1b[B\x1b[B\x1b[A", "s01"),
        ("\x1bOB", "s01"),
        ("\x1b[6~", "s20"),
        ("\x1b[6~\x1b[6~\x1b[5~", "s09"),
        ("\x1b[F", "s29"),
        ("\x1b[F\x1b[H", "s00"),
        ("k", "s00"),
    ],
    ids=["j", "k", "arrows", "application-arrow", "page-down", "page-up", "end", "home", "at-the-top"],
)
def test_keys_select_a_service(show, keys, selected):
    with show(MANY) as (_, top):
        top.selects("s00")
        top.type(f"jk{keys}")
        top.selects(selected)


def test_a_key_may_come_in_pieces(show):
    with show(MANY) as (_, top):
        top.selects("s00")
        top.type("\x1b[F")
        top.selects("s29")
        top.type("kkj\x1b")
        top.selects("s28")
        top.type("[B")
        top.selects("s29")


def test_services_beyond_the_height_scroll_with_the_selection(show):
    with show(MANY, (20, 4)) as (_, top):
        top.selects("s00")
        top.type("jjjjjjj")
        top.selects("s07")
        assert top.screen.lines()[2].startswith("s07")


def test_another_size_is_drawn_at_once_and_in_full(show):
    with show(MANY, (80, 24)) as (_, top):
        top.selects("s00")
        top.type("\x1b[F")
        top.selects("s29")
        top.resize(30, 10)
        top.wait_until(lambda screen: screen.bar() == "s29" and screen.lines()[-1].startswith("up/down"), "small screen")
        top.resize(100, 40)
        top.wait_until(lambda screen: screen.lines()[-1].endswith("q quit"), "large screen")
        assert top.screen.bar() == "s29"
        assert len([line for line in top.screen.lines() if re.match(r"s\d\d ", line)]) == 30


# -- start, stop, restart


def test_keys_stop_and_start_the_selected_service(show):
    with show() as (_, top):
        shows_both_up(top)
        top.type("\x1b[Ft")
        top.shows(row("web", "down"))
        assert "stop web: ordered" in top.screen.lines()
        top.type("s")
        top.shows(row("web", "up"))
        assert "start web: ordered" in top.screen.lines()
        assert pid_of(top, "db")


def test_a_key_restarts_the_selected_service(show):
    with show() as (_, top):
        shows_both_up(top)
        first, other = pid_of(top, "web"), pid_of(top, "db")
        top.type("\x1b[Fr")
        top.wait_until(lambda screen: pid_of(top, "web") not in (None, first), "another pid of web")
        assert pid_of(top, "db") == other


def test_an_order_is_not_waited_for(show):
    with show(f"{SLOW}[service web]\ncommand = PROBE signals\n") as (run, top):
        for name in ("slow", "web"):
            run.ready()
            top.shows(row(name, "up"))
        top.type("t")
        top.shows(row("slow", "stopping"))
        top.type("jt")
        top.shows(row("web", "down"))
        os.kill(pid_of_stopping(top), signal.SIGKILL)
        top.shows(row("slow", "down"))


def pid_of_stopping(top):
    return int(re.search(r"^slow +stopping +\S+ +(\d+)", top.screen.text(), re.MULTILINE)[1])


def test_an_error_of_reeve_is_shown(show):
    with show(SLOW, settings="shutdown-timeout = 1h\n") as (run, top):
        run.ready()
        top.shows(row("slow", "up"))
        run.signal(signal.SIGTERM)
        top.shows(row("slow", "stopping"))
        top.type("s")
        top.shows(r"^start slow: reeve is stopping$")
        top.type("j")
        top.wait_until(lambda screen: "start slow" not in screen.text(), "end of the note")
        os.kill(pid_of_stopping(top), signal.SIGKILL)
        run.wait()
        assert top.wait() == 2


# -- the end


def expect_given_back(top):
    assert top.screen.is_given_back()
    assert termios.tcgetattr(top.terminal) == top.settings


@pytest.mark.parametrize("key", ["q", "\x03"], ids=["q", "ctrl-c"])
def test_a_key_ends_it_and_gives_the_terminal_back(show, key):
    with show() as (_, top):
        top.shows(row("web", "up"))
        assert termios.tcgetattr(top.terminal) != top.settings
        top.type(key)
        assert top.wait() == 0
        expect_given_back(top)
        assert top.screen.plain == ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda number: number.name)
def test_a_signal_ends_it_and_gives_the_terminal_back(show, number):
    with show() as (_, top):
        top.shows(row("web", "up"))
        top.process.send_signal(number)
        assert top.wait() == 128 + number
        expect_given_back(top)


def test_the_end_of_reeve_ends_it_and_says_so_on_the_terminal_that_is_back(show):
    with show() as (run, top):
        top.shows(row("web", "up"))
        stop(run)
        assert top.wait() == 2
        expect_given_back(top)
        assert top.screen.plain == "reevectl: reeve has closed the connection\r\n"


def test_a_killed_reeve_ends_it_too(show):
    with show() as (run, top):
        shows_both_up(top)
        services = [pid_of(top, "db"), pid_of(top, "web")]
        run.signal(signal.SIGKILL)
        assert top.wait() == 2
        expect_given_back(top)
        for pid in services:
            os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("popen", [{}, {"preexec_fn": None}], ids=["and-says-so", "and-sends-no-signal"])
def test_the_end_of_the_terminal_ends_it(show, popen):
    with show(**popen) as (_, top):
        top.shows(row("web", "up"))
        os.close(top.terminal)
        os.close(top.keyboard)
        assert top.process.wait(timeout=PATIENCE) == 128 + signal.SIGHUP


def test_a_terminal_that_takes_nothing_does_not_keep_it(show):
    with show(MANY) as (_, top):
        top.selects("s00")
        typed = 0
        while not is_stuck(top):
            top.type("j")
            typed += 1
            wait_until(lambda: unread(top) == 0 or is_stuck(top), "it goes on or is stuck")
            assert typed < 1000
        top.process.send_signal(signal.SIGTERM)
        assert top.process.wait(timeout=PATIENCE) == 128 + signal.SIGTERM
        assert termios.tcgetattr(top.terminal) == top.settings


def is_stuck(top):
    """In write(2), which waits for the terminal."""
    return "n_tty_write" in read_proc(top.process.pid, "wchan") or "wait_woken" in read_proc(top.process.pid, "wchan")


# -- suspended


@contextlib.contextmanager
def top_in_a_shell(control):
    """top as a job of a shell, which looks after its terminal as shells do."""
    with full_screen(["bash", "--norc", "--noprofile", "--noediting", "-i"], {**control, "PS1": PROMPT}) as shell:
        wait_for_prompt(shell)
        settings = termios.tcgetattr(shell.terminal)
        shell.type(f"{REEVECTL} top\n")
        shell.shows(row("web", "up"))
        assert termios.tcgetattr(shell.terminal) != settings
        yield shell
        assert shell.screen.is_given_back()
        assert termios.tcgetattr(shell.terminal) == settings
        shell.type("exit\n")
        shell.wait()


def wait_for_prompt(shell):
    shell.wait_until(lambda screen: not screen.is_alternate and screen.plain.endswith(PROMPT), "prompt")


def suspend(shell):
    settings = termios.tcgetattr(shell.terminal)
    shell.type("\x1a")
    wait_for_prompt(shell)
    assert "Stopped" in shell.screen.plain
    assert shell.screen.is_given_back()
    assert termios.tcgetattr(shell.terminal) != settings


def expect_code(shell, code):
    wait_for_prompt(shell)
    shell.type("echo code $?\n")
    shell.wait_until(lambda screen: re.search(r"code \d+\r\n", screen.plain), "exit code")
    wait_for_prompt(shell)
    assert f"code {code}\r\n" in shell.screen.plain


def test_ctrl_z_suspends_it_and_it_comes_back(reeve_not_pid_1, control, tmp_path):
    run = Steered(reeve_not_pid_1, tmp_path, THREE).run
    with top_in_a_shell(control) as shell:
        suspend(shell)
        shell.type("fg\n")
        shell.shows(row("web", "up"))
        shell.type("t")
        shell.shows(row("db", "down"))
        shell.type("q")
        expect_code(shell, 0)
    stop(run)


def test_a_reeve_that_has_dropped_it_meanwhile_is_connected_to_again(reeve_not_pid_1, control, tmp_path):
    """It drops clients that say nothing for long; here it is another reeve that knows nothing of us."""
    run = Steered(reeve_not_pid_1, tmp_path, THREE).run
    with top_in_a_shell(control) as shell:
        suspend(shell)
        stop(run)
        run = Steered(reeve_not_pid_1, tmp_path, "[service other]\ncommand = PROBE signals\n").run
        shell.type("fg\n")
        shell.shows(row("other", "up"))
        shell.type("q")
        expect_code(shell, 0)
    stop(run)


def test_where_reeve_is_gone_meanwhile_it_says_so(reeve_not_pid_1, control, tmp_path):
    run = Steered(reeve_not_pid_1, tmp_path, THREE).run
    with top_in_a_shell(control) as shell:
        suspend(shell)
        stop(run)
        shell.type("fg\n")
        expect_code(shell, 2)
        assert "reevectl: cannot reach reeve: " in shell.screen.plain


def test_after_sigstop_it_takes_the_terminal_again(show):
    with show() as (_, top):
        top.shows(row("web", "up"))
        ours = termios.tcgetattr(top.terminal)
        top.process.send_signal(signal.SIGSTOP)
        wait_until(lambda: state(top.process.pid) == "T", "it is stopped")
        top.read_available()
        termios.tcsetattr(top.terminal, termios.TCSANOW, top.settings)
        top.screen.clear()
        top.process.send_signal(signal.SIGCONT)
        top.shows(row("web", "up"))
        assert termios.tcgetattr(top.terminal) == ours


# -- no terminal


def expect_refusal(command, environment, **streams):
    run = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True, timeout=PATIENCE, check=False, **streams)
    assert (run.returncode, run.stderr) == (1, "reevectl: top needs a terminal\n")
    assert not run.stdout


@pytest.mark.parametrize("missing", ["stdin", "stdout"])
def test_it_needs_a_terminal_on_both_sides(show, control, missing):
    with show() as (_, top):
        top.shows(row("web", "up"))
        nowhere = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE}[missing]
        streams = {"stdin": top.terminal, "stdout": top.terminal, missing: nowhere}
        expect_refusal([REEVECTL, "top"], control, **streams)


def test_it_needs_a_terminal_that_can_move_its_cursor(show, control):
    with show() as (_, top):
        top.shows(row("web", "up"))
        expect_refusal([REEVECTL, "top"], {**control, "TERM": "dumb"}, stdin=top.terminal, stdout=top.terminal)


def test_without_reeve_it_says_why_and_leaves_the_terminal_alone(control):
    with full_screen([REEVECTL, "top"], control) as top:
        assert top.wait() == 2
        assert top.screen.plain.startswith("reevectl: cannot reach reeve: ")
        expect_given_back(top)
        assert "\x1b" not in top.raw

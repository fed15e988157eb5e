"""reeve called as dumb-init. What Debian's dumb-init does on the same command lines is compared elsewhere."""

import contextlib
import errno
import os
import signal

import pytest

from harness import BUILD, PROBE
from processes import FORWARDABLE, parent, state, status, wait_until
from terminal import PROMPT, interactive_bash, with_terminal

JOB_CONTROL = [signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU]


@pytest.fixture
def dumb_init(reeve, called):
    return called_dumb_init(reeve, called)


@pytest.fixture
def dumb_init_as_pid_1(reeve_as_pid_1, called):
    return called_dumb_init(reeve_as_pid_1, called)


@pytest.fixture
def dumb_init_not_pid_1(reeve_not_pid_1, called):
    return called_dumb_init(reeve_not_pid_1, called)


def called_dumb_init(starter, called):
    def start(*words, **more):
        return starter(*words, binary=called("dumb-init"), **more)

    start.environment = starter.environment
    start.path = called("dumb-init")
    return start


def ended(run):
    run.wait()
    return run


def messages(run):
    """Without the numbers of processes."""
    return [" ".join("N" if word.strip(".").isdigit() and before == "PID" else word for before, word in pairs(line)) for line in run.err.lines()]


def pairs(line):
    words = line.removeprefix("[dumb-init] ").split(" ")
    return zip(["", *words], words)


# -- the command line


@pytest.mark.parametrize("option", ["-V", "--version", "--vers"])
def test_the_version_goes_to_standard_error(dumb_init_not_pid_1, option):
    run = ended(dumb_init_not_pid_1(option))
    assert (run.code, run.out.text(), run.err.text()) == (0, "", "dumb-init v1.2.5\n")


def test_the_help_goes_to_standard_error(dumb_init_not_pid_1):
    run = ended(dumb_init_not_pid_1("-h"))
    assert (run.code, run.out.text()) == (0, "")
    assert run.err.lines()[:2] == ["dumb-init v1.2.5", f"Usage: {dumb_init_not_pid_1.path} [option] command [[arg] ...]"]


@pytest.mark.parametrize("words", [(), ("-c",), ("-x", "true"), ("--ver",), ("-r",), ("-r", "32:1", "true"), ("-r", "TERM:INT", "true")])
def test_a_wrong_command_line_gives_1_and_starts_nothing(dumb_init_not_pid_1, words):
    run = ended(dumb_init_not_pid_1(*words))
    assert (run.code, run.out.text()) == (1, "")
    assert run.err.text() != ""


def test_options_end_at_the_command(dumb_init):
    assert ended(dumb_init("sh", "-c", "exit 3")).code == 3


@pytest.mark.parametrize("command", ["/nowhere", "/etc/passwd", "/"])
def test_what_cannot_be_executed_gives_2(dumb_init, command):
    run = ended(dumb_init(command))
    assert run.code == 2
    assert run.err.text().startswith(f"[dumb-init] {command}: ")


def test_a_file_without_an_interpreter_is_given_to_a_shell(dumb_init_not_pid_1, tmp_path):
    script = tmp_path / "script"
    script.write_text("exit 3\n")
    script.chmod(0o755)
    assert ended(dumb_init_not_pid_1(str(script))).code == 3


# -- sessions and groups


def test_the_child_leads_a_session(dumb_init):
    report = ended(dumb_init(PROBE, "report", "-")).report()
    assert report["sid"] == report["pgid"] == report["pid"]


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_single_child_stays_in_session_and_group(dumb_init_not_pid_1, how):
    words, env = (["-c"], {}) if how == "option" else ([], {"DUMB_INIT_SETSID": "0"})
    run = dumb_init_not_pid_1(*words, PROBE, "report", "-", env=env)
    report = run.report()
    assert run.wait() == 0
    assert report["sid"] == report["pgid"] == run.process.pid


def two_probes(*options):
    return [*options, "sh", "-c", 'trap : USR1; "$0" signals & "$0" signals; wait', PROBE]


def test_signals_go_to_the_whole_group(dumb_init):
    run = dumb_init(*two_probes())
    run.ready(), run.ready()
    run.signal(signal.SIGUSR1)
    assert [run.received(), run.received()] == [signal.SIGUSR1] * 2
    assert run.wait() == 0


def test_signals_go_to_a_single_child_alone(dumb_init_as_pid_1):
    run = dumb_init_as_pid_1("-c", "sh", "-c", 'trap "echo shell got it; kill $!; exit 7" USR1; "$0" signals & wait', PROBE)
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.line() == "shell got it"
    assert run.received() == signal.SIGTERM
    assert run.wait() == 7


def test_every_signal_from_outside_reaches_the_child(dumb_init):
    numbers = [number for number in FORWARDABLE if number not in JOB_CONTROL]
    run = dumb_init(PROBE, "signals", str(len(numbers)))
    run.ready()
    for number in numbers:
        run.signal(number)
        assert run.received() == number
    assert run.wait() == 0


def test_a_real_time_signal_cannot_be_rewritten_and_is_forwarded(dumb_init):
    run = dumb_init("-v", "-r", "10:12", PROBE, "signals")
    run.ready()
    run.signal(40)
    assert run.received() == 40
    assert run.wait() == 0
    assert "[dumb-init] Forwarded signal 40 to children." in run.err.lines()


def ended_beside(dumb_init, *options):
    """A run whose child has ended while another one of its group was there, which says what it gets."""
    run = dumb_init(*options, "sh", "-c", '"$0" signals & read line; exit 3', PROBE, stdin=-1)
    run.ready()
    run.write("\n")
    assert run.wait() == 3
    wait_until(lambda: run.out.read_available() or not run.out.is_open, "nobody was left")
    return run


def test_what_is_left_in_the_group_gets_term(dumb_init):
    assert "signal 15 " in ended_beside(dumb_init).out.text()


def test_what_is_left_gets_what_term_is_rewritten_to(dumb_init_not_pid_1):
    assert "signal 10 " in ended_beside(dumb_init_not_pid_1, "-r", "15:10").out.text()


# -- its words


NO_TERMINAL = f"controlling tty (errno=25 {'Not a tty' if BUILD == 'static' else os.strerror(errno.ENOTTY)})."


def test_verbose_tells_everything_line_by_line(dumb_init):
    run = dumb_init("-v", "-r", "10:12", "-r", "12:0", PROBE, "signals")
    run.ready()
    run.signal(signal.SIGUSR2)
    run.message("Not forwarding")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR2
    assert run.wait() == 0
    told = messages(run)
    of_child = [f"Unable to attach to {NO_TERMINAL}", "setsid complete."]
    assert [line for line in told if line in of_child] == of_child
    assert [line for line in told if line not in of_child] == [
        f"Unable to detach from {NO_TERMINAL}",
        "Child spawned with PID N",
        "Received signal 12.",
        "Translating signal 12 to 0.",
        "Not forwarding signal 0 to children (ignored).",
        "Received signal 10.",
        "Translating signal 10 to 12.",
        "Forwarded signal 12 to children.",
        "Received signal 17.",
        "A child with PID N exited with exit status 0.",
        "Forwarded signal 15 to children.",
        "Child exited with status 0. Goodbye.",
    ]


def test_the_environment_can_make_it_verbose(dumb_init):
    run = ended(dumb_init("-c", PROBE, "die", "9", env={"DUMB_INIT_DEBUG": "1"}))
    assert run.code == 137
    assert messages(run) == [
        "Running in debug mode.",
        "Child spawned with PID N",
        "Received signal 17.",
        "A child with PID N was terminated by signal 9.",
        "Forwarded signal 15 to children.",
        "Child exited with status 137. Goodbye.",
    ]


def test_without_verbose_it_says_nothing(dumb_init):
    run = dumb_init("-r", "10:0", PROBE, "signals")
    run.ready()
    run.signal(signal.SIGUSR1)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0
    assert run.err.text() == ""


def test_a_child_that_cannot_be_signalled_is_told_of(dumb_init_as_pid_1):
    anybody = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
    without_cap_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]
    run = dumb_init_as_pid_1(*anybody, PROBE, "signals", before=without_cap_kill)
    run.ready()
    run.signal(signal.SIGTERM)
    run.message(r"^\[dumb-init\] Unable to forward signal 15 to children \(errno=1 Operation not permitted\)\.$")
    os.kill(run.main(), signal.SIGUSR1)
    assert run.wait() == 0


# -- the terminal


@contextlib.contextmanager
def handed_over(dumb_init, *words):
    """A run of which the child has the terminal."""
    with with_terminal(dumb_init, "-v", *words) as (run, keyboard):
        run.ready()
        for number in (signal.SIGHUP, signal.SIGCONT):
            run.message(rf"Ignoring tty hand-off signal {int(number)}\.$")
        yield run, keyboard


def test_the_child_takes_the_terminal_into_its_session(dumb_init):
    with with_terminal(dumb_init, PROBE, "report", "-") as (run, _):
        report = run.report()
        assert report["sid"] == report["pgid"] == report["foreground"] == report["pid"]
        assert run.wait() == 0


def test_a_single_child_leaves_the_terminal_where_it_is(dumb_init):
    with with_terminal(dumb_init, "-c", PROBE, "report", "-") as (run, _):
        report = run.report()
        assert report["sid"] == report["foreground"] == report["ppid"]
        assert run.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGCONT])
def test_the_first_hup_and_the_first_cont_are_of_the_hand_over_and_the_next_are_not(dumb_init, number):
    with handed_over(dumb_init, PROBE, "signals") as (run, _):
        run.signal(number)
        assert run.received() == number
        assert run.wait() == 0


def test_without_a_terminal_the_first_hup_is_forwarded(dumb_init):
    run = dumb_init(PROBE, "signals")
    run.ready()
    run.signal(signal.SIGHUP)
    assert run.received() == signal.SIGHUP
    assert run.wait() == 0


def test_ctrl_c_reaches_the_child_from_the_terminal(dumb_init):
    with handed_over(dumb_init, PROBE, "signals") as (run, keyboard):
        os.write(keyboard, b"\x03")
        assert run.line_matching(r"^signal 2 pid \d+ from (\d+)$")[1] == "0"
        assert run.wait() == 0


# -- job control


@pytest.mark.parametrize("number", JOB_CONTROL)
def test_the_group_stops_with_dumb_init_and_goes_on_with_it(dumb_init_not_pid_1, number):
    run = dumb_init_not_pid_1(PROBE, "signals", "2")
    run.ready()
    run.signal(number)
    wait_until(lambda: state(run.pid) == state(run.main()) == "T", "both were stopped")
    run.signal(signal.SIGCONT)
    assert run.received() == signal.SIGCONT
    assert state(run.pid) != "T"
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


@pytest.mark.parametrize("number", JOB_CONTROL)
def test_the_group_stops_below_pid_1_until_cont(dumb_init_as_pid_1, number):
    run = dumb_init_as_pid_1(PROBE, "signals")
    run.ready()
    run.signal(number)
    wait_until(lambda: state(run.main()) == "T", "the child was stopped")
    run.signal(signal.SIGCONT)
    assert run.received() == signal.SIGCONT
    assert run.wait() == 0


def test_a_stopped_group_can_act_on_a_stop_signal(dumb_init_as_pid_1):
    run = dumb_init_as_pid_1("-v", "sh", "-c", "echo up; exec sleep 1000")
    assert run.line() == "up"
    run.signal(signal.SIGTSTP)
    run.message("Received signal 17")
    run.signal(signal.SIGTERM)
    assert run.wait() == 143


def test_pid_1_loses_no_cont_that_comes_when_it_would_stop(dumb_init_as_pid_1, tmp_path):
    # To stop would take what waits of CONT away, and here take its time.
    slow = ["strace", "-f", "-qq", "-o", str(tmp_path / "calls"), "--trace=kill", "--inject=kill:delay_enter=200000"]
    run = dumb_init_as_pid_1("-v", "-r", "20:0", PROBE, "signals", around=slow)
    run.ready()
    run.signal(signal.SIGTSTP)
    run.message("Suspending self")
    run.signal(signal.SIGCONT)
    assert run.received() == signal.SIGCONT
    assert run.wait() == 0


def test_a_rewritten_stop_stops_dumb_init_all_the_same(dumb_init_not_pid_1):
    run = dumb_init_not_pid_1("-r", "20:10", PROBE, "signals", "2")
    run.ready()
    run.signal(signal.SIGTSTP)
    assert run.received() == signal.SIGUSR1
    wait_until(lambda: state(run.pid) == "T", "it was stopped")
    run.signal(signal.SIGCONT)
    assert run.received() == signal.SIGCONT
    assert run.wait() == 0


def test_a_single_child_of_a_shell_stops_by_ctrl_z_and_comes_back(dumb_init_not_pid_1):
    with interactive_bash(dumb_init_not_pid_1.environment) as shell:
        shell.sendline(f"{dumb_init_not_pid_1.path} -c cat")
        shell.sendline("one")
        shell.expect("one\r\n.*one\r\n")
        shell.send("\x1a")
        shell.expect("Stopped")
        shell.expect_exact(PROMPT)
        shell.sendline("fg")
        shell.sendline("two")
        shell.expect("two\r\n.*two\r\n")
        shell.sendeof()
        shell.expect_exact(PROMPT)


def test_a_single_child_of_a_shell_that_stops_alone_stays_stopped(dumb_init_not_pid_1):
    with interactive_bash(dumb_init_not_pid_1.environment) as shell:
        shell.sendline(f"{dumb_init_not_pid_1.path} -cv -r 10:0 {PROBE} stop {int(signal.SIGTSTP)} &")
        shell.expect(r"Child spawned with PID (\d+)")
        child = int(shell.match[1])
        itself = parent(child)
        shell.expect_exact("Received signal 17")
        os.kill(itself, signal.SIGUSR1)
        shell.expect_exact("Not forwarding")
        assert state(child) == "T"
        os.kill(itself, signal.SIGCONT)
        shell.expect_exact("continued")
        shell.expect_exact("Goodbye")


def test_a_single_child_that_ctrl_z_stops_goes_on_as_the_child_of_pid_1(dumb_init_as_pid_1):
    with with_terminal(dumb_init_as_pid_1, "-c", "sh", "-c", "echo up; exec cat") as (run, keyboard):
        assert run.line() == "up"
        os.write(keyboard, b"\x1a")
        os.write(keyboard, b"still here\n\x04")
        assert run.line() == "still here"
        assert run.wait() == 0


# -- orphans


def test_without_pid_1_orphans_are_left_to_others(dumb_init_not_pid_1):
    run = dumb_init_not_pid_1(PROBE, "leave", "left:10", "--", PROBE, "signals")
    left = int(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert int(status(left)["PPid"]) == os.getpid()
    run.signal(signal.SIGTERM)
    assert run.wait() == 0
    os.kill(left, signal.SIGUSR1)
    wait_until(lambda: state(left) in ("", "Z"), "it ended")
    os.waitpid(left, 0)

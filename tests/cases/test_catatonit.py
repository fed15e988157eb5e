"""reeve called as catatonit. What Debian's one does on the same command lines is compared elsewhere."""

import os
import signal

import pytest

from harness import PROBE
from processes import blocks_everything, children, descriptors, parent, wait_until
from test_tini import SAYS_WHAT_COMES, what_comes


@pytest.fixture
def catatonit(reeve, called):
    return lambda *words, **more: reeve(*words, binary=called("catatonit"), **more)


@pytest.fixture
def catatonit_as_pid_1(reeve_as_pid_1, called):
    return lambda *words, **more: reeve_as_pid_1(*words, binary=called("catatonit"), **more)


def ended(run):
    run.wait()
    return run


def paused(run):
    wait_until(lambda: blocks_everything(run.pid), "reeve blocked every signal")
    return run


# -- the command line


@pytest.mark.parametrize("name", ["catatonit", "podman-init"])
@pytest.mark.parametrize("option", ["-V", "--version", "--ver"])
def test_the_version_is_one_that_docker_can_read(reeve_not_pid_1, called, name, option):
    run = reeve_not_pid_1.finished(option, binary=called(name))
    assert (run.code, run.out.text(), run.err.text()) == (0, "tini version 0.2.0_catatonit\n", "")


def test_the_help_goes_to_standard_error(reeve_not_pid_1, called):
    run = reeve_not_pid_1.finished("-h", binary=called("podman-init"))
    assert (run.code, run.out.text()) == (0, "")
    assert run.err.lines()[0] == "usage: catatonit [-ghLPV] [--] <progname> [<arguments>...]"


def test_the_licence_is_that_of_reeve(reeve_not_pid_1, called):
    run = reeve_not_pid_1.finished("-L", binary=called("catatonit"))
    assert run.code == 0
    assert "The reeve authors" in run.out.text()


@pytest.mark.parametrize("words", [(), ("-g",), ("-x", "true"), ("--vers=1",), ("--else",)])
def test_a_wrong_command_line_gives_1_and_the_usage(reeve_not_pid_1, called, words):
    run = reeve_not_pid_1.finished(*words, binary=called("catatonit"))
    assert (run.code, run.out.text()) == (1, "")
    assert run.err.lines()[-1].startswith("usage: catatonit ")


def test_a_name_that_is_reserved_in_the_environment_is_refused(reeve_not_pid_1, called):
    run = reeve_not_pid_1.finished("true", binary=called("catatonit"), env={"CATATONIT_LOG": "debug"})
    assert run.code == 1
    assert "CATATONIT_LOG is reserved for future use" in run.err.text()


def test_options_behind_the_program_are_taken_too(catatonit):
    assert "tini version" in ended(catatonit("echo", "-V")).out.text()
    assert ended(catatonit("--", "echo", "-V")).out.text() == "-V\n"


# -- running a program


@pytest.mark.parametrize("command, code", [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_exit_code_is_that_of_the_program(catatonit, command, code):
    run = ended(catatonit("--", "sh", "-c", command))
    assert (run.code, run.out.text(), run.err.text()) == (code, "", "")


@pytest.mark.parametrize("program, reason", [("/nowhere/web", "No such file or directory"), ("/etc", "Permission denied")])
def test_a_program_that_cannot_be_executed_gives_1(catatonit_as_pid_1, program, reason):
    run = ended(catatonit_as_pid_1("--", program))
    assert (run.code, run.out.text()) == (1, "")
    assert run.err.lines() == [f"ERROR (catatonit:2): failed to exec pid1: {reason}"]


def test_it_tells_what_happens_only_when_debugging(catatonit_as_pid_1):
    run = ended(catatonit_as_pid_1("true", env={"CATATONIT_DEBUG": ""}))
    assert "DEBUG (catatonit:1): pid1 (2) spawned: true" in run.err.lines()
    assert run.out.text() == ""


def test_the_program_leads_a_group_of_its_own_in_our_session(catatonit):
    report = ended(catatonit(PROBE, "report", "-")).report()
    assert report["pgid"] == report["pid"]
    assert report["sid"] != report["pid"]


def test_it_gets_orphans_whatever_it_is(catatonit):
    run = catatonit("--", PROBE, "leave", "left:15", "--", PROBE, "signals", "1")
    orphan = run.outer(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert parent(orphan) == run.pid
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_a_signal_reaches_the_whole_group_where_that_was_asked_for(catatonit):
    run = catatonit("-g", "--", "sh", "-c", f"trap : USR1; {PROBE} signals 1 & wait $!; wait $!")
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    run.wait()


def test_what_stops_a_job_at_its_terminal_is_not_forwarded(catatonit):
    assert what_comes(catatonit("--", "sh", "-c", SAYS_WHAT_COMES)) == []


# -- pausing


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("words", [["-P"], ["-P", "--", "true"]])
def test_pause_runs_nothing_and_ends_with_0_when_asked(catatonit, words, number):
    run = paused(catatonit(*words, before=[PROBE, "ignore", "2,15"]))
    assert children(run.pid) == []
    for other in (signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1):
        run.signal(other)
    run.signal(number)
    assert run.wait() == 0
    assert (run.out.text(), run.err.text()) == ("", "")


def test_pause_holds_no_descriptor_that_it_inherited(catatonit):
    reading, writing = os.pipe()
    try:
        run = paused(catatonit("-P", pass_fds=[writing]))
        wait_until(lambda: writing not in descriptors(run.pid), "the pipe was let go")
        run.signal(signal.SIGTERM)
        assert run.wait() == 0
    finally:
        os.close(reading)
        os.close(writing)


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_pause_needs_an_empty_root_only(reeve_as_pid_1, bare_root):
    (bare_root / "catatonit").symlink_to("reeve")
    ignore = [PROBE, "ignore", "2"]
    run = reeve_as_pid_1("-P", binary="/reeve", before=[*ignore, "sh", "-c", 'exec chroot "$0" /catatonit -P', str(bare_root)])
    paused(run)
    run.signal(signal.SIGINT)
    assert run.wait() == 0


# -- REEVE_ variables


def test_as_podman_init_the_environment_can_make_it_speak(reeve_as_pid_1, called):
    run = reeve_as_pid_1.finished("--", "true", binary=called("podman-init"), env={"REEVE_LOG_LEVEL": "debug"})
    assert "DEBUG (catatonit:1): pid1 (2) spawned: true" in run.err.lines()


def test_as_catatonit_the_variables_of_reeve_are_not_read(catatonit):
    run = ended(catatonit("true", env={"REEVE_LOG_LEVEL": "loud", "REEVE_CONFIG": "/nowhere"}))
    assert (run.code, run.err.text()) == (0, "")

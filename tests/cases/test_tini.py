"""reeve called as tini. What Debian's tini does on the same command lines is compared elsewhere."""

import os
import signal

import pytest

from harness import PROBE, REEVE_FAULTY
from processes import parent
from terminal import with_terminal

VERSION = "tini version 0.19.0"
WARNING = "Tini is not running as PID 1 and isn't registered as a child subreaper."


@pytest.fixture
def tini(reeve, called):
    return lambda *words, **more: reeve(*words, binary=called("tini"), **more)


@pytest.fixture
def tini_as_pid_1(reeve_as_pid_1, called):
    return lambda *words, **more: reeve_as_pid_1(*words, binary=called("tini"), **more)


@pytest.fixture
def tini_not_pid_1(reeve_not_pid_1, called):
    return lambda *words, **more: reeve_not_pid_1(*words, binary=called("tini"), **more)


def ended(run):
    run.wait()
    return run


# -- the command line


@pytest.mark.parametrize("name, more", [("tini", ""), ("tini-static", ""), ("docker-init", " - git.reeve")])
def test_every_name_of_tini_says_the_version_that_docker_reads(reeve_not_pid_1, called, name, more):
    run = reeve_not_pid_1.finished("--version", binary=called(name))
    assert (run.code, run.out.text(), run.err.text()) == (0, f"{VERSION}{more}\n", "")


def test_the_version_is_an_option_only_when_it_stands_alone(tini_not_pid_1):
    run = ended(tini_not_pid_1("--version", "true"))
    assert run.code == 1
    assert "invalid option -- '-'" in run.err.text()


def test_the_help_goes_to_standard_output(reeve_not_pid_1, called):
    run = reeve_not_pid_1.finished("-h", binary=called("tini-static"))
    assert (run.code, run.err.text()) == (0, "")
    assert run.out.lines()[:2] == [f"tini-static ({VERSION})", "Usage: tini-static [OPTIONS] PROGRAM -- [ARGS] | --version"]


def test_the_licence_is_that_of_reeve(tini_not_pid_1):
    run = ended(tini_not_pid_1("-l"))
    assert run.code == 0
    assert "The reeve authors" in run.out.text()


@pytest.mark.parametrize("words", [(), ("-s",), ("-x", "true"), ("-p",), ("-p", "TERM", "true"), ("-e", "256", "true")])
def test_a_wrong_command_line_gives_1_and_starts_nothing(tini_not_pid_1, words):
    run = ended(tini_not_pid_1(*words))
    assert run.code == 1
    assert run.out.text() == ""
    assert run.err.text() != ""


def test_options_behind_the_program_are_taken_too(tini_as_pid_1):
    run = ended(tini_as_pid_1("sh", "-e", "3", "--", "-c", "exit 3"))
    assert run.code == 0


def test_what_stands_behind_two_dashes_is_left_to_the_program(tini_as_pid_1):
    run = ended(tini_as_pid_1("-v", "--", "echo", "-h", "--", "-l"))
    assert "-h -- -l" in run.out.lines()


# -- exit codes


@pytest.mark.parametrize("command, code", [("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137)])
def test_the_exit_code_is_that_of_the_program(tini_as_pid_1, command, code):
    run = ended(tini_as_pid_1("--", "sh", "-c", command))
    assert (run.code, run.out.text(), run.err.text()) == (code, "", "")


@pytest.mark.parametrize("program, code", [("/nowhere/web", 127), ("/etc", 126), ("/etc/passwd/web", 1)])
def test_a_program_that_cannot_be_executed_gives_the_code_for_its_reason(tini_as_pid_1, program, code):
    run = ended(tini_as_pid_1(program))
    assert run.code == code
    assert run.err.lines()[0].startswith("[FATAL tini (")
    assert f"exec {program} failed: " in run.err.text()
    assert len(run.err.lines()) == 1


def test_the_process_that_was_not_executed_has_the_same_code(tini_as_pid_1):
    run = ended(tini_as_pid_1("-v", "/etc/passwd/web"))
    assert "Main child exited normally (with status '1')" in run.out.text()


def test_without_a_process_for_the_program_it_ends_with_1(reeve_as_pid_1, tmp_path):
    (tmp_path / "tini").symlink_to(REEVE_FAULTY)
    run = reeve_as_pid_1.finished("true", binary=str(tmp_path / "tini"), env={"FAULT": "fork:1:EAGAIN"})
    assert run.code == 1
    assert run.err.lines() == ["[FATAL tini (1)] fork failed: Resource temporarily unavailable"]


def test_a_remapped_code_counts_also_where_the_program_is_missing(tini_as_pid_1):
    assert ended(tini_as_pid_1("-e", "127", "/nowhere/web")).code == 0


def test_a_script_that_names_no_interpreter_is_run_by_a_shell(tini_as_pid_1, tmp_path):
    script = tmp_path / "script"
    script.write_text('echo "$0 $*"\n')
    script.chmod(0o755)
    run = ended(tini_as_pid_1(str(script), "--", "a", "b"))
    assert (run.code, run.out.text()) == (0, f"{script} a b\n")


# -- the environment


def test_the_verbosity_of_the_environment_wins_over_options(tini_as_pid_1):
    run = ended(tini_as_pid_1("-vvv", "true", env={"TINI_VERBOSITY": "0"}))
    assert (run.out.text(), run.err.text()) == ("", "")


def test_information_goes_to_standard_output(tini_as_pid_1):
    run = ended(tini_as_pid_1("true", env={"TINI_VERBOSITY": "2"}))
    assert run.err.text() == ""
    assert [line.partition("] ")[2] for line in run.out.lines()] == [
        "Spawned child process 'true' with pid '2'",
        "Main child exited normally (with status '0')",
    ]


def test_a_signal_that_ends_the_program_is_named(tini_as_pid_1):
    run = ended(tini_as_pid_1("-v", "--", "sh", "-c", "kill -TERM $$"))
    assert "[INFO  tini (1)] Main child exited with signal (with signal 'Terminated')" in run.out.lines()


def test_what_is_forwarded_is_said_when_debugging(tini):
    run = tini("-vv", "-s", PROBE, "signals", "1")
    run.ready()
    run.signal(signal.SIGUSR1)
    run.wait()
    assert "Passing signal: 'User defined signal 1'" in run.out.text()


# An orphaned group is not stopped by these: a handler shows whether they come.
SAYS_WHAT_COMES = """
for signal in TSTP TTIN TTOU; do trap "echo $signal" $signal; done
trap "exit 5" WINCH
echo begun
while true; do sleep 1000 & wait; done
"""


def what_comes(run):
    assert run.line() == "begun"
    # The last one has the greatest number: it is read last.
    for number in (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU, signal.SIGWINCH):
        run.signal(number)
    assert run.wait() == 5
    return run.out.lines()[1:]


def test_what_a_terminal_sends_to_its_background_is_not_forwarded(tini):
    assert what_comes(tini("-s", "--", "sh", "-c", SAYS_WHAT_COMES)) == ["TSTP"]


# -- not PID 1


def test_without_pid_1_it_warns_and_orphans_do_not_come_to_it(tini_not_pid_1):
    run = tini_not_pid_1("--", PROBE, "leave", "left:15", "--", PROBE, "signals", "1")
    orphan = int(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert parent(orphan) == os.getpid()
    os.kill(orphan, signal.SIGKILL)
    assert os.waitpid(orphan, 0)[0] == orphan
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0
    assert WARNING in run.err.text()


@pytest.mark.parametrize("words, env", [(["-s"], {}), ([], {"TINI_SUBREAPER": ""})])
def test_as_a_subreaper_it_gets_orphans_and_does_not_warn(tini_not_pid_1, words, env):
    run = tini_not_pid_1(*words, "--", PROBE, "leave", "left:15", "--", PROBE, "signals", "1", env=env)
    orphan = run.outer(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert parent(orphan) == run.pid
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0
    assert run.err.text() == ""


def test_who_was_a_subreaper_already_is_not_warned(reeve_not_pid_1, called):
    become = "import ctypes, os, sys; ctypes.CDLL(None).prctl(36, 1, 0, 0, 0); os.execv(sys.argv[1], sys.argv[1:])"
    run = reeve_not_pid_1.finished("true", binary=called("tini"), before=["/usr/bin/python3", "-c", become])
    assert (run.code, run.err.text()) == (0, "")


def test_the_warning_can_be_turned_off(tini_not_pid_1):
    assert ended(tini_not_pid_1("true", env={"TINI_VERBOSITY": "0"})).err.text() == ""


# -- what the program gets


def test_the_program_leads_a_group_of_its_own_in_our_session(tini):
    report = ended(tini("-s", PROBE, "report", "-")).report()
    assert report["pgid"] == report["pid"]
    assert report["sid"] != report["pid"]


@pytest.mark.parametrize("words, env", [(["-g"], {}), ([], {"TINI_KILL_PROCESS_GROUP": "1"})])
def test_a_signal_reaches_the_whole_group_where_that_was_asked_for(tini, words, env):
    run = tini("-s", *words, "--", "sh", "-c", f"{PROBE} signals 1 & wait $!; echo over", env=env)
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    run.wait()


def test_the_death_of_the_parent_is_told_by_the_signal_asked_for(reeve_not_pid_1, called):
    around = ["sh", "-c", '"$@"; exit', "sh"]
    run = reeve_not_pid_1("-s", "-p", "SIGUSR1", PROBE, "signals", "1", binary=called("tini"), around=around)
    run.ready()
    run.outlive_launcher()
    run.process.kill()
    assert run.received() == signal.SIGUSR1
    run.wait()


def test_an_orphan_that_is_reaped_is_warned_of_where_that_was_asked_for(tini_as_pid_1):
    run = ended(tini_as_pid_1("-w", PROBE, "orphans", "1", "0", "sh", "--", "-c", ":"))
    assert len([line for line in run.err.lines() if "Reaped zombie process with pid=" in line]) == 1
    assert run.err.lines()[0].startswith("[WARN  tini (1)] ")


# -- what reeve does better


def test_what_is_left_is_asked_to_end_before_it_is_killed(tini_as_pid_1):
    run = tini_as_pid_1("--", PROBE, "leave", "left:15", "--", PROBE, "signals", "1")
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0
    assert "left got 15" in run.out.text()


def test_a_program_that_cannot_be_signalled_is_a_warning_and_not_the_end(tini_as_pid_1):
    anybody = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups"]
    without_cap_kill = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]
    run = tini_as_pid_1("--", *anybody, PROBE, "signals", "1", before=without_cap_kill)
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.message(r"^\[WARN  tini \(1\)\] Unexpected error when forwarding signal: 'Operation not permitted'$")
    os.kill(run.main(), signal.SIGUSR1)
    assert run.wait() == 0


# -- REEVE_ variables


def test_as_docker_init_the_environment_can_make_it_speak(reeve_as_pid_1, called):
    run = reeve_as_pid_1.finished("--", "true", binary=called("docker-init"), env={"REEVE_LOG_LEVEL": "info"})
    assert "Main child exited normally" in run.out.text()


def test_as_docker_init_the_environment_names_services(reeve_as_pid_1, called, tmp_path):
    (tmp_path / "reeve.ini").write_text("[service beside]\ncommand = sh -c 'echo beside; exec sleep 1000'\n")
    script = "while read line; do case $line in go) exit 5;; esac; done"
    run = reeve_as_pid_1(
        "--", "sh", "-c", script, binary=called("docker-init"), env={"REEVE_CONFIG": str(tmp_path)}, stdin=-1
    )
    assert run.line() == "beside"
    run.write("go\n")
    assert run.wait() == 5
    assert any(line.startswith("reeve: beside: ") for line in run.err.lines())


def test_as_docker_init_a_wrong_environment_gives_1(reeve_as_pid_1, called):
    run = reeve_as_pid_1.finished("--", "true", binary=called("docker-init"), env={"REEVE_LOG_LEVEL": "loud"})
    assert run.code == 1
    assert "REEVE_LOG_LEVEL: 'loud'" in run.err.text()


def test_as_tini_the_variables_of_reeve_are_not_read(tini_as_pid_1):
    run = ended(tini_as_pid_1("true", env={"REEVE_LOG_LEVEL": "loud", "REEVE_CONFIG": "/nowhere"}))
    assert (run.code, run.err.text()) == (0, "")


def test_no_child_sees_a_variable_of_reeve_but_the_socket(tini_as_pid_1):
    env = {"REEVE_CONFIG": "/nowhere", "REEVE_CONTROL": "/run/reeve.sock", "REEVE_ELSE": "1"}
    report = ended(tini_as_pid_1(PROBE, "report", "-", env=env)).report()
    assert [text for text in report["environment"] if text.startswith("REEVE_")] == ["REEVE_CONTROL=/run/reeve.sock"]


def test_as_docker_init_the_configuration_is_read_again_by_hup(reeve_as_pid_1, called, tmp_path):
    (tmp_path / "one.ini").write_text("[service one]\ncommand = sh -c 'echo one; exec sleep 1000'\n")
    run = reeve_as_pid_1("-w", "cat", binary=called("docker-init"), env={"REEVE_CONFIG": str(tmp_path)}, stdin=-1)
    assert run.line() == "one"
    (tmp_path / "two.ini").write_text("[service two]\ncommand = sh -c 'echo two; exec sleep 1000'\n")
    run.signal(signal.SIGHUP)
    assert run.line() == "two"
    run.process.stdin.close()
    assert run.wait() == 0


# -- the terminal


def test_a_terminal_that_nobody_reads_does_not_keep_it_from_the_end(tini):
    on_terminal = ["sh", "-c", 'exec "$@" 3>&1 1>&0', "sh"]
    to_the_test = ["sh", "-c", 'exec "$@" 1>&3', "sh"]
    words = ["-vvv", "--", *to_the_test, PROBE, "signals", "2000"]
    with with_terminal(tini, *words, before=on_terminal) as (run, _):
        run.ready()
        for _ in range(1999):  # a line of some 40 bytes each, and nobody reads the terminal
            run.signal(signal.SIGRTMIN + 1)
        run.signal(signal.SIGTERM)
        assert run.wait() == 0

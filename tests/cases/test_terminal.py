"""Sessions, process groups, the terminal's foreground, and job control."""

import json
import os
import signal

import pexpect

from harness import AS_PID_1, PROBE, REEVE
from processes import state, status, wait_until
from terminal import PROMPT, interactive_bash, typing, with_terminal


def test_without_a_terminal_the_program_leads_its_own_session(reeve):
    run = reeve(PROBE, "report", "-")
    report = run.report()
    assert report["sid"] == report["pgid"] == report["pid"]
    assert report["foreground"] is None
    assert run.wait() == 0


def test_with_a_terminal_the_program_leads_its_own_group_in_the_foreground(reeve):
    with with_terminal(reeve, PROBE, "report", "-", PROBE, "signals") as (run, _):
        report = run.report()
        assert report["pgid"] == report["foreground"] == report["pid"]
        assert report["sid"] == int(status(run.pid)["NSsid"].split()[-1])
        run.ready()
        run.signal(10)
        assert run.wait() == 0


def test_ctrl_c_reaches_the_program_once_and_from_the_terminal(reeve):
    with with_terminal(reeve, PROBE, "signals", "2") as (run, keyboard):
        run.ready()
        os.write(keyboard, b"\x03")
        assert run.line_matching(r"^signal 2 pid \d+ from (\d+)$")[1] == "0"
        run.signal(signal.SIGUSR1)
        assert run.received() == signal.SIGUSR1
        assert run.wait() == 0


def test_ctrl_c_ends_a_plain_program_with_130(reeve):
    with with_terminal(reeve, "sh", "-c", "echo up; exec sleep 1000") as (run, keyboard):
        assert run.line() == "up"
        os.write(keyboard, b"\x03")
        assert run.wait() == 130


def test_ctrl_c_does_not_reach_the_shell_that_started_reeve(reeve_not_pid_1):
    script = """trap 'echo shell interrupted' INT; "$0" "$1" signals; echo "code $?" """
    with with_terminal(reeve_not_pid_1, PROBE, before=["sh", "-c", script]) as (run, keyboard):
        run.ready()
        os.write(keyboard, b"\x03")
        assert run.received() == signal.SIGINT
        assert run.line() == "code 0"
        assert run.wait() == 0


def test_the_caller_gets_its_terminal_back(reeve_not_pid_1):
    script = """"$0" "$1" exit 5; echo "code $?"; read -r word; echo "read $word" """
    with with_terminal(reeve_not_pid_1, PROBE, before=["sh", "-c", script]) as (run, keyboard):
        assert run.line() == "code 5"
        os.write(keyboard, b"something\n")
        assert run.line() == "read something"
        assert run.wait() == 0


def test_the_caller_gets_its_terminal_back_after_a_failed_exec(reeve_not_pid_1):
    script = """"$0" "$1"; echo "code $?"; read -r word; echo "read $word" """
    with with_terminal(reeve_not_pid_1, "/nowhere/web", before=["sh", "-c", script]) as (run, keyboard):
        assert run.line() == "code 127"
        os.write(keyboard, b"something\n")
        assert run.line() == "read something"
        assert run.wait() == 0


def test_a_program_stopped_by_ctrl_z_goes_on_as_the_child_of_pid_1(reeve_as_pid_1):
    with with_terminal(reeve_as_pid_1, "sh", "-c", "echo up; exec cat") as (run, keyboard):
        assert run.line() == "up"
        os.write(keyboard, b"\x1a")
        os.write(keyboard, b"still here\n\x04")
        assert run.line() == "still here"
        assert run.wait() == 0


def test_a_program_that_stops_itself_by_tstp_goes_on_as_the_child_of_pid_1(reeve_as_pid_1):
    with with_terminal(reeve_as_pid_1, PROBE, "stop", str(int(signal.SIGTSTP))) as (run, _):
        assert run.line_matching("^stopping")
        assert run.line() == "continued"
        assert run.wait() == 0


def test_a_program_that_somebody_stops_by_stop_stays_stopped_until_cont(reeve):
    run = reeve("-g", "sh", "-c", '"$0" signals 2 & "$0" signals 3 & wait', PROBE)
    run.ready(), run.ready()
    os.kill(run.main(), signal.SIGSTOP)
    wait_until(lambda: state(run.main()) == "T", "the program was stopped")
    # Two signals there and back: reeve has handled the news of the stop by then.
    for number in (signal.SIGWINCH, signal.SIGURG):
        run.signal(number)
        assert [run.received(), run.received()] == [number, number]
    assert state(run.main()) == "T"
    run.signal(signal.SIGCONT)
    assert run.wait() == 0


def test_a_program_in_a_pipeline_reads_the_terminal(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        shell.sendline(f"echo data | {REEVE} sh -c 'read a; read b </dev/tty; echo \"<$a> <$b>\"'")
        shell.sendline("typed")
        shell.expect_exact("<data> <typed>")
        shell.expect_exact(PROMPT)


def test_a_foreground_that_the_shell_gives_late_reaches_the_program(reeve_not_pid_1):
    script = '"$0" signals; read -r word </dev/tty; echo "read $word"'
    with with_terminal(reeve_not_pid_1, "sh", "-c", script, PROBE, before=[PROBE, "late-foreground"]) as (run, keyboard):
        waiting = run.ready()
        os.kill(run.process.pid, signal.SIGUSR1)
        assert run.line() == "foreground given"
        os.kill(waiting, signal.SIGUSR1)
        assert run.received() == signal.SIGUSR1
        os.write(keyboard, b"typed\n")
        assert run.line() == "read typed"
        assert run.line() == "job ended"
        assert run.wait() == 0


def test_reeve_in_the_background_takes_nothing_away(reeve_not_pid_1, tmp_path):
    path = tmp_path / "report"
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        shell.sendline(f"{REEVE} {PROBE} report {path} & wait")
        shell.expect_exact(PROMPT)
        shell.sendline("echo shell-$((20 + 3))-lives")
        shell.expect_exact("shell-23-lives")
        shell.expect_exact(PROMPT)
    report = json.loads(path.read_text())
    assert report["foreground"] == shell.pid
    assert report["pgid"] == report["pid"]


def start_cat_in(shell):
    shell.sendline(f"{REEVE} cat")
    shell.sendline("one")
    shell.expect("one\r\n.*one\r\n")


def test_ctrl_z_in_a_shell_stops_the_job_and_fg_resumes_it(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        start_cat_in(shell)
        shell.sendcontrol("z")
        shell.expect(r"\[1\]\+ +Stopped")
        shell.expect_exact(PROMPT)
        shell.sendline("fg")
        shell.expect_exact("cat")
        shell.sendline("two")
        shell.expect("two\r\n.*two\r\n")
        shell.sendcontrol("d")
        shell.expect_exact(PROMPT)


def test_a_job_can_be_stopped_and_resumed_again_and_again(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        start_cat_in(shell)
        for word in ("two", "three", "four"):
            shell.sendcontrol("z")
            shell.expect("Stopped")
            shell.expect_exact(PROMPT)
            shell.sendline("fg")
            shell.expect_exact("cat")
            shell.sendline(word)
            shell.expect(f"{word}\r\n.*{word}\r\n")
        shell.sendcontrol("c")
        shell.expect_exact(PROMPT)
        shell.sendline("echo code-$?")
        shell.expect_exact("code-130")
        shell.expect_exact(PROMPT)


def test_bg_resumes_a_stopped_job_without_the_terminal(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        shell.sendline(f"{REEVE} {PROBE} stop 20 {PROBE} signals")
        shell.expect("Stopped")
        shell.expect_exact(PROMPT)
        shell.sendline("bg")
        shell.expect(r"ready \d+")
        shell.sendline("kill -USR1 %1; wait")
        shell.expect_exact("signal 10 ")
        shell.expect_exact(PROMPT)


def test_a_background_job_that_reads_the_terminal_stops_until_fg(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        shell.sendline(f"{REEVE} cat &")
        shell.expect_exact(PROMPT)
        shell.sendline("until jobs | grep Stopped; do :; done")
        shell.expect(r"\[1\]\+ +Stopped")
        shell.expect_exact(PROMPT)
        shell.sendline("fg")
        shell.expect_exact("cat")
        shell.sendline("one")
        shell.expect("one\r\n.*one\r\n")
        shell.sendcontrol("d")
        shell.expect_exact(PROMPT)


def test_job_control_works_in_a_shell_under_reeve(reeve_not_pid_1):
    environment = {**reeve_not_pid_1.environment, "PS1": PROMPT, "TERM": "dumb", "HISTFILE": ""}
    bash = ["bash", "--norc", "--noprofile", "--noediting", "-i"]
    with typing([*AS_PID_1, "setsid", "--ctty", REEVE, *bash], environment) as shell:
        shell.expect_exact(PROMPT)
        shell.sendline("cat")
        shell.sendline("one")
        shell.expect("one\r\n.*one\r\n")
        shell.sendcontrol("z")
        shell.expect(r"\[1\]\+ +Stopped")
        shell.expect_exact(PROMPT)
        shell.sendline("fg")
        shell.sendline("two")
        shell.expect("two\r\n.*two\r\n")
        shell.sendcontrol("c")
        shell.expect_exact(PROMPT)
        shell.sendline("exit 3")
        shell.expect(pexpect.EOF)
        shell.close()
        assert shell.exitstatus == 3


def test_the_end_of_the_terminal_is_told_to_the_program(reeve):
    with with_terminal(reeve, PROBE, "signals") as (run, _):
        run.ready()
    assert run.received() == signal.SIGHUP
    run.wait()


def test_a_pid_1_in_the_background_of_a_terminal_outside_takes_nothing_away(reeve_not_pid_1):
    with interactive_bash(reeve_not_pid_1.environment) as shell:
        shell.sendline(f"unshare --pid --fork --mount-proc {REEVE} sleep 1 & wait")
        shell.expect_exact(PROMPT)
        shell.sendline("echo shell-$((20 + 3))-lives")
        shell.expect_exact("shell-23-lives")
        shell.expect_exact(PROMPT)


def test_a_stop_request_reaches_a_program_that_is_stopped(reeve):
    run = reeve("sh", "-c", "echo ready 1; kill -STOP $$; sleep 1000")
    run.ready()
    wait_until(lambda: state(run.main()) == "T", "the program is stopped")
    run.signal(signal.SIGTERM)
    assert run.wait() == 143

"""docker run -it: the keys of a terminal, with a shell and with a plain program."""

import pexpect
import pytest
from container import AWAITS_A_LINE, WITH_REEVE, WITHOUT_REEVE, is_gone, is_in_foreground
from processes import state, wait_until

CTRL_Z = "\x1a"


def foreground_sleep(container):
    """Waits for a sleep that the terminal's keys reach; returns its pid."""
    pid = container.find("sleep")
    wait_until(lambda: is_in_foreground(pid) and state(pid) == "S", "sleep is in the foreground")
    return pid


def exit_code(terminal):
    terminal.expect(pexpect.EOF)
    return terminal.wait()


@pytest.fixture(params=[WITHOUT_REEVE, WITH_REEVE])
def shell(request, start):
    """A shell as the user sees it: the same with reeve above it as without."""
    container, terminal = start.with_terminal(request.param, "sh")
    terminal.expect_exact(AWAITS_A_LINE)
    return container, terminal


def test_ctrl_c_in_a_shell_interrupts_its_command_alone(shell):
    container, terminal = shell
    terminal.sendline("sleep 1000")
    sleep = foreground_sleep(container)
    terminal.sendintr()
    wait_until(lambda: is_gone(sleep), "the command has ended")
    terminal.expect_exact(AWAITS_A_LINE)
    terminal.sendline("echo code $?")
    terminal.expect_exact("code 130")


def test_ctrl_z_in_a_shell_stops_its_command_and_fg_goes_on_with_it(shell):
    container, terminal = shell
    terminal.sendline("sleep 1000")
    sleep = foreground_sleep(container)
    terminal.send(CTRL_Z)
    terminal.expect("Stopped.*sleep 1000")
    terminal.expect_exact(AWAITS_A_LINE)
    assert state(sleep) == "T"
    terminal.sendline("fg")
    assert foreground_sleep(container) == sleep
    terminal.sendintr()
    wait_until(lambda: is_gone(sleep), "the command has ended")
    terminal.expect_exact(AWAITS_A_LINE)


def test_the_exit_code_of_a_shell_on_a_terminal_is_that_of_docker_run(shell):
    terminal = shell[1]
    terminal.sendline("exit 7")
    assert exit_code(terminal) == 7


def test_without_reeve_ctrl_c_does_not_end_a_plain_program(start):
    container, terminal = start.with_terminal(WITHOUT_REEVE, "sleep", "1000")
    sleep = foreground_sleep(container)
    terminal.sendintr()
    terminal.expect_exact("^C")
    container.exec("true")
    assert state(sleep) == "S"


def test_under_reeve_ctrl_c_ends_a_plain_program(start):
    container, terminal = start.with_terminal(WITH_REEVE, "sleep", "1000")
    foreground_sleep(container)
    terminal.sendintr()
    assert exit_code(terminal) == 130


SAYS_THAT_IT_GOES_ON = 'trap "echo going on" CONT; echo ready; while true; do wait; done'


def test_under_reeve_a_plain_program_goes_on_after_ctrl_z(start):
    terminal = start.with_terminal(WITH_REEVE, "sh", "-c", f"sleep 1000 & {SAYS_THAT_IT_GOES_ON}")[1]
    terminal.expect_exact("ready")
    terminal.send(CTRL_Z)
    terminal.expect_exact("going on")
    terminal.sendintr()
    assert exit_code(terminal) == 130


def test_under_reeve_what_a_plain_program_has_started_goes_on_after_ctrl_z_too(start):
    terminal = start.with_terminal(WITH_REEVE, "sh", "-c", f"(sleep 1000 & {SAYS_THAT_IT_GOES_ON}); true")[1]
    terminal.expect_exact("ready")
    terminal.send(CTRL_Z)
    terminal.expect_exact("going on")
    terminal.sendintr()
    assert exit_code(terminal) == 130

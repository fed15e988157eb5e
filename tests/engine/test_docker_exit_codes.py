"""What docker run tells of how the program ended, or why it never began."""

import pytest
from container import WITH_REEVE, WITHOUT_REEVE

each_image = pytest.mark.parametrize("image", [WITHOUT_REEVE, WITH_REEVE])


@each_image
def test_the_exit_code_of_the_program_is_that_of_docker_run(start, image):
    assert start.code(image, "sh", "-c", "exit 7") == 7


@each_image
def test_a_command_that_does_not_exist_is_127(start, image):
    assert start.code(image, "/no/such/command") == 127


@each_image
def test_a_command_that_cannot_be_executed_is_126(start, image):
    assert start.code(image, "/not-executable") == 126


def test_under_reeve_a_command_that_does_not_exist_is_named_with_the_reason(start):
    container = start(WITH_REEVE, "/no/such/command")
    assert container.wait() == 127
    assert container.errors() == "reeve: command: cannot start: /no/such/command: No such file or directory (exec)\n"


ENDS_BY_A_FAULT = ["sh", "-c", "kill -SEGV $$; echo still here"]


def test_without_reeve_a_fault_does_not_end_the_program(start):
    container = start(WITHOUT_REEVE, *ENDS_BY_A_FAULT)
    assert container.wait() == 0
    assert container.log() == "still here\n"


def test_under_reeve_a_program_that_ends_by_a_fault_is_128_and_the_signal(start):
    container = start(WITH_REEVE, *ENDS_BY_A_FAULT)
    assert container.wait() == 139

import os

import pytest

from harness import PROBE


def file_with(path, content, mode):
    path.write_text(content)
    path.chmod(mode)
    return str(path)


def assert_fails(run, code, message):
    assert run.code == code
    assert run.out.text() == ""
    assert run.err.lines() == [message]


def test_a_path_that_does_not_exist_gives_127(reeve):
    run = reeve.finished("/nowhere/web", "--port", "80")
    assert_fails(run, 127, "reeve: web: cannot start: /nowhere/web: No such file or directory (exec)")


def test_a_name_that_is_nowhere_in_path_gives_127(reeve):
    run = reeve.finished("no-such-program")
    assert_fails(run, 127, "reeve: no-such-program: cannot start: no-such-program: No such file or directory (exec)")


def test_an_empty_name_gives_127(reeve):
    run = reeve.finished("")
    assert run.code == 127
    assert len(run.err.lines()) == 1


def test_a_script_without_its_interpreter_gives_127(reeve, tmp_path):
    script = file_with(tmp_path / "script", "#!/nowhere/shell\n", 0o755)
    run = reeve.finished(script)
    assert_fails(run, 127, f"reeve: script: cannot start: {script}: No such file or directory (exec)")


def test_a_directory_gives_126(reeve):
    run = reeve.finished("/etc")
    assert_fails(run, 126, "reeve: etc: cannot start: /etc: Permission denied (exec)")


def test_a_file_that_is_not_executable_gives_126(reeve, tmp_path):
    plain = file_with(tmp_path / "plain", "#!/bin/sh\n", 0o644)
    run = reeve.finished(plain)
    assert_fails(run, 126, f"reeve: plain: cannot start: {plain}: Permission denied (exec)")


def test_a_file_of_no_known_format_gives_126(reeve, tmp_path):
    text = file_with(tmp_path / "text", "exit 0\n", 0o755)
    run = reeve.finished(text)
    assert_fails(run, 126, f"reeve: text: cannot start: {text}: Exec format error (exec)")


def test_a_path_through_a_file_gives_126(reeve, tmp_path):
    file_with(tmp_path / "file", "", 0o644)
    run = reeve.finished(f"{tmp_path}/file/web")
    assert_fails(run, 126, f"reeve: web: cannot start: {tmp_path}/file/web: Not a directory (exec)")


def test_the_search_goes_on_behind_a_file_in_path_that_is_not_executable(reeve_not_pid_1, tmp_path):
    for folder, mode in (("first", 0o644), ("second", 0o755)):
        (tmp_path / folder).mkdir()
        file_with(tmp_path / folder / "tool", "#!/bin/sh\nexit 9\n", mode)
    path = f"{tmp_path}/first:{tmp_path}/second:{os.environ['PATH']}"
    assert reeve_not_pid_1.finished("tool", env={"PATH": path}).code == 9


def test_a_name_that_path_knows_only_as_not_executable_gives_126(reeve_not_pid_1, tmp_path):
    file_with(tmp_path / "tool", "#!/bin/sh\n", 0o644)
    run = reeve_not_pid_1.finished("tool", env={"PATH": f"{tmp_path}:/nowhere"})
    assert_fails(run, 126, "reeve: tool: cannot start: tool: Permission denied (exec)")


def test_without_path_the_usual_folders_are_searched(reeve_not_pid_1):
    assert reeve_not_pid_1.finished("sh", "-c", "exit 4", before=["env", "--unset=PATH"]).code == 4


@pytest.mark.parametrize("code", ["126", "127"])
def test_a_program_that_itself_exits_so_is_not_taken_for_a_failed_exec(reeve, code):
    run = reeve.finished(PROBE, "exit", code)
    assert run.err.text() == ""


def test_an_exec_failure_keeps_its_code_where_standard_error_is_closed(reeve):
    assert reeve.finished("/nowhere/web", before=[PROBE, "close", "2"]).code == 127


def test_a_remapped_exit_code_holds_for_a_failed_exec_too(reeve_not_pid_1):
    assert reeve_not_pid_1.finished("-e", "127", "/nowhere/web").code == 0

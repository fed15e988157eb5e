import json
import re

import pytest

GOOD = """\
[service web]
command    = /app/web --name "the web"
depends-on = db job
[service db]
command = /usr/bin/db
[service job]
type    = oneshot
command = make data
"""
BAD = """\
[service web]
comand = x
restart = always:3
depends-on = nobody
"""


@pytest.fixture
def write(tmp_path):
    def write(text, name="reeve.ini"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return str(path)

    return write


@pytest.fixture
def check(reeve_not_pid_1):
    return lambda *paths, **options: reeve_not_pid_1.finished(
        "--check", *(word for path in paths for word in ("-c", path)), **options)


def test_check_prints_what_would_run_in_the_order_of_the_start(check, write):
    run = check(write(GOOD))
    assert run.code == 0
    assert run.err.text() == ""
    assert run.out.lines() == [
        "db: /usr/bin/db",
        "job, oneshot: make data",
        "web: /app/web --name 'the web'",
        "    waits until db is ready",
        "    waits until job is completed",
    ]


def test_check_says_all_that_is_wrong_in_all_files_and_ends_with_1(check, write):
    bad, worse = write(BAD, "a.ini"), write("words\n", "b.ini")
    run = check(worse, bad)
    assert run.code == 1
    assert run.out.text() == ""
    assert run.err.lines() == [
        f"{bad}:1: [service web] has no command, expected command = WORDS",
        f"{bad}:2: [service web] unknown key 'comand', did you mean 'command'?",
        f"{bad}:3: [service web] restart: 'always:3': only on-failure takes a number of restarts",
        f"{bad}:4: [service web] depends-on: 'nobody' is no service",
        f"{worse}:1: 'words' is neither a section nor a key, expected [SECTION] or KEY = VALUE",
        "reeve: 5 errors in the configuration, nothing started",
    ]


def test_a_start_with_a_bad_file_ends_with_125_and_starts_nothing(reeve, write, tmp_path):
    made = tmp_path / "made"
    path = write(f"[service a]\ncommand = touch {made}\nnonsense = 1\n")
    run = reeve.finished("-c", path)
    assert run.code == 125
    assert run.err.lines()[0] == f"{path}:3: [service a] unknown key 'nonsense'"
    assert not made.exists()


def test_a_start_with_files_runs_the_services_of_all_of_them(reeve, write):
    paths = [write(f"[service {name}]\ntype = oneshot\ncommand = echo {name}\n", f"{name}.ini") for name in "ab"]
    run = reeve.finished("-c", paths[0], "-c", paths[1])
    assert run.code == 0
    assert sorted(run.out.lines()) == ["a", "b"]


def test_REEVE_CONFIG_names_the_file_that_is_run(reeve, write):
    run = reeve.finished(env={"REEVE_CONFIG": write("[service a]\ntype = oneshot\ncommand = echo a\n")})
    assert (run.code, run.out.lines()) == (0, ["a"])


def test_a_folder_means_its_ini_files_in_byte_order(check, write, tmp_path):
    for name in ("b.ini", "Z.ini", "a.ini"):
        write(f"[service {name[0]}]\ncommand = x\n", f"d/{name}")
    write("nonsense", "d/no.conf")
    write("nonsense", "d/.hidden.ini")
    run = check(str(tmp_path / "d"))
    assert (run.code, run.out.lines()) == (0, ["Z: x", "a: x", "b: x"])


def test_a_folder_without_ini_files_is_an_error(check, tmp_path):
    run = check(str(tmp_path))
    assert run.code == 1
    assert run.err.lines()[0] == f"{tmp_path}: has no files *.ini in it"


def test_a_file_that_is_not_there_is_named(check):
    run = check("no/such.ini")
    assert run.code == 1
    assert run.err.lines()[0] == "no/such.ini: cannot be read: No such file or directory"


def test_a_service_in_two_files_is_an_error_that_names_both_places(check, write):
    one, two = write("[service a]\ncommand = x\n", "1.ini"), write("\n[service a]\ncommand = y\n", "2.ini")
    run = check(one, two)
    assert run.err.lines()[0] == f"{two}:2: [service a] is there a second time, the first is at {one}:1"


def test_a_variable_is_taken_from_the_environment_and_a_missing_one_is_a_warning(check, write, environment):
    path = write("[service a]\ncommand = echo ${GREETING} \"${GREETING}\"\n")
    run = check(path, env={**environment, "GREETING": "a b"})
    assert run.out.lines() == ["a: echo a b 'a b'"]
    run = check(path, env={name: value for name, value in environment.items() if name != "GREETING"})
    assert run.code == 0
    assert run.err.lines() == [
        f"{path}:2: warning: [service a] command: ${{GREETING}} is not set and has no default"]


def test_a_missing_variable_is_an_error_at_start(reeve_not_pid_1, write, environment):
    path = write("[service a]\ncommand = echo ${GREETING}\n")
    kept = {name: value for name, value in environment.items() if name != "GREETING"}
    run = reeve_not_pid_1.finished("-c", path, env=kept)
    assert run.code == 125
    assert run.err.lines()[0] == f"{path}:2: [service a] command: ${{GREETING}} is not set and has no default"


def test_a_command_stands_in_for_the_main_service_of_the_file(reeve_not_pid_1, write):
    path = write("[service web]\ncommand = x\nmain = yes\n[service db]\ncommand = y\n")
    run = reeve_not_pid_1.finished("--check", "-c", path, "--", "bash", "-l")
    assert (run.code, run.out.lines()) == (0, ["db: y", "bash, main: bash -l"])


def test_a_command_that_has_the_name_of_a_service_is_an_error(reeve_not_pid_1, write):
    run = reeve_not_pid_1.finished("--check", "-c", write("[service db]\ncommand = y\n"), "--", "/bin/db")
    assert run.code == 125
    assert "'db'" in run.err.text()


def test_REEVE_CONFIG_names_the_file_where_there_is_no_command(reeve_not_pid_1, write, environment):
    run = reeve_not_pid_1.finished("--check", env={**environment, "REEVE_CONFIG": write(GOOD)})
    assert run.out.lines()[0] == "db: /usr/bin/db"


def test_REEVE_CONFIG_is_ignored_by_a_reeve_below_another(reeve_not_pid_1, environment):
    run = reeve_not_pid_1.finished("true", env={**environment, "REEVE_CONFIG": "/nonexistent.ini"})
    assert (run.code, run.err.text()) == (0, "")


def test_errors_are_objects_with_file_and_line_in_json(reeve_not_pid_1, write):
    path = write(BAD)
    run = reeve_not_pid_1.finished("--log-format", "json", "-c", path)
    first = json.loads(run.err.lines()[0])
    assert (first["level"], first["event"], first["file"], first["line"]) == ("error", "configuration", path, 1)
    assert first["text"] == "[service web] has no command, expected command = WORDS"


def test_a_key_of_the_table_works_for_the_one_command_too(reeve):
    run = reeve("-o", "rewrite=USR1:USR2", "-o", "stop-signals=HUP", "-v", "sh", "-c",
                "trap 'echo two; exit 3' USR2; echo ready; while :; do sleep 0.05; done")
    run.line_matching("ready")
    run.signal(10)
    run.line_matching("two")
    assert run.wait() == 3


def test_help_of_a_key_is_its_row(reeve_not_pid_1):
    run = reeve_not_pid_1.finished("--help", "stop-timeout")
    assert run.code == 0
    assert re.fullmatch(r"stop-timeout\n    .+\n    default: 10s\n    in: \[service NAME\]\n", run.out.text())


def test_help_of_an_unknown_key_suggests_one(reeve_not_pid_1):
    run = reeve_not_pid_1.finished("--help", "stop-timout")
    assert run.code == 125
    assert "did you mean 'stop-timeout'?" in run.err.text()


def test_what_depends_on_the_main_service_depends_on_the_command_in_its_place(reeve_not_pid_1, write):
    path = write("[service web]\ncommand = x\nmain = yes\nhealth = tcp:h:1\n"
                 "[service side]\ncommand = y\ndepends-on = web:healthy\n")
    run = reeve_not_pid_1.finished("--check", "-c", path, "--", "bash")
    assert (run.code, run.out.lines()) == (0, ["bash, main: bash", "side: y", "    waits until bash is started"])


def test_a_cycle_through_a_command_with_a_long_name_is_an_error_and_not_the_end(reeve_not_pid_1, write):
    name = "n" * 1000
    path = write(f"[service a]\ncommand = x\ndepends-on = {name}:started\n")
    run = reeve_not_pid_1.finished("--check", "-c", path, "-o", "depends-on=a:started", "--", name)
    assert run.code in (1, 125)
    assert "more than 48 bytes" in run.err.text()


def test_what_rests_on_a_variable_that_is_not_set_is_no_error_where_it_is_only_checked(check, write):
    run = check(write("[service web]\ncommand = a\nhealth = ${NOT_SET_ANYWHERE}\n"
                      "[service b]\ncommand = y\ndepends-on = web:healthy\n"))
    assert run.code == 0
    assert len(run.err.lines()) == 1


def test_a_key_of_a_service_without_a_command_is_an_error(check, reeve_not_pid_1, write):
    path = write("[service a]\ncommand = x\n")
    for words in (["-o", "user=app"], ["-r", "HUP:USR1"]):
        run = reeve_not_pid_1.finished("--check", "-c", path, *words)
        assert run.code == 125
        assert "is for a command, but there is none" in run.err.text()


def test_all_wrong_options_are_said_in_one_run(reeve_not_pid_1):
    run = reeve_not_pid_1.finished("-o", "foo=1", "-o", "log-level=loud", "true")
    assert run.code == 125
    assert [line.split(":")[1] for line in run.err.lines()] == [" -o foo", " -o log-level"]


def test_output_that_cannot_be_written_is_an_error(reeve_not_pid_1, write):
    with open("/dev/full", "w") as full:
        run = reeve_not_pid_1.finished("--check", "-c", write(GOOD), stdout=full)
    assert run.code == 1
    assert "cannot write to standard output" in run.err.text()

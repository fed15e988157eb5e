"""env-from-file: a variable that is the content of a file, which reeve itself never has or shows."""

import json
import os
import re
import signal
import subprocess

import pytest

from harness import REEVE
from processes import wait_until
from service_report import SERVICE, read_report, variables, variables_of
from services import finished, said_of, start, wait_for_runs

REEVECTL = os.environ.get("REEVECTL") or os.path.join(os.path.dirname(REEVE), "reevectl")
SECRET = "hunter2-" + "correct horse battery staple"
MOST = 65536


def value_of(reeve, folder, content, **options):
    """What a service gets where the file has these bytes."""
    (folder / "secret").write_bytes(content)
    return variables_of(reeve, folder, "env-from-file = TOKEN:HERE/secret\n", **options)["TOKEN"]


# -- the value


@pytest.mark.parametrize(
    "content, value",
    [
        (b"secret\n", "secret"),
        (b"secret", "secret"),
        (b"secret\n\n", "secret\n"),
        (b"\n", ""),
        (b"", ""),
        (b"one\ntwo\n", "one\ntwo"),
        (b" '$A' \"${B}\" \\ # ; % \t\r\n", " '$A' \"${B}\" \\ # ; % \t\r"),
        (b"NAME=VALUE\n", "NAME=VALUE"),
        (b"\xff\xfe\x01", "\xff\xfe\x01"),
    ],
)
def test_the_value_is_the_file_without_the_newline_at_its_end(reeve_not_pid_1, tmp_path, content, value):
    assert value_of(reeve_not_pid_1, tmp_path, content) == value


def test_a_service_of_a_reeve_that_is_pid_1_gets_it_too(reeve_as_pid_1, tmp_path):
    assert value_of(reeve_as_pid_1, tmp_path, b"secret\n") == "secret"


@pytest.mark.parametrize("content", [b"s" * MOST, b"s" * (MOST - 1) + b"\n"], ids=["no newline", "a newline"])
def test_a_file_of_64_kib_fits(reeve_not_pid_1, tmp_path, content):
    (tmp_path / "secret").write_bytes(content)
    run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}command = sh -c 'printf %s \"$TOKEN\" >HERE/got'\nenv-from-file = TOKEN:HERE/secret\n")
    assert run.code == 0, run.err.text()
    assert (tmp_path / "got").read_bytes() == content.removesuffix(b"\n")


def test_the_last_of_several_and_of_other_variables_wins(reeve_not_pid_1, tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"from {name}\n")
    (tmp_path / "some.env").write_text("C=line\nE=<${D}>\n")
    found = variables_of(reeve_not_pid_1, tmp_path, "environment = A=word B=word\nenv-from-file = A:HERE/one C:HERE/one D:HERE/one\n"
                         "env-from-file = D:HERE/two\nenv-file = HERE/some.env\nenvironment = B=last\nclear-env = yes\n")
    assert found == {"A": "from one", "B": "last", "C": "line", "D": "from two", "E": "<from two>"}


def test_each_instance_has_its_own(reeve_not_pid_1, tmp_path):
    for number in (1, 2):
        (tmp_path / f"secret-{number}").write_text(f"of {number}")
    run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}instances = 2\ncommand = sh -c 'echo %i \"$TOKEN\"'\nenv-from-file = TOKEN:HERE/secret-%i\n")
    assert sorted(run.out.lines()) == ["1 of 1", "2 of 2"]


def test_the_file_is_read_at_each_start(reeve_not_pid_1, tmp_path):
    """Each run but the last leaves another secret for the next one."""
    (tmp_path / "secret").write_text("first\n")
    run = finished(reeve_not_pid_1, tmp_path, "[service web]\nrestart = on-failure:2\nrestart-delay = 1ms\nenv-from-file = TOKEN:HERE/secret\n"
                   "command = sh -c 'echo \"$TOKEN\"; echo \"$TOKEN\"+ >HERE/secret; exit 1'\n")
    assert run.out.lines() == ["first", "first+", "first++"]


def test_it_is_read_as_root_and_given_to_the_user(reeve_not_pid_1, tmp_path):
    (tmp_path / "secret").write_text("of root")
    (tmp_path / "secret").chmod(0o600)
    run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}directory = /\nuser = 61001:61101\ncommand = sh -c 'id -u; echo \"$TOKEN\"'\nenv-from-file = TOKEN:HERE/secret\n")
    assert run.out.lines() == ["61001", "of root"]


def test_a_stop_command_gets_it_too(reeve_not_pid_1, tmp_path):
    (tmp_path / "secret").write_text("secret")
    run = start(reeve_not_pid_1, tmp_path, "[service web]\ncommand = PROBE runs HERE/runs stay\nstop-command = PROBE report HERE/stopper\nenv-from-file = TOKEN:HERE/secret\n")
    wait_for_runs(tmp_path / "runs", 1)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0
    assert variables(read_report(tmp_path, "stopper"))["TOKEN"] == "secret"


# -- what fails


@pytest.mark.parametrize(
    "content, reason",
    [
        (None, "No such file or directory"),
        (b"one\0two\n", "has a NUL byte in it"),
        (b"one\n\0", "has a NUL byte in it"),
        (b"\0", "has a NUL byte in it"),
        (b"s" * (MOST + 1), "is longer than 64 KiB"),
        (b"s" * MOST + b"\n", "is longer than 64 KiB"),
        (b"s" * 1000000, "is longer than 64 KiB"),
    ],
    ids=["missing", "NUL", "NUL at the end", "NUL alone", "one byte more", "a newline more", "much more"],
)
def test_what_cannot_be_a_variable_fails_the_start_with_its_path_and_stage(reeve_not_pid_1, tmp_path, content, reason):
    (tmp_path / "other").write_text("fine")
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}command = true\nenv-from-file = OTHER:HERE/other TOKEN:HERE/secret\n")
    assert run.code == 126
    (said,) = said_of(run, "web")
    assert re.fullmatch(rf"cannot start: {re.escape(str(tmp_path))}/secret: ({reason}) \(environment\)", said)


def test_a_folder_is_no_secret(reeve_not_pid_1, tmp_path):
    (tmp_path / "secret").mkdir()
    run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}command = true\nenv-from-file = TOKEN:HERE/secret\n")
    assert said_of(run, "web") == [f"cannot start: {tmp_path}/secret: Is a directory (environment)"]


def test_where_nobody_writes_to_a_pipe_reeve_goes_on(reeve_not_pid_1, tmp_path):
    os.mkfifo(tmp_path / "secret")
    run = start(reeve_not_pid_1, tmp_path, "[service web]\ncommand = PROBE runs HERE/web stay\nenv-from-file = TOKEN:HERE/secret\n"
                "[service other]\ncommand = PROBE runs HERE/other stay\n")
    wait_for_runs(tmp_path / "other", 1)
    assert not (tmp_path / "web").exists()
    (tmp_path / "secret").write_text("secret")
    wait_for_runs(tmp_path / "web", 1)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


# -- where it is not


LOGGING = [("--log-level", level, "--log-format", kind) for level in ("error", "warn", "info", "debug") for kind in ("text", "json")]


@pytest.mark.parametrize("options", LOGGING, ids=lambda options: f"{options[1]}-{options[3]}")
def test_it_is_in_no_message(reeve_not_pid_1, tmp_path, options):
    """Neither where all is well, nor where the start fails before or behind the file."""
    (tmp_path / "secret").write_text(SECRET)
    (tmp_path / "bad").write_text(f"{SECRET}\0")
    (tmp_path / "bad.env").write_text(f"A=\"{SECRET}\n")
    (tmp_path / "unset.env").write_text(f"A=${{{SECRET}}}\nB=${{NONE:?{SECRET}}}\n")
    secret = "env-from-file = TOKEN:HERE/secret\n"
    text = "".join(f"[service {name}]\nessential = no\ntype = oneshot\n{settings}" for name, settings in {
        "well": f"{secret}command = true\n",
        "failing": f"{secret}command = false\n",
        "exec": f"{secret}command = HERE/nosuch\n",
        "output": f"{secret}command = true\nstdout = HERE/nosuch/out\n",
        "bad": "env-from-file = TOKEN:HERE/bad\ncommand = true\n",
        "line": "env-file = HERE/bad.env\ncommand = true\n",
        "name": "env-file = HERE/unset.env\ncommand = true\n",
    }.items())
    run = finished(reeve_not_pid_1, tmp_path, text, *options)
    assert "hunter2" not in run.err.text() + run.out.text()
    assert run.err.text().count(f"{tmp_path}/nosuch") >= 1 and "bad.env" in run.err.text()


def test_it_is_in_no_check(reeve_not_pid_1, tmp_path):
    (tmp_path / "secret").write_text(SECRET)
    for options in (("--check",), ("--check", "-v"), ("--check", "-vv", "--log-format", "json")):
        run = finished(reeve_not_pid_1, tmp_path, f"{SERVICE}command = true\nenv-from-file = TOKEN:HERE/secret\n", *options)
        assert run.code == 0
        assert "hunter2" not in run.out.text() + run.err.text()


def ask(folder, *words):
    return subprocess.run([REEVECTL, "--socket", folder / "control", *words], capture_output=True, text=True, timeout=60, check=False)


def start_with_secret(reeve, folder, *words):
    (folder / "secret").write_text(SECRET)
    run = start(reeve, folder, "[reeve]\ncontrol = HERE/control\n[service web]\ncommand = PROBE report HERE/report PROBE runs HERE/runs stay\nenv-from-file = TOKEN:HERE/secret\n"
                "stop-command = true\n", *words)
    wait_for_runs(folder / "runs", 1)
    wait_until((folder / "control").exists, "reeve listens")
    return run


def test_it_is_in_no_answer(reeve_not_pid_1, tmp_path):
    run = start_with_secret(reeve_not_pid_1, tmp_path)
    for words in (("--json", "status"), ("status",), ("--json", "health"), ("--json", "graph"), ("--json", "restart", "web"), ("reload",)):
        told = ask(tmp_path, *words)
        assert "hunter2" not in told.stdout + told.stderr
    assert json.loads(ask(tmp_path, "--json", "status").stdout)["name"] == "web"
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def memory(pid):
    """All that the process could read of its own memory."""
    found = []
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            begin, end, rights = re.match(r"(\w+)-(\w+) (\S+)", line).groups()
            if rights[0] != "r" or "[v" in line:
                continue
            mem.seek(int(begin, 16))
            found.append(mem.read(int(end, 16) - int(begin, 16)))
    return b"\n".join(found)


@pytest.mark.not_under_asan("the sanitizer has terabytes of memory")
def test_it_is_never_in_the_memory_of_reeve(reeve, tmp_path):
    """Two starts, a stop command and a reload later."""
    run = start_with_secret(reeve, tmp_path)
    ask(tmp_path, "restart", "web")
    wait_for_runs(tmp_path / "runs", 2)
    ask(tmp_path, "reload")
    found = memory(run.pid)
    assert f"{tmp_path}/secret".encode() in found
    assert b"hunter2" not in found
    assert b"hunter2" in memory(run.outer(read_report(tmp_path)["pid"]))
    run.signal(signal.SIGTERM)
    assert run.wait() == 0

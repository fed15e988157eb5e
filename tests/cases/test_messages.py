import fcntl
import json
import os
import re
import signal
import termios

import pytest

from harness import PROBE
from processes import children, wait_until
from services import events, finished, start
from terminal import with_terminal

ONE_PAGE = 4096
MANY = 60


def test_silence_is_the_default(reeve):
    run = reeve.finished(PROBE, "orphans", "3", "1", PROBE, "exit", "7")
    assert run.err.text() == ""


def test_the_start_is_said_at_info_level(reeve):
    run = reeve("-v", PROBE, "report", "-")
    pid = run.report()["pid"]
    assert run.wait() == 0
    assert f"reeve: probe: started, pid {pid}" in run.err.lines()


def test_the_stop_request_and_the_end_are_said_at_info_level(reeve):
    run = reeve("-v", "sleep", "1000")
    run.main()
    run.signal(signal.SIGTERM)
    assert run.wait() == 143
    assert "reeve: stopping: SIGTERM received" in run.err.lines()
    assert run.err.lines()[-1] == "reeve: stopped, exit code 143"


def test_messages_never_go_to_standard_output(reeve):
    run = reeve.finished("-vv", PROBE, "exit", "0")
    assert run.out.text() == ""
    assert run.err.text() != ""


DEBUG, INFO, SILENT = "subreaper", "started", ""


@pytest.mark.parametrize(
    "options, environment, expected",
    [
        ([], {}, (False, False)),
        (["-v"], {}, (True, False)),
        (["-v", "-v"], {}, (True, True)),
        (["-vv"], {}, (True, True)),
        (["-vvvvv"], {}, (True, True)),
        (["-v", "-q"], {}, (False, False)),
        (["--log-level", "info"], {}, (True, False)),
        (["--log-level=debug"], {}, (True, True)),
        (["-o", "log-level=debug"], {}, (True, True)),
        ([], {"REEVE_LOG_LEVEL": "info"}, (True, False)),
        ([], {"REEVE_LOG_LEVEL": "debug"}, (True, True)),
        (["--log-level", "error"], {"REEVE_LOG_LEVEL": "debug"}, (False, False)),
        (["--log-level", "debug"], {"REEVE_LOG_LEVEL": "error"}, (True, True)),
        (["-o", "log-level=error"], {"REEVE_LOG_LEVEL": "debug"}, (False, False)),
    ],
)
def test_the_level_is_set_by_option_or_else_by_environment(reeve_not_pid_1, options, environment, expected):
    run = reeve_not_pid_1.finished(*options, PROBE, "exit", "0", env=environment)
    assert (INFO in run.err.text(), DEBUG in run.err.text()) == expected


def test_quiet_silences_warnings_but_not_errors(reeve_not_pid_1):
    assert reeve_not_pid_1.finished("-q", "/nowhere/web").err.text() != ""


def parsed(run):
    return [json.loads(line) for line in run.err.text().splitlines()]


@pytest.mark.parametrize(
    "options, environment",
    [
        (["--log-format", "json"], {}),
        (["--log-format=json"], {}),
        (["-o", "log-format=json"], {}),
        ([], {"REEVE_LOG_FORMAT": "json"}),
        (["--log-format", "json"], {"REEVE_LOG_FORMAT": "text"}),
    ],
)
def test_as_json_every_line_is_one_object(reeve_not_pid_1, options, environment):
    run = reeve_not_pid_1.finished("-vv", *options, PROBE, "orphans", "2", "0", PROBE, "exit", "7", env=environment)
    messages = parsed(run)
    assert len(messages) >= 3
    for message in messages:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", message["ts"])
        assert message["level"] in ("error", "warn", "info", "debug")
        assert {"service", "event"} <= message.keys()


def test_as_json_the_start_carries_the_pid(reeve):
    run = reeve("-v", "--log-format", "json", PROBE, "report", "-")
    pid = run.report()["pid"]
    assert run.wait() == 0
    (started,) = [message for message in parsed(run) if message["event"] == "started"]
    assert (started["service"], started["pid"], started["level"]) == ("probe", pid, "info")


def test_text_asked_for_by_option_wins_over_json_in_the_environment(reeve_not_pid_1):
    run = reeve_not_pid_1.finished("-v", "--log-format", "text", "true", env={"REEVE_LOG_FORMAT": "json"})
    assert run.err.text().startswith("reeve: ")


def test_a_failed_exec_is_said_as_json(reeve_not_pid_1):
    (message,) = parsed(reeve_not_pid_1.finished("--log-format", "json", "/nowhere/web"))
    assert (message["level"], message["service"]) == ("error", "web")


AWKWARD = [b"a\nb", b'a"b\\c', b"a\x1b[31mb", b"a\xff\xfeb", b"a\x7fb", "gr\u00fcn".encode(), b"x" * 5000]


@pytest.mark.parametrize("name", AWKWARD, ids=lambda name: repr(name[:8]))
def test_an_awkward_name_stays_one_line_without_control_characters(reeve_not_pid_1, name):
    run = reeve_not_pid_1.finished(b"/nowhere/" + name)
    line = run.err.everything
    assert line.startswith(b"reeve: ") and line.endswith(b"\n")
    assert not [byte for byte in line[:-1] if byte < 0x20 or byte == 0x7F]
    assert len(line) <= ONE_PAGE


@pytest.mark.parametrize("name", AWKWARD, ids=lambda name: repr(name[:8]))
def test_an_awkward_name_stays_one_valid_json_object(reeve_not_pid_1, name):
    run = reeve_not_pid_1.finished("--log-format", "json", b"/nowhere/" + name)
    line = run.err.everything
    assert line.count(b"\n") == 1
    assert json.loads(line.decode("utf-8"))["level"] == "error"
    assert len(line) <= ONE_PAGE


def full_pipe():
    """Both ends of a pipe in which there is room for nothing more."""
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, ONE_PAGE)
    os.write(writer, b"." * ONE_PAGE)
    return reader, writer


def lost_count(text):
    match = re.search(r"^reeve: (?:warning: )?(\d+) messages were lost while standard error was full$", text, re.MULTILINE)
    assert match, text
    return int(match[1])


def read_all(descriptor):
    with open(descriptor, "rb") as file:
        return file.read()


def test_a_full_standard_error_does_not_block_reeve_and_the_loss_is_told(reeve):
    reader, writer = full_pipe()
    run = reeve("-vv", PROBE, "orphans", str(MANY), "0", PROBE, "signals", "2", stderr=writer)
    os.close(writer)
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "every orphan was reaped, with a message for each")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    os.read(reader, ONE_PAGE)
    run.signal(signal.SIGUSR2)
    assert run.received() == signal.SIGUSR2
    assert run.wait() == 0
    assert lost_count(read_all(reader).decode()) >= MANY


def test_a_full_standard_error_does_not_keep_reeve_from_ending(reeve):
    reader, writer = full_pipe()
    run = reeve.finished("-vv", PROBE, "exit", "7", stderr=writer)
    os.close(writer)
    os.close(reader)
    assert run.code == 7


def test_a_full_standard_error_does_not_keep_reeve_from_refusing(reeve_not_pid_1):
    reader, writer = full_pipe()
    run = reeve_not_pid_1.finished("--nonsense", stderr=writer)
    os.close(writer)
    os.close(reader)
    assert run.code == 125


def test_a_terminal_held_by_ctrl_s_does_not_block_reeve(reeve):
    reader, terminal = os.openpty()
    termios.tcflow(terminal, termios.TCOOFF)
    run = reeve("-vv", PROBE, "orphans", str(MANY), "0", PROBE, "signals", stderr=terminal)
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "every orphan was reaped, with a message for each")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    termios.tcflow(terminal, termios.TCOON)
    assert run.wait() == 0
    os.close(terminal)
    os.close(reader)


def test_standard_error_stays_blocking_for_the_program(reeve):
    with_messages = reeve("-vv", PROBE, "report", "-", PROBE, "signals")
    assert with_messages.report()["nonblocking"] == []
    with_messages.ready()
    with_messages.signal(10)
    assert with_messages.wait() == 0


def test_a_terminal_that_nobody_reads_does_not_keep_reeve_from_the_end(reeve):
    on_terminal = ["sh", "-c", 'exec "$@" 2>&0', "sh"]  # standard error, too
    with with_terminal(reeve, "-vv", PROBE, "signals", "2000", before=on_terminal) as (run, _):
        run.ready()
        for _ in range(1999):  # a line of some 40 bytes each, and nobody reads the terminal
            run.signal(signal.SIGRTMIN + 1)
        run.signal(signal.SIGTERM)
        assert run.wait() == 0


# -- of services


def test_the_life_of_a_service_is_said_at_info_level_by_default(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service web]\nrestart = on-failure:2\ncommand = PROBE runs HERE/web 1 -11 3\n")
    said = [re.sub(r"pid \d+", "pid N", line) for line in run.err.lines()]
    assert said == [
        "reeve: web: started, pid N",
        "reeve: web: exited with code 1, restarting in 100ms (failure 1)",
        "reeve: web: started, pid N",
        "reeve: web: killed by SIGSEGV, restarting in 200ms (failure 2)",
        "reeve: web: started, pid N",
        "reeve: web: failed: exited with code 3, gave up after 2 restarts",
        "reeve: stopping: web failed and is essential",
        "reeve: stopped, exit code 3",
    ]


@pytest.mark.parametrize("options", [["-q"], ["--log-level", "warn"]])
def test_quieter_only_what_is_wrong_is_said_of_a_service(reeve_not_pid_1, tmp_path, options):
    run = finished(reeve_not_pid_1, tmp_path, "[service web]\nrestart = on-failure:1\ncommand = PROBE exit 3\n", *options)
    assert run.err.lines() == ["reeve: web: failed: exited with code 3, gave up after 1 restart"]


def as_json(reeve, folder, text, *words):
    run = finished(reeve, folder, text, "--log-format", "json", *words)
    parsed(run)
    return run


def only_event(run, **wanted):
    """The one message that has these members, without its time, which comes first."""
    (message,) = events(run, **wanted)
    assert list(message)[:4] == ["ts", "level", "service", "event"]
    return {name: value for name, value in message.items() if name != "ts"}


def test_as_json_a_restart_carries_the_outcome_the_delay_and_the_failures(reeve, tmp_path):
    run = as_json(reeve, tmp_path, "[service web]\nrestart = on-failure:2\ncommand = PROBE runs HERE/web 1 -11 0\n")
    exited = {"level": "info", "service": "web", "event": "exited"}
    assert only_event(run, failures=1) == {**exited, "code": 1, "signal": None, "restart_in_ms": 100, "failures": 1}
    assert only_event(run, failures=2) == {**exited, "code": None, "signal": "SEGV", "restart_in_ms": 200, "failures": 2}
    assert only_event(run, code=0, event="exited") == {**exited, "code": 0, "signal": None}


def test_as_json_a_failure_carries_the_outcome_and_the_restarts(reeve_not_pid_1, tmp_path):
    run = as_json(reeve_not_pid_1, tmp_path, "[service web]\nrestart = on-failure:1\ncommand = PROBE exit 3\n")
    assert only_event(run, event="failed") == {
        "level": "error", "service": "web", "event": "failed", "code": 3, "signal": None, "restarts": 1}


def test_as_json_a_start_that_cannot_be_carries_what_why_and_the_stage(reeve_not_pid_1, tmp_path):
    missing = {"level": "error", "service": "web", "event": "cannot-start", "error": "No such file or directory"}
    run = as_json(reeve_not_pid_1, tmp_path, "[service web]\ncommand = /nowhere/web\n")
    assert only_event(run, event="cannot-start") == {**missing, "command": "/nowhere/web", "stage": "exec"}
    run = as_json(reeve_not_pid_1, tmp_path, "[service web]\ncommand = true\ndirectory = /nowhere\n")
    assert only_event(run, event="cannot-start") == {**missing, "what": "/nowhere", "stage": "directory"}


def test_as_json_the_end_carries_its_cause_and_the_code(reeve_not_pid_1, tmp_path):
    run = as_json(reeve_not_pid_1, tmp_path, "[service web]\nrestart = no\ncommand = PROBE exit 3\n")
    assert only_event(run, event="stopping") == {"level": "info", "service": None, "event": "stopping", "cause": "web"}
    assert only_event(run, event="stopped") == {"level": "info", "service": None, "event": "stopped", "code": 3}


def test_as_json_a_stop_request_carries_the_signal(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service web]\ncommand = PROBE runs HERE/web stay\n", "--log-format", "json")
    run.message("started")
    run.signal(signal.SIGTERM)
    assert run.wait() == 0
    assert only_event(run, event="stopping") == {"level": "info", "service": None, "event": "stopping", "signal": "TERM"}
    assert only_event(run, event="stopped")["code"] == 0


def test_as_json_an_awkward_text_of_the_configuration_is_one_valid_object(reeve_not_pid_1, tmp_path):
    run = as_json(reeve_not_pid_1, tmp_path, "[service web]\ncommand = '/nowhere/a\"b\\c\u00fc'\n")
    assert only_event(run, event="cannot-start")["command"] == '/nowhere/a"b\\c\u00fc'

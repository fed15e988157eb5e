"""What a service of a file gets: its session, descriptors, signals, terminal and variables."""

import itertools
import os
import shutil
import signal

import pytest

from harness import PROBE, REEVE
from processes import descriptors, status, wait_until
from service_report import REPORTS, SERVICE, read_report, report_of, variables, variables_of
from services import finished, start, wait_for_runs, write
from terminal import typing, with_terminal

EVERY_SUBSET_OF_012 = [list(subset) for size in range(4) for subset in itertools.combinations((0, 1, 2), size)]


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


# -- capabilities


@pytest.mark.parametrize("keys, kept", [([], 0), (["-o", "capabilities=SETGID"], 1 << 6)])
def test_another_user_gets_none_of_the_capabilities_that_a_user_gave_to_reeve(reeve, public_path, keys, kept):
    ours = "+setuid,+setgid,+setpcap"
    before = ["setpriv", "--reuid=65500", "--regid=65500", "--clear-groups", f"--inh-caps={ours}", f"--ambient-caps={ours}"]
    binary = shutil.copy(REEVE, public_path)
    run = reeve("-o", "user=65501:65501", *keys, "grep", "-E", "Cap(Prm|Eff|Amb)", "/proc/self/status", before=before, binary=binary)
    assert run.wait() == 0, run.err.text()
    assert [int(line.split()[1], 16) for line in run.out.lines()] == [kept] * 3


# -- session and descriptors


def test_a_service_leads_a_session_of_its_own(reeve, tmp_path):
    report = report_of(reeve, tmp_path)
    assert report["sid"] == report["pgid"] == report["pid"]


def test_a_service_without_tty_leads_a_session_of_its_own_though_there_is_a_terminal(reeve, tmp_path):
    with with_terminal(reeve, "-c", write(tmp_path, REPORTS)) as (run, _):
        assert run.wait() == 0
    report = read_report(tmp_path)
    assert report["sid"] == report["pgid"] == report["pid"]
    assert report["foreground"] is None


def test_a_service_gets_the_standard_descriptors_alone(reeve, tmp_path):
    reader, writer = os.pipe()
    assert report_of(reeve, tmp_path, pass_fds=[reader, writer])["fds"] == [0, 1, 2]
    os.close(reader)
    os.close(writer)


def test_a_service_with_files_of_its_own_gets_the_standard_descriptors_alone(reeve, tmp_path):
    (tmp_path / "some.env").write_text("A=1\n")
    report = report_of(reeve, tmp_path, "stdout = HERE/out\nstderr = HERE/err\nenv-file = HERE/some.env\n")
    assert (report["fds"], report["nonblocking"]) == ([0, 1, 2], [])


def test_reeve_itself_lets_go_of_inherited_descriptors_when_there_are_only_services(reeve, tmp_path):
    reader, writer = os.pipe()
    pipe = os.readlink(f"/proc/self/fd/{writer}")
    run = start(reeve, tmp_path, "[service web]\ncommand = PROBE runs HERE/web stay\n", pass_fds=[writer])
    wait_for_runs(tmp_path / "web", 1)
    wait_until(lambda: pipe not in descriptors(run.pid).values(), "reeve has let the pipe go")
    assert stop(run) == 0
    os.close(reader)
    os.close(writer)


@pytest.mark.parametrize("closed", EVERY_SUBSET_OF_012, ids=lambda closed: "".join(map(str, closed)) or "none")
def test_outputs_closed_at_start_stay_closed_and_standard_input_is_there(reeve, tmp_path, closed):
    closing = [PROBE, "close", ",".join(map(str, closed))] if closed else []
    report = report_of(reeve, tmp_path, before=closing)
    assert report["fds"] == [number for number in (0, 1, 2) if number == 0 or number not in closed]


# -- standard input


def test_standard_input_is_at_its_end(reeve, tmp_path):
    reader, writer = os.pipe()
    os.write(writer, b"not for services\n")
    run = finished(reeve, tmp_path, SERVICE + "command = sh -c 'cat; readlink /proc/self/fd/0'\n", stdin=reader)
    assert run.code == 0
    assert run.out.lines() == ["/dev/null"]
    os.close(reader)
    os.close(writer)


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_without_dev_null_standard_input_is_a_pipe_that_nobody_writes_to(reeve, bare_root):
    (bare_root / "reeve.ini").write_text("[service web]\ncommand = /probe report - /probe signals\n")
    reader, writer = os.pipe()
    run = reeve("-c", "/reeve.ini", binary="/reeve", before=["chroot", str(bare_root)], stdin=reader)
    os.close(reader)
    os.close(writer)
    assert run.report()["fds"] == [0, 1, 2]
    web = descriptors(run.outer(run.ready()))
    assert web[0].startswith("pipe:")
    wait_until(lambda: web[0] not in descriptors(run.pid).values(), "reeve has let the pipe go")
    assert stop(run) == 0


def test_standard_input_can_be_inherited(reeve, tmp_path):
    reader, writer = os.pipe()
    os.write(writer, b"for the service\n")
    os.close(writer)
    run = finished(reeve, tmp_path, SERVICE + "command = cat\nstdin = inherit\n", stdin=reader)
    os.close(reader)
    assert run.code == 0
    assert run.out.lines() == ["for the service"]


# -- signals


def test_the_signal_mask_is_exactly_what_reeve_was_started_with(reeve, tmp_path):
    report = report_of(reeve, tmp_path, before=[PROBE, "block", "10,15,17,20,33,34,64"])
    assert report["blocked"] == [10, 15, 17, 20, 33, 34, 64]


def test_the_ignored_signals_are_exactly_what_reeve_was_started_with(reeve, tmp_path):
    for ignored in ([1, 2, 13, 17, 20, 33, 40], []):
        before = [PROBE, "ignore", ",".join(map(str, ignored))] if ignored else []
        assert report_of(reeve, tmp_path, before=before)["ignored"] == ignored


# -- the terminal


TTY_AND_OTHER = (
    "[service other]\ntype = oneshot\ncommand = PROBE report HERE/other\n"
    "[service shell]\ntty = yes\nafter = other\ncommand = PROBE report HERE/shell PROBE signals\n"
)


def test_a_service_with_tty_has_the_foreground_and_the_others_have_no_terminal(reeve, tmp_path):
    with with_terminal(reeve, "-c", write(tmp_path, TTY_AND_OTHER)) as (run, _):
        run.ready()
        shell, other = read_report(tmp_path, "shell"), read_report(tmp_path, "other")
        assert shell["pgid"] == shell["foreground"] == shell["pid"]
        assert shell["sid"] == int(status(run.pid)["NSsid"].split()[-1])
        assert (other["foreground"], other["sid"]) == (None, other["pid"])
        run.signal(signal.SIGTERM)
        assert run.wait() == 0


def test_the_keyboard_is_that_of_the_service_with_tty(reeve_not_pid_1, tmp_path):
    text = "[service shell]\ntty = yes\nmain = yes\nrestart = no\ncommand = sh -c 'echo up; read -r word; echo \"<$word>\"; exec cat'\n"
    with typing([REEVE, "-c", write(tmp_path, text)], reeve_not_pid_1.environment) as keyboard:
        keyboard.expect_exact("up\r\n")
        keyboard.sendline("typed")
        keyboard.expect_exact("<typed>\r\n")
        keyboard.sendcontrol("c")
        keyboard.expect_exact("reeve: shell: failed: killed by SIGINT\r\n")
        keyboard.expect_exact("reeve: stopped, exit code 130\r\n")


def test_a_service_with_tty_gets_the_foreground_at_every_start(reeve, tmp_path):
    text = "[service shell]\ntty = yes\nrestart = always\nrestart-delay = 1ms\ncommand = PROBE report - PROBE runs HERE/runs 1 1 stay\n"
    with with_terminal(reeve, "-c", write(tmp_path, text)) as (run, _):
        for _ in range(3):
            report = run.report()
            assert report["foreground"] == report["pid"]
        wait_for_runs(tmp_path / "runs", 3)
        assert stop(run) == 0


# -- variables


def test_the_environment_is_reeves_and_what_is_written(reeve, tmp_path):
    found = variables_of(reeve, tmp_path, 'environment = "ONE=1 one" TWO=\nenvironment = THREE==3\n', env={"OURS": "yes"})
    assert (found["OURS"], found["ONE"], found["TWO"], found["THREE"]) == ("yes", "1 one", "", "=3")


def test_a_later_variable_wins_over_an_earlier_one_and_over_reeves(reeve, tmp_path):
    (tmp_path / "some.env").write_text("B=file\nC=file\n")
    found = variables_of(reeve, tmp_path, "environment = A=1 A=2 B=1\nenv-file = HERE/some.env\nenvironment = C=3 D=3\n", env={"D": "ours"})
    assert [found[name] for name in "ABCD"] == ["2", "file", "3", "3"]


def test_a_variable_can_be_made_of_reeves_own(reeve, tmp_path):
    settings = 'environment = "URL=${URL}/path" LEVEL=${LEVEL:-low} "RAW=${RAW}"\n'
    found = variables_of(reeve, tmp_path, settings, env={"URL": "http://db", "RAW": "'a b' $HOME; \"c\""})
    assert (found["URL"], found["LEVEL"], found["RAW"]) == ("http://db/path", "low", "'a b' $HOME; \"c\"")


def test_an_empty_environment_has_only_what_is_written(reeve, tmp_path):
    (tmp_path / "some.env").write_text("B=2\nOURS\n")
    for settings, expected in (
        ("", {}),
        ("environment = A=1\nenv-file = HERE/some.env\n", {"A": "1", "B": "2", "OURS": "kept"}),
    ):
        found = variables_of(reeve, tmp_path, f"clear-env = yes\n{settings}", env={"OURS": "kept", "OTHER": "gone"})
        assert found == expected


def test_what_is_meant_for_reeve_does_not_reach_a_service(reeve, tmp_path):
    ours = {"REEVE_LOG_LEVEL": "info", "REEVE_OTHER": "1", "LISTEN_FDS": "1", "LISTEN_PID": "1", "LISTEN_FDNAMES": "a", "NOTIFY_SOCKET": "@a"}
    stays = {"REEVE_CONTROL": "/run/control", "REEVES": "1", "NOT_REEVE_": "1", "LISTEN": "1"}
    found = variables_of(reeve, tmp_path, env={**ours, **stays})
    assert {name: found.get(name) for name in ours} == dict.fromkeys(ours)
    assert {name: found.get(name) for name in stays} == stays


def test_a_service_can_be_given_what_reeve_does_not_pass_on(reeve, tmp_path):
    found = variables_of(reeve, tmp_path, "environment = REEVE_MODE=x NOTIFY_SOCKET=/own\n", env={"NOTIFY_SOCKET": "@a"})
    assert (found["REEVE_MODE"], found["NOTIFY_SOCKET"]) == ("x", "/own")


def tool_that_exits_with(folder, code):
    folder.mkdir()
    (folder / "tool").write_text(f"#!/bin/sh\nexit {code}\n")
    (folder / "tool").chmod(0o755)


@pytest.mark.parametrize(
    "settings, code",
    [
        ("command = tool", 5),
        ("command = tool\nenvironment = PATH=HERE/own", 6),
        # Without PATH it is what engines set where an image names none.
        ("command = tool\nclear-env = yes", 127),
        ("command = sh -c 'exit 7'\nclear-env = yes", 7),
        ("command = sh -c 'exit 7'\nenvironment = PATH=HERE", 127),
    ],
    ids=["reeve's", "its own", "none", "none, and a program of the system", "one without the program"],
)
def test_a_command_is_looked_for_in_the_path_of_its_own_environment(reeve, tmp_path, settings, code):
    tool_that_exits_with(tmp_path / "ours", 5)
    tool_that_exits_with(tmp_path / "own", 6)
    run = finished(reeve, tmp_path, f"{SERVICE}{settings}\n", before=["env", f"PATH={tmp_path}/ours:{os.environ['PATH']}"])
    assert run.code == code


def test_the_pid_of_the_service_is_for_its_stop_command_alone(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service web]\ncommand = PROBE report HERE/web PROBE runs HERE/runs stay\n"
                "environment = OWN=1\nstop-command = PROBE report HERE/stopper\n", cwd=tmp_path)
    wait_for_runs(tmp_path / "runs", 1)
    assert stop(run) == 0
    web, stopper = read_report(tmp_path, "web"), read_report(tmp_path, "stopper")
    assert "MAINPID" not in variables(web)
    assert variables(stopper) == {**variables(web), "MAINPID": str(web["pid"])}
    assert (stopper["cwd"], stopper["fds"], stopper["sid"]) == (str(tmp_path), [0, 1, 2], stopper["pid"])


def test_a_stop_command_leaves_standard_input_to_the_service(reeve, tmp_path):
    reader, writer = os.pipe()
    os.write(writer, b"for the service\n")
    os.close(writer)
    run = start(reeve, tmp_path, "[service web]\ncommand = PROBE runs HERE/runs stay\nstdin = inherit\n"
                "stop-command = sh -c 'cat >HERE/read'\n", stdin=reader)
    wait_for_runs(tmp_path / "runs", 1)
    assert stop(run) == 0
    assert (tmp_path / "read").read_text() == ""
    assert os.read(reader, 100) == b"for the service\n"
    os.close(reader)


# -- a command that is started again


def test_a_command_that_is_started_again_gets_the_same_again(reeve, tmp_path):
    reader, writer = os.pipe()
    (tmp_path / "here").mkdir()
    run = reeve("-o", "restart=on-failure:1", "-o", "restart-delay=1ms", "--", PROBE, "report", "-", PROBE, "exit", "3",
                pass_fds=[reader], cwd=tmp_path / "here", before=[PROBE, "block", "10,34"], env={"LISTEN_FDS": "1"})
    os.close(reader)
    os.close(writer)
    first, second = run.report(), run.report()
    assert run.wait() == 3
    assert first["pid"] != second["pid"]
    assert first["cwd"] == str(tmp_path / "here") and reader in first["fds"] and "LISTEN_FDS=1" in first["environment"]
    for name in ("blocked", "ignored", "fds", "nonblocking", "cwd", "umask", "environment", "argv"):
        assert first[name] == second[name]

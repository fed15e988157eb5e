"""What is started from a file and when, what cannot be, and what a command beside the file gets."""

import json
import os
import re
import signal

import pytest

from harness import BUILD, PROBE
from processes import descriptors, wait_until
from services import finished, said_of, stamps, start, wait_for_runs

NO_SUCH_FILE = "No such file or directory"
MANY = 300 if BUILD == "asan" else 1000


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def starts_said(run):
    """The names of what was said to be started, in order."""
    return [match[1] for line in run.err.lines() if (match := re.fullmatch(r"reeve: (\S+): started, pid \d+", line))]


# -- what can never be started


@pytest.fixture
def awkward_files(tmp_path):
    for name, content, mode in (("plain", "#!/bin/sh\n", 0o644), ("text", "exit 0\n", 0o755), ("bad.env", "A=1\nno variable\n", 0o644)):
        (tmp_path / name).write_text(content)
        (tmp_path / name).chmod(mode)


@pytest.mark.parametrize("policy", ["no", "on-failure", "on-failure:3", "always", "unless-stopped"])
@pytest.mark.parametrize(
    "settings, code, message",
    [
        ("command = /nowhere/web", 127, f"/nowhere/web: {NO_SUCH_FILE} (exec)"),
        ("command = no-such-program", 127, f"no-such-program: {NO_SUCH_FILE} (exec)"),
        ("command = HERE/plain", 126, "HERE/plain: Permission denied (exec)"),
        ("command = HERE/text", 126, "HERE/text: Exec format error (exec)"),
        ("command = PROBE runs HERE/web 0\ndirectory = /nowhere", 126, f"/nowhere: {NO_SUCH_FILE} (directory)"),
        ("command = PROBE runs HERE/web 0\nstdout = HERE/no/log", 126, f"HERE/no/log: {NO_SUCH_FILE} (stdout)"),
        ("command = PROBE runs HERE/web 0\nstderr = HERE/no/log", 126, f"HERE/no/log: {NO_SUCH_FILE} (stderr)"),
        ("command = PROBE runs HERE/web 0\nenv-file = HERE/no.env", 126, f"HERE/no.env: {NO_SUCH_FILE} (environment)"),
        ("command = PROBE runs HERE/web 0\nenv-file = HERE/bad.env", 126, "HERE/bad.env:2: expected NAME=VALUE (environment)"),
    ],
    ids=["ENOENT", "not-in-PATH", "EACCES", "ENOEXEC", "directory", "stdout", "stderr", "env-file", "env-file-line"],
)
def test_what_can_never_be_executed_fails_at_once_under_every_policy(
        reeve_as_pid_1, tmp_path, awkward_files, settings, code, message, policy):
    run = finished(reeve_as_pid_1, tmp_path, f"[service web]\nrestart = {policy}\n{settings}\n")
    assert run.code == code
    assert run.err.lines() == [
        f"reeve: web: cannot start: {message}".replace("HERE", str(tmp_path)),
        "reeve: stopping: web failed and is essential",
        f"reeve: stopped, exit code {code}",
    ]
    assert not stamps(tmp_path / "web")


def test_what_vanishes_between_two_runs_fails_for_good(reeve, tmp_path):
    (tmp_path / "web").write_text('#!/bin/sh\nrm "$0"\nexit 1\n')
    (tmp_path / "web").chmod(0o755)
    run = finished(reeve, tmp_path, "[service web]\ncommand = HERE/web\nrestart = always\n")
    assert run.code == 127
    assert said_of(run, "web")[1:] == [
        "exited with code 1, restarting in 100ms (failure 1)",
        f"cannot start: {tmp_path}/web: {NO_SUCH_FILE} (exec)",
    ]


# -- the order


def test_services_start_behind_what_they_are_after(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service c]\nafter = b\ncommand = PROBE runs HERE/c stay\n"
                "[service b]\nafter = a\ncommand = PROBE runs HERE/b stay\n"
                "[service a]\ncommand = PROBE runs HERE/a stay\n")
    wait_for_runs(tmp_path / "c", 1)
    assert starts_said(run) or run.message("c: started")
    assert stop(run) == 0
    assert starts_said(run) == ["a", "b", "c"]


def test_a_service_after_a_oneshot_waits_until_that_is_done(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service web]\nafter = job\ncommand = PROBE runs HERE/web stay\n"
                "[service job]\ntype = oneshot\ncommand = PROBE runs HERE/job +300:0\n")
    wait_for_runs(tmp_path / "web", 1)
    assert stop(run) == 0
    assert stamps(tmp_path / "web")[0] - stamps(tmp_path / "job")[0] >= 300


def test_a_service_after_one_that_fails_waits_through_its_tries_and_is_started(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service web]\nafter = side\ncommand = PROBE runs HERE/web stay\n"
                "[service side]\ntype = oneshot\nrestart = on-failure:2\nrestart-delay = 1ms\nessential = no\n"
                "command = PROBE runs HERE/side 1\n")
    wait_for_runs(tmp_path / "web", 1)
    assert stop(run) == 0
    assert len(stamps(tmp_path / "side")) == 3
    assert stamps(tmp_path / "web")[0] >= stamps(tmp_path / "side")[-1]


@pytest.mark.parametrize(
    "other",
    [
        "",
        "[service other]\ncommand = /nowhere/other\nessential = no\n",
        "[service other]\ncommand = PROBE exit 0\nstart = no\n",
    ],
    ids=["not-configured", "cannot-start", "not-to-be-started"],
)
def test_a_service_after_what_will_not_come_is_started(reeve_as_pid_1, tmp_path, other):
    run = start(reeve_as_pid_1, tmp_path, f"[service web]\nafter = other\ncommand = PROBE runs HERE/web stay\n{other}")
    wait_for_runs(tmp_path / "web", 1)
    assert stop(run) == 0


def test_what_is_not_to_be_started_is_not(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service tool]\nstart = no\ncommand = PROBE runs HERE/tool stay\n"
                   "[service job]\ntype = oneshot\ncommand = PROBE runs HERE/job 0\n")
    assert run.code == 0
    assert (len(stamps(tmp_path / "job")), len(stamps(tmp_path / "tool"))) == (1, 0)


# -- instances, and many


def test_instances_have_names_and_their_number_in_words_and_environment(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service web]\ninstances = 3\ntype = oneshot\nenvironment = PORT=808%i NAME=%i-of-%i\n"
                   "command = PROBE report HERE/%i PROBE exit 0\n")
    assert run.code == 0
    assert sorted(starts_said(run)) == ["web@1", "web@2", "web@3"]
    for number in (1, 2, 3):
        report = json.loads((tmp_path / str(number)).read_text())
        assert f"{tmp_path}/{number}" in report["argv"]
        assert {f"PORT=808{number}", f"NAME={number}-of-{number}"} <= set(report["environment"])


def test_without_instances_a_percent_sign_is_itself(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, "[service web]\ntype = oneshot\nenvironment = A=%i\ncommand = PROBE report HERE/%i\n")
    assert run.code == 0
    assert "A=%i" in json.loads((tmp_path / "%i").read_text())["environment"]


def test_each_of_hundreds_that_crash_at_once_comes_back(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, f"[service web]\ninstances = {MANY}\nessential = no\ncommand = PROBE runs HERE/%i 1 0\n")
    assert run.code == 0
    assert [number for number in range(1, MANY + 1) if len(stamps(tmp_path / str(number))) != 2] == []


# -- a command beside the file


WEB_AND_DB = "[service web]\nmain = yes\ncommand = PROBE runs HERE/web stay\n[service db]\ncommand = PROBE runs HERE/db stay\n"


def test_a_command_runs_in_place_of_the_main_service_beside_the_others(reeve, tmp_path):
    run = start(reeve, tmp_path, WEB_AND_DB, "--", PROBE, "signals", "1", "6")
    run.ready()
    wait_for_runs(tmp_path / "db", 1)
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 6
    assert not stamps(tmp_path / "web")
    assert "reeve: stopping: probe failed and is the main service" in run.err.lines()


def test_the_command_is_not_started_again_unless_an_option_says_so(reeve_as_pid_1, tmp_path):
    for options, count in (([], 1), (["-o", "restart=on-failure:2", "-o", "restart-delay=1ms"], 3)):
        path = tmp_path / f"of{count}"
        run = finished(reeve_as_pid_1, tmp_path, WEB_AND_DB, *options, "--", PROBE, "runs", str(path), "4")
        assert run.code == 4
        assert len(stamps(path)) == count


def test_the_command_inherits_standard_input_and_services_do_not(reeve, tmp_path):
    reader, writer = os.pipe()
    run = start(reeve, tmp_path, "[service db]\ncommand = sh -c 'cat > HERE/read; exec \"$0\" \"$@\"' PROBE runs HERE/db stay\n",
                "--", "cat", stdin=reader)
    os.close(reader)
    wait_for_runs(tmp_path / "db", 1)
    os.write(writer, b"words\n")
    assert run.line() == "words"
    os.close(writer)
    assert run.wait() == 0
    assert (tmp_path / "read").read_text() == ""


def test_the_command_inherits_every_descriptor_and_services_the_standard_ones(reeve, tmp_path):
    reader, writer = os.pipe()
    # The service is started a second time, too, after the command has got its own.
    run = start(reeve, tmp_path, "[service db]\nrestart = on-failure\n"
                "command = PROBE report HERE/report PROBE runs HERE/db 1 stay\n",
                "--", PROBE, "report", "-", PROBE, "signals", pass_fds=[reader])
    os.close(writer)
    assert reader in run.report()["fds"]
    for count in (1, 2):
        wait_for_runs(tmp_path / "db", count)
        assert json.loads((tmp_path / "report").read_text())["fds"] == [0, 1, 2]
    os.close(reader)
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_reeve_keeps_no_descriptor_that_the_command_has_inherited(reeve, tmp_path):
    reader, writer = os.pipe()
    run = start(reeve, tmp_path, WEB_AND_DB, "--", PROBE, "signals", pass_fds=[reader])
    os.close(writer)
    command = run.outer(run.ready())
    pipe = os.readlink(f"/proc/self/fd/{reader}")
    assert pipe in descriptors(command).values()
    wait_until(lambda: pipe not in descriptors(run.pid).values(), "reeve has let the pipe go")
    os.close(reader)
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


def test_only_the_command_gets_the_sockets_that_were_passed_to_reeve(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, "[service db]\ntype = oneshot\ncommand = PROBE report HERE/db\n",
                   "-o", "after=db", "--", PROBE, "report", "-", env={"LISTEN_FDS": "1", "LISTEN_FDNAMES": "a"})
    assert "LISTEN_FDS=1" in run.report()["environment"]
    of_db = json.loads((tmp_path / "db").read_text())["environment"]
    assert [variable for variable in of_db if variable.startswith("LISTEN_")] == []


def test_a_command_with_the_name_of_a_service_starts_nothing(reeve, tmp_path):
    run = finished(reeve, tmp_path, WEB_AND_DB, "--", "/bin/db")
    assert run.code == 125
    assert "'db'" in run.err.text()
    assert not stamps(tmp_path / "db")

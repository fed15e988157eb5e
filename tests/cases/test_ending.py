"""What ends a container of services, and with which exit code."""

import os
import signal

import pytest

from services import finished, said_of, stamps, start, wait_for_runs

STAYS = "[service db]\ncommand = PROBE runs HERE/db stay\n"


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def ends(settings, *steps):
    """A service behind db, so that db has started when it ends."""
    return f"[service web]\nafter = db\n{settings}command = PROBE runs HERE/web {' '.join(steps)}\n"


def assert_stopped(run, by, code):
    """The last three messages: why it ended, that db was stopped because of it, and the code."""
    assert run.err.lines()[-3:] == [
        f"reeve: stopping: {by}",
        "reeve: db: killed by SIGTERM",
        f"reeve: stopped, exit code {code}",
    ]
    assert run.code == code


# -- one service ends the container


def test_an_essential_service_that_ends_with_0_ends_the_container(reeve, tmp_path):
    run = finished(reeve, tmp_path, STAYS + ends("", "0"))
    assert_stopped(run, "web ended and is essential", 0)


def test_an_essential_service_that_fails_ends_the_container_with_its_code(reeve, tmp_path):
    run = finished(reeve, tmp_path, STAYS + ends("restart = no\n", "7"))
    assert_stopped(run, "web failed and is essential", 7)


@pytest.mark.parametrize("number", [9, 11, 15, 34, 64])
def test_the_end_by_a_signal_gives_128_and_its_number(reeve_as_pid_1, tmp_path, number):
    run = finished(reeve_as_pid_1, tmp_path, STAYS + ends("restart = no\n", f"-{number}"))
    assert_stopped(run, "web failed and is essential", 128 + number)


def test_an_essential_service_that_cannot_start_ends_the_container(reeve, tmp_path):
    run = finished(reeve, tmp_path, STAYS + "[service web]\nafter = db\ncommand = /nowhere/web\n")
    assert_stopped(run, "web failed and is essential", 127)


def test_an_essential_oneshot_that_fails_ends_the_container(reeve, tmp_path):
    run = finished(reeve, tmp_path, STAYS + ends("type = oneshot\n", "3"))
    assert_stopped(run, "web failed and is essential", 3)


@pytest.mark.parametrize("code", [0, 3])
def test_the_end_of_the_main_service_ends_the_container_even_where_it_is_not_essential(reeve, tmp_path, code):
    run = finished(reeve, tmp_path, STAYS + ends("main = yes\nessential = no\nrestart = no\n", str(code)))
    assert_stopped(run, f"web {'failed' if code else 'ended'} and is the main service", code)


def test_the_end_of_a_main_oneshot_ends_the_container_even_where_it_ends_well(reeve, tmp_path):
    run = finished(reeve, tmp_path, STAYS + ends("main = yes\ntype = oneshot\n", "0"))
    assert_stopped(run, "web ended and is the main service", 0)


def test_the_tries_of_the_main_service_come_before_the_end(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, STAYS + ends("main = yes\nrestart = on-failure:2\nrestart-delay = 1ms\n", "1", "2", "3"))
    assert_stopped(run, "web failed and is the main service", 3)
    assert len(stamps(tmp_path / "web")) == 3


# -- and one does not


@pytest.mark.parametrize("settings, step", [
    ("essential = no\n", "0"),
    ("essential = no\nrestart = no\n", "7"),
    ("essential = no\ntype = oneshot\n", "7"),
    ("type = oneshot\n", "0"),
    ("type = oneshot\nsuccess-exit-codes = 5\n", "5"),
], ids=["not-essential-ended", "not-essential-failed", "not-essential-oneshot", "oneshot-done", "oneshot-of-another-code"])
def test_the_rest_goes_on_without_what_is_done_or_not_essential(reeve, tmp_path, settings, step):
    run = start(reeve, tmp_path, STAYS + ends(settings, step))
    run.message(rf"^reeve: web: (failed: )?exited with code {step}$")
    assert stop(run) == 0
    # It is the signal that has stopped the container, and nothing before.
    assert [line for line in run.err.lines() if "stopping" in line] == ["reeve: stopping: SIGTERM received"]
    assert "killed by SIGTERM" in said_of(run, "db")
    assert len(stamps(tmp_path / "web")) == 1


def test_what_is_not_essential_and_cannot_start_leaves_the_rest_alone(reeve, tmp_path):
    run = start(reeve, tmp_path, "[service web]\nessential = no\ncommand = /nowhere/web\n"
                "[service db]\nafter = web\ncommand = PROBE runs HERE/db stay\n")
    wait_for_runs(tmp_path / "db", 1)
    assert stop(run) == 0
    assert said_of(run, "web") == ["cannot start: /nowhere/web: No such file or directory (exec)"]


def test_the_container_ends_with_0_when_all_oneshots_are_done(reeve, tmp_path):
    run = finished(reeve, tmp_path, "".join(f"[service {name}]\ntype = oneshot\ncommand = PROBE runs HERE/{name} {step}\n"
                                            for name, step in (("a", "0"), ("b", "+100:0"), ("c", "0"))))
    assert run.code == 0
    assert [len(stamps(tmp_path / name)) for name in "abc"] == [1, 1, 1]
    assert run.err.lines()[-1] == "reeve: stopped, exit code 0"


def test_the_container_ends_with_0_when_only_what_is_not_essential_has_failed(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service web]\nessential = no\nrestart = no\ncommand = PROBE exit 5\n"
                   "[service job]\ntype = oneshot\ncommand = PROBE exit 0\n")
    assert run.code == 0


def test_one_that_waits_for_its_restart_holds_the_container(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service job]\ntype = oneshot\ncommand = PROBE exit 0\n"
                   "[service web]\nrestart = on-failure\nrestart-delay = 300ms\ncommand = PROBE runs HERE/web 1 0\n")
    assert run.code == 0
    assert len(stamps(tmp_path / "web")) == 2


def test_a_file_in_which_nothing_is_to_be_started_ends_at_once_with_0(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, "[service web]\nstart = no\ncommand = PROBE exit 5\n")
    assert run.code == 0


# -- the code


def test_the_first_cause_decides_whatever_the_others_do_afterwards(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service db]\nmain = yes\ncommand = sh -c 'trap \"exit 5\" TERM; echo > HERE/up; "
                   "while :; do sleep 0.02; done'\n"
                   "[service web]\nrestart = no\ncommand = sh -c 'until test -s HERE/up; do sleep 0.02; done; exit 3'\n")
    assert "exited with code 5" in said_of(run, "db")
    assert run.code == 3


def test_the_first_cause_decides_where_it_ended_with_0(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, "[service db]\nstop-signal = KILL\ncommand = PROBE runs HERE/db stay\n" + ends("", "0"))
    assert "killed by SIGKILL" in said_of(run, "db")
    assert run.code == 0


def test_a_stop_signal_during_the_stop_does_not_change_the_cause(reeve, tmp_path):
    os.mkfifo(tmp_path / "gate")
    run = start(reeve, tmp_path, "[service db]\nmain = yes\ncommand = sh -c 'trap \"echo asked; read line < HERE/gate; exit 5\" TERM; "
                "echo > HERE/up; while :; do sleep 0.02; done'\n"
                "[service web]\nrestart = no\ncommand = sh -c 'until test -s HERE/up; do sleep 0.02; done; exit 3'\n")
    assert run.line() == "asked"
    run.signal(signal.SIGTERM)
    run.message("stopping: SIGTERM received")
    (tmp_path / "gate").write_text("go on\n")
    assert run.wait() == 3
    assert "exited with code 5" in said_of(run, "db")


@pytest.mark.parametrize("code", [0, 4])
def test_an_exit_code_that_counts_as_success_is_still_the_code(reeve, tmp_path, code):
    run = finished(reeve, tmp_path, STAYS + ends("success-exit-codes = 4\n", str(code)))
    assert_stopped(run, "web ended and is essential", code)


def test_a_remapped_code_becomes_0(reeve, tmp_path):
    for option, code in ("7", 0), ("8", 7):
        assert finished(reeve, tmp_path, ends("restart = no\n", "7"), "-e", option).code == code


def test_a_stop_request_gives_the_code_of_the_main_service(reeve, tmp_path):
    run = start(reeve, tmp_path, STAYS + "[service web]\nmain = yes\ncommand = PROBE runs HERE/web stay\n")
    for name in ("db", "web"):
        wait_for_runs(tmp_path / name, 1)
    run.message("web: started")
    assert stop(run) == 143

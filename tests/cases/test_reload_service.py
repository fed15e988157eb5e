"""reevectl reload-service: a service reads its own configuration again, by a command or by a signal."""

import os
import signal

import pytest

from processes import children
from service_report import read_report, variables
from services import wait_for_runs
from stopping import service, wait_until_ready

STAYS = "PROBE runs HERE/runs stay"
BY_SIGNAL = "reload-signal = HUP"


def begin(steer, *settings, signals=0):
    """A service that tells each signal it gets, so many before the one that stops it."""
    steered = steer(service("web", f"PROBE signals {signals + 1}", *settings))
    wait_until_ready(steered.run)
    steered.wait_for("web", "up")
    return steered


def refused(steered, *names):
    """What reevectl said as it failed."""
    run = steered.ctl("reload-service", *names)
    assert run.code == 1
    return run.err.lines()


# -- by a signal


def test_the_reload_signal_is_sent(steer):
    steered = begin(steer, BY_SIGNAL, signals=1)
    pids = steered.pids()
    steered.done("reload-service", "web")
    assert steered.run.received() == signal.SIGHUP
    assert steered.pids() == pids


def test_each_one_that_is_named_gets_its_own_signal(steer):
    steered = steer("".join(service(name, "PROBE signals 2", f"reload-signal = {sig}") for name, sig in
                            [("a", "HUP"), ("b", "USR2"), ("c", "USR1")]))
    wait_until_ready(steered.run, 3)
    steered.done("reload-service", "a", "b")
    assert {steered.run.received(), steered.run.received()} == {signal.SIGHUP, signal.SIGUSR2}
    steered.done("signal", "WINCH", "c")  # whatever was sent to it before comes first
    assert steered.run.received() == signal.SIGWINCH


def test_one_that_does_not_run_gets_no_signal(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", STAYS, "start = no", BY_SIGNAL))
    assert refused(steered, "web") == ["reevectl: web: does not run"]


# -- by a command


def test_the_reload_command_runs_with_the_pid_of_the_service(steer):
    steered = begin(steer, "reload-command = PROBE report HERE/report", "environment = OWN=1")
    steered.done("reload-service", "web")
    steered.run.message("^reeve: web: its reload-command exited with code 0$")
    report = read_report(steered.folder)
    found = variables(report)
    assert (found["MAINPID"], found["OWN"]) == (str(steered.pids()["web"]), "1")
    assert report["pid"] != steered.pids()["web"]


def test_a_reload_command_can_signal_the_service(steer):
    steered = begin(steer, "reload-command = sh -c 'kill -HUP $MAINPID'", signals=1)
    steered.done("reload-service", "web")
    assert steered.run.received() == signal.SIGHUP


def test_with_both_it_is_the_command(steer_not_pid_1):
    steered = begin(steer_not_pid_1, "reload-command = sh -c 'kill -USR1 $MAINPID'", BY_SIGNAL, signals=2)
    steered.done("reload-service", "web")
    assert steered.run.received() == signal.SIGUSR1
    steered.done("signal", "WINCH", "web")  # a HUP would come before it
    assert steered.run.received() == signal.SIGWINCH


@pytest.mark.parametrize(
    "command, how",
    [
        ("sh -c 'exit 7'", "exited with code 7"),
        ("sh -c 'kill -KILL $$'", "killed by SIGKILL"),
        ("/no/such/command", "exited with code 127"),
    ],
    ids=["exit", "killed", "missing"],
)
def test_its_failure_is_told_and_a_warning_and_the_service_goes_on(steer, command, how):
    steered = begin(steer, f"reload-command = {command}")
    pids = steered.pids()
    assert refused(steered, "web") == [f"reevectl: web: its reload-command {how}"]
    steered.run.message(f"^reeve: warning: web: its reload-command {how}$")
    assert steered.pids() == pids
    assert steered.states() == {"web": "up"}


def test_it_is_no_process_of_the_service_and_no_orphan(steer):
    steered = begin(steer, "reload-command = PROBE runs HERE/command stay")
    steered.done("reload-service", "--no-wait", "web")
    wait_for_runs(steered.folder / "command", 1)
    command = next(pid for pid in children(steered.run.pid) if pid != steered.run.main())
    assert os.getpgid(command) == command
    os.kill(command, signal.SIGKILL)
    steered.run.message("^reeve: warning: web: its reload-command killed by SIGKILL$")
    assert steered.states() == {"web": "up"}


def test_its_end_is_waited_for(steer):
    steered = begin(steer, "reload-command = PROBE signals 1 3")
    client = steered.begin("reload-service", "web")
    command = steered.run.ready()
    assert client.is_running()
    os.kill(steered.run.outer(command), signal.SIGTERM)
    assert client.wait() == 1
    assert client.err.lines() == ["reevectl: web: its reload-command exited with code 3"]


def test_of_several_each_that_fails_is_named(steer_not_pid_1):
    codes = {"a": 0, "b": 3, "c": 0, "d": 4}
    steered = steer_not_pid_1("".join(service(name, "sleep 1000", f"reload-command = PROBE exit {code}") for name, code in codes.items()))
    steered.wait_for_all()
    failed, = refused(steered, *codes)
    assert sorted(failed.removeprefix("reevectl: ").split("; ")) == [f"{name}: its reload-command exited with code {codes[name]}" for name in "bd"]


def test_it_outlives_who_waits_for_it(steer_not_pid_1):
    steered = begin(steer_not_pid_1, "reload-command = PROBE signals 1 3")
    client = steered.begin("reload-service", "web")
    command = steered.run.ready()
    client.signal(signal.SIGKILL)
    client.wait()
    assert steered.states() == {"web": "up"}  # reeve has seen it go
    os.kill(command, signal.SIGTERM)
    steered.run.message("^reeve: warning: web: its reload-command exited with code 3$")
    assert steered.states() == {"web": "up"}


def test_a_reload_command_is_what_the_service_is(steer_not_pid_1, public_path):
    settings = ["user = 65534", "group = 65534", "limit-nofile = 77", "directory = HERE", 'reload-command = sh -c "id -u >id; ulimit -n >>id"']
    steered = begin(steer_not_pid_1, *settings)
    steered.done("reload-service", "web")
    assert (public_path / "id").read_text().split() == ["65534", "77"]


def test_one_that_does_not_run_has_no_reload_command_run(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", STAYS, "start = no", "reload-command = PROBE runs HERE/command 0"))
    assert refused(steered, "web") == ["reevectl: web: does not run"]
    assert not (steered.folder / "command").exists()


# -- by neither


def test_with_neither_it_fails_and_the_others_are_reloaded(steer):
    steered = steer(service("plain", STAYS) + service("web", "PROBE signals 2", BY_SIGNAL))
    wait_until_ready(steered.run)
    wait_for_runs(steered.folder / "runs", 1)
    assert refused(steered, "plain", "web") == ["reevectl: plain: has neither a reload-command nor a reload-signal"]
    assert steered.run.received() == signal.SIGHUP

"""The configuration is read again: what changed is restarted, and everything else goes on as it was."""

import os
import re
import signal

import pytest

from control import REEVECTL, Steered
from harness import BUILD, PROBE
from processes import children, is_alive, wait_until, wait_until_idle
from services import stamps, wait_for_runs, write
from stopping import DEAF, asked, service, told, wait_until_ready

MANY = 300 if BUILD == "asan" else 1000


def stays(name, *settings):
    return service(name, f"PROBE runs HERE/{name} stay", *settings)


WEB_AND_DB = stays("web") + stays("db")


OUTCOME = r"^reeve: read the configuration again|nothing changed$|reeve is stopping$"


def by_signal(steered):
    """Returns the lines of the log up to what came of it."""
    heard = len(steered.run.err.lines())
    steered.run.signal(signal.SIGHUP)
    steered.run.message(OUTCOME)
    return steered.run.err.lines()[heard:]


def by_hand(steered):
    run = steered.ctl("reload")
    steered.run.message(OUTCOME)
    return run.out.lines()


def begin(steer, text, **options):
    """Once all of it is up, and has written its stamps, for which up is too early."""
    steered = steer(text, **options)
    steered.wait_for_all()
    for name in re.findall(r"runs HERE/(\w+) stay", text):
        wait_for_runs(steered.folder / name, 1)
    return steered


# -- what changed, and what did not


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_what_is_as_before_keeps_its_pid(steer, again):
    steered = begin(steer, WEB_AND_DB)
    pids = steered.pids()
    again(steered)
    assert steered.pids() == pids
    assert "reeve: read the configuration again, nothing is different" in steered.run.err.lines()


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_a_changed_command_is_restarted_and_nothing_else(steer, again):
    steered = begin(steer, WEB_AND_DB)
    pids = steered.pids()
    steered.write(WEB_AND_DB.replace("HERE/web", "HERE/other"))
    again(steered)
    wait_for_runs(steered.folder / "other", 1)
    steered.wait_for_all()
    assert steered.pids("db") == {"db": pids["db"]}
    assert steered.pids()["web"] != pids["web"]
    assert len(stamps(steered.folder / "web")) == 1


def test_reload_says_what_became_of_each(steer):
    steered = begin(steer, WEB_AND_DB + stays("old") + stays("same"))
    steered.write(stays("web", "umask = 027") + stays("db", "stop-timeout = 5s") + stays("new") + stays("same"))
    assert sorted(steered.done("reload")) == ["db: changed", "new: added", "old: removed", "web: restarted"]
    steered.run.message("^reeve: read the configuration again: 1 added, 1 removed, 1 restarted, 1 by other rules$")


def test_reload_says_that_nothing_is_different(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    assert steered.done("reload") == ["nothing is different"]


def test_reload_in_json_is_a_line_for_each(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    steered.write(stays("web"))
    assert steered.done("reload", "--json") == ['{"service":"db","change":"removed"}']


def test_changed_environment_restarts(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    before = steered.pids()
    steered.write(stays("web", "environment = A=1") + stays("db"))
    steered.done("reload")
    wait_for_runs(steered.folder / "web", 2)
    steered.wait_for_all()
    assert steered.pids("db") == {"db": before["db"]}


def test_a_changed_restart_policy_counts_for_the_run_that_goes_on(steer):
    steered = begin(steer, service("web", "PROBE runs HERE/web stay", "restart = no") + stays("db"))
    pids = steered.pids()
    steered.write(service("web", "PROBE runs HERE/web stay", "restart = always", "restart-delay = 1ms") + stays("db"))
    assert steered.done("reload") == ["web: changed"]
    assert steered.pids() == pids
    os.kill(steered.run.outer(pids["web"]), signal.SIGKILL)
    wait_for_runs(steered.folder / "web", 2)
    steered.wait_for_all()


def test_a_changed_stop_timeout_counts_for_the_run_that_goes_on(steer):
    steered = begin(steer, service("web", DEAF, "stop-timeout = 10m") + stays("db"))
    wait_until_ready(steered.run)
    pids = steered.pids()
    steered.write(service("web", DEAF, "stop-timeout = 50ms") + stays("db"))
    assert steered.done("reload") == ["web: changed"]
    assert steered.pids() == pids
    steered.done("stop", "web")
    steered.run.message("^reeve: web: killed by SIGKILL$")


def test_a_changed_stop_signal_counts_for_the_run_that_goes_on(steer_not_pid_1):
    steered = begin(steer_not_pid_1, service("web", "PROBE signals 2", "stop-signal = USR1") + stays("db"))
    wait_until_ready(steered.run)
    steered.write(service("web", "PROBE signals 2", "stop-signal = USR2") + stays("db"))
    steered.done("reload")
    steered.done("stop", "web")
    assert steered.run.received() == signal.SIGUSR2


def test_a_changed_order_counts_from_now_on(steer_not_pid_1):
    steered = steer_not_pid_1(service("a", asked("a"), "after = b") + service("b", asked("b")))
    wait_until_ready(steered.run, 2)
    steered.write(service("a", asked("a")) + service("b", asked("b"), "after = a"))
    assert sorted(steered.done("reload")) == ["a: changed", "b: changed"]
    assert steered.done("graph") == ["a", "b", "    after a"]
    assert steered.stop() == 0
    assert told(steered.run) == ["b asked", "b leaves", "a asked", "a leaves"]


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_a_new_service_starts(steer, again):
    steered = begin(steer, stays("web"))
    steered.write(WEB_AND_DB)
    again(steered)
    steered.wait_for("db", "up")
    assert len(stamps(steered.folder / "web")) == 1


def test_a_new_service_that_is_to_be_started_by_hand_stays_down(steer_not_pid_1):
    steered = begin(steer_not_pid_1, stays("web"))
    steered.write(stays("web") + stays("db", "start = no"))
    steered.done("reload")
    steered.done("restart", "web")  # something that happened behind it
    assert steered.states("db") == {"db": "down"}


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_a_removed_service_is_asked_to_stop_and_forgotten(steer, again):
    steered = steer(stays("web") + service("db", asked("db")))
    wait_until_ready(steered.run)
    steered.write(stays("web"))
    again(steered)
    assert steered.run.line_matching("^db leaves$")
    wait_until(lambda: list(steered.states()) == ["web"], "it is forgotten")
    assert steered.ctl("status", "db").code == 4
    assert steered.run.is_running()


def test_a_removed_service_that_had_failed_is_forgotten(steer_not_pid_1):
    steered = steer_not_pid_1(stays("web") + service("bad", "false", "restart = no", "essential = no"))
    steered.wait_for("bad", "failed")
    steered.write(stays("web"))
    steered.done("reload")
    assert list(steered.states()) == ["web"]


def test_a_service_with_another_name_is_another_service(steer):
    steered = begin(steer, WEB_AND_DB)
    old = steered.run.outer(steered.pids()["db"])
    steered.write(stays("web") + stays("base"))
    assert sorted(steered.done("reload")) == ["base: added", "db: removed"]
    steered.wait_for("base", "up")
    wait_until(lambda: not is_alive(old), "the old one has ended")
    wait_until(lambda: list(steered.states()) == ["web", "base"], "it is forgotten")


def test_a_service_that_comes_back_while_it_still_stops_is_started_behind_it(steer_as_pid_1):
    steered = steer_as_pid_1(stays("web") + service("db", DEAF, "stop-timeout = 10m"))
    wait_until_ready(steered.run)
    old = steered.run.outer(steered.pids()["db"])
    steered.write(stays("web"))
    steered.done("reload")
    wait_until(lambda: steered.run.received() == signal.SIGTERM, "it was asked to stop")
    steered.write(WEB_AND_DB)
    steered.done("reload")
    assert is_alive(old)
    os.kill(old, signal.SIGKILL)
    wait_for_runs(steered.folder / "db", 1)
    steered.wait_for_all()


def test_more_and_fewer_instances_leave_those_that_stay(steer):
    def instances(number):
        return service("w", "PROBE runs HERE/%i stay", f"instances = {number}")

    steered = begin(steer, instances(2))
    first = steered.pids()
    steered.write(instances(4))
    steered.done("reload")
    steered.wait_for_all()
    more = steered.pids()
    assert (len(more), {name: more[name] for name in first}) == (4, first)
    steered.write(instances(1))
    steered.done("reload")
    wait_until(lambda: steered.pids() == {"w@1": first["w@1"]}, "the others have gone")


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_what_is_no_regular_file_is_not_waited_for(steer, again):
    steered = begin(steer, WEB_AND_DB)
    pids = steered.pids()
    path = steered.folder / "reeve.ini"
    path.unlink()
    os.mkfifo(path)
    again(steered)
    assert f"{path}: is no regular file, expected one that can be read again" in steered.run.err.lines()
    assert steered.pids() == pids
    assert steered.stop() == 0


def test_at_the_start_it_may_be_a_pipe(reeve, tmp_path):
    words = ["sh", "-c", 'path=$0; cat "$path" | "$@" -c /dev/stdin']
    run = reeve(before=[*words, write(tmp_path, service("web", "echo said", "restart = no"))])
    assert run.wait() == 0
    assert run.out.lines() == ["said"]


def test_what_was_stopped_by_hand_stays_down(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    steered.done("stop", "db")
    steered.write(WEB_AND_DB.replace("HERE/db", "HERE/other"))
    assert steered.done("reload") == ["db: changed"]
    steered.done("restart", "web")  # something that happened behind it
    assert steered.states() == {"web": "up", "db": "down"}
    steered.done("start", "db")
    wait_for_runs(steered.folder / "other", 1)
    assert len(stamps(steered.folder / "db")) == 1


def test_hundreds_that_are_as_before_are_not_restarted(steer_as_pid_1):
    steered = begin(steer_as_pid_1, "".join(service(f"w{number}", "PROBE runs HERE/runs stay") for number in range(MANY)))
    wait_for_runs(steered.folder / "runs", MANY)
    pids = steered.pids()
    assert len(set(pids.values())) == MANY
    assert by_hand(steered) == ["nothing is different"]
    by_signal(steered)
    assert steered.pids() == pids
    assert len(stamps(steered.folder / "runs")) == MANY


def test_many_reloads_one_behind_the_other_end_in_what_the_last_one_says(steer_as_pid_1):
    steered = begin(steer_as_pid_1, WEB_AND_DB)
    for number in range(20):
        steered.write(stays("web") + service("db", "PROBE runs HERE/db stay", f"environment = A={number}"))
        steered.run.signal(signal.SIGHUP)
        steered.done("reload")
    steered.wait_for_all()
    db = steered.run.outer(steered.pids()["db"])
    with open(f"/proc/{db}/environ", "rb") as file:
        assert b"A=19" in file.read().split(b"\0")
    assert len(stamps(steered.folder / "web")) == 1


# -- what is refused


def refused(steered, *errors):
    """By HUP and by reevectl alike: the errors come back with file and line, and nothing changes."""
    pids = steered.pids()
    run = steered.ctl("reload")
    assert run.code == 1
    assert run.out.text() == ""
    assert run.err.lines() == [*errors, "reevectl: nothing was changed"]
    steered.run.message("nothing changed$")
    heard = by_signal(steered)
    assert [line for line in heard if line in errors] == list(errors)
    assert heard[-1].endswith("in the configuration, nothing changed")
    assert steered.pids() == pids


def test_another_main_service_is_refused(steer):
    steered = begin(steer, stays("web", "main = yes") + stays("db"))
    path = steered.write(stays("web") + stays("db", "main = yes"))
    refused(steered, f"{path}:5: [service db] main: cannot be changed while reeve runs, 'web' is the main service")


def test_a_line_that_cannot_be_read_is_refused(steer):
    steered = begin(steer, WEB_AND_DB)
    path = steered.write(WEB_AND_DB + "nonsense\n")
    refused(steered, f"{path}:7: 'nonsense' is neither a section nor a key, expected [SECTION] or KEY = VALUE")


def test_all_that_is_wrong_comes_back(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    path = steered.write(stays("web", "comand = x", "restart = sometimes") + stays("db", "after = web web2") + "[service e]\n")
    run = steered.ctl("reload")
    assert [line.split(": ")[0] for line in run.err.lines()][:3] == [f"{path}:5", f"{path}:6", f"{path}:10"]
    assert run.code == 1


def test_a_ring_of_services_that_wait_for_each_other_is_refused(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    steered.write(stays("web", "after = db") + stays("db", "after = web"))
    run = steered.ctl("reload")
    assert run.code == 1
    assert "web" in run.err.text() and "db" in run.err.text()
    assert steered.done("graph") == ["web", "db"]


def test_a_file_that_is_gone_is_refused(steer):
    steered = begin(steer, WEB_AND_DB)
    path = steered.folder / "reeve.ini"
    path.unlink()
    refused(steered, f"{path}: cannot be read: No such file or directory")


def test_errors_in_json_have_file_and_line(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    path = steered.write(WEB_AND_DB + "nonsense\n")
    run = steered.ctl("reload", "--json")
    assert run.code == 1
    assert run.out.lines() == [f'{{"file":"{path}","line":7,"error":"\'nonsense\' is neither a section nor a key, '
                               'expected [SECTION] or KEY = VALUE"}']


def test_a_good_file_is_taken_behind_a_bad_one(steer_not_pid_1):
    steered = begin(steer_not_pid_1, stays("web"))
    steered.write("nonsense\n")
    assert steered.ctl("reload").code == 1
    steered.write(WEB_AND_DB)
    assert steered.done("reload") == ["db: added"]
    steered.wait_for_all()


@pytest.mark.parametrize("again", [by_signal, by_hand])
def test_nothing_is_read_again_once_reeve_is_stopping(steer_as_pid_1, again):
    steered = steer_as_pid_1(service("web", DEAF, "stop-timeout = 10m"), settings="shutdown-timeout = 10m\n")
    wait_until_ready(steered.run)
    steered.run.signal(signal.SIGTERM)
    steered.wait_for("web", "stopping")
    steered.write(stays("new"))
    again(steered)
    assert "reeve: reeve is stopping" in steered.run.err.lines()
    assert list(steered.states()) == ["web"]
    os.kill(steered.run.outer(steered.pids()["web"]), signal.SIGKILL)
    assert steered.run.wait() == 137


def test_one_command_has_nothing_to_read_again(reeve_not_pid_1, tmp_path):
    path = tmp_path / "control"
    run = reeve_not_pid_1("-o", f"control={path}", PROBE, "signals", "2")
    run.ready()
    asking = reeve_not_pid_1.beside(REEVECTL, "--socket", str(path), "reload")
    assert asking.wait() == 1
    assert "there is no file to read again" in asking.err.text()
    run.signal(signal.SIGHUP)  # which is the command's
    assert run.received() == signal.SIGHUP
    run.signal(signal.SIGUSR1)
    assert run.wait() == 0


# -- files, options, [reeve]


def test_a_file_that_is_added_to_a_folder_is_read(reeve, tmp_path):
    folder = tmp_path / "d"
    folder.mkdir()
    (folder / "a.ini").write_text(f"[reeve]\ncontrol = {tmp_path}/control\n[service a]\ncommand = sleep 1000\n")
    run = reeve("-c", str(folder))
    run.message("a: started")
    (folder / "b.ini").write_text("[service b]\ncommand = sleep 1000\n")
    asking = reeve.beside(REEVECTL, "--socket", str(tmp_path / "control"), "reload")
    assert (asking.wait(), asking.out.lines()) == (0, ["b: added"])
    run.message("b: started")
    (folder / "b.ini").unlink()
    run.signal(signal.SIGHUP)
    run.message("b: killed by SIGTERM")
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_a_relative_path_is_found_again_where_reeve_was_started(reeve, tmp_path):
    write(tmp_path, f"[reeve]\ncontrol = HERE/control\n{stays('web')}")
    run = reeve("-c", "reeve.ini", cwd=tmp_path)
    wait_for_runs(tmp_path / "web", 1)
    assert os.readlink(f"/proc/{run.pid}/cwd") == "/"
    write(tmp_path, f"[reeve]\ncontrol = HERE/control\n{WEB_AND_DB}")
    run.signal(signal.SIGHUP)
    wait_for_runs(tmp_path / "db", 1)
    assert os.readlink(f"/proc/{run.pid}/cwd") == "/"
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_a_service_of_a_later_configuration_begins_where_reeve_was_started(reeve_not_pid_1, tmp_path):
    write(tmp_path, f"[reeve]\ncontrol = HERE/control\n{stays('web')}")
    run = reeve_not_pid_1("-c", "reeve.ini", cwd=tmp_path)
    wait_for_runs(tmp_path / "web", 1)
    write(tmp_path, f"[reeve]\ncontrol = HERE/control\n{stays('web')}{service('db', 'PROBE runs db stay')}")
    run.signal(signal.SIGHUP)
    wait_for_runs(tmp_path / "db", 1)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0


def test_the_command_in_place_of_the_main_service_goes_on(reeve, tmp_path):
    steered = Steered(reeve, tmp_path, stays("web", "main = yes") + stays("db"), "--", PROBE, "signals", "9", "6")
    steered.run.ready()
    wait_for_runs(tmp_path / "db", 1)
    pids = steered.pids()
    assert set(pids) == {"db", "probe"}
    steered.write(stays("web", "main = yes", "umask = 022") + stays("db", "umask = 022"))
    assert steered.done("reload") == ["db: restarted"]
    wait_for_runs(tmp_path / "db", 2)
    assert steered.pids("probe") == {"probe": pids["probe"]}
    assert not stamps(tmp_path / "web")
    steered.done("signal", "USR1", "probe")
    assert steered.run.received() == signal.SIGUSR1
    os.kill(steered.run.outer(pids["probe"]), signal.SIGKILL)
    assert steered.run.wait() == 137


def test_options_still_win_over_the_file(steer_not_pid_1):
    steered = steer_not_pid_1(stays("web"), "--log-level", "error")
    steered.wait_for_all()
    steered.write(WEB_AND_DB)
    steered.done("reload")
    steered.wait_for_all()
    assert steered.run.err.text() == ""


def test_the_log_level_changes(steer):
    steered = begin(steer, WEB_AND_DB, settings="log-level = warn\n")
    assert steered.run.err.text() == ""
    steered.settings = "log-level = debug\n"
    steered.write(WEB_AND_DB)
    steered.done("reload")
    steered.done("stop", "web")
    steered.run.message("reeve: forwarded SIGTERM to web")


def test_the_log_format_changes(steer):
    steered = begin(steer, WEB_AND_DB)
    steered.settings = "log-format = json\n"
    steered.write(WEB_AND_DB)
    steered.done("reload")
    steered.done("stop", "web")
    assert steered.run.message(r'^\{.*"service":"web"')


def test_another_socket_is_for_the_next_start_and_said_to_be(steer_not_pid_1):
    steered = begin(steer_not_pid_1, WEB_AND_DB)
    write(steered.folder, f"[reeve]\ncontrol = HERE/elsewhere\n{WEB_AND_DB}")
    steered.done("reload")
    assert steered.run.message(rf"^reeve: warning: control: stays {steered.path} until reeve starts again$")
    assert not (steered.folder / "elsewhere").exists()
    assert steered.states() == {"web": "up", "db": "up"}


def test_nothing_is_left_of_a_configuration_that_was_replaced(steer_as_pid_1):
    steered = begin(steer_as_pid_1, WEB_AND_DB)
    wait_until_idle(steered.run.pid)
    before = os.listdir(f"/proc/{steered.run.pid}/fd")
    for number in range(50):
        steered.write(WEB_AND_DB + stays("new") if number % 2 == 0 else WEB_AND_DB)
        steered.run.signal(signal.SIGHUP)
        steered.done("reload")
    wait_until(lambda: list(steered.states()) == ["web", "db"], "the last one has been taken")
    wait_until(lambda: len(os.listdir(f"/proc/{steered.run.pid}/fd")) == len(before), "as many descriptors are open")
    wait_until(lambda: len(children(steered.run.pid)) == 2, "nobody else is left")

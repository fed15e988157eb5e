"""What the one command gets is what reeve was started with; what reeve keeps of it is little."""

import itertools
import json
import os
import subprocess

import pytest

from harness import PROBE
from processes import children, descriptors, wait_until

INHERITED = ("blocked", "ignored", "pending", "fds", "nonblocking", "cwd", "umask", "environment", "argv")
EVERY_SUBSET_OF_012 = [list(subset) for size in range(4) for subset in itertools.combinations((0, 1, 2), size)]


def report_without_reeve(before, environment):
    command = [*before, PROBE, "report", "-"]
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return json.loads(done.stdout)


def assert_inherits_exactly(reeve, before):
    run = reeve(PROBE, "report", "-", before=before)
    found = run.report()
    assert run.wait() == 0
    expected = report_without_reeve(before, reeve.environment)
    assert {key: found[key] for key in INHERITED} == {key: expected[key] for key in INHERITED}
    return found


def test_a_program_gets_what_reeve_was_started_with(reeve):
    assert_inherits_exactly(reeve, [])


def test_the_inherited_mask_is_exactly_as_it_was(reeve):
    found = assert_inherits_exactly(reeve, [PROBE, "block", "10,15,20,33,34,64"])
    assert found["blocked"] == [10, 15, 20, 33, 34, 64]


def test_the_ignored_signals_are_exactly_as_they_were(reeve):
    found = assert_inherits_exactly(reeve, [PROBE, "ignore", "1,2,13,17,20,21,22,33,40"])
    assert found["ignored"] == [1, 2, 13, 17, 20, 21, 22, 33, 40]


def test_the_umask_is_inherited(reeve):
    found = assert_inherits_exactly(reeve, ["sh", "-c", 'umask 027; exec "$@"', "sh"])
    assert found["umask"] == 0o027


def test_starting_with_sigchld_ignored_still_sees_the_end_of_the_program(reeve):
    assert reeve.finished(PROBE, "exit", "7", before=[PROBE, "ignore", "17"]).code == 7


def test_starting_with_sigchld_ignored_leaves_no_orphan_unreaped(reeve):
    run = reeve(PROBE, "orphans", "5", "0", PROBE, "signals", before=[PROBE, "ignore", "17"])
    run.ready()
    wait_until(lambda: children(run.pid) == [run.main()], "the orphans were reaped")
    run.signal(10)
    assert run.wait() == 0


def test_starting_with_every_signal_blocked_still_forwards(reeve):
    everything = ",".join(map(str, range(1, 65)))
    run = reeve(PROBE, "signals", before=[PROBE, "block", everything])
    run.ready()
    run.signal(15)
    assert run.received() == 15
    assert run.wait() == 0


@pytest.mark.parametrize("closed", EVERY_SUBSET_OF_012, ids=lambda closed: "".join(map(str, closed)) or "none")
def test_standard_descriptors_closed_at_start_stay_closed(reeve, tmp_path, closed):
    path = tmp_path / "report"
    closing = [PROBE, "close", ",".join(map(str, closed))] if closed else []
    run = reeve(PROBE, "report", path, PROBE, "signals", before=[*closing, PROBE, "block", "10"])
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"), "the report was written")
    assert json.loads(path.read_text())["fds"] == [number for number in (0, 1, 2) if number not in closed]

    own = wait_until(lambda: own_descriptors(run.pid), "reeve waits for events")
    assert min(own) > 2
    run.signal(10)
    assert run.wait() == 0


def own_descriptors(pid):
    """Those of reeve's own making, once the loop is there."""
    found = {number: target for number, target in descriptors(pid).items() if target.startswith("anon_inode:")}
    return found if any("eventpoll" in target for target in found.values()) else {}


def test_another_descriptor_is_inherited(reeve):
    reader, writer = os.pipe()
    run = reeve(PROBE, "report", "-", pass_fds=[writer])
    assert run.report()["fds"] == [0, 1, 2, writer]
    assert run.wait() == 0
    os.close(reader)
    os.close(writer)


def test_reeve_itself_lets_go_of_inherited_descriptors(reeve):
    reader, writer = os.pipe()
    pipe = os.readlink(f"/proc/self/fd/{writer}")
    run = reeve(PROBE, "signals", pass_fds=[writer])
    run.ready()
    wait_until(lambda: pipe not in descriptors(run.pid).values(), "reeve closed the pipe")
    assert pipe in descriptors(run.main()).values()
    run.signal(10)
    assert run.wait() == 0
    os.close(reader)
    os.close(writer)


def test_reeve_itself_leaves_the_working_directory_to_the_program(reeve, tmp_path):
    run = reeve(PROBE, "report", "-", PROBE, "signals", cwd=tmp_path)
    assert run.report()["cwd"] == str(tmp_path)
    wait_until(lambda: os.readlink(f"/proc/{run.pid}/cwd") == "/", "reeve left the directory")
    run.ready()
    run.signal(10)
    assert run.wait() == 0


def test_a_relative_path_means_the_directory_reeve_was_started_in(reeve, tmp_path):
    (tmp_path / "tool").symlink_to(PROBE)
    assert reeve.finished("./tool", "exit", "6", cwd=tmp_path).code == 6


def variables(run):
    return dict(text.split("=", 1) for text in run.report()["environment"])


def with_own_pid_as(name):
    """Sets a variable to the pid that reeve is going to have."""
    return ["sh", "-c", f'export {name}=$$; exec "$@"', "sh"]


def test_listen_pid_is_rewritten_where_it_was_reeves(reeve):
    run = reeve(PROBE, "report", "-", before=with_own_pid_as("LISTEN_PID"), env={"LISTEN_FDS": "1"})
    report = run.report()
    assert run.wait() == 0
    assert f"LISTEN_PID={report['pid']}" in report["environment"]
    assert "LISTEN_FDS=1" in report["environment"]
    assert len([text for text in report["environment"] if text.startswith("LISTEN_PID=")]) == 1


def test_listen_pid_of_another_process_stays(reeve):
    run = reeve(PROBE, "report", "-", env={"LISTEN_PID": "4711", "LISTEN_FDS": "1"})
    assert variables(run)["LISTEN_PID"] == "4711"
    assert run.wait() == 0


def test_listen_pid_is_not_invented(reeve):
    run = reeve(PROBE, "report", "-")
    assert "LISTEN_PID" not in variables(run)
    assert run.wait() == 0


def test_no_variable_of_reeve_reaches_the_program(reeve):
    ours = {"REEVE_LOG_LEVEL": "error", "REEVE_LOG_FORMAT": "text", "REEVE_SHUTDOWN_TIMEOUT": "5s", "REEVE_OTHER": "1"}
    run = reeve(PROBE, "report", "-", env={**ours, "REEVES": "stays", "NOT_REEVE_": "stays"})
    found = variables(run)
    assert run.wait() == 0
    assert [name for name in found if name.startswith("REEVE_")] == []
    assert (found["REEVES"], found["NOT_REEVE_"]) == ("stays", "stays")

"""Where the socket is made, what is in its place already, and what it costs where it cannot be made."""

import os
import shutil
import socket
import stat

import pytest

from control import REEVECTL, Client, answers
from harness import PROBE, REEVE
from services import said_of, write
from stopping import service

WEB = service("web", "sleep 1000")
# Nobody else's, so that the folder in /tmp is ours. No name of a test has it: all that run them must know the same names.
SOME_UID = 100000 + os.getpid()
AS_SOMEBODY = ["setpriv", f"--reuid={SOME_UID}", f"--regid={SOME_UID}", "--clear-groups"]
IN_TMP = f"/tmp/reeve-{SOME_UID}"
STANDARD = "/run/reeve/control"


def warnings(run):
    return [line for line in run.err.lines() if line.startswith("reeve: warning: ")]


def begin(reeve, folder, **options):
    """reeve with a service and no word about its socket, once the service runs."""
    run = reeve("-c", write(folder, WEB), **options)
    run.message("web: started")
    return run


def stop(run):
    run.signal(15)
    return run.wait()


def with_run(folder, *mount):
    """Mounts this folder at /run, in a namespace of its own, before it goes on."""
    script = f'mount --bind "$0" /run{"".join(f" && {command}" for command in mount)} && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", script, str(folder)]


READ_ONLY = "mount -o remount,ro,bind /run"


@pytest.fixture
def run_folder(public_path):
    """What is /run to reeve."""
    folder = public_path / "run"
    folder.mkdir(mode=0o755)
    return folder


@pytest.fixture
def binaries(public_path):
    """Copies that everybody can execute."""
    return {name: shutil.copy(name, public_path / os.path.basename(name)) for name in (REEVE, REEVECTL, PROBE)}


@pytest.fixture
def in_tmp():
    """The folder in /tmp of SOME_UID, which is not there at the beginning."""
    remove(IN_TMP)
    yield IN_TMP
    remove(IN_TMP)


def remove(path):
    if os.path.islink(path) or os.path.isfile(path):
        os.unlink(path)
    else:
        shutil.rmtree(path, ignore_errors=True)


# -- the standard places


def test_the_standard_place_is_in_run(reeve, tmp_path, run_folder):
    run = begin(reeve, tmp_path, before=with_run(run_folder))
    path = run_folder / "reeve/control"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o755
    assert Client(path).ask("status")[1]["ok"]
    assert stop(run) == 0
    assert not path.exists()
    assert warnings(run) == []


def test_reevectl_finds_the_standard_place_by_itself(reeve_as_pid_1, tmp_path, run_folder):
    run = begin(reeve_as_pid_1, tmp_path, before=with_run(run_folder))
    asking = reeve_as_pid_1.inside(run, REEVECTL, "graph")
    assert (asking.wait(), asking.out.lines()) == (0, ["web"])
    assert stop(run) == 0


@pytest.mark.parametrize("mount", [[], [READ_ONLY]], ids=["not-allowed", "read-only"])
def test_who_cannot_write_to_run_has_a_folder_in_tmp(reeve, public_path, run_folder, binaries, in_tmp, mount):
    run = begin(reeve, public_path, binary=binaries[REEVE], before=[*with_run(run_folder, *mount), *AS_SOMEBODY])
    assert stat.S_IMODE(os.stat(in_tmp).st_mode) == 0o700
    assert stat.S_IMODE(os.stat(f"{in_tmp}/control").st_mode) == 0o600
    assert Client(f"{in_tmp}/control").ask("status")[1]["ok"]
    assert stop(run) == 0
    assert os.listdir(in_tmp) == []
    assert warnings(run) == []


def test_beside_a_reeve_of_root_somebody_else_has_a_folder_in_tmp(reeve_not_pid_1, public_path, run_folder, binaries, in_tmp):
    first = begin(reeve_not_pid_1, public_path, before=with_run(run_folder))
    run = begin(reeve_not_pid_1, public_path, binary=binaries[REEVE], before=[*with_run(run_folder), *AS_SOMEBODY])
    assert warnings(run) == []
    assert Client(f"{in_tmp}/control").ask("status")[1]["ok"]
    assert Client(run_folder / "reeve/control").ask("status")[1]["ok"]
    assert (stop(run), stop(first)) == (0, 0)


def test_reevectl_finds_the_folder_in_tmp_as_that_user_and_as_root(reeve_as_pid_1, public_path, run_folder, binaries, in_tmp):
    run = begin(reeve_as_pid_1, public_path, binary=binaries[REEVE], before=[*with_run(run_folder), *AS_SOMEBODY])
    for user in (AS_SOMEBODY, []):
        asking = reeve_as_pid_1.inside(run, *user, binaries[REEVECTL], "graph")
        assert (asking.wait(), asking.out.lines()) == (0, ["web"]), asking.err.text()
    assert stop(run) == 0


def is_refused(reeve, folder, run_folder, binaries, why):
    """One warning, and everything else works."""
    run = begin(reeve, folder, binary=binaries[REEVE], before=[*with_run(run_folder), *AS_SOMEBODY])
    assert said_of(run, "web") != []
    assert stop(run) == 0
    assert warnings(run) == [f"reeve: warning: no control socket: {STANDARD}: Permission denied; {IN_TMP}/control: {why}"]


def make_folder(uid=SOME_UID, mode=0o700):
    os.mkdir(IN_TMP)
    os.chown(IN_TMP, uid, SOME_UID)
    os.chmod(IN_TMP, mode)


@pytest.mark.parametrize("uid, mode", [(0, 0o700), (0, 0o777), (SOME_UID, 0o770), (SOME_UID, 0o707), (SOME_UID, 0o755)],
                         ids=["root-700", "root-777", "own-770", "own-707", "own-755"])
def test_a_folder_of_somebody_else_or_open_to_others_is_refused(reeve_not_pid_1, public_path, run_folder, binaries, in_tmp,
                                                                 uid, mode):
    make_folder(uid, mode)
    is_refused(reeve_not_pid_1, public_path, run_folder, binaries, "its folder belongs to somebody else")
    assert os.listdir(in_tmp) == []


def test_a_symbolic_link_in_place_of_the_folder_is_refused(reeve_not_pid_1, public_path, run_folder, binaries, in_tmp):
    target = public_path / "target"
    target.mkdir(mode=0o700)
    os.chown(target, SOME_UID, SOME_UID)
    os.symlink(target, in_tmp)
    is_refused(reeve_not_pid_1, public_path, run_folder, binaries, "its folder belongs to somebody else")
    assert os.listdir(target) == []


def test_a_folder_that_was_there_before_is_used_where_it_is_safe(reeve_not_pid_1, public_path, run_folder, binaries, in_tmp):
    make_folder()
    run = begin(reeve_not_pid_1, public_path, binary=binaries[REEVE], before=[*with_run(run_folder), *AS_SOMEBODY])
    assert os.listdir(in_tmp) == ["control"]
    assert stop(run) == 0


@pytest.mark.parametrize("uid, mode", [(0, 0o755), (SOME_UID, 0o755)], ids=["root", "own"])
def test_reevectl_trusts_no_folder_that_others_can_write_to(reeve_not_pid_1, binaries, in_tmp, run_folder, uid, mode):
    make_folder(uid, mode)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"{in_tmp}/control")
        os.chmod(f"{in_tmp}/control", 0o777)
        listener.listen()
        run = reeve_not_pid_1.beside(*with_run(run_folder), *AS_SOMEBODY, binaries[REEVECTL], "status")
        assert run.wait() == 2
        assert f"{STANDARD}: No such file or directory" in run.err.text()


# -- what is there already


def test_a_socket_that_an_earlier_life_has_left_is_replaced(steer):
    stale = steer(WEB)
    assert stale.stop() == 0
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(stale.path))
    assert not answers(stale.path)
    steered = steer(WEB)
    assert steered.done("graph") == ["web"]
    assert warnings(steered.run) == []


def test_a_reeve_that_was_killed_does_not_stand_in_the_way_of_the_next_one(steer_as_pid_1):
    steered = steer_as_pid_1(WEB)
    os.kill(steered.run.pid, 9)
    steered.run.wait()
    assert steered.path.exists()
    steered = steer_as_pid_1(WEB)
    assert steered.done("graph") == ["web"]


def test_a_socket_that_another_reeve_answers_on_is_left_to_it(steer_not_pid_1):
    first = steer_not_pid_1(WEB)
    second = first.reeve("-c", first.write(WEB.replace("web", "db"), "db.ini"))
    second.message("db: started")
    assert warnings(second) == [f"reeve: warning: no control socket: {first.path}: another reeve answers there"]
    assert first.done("graph") == ["web"]
    assert stop(second) == 0
    assert first.done("graph") == ["web"]


@pytest.mark.parametrize("make, why", [
    (lambda path: path.write_text("words"), "File exists"),
    (lambda path: path.mkdir(), "File exists"),
    (lambda path: path.symlink_to("elsewhere"), "File exists"),
], ids=["file", "folder", "link"])
def test_what_is_no_socket_is_not_removed(reeve, tmp_path, make, why):
    path = tmp_path / "control"
    make(path)
    before = path.lstat()
    run = reeve("-c", write(tmp_path, f"[reeve]\ncontrol = HERE/control\n{WEB}"))
    run.message("web: started")
    assert warnings(run) == [f"reeve: warning: no control socket: {path}: {why}"]
    assert stop(run) == 0
    assert path.lstat() == before
    assert not (tmp_path / "elsewhere").exists()


def test_a_socket_that_is_gone_at_the_end_is_no_trouble(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    steered.path.unlink()
    assert steered.stop() == 0
    assert warnings(steered.run) == []


# -- a place of one's own


def test_the_mode_does_not_depend_on_the_umask(steer):
    steered = steer(WEB, before=["sh", "-c", 'umask 0; exec "$0" "$@"'])
    assert stat.S_IMODE(steered.path.stat().st_mode) == 0o600
    assert steered.stop() == 0
    assert not steered.path.exists()


def test_the_umask_of_services_is_the_one_that_reeve_was_started_with(steer_not_pid_1):
    steered = steer_not_pid_1(service("web", "PROBE report - PROBE signals 2"), before=["sh", "-c", 'umask 027; exec "$0" "$@"'])
    assert steered.run.report()["umask"] == 0o027


@pytest.mark.parametrize("place, why", [
    ("nowhere/control", "No such file or directory"),
    ("reeve.ini/control", "Not a directory"),
])
def test_a_folder_that_is_not_there_costs_a_warning_and_the_socket(reeve, tmp_path, place, why):
    run = reeve("-c", write(tmp_path, f"[reeve]\ncontrol = HERE/{place}\n{WEB}"))
    run.message("web: started")
    assert warnings(run) == [f"reeve: warning: no control socket: {tmp_path}/{place}: {why}"]
    assert stop(run) == 0


def path_of_length(folder, length):
    return f"{folder}/".ljust(length, "x")


def test_the_longest_path_that_a_socket_can_have_is_taken(reeve_not_pid_1, tmp_path):
    path = path_of_length(tmp_path, 107)
    run = reeve_not_pid_1("-c", write(tmp_path, f"[reeve]\ncontrol = {path}\n{WEB}"))
    run.message("web: started")
    assert os.path.exists(path)
    assert stop(run) == 0
    assert not os.path.exists(path)


def test_a_path_that_is_longer_is_an_error_in_the_file(reeve_not_pid_1, tmp_path):
    path = path_of_length(tmp_path, 108)
    run = reeve_not_pid_1.finished("-c", write(tmp_path, f"[reeve]\ncontrol = {path}\n{WEB}"))
    assert run.code == 125
    assert run.err.lines()[0].endswith(f"reeve.ini:2: [reeve] control: '{path}' is too long, expected at most 107 bytes")


def test_without_a_socket_reeve_ends_when_all_has_ended(reeve, tmp_path):
    run = reeve("-c", write(tmp_path, "[reeve]\ncontrol = none\n[service web]\nstart = no\ncommand = sleep 1000\n"))
    assert run.wait() == 0


def test_a_reload_does_not_move_the_socket(steer_not_pid_1):
    steered = steer_not_pid_1(WEB)
    inode = steered.path.stat().st_ino
    assert steered.done("reload") == ["nothing is different"]
    assert steered.path.stat().st_ino == inode

"""Without capabilities, without /proc, with a read-only root, as any user."""

import os
import shutil
import signal

import pytest

from harness import PROBE, REEVE
from processes import children, is_alive, wait_until

SOME_UID = "12345"
AS_ANYBODY = ["setpriv", f"--reuid={SOME_UID}", f"--regid={SOME_UID}", "--clear-groups"]
WITHOUT_CAP_KILL = ["setpriv", "--bounding-set=-kill", "--inh-caps=-kill"]
WITHOUT_CAPABILITIES = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]
PATIENT = ["-o", "sweep-timeout=10m"]
QUICK = ["-o", "sweep-timeout=200ms"]


def test_a_program_that_cannot_be_signalled_is_a_warning_and_not_the_end(reeve):
    run = reeve(*AS_ANYBODY, PROBE, "signals", "2", before=WITHOUT_CAP_KILL)
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.message(r"^reeve: warning: cannot send SIGTERM to setpriv: Operation not permitted$")
    run.signal(37)
    assert run.message(r"^reeve: warning: cannot send SIGRTMIN\+3 to setpriv: Operation not permitted$")
    for _ in range(2):
        os.kill(run.main(), signal.SIGUSR1)
        assert run.received() == signal.SIGUSR1
    assert run.wait() == 0


def test_a_group_that_cannot_be_signalled_is_a_warning_and_not_the_end(reeve):
    run = reeve("-g", *AS_ANYBODY, PROBE, "signals", before=WITHOUT_CAP_KILL)
    run.ready()
    run.signal(signal.SIGTERM)
    assert run.message(r"^reeve: warning: cannot send SIGTERM to setpriv: Operation not permitted$")
    os.kill(run.main(), signal.SIGUSR1)
    assert run.wait() == 0


def test_what_is_left_and_cannot_be_signalled_does_not_hang_pid_1(reeve_as_pid_1):
    words = [*AS_ANYBODY, PROBE, "leave", "deaf:", "--", PROBE, "exit", "7"]
    assert reeve_as_pid_1.finished(*QUICK, *words, before=WITHOUT_CAP_KILL).code == 7


def forwards_and_reaps(run):
    """The basic job: a signal passed on, an orphan reaped, the program's own code."""
    run.ready()
    wait_until(lambda: len(children(run.pid)) == 1, "the orphans were reaped")
    run.signal(signal.SIGUSR1)
    assert run.received() == signal.SIGUSR1
    assert run.wait() == 5
    return run


def basic_job(probe):
    return [probe, "orphans", "3", "0", probe, "signals", "1", "5"]


@pytest.mark.parametrize(
    "before",
    [AS_ANYBODY, WITHOUT_CAPABILITIES, [*WITHOUT_CAPABILITIES, *AS_ANYBODY[1:]]],
    ids=["any-uid", "no-capabilities", "neither"],
)
def test_neither_root_nor_capabilities_are_needed(reeve, public_path, before):
    shutil.copy(REEVE, public_path / "reeve")
    shutil.copy(PROBE, public_path / "probe")
    run = reeve(*basic_job(str(public_path / "probe")), binary=str(public_path / "reeve"), before=before)
    assert forwards_and_reaps(run).err.text() == ""


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_no_proc_is_needed(reeve, bare_root):
    run = reeve(*basic_job("/probe"), binary="/reeve", before=["chroot", str(bare_root)])
    assert forwards_and_reaps(run).err.text() == ""


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_the_sweep_of_pid_1_needs_no_proc(reeve_as_pid_1, bare_root):
    words = [*PATIENT, "/probe", "leave", "left:15", "--", "/probe", "exit", "7"]
    run = reeve_as_pid_1.finished(*words, binary="/reeve", before=["chroot", str(bare_root)])
    assert run.code == 7
    assert "left ended" in run.out.lines()


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_without_proc_pid_1_gives_hup_as_well_before_it_kills(reeve_as_pid_1, bare_root):
    words = [*QUICK, "/probe", "leave", "!deaf:", "--", "/probe", "exit", "7"]
    run = reeve_as_pid_1.finished(*words, binary="/reeve", before=["chroot", str(bare_root)])
    assert run.code == 7
    assert [line for line in run.out.lines() if line in ("deaf got 15", "deaf got 1")] == ["deaf got 15", "deaf got 1"]


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_without_proc_and_not_pid_1_the_sweep_costs_one_warning(reeve_not_pid_1, bare_root):
    words = [*QUICK, "/probe", "orphans", "1", "0", "/probe", "leave", "left:10", "--", "/probe", "exit", "7"]
    run = reeve_not_pid_1(*words, binary="/reeve", before=["chroot", str(bare_root)])
    left = int(run.line_matching(r"^left pid (\d+)$")[1])
    assert run.wait() == 7
    assert len(run.err.lines()) == 1
    assert run.err.text().startswith("reeve: warning: ")
    os.kill(left, signal.SIGUSR1)
    wait_until(lambda: not is_alive(left), "the orphan ended")


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_a_read_only_root_is_enough(reeve, bare_root):
    read_only = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec chroot "$0" "$@"'
    before = ["unshare", "--mount", "sh", "-c", read_only, str(bare_root)]
    run = reeve(*basic_job("/probe"), binary="/reeve", before=before)
    assert forwards_and_reaps(run).err.text() == ""


def test_few_descriptors_are_enough(reeve):
    run = reeve(PROBE, "signals", "1", "5", before=["prlimit", "--nofile=12", "--"])
    assert forwards_and_reaps(run).err.text() == ""


@pytest.mark.not_under_asan("the leak checker needs a process of its own")
def test_no_new_process_can_be_had_and_reeve_says_so(reeve_not_pid_1, public_path):
    shutil.copy(REEVE, public_path / "reeve")
    nobody_elses = str(200000 + os.getpid())  # the limit counts all processes of the user on the machine
    before = ["prlimit", "--nproc=1", "--", "setpriv", f"--reuid={nobody_elses}", f"--regid={nobody_elses}", "--clear-groups"]
    run = reeve_not_pid_1.finished("true", binary=str(public_path / "reeve"), before=before)
    assert run.code == 126
    assert run.err.lines() == ["reeve: true: cannot start: true: Resource temporarily unavailable (fork)"]


def test_reeve_works_as_the_child_of_another_reeve(reeve):
    run = reeve(REEVE, PROBE, "orphans", "3", "0", PROBE, "signals", "1", "5")
    assert forwards_and_reaps(run).err.text() == ""

"""Looking at processes from outside, through /proc, and waiting for what they do."""

import os
import signal
import time

PATIENCE = 60 if os.environ.get("REEVE_BUILD") == "asan" else 20
EVERY_SIGNAL = range(1, 65)
CANNOT_BE_FORWARDED = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)
EVERYTHING_BLOCKED = f"{~(1 << 8 | 1 << 18) & (1 << 64) - 1:016x}"
FORWARDABLE = [number for number in EVERY_SIGNAL if number not in CANNOT_BE_FORWARDED]


def wait_until(condition, what):
    """Waits for a condition that no descriptor announces; returns its first true value.

    What takes long is looked at less often: other tests run meanwhile.
    """
    start = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - start
        assert waited < PATIENCE, f"waited {PATIENCE} s in vain until {what}"
        time.sleep(min(max(waited / 10, 0.001), 0.02))


def read_proc(pid, name):
    """A file of /proc/PID as text, empty where the process is gone."""
    try:
        with open(f"/proc/{pid}/{name}", errors="replace") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def status(pid):
    """/proc/PID/status as a dictionary, empty where the process is gone."""
    lines = read_proc(pid, "status").splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def state(pid):
    """One letter: R, S, T (stopped), t (traced), Z (zombie); empty where the process is gone."""
    return status(pid).get("State", "")[:1]


def parent(pid):
    return int(status(pid).get("PPid", 0))


def blocks_everything(pid):
    return status(pid).get("SigBlk") == EVERYTHING_BLOCKED


def program(pid):
    """The base name of what the process executes, empty for zombies and the dead."""
    try:
        return os.path.basename(os.readlink(f"/proc/{pid}/exe"))
    except OSError:
        return ""


def descriptors(pid):
    """What each open descriptor of the process refers to."""
    found = {}
    for name in os.listdir(f"/proc/{pid}/fd"):
        try:
            found[int(name)] = os.readlink(f"/proc/{pid}/fd/{name}")
        except FileNotFoundError:
            pass
    return found


def is_alive(pid):
    return state(pid) not in ("", "Z")


def all_pids():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def threads(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except (FileNotFoundError, ProcessLookupError):
        return []


def children(pid):
    """In the order in which they became that, zombies among them. Pids say nothing of it: they begin anew.

    To look at every process there is would load the machine that all tests share.
    """
    lists = [read_proc(pid, f"task/{thread}/children") for thread in threads(pid)]
    return [int(child) for each in lists for child in each.split()]


def descendants(pid):
    """All below pid, those nearest to it first."""
    found = [pid]
    for ancestor in found:
        found += children(ancestor)
    return found[1:]


def outer_pid(inner, among):
    """The pid that we see of the process which its own PID namespace calls `inner`."""
    for pid in among:
        if status(pid).get("NSpid", "").split()[-1:] == [str(inner)]:
            return pid
    return None


EPOLL_WAITS = {"x86_64": (232, 281), "aarch64": (22,)}.get(os.uname().machine, ())


def waits_in_epoll(pid):
    """The call in which an event loop waits, where it does. What happened before was heard by then: it wakes who waits."""
    call = blocked_call(pid)
    return call if call and call[0] in EPOLL_WAITS else None


def wait_until_idle(pid):
    return wait_until(lambda: waits_in_epoll(pid), "it waits for events")


def blocked_call(pid):
    """The system call a process sleeps in, with its arguments; None while it runs."""
    words = read_proc(pid, "syscall").split()
    if not words or words[0] in ("running", "-1"):
        return None
    return int(words[0]), [int(word, 16) for word in words[1:7]]

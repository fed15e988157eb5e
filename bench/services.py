"""What services cost, beside a bare loop of vfork and Debian's supervisors.

Everything runs as PID 1 of a PID namespace. A service is a program that writes the time of its first
instruction to a FIFO and waits.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time

import processes
import programs
from figures import Row, Target, interleave

IDLE_SECONDS = 10


def now_ns():
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC)


class Run:
    """A supervisor that has started `count` services."""

    def __init__(self, supervisor, count):
        self.supervisor = supervisor
        self.folder = tempfile.mkdtemp()
        out = os.path.join(self.folder, "out")
        os.mkfifo(out)
        self.out = os.open(out, os.O_RDWR)  # never at its end
        command = supervisor.lay_out(self.folder, count, out)
        begin = now_ns()
        self.process = subprocess.Popen([*programs.AS_PID_1, *command], stdin=subprocess.DEVNULL, start_new_session=True,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        self.start_ms = (max(processes.read_stamps(self.out, count)) - begin) / 1e6
        self.pid = processes.children(self.process.pid)[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):  # the end of PID 1 is that of all
            os.kill(self.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.out)
        shutil.rmtree(self.folder)

    def helpers(self):
        """All that is not a service."""
        return [pid for pid in [self.pid, *processes.all_below(self.pid)] if processes.name_of(pid) != "stamp"]

    def services(self):
        return [pid for pid in processes.all_below(self.pid) if processes.name_of(pid) == "stamp"]

    def restart_ms(self):
        """From the death of one service to the first instruction of the next."""
        victim = self.services()[0]
        begin = now_ns()
        os.kill(victim, signal.SIGKILL)
        return (processes.read_stamps(self.out, 1)[0] - begin) / 1e6

    def stop_ms(self):
        begin = now_ns()
        os.kill(self.pid, self.supervisor.stop_signal)
        self.process.wait(processes.PATIENCE)
        return (now_ns() - begin) / 1e6


def start_ms(supervisor, count):
    with Run(supervisor, count) as run:
        return [run.start_ms]


def restart_ms(supervisor, count):
    with Run(supervisor, count) as run:
        return [run.restart_ms() for _ in range(3)]


def stop_ms(supervisor, count):
    with Run(supervisor, count) as run:
        return [run.stop_ms()]


def footprint(supervisor, count, idle_seconds=IDLE_SECONDS):
    """Private KiB of all that is not a service, and its wake-ups."""
    with Run(supervisor, count) as run:
        time.sleep(0.5)  # until it has nothing more to do
        helpers = run.helpers()
        private = sum(processes.memory_kib(pid)[1] for pid in helpers)
        before = sum(map(processes.wakeups, helpers))
        time.sleep(idle_seconds)
        return [private, sum(map(processes.wakeups, helpers)) - before]


def rows(reeve, used, runs, is_wanted):
    supervisors = programs.supervisors(reeve, used)
    waiting = {name: each for name, each in supervisors.items() if each.waits_for_stopped}

    def row(what, measure, count, rounds, target, contenders=supervisors, **options):
        if is_wanted(what):
            measures = {name: lambda each=each: measure(each, count) for name, each in contenders.items()}
            yield Row(what, "ms", interleave(measures, rounds), target, **options)

    yield from row("1000 services running", start_ms, 1000, max(1, runs // 4), Target(of_floor=1.5), places=0)
    yield from row("death of a service to its next first instruction", restart_ms, 1, runs, Target(of_floor=1.3))
    yield from row("the same beside 99 others", restart_ms, 100, max(1, runs // 3), Target(of_floor=1.3))
    yield from row("stop of 100 services", stop_ms, 100, max(1, runs // 2), Target(of_floor=1.2), waiting)
    if is_wanted("memory") or is_wanted("wake-ups"):
        os.sync()  # pages of a binary that was just built are dirty until they are on the disk
        for count in (1, 10, 100, 1000):
            taken = {name: footprint(each, count) for name, each in supervisors.items()}
            yield Row(f"private memory, {count} services", "KiB", {name: [values[0]] for name, values in taken.items()},
                      Target(at_most=100 + 0.4 * count), places=0)  # fmt: skip
            if count == 100:
                yield Row(f"wake-ups in {IDLE_SECONDS} idle seconds, {count} services", "",
                          {name: [values[1]] for name, values in taken.items()}, Target(at_most=0), places=0)  # fmt: skip

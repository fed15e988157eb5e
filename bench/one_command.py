"""What an init costs that runs one command."""

import os
import re
import signal
import subprocess
import tempfile
import time

import processes
import programs
from figures import Row, Target, interleave

FORKS = ("clone", "clone3", "fork", "vfork")
IDLE_SECONDS = 10
QUIET = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def for_each(inits, measure):
    return {name: lambda command=command: measure(command) for name, command in inits.items()}


class Running:
    """An init that is PID 1 of a namespace, with its standard output, and input where it is asked for."""

    def __init__(self, command, before=(), has_input=False):
        self.process = subprocess.Popen(
            [*programs.AS_PID_1, *before, *command], start_new_session=True, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, stdin=subprocess.PIPE if has_input else subprocess.DEVNULL)  # fmt: skip
        self.out = self.process.stdout.fileno()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        if self.process.stdin:
            self.process.stdin.close()

    def stamps(self, count):
        return processes.read_stamps(self.out, count)

    def pid(self):
        return processes.children(self.process.pid)[0]


# --- what is measured; each returns a list of figures


def exec_us(command, used):
    with Running([*command, used["stamp"]], before=[used["launch"]]) as running:
        begin, first = running.stamps(2)
    return [(first - begin) / 1e3]


def life_us(command, used):
    done = subprocess.run([used["life"], "10", *command, "/bin/true"], **QUIET, stdout=subprocess.PIPE, check=True,
                          timeout=processes.PATIENCE)  # fmt: skip
    return [int(line) / 1e3 for line in done.stdout.split()]


def signal_us(command, used):
    with Running([*command, used["answer"]]) as running:
        running.stamps(1)
        sender = [used["send"], str(running.pid()), "100"]
        done = subprocess.run(sender, stdin=running.out, stdout=subprocess.PIPE, check=True, timeout=4 * processes.PATIENCE)
    return [float("inf") if line == b"lost" else int(line) / 1e3 for line in done.stdout.split()]


def orphans_ms(command, used, burst):
    total = max(1000, burst)
    with Running([*command, used["orphans"], str(total), str(burst)], has_input=True) as running:
        def meet():
            processes.read_exactly(running.out, 1)
            spent = processes.cpu_ns(running.pid())
            running.process.stdin.write(b".")
            running.process.stdin.flush()
            return spent

        before = meet()
        return [(meet() - before) / 1e6 / total * 1000]


def calls_before_fork(command, used):
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run([*programs.AS_PID_1, "strace", "-o", trace.name, *command, "/bin/true"], **QUIET, check=True,
                       timeout=processes.PATIENCE)  # fmt: skip
        names = [match.group(1) for match in map(re.compile(r"(\w+)\(").match, trace) if match]
    return [min(names.index(name) for name in FORKS if name in names) - 1]  # its own execve is none of it


def footprint(command, used, idle_seconds=IDLE_SECONDS):
    """Resident and private KiB, and the wake-ups, while it is idle."""
    with Running([*command, used["stamp"]]) as running:
        running.stamps(1)
        pid = running.pid()
        time.sleep(0.5)  # until it waits: all of them do nothing before their first wake-up
        before = processes.wakeups(pid)
        time.sleep(idle_seconds)
        return [*processes.memory_kib(pid), processes.wakeups(pid) - before]


# --- the rows


def rows(reeve, used, runs, is_wanted):
    """The tables' rows, for those that `is_wanted`; figures that do not depend on the clock are taken once."""
    inits = programs.inits(reeve, used)

    def row(what, unit, measure, rounds, target, **options):
        if is_wanted(what):
            contenders = for_each(inits, lambda command: measure(command, used))
            yield Row(what, unit, interleave(contenders, rounds), target, **options)

    yield from row("exec of init to its program's first instruction", "us", exec_us, 3 * runs,
                   Target(of_floor=1.3, of_peer=("tini-static", 0.6)), places=0)  # fmt: skip
    yield from row("whole life of /bin/true", "us", life_us, runs, Target(of_floor=1.15), places=0)
    yield from row("kill(init) to the program's handler", "us", signal_us, max(1, runs // 2),
                   Target(of_peer=("best", 1.0)), places=1, has_tail=True)  # fmt: skip
    for burst in (20, 500, 5000):
        yield from row(f"CPU for 1000 orphans, {burst} at a time", "ms",
                       lambda command, used, burst=burst: orphans_ms(command, used, burst), max(1, runs // 3),
                       Target(of_floor=1.1), places=1)  # fmt: skip
    yield from row("system calls before fork", "calls", calls_before_fork, 1, Target(at_most=12), places=0)
    if is_wanted("memory") or is_wanted("wake-ups"):
        os.sync()  # pages of a binary that was just built are dirty until they are on the disk
        taken = {name: footprint(command, used) for name, command in inits.items()}
        kinds = (("resident memory", "KiB", 160), ("private memory", "KiB", 100), ("of it dirty", "KiB", None),
                 (f"wake-ups in {IDLE_SECONDS} idle seconds", "", 0))  # fmt: skip
        for i, (what, unit, limit) in enumerate(kinds):
            yield Row(what, unit, {name: [values[i]] for name, values in taken.items()}, Target(at_most=limit), places=0)
    if is_wanted("size"):
        sizes = {name: [os.path.getsize(os.path.realpath(command[0]))] for name, command in inits.items()}
        yield Row("size of the binary", "bytes", sizes, Target(at_most=160000), places=0)

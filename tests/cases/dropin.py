"""Running the same command line through an original and through reeve under its name, side by side."""

import concurrent.futures
import dataclasses
import functools
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

from harness import AS_PID_1, PROBE, REEVE
from processes import PATIENCE

ORIGINALS = {
    "tini": "/usr/bin/tini",
    "tini-static": "/usr/bin/tini-static",
    "docker-init": "/usr/bin/tini-static",
    "dumb-init": "/usr/bin/dumb-init",
    "catatonit": "/usr/bin/catatonit",
    "podman-init": "/usr/bin/catatonit",
}

AT_ONCE = 6


@dataclasses.dataclass(frozen=True)
class Case:
    """One command line, the situation it is started in, and what happens meanwhile."""

    init: str
    words: tuple = ()
    env: tuple = ()  # NAME=VALUE
    before: tuple = ()  # words before the init, that execute it
    pid_1: bool = False
    terminal: bool = False  # standard input is the controlling terminal
    steps: tuple = ()
    unordered: bool = False  # several processes write lines
    counts_children: bool = True  # how often the init hears of children is the same each time

    def __str__(self):
        situation = [*self.env, *self.before, *(["PID-1"] if self.pid_1 else []), *(["tty"] if self.terminal else [])]
        steps = [f"{step[0]} {step[1]}" for step in self.steps]
        return " ".join([*situation, self.init, *map(repr, self.words), *(["..."] if steps else []), *steps]).replace(PROBE, "probe")


def send(number):
    """A step: a signal to the init."""
    return ("signal", int(number))


def expect(pattern):
    """A step: to wait for a line of standard output, after all that were waited for before."""
    return ("line", pattern)


def expect_message(pattern):
    """The same on standard error."""
    return ("message", pattern)


def expect_state(letter):
    """A step: to wait until the child is stopped (T), or runs or sleeps again (RS)."""
    return ("state", letter)


def expect_init_state(letter):
    return ("init-state", letter)


def type_keys(text):
    """A step: at the terminal."""
    return ("keys", text)


def hang_up():
    """A step: the terminal goes away."""
    return ("hang-up", "")


@dataclasses.dataclass
class Outcome:
    code: int
    out: list  # lines; what `probe report` says is a dictionary
    err: list
    trouble: str  # why it came to no end

    def reports(self):
        return [line for line in self.out if isinstance(line, dict)]


class Trouble(Exception):
    pass


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except (FileNotFoundError, ProcessLookupError):
        return []


def is_in_state(pid, letters):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] in letters
    except (FileNotFoundError, ProcessLookupError):
        return False


class Live:
    """A case that runs."""

    def __init__(self, case, folder, environment):
        self.case = case
        self.deadline = time.monotonic() + PATIENCE
        self.keyboard = None
        self.seen = [b"", b""]
        self.taken = [0, 0]
        stdin = subprocess.DEVNULL
        launcher = AS_PID_1 if case.pid_1 else []
        if case.terminal:
            self.keyboard, stdin = pty.openpty()
            launcher = [*launcher, "setsid", "--ctty"]
        self.process = subprocess.Popen(
            [*launcher, *case.before, os.path.join(folder, case.init), *case.words],
            env={**environment, **dict(pair.split("=", 1) for pair in case.env)},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=not case.terminal or case.pid_1,
        )
        if case.terminal:
            os.close(stdin)
        self.files = [self.process.stdout.fileno(), self.process.stderr.fileno()]
        self.open = list(self.files)

    def until(self, condition, what):
        while not (value := condition()):
            if time.monotonic() > self.deadline or self.process.poll() is not None:
                raise Trouble(f"never {what}")
            time.sleep(0.002)
        return value

    @property
    def init(self):
        if not self.case.pid_1:
            return self.process.pid
        return self.until(lambda: children_of(self.process.pid), "an init")[0]

    @property
    def child(self):
        return self.until(lambda: children_of(self.init), "a child")[0]

    def read(self):
        left = self.deadline - time.monotonic()
        keyboard = [self.keyboard] if self.keyboard is not None else []
        ready = select.select([*self.open, *keyboard], [], [], max(left, 0))[0]
        if not ready:
            raise Trouble("no end")
        for file in ready:
            self.read_one(file)

    def read_one(self, file):
        try:
            some = os.read(file, 65536)
        except OSError:  # of a terminal that nobody has open any more
            some = b""
        if file == self.keyboard:
            if not some:
                os.close(self.keyboard)
                self.keyboard = None
        elif some:
            self.seen[self.files.index(file)] += some
        else:
            self.open.remove(file)

    def await_line(self, stream, pattern):
        while True:
            end = self.seen[stream].find(b"\n", self.taken[stream])
            if end >= 0:
                line = self.seen[stream][self.taken[stream] : end].decode(errors="replace")
                self.taken[stream] = end + 1
                if re.search(pattern, line):
                    return
            elif not self.open:
                raise Trouble(f"ended without {pattern!r}")
            else:
                self.read()

    def take(self, kind, value):
        if kind == "signal":
            os.kill(self.init, value)
        elif kind == "line":
            self.await_line(0, value)
        elif kind == "message":
            self.await_line(1, value)
        elif kind == "keys":
            os.write(self.keyboard, value.encode())
        elif kind == "hang-up":
            os.close(self.keyboard)
            self.keyboard = None
        elif kind == "state":
            self.until(lambda: is_in_state(self.child, value), f"a child in state {value}")
        elif kind == "init-state":
            self.until(lambda: is_in_state(self.init, value), f"an init in state {value}")

    def run(self):
        trouble = ""
        try:
            for kind, value in self.case.steps:
                self.take(kind, value)
            while self.open:
                self.read()
        except (Trouble, ProcessLookupError) as what:
            trouble = str(what)
            self.process.kill()
        code = self.process.wait()
        return code, *(text.decode(errors="replace").splitlines() for text in self.seen), trouble

    def close(self):
        self.process.stdout.close()
        self.process.stderr.close()
        if self.keyboard is not None:
            os.close(self.keyboard)


# --- what differs from one run to the next

NUMBER = re.compile(r"(\b[Pp][Ii][Dd](?:: '| '| |=)|\bready |\btini \(|\bcatatonit:|\bpid1 \(|\borphan | from )[1-9]\d*")


def call_numbers_by_name(report):
    """A process group, say, is the child's own, or the init's, or that of somebody else."""
    names = {report["pid"]: "child", report["ppid"]: "init", 0: "outside"}
    for key in ("pgid", "sid", "foreground"):
        if report[key] is not None:
            report[key] = names.get(report[key], "other")
    del report["pid"], report["ppid"]
    return report


def read_line(line, folder):
    line = line.replace(folder, "BIN")
    if line.startswith('{"pid": '):
        return call_numbers_by_name(json.loads(line))
    return NUMBER.sub(r"\1PID", line)


# What a child writes comes at any time: it is put before what the init writes.
OF_TINI = re.compile(r"^\[[A-Z]+ *tini ")
OF_THE_INIT = re.compile(r"^(?!.*(attach to controlling|setsid complete|using stdin as tty|no tty present)|\[dumb-init\] [^ ]*: )")


def in_two_parts(lines, of_the_init):
    parts = [], []
    for line in lines:
        parts[bool(isinstance(line, str) and of_the_init.search(line))].append(line)
    return [*parts[0], *parts[1]]


# It says so as often as it looks at them.
OF_LOOKING = re.compile(r"Received signal 17|Received SIGCHLD|No child to reap")


def run_case(case, folder, environment):
    live = Live(case, folder, environment)
    try:
        code, out, err, trouble = live.run()
    finally:
        live.close()
    out, err = ([read_line(line, folder) for line in text] for text in (out, err))
    if not case.counts_children:
        out, err = ([line for line in text if not OF_LOOKING.search(str(line))] for text in (out, err))
    out = sorted(out, key=str) if case.unordered else in_two_parts(out, OF_TINI)
    return Outcome(code, out, in_two_parts(err, OF_THE_INIT), trouble)


# --- side by side


@functools.cache
def link_all(place):
    """Two folders with the same names in them: the originals, and reeve."""
    folders = (os.path.join(place, "theirs"), os.path.join(place, "reeves"))
    for folder, binary_of in zip(folders, (ORIGINALS.get, lambda name: REEVE)):
        os.makedirs(folder)
        for name in ORIGINALS:
            os.symlink(binary_of(name), os.path.join(folder, name))
    return folders


def run_both(case, folders, environment):
    return [run_case(case, folder, environment) for folder in folders]


def run_all(cases, place, environment):
    """Returns [(case, outcome of the original, outcome of reeve)]."""
    folders = link_all(place)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda case: run_both(case, folders, environment), cases)
        return [(case, *both) for case, both in zip(cases, outcomes)]


def difference(theirs, ours):
    """What differs, as text; empty where nothing does."""
    found = [f"{who}: {outcome.trouble}" for who, outcome in (("the original", theirs), ("reeve", ours)) if outcome.trouble]
    if theirs.code != ours.code:
        found.append(f"exit code: {theirs.code}, reeve {ours.code}")
    for name, left, right in (("standard output", theirs.out, ours.out), ("standard error", theirs.err, ours.err)):
        if left != right:
            found.append(f"{name}:\n" + "\n".join(differing_lines(left, right)))
    return "\n".join(found)


def differing_lines(left, right):
    if len(left) == len(right):
        for one, other in zip(left, right):
            if isinstance(one, dict) and isinstance(other, dict):
                yield from (f"    {key}: {one[key]!r}, reeve {other.get(key)!r}" for key in one if one[key] != other.get(key))
            elif one != other:
                yield f"    {one!r}\n    reeve {other!r}"
        return
    yield from (f"    - {line}" for line in left)
    yield from (f"    + {line}" for line in right)

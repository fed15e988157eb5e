"""Starting reeve in the ways an engine or a shell does, and talking with what runs under it."""

import json
import os
import re
import select
import signal
import subprocess
import time

import processes
from processes import PATIENCE

REEVE = os.environ.get("REEVE", "")
REEVE_FAULTY = os.environ.get("REEVE_FAULTY", "")
PROBE = os.environ.get("PROBE", "")
BUILD = os.environ.get("REEVE_BUILD", "native")

SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error:")

AS_PID_1 = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
NOT_PID_1 = []


class Stream:
    """One output of a run, read without ever blocking for it."""

    def __init__(self, file):
        self.descriptor = file.fileno()
        self.file = file
        self.unread = b""
        self.everything = b""
        self.is_open = True
        os.set_blocking(self.descriptor, False)

    def read_available(self):
        while self.is_open:
            try:
                some = os.read(self.descriptor, 65536)
            except BlockingIOError:
                return
            self.is_open = some != b""
            self.unread += some
            self.everything += some

    def take_line(self):
        line, newline, rest = self.unread.partition(b"\n")
        if not newline:
            return None
        self.unread = rest
        return line.decode(errors="replace")

    def text(self):
        return self.everything.decode(errors="replace")

    def lines(self):
        return self.text().splitlines()


class Run:
    """A started reeve (below its launcher, such as unshare or strace) and the program under it."""

    def __init__(self, command, binary, **popen):
        self.binary = os.path.basename(os.path.realpath(binary))  # it may be a link
        self.process = subprocess.Popen(
            command,
            stdin=popen.pop("stdin", subprocess.DEVNULL),
            stdout=popen.pop("stdout", subprocess.PIPE),
            stderr=popen.pop("stderr", subprocess.PIPE),
            **{"start_new_session": True, **popen},
        )
        self.ending = os.pidfd_open(self.process.pid)
        self.out = Stream(self.process.stdout) if self.process.stdout else None
        self.err = Stream(self.process.stderr) if self.process.stderr else None
        self._pid = None
        self._main = None

    # -- output

    def _streams(self):
        return [stream for stream in (self.out, self.err) if stream]

    def _read_on(self, deadline, what):
        """Waits until there is more output, or the launcher ended."""
        waited_for = [stream.descriptor for stream in self._streams() if stream.is_open]
        left = deadline - time.monotonic()
        ready = left > 0 and select.select([self.ending, *waited_for], [], [], left)[0]
        if not ready:
            raise AssertionError(f"no {what} within {PATIENCE} s; {self._so_far()}")
        for stream in self._streams():
            stream.read_available()
        return self.ending not in ready

    def _so_far(self):
        texts = [stream.text() for stream in self._streams()]
        return "so far, standard output and error:\n" + "\n--\n".join(texts)

    def _next(self, stream, is_wanted, what):
        deadline = time.monotonic() + PATIENCE
        running = True
        while True:
            while (line := stream.take_line()) is not None:
                if is_wanted(line):
                    return line
            assert running, f"ended without {what}; {self._so_far()}"
            running = self._read_on(deadline, what)

    def line(self):
        """The next line of standard output."""
        return self._next(self.out, lambda line: True, "line")

    def line_matching(self, pattern):
        """Goes on to the next line of standard output that matches; returns the match."""
        line = self._next(self.out, re.compile(pattern).search, f"line {pattern!r}")
        return re.search(pattern, line)

    def lines(self, count):
        return [self.line() for _ in range(count)]

    def message(self, pattern):
        """Goes on to the next line of standard error that matches; returns the match."""
        line = self._next(self.err, re.compile(pattern).search, f"message {pattern!r}")
        return re.search(pattern, line)

    def ready(self):
        """Waits for `probe signals`; returns its pid as it sees it."""
        return int(self.line_matching(r"^ready (\d+)$")[1])

    def received(self):
        """The number in the next line that `probe signals` says."""
        return int(self.line_matching(r"^signal (\d+) ")[1])

    def report(self):
        """The next line, as `probe report -` says it."""
        return json.loads(self.line())

    # -- processes

    def _find(self):
        for pid in [self.process.pid, *processes.descendants(self.process.pid)]:
            if processes.program(pid) == self.binary:
                return pid
        return None

    @property
    def pid(self):
        """Of reeve itself, as we see it, whatever launcher stands above it."""
        if self._pid is None:
            self._pid = processes.wait_until(self._find, f"{self.binary} was executed")
        return self._pid

    def _find_main(self):
        first = next(iter(processes.children(self.pid)), 0)
        return first if processes.program(first) not in ("", self.binary) else None

    def main(self):
        """The pid of the main program, as we see it, once it was executed: what reeve adopts comes behind it."""
        if self._main is None:
            self._main = processes.wait_until(self._find_main, "the command was executed")
        return self._main

    def outer(self, inner):
        return processes.outer_pid(inner, processes.descendants(self.process.pid))

    def signal(self, number):
        os.kill(self.pid, number)

    def write(self, text):
        os.write(self.process.stdin.fileno(), text.encode())

    # -- the end

    def wait(self):
        """The exit code of the whole run."""
        deadline = time.monotonic() + PATIENCE
        while self._read_on(deadline, "end"):
            pass
        return self.process.wait()

    @property
    def code(self):
        return self.process.returncode

    def outlive_launcher(self):
        """From now on the end of reeve itself is the end of the run."""
        os.close(self.ending)
        self.ending = os.pidfd_open(self.pid)

    def is_running(self):
        return not select.select([self.ending], [], [], 0)[0]

    def close(self):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ending)
        for file in (self.process.stdin, self.process.stdout, self.process.stderr):
            if file:
                file.close()


def tracing(log, calls):
    """Goes around reeve: strace, with a file for each process, as in one of all a line may be cut by another process."""
    return ["strace", "-ff", "-qq", "-o", str(log), f"--trace={calls}"]


def traced(log):
    """The lines of each process, by its pid, once all have ended."""
    return {int(file.suffix[1:]): file.read_text().splitlines() for file in log.parent.glob(f"{log.name}.*")}


class Starter:
    """Called like a command line of reeve; knows whether it is to be PID 1."""

    def __init__(self, launcher, environment):
        self.launcher = launcher
        self.environment = environment
        self.runs = []

    @property
    def is_pid_1(self):
        return self.launcher == AS_PID_1

    def __call__(self, *words, binary=REEVE, before=(), around=(), env=None, **popen):
        """`before` stands between the launcher and reeve, `around` before the launcher."""
        command = [*around, *self.launcher, *before, binary, *words]
        environment = {**self.environment, **(env or {})}
        if "strace" in around:
            # The leak checker traces its own process, which only one can do.
            environment["ASAN_OPTIONS"] += ":detect_leaks=0"
        run = Run(command, binary, env=environment, **popen)
        self.runs.append(run)
        return run

    def finished(self, *words, **options):
        run = self(*words, **options)
        run.wait()
        return run

    def beside(self, *command, env=None, **popen):
        """Another program that is not below reeve."""
        run = Run(list(command), command[0], env={**self.environment, **(env or {})}, **popen)
        self.runs.append(run)
        return run

    def put_away(self, run):
        """Of many that have ended, each keeps descriptors as long as we may ask for it."""
        self.runs.remove(run)
        assert_unsanitized(run)
        run.close()

    def inside(self, run, *command):
        """Joins the namespaces of a reeve that is PID 1, as `docker exec` does."""
        join = ["nsenter", "--target", str(run.pid), "--pid", "--mount", "--"]
        return self.beside(*join, *command)

    def close(self):
        """Returns the commands that had not ended."""
        unfinished = [run.process.args for run in self.runs if run.is_running()]
        for run in self.runs:
            run.close()
        return unfinished


def assert_unsanitized(run):
    """No sanitizer has spoken on its standard error."""
    assert not (run.err and any(word in run.err.text() for word in SANITIZER_WORDS)), run.err.text()


def kill_left_behind(ours):
    """Kills and collects every process below us; returns what they were."""
    found = {}
    while left := processes.descendants(ours):
        for pid in left:
            if processes.state(pid) not in ("Z", ""):
                found.setdefault(pid, processes.read_proc(pid, "cmdline"))
                end(pid)
        collect_zombies()
    return found


def end(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def collect_zombies():
    try:
        while os.waitpid(-1, os.WNOHANG)[0] != 0:
            pass
    except ChildProcessError:
        pass

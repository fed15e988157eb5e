"""Containers, as the docker command and /proc show them."""

import functools
import io
import json
import os
import re
import select
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pexpect
from processes import PATIENCE, all_pids, read_proc, state, status, wait_until

WITHOUT_REEVE = "without-reeve"
WITH_REEVE = "with-reeve"
# It has nothing but reeve to run; its file is mounted.
SERVICES = "services"
CONFIGURATION = "/etc/reeve.ini"

# busybox's shell asks a terminal where its cursor is, each time that it awaits a line.
AWAITS_A_LINE = "\x1b[6n"


class Container:
    """A container by its name. Pids are those we see, but where a name says `inner`."""

    def __init__(self, engine, name):
        self.engine = engine
        self.name = name

    # -- looking

    def _inspect(self, field):
        return self.engine.docker("inspect", "--format", f"{{{{.{field}}}}}", self.name)

    @functools.cached_property
    def pid(self):
        """Of its PID 1, while it runs."""
        return int(self._inspect("State.Pid"))

    @property
    def code(self):
        """The exit code, once it has ended."""
        assert not self.is_running()
        return int(self._inspect("State.ExitCode"))

    def is_running(self):
        return self._inspect("State.Running") == "true"

    @property
    def restarts(self):
        """How often the engine has started it again by itself."""
        return int(self._inspect("RestartCount"))

    @property
    def started_at(self):
        return self._inspect("State.StartedAt")

    @property
    def state(self):
        """running, restarting, exited..."""
        return self._inspect("State.Status")

    @property
    def health(self):
        """What the engine's own checks say of it, the last ones in Log."""
        return json.loads(self.engine.docker("inspect", "--format", "{{json .State.Health}}", self.name))

    def has_begun(self):
        """Also where docker does not know it yet."""
        status_of = ["inspect", "--format", "{{.State.Status}}", self.name]
        return self.engine.try_docker(*status_of).stdout.strip() in (b"running", b"exited")

    def pids(self):
        """All its processes, zombies too."""
        ours = _pid_namespace(self.pid)
        return [pid for pid in all_pids() if _pid_namespace(pid) == ours]

    def find(self, name):
        """Waits for a process of that name; returns its pid."""

        def found():
            return next((pid for pid in self.pids() if status(pid).get("Name") == name), None)

        return wait_until(found, f"{name} runs in {self.name}")

    def path(self, path):
        """A file of a running container."""
        return Path(f"/proc/{self.pid}/root/{path}")

    def file(self, path):
        """What is in a file of an ended container, None where it is missing."""
        copied = self.engine.try_docker("cp", f"{self.name}:{path}", "-")
        if copied.returncode != 0:
            return None
        with tarfile.open(fileobj=io.BytesIO(copied.stdout)) as archive:
            return archive.extractfile(archive.next()).read()

    def log(self):
        """Its output so far, that on standard error last."""
        done = self.engine.try_docker("logs", self.name)
        return (done.stdout + done.stderr).decode()

    def errors(self):
        return self.engine.try_docker("logs", self.name).stderr.decode()

    def messages(self):
        """What reeve said so far, and whoever else writes to standard error, line by line."""
        return self.errors().splitlines()

    def wait_for_line(self, pattern):
        """Follows its output to the first line that matches; returns the match."""
        command = ["docker", "logs", "--follow", self.name]
        with subprocess.Popen(
            command, env=self.engine.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as follower:
            try:
                return self._read_to(pattern, follower.stdout.fileno())
            finally:
                follower.kill()

    def _read_to(self, pattern, descriptor):
        deadline = time.monotonic() + PATIENCE
        said = b""
        while not (match := re.search(pattern, said.decode(errors="replace"), re.MULTILINE)):
            readable = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))[0]
            assert readable, f"no line {pattern!r} from {self.name} within {PATIENCE} s, only:\n{said.decode()}"
            some = os.read(descriptor, 65536)
            assert some, f"{self.name} ended without a line {pattern!r}, only:\n{said.decode()}"
            said += some
        return match

    # -- acting

    def exec(self, *command):
        """Runs a command in it to its end; returns what it says on standard output."""
        return self.engine.docker("exec", self.name, *command)

    def try_exec(self, *command, user=None):
        """The same of one that may fail, and as another user."""
        options = ["--user", user] if user else []
        return self.engine.try_docker("exec", *options, self.name, *command)

    def reevectl(self, *words, user=None):
        return self.try_exec("reevectl", *words, user=user)

    def services(self):
        """What reevectl tells of each service."""
        said = self.reevectl("status", "--json").stdout
        return {service["name"]: service for service in map(json.loads, said.splitlines())}

    def exec_in_background(self, *command):
        self.engine.docker("exec", "--detach", self.name, *command)

    def kill_inside(self, signal_name, inner):
        """As a process of its own would."""
        done = self.engine.try_docker("exec", self.name, "kill", f"-{signal_name}", str(inner))
        # A container that ends by it may take the one who sent it along.
        assert done.returncode in (0, 128 + signal.SIGTERM), done.stderr.decode()

    def signal(self, name):
        self.engine.docker("kill", "--signal", name, self.name)

    def stop(self, timeout):
        """Lets docker stop it; returns how many seconds that took."""
        begin = time.monotonic()
        self.engine.docker("stop", "--time", str(timeout), self.name)
        return time.monotonic() - begin

    def restart(self, timeout):
        self.engine.docker("restart", "--time", str(timeout), self.name)
        self._forget_pid()

    def start_again(self):
        """Once it has ended."""
        self.engine.docker("start", self.name)
        self._forget_pid()

    def _forget_pid(self):
        self.__dict__.pop("pid", None)  # of its last life

    def wait(self):
        """The exit code, when it has ended by itself."""
        return int(self.engine.docker("wait", self.name))


class Starter:
    """Starts containers for one test; all of them are gone after it."""

    def __init__(self, engine):
        self.engine = engine
        self.containers = []
        self.terminals = []

    def _words(self, image, command, options):
        name = self.engine.new_name()
        container = Container(self.engine, name)
        self.containers.append(container)
        network = [] if "--network" in options else ["--network", "none"]
        return container, ["--name", name, *network, *options, image, *command]

    def __call__(self, image, *command, options=()):
        """A container in the background, as `docker run --detach`."""
        container, words = self._words(image, command, options)
        self.engine.docker("run", "--detach", *words)
        return container

    def code(self, image, *command, options=()):
        """The exit code of a whole `docker run`."""
        words = self._words(image, command, options)[1]
        return self.engine.try_docker("run", *words).returncode

    def with_terminal(self, image, *command, options=()):
        """A container and the terminal that it has through `docker run -it`."""
        container, words = self._words(image, command, options)
        terminal = pexpect.spawn("docker", ["run", "-it", *words], env=self.engine.environment, timeout=PATIENCE)
        self.terminals.append(terminal)
        wait_until(container.has_begun, f"{container.name} runs")
        return container, terminal

    def close(self):
        for container in self.containers:
            container.log()
        if self.containers:
            self.engine.try_docker("rm", "--force", "--volumes", *[container.name for container in self.containers])
        for terminal in self.terminals:
            terminal.close(force=True)


def mounted(folder, text, place=CONFIGURATION):
    """Options of docker run for a file with this text at its place."""
    path = folder / Path(place).name
    path.write_text(text)
    return ["--volume", f"{path}:{place}:ro"]


def says(name, then="exit 0", pause="sleep 1000 & wait"):
    """The command of a service that tells when it is ready and when it is asked to end."""
    # All to standard error, so that there is one order of its lines and those of reeve.
    return f"sh -c 'exec >&2; trap \"echo {name} asked; {then}\" TERM; echo {name} ready; {pause}'"


def inner_pid(pid):
    """As the process itself sees its pid."""
    return int(status(pid)["NSpid"].split()[-1])


def is_in_foreground(pid):
    """Whether the process may read its terminal."""
    fields = read_proc(pid, "stat").rpartition(")")[2].split()
    return len(fields) > 5 and fields[2] == fields[5]


def is_gone(pid):
    return state(pid) == ""


def _pid_namespace(pid):
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return None

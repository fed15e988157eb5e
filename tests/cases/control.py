"""Steering a running reeve: by reevectl, and as a client that knows the protocol, or pretends to."""

import json
import os
import socket

import services
from processes import PATIENCE, wait_until

REEVECTL = os.environ.get("REEVECTL", "")
GREETING = "reeve 1\n"


def answers(path):
    """Somebody listens there."""
    client = socket.socket(socket.AF_UNIX)
    try:
        client.connect(str(path))
        return True
    except OSError:
        return False
    finally:
        client.close()


class Client:
    """Somebody on the control socket."""

    def __init__(self, path, greets=True):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(str(path))
        self.unread = b""
        if greets:
            self.send(GREETING)
            assert self.line()["reeve"] == 1

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())

    def say_no_more(self):
        self.socket.shutdown(socket.SHUT_WR)

    def raw_line(self):
        """The next line; empty where reeve has closed the connection."""
        while b"\n" not in self.unread:
            try:
                some = self.socket.recv(65536)
            except ConnectionResetError:
                some = b""
            if not some:
                return b""
            self.unread += some
        line, _, self.unread = self.unread.partition(b"\n")
        return line

    def line(self):
        """The object in the next line; None where reeve has closed the connection."""
        line = self.raw_line()
        return json.loads(line) if line else None

    def answer(self):
        """The objects of an answer, and the last one, which says how it went."""
        objects = []
        while (one := self.line()) is not None:
            if "ok" in one:
                return objects, one
            objects.append(one)
        raise AssertionError(f"the connection ended within an answer, behind {objects}")

    def ask(self, request):
        self.send(request + "\n")
        return self.answer()

    def is_dropped(self):
        """Waits until reeve has closed the connection."""
        while self.raw_line():
            pass
        return True

    def close(self):
        self.socket.close()


class Steered:
    """A reeve that has a control socket in the folder and runs services in a file there."""

    def __init__(self, reeve, folder, text, *words, settings="", **options):
        self.reeve = reeve
        self.folder = folder
        self.path = folder / "control"
        self.settings = settings
        self.clients = []
        self.run = reeve("-c", self.write(text), *words, **options)
        wait_until(lambda: answers(self.path) or not self.run.is_running(), "reeve listens")

    def write(self, text, name="reeve.ini"):
        """Another text for the file, whose [reeve] stays as it is."""
        return services.write(self.folder, f"[reeve]\ncontrol = HERE/control\n{self.settings}{text}", name)

    # -- reevectl

    def begin(self, *words, env=None):
        """reevectl, which may still run."""
        return self.reeve.beside(REEVECTL, "--socket", str(self.path), *words, env=env)

    def ctl(self, *words):
        """reevectl, which has ended."""
        run = self.begin(*words)
        run.wait()
        self.reeve.put_away(run)
        return run

    def done(self, *words):
        """reevectl, which has done what it was asked for; returns the lines that it said."""
        run = self.ctl(*words)
        assert (run.code, run.err.text()) == (0, ""), (words, run.code, run.err.text())
        return run.out.lines()

    def status(self, *names):
        """All that is known of services, by their names."""
        client = Client(self.path)
        found, _ = client.ask(" ".join(["status", *names]))
        client.close()
        return {service["name"]: service for service in found}

    def states(self, *names):
        return {name: service["state"] for name, service in self.status(*names).items()}

    def pids(self, *names):
        """As reeve sees them."""
        return {name: service["pid"] for name, service in self.status(*names).items()}

    def wait_for(self, name, state):
        wait_until(lambda: self.states(name) == {name: state}, f"{name} is {state}")

    def wait_for_all(self, state="up"):
        wait_until(lambda: set(self.states().values()) == {state}, f"all are {state}")

    # -- on the socket

    def client(self, greets=True):
        client = Client(self.path, greets)
        self.clients.append(client)
        return client

    # -- the end

    def close_clients(self):
        for client in self.clients:
            client.close()
        self.clients.clear()

    def stop(self):
        """The exit code of reeve."""
        self.run.signal(15)
        return self.run.wait()


def steer_by(reeve, folder, has_passed):
    """What a fixture yields: starts reeve, and stops it behind the test."""
    started = []

    def steer(text, *words, **options):
        started.append(Steered(reeve, folder, text, *words, **options))
        return started[-1]

    yield steer
    for steered in started:
        steered.close_clients()
        if has_passed() and steered.run.is_running():
            steered.stop()

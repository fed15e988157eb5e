"""A program that takes over the whole terminal, and what its terminal shows by then."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

from processes import PATIENCE

SEQUENCE = re.compile(r"\x1b\[(\??)([0-9;]*)([A-Za-z])")
INCOMPLETE = re.compile(r"\x1b(\[[0-9;?]*)?\Z")
MODES = {"1049": "is_alternate", "25": "has_cursor", "7": "wraps"}


class Screen:
    """Shows what was fed to it, as far as such a program uses a terminal."""

    def __init__(self, width, height):
        self.is_alternate = False
        self.has_cursor = True
        self.wraps = True
        self.plain = ""  # what was written outside of the alternate screen
        self.rest = ""
        self.was_resized = False
        self._set_size(width, height)

    def _set_size(self, width, height):
        self.width, self.height = width, height
        self.clear()

    def resize(self, width, height):
        """A frame of the former size may be under way still."""
        self.was_resized = True
        self._set_size(width, height)

    def clear(self):
        self.cells = [[" "] * self.width for _ in range(self.height)]
        self.bars = set()
        self.line = self.column = 0
        self.is_reverse = self.is_line_whole = False

    def is_whole(self):
        """No frame is half read: each is written from the first line to the last."""
        return not self.is_alternate or (self.line == self.height - 1 and self.is_line_whole)

    def feed(self, text):
        text = self.rest + text
        cut = INCOMPLETE.search(text)
        self.rest = cut[0] if cut else ""
        end = len(text) - len(self.rest)
        place = 0
        while place < end:
            sequence = SEQUENCE.match(text, place)
            if sequence:
                self._control(*sequence.groups())
            else:
                self._put(text[place])
            place = sequence.end() if sequence else place + 1

    def _put(self, character):
        if not self.is_alternate:
            self.plain += character
            return
        assert character >= " ", f"{character!r} steers the terminal"
        if self._is_beyond():
            assert self.was_resized, "beyond the screen"
            return
        self.cells[self.line][self.column] = character
        if self.is_reverse:
            self.bars.add(self.line)
        self.column += 1
        self.is_line_whole = self.column == self.width

    def _is_beyond(self):
        return self.line >= self.height or self.column >= self.width

    def _control(self, is_private, parameters, final):
        if is_private and final in "hl":
            setattr(self, MODES[parameters], final == "h")
            if parameters == "1049":
                self.clear()
        elif final == "H":
            self.line, self.column = (int(number) - 1 for number in parameters.split(";"))
            self.bars.discard(self.line)
            self.is_line_whole = False
        elif final == "K":
            if not self._is_beyond():
                self.cells[self.line][self.column :] = " " * (self.width - self.column)
            self.is_line_whole = True
        elif final == "m":
            self.is_reverse = parameters == "7"
        else:
            raise AssertionError(f"unknown sequence {final!r}")

    def lines(self):
        return ["".join(cells).rstrip() for cells in self.cells]

    def text(self):
        return "\n".join(self.lines())

    def bar(self):
        """The first word of the line that is in reverse; None without one."""
        return self.lines()[min(self.bars)].split()[0] if self.bars else None

    def is_given_back(self):
        return not self.is_alternate and self.has_cursor and self.wraps


class FullScreen:
    """Such a program, started with a terminal of its own. We hold both ends of that."""

    def __init__(self, command, environment, size, **popen):
        self.keyboard, self.terminal = pty.openpty()
        self.screen = Screen(*size)
        self.raw = ""
        self._set_size()
        self.settings = termios.tcgetattr(self.terminal)
        self.process = subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            **{
                "stdin": self.terminal,
                "stdout": self.terminal,
                "stderr": self.terminal,
                "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
                **popen,
            },
        )
        self.ending = os.pidfd_open(self.process.pid)

    def _set_size(self):
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", self.screen.height, self.screen.width, 0, 0))

    def resize(self, width, height):
        """As the user of a terminal does it: the kernel sends the signal."""
        self.read_available()
        self.screen.resize(width, height)
        self._set_size()

    def type(self, keys):
        os.write(self.keyboard, keys.encode())

    def read_available(self):
        while select.select([self.keyboard], [], [], 0)[0]:
            text = os.read(self.keyboard, 65536).decode()
            self.raw += text
            self.screen.feed(text)

    def _ready(self, deadline):
        """What has happened, awaited until the deadline."""
        return select.select([self.keyboard, self.ending], [], [], max(deadline - time.monotonic(), 0))[0]

    def wait_until(self, condition, what):
        """Reads on until it is true of the screen, as a user sees it: whole."""

        def is_so():
            return self.screen.is_whole() and condition(self.screen)

        deadline = time.monotonic() + PATIENCE
        while not is_so():
            is_over = self.ending in self._ready(deadline)
            self.read_available()
            if is_so():
                break
            assert time.monotonic() < deadline and not is_over, f"no {what}; the screen:\n{self.screen.text()}\n{self.screen.plain}"

    def shows(self, pattern):
        self.wait_until(lambda screen: re.search(pattern, screen.text(), re.MULTILINE), f"{pattern!r}")

    def selects(self, name):
        self.wait_until(lambda screen: screen.bar() == name, f"bar at {name}")

    def wait(self):
        """The exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.ending not in self._ready(deadline):
            assert time.monotonic() < deadline, f"still running; the screen:\n{self.screen.text()}"
            self.read_available()
        code = self.process.wait()
        self.read_available()
        return code

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for descriptor in (self.ending, self.keyboard, self.terminal):
            with contextlib.suppress(OSError):
                os.close(descriptor)


@contextlib.contextmanager
def full_screen(command, environment, size=(80, 24), **popen):
    program = FullScreen(command, {**environment, "TERM": "xterm"}, size, **popen)
    try:
        yield program
    finally:
        program.close()

"""Running reeve with a controlling terminal: a pseudo-terminal whose other end the test holds."""

import contextlib
import os
import pty

import pexpect

from processes import PATIENCE

PROMPT = "prompt> "


@contextlib.contextmanager
def with_terminal(starter, *words, before=(), **options):
    """A run whose standard input is its controlling terminal, and the descriptor to type at."""
    keyboard, terminal = pty.openpty()
    try:
        run = starter(*words, before=["setsid", "--ctty", *before], stdin=terminal, start_new_session=False, **options)
        os.close(terminal)
        yield run, keyboard
    finally:
        os.close(keyboard)


@contextlib.contextmanager
def typing(command, environment):
    """A command as the leader of a terminal session, to be talked with by pexpect."""
    spawned = pexpect.spawn(command[0], list(command[1:]), env=environment, timeout=PATIENCE, encoding="utf-8", echo=True)
    try:
        yield spawned
    finally:
        spawned.close(force=True)


@contextlib.contextmanager
def interactive_bash(environment):
    """A shell with job control, at its prompt."""
    plain = {**environment, "PS1": PROMPT, "TERM": "dumb", "HISTFILE": ""}
    with typing(["bash", "--norc", "--noprofile", "--noediting", "-i"], plain) as shell:
        shell.expect_exact(PROMPT)
        yield shell
        shell.sendline("exit")
        shell.expect(pexpect.EOF)

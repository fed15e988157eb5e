"""Nobody gets SIGKILL who was not asked before: every kill of whole random runs, as strace sees it."""

import random
import re
import signal

import pytest

from harness import traced, tracing
from services import start

CALLS = "kill,pidfd_open,pidfd_send_signal"
COMMANDS = [
    "sleep 1000",
    """sh -c 'trap "" TERM INT USR1; sleep 1000'""",
    """sh -c 'trap "exit 3" TERM; sleep 1000 & wait'""",
    """sh -c 'trap "" TERM INT USR1; sleep 1000 & exit 1'""",
    "sh -c 'sleep 1000 & exit 1'",
    "sh -c 'exit 1'",
    """sh -c '(trap "" TERM; exec setsid sleep 1000) & exec sleep 1000'""",
]
DEAF_ORPHAN = """
[service orphaned]
type = oneshot
command = sh -c '(trap "" TERM HUP; exec setsid sh -c "echo deaf; exec sleep 1000") &'
kill-mode = process
"""
KILL = re.compile(r"kill\((-?\d+), SIG(\w+)\) += 0")
OPEN = re.compile(r"pidfd_open\((\d+), 0\) += (\d+)")
SEND = re.compile(r"pidfd_send_signal\((\d+), SIG(\w+), NULL, 0x4\) += 0")


def random_services(seed):
    chance = random.Random(seed)
    lines = ["[reeve]", "shutdown-timeout = 1s", "sweep-timeout = 200ms"]
    for number in range(12):
        lines += [
            f"[service s{number}]",
            f"command = {chance.choice(COMMANDS)}",
            f"kill-mode = {chance.choice(['group', 'group', 'mixed', 'process'])}",
            f"stop-timeout = {chance.choice(['50ms', '200ms', '3s'])}",
            f"stop-signal = {chance.choice(['TERM', 'INT', 'USR1'])}",
            f"after = {' '.join(f's{other}' for other in range(number) if chance.random() < 0.2)}",
            "essential = no",
            "restart = always",
            "restart-delay = 20ms",
        ]
        if chance.random() < 0.3:
            lines.append(f"stop-command = {chance.choice(['true', 'false', 'sleep 1000'])}")
    return "\n".join(line for line in lines if line != "after = ") + "\n" + DEAF_ORPHAN


def signals_of(calls):
    """(target, signal) in order: a pid, minus a group, or -1."""
    opened = {}
    for line in calls:
        if match := OPEN.match(line):
            opened[match[2]] = match[1]
        elif match := SEND.match(line):
            yield -int(opened[match[1]]), match[2]
        elif match := KILL.match(line):
            yield int(match[1]), match[2]


def killed_unasked(sent):
    asked = set()
    for target, name in sent:
        if name == "KILL" and target not in asked and -abs(target) not in asked:
            yield target
        elif name != "CONT":
            asked.add(target)


@pytest.mark.parametrize("seed", range(4))
def test_nobody_is_killed_before_it_was_asked(reeve, tmp_path, seed):
    run = start(reeve, tmp_path, random_services(seed), around=tracing(tmp_path / "calls", CALLS))
    for _ in range(12 + seed):
        run.message("started, pid")
    run.line_matching("^deaf$")
    pid = run.pid
    run.signal(signal.SIGTERM)
    run.wait()
    sent = list(signals_of(traced(tmp_path / "calls")[pid]))
    assert list(killed_unasked(sent)) == []
    assert any(name == "KILL" for _, name in sent)
    assert ((-1, "KILL") in sent) == reeve.is_pid_1

"""What the static binary costs, as far as no clock is needed to see it.

The limits are what it costs today and a little room. Where they are above what we aim at,
docs/PERFORMANCE.md says so.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

import one_command  # noqa: E402
import programs  # noqa: E402
import services  # noqa: E402

REEVE = os.environ["REEVE"]
IDLE_SECONDS = 3
DEADLINE = 60


@pytest.fixture(scope="module")
def used(tmp_path_factory):
    return programs.build(str(tmp_path_factory.mktemp("programs")))


@pytest.fixture(scope="module")
def one(used):
    return one_command.footprint([REEVE, "--"], used, IDLE_SECONDS)


def test_few_system_calls_come_before_the_fork(used):
    assert one_command.calls_before_fork([REEVE, "--"], used)[0] <= 12


def test_one_command_takes_little_memory(one):
    resident, private, dirty, _ = one
    assert resident <= 240
    assert private <= 236
    assert dirty <= 52


def test_nothing_wakes_it_while_one_command_is_idle(one):
    assert one[3] == 0


def test_nothing_wakes_it_while_a_hundred_services_are_idle(used):
    assert services.footprint(programs.supervisors(REEVE, used)["reeve"], 100, IDLE_SECONDS)[1] == 0


def test_a_thousand_services_take_little_memory(used):
    supervisor = programs.supervisors(REEVE, used)["reeve"]
    one, thousand = (services.footprint(supervisor, count, 0)[0] for count in (1, 1000))
    assert thousand - one <= 540


def test_the_binary_is_small():
    assert os.path.getsize(REEVE) <= 195_000


def test_one_command_asks_for_no_memory_once_it_waits(tmp_path):
    """While it forwards signals and reaps orphans."""
    script = ("trap 'got=1' USR1; for i in 1 2 3 4 5; do (sleep 0 &) ; done; kill -USR1 $PPID; "
              "while [ -z \"$got\" ]; do :; done; exit 7")  # fmt: skip
    trace = tmp_path / "trace"
    done = subprocess.run(["strace", "-o", trace, REEVE, "--", "sh", "-c", script], stdin=subprocess.DEVNULL, timeout=DEADLINE,
                          check=False)  # fmt: skip
    assert done.returncode == 7
    calls = re.findall(r"^(\w+)\(", trace.read_text(), re.MULTILINE)
    waits = calls.index("epoll_pwait")
    assert "kill" in calls[waits:]
    assert not {"brk", "mmap", "mremap"} & set(calls[waits:])

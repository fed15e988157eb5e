"""The calls of engines that cannot run here, made by hand; the words come from docs/examples/dropin."""

import json
import os
import re
import signal
from pathlib import Path

import pytest

import harness
from harness import PROBE
from processes import parent, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "docs/examples/dropin"
ANYBODY = ["setpriv", "--reuid=12345", "--regid=12345", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs"]


def words_of(file, key):
    """The list of words that an example has for this key."""
    found = re.search(rf"\b{key}\s*[:=]\s*(\[.*\])", (EXAMPLES / file).read_text())
    return json.loads(found[1])


@pytest.fixture
def root(bare_root):
    """An image with reeve as /sbin/tini, and otherwise only probe."""
    (bare_root / "sbin").mkdir()
    (bare_root / "sbin/tini").symlink_to("../reeve")
    return bare_root


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
def test_the_call_of_nerdctl_works_in_an_image_of_one_program(reeve_as_pid_1, root):
    words = words_of("nerdctl.toml", "start")
    assert words[-1] == "COMMAND"
    chroot = ["chroot", str(root)]
    run = reeve_as_pid_1(*words[1:-1], "/probe", "signals", "1", "7", binary=words[0], before=chroot)
    run.binary = "reeve"
    run.ready()
    run.signal(signal.SIGUSR1)
    assert run.wait() == 7
    assert run.err.text() == ""


@pytest.fixture
def pod(reeve_as_pid_1):
    """The PID namespace of a pod, with another process as PID 1."""
    pause = reeve_as_pid_1(PROBE, "signals")
    pause.ready()
    yield pause
    pause.signal(signal.SIGUSR1)
    assert pause.wait() == 0


@pytest.fixture
def container(reeve_as_pid_1, pod, called):
    """The one of kubernetes.yaml in it, as its user and with its rights; its command is `probe WORD...`."""

    def start(*words):
        command = words_of("kubernetes.yaml", "command")
        assert (command[0], command[-1]) == ("/sbin/tini", "app")
        join = ["nsenter", "--target", str(pod.pid), "--pid", "--mount", "--"]
        tini = [called("tini"), *command[1:-1]]
        run = reeve_as_pid_1.beside(*join, *ANYBODY, *tini, PROBE, *words, env={"TINI_SUBREAPER": "1"})
        run.binary = os.path.basename(harness.REEVE)
        return run

    return start


def test_in_a_pod_of_kubernetes_orphans_come_to_the_init_of_their_container(container):
    run = container("leave", "left:15", "--", PROBE, "signals", "1", "5")
    orphan = run.outer(run.line_matching(r"^left pid (\d+)$")[1])
    run.ready()
    assert parent(orphan) == run.pid
    run.signal(signal.SIGUSR1)
    assert run.wait() == 5
    assert run.out.lines()[-2:] == ["left got 15", "left ended"]
    assert run.err.text() == ""


def test_in_a_pod_of_kubernetes_nobody_else_is_asked_to_end(container, pod):
    run = container("exit", "5")
    assert run.wait() == 5
    wait_until(pod.is_running, "the pod runs on")
    assert "signal" not in pod.out.text()

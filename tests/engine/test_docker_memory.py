"""A service that takes more memory than its container has: the kernel kills it, and reeve says why."""

import pytest

# dd wants its whole block at once; busybox has no other program that takes memory on demand.
FILE = """
[service greedy]
command = busybox dd if=/dev/zero of=/dev/null bs=200M count=1
restart = on-failure:1
"""


@pytest.fixture
def limited():
    return ["--memory", "40m", "--memory-swap", "40m"]


def test_what_the_kernel_killed_for_memory_is_told_as_that(start_services, limited):
    container = start_services(FILE, *limited)
    assert container.wait() == 137
    said = container.errors()
    assert "reeve: greedy: killed by SIGKILL (out of memory), restarting in 100ms (failure 1)\n" in said
    assert "reeve: greedy: failed: killed by SIGKILL (out of memory), gave up after 1 restart\n" in said


def test_a_kill_by_somebody_else_is_not(start_services, limited):
    container = start_services("[service a]\ncommand = sh -c 'echo up; kill -9 $$'\nrestart = no\n", *limited)
    assert container.wait() == 137
    assert "reeve: a: failed: killed by SIGKILL\n" in container.errors()

"""docker stop, and what becomes of a database that is, or is not, the program docker knows."""

from dataclasses import dataclass

import pytest
from container import WITH_REEVE, WITHOUT_REEVE

STOP_TIMEOUT = 4
REDIS = "redis-server --save 900 1 --dir /data"
REDIS_ITSELF = REDIS.split()
# busybox's shell executes a single command in its own place; with another one behind it stays.
REDIS_BEHIND_A_SHELL = ["sh", "-c", f"{REDIS}; true"]

AS_ENTRYPOINT = (WITH_REEVE, [])
AS_DOCKER_INIT = (WITHOUT_REEVE, ["--init"])

by_each_way = pytest.mark.parametrize("way", [AS_ENTRYPOINT, AS_DOCKER_INIT], ids=["entrypoint", "init"])


@dataclass
class Stopped:
    code: int
    seconds: float
    asked: bool
    saved: bool


def stop_redis(start, way, command):
    """Starts redis, lets it know something worth saving, stops the container."""
    image, options = way
    container = start(image, *command, options=options)
    container.wait_for_line("Ready to accept connections")
    assert container.exec("redis-cli", "set", "answer", "forty-two") == "OK"
    return look_back(container, container.stop(STOP_TIMEOUT))


def look_back(container, seconds=0.0):
    log = container.log()
    on_disk = container.file("/data/dump.rdb")
    return Stopped(
        code=container.code,
        seconds=seconds,
        asked="Received SIGTERM" in log,
        saved="DB saved on disk" in log and on_disk is not None and b"forty-two" in on_disk,
    )


@pytest.fixture(scope="module")
def without_reeve(start_for_module):
    """How docker stops a container whose PID 1 is a shell in front of redis."""
    return stop_redis(start_for_module, (WITHOUT_REEVE, []), REDIS_BEHIND_A_SHELL)


def test_without_reeve_redis_behind_a_shell_is_killed_unasked(without_reeve):
    assert without_reeve.code == 137
    assert not without_reeve.asked
    assert not without_reeve.saved


@by_each_way
def test_under_reeve_redis_behind_a_shell_is_asked_and_saves(start, way):
    stopped = stop_redis(start, way, REDIS_BEHIND_A_SHELL)
    assert stopped.asked
    assert stopped.saved


@by_each_way
def test_under_reeve_a_shell_before_redis_ends_by_the_stop_signal_at_once(start, way, without_reeve):
    stopped = stop_redis(start, way, REDIS_BEHIND_A_SHELL)
    assert stopped.code == 143
    assert stopped.seconds < without_reeve.seconds


@by_each_way
def test_redis_itself_under_reeve_saves_and_exits_with_0_at_once(start, way, without_reeve):
    stopped = stop_redis(start, way, REDIS_ITSELF)
    assert stopped.asked
    assert stopped.saved
    assert stopped.code == 0
    assert stopped.seconds < without_reeve.seconds


# The shell ends by itself when redis knows something worth saving, and leaves it behind.
LEAVES_REDIS_BEHIND = f"{REDIS} & until redis-cli set answer forty-two | grep OK; do sleep 0.05; done; exit 3"


def test_without_reeve_what_the_main_program_leaves_behind_is_killed_unasked(start):
    container = start(WITHOUT_REEVE, "sh", "-c", LEAVES_REDIS_BEHIND)
    assert container.wait() == 3
    left = look_back(container)
    assert not left.asked
    assert not left.saved


@by_each_way
def test_under_reeve_what_the_main_program_leaves_behind_is_asked_and_the_exit_code_stays(start, way):
    image, options = way
    container = start(image, "sh", "-c", LEAVES_REDIS_BEHIND, options=options)
    assert container.wait() == 3
    left = look_back(container)
    assert left.asked
    assert left.saved


def test_pid_1_of_a_container_with_init_is_reeve_called_docker_init(start):
    container = start(WITHOUT_REEVE, "sleep", "1000", options=["--init"])
    arguments = container.exec("cat", "/proc/1/cmdline").split("\0")
    assert arguments[:4] == ["/sbin/docker-init", "--", "sleep", "1000"]
    assert container.exec("cat", "/proc/1/comm") == "docker-init"

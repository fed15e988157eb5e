"""Which services run when a container starts again, of those that somebody has stopped by hand."""

import os
import signal
import subprocess
import time

import pytest
from container import SERVICES, WITHOUT_REEVE, mounted, says
from processes import read_proc, wait_until

AMPLE = 20
BY_HAND = "by-hand"
LEFT_ALONE = "left-alone"

# policy: does a service that was stopped by hand run again, and one that was not
RUNS_AGAIN = {
    "always": {BY_HAND: True, LEFT_ALONE: True},
    "unless-stopped": {BY_HAND: False, LEFT_ALONE: True},
    "on-failure": {BY_HAND: True, LEFT_ALONE: True},
    "no": {BY_HAND: True, LEFT_ALONE: True},
}


def service(name, policy, *lines, then="exit 0"):
    return "\n".join([f"[service {name}]", f"restart = {policy}", f"command = {says(name, then)}", *lines, ""])


# It starts when it is certain which of the others do.
def last(*others):
    return service("last", "always", f"after = {' '.join(others)}")


def runs(container, name):
    return any(f"echo {name} ready" in read_proc(pid, "cmdline") for pid in container.pids())


def wait_for_life(container, number):
    """Waits until everything that starts has started for the so-manieth time."""
    container.wait_for_line(f"(?s)(^last ready.*){{{number}}}")


def stop_by_hand(container, *names):
    stopped = container.reevectl("stop", *names)
    assert stopped.returncode == 0
    assert stopped.stderr == b""


# -- the ways in which a container starts again


def restart(container):
    container.restart(AMPLE)


def stop_and_start(container):
    container.stop(AMPLE)
    container.start_again()


def kill_and_start(container):
    container.signal("KILL")
    container.wait()
    container.start_again()


WAYS = {"restart": restart, "stop-and-start": stop_and_start, "kill-and-start": kill_and_start}
in_every_way = pytest.mark.parametrize("start_again", WAYS.values(), ids=WAYS.keys())


# -- the table


@pytest.fixture(scope="module", params=WAYS.values(), ids=WAYS.keys())
def started_again(request, start_for_module, tmp_path_factory):
    """A container with a service for each cell."""
    names = {f"{policy}-{fate}": policy for policy in RUNS_AGAIN for fate in (BY_HAND, LEFT_ALONE)}
    text = "".join(service(name, policy) for name, policy in names.items()) + last(*names)
    container = start_for_module(SERVICES, options=mounted(tmp_path_factory.mktemp("table"), text))
    wait_for_life(container, 1)
    stop_by_hand(container, *[name for name in names if name.endswith(BY_HAND)])
    assert [name for name in names if runs(container, name)] == [name for name in names if name.endswith(LEFT_ALONE)]
    request.param(container)
    wait_for_life(container, 2)
    return container


@pytest.mark.parametrize("fate", [BY_HAND, LEFT_ALONE])
@pytest.mark.parametrize("policy", RUNS_AGAIN)
def test_a_service_runs_again_unless_its_policy_remembers_that_it_was_stopped(started_again, policy, fate):
    assert runs(started_again, f"{policy}-{fate}") == RUNS_AGAIN[policy][fate]
    assert runs(started_again, "last")


def test_services_that_stay_down_are_shown_so_and_end_no_container(started_again):
    services = started_again.services()
    down = {name for name, told in services.items() if told["state"] == "down"}
    assert down == {f"unless-stopped-{BY_HAND}"}
    assert {name for name, told in services.items() if told["wanted"] == "down"} == down
    assert started_again.reevectl("status").returncode == 0
    assert started_again.is_running()


# -- started by hand


@pytest.mark.parametrize("order", ["start", "restart"])
def test_one_that_was_started_by_hand_since_runs_again(start_services, order):
    policy = "unless-stopped"
    container = start_services(service("web", policy) + service("db", policy) + last("web", "db"))
    wait_for_life(container, 1)
    stop_by_hand(container, "web", "db")
    assert container.reevectl(order, "web").returncode == 0
    container.restart(AMPLE)
    wait_for_life(container, 2)
    assert runs(container, "web")
    assert not runs(container, "db")


def test_a_stop_by_hand_is_remembered_over_several_lives(start_services):
    container = start_services(service("web", "unless-stopped") + last("web"))
    wait_for_life(container, 1)
    stop_by_hand(container, "web")
    for life, start_again in enumerate(WAYS.values(), 2):
        start_again(container)
        wait_for_life(container, life)
        assert not runs(container, "web")
    assert container.reevectl("start", "web").returncode == 0
    container.restart(AMPLE)
    wait_for_life(container, 5)
    assert runs(container, "web")


# -- where it is remembered


@pytest.mark.parametrize(
    "options, reason",
    [
        (["--read-only", "--tmpfs", "/run"], "Read-only file system"),
        (["--user", "12345"], "Permission denied"),
    ],
    ids=["read-only-root", "random-uid"],
)
def test_what_cannot_be_remembered_is_stopped_all_the_same_and_runs_again(start_services, options, reason):
    container = start_services(service("web", "unless-stopped") + last("web"), *options)
    wait_for_life(container, 1)
    stopped = container.reevectl("stop", "web")
    assert stopped.returncode == 0
    assert stopped.stderr.decode() == f"reevectl: cannot remember it in /var/lib/reeve: {reason}\n"
    assert not runs(container, "web")
    container.restart(AMPLE)
    wait_for_life(container, 2)
    assert runs(container, "web")


def test_a_container_that_is_made_anew_with_the_same_volume_remembers(start_services, tmp_path):
    options = ["--read-only", "--tmpfs", "/run", "--volume", f"{tmp_path}:/state"]
    text = "[reeve]\nstate-dir = /state/reeve\n" + service("web", "unless-stopped") + last("web")
    for life in ("first", "second"):
        container = start_services(text, *options)
        wait_for_life(container, 1)
        if life == "first":
            stop_by_hand(container, "web")
        assert not runs(container, "web")
        container.stop(AMPLE)


def test_a_mark_is_heeded_where_nobody_could_remove_it_and_ends_no_container(start_services, tmp_path):
    (tmp_path / "web.stopped").touch()
    options = ["--read-only", "--volume", f"{tmp_path}:/var/lib/reeve"]
    container = start_services(service("web", "unless-stopped"), *options)
    container.wait_for_line("no control socket")
    container.stop(AMPLE)
    assert "reeve: stopping: SIGTERM received" in container.messages()
    assert "web ready" not in container.messages()


# -- the main service, and the last one


def answers(container):
    return container.reevectl("status").returncode == 0


@in_every_way
def test_a_container_stays_up_without_its_main_service_and_without_any_other(start_services, start, start_again):
    container = start_services(service("web", "unless-stopped", "main = yes"), "--restart", "always")
    container.wait_for_line("^web ready")
    stop_by_hand(container, "web")
    # Docker itself starts again what was killed, too, when it is told to.
    start_again(container)
    wait_until(lambda: answers(container), "reeve answers again")
    began = container.started_at
    # One that does come back in the same time, and more than once.
    other = start(WITHOUT_REEVE, "sh", "-c", "exit 1", options=["--restart", "always"])
    wait_until(lambda: other.restarts >= 2, "the engine restarts another one")
    assert container.is_running()
    assert container.started_at == began
    assert not runs(container, "web")


def test_a_main_service_that_was_down_since_the_start_ends_the_container_once_it_was_started(start_services):
    container = start_services(service("web", "unless-stopped", "main = yes", then="exit 4"))
    container.wait_for_line("^web ready")
    stop_by_hand(container, "web")
    container.restart(AMPLE)
    wait_until(lambda: answers(container), "reeve answers again")
    assert container.reevectl("start", "web").returncode == 0
    container.wait_for_line("(?s)(^web ready.*){2}")
    container.stop(AMPLE)
    assert container.code == 4


# -- reeve is killed while it stops a service


class Endangered:
    """A container whose reeve is killed while somebody stops a service that takes a moment to end."""

    def __init__(self, start_services, folder):
        (folder / "state").mkdir()
        self.mark = folder / "state/web.stopped"
        self.lives = 1
        text = service("web", "unless-stopped", then="sleep 0.1; exit 0") + last("web")
        self.container = start_services(text, "--volume", f"{folder}/state:/var/lib/reeve")
        wait_for_life(self.container, self.lives)

    def kill_during_stop(self, wait_for_moment):
        # Not by the docker command, which takes its time; and this runs beside the container.
        socket = self.container.path("run/reeve/control")
        with subprocess.Popen([os.environ["REEVECTL"], "--socket", str(socket), "stop", "web"]) as stopping:
            wait_for_moment(self, stopping)
            os.kill(self.container.pid, signal.SIGKILL)
        assert self.container.wait() == 137

    def start_again(self):
        """Returns whether the service was marked, which has to decide whether it runs."""
        is_marked = self.mark.exists()
        self.container.start_again()
        self.lives += 1
        wait_for_life(self.container, self.lives)
        assert runs(self.container, "web") != is_marked
        return is_marked

    def remove_mark(self):
        assert self.container.reevectl("start", "web").returncode == 0
        assert not self.mark.exists()


@pytest.fixture
def endangered(start_services, tmp_path):
    return Endangered(start_services, tmp_path)


def marked(endangered, _stopping):
    wait_until(endangered.mark.exists, "there is a mark")


def asked(endangered, _stopping):
    endangered.container.wait_for_line("^web asked")


def answered(_endangered, stopping):
    assert stopping.wait() == 0


@pytest.mark.parametrize("moment", [marked, answered])
def test_once_it_is_marked_a_service_stays_down_although_reeve_is_killed(endangered, moment):
    endangered.kill_during_stop(moment)
    assert endangered.start_again()


def test_when_reeve_is_killed_before_the_service_has_ended_the_next_start_agrees_with_the_mark(endangered):
    endangered.kill_during_stop(asked)
    endangered.start_again()


def test_reeve_may_be_killed_at_any_moment_of_a_stop(endangered):
    # Each time closer to the moment at which the mark is made.
    early_s, late_s = 0.0, 0.002
    for _ in range(8):
        delay_s = (early_s + late_s) / 2
        endangered.kill_during_stop(lambda *_: time.sleep(delay_s))
        if endangered.start_again():
            late_s = delay_s
            endangered.remove_mark()
        else:
            early_s = delay_s

"""The legacy application of docs/examples under supervisord, and what is better under reeve."""

import re

import pytest
from container import mounted
from processes import status, wait_until
from test_docker_legacy import EXAMPLE, GRACE, page

CONF = "/etc/supervisord.conf"
TEXT = (EXAMPLE / "supervisord.conf").read_text()
DOCKERFILES = {"reeve": "Dockerfile", "supervisord": "Dockerfile.supervisord"}
SHORT = 2


@pytest.fixture(scope="module")
def images(build_example):
    return {tool: build_example("legacy", dockerfile) for tool, dockerfile in DOCKERFILES.items()}


def wait_for_page(container):
    return wait_until(lambda: page(container), f"nginx of {container.name} answers")


@pytest.fixture(scope="module")
def both(start_for_module, images):
    containers = {tool: start_for_module(image) for tool, image in images.items()}
    for container in containers.values():
        wait_for_page(container)
    return containers


def supervisorctl(container, *words):
    return container.try_exec("supervisorctl", "-c", CONF, *words)


def wait_for_state(container, name, state):
    wait_until(lambda: state in supervisorctl(container, "status", name).stdout.decode(), f"{name} is {state}")


def test_the_same_page_is_served_under_both(both):
    for container in both.values():
        wait_until(lambda: page(container).greeting == "Hello from redis", f"{container.name} has its data")


def test_a_job_that_is_done_is_no_failure_for_reevectl_as_it_is_for_supervisorctl(both):
    wait_for_state(both["supervisord"], "prepare", "EXITED")
    assert supervisorctl(both["supervisord"], "status").returncode == 3
    assert both["reeve"].reevectl("health").returncode == 0


def memory(pid):
    return int(status(pid)["VmRSS"].split()[0])


def test_reeve_has_a_fraction_of_the_memory_of_supervisord(both):
    used = {tool: memory(container.pid) for tool, container in both.items()}
    print(f"kB in memory: {used}")
    assert 10 * used["reeve"] < used["supervisord"]


def test_docker_stop_is_over_sooner_under_reeve(start, images):
    containers = {tool: start(image) for tool, image in images.items()}
    for container in containers.values():
        wait_for_page(container)
    seconds = {tool: container.stop(GRACE) for tool, container in containers.items()}
    print(f"docker stop took {seconds}")
    assert seconds["reeve"] < seconds["supervisord"]


# -- what reeve does otherwise, as other tests see


def changed(folder, **commands):
    """Options of docker run for the same file, in which programs have other commands, and more keys behind them."""
    text = TEXT
    for name, command in commands.items():
        text, count = re.subn(rf"(\[program:{name}\]\ncommand = ).*", lambda found: found[1] + command, text)
        assert count == 1
    return mounted(folder, text, CONF)


@pytest.fixture(scope="module")
def unlike(start_for_module, images, tmp_path_factory):
    """One program fails for good, another one starts a second one."""
    others = {"cron": "false\nstartretries = 0", "php": "sh -c 'sleep 1000 & wait'"}
    options = changed(tmp_path_factory.mktemp("unlike"), **others)
    return start_for_module(images["supervisord"], options=options)


def test_under_supervisord_the_engine_does_not_see_that_a_program_has_failed_for_good(unlike):
    wait_for_state(unlike, "cron", "FATAL")
    assert unlike.is_running()


def test_under_supervisord_a_stop_leaves_what_a_program_has_started(unlike):
    wait_for_state(unlike, "php", "RUNNING")
    left = unlike.find("sleep")
    assert supervisorctl(unlike, "stop", "php").returncode == 0
    wait_for_state(unlike, "php", "STOPPED")
    assert status(left)["Name"] == "sleep"


def test_under_supervisord_what_hangs_costs_the_database_its_stop_signal(start, images, tmp_path):
    hangs = """sh -c 'trap "" TERM; while :; do sleep 1; done'"""
    container = start(images["supervisord"], options=changed(tmp_path, cron=hangs))
    wait_for_state(container, "cron", "RUNNING")
    container.wait_for_line("Ready to accept connections")
    container.stop(SHORT)
    assert container.code == 137
    assert "Received SIGTERM" not in container.log()

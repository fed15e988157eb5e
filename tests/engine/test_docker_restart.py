"""A container of services that docker starts again, and what docker sends to a running one."""

import re

import pytest
from container import SERVICES, WITHOUT_REEVE, mounted, says
from processes import state, wait_until

AMPLE = 20
PID_1 = 1
TRIES = 2
GIVES_UP = f"gave up after {TRIES} restarts"

# The crashing one counts its starts in a file, which outlives them and docker restart.
CRASHING = f"""
[service crashing]
restart = on-failure:{TRIES}
restart-delay = 1ms
command = probe runs /tmp/crashing 6
"""
LISTENING = f"[service web]\ncommand = {says('web')}\n"


def starts(container):
    return len(container.file("/tmp/crashing").split())


def lives(container):
    """What was said in each life of the container."""
    return re.split(r"(?<=^reeve: stopped, exit code 0\n)", container.errors(), flags=re.MULTILINE)


# -- docker restart


@pytest.fixture(scope="module")
def restarted(start_for_module, tmp_path_factory):
    """Three services after docker restart, at the same point where they were before it."""
    web_and_db = f"[service web]\nafter = db\ncommand = {says('web')}\n[service db]\ncommand = {says('db')}\n"
    text = f"{CRASHING}essential = no\n{web_and_db}"
    container = start_for_module(SERVICES, options=mounted(tmp_path_factory.mktemp("restarted"), text))
    for count in (1, 2):
        for line in ("^db ready", "^web ready", GIVES_UP):
            container.wait_for_line(f"(?s)({line}.*){{{count}}}")
        if count == 1:
            container.restart(AMPLE)
    return container


def test_docker_restart_stops_and_starts_services_in_their_order(restarted):
    first, second = lives(restarted)
    for life in (first, second):
        assert life.index("reeve: db: started") < life.index("reeve: web: started")
    assert first.index("web asked") < first.index("db asked")
    assert "asked" not in second


def test_after_docker_restart_a_service_has_all_its_tries_again(restarted):
    assert [life.count(GIVES_UP) for life in lives(restarted)] == [1, 1]
    assert starts(restarted) == 2 * (1 + TRIES)


def test_after_docker_restart_the_delays_and_the_count_of_failures_begin_anew(restarted):
    said = [re.findall(r"crashing: exited.*restarting in (.*)", life) for life in lives(restarted)]
    assert said == [["1ms (failure 1)", "2ms (failure 2)"]] * 2


# -- the engine's own restart policy


def test_a_container_whose_service_gives_up_is_restarted_by_the_engine_again_and_again(start_services):
    container = start_services(CRASHING, "--restart", "always")
    wait_until(lambda: container.restarts >= 2, "the engine has restarted it twice")
    container.stop(AMPLE)
    assert container.errors().count(GIVES_UP) >= 2


def test_the_engine_s_tries_are_counted_apart_from_those_of_the_service(start_services):
    container = start_services(CRASHING, "--restart", "on-failure:1")
    wait_until(lambda: container.state == "exited", "the engine gives up, too")
    assert container.restarts == 1
    assert container.errors().count(GIVES_UP) == 2
    assert starts(container) == 2 * (1 + TRIES)
    assert container.code == 6


@pytest.mark.parametrize("policy", ["always", "unless-stopped", "on-failure"])
def test_services_that_docker_stop_has_stopped_stay_so_under_every_policy(start_services, start, policy):
    container = start_services(LISTENING, "--restart", policy)
    container.wait_for_line("^web ready")
    container.stop(AMPLE)
    # One that does come back in the same time, and more than once.
    other = start(WITHOUT_REEVE, "sh", "-c", "exit 1", options=["--restart", policy])
    wait_until(lambda: other.restarts >= 2, "the engine restarts another one")
    assert container.state == "exited"
    assert container.restarts == 0
    assert container.code == 0


def test_a_stop_from_inside_counts_as_well_for_the_engine(start_services):
    container = start_services(LISTENING, "--restart", "on-failure")
    container.wait_for_line("^web ready")
    container.kill_inside("TERM", PID_1)
    wait_until(lambda: container.state == "exited", "it ends")
    assert container.code == 0
    assert container.restarts == 0
    assert container.messages()[-1] == "reeve: stopped, exit code 0"


# -- docker kill


def test_docker_kill_sends_a_signal_to_the_main_service_alone(start_services):
    container = start_services(f"""
[service other]
command = {says("other")}
[service web]
main = yes
restart = no
command = probe signals 1 5
""")
    container.wait_for_line("^other ready")
    container.wait_for_line("^ready")
    container.signal("USR1")
    assert container.wait() == 5
    assert "signal 10 " in container.log()
    # USR1 would have ended it.
    assert "reeve: other: exited with code 0" in container.messages()


def test_docker_kill_without_a_main_service_reaches_whoever_rewrites_the_signal_and_ends_nobody(start_services):
    container = start_services(f"""
[service other]
command = {says("other")}
[service web]
rewrite = USR1:WINCH
restart = no
command = probe signals 1 5
""")
    container.wait_for_line("^other ready")
    container.wait_for_line("^ready")
    container.signal("USR2")
    container.signal("USR1")
    container.wait_for_line("stopped, exit code")
    assert re.findall(r"^signal (\d+) ", container.log(), re.MULTILINE) == ["28"]
    assert "reeve: other: exited with code 0" in container.messages()


def test_signals_from_inside_that_nobody_can_handle_do_nothing_to_services(start_services):
    container = start_services(LISTENING)
    container.wait_for_line("^web ready")
    container.kill_inside("KILL", PID_1)
    container.kill_inside("STOP", PID_1)
    assert container.is_running()
    assert state(container.pid) in ("S", "R")
    container.stop(AMPLE)
    assert container.code == 0


# -- the stop signal of the image


@pytest.mark.parametrize(
    "image, settings",
    [
        ("services-rtmin3", ""),
        ("services-usr2", "stop-signals = USR2"),
    ],
)
def test_the_stop_signal_of_the_image_stops_services_each_by_its_own(start_services, image, settings):
    container = start_services(f"""
[reeve]
{settings}
[service db]
stop-signal = QUIT
command = probe signals
[service web]
after = db
command = probe signals
""", image=image)
    container.wait_for_line("(?s)(^ready.*){2}")
    container.stop(AMPLE)
    assert re.findall(r"^signal (\d+) ", container.log(), re.MULTILINE) == ["15", "3"]
    assert container.messages()[-1] == "reeve: stopped, exit code 0"


@pytest.mark.parametrize("name", ["INT", "QUIT", "RTMIN+3"])
def test_stop_signals_of_docker_run_need_no_configuration(start_services, name):
    container = start_services(LISTENING, "--stop-signal", name)
    container.wait_for_line("^web ready")
    container.stop(AMPLE)
    assert "web asked" in container.messages()
    assert container.code == 0


def test_a_stop_signal_of_the_image_that_is_no_stop_signal_of_ours_reaches_the_main_service(start_services):
    text = "[service web]\nmain = yes\nrestart = no\ncommand = probe signals 1 5\n"
    container = start_services(text, image="services-usr2")
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert "signal 12 " in container.log()
    assert container.code == 5

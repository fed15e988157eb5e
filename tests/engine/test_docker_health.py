"""reevectl health: asked by the engine, asked as a kubelet does, and what a call of it costs."""

import os
import re
import statistics

import pytest
from container import says
from processes import read_proc, wait_until

WITH_HEALTH = "services-with-health"

# It fails at the first signal, and is started again later than any test waits.
WEB = "[service web]\nrestart = always\nrestart-delay = 1h\nrestart-delay-max = 1h\ncommand = probe signals 1 3\n"
JOB = "[service job]\nessential = no\nrestart = no\ncommand = sh -c 'exit 3'\n"
MIGRATE = "[service migrate]\ntype = oneshot\ncommand = true\n"


def fail_web(container):
    container.wait_for_line("^ready")
    assert container.reevectl("signal", "USR1", "web").returncode == 0
    container.wait_for_line("^reeve: web: exited with code 3, restarting in")


def start_web(container):
    assert container.reevectl("start", "web").returncode == 0


# -- HEALTHCHECK


def wait_for_health(container, health):
    """Returns the last check that the engine made."""
    wait_until(lambda: container.health["Status"] == health, f"the engine finds {container.name} {health}")
    return container.health["Log"][-1]


def test_the_engine_sees_that_a_service_has_failed_and_that_it_runs_again(start_services):
    container = start_services(WEB, image=WITH_HEALTH)
    wait_for_health(container, "healthy")
    fail_web(container)
    failed = wait_for_health(container, "unhealthy")
    assert (failed["ExitCode"], failed["Output"]) == (1, "web: backoff, exit code 3\n")
    start_web(container)
    well = wait_for_health(container, "healthy")
    assert (well["ExitCode"], well["Output"]) == (0, "")


CHECKED = """
[service web]
command = sh -c 'mkdir /tmp/www; cp /bin/busybox /tmp/www/well; exec httpd -f -p 8080 -h /tmp/www'
ready = tcp:127.0.0.1:8080
health = http://127.0.0.1:8080/well
health-interval = 100ms
health-retries = 2
on-unhealthy = ignore
"""


def test_the_engine_sees_what_the_check_of_a_service_sees(start_services):
    container = start_services(CHECKED, image=WITH_HEALTH)
    wait_for_health(container, "healthy")
    container.exec("busybox", "mv", "/tmp/www/well", "/tmp/www/ill")
    ill = wait_for_health(container, "unhealthy")
    assert (ill["ExitCode"], ill["Output"]) == (1, "web: up, unhealthy\n")
    assert any(re.search("^reeve: web: unhealthy after 2 failed checks: .* 404", line) for line in container.messages())
    container.exec("busybox", "mv", "/tmp/www/ill", "/tmp/www/well")
    well = wait_for_health(container, "healthy")
    assert (well["ExitCode"], well["Output"]) == (0, "")
    assert container.services()["web"]["restarts"] == 0


def test_a_health_check_that_cannot_ask_is_one_that_fails(start_services):
    container = start_services(f"[reeve]\ncontrol = none\n{WEB}", image=WITH_HEALTH)
    failed = wait_for_health(container, "unhealthy")
    assert failed["ExitCode"] == 1  # docker reserves 2
    assert failed["Output"].startswith("reevectl: cannot reach reeve: /run/reeve/control: No such file or directory")


# -- exec probes

QUESTIONS = [[], ["--live"], ["--ready"]]


def codes(container, *names):
    """Of the three questions."""
    return [container.reevectl("health", *question, *names).returncode for question in QUESTIONS]


def test_probes_find_well_what_runs_whatever_has_become_of_services_that_are_not_essential(start_services):
    container = start_services(WEB + JOB + MIGRATE)
    container.wait_for_line("^ready")
    container.wait_for_line("^reeve: job: failed")
    wait_until(lambda: container.services()["migrate"]["state"] == "done", "migrate is done")
    assert codes(container) == [0, 0, 0]
    assert codes(container, "web", "migrate") == [0, 0, 0]
    assert codes(container, "web", "job") == [1, 1, 1]


def test_a_service_that_is_started_again_later_is_not_ready_but_nobody_needs_to_restart_the_container(start_services):
    container = start_services(WEB)
    fail_web(container)
    assert codes(container) == [1, 0, 1]
    start_web(container)
    assert codes(container) == [0, 0, 0]


def test_a_service_that_was_stopped_by_hand_is_not_ready_but_nobody_needs_to_restart_the_container(start_services):
    container = start_services(WEB)
    container.wait_for_line("^ready")
    assert container.reevectl("stop", "web").returncode == 0
    assert codes(container) == [1, 0, 1]


def test_what_has_failed_for_good_is_not_live_while_the_others_still_stop(start_services):
    waits = "until test -e /tmp/enough; do sleep 0.02; done; exit 0"
    fails = "sh -c 'until test -e /tmp/fail; do sleep 0.02; done; exit 3'"
    web = f"[service web]\nafter = db\nrestart = no\ncommand = {fails}\n"
    container = start_services(f"[service db]\ncommand = {says('db', waits)}\n{web}")
    container.wait_for_line("^db ready")
    assert codes(container) == [0, 0, 0]
    container.exec("touch", "/tmp/fail")
    container.wait_for_line("^db asked")
    assert codes(container) == [1, 1, 1]
    container.exec("touch", "/tmp/enough")
    assert container.wait() == 3


# -- what it costs

CALLS = 200
MORE = 4


def cpu_ms(*command):
    """What a program of the host takes, from its start to its end."""
    pid = os.posix_spawn(command[0], command, {})
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return 1000 * (usage.ru_utime + usage.ru_stime)


def cpu_ms_of(pid):
    return int(read_proc(pid, "schedstat").split()[0]) / 1e6


def test_a_call_takes_not_much_more_cpu_than_a_program_that_does_nothing(start_services):
    container = start_services("".join(WEB.replace("web", f"web{number}") for number in range(10)))
    container.wait_for_line("(?s)(^ready.*){10}")
    # Beside the container, since all that docker exec does around a call would count, too.
    ask = [os.environ["REEVECTL"], "--socket", str(container.path("run/reeve/control")), "health"]
    nothing = [os.environ["PROBE"], "exit", "0"]
    before = cpu_ms_of(container.pid)
    asking, doing_nothing = zip(*[(cpu_ms(*ask), cpu_ms(*nothing)) for _ in range(CALLS)])
    answering = (cpu_ms_of(container.pid) - before) / CALLS
    mean, floor = statistics.mean(asking), statistics.mean(doing_nothing)
    print(f"CPU of a call: {mean:.3f} ms, of a program that does nothing: {floor:.3f} ms, of reeve: {answering:.3f} ms")
    assert mean < MORE * floor
    assert answering < MORE * floor

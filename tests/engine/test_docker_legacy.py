"""The legacy application of docs/examples: nginx, PHP, redis, cron, and a job that prepares the data."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from container import mounted
from processes import wait_until
from test_docker_services import assert_in_order

EXAMPLE = Path(__file__).parents[2] / "docs/examples/legacy"
GRACE = 20
SERVICES = ["redis", "php", "nginx", "cron"]
GET = "exec 3<>/dev/tcp/127.0.0.1/80 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && cat <&3"
READ_ONLY = ["--read-only", "--tmpfs", "/run", "--tmpfs", "/tmp"]


@dataclass
class Page:
    status: int
    greeting: str
    visit: int
    jobs: int


def page(container):
    """What nginx answers; None where it does not."""
    said = container.try_exec("bash", "-c", GET).stdout.decode().replace("\r\n", "\n")
    found = re.search(r"HTTP/1.1 (\d+) .*\n\n(.*)\nvisit (\d+)\ncron has run (\d+) jobs\n$", said, re.DOTALL)
    return found and Page(int(found[1]), found[2], int(found[3]), int(found[4]))


def is_up(container):
    services = container.services()
    return services and all(services[name]["state"] == "up" for name in SERVICES)


def wait_until_up(container):
    wait_until(lambda: is_up(container), "all services are up")


@pytest.fixture(scope="module")
def legacy(build_example):
    return build_example("legacy")


@pytest.fixture(scope="module", params=[[], READ_ONLY], ids=["writable-root", "read-only-root"])
def app(start_for_module, legacy, request):
    container = start_for_module(legacy, options=request.param)
    wait_until_up(container)
    return container


def test_a_page_comes_through_nginx_and_php_from_redis(app):
    first, second = page(app), page(app)
    assert (first.status, first.greeting) == (200, "Hello from redis")
    assert second.visit == first.visit + 1


def test_cron_runs_its_jobs(app):
    wait_until(lambda: page(app).jobs, "cron has run a job")


def test_nothing_is_written_outside_of_the_volume_and_the_two_folders_of_temporary_files(app):
    assert page(app)
    changed = app.engine.docker("diff", app.name).split()[1::2]
    assert [path for path in changed if not re.match("/(run|tmp)(/|$)", path)] == []


def kill(container, name):
    """Returns when it runs again, and all is up."""
    before = container.services()[name]
    container.kill_inside("KILL", before["pid"])
    wait_until(lambda: container.services()[name]["restarts"] > before["restarts"], f"{name} is started again")
    wait_until_up(container)
    assert container.services()[name]["pid"] != before["pid"]


@pytest.mark.parametrize("name", SERVICES)
def test_what_is_killed_is_started_again_and_the_page_is_served(app, name):
    before = page(app)
    kill(app, name)
    after = page(app)
    assert (after.status, after.greeting) == (200, "Hello from redis")
    assert after.visit == before.visit + 1


def test_cron_runs_its_jobs_after_it_was_killed(app):
    app.exec("rm", "/run/crond.reboot")  # so that it does what is due at a start
    before = page(app).jobs
    kill(app, "cron")
    wait_until(lambda: page(app).jobs > before, "cron has run a job")


def test_the_engine_finds_it_healthy(app):
    wait_until(lambda: app.health["Status"] == "healthy", "the engine finds it healthy")


# -- health

PHP_CHECK = "health      = http://127.0.0.1/ping"
IMPATIENT = "health-interval = 100ms\nhealth-timeout = 2s\nhealth-retries = 2\n"


def test_php_that_hangs_is_started_again(start, legacy, tmp_path):
    text = (EXAMPLE / "reeve.ini").read_text()
    assert PHP_CHECK in text
    container = start(legacy, options=mounted(tmp_path, text.replace(PHP_CHECK, IMPATIENT + PHP_CHECK)))
    wait_until_up(container)
    container.exec("bash", "-c", f"kill -STOP -{container.services()['php']['pid']}")
    container.wait_for_line("^reeve: php: unhealthy after 2 failed checks: no answer within 2s")
    wait_until(lambda: container.services()["php"]["restarts"] > 0, "php is started again")
    wait_until(lambda: page(container), "the page is served again")
    assert {name for name, service in container.services().items() if service["restarts"]} == {"php"}


# -- docker stop

LESS_THAN = 2
# How it is done without an init.
SCRIPT = """
redis-server --bind 127.0.0.1 --dir /var/lib/redis --appendonly yes &
cron
mkdir -p /run/php /run/nginx
php-fpm8.2
nginx -g 'daemon off;'
"""


@pytest.fixture(scope="module")
def script(start_for_module, legacy):
    """How many seconds docker takes to stop a script that does not hear of it, and is granted so many."""
    container = start_for_module(legacy, "-c", SCRIPT, options=["--entrypoint", "sh"])
    wait_until(lambda: container.try_exec("redis-cli", "set", "greeting", "Hello").returncode == 0, "redis answers")
    wait_until(lambda: page(container), "nginx answers")
    seconds = container.stop(LESS_THAN)
    assert container.code == 137
    assert "ready to exit" not in container.log()
    return seconds


@pytest.fixture(scope="module")
def stopped(start_for_module, legacy):
    """The container, and how many seconds docker took to stop it."""
    container = start_for_module(legacy)
    wait_until_up(container)
    assert page(container)
    return container, container.stop(GRACE)


def test_docker_stop_takes_less_than_two_seconds(stopped, script):
    print(f"docker stop took {stopped[1]:.2f} s, and {script:.2f} s of a script that was granted {LESS_THAN} s")
    assert stopped[1] < script


def test_docker_stop_asks_each_when_what_needs_it_is_gone(stopped):
    container = stopped[0]
    assert_in_order(
        container.messages(),
        "^reeve: stopping: SIGTERM received",
        "signal 3 .SIGQUIT. received",
        "^reeve: nginx: exited with code 0",
        "NOTICE: exiting, bye-bye!",
        "^reeve: php: exited with code 0",
        "^reeve: redis: exited with code 0",
        "^reeve: stopped, exit code 0",
    )
    assert_in_order(container.messages(), "^reeve: stopping", "^reeve: cron: ", "^reeve: redis: ")
    assert container.code == 0


def test_docker_stop_lets_the_database_save(stopped):
    assert_in_order(stopped[0].log().splitlines(), "Received SIGTERM", "Calling fsync", "Redis is now ready to exit")


def test_docker_stop_kills_nobody(stopped):
    assert "SIGKILL" not in stopped[0].errors()

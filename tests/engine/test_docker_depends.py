"""A database, a job that fills it, and a web server that serves what the job has written."""

import re

import pytest
from container import SERVICES, mounted
from processes import wait_until
from test_docker_services import assert_in_order

GRACE = 20
VALUE = "forty-two"
PAGES = "/tmp/www"

# Whoever comes before the other is ready fails: the client, without a server; the page, without a value.
REDIS = {
    "notify": "command = redis-server --supervised systemd --save 900 1 --dir /data\nready = notify",
    "tcp": "command = redis-server --save 900 1 --dir /data\nready = tcp:127.0.0.1:6379",
}
FILLS = f"redis-cli -e set answer {VALUE}"
# It still needs the database while it stops, and takes its time.
FAREWELL = "so-long"
LAST_WORDS = f"sleep 0.2; redis-cli -e set last-words {FAREWELL}; exit 0"
GETS_PAGE = f"mkdir -p {PAGES}; redis-cli -e get answer >{PAGES}/index.html"
SERVES = f"sh -ec '{GETS_PAGE}; trap \"{LAST_WORDS}\" TERM; httpd -f -p 8080 -h {PAGES} & wait'"


def services(redis="notify", fills=FILLS):
    """The three, in the reverse of the order that they need."""
    return f"""
[service web]
depends-on = fill redis:ready
command = {SERVES}
ready = tcp:127.0.0.1:8080

[service fill]
type = oneshot
restart = no
depends-on = redis
command = {fills}

[service redis]
{REDIS[redis]}
"""


def page(container):
    return container.exec("wget", "-q", "-O", "-", "http://127.0.0.1:8080/")


def wait_for_messages(container, behind, *patterns):
    """In their order, behind so many; what reeve has said takes its way through the engine. Returns all behind."""
    last = patterns[-1]
    wait_until(lambda: any(re.search(last, line) for line in container.messages()[behind:]), f"{last!r} is said")
    assert_in_order(container.messages()[behind:], *patterns)
    return container.messages()[behind:]


def wait_until_up(container):
    container.wait_for_line("^reeve: web: up after")


def is_up(container):
    return all(container.services()[name]["state"] == "up" for name in ("redis", "web"))


# -- all goes well


@pytest.fixture(scope="module", params=list(REDIS))
def served(request, start_for_module, tmp_path_factory):
    """The container when docker has stopped it, and the page that it had served."""
    folder = tmp_path_factory.mktemp(request.param)
    container = start_for_module(SERVICES, options=mounted(folder, services(request.param)))
    wait_until_up(container)
    text = page(container)
    container.stop(GRACE)
    return container, text


def test_the_web_server_serves_what_the_job_has_written(served):
    assert served[1] == VALUE


def test_each_starts_when_what_it_needs_has_come(served):
    assert_in_order(
        served[0].messages(),
        "^reeve: redis: started",
        "^reeve: redis: up after",
        "^reeve: fill: started",
        "^reeve: fill: exited with code 0",
        "^reeve: web: started",
        "^reeve: web: up after",
    )


def test_docker_stop_asks_each_when_what_needs_it_is_gone(served):
    container = served[0]
    assert_in_order(
        container.messages(),
        "^reeve: stopping: SIGTERM received",
        "^reeve: web: exited with code 0",
        "^reeve: redis: exited with code 0",
        "^reeve: stopped, exit code 0",
    )
    assert container.code == 0


def test_the_database_has_saved_what_the_others_have_written(served):
    saved = served[0].file("/data/dump.rdb")
    assert VALUE.encode() in saved
    assert FAREWELL.encode() in saved


# -- the job fails


@pytest.fixture(scope="module")
def unfilled(start_for_module, tmp_path_factory):
    """The container, which has ended by itself."""
    folder = tmp_path_factory.mktemp("unfilled")
    fills = f"sh -c '{FILLS}; exit 7'"
    container = start_for_module(SERVICES, options=mounted(folder, services(fills=fills)))
    container.wait()
    return container


def test_the_container_ends_with_the_code_of_the_job_that_failed(unfilled):
    assert unfilled.code == 7
    assert_in_order(
        unfilled.messages(),
        "^reeve: fill: .*exited with code 7",
        "^reeve: redis: exited with code 0",
        "^reeve: stopped, exit code 7",
    )


def test_what_needs_the_job_never_ran(unfilled):
    assert not [line for line in unfilled.messages() if re.search("web: started", line)]
    assert unfilled.file(f"{PAGES}/index.html") is None


def test_what_the_job_needed_is_stopped_in_order_and_saves(unfilled):
    assert VALUE.encode() in unfilled.file("/data/dump.rdb")


# -- by hand


def test_to_stop_the_database_stops_the_web_server_first_and_start_brings_both_back(start_services):
    container = start_services(services())
    wait_until_up(container)
    before = container.services()
    said = len(container.messages())
    assert container.reevectl("stop", "redis").returncode == 0
    wait_for_messages(container, said, "^reeve: web: exited with code 0", "^reeve: redis: exited with code 0")
    stopped = container.services()
    assert (stopped["redis"]["state"], stopped["web"]["state"], stopped["fill"]["state"]) == ("down", "waiting", "done")
    assert container.try_exec("wget", "-q", "-O", "-", "http://127.0.0.1:8080/").returncode != 0

    said = len(container.messages())
    assert container.reevectl("start", "redis").returncode == 0
    wait_until(lambda: is_up(container), "both are back")
    behind = wait_for_messages(container, said, "^reeve: redis: up after", "^reeve: web: started", "^reeve: web: up after")
    assert "fill: started" not in "\n".join(behind)
    assert page(container) == VALUE
    assert container.exec("redis-cli", "get", "last-words") == FAREWELL
    assert {name: service["pid"] for name, service in container.services().items()} != before

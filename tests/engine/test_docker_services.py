"""Several services in one container: how they live side by side, and how docker stops them."""

import re

import pytest
from container import SERVICES, WITHOUT_REEVE, mounted, says
from processes import outer_pid, parent, state, wait_until

GRACE = 3
AMPLE = 20
TRIES = 3
SAYS_THAT_IT_WAS_ASKED = "trap 'sleep 0.2; echo asked >/tmp/asked; exit' TERM; touch /tmp/ready; sleep 1000 & wait"
DEAF = "while :; do sleep 0.1; done"

TWO_AND_A_CRASHING_ONE = f"""
[service web]
after = db
command = {says("web", "sleep 0.2; exit 0")}

[service db]
command = {says("db")}

[service crashing]
essential = no
restart = on-failure:{TRIES}
command = probe runs /tmp/crashing 1
"""


def assert_in_order(lines, *patterns):
    """Each pattern is found behind the one before."""
    rest = iter(lines)
    for pattern in patterns:
        assert any(re.search(pattern, line) for line in rest), f"no {pattern!r} in its place among\n{lines}"


def stop_when_ready(container, *names):
    for name in names:
        container.wait_for_line(f"^{name} ready")
    return container.stop(GRACE)


@pytest.fixture(scope="module")
def deaf_for(start_for_module):
    """How many seconds docker takes to stop what does not listen."""
    container = start_for_module(WITHOUT_REEVE, "sleep", "1000")
    seconds = container.stop(GRACE)
    assert container.code == 137
    return seconds


# -- one container, looked at from all sides


@pytest.fixture(scope="module")
def stopped(start_for_module, tmp_path_factory):
    """The two services and the crashing one when docker has stopped them, and the seconds it took."""
    container = start_for_module(SERVICES, options=mounted(tmp_path_factory.mktemp("three"), TWO_AND_A_CRASHING_ONE))
    container.wait_for_line("crashing: failed")
    return container, stop_when_ready(container, "db", "web")


def test_services_start_in_the_order_that_their_file_asks_for(stopped):
    assert_in_order(stopped[0].messages(), "^reeve: db: started", "^reeve: web: started")


def test_docker_stop_asks_each_service_when_those_behind_it_are_gone(stopped):
    assert_in_order(
        stopped[0].messages(),
        "^reeve: stopping: SIGTERM received",
        "^web asked",
        "^reeve: web: exited with code 0",
        "^db asked",
        "^reeve: db: exited with code 0",
        "^reeve: stopped, exit code 0",
    )


def test_docker_stop_of_services_that_listen_is_over_long_before_its_grace(stopped, deaf_for):
    container, seconds = stopped
    assert container.code == 0
    assert seconds < deaf_for


def test_a_crashing_service_is_restarted_after_growing_delays_and_given_up(stopped):
    container = stopped[0]
    said = [match[1] for line in container.messages() if (match := re.search("^reeve: crashing: (.*exited.*)", line))]
    assert said == [
        "exited with code 1, restarting in 100ms (failure 1)",
        "exited with code 1, restarting in 200ms (failure 2)",
        "exited with code 1, restarting in 400ms (failure 3)",
        f"failed: exited with code 1, gave up after {TRIES} restarts",
    ]
    # In whole ms, as reeve counts.
    starts = [int(line) // 1_000_000 for line in container.file("/tmp/crashing").split()]
    gaps = [after - before for before, after in zip(starts, starts[1:])]
    assert len(gaps) == TRIES
    for gap, delay in zip(gaps, (100, 200, 400)):
        assert gap >= delay


# -- the exit code


@pytest.mark.parametrize(
    "command, code",
    [
        ("sh -c 'exit 7'", 7),
        ("/no/such/command", 127),
        ("/not-executable", 126),
        ("sh -c 'kill -SEGV $$'", 139),
        ("sh -c 'kill -KILL $$'", 137),
    ],
    ids=["exit", "missing", "not-executable", "fault", "killed"],
)
def test_the_code_of_the_first_cause_is_docker_s_whatever_the_others_end_with(start_services, command, code):
    container = start_services(f"""
[service db]
main = yes
command = {says("db", "exit 5", pause="touch /tmp/up; sleep 1000 & wait")}
[service gate]
type = oneshot
command = sh -c 'until test -e /tmp/up; do sleep 0.02; done'
[service web]
after = gate
restart = no
command = {command}
""")
    assert container.wait() == code
    assert_in_order(
        container.messages(),
        "^reeve: stopping: web failed and is essential",
        "^db asked",
        "^reeve: db: exited with code 5",
        f"^reeve: stopped, exit code {code}",
    )


def test_after_docker_stop_the_code_is_that_of_the_main_service(start_services):
    container = start_services(f"""
[service db]
command = {says("db", "exit 6")}
[service web]
main = yes
command = {says("web", "exit 4")}
""")
    stop_when_ready(container, "db", "web")
    assert container.code == 4


def test_after_docker_stop_the_code_is_that_of_the_first_that_failed_where_there_is_no_main_service(start_services):
    container = start_services(f"""
[service db]
command = {says("db", "exit 6")}
[service web]
after = db
command = {says("web", "exit 4")}
""")
    stop_when_ready(container, "db", "web")
    assert container.code == 4


# -- SIGKILL


def test_what_has_to_be_killed_gives_137_before_docker_s_grace_is_over(start_services, deaf_for):
    container = start_services(f"""
[service db]
command = {says("db")}
[service web]
after = db
stop-timeout = 300ms
command = {says("web", "true", pause=DEAF)}
""")
    seconds = stop_when_ready(container, "db", "web")
    assert_in_order(
        container.messages(),
        "^web asked",
        "^reeve: web: still running .* after SIGTERM, sending SIGKILL",
        "^reeve: web: killed by SIGKILL",
        "^db asked",
        "^reeve: stopped, exit code 137",
    )
    assert container.code == 137
    assert seconds < deaf_for


def test_redis_saves_although_the_service_that_stops_before_it_hangs(start_services, deaf_for):
    container = start_services(f"""
[reeve]
shutdown-timeout = {GRACE - 1}s
[service redis]
command = redis-server --save 900 1 --dir /data
[service web]
after = redis
command = {says("web", "true", pause=DEAF)}
""")
    container.wait_for_line("Ready to accept connections")
    assert container.exec("redis-cli", "set", "answer", "forty-two") == "OK"
    seconds = stop_when_ready(container, "web")
    assert b"forty-two" in container.file("/data/dump.rdb")
    assert_in_order(container.messages(), "^reeve: redis: exited with code 0", "^reeve: web: killed by SIGKILL")
    assert container.code == 137
    assert seconds < deaf_for


# -- whoever else is in the container


def test_docker_stop_asks_the_processes_of_docker_exec_when_the_services_are_gone(start_services):
    container = start_services(f"[service web]\ncommand = {says('web')}\n")
    container.wait_for_line("^web ready")
    container.exec_in_background("sh", "-c", SAYS_THAT_IT_WAS_ASKED)
    wait_until(container.path("tmp/ready").exists, "the process of docker exec is ready")
    container.stop(AMPLE)
    assert container.code == 0
    assert container.file("/tmp/asked") == b"asked\n"


def test_orphans_of_a_service_are_reaped_and_none_stays_a_zombie(start_services):
    debug = ["--env", "REEVE_LOG_LEVEL=debug"]
    container = start_services("[service web]\ncommand = probe orphans 5 3 probe signals\n", *debug)
    container.wait_for_line("^ready")

    def reaped():
        return [line for line in container.messages() if re.search(r"reaped orphan \d+ \(exited with code 3\)", line)]

    wait_until(lambda: len(reaped()) == 5, "all orphans are reaped")
    wait_until(lambda: [state(pid) for pid in container.pids()] == ["S", "S"], "both wait, and nobody else is there")


def test_an_orphan_that_left_the_group_of_its_service_is_adopted_and_asked_last(start_services):
    container = start_services("[service web]\ncommand = probe leave orphan:15+200 -- probe signals\n")
    orphan = container.wait_for_line(r"^orphan pid (\d+)")[1]
    container.wait_for_line("^ready")
    assert parent(outer_pid(orphan, container.pids())) == container.pid
    container.stop(AMPLE)
    assert_in_order(container.log().splitlines(), "^signal 15 ", "^orphan got 15", "^orphan ended")
    assert container.code == 0

"""docker run --init, where the init that dockerd was given is a link to reeve."""

import json

import pytest
from container import WITHOUT_REEVE, is_gone, is_in_foreground
from processes import read_proc, state, wait_until

AMPLE = 20
INIT = ["--init"]

CONFINEMENTS = {
    "plain": [],
    "read-only-root": ["--read-only"],
    "another-user": ["--user", "12345:54321"],
    "no-capabilities": ["--cap-drop", "ALL"],
    "all-together": ["--read-only", "--user", "12345:54321", "--cap-drop", "ALL"],
}

LEAVES_AN_ORPHAN = """
(sh -c 'trap "echo asked; exit" TERM; echo ready; sleep 1000 & wait' &)
sleep 1000; true
"""


@pytest.fixture(params=CONFINEMENTS.values(), ids=CONFINEMENTS.keys())
def confinement(request):
    return [*INIT, *request.param]


def test_docker_info_shows_the_version_of_an_init(dockerd):
    assert "init version: reeve\n" in dockerd.docker("info")
    components = json.loads(dockerd.docker("version", "--format", "{{json .Server.Components}}"))
    assert [part["Version"] for part in components if part["Name"] == "docker-init"] == ["0.19.0"]


def test_the_init_of_the_container_is_reeve(start, dockerd):
    container = start(WITHOUT_REEVE, "sleep", "1000", options=INIT)
    assert read_proc(container.pid, "cmdline").split("\0")[:4] == ["/sbin/docker-init", "--", "sleep", "1000"]
    container.stop(AMPLE)
    assert container.code == 143


def test_the_exit_code_is_passed_without_a_word(start, confinement):
    container = start(WITHOUT_REEVE, "sh", "-c", "echo hello; exit 7", options=confinement)
    assert container.wait() == 7
    assert container.log() == "hello\n"


def test_docker_stop_ends_the_program_and_asks_what_it_left(start, confinement):
    container = start(WITHOUT_REEVE, "sh", "-c", LEAVES_AN_ORPHAN, options=confinement)
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert container.code == 143
    assert container.log() == "ready\nasked\n"


def test_an_image_of_one_program_and_nothing_else_has_its_init(start):
    container = start("probe-alone", "/probe", "signals", "1", options=INIT)
    container.wait_for_line("^ready")
    container.signal("USR1")
    assert container.wait() == 0


def test_a_program_of_another_libc_runs_below_it(start):
    container = start(WITHOUT_REEVE, "/usr/bin/redis-server", "--version", options=INIT)
    assert container.wait() == 0
    assert container.log().startswith("Redis server")


@pytest.mark.parametrize("program, code", [("/nowhere/web", 127), ("/not-executable", 126)])
def test_a_program_that_cannot_be_executed_gives_the_code_that_docker_gives(start, program, code):
    container = start(WITHOUT_REEVE, program, options=INIT)
    assert container.wait() == code
    assert container.log().startswith("[FATAL tini (")


def test_on_a_terminal_ctrl_c_ends_a_plain_program(start):
    container, terminal = start.with_terminal(WITHOUT_REEVE, "sleep", "1000", options=INIT)
    pid = container.find("sleep")
    wait_until(lambda: is_in_foreground(pid) and state(pid) == "S", "sleep is in the foreground")
    terminal.sendintr()
    wait_until(lambda: is_gone(pid), "the program has ended")
    assert container.wait() == 130


def test_the_environment_of_the_container_adds_services_to_the_program(start, tmp_path):
    (tmp_path / "beside.ini").write_text("[service beside]\ncommand = sh -c 'echo beside ready; exec sleep 1000'\n")
    mount = ["--volume", f"{tmp_path}/beside.ini:/run/beside.ini:ro", "--env", "REEVE_CONFIG=/run/beside.ini"]
    container = start(WITHOUT_REEVE, "sh", "-c", "sleep 1000", options=[*INIT, *mount])
    container.wait_for_line("^beside ready")
    container.stop(AMPLE)
    assert container.code == 143

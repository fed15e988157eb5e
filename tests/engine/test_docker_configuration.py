"""The ways in which the configuration comes into a container, and a container that can do little."""

import pytest
from container import AWAITS_A_LINE, SERVICES, WITH_REEVE, is_gone, is_in_foreground, mounted, says
from processes import wait_until

AMPLE = 20
BAKED = "baked"
ELSEWHERE = "/somewhere/else.ini"

LISTENING = f"[service web]\ncommand = {says('web')}\n"


def assert_services_run_until_docker_stop(container, *names):
    for name in names:
        container.wait_for_line(f"^{name} ready")
    container.stop(AMPLE)
    for name in names:
        assert f"{name} asked" in container.messages()
    assert container.code == 0


# -- where it comes from


def test_reeve_alone_reads_the_file_and_the_folder_that_have_their_names_by_custom(start, tmp_path):
    more = f"[service db]\ncommand = {says('db')}\n"
    options = mounted(tmp_path, LISTENING) + mounted(tmp_path, more, "/etc/reeve.d/10-db.ini")
    assert_services_run_until_docker_stop(start(SERVICES, options=options), "web", "db")


def test_a_file_may_be_named_by_an_option(start, tmp_path):
    container = start(SERVICES, "-c", ELSEWHERE, options=mounted(tmp_path, LISTENING, ELSEWHERE))
    assert_services_run_until_docker_stop(container, "web")


def test_a_file_may_be_named_by_the_environment(start, tmp_path):
    options = mounted(tmp_path, LISTENING, ELSEWHERE)
    container = start(SERVICES, options=[*options, "--env", f"REEVE_CONFIG={ELSEWHERE}"])
    assert_services_run_until_docker_stop(container, "web")


def test_beside_the_services_of_the_environment_the_command_of_an_image_is_the_main_one(start, tmp_path):
    options = mounted(tmp_path, LISTENING, ELSEWHERE)
    options += ["--env", "REEVE_CONFIG=/somewhere"]
    container = start(WITH_REEVE, "probe", "signals", "1", "5", options=options)
    container.wait_for_line("^web ready")
    container.wait_for_line("^ready")
    container.stop(AMPLE)
    assert "web asked" in container.messages()
    assert container.code == 5


def test_without_a_file_and_a_command_both_ways_to_start_are_said(start):
    container = start(SERVICES)
    assert container.wait() == 125
    assert container.messages() == [
        "reeve: no command and no configuration, "
        "expected reeve [OPTION...] [--] COMMAND [ARG...] or reeve -c FILE|DIR"
    ]


def test_all_errors_of_all_files_are_in_the_log_and_nothing_is_started(start, tmp_path):
    command = "command = touch /tmp/started\n"
    bad = f"[service web]\ncomand = true\n[service db]\n{command}restart = always:3\n"
    worse = f"[service job]\n{command}stop-timeout = soon\n"
    container = start(SERVICES, options=mounted(tmp_path, bad) + mounted(tmp_path, worse, "/etc/reeve.d/worse.ini"))
    assert container.wait() == 125
    assert [line.partition("] ")[0] for line in container.messages()[:-1]] == [
        "/etc/reeve.d/worse.ini:3: [service job",
        "/etc/reeve.ini:1: [service web",
        "/etc/reeve.ini:2: [service web",
        "/etc/reeve.ini:5: [service db",
    ]
    assert container.messages()[-1] == "reeve: 4 errors in the configuration, nothing started"
    assert container.file("/tmp/started") is None


# -- baked into an image, with a main service


def test_what_is_baked_into_an_image_runs_without_a_word_behind_its_name(start):
    container = start(BAKED)
    container.wait_for_line("^db ready")
    container.wait_for_line("^app ready")
    container.stop(AMPLE)
    assert container.code == 4


def test_the_command_of_docker_run_takes_the_place_of_the_baked_main_service(start):
    container = start(BAKED, "sh", "-c", "echo hello; until test -e /tmp/enough; do sleep 0.05; done; exit 7")
    container.wait_for_line("^db ready")
    container.wait_for_line("^hello")
    container.exec("touch", "/tmp/enough")
    assert container.wait() == 7
    log = container.log()
    assert "db asked" in log
    assert "app" not in log


def test_a_shell_at_a_terminal_takes_the_place_of_the_baked_main_service(start):
    container, terminal = start.with_terminal(BAKED, "sh")
    container.wait_for_line("db ready")
    terminal.expect_exact(AWAITS_A_LINE)
    terminal.sendline("cat")
    cat = container.find("cat")
    wait_until(lambda: is_in_foreground(cat), "cat is in the foreground")
    terminal.sendintr()
    wait_until(lambda: is_gone(cat), "cat has ended")
    terminal.expect_exact(AWAITS_A_LINE)
    terminal.sendline("exit 9")
    terminal.expect_exact("stopped, exit code 9")
    assert container.wait() == 9
    assert "restarting" not in container.log()


# -- confined

CONFINEMENTS = {
    "read-only-root": ["--read-only"],
    "no-capabilities": ["--cap-drop", "ALL"],
    "random-uid": ["--user", "12345"],
}
CONFINEMENTS["all-together"] = [word for options in CONFINEMENTS.values() for word in options]


@pytest.mark.parametrize("confinement", CONFINEMENTS.values(), ids=CONFINEMENTS.keys())
def test_confined_services_run_crash_restart_and_stop_as_others_do(start_services, confinement):
    crashing = "[service crashing]\nessential = no\nrestart = on-failure:2\ncommand = probe exit 3\n"
    command = says("deaf", "true", pause="while :; do sleep 0.1; done")
    deaf = f"[service deaf]\nessential = no\nstop-timeout = 200ms\ncommand = {command}\n"
    container = start_services(LISTENING + crashing + deaf, *confinement)
    container.wait_for_line("^deaf ready")
    container.wait_for_line("crashing: failed: exited with code 3, gave up after 2 restarts")
    assert_services_run_until_docker_stop(container, "web")
    assert "reeve: deaf: killed by SIGKILL" in container.messages()
    warnings = [line for line in container.messages() if "warning" in line]
    if "--read-only" in confinement:
        assert len(warnings) == 1
        assert "no control socket" in warnings[0]
    else:
        assert warnings == []

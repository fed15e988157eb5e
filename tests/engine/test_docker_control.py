"""reevectl through docker exec, and where its socket is in containers from which much was taken away."""

import pytest
from container import SERVICES, WITH_REEVE, mounted, says
from processes import wait_until

AMPLE = 20
UID = "12345"
OTHER_UID = "54321"
STANDARD = "/run/reeve/control"
WEB = f"[service web]\ncommand = {says('web')}\n"
DB = f"[service db]\ncommand = {says('db')}\n"


# -- steering


def test_status_shows_the_services_of_a_container(start_services):
    container = start_services(WEB + DB + "[service job]\ntype = oneshot\ncommand = true\n")
    container.wait_for_line("^web ready")
    container.wait_for_line("^db ready")
    wait_until(lambda: container.services()["job"]["state"] == "done", "the job is done")
    shown = container.reevectl("status")
    assert shown.returncode == 0
    heading, *rows = shown.stdout.decode().splitlines()
    assert heading.split()[:2] == ["NAME", "STATE"]
    assert {tuple(row.split()[:2]) for row in rows} == {("web", "up"), ("db", "up"), ("job", "done")}


def test_restart_replaces_the_process_of_one_service_and_no_other(start_services):
    container = start_services(WEB + DB)
    container.wait_for_line("^web ready")
    container.wait_for_line("^db ready")
    before = container.services()
    assert container.reevectl("restart", "web").returncode == 0
    after = container.services()
    assert after["web"]["state"] == "up"
    assert after["web"]["pid"] != before["web"]["pid"]
    assert after["db"]["pid"] == before["db"]["pid"]
    container.wait_for_line("(?s)^web ready.*^web asked.*^web ready")


def by_reevectl(container):
    assert container.reevectl("reload").returncode == 0


def by_signal(container):
    container.signal("HUP")


@pytest.mark.parametrize("reload", [by_reevectl, by_signal])
def test_a_mounted_file_that_was_changed_on_the_host_is_read_again(start_services, tmp_path, reload):
    container = start_services(WEB + DB)
    container.wait_for_line("^web ready")
    container.wait_for_line("^db ready")
    web = container.services()["web"]["pid"]
    (tmp_path / "reeve.ini").write_text(f"{WEB}[service cache]\ncommand = {says('cache')}\n")
    reload(container)
    container.wait_for_line("^db asked")
    container.wait_for_line("^cache ready")
    wait_until(lambda: set(container.services()) == {"web", "cache"}, "db is gone")
    assert container.services()["web"]["pid"] == web


def test_a_mounted_file_with_an_error_changes_nothing_and_the_error_comes_back(start_services, tmp_path):
    container = start_services(WEB)
    container.wait_for_line("^web ready")
    (tmp_path / "reeve.ini").write_text(WEB.replace("command", "comand"))
    failed = container.reevectl("reload")
    assert failed.returncode == 1
    assert b"/etc/reeve.ini:2: [service web] unknown key 'comand'" in failed.stderr
    assert container.reevectl("status").returncode == 0


def test_shutdown_ends_the_container_with_the_code_of_the_main_service(start_services):
    waits = "until test -e /tmp/enough; do sleep 0.02; done; exit 4"
    web = f"[service web]\nmain = yes\ncommand = {says('web', waits)}\n"
    container = start_services(f"{web}[service db]\nafter = web\ncommand = {says('db', 'exit 6')}\n")
    container.wait_for_line("^web ready")
    container.wait_for_line("^db ready")
    # It has its answer before the container ends.
    assert container.reevectl("shutdown").returncode == 0
    container.wait_for_line("(?s)^db asked.*^web asked")
    container.exec("touch", "/tmp/enough")
    assert container.wait() == 4


# -- who may


def test_another_user_is_refused(start_services):
    container = start_services(WEB)
    container.wait_for_line("^web ready")
    refused = container.reevectl("stop", "web", user=UID)
    assert refused.returncode == 2
    assert f"cannot reach reeve: {STANDARD}: Permission denied" in refused.stderr.decode()
    assert container.services()["web"]["state"] == "up"


def test_another_user_is_refused_although_the_file_lets_him(start_services):
    container = start_services(WEB)
    container.wait_for_line("^web ready")
    container.path(STANDARD).chmod(0o666)
    refused = container.reevectl("stop", "web", user=UID)
    assert refused.returncode == 2
    assert f"refused: uid {UID} is neither root nor 0" in refused.stderr.decode()
    assert container.services()["web"]["state"] == "up"


# -- where it is


IN_TMP = "/tmp/reeve-{}/control"
PLACES = {
    "root": ([], STANDARD),
    "random-uid": (["--user", UID], IN_TMP.format(UID)),
    # The engine makes it for root, as the folder of the image is.
    "random-uid-and-run": (["--user", UID, "--tmpfs", "/run"], IN_TMP.format(UID)),
    "read-only-and-run": (["--read-only", "--tmpfs", "/run"], STANDARD),
    "read-only-and-tmp": (["--read-only", "--tmpfs", "/tmp"], IN_TMP.format(0)),
    "all-taken-but-tmp": (
        ["--read-only", "--tmpfs", "/tmp", "--user", UID, "--cap-drop", "ALL"],
        IN_TMP.format(UID),
    ),
}


@pytest.mark.parametrize("options, place", PLACES.values(), ids=PLACES.keys())
def test_a_confined_container_has_its_socket_where_it_can_write(start_services, options, place):
    container = start_services(WEB, *options)
    container.wait_for_line("^web ready")
    assert container.path(place).is_socket()
    assert container.path(place).stat().st_mode & 0o777 == 0o600
    assert container.reevectl("status").returncode == 0
    assert container.exec("sh", "-c", "echo $REEVE_CONTROL") == ""
    assert "warning" not in container.errors()
    container.stop(AMPLE)
    assert container.code == 0


@pytest.mark.parametrize("options", [[], ["--user", UID]], ids=["root", "random-uid"])
def test_without_a_place_to_write_to_one_warning_says_so_and_services_run(start_services, options):
    container = start_services(WEB, "--read-only", *options)
    container.wait_for_line("^web ready")
    unreachable = container.reevectl("status")
    assert unreachable.returncode == 2
    assert f"cannot reach reeve: {STANDARD}: No such file or directory" in unreachable.stderr.decode()
    container.stop(AMPLE)
    assert container.code == 0
    warnings = [line for line in container.messages() if "warning" in line]
    assert len(warnings) == 1
    assert warnings[0].startswith(f"reeve: warning: no control socket: {STANDARD}: ")
    assert "Read-only file system" in warnings[0]


def test_root_reaches_a_reeve_that_runs_as_somebody_else_and_a_third_one_does_not(start_services):
    container = start_services(WEB, "--user", UID)
    container.wait_for_line("^web ready")
    assert container.reevectl("status", user="0").returncode == 0
    third = container.reevectl("--socket", IN_TMP.format(UID), "status", user=OTHER_UID)
    assert third.returncode == 2
    assert "Permission denied" in third.stderr.decode()


@pytest.mark.parametrize("options", [[], ["--user", UID]], ids=["root", "random-uid"])
def test_after_docker_kill_the_socket_of_the_life_before_is_replaced(start_services, options):
    container = start_services(WEB, *options)
    container.wait_for_line("^web ready")
    container.signal("KILL")
    container.wait()
    container.start_again()
    container.wait_for_line("(?s)(^web ready.*){2}")
    assert container.reevectl("status").returncode == 0
    assert "warning" not in container.errors()


# -- a service that asks


def test_a_service_steers_its_own_container(start_services):
    command = "sh -c 'reevectl restart db && echo restarted; sleep 1000'"
    container = start_services(f"{DB}[service web]\nafter = db\ncommand = {command}\n")
    container.wait_for_line("^restarted")
    container.wait_for_line("(?s)^db ready.*^db asked.*^db ready")


# -- several containers


def test_containers_with_one_network_do_not_see_each_other(start, start_services, tmp_path):
    first = start_services(WEB)
    first.wait_for_line("^web ready")
    shared = ["--network", f"container:{first.name}"]
    folder = tmp_path / "second"
    folder.mkdir()
    second = start(SERVICES, options=[*mounted(folder, DB), *shared])
    second.wait_for_line("^db ready")
    third = start(WITH_REEVE, "sleep", "1000", options=shared)
    assert set(first.services()) == {"web"}
    assert set(second.services()) == {"db"}
    assert third.reevectl("status").returncode == 2


def test_the_one_command_has_no_socket(start):
    container = start(WITH_REEVE, "sleep", "1000")
    container.find("sleep")
    assert container.reevectl("status").returncode == 2
    assert not container.path("/run/reeve").exists()

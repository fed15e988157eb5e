"""Programs that do not run as root, what they own, and what they are allowed to."""

import os
import subprocess

import pytest
from container import Starter, mounted
from processes import read_proc, state, status, wait_until

ACCOUNTS = "accounts"
AS_APP = "as-app"  # its entry point is reeve -o user=app
APP = 1000
HOME = "/var/app"
AMPLE = 20

WRITES = "command = sh -c 'echo written >>/var/app/log'\n"
READS = "command = sh -c 'cat /var/app/settings /var/app/data/one'\n"
IS_APP = "user = app\n"
OWNS = "chown = /var/app:recursive\n"

NOTHING_MORE = ["--security-opt", "no-new-privileges"]
FEWEST = ["--cap-drop", "ALL", "--cap-add", "SETUID", "--cap-add", "SETGID", "--cap-add", "CHOWN"]


def service(*lines):
    return "".join(["[service app]\nrestart = no\n", *lines])


# -- a volume that belongs to root


class Volume:
    """A folder of the host, as somebody left it who is root: what root alone can read, and a link."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "data").mkdir(parents=True)
        for name in ("settings", "data/one"):
            (folder / name).write_text(f"{name}\n")
            (folder / name).chmod(0o600)
        (folder / "link").symlink_to("/etc/passwd")
        self.options = ["--volume", f"{folder}:{HOME}"]

    def status(self):
        """Of all that is in it."""
        found = [self.folder, *self.folder.rglob("*")]
        return {str(path.relative_to(self.folder)): path.lstat() for path in found}

    def owners(self):
        return {(found.st_uid, found.st_gid) for found in self.status().values()}

    def changed(self):
        """When the inode of each was last changed."""
        return {name: found.st_ctime_ns for name, found in self.status().items()}

    def text(self, name):
        return (self.folder / name).read_text()


@pytest.fixture
def volume(tmp_path):
    return Volume(tmp_path / "volume")


@pytest.fixture
def run(start_services, volume):
    """Runs services on the volume to their end."""

    def run_them(text, *options):
        container = start_services(text, *volume.options, *options, image=ACCOUNTS)
        container.wait()
        return container

    return run_them


def test_docker_run_user_does_not_get_at_a_volume_of_root(run, volume):
    container = run(service(WRITES), "--user", f"{APP}:{APP}")
    assert container.code != 0
    assert "Permission denied" in container.errors()
    assert volume.owners() == {(0, 0)}


def test_a_user_alone_does_not_get_at_a_volume_of_root(run, volume):
    container = run(service(WRITES, IS_APP))
    assert container.code != 0
    assert "Permission denied" in container.errors()
    assert volume.owners() == {(0, 0)}


def test_a_user_whose_volume_it_becomes_gets_at_it(run, volume):
    container = run(service(WRITES, IS_APP, OWNS))
    assert container.code == 0
    assert volume.text("log") == "written\n"
    assert volume.owners() == {(APP, APP)}


def test_a_volume_without_recursive_is_its_folder_alone(run, volume):
    container = run(service(WRITES, IS_APP, "chown = /var/app\n"))
    assert container.code == 0
    owners = {name: found.st_uid for name, found in volume.status().items()}
    assert owners == {".": APP, "log": APP, "settings": 0, "data": 0, "data/one": 0, "link": 0}


def test_the_second_start_changes_nothing_in_a_volume(run, volume):
    before = volume.changed()
    first = run(service(READS, IS_APP, OWNS))
    between = volume.changed()
    second = run(service(READS, IS_APP, OWNS))
    assert (first.code, second.code) == (0, 0)
    assert all(between[name] > before[name] for name in before)
    assert volume.changed() == between


def test_a_folder_is_made_in_a_volume_of_root(run, volume):
    command = "command = sh -c 'echo written >/var/app/cache/deep/file'\n"
    container = run(service(command, IS_APP, "mkdir = /var/app/cache/deep\n"))
    assert container.code == 0
    owners = {name: found.st_uid for name, found in volume.status().items()}
    assert (owners["cache"], owners["cache/deep"], owners["cache/deep/file"]) == (0, APP, APP)


def test_each_instance_has_a_folder_of_its_own(run, volume):
    each = "instances = 2\ntype = oneshot\ndirectory = /var/app/%i\ncommand = sh -c 'echo written >log'\n"
    container = run(service(each, IS_APP, "mkdir = /var/app/%i\n"))
    assert container.code == 0
    assert volume.text("1/log") == volume.text("2/log") == "written\n"


# -- a volume of two file systems


@pytest.fixture
def layered(tmp_path):
    """A volume whose files lie on another file system than its folders seem to; and a mounted file."""
    lower, upper, work, merged = (tmp_path / name for name in ("lower", "upper", "work", "merged"))
    for folder in (lower, upper, work, merged):
        folder.mkdir()
    outside = tmp_path / "outside"
    outside.write_text("root's\n")
    mounts = []

    def mount(*words):
        subprocess.run(["mount", *words], check=True)
        mounts.append(words[-1])

    try:
        mount("-t", "tmpfs", "none", lower)
        Volume(lower)
        (lower / "mounted").touch()
        mount("-t", "overlay", "none", "-o", f"lowerdir={lower},upperdir={upper},workdir={work},xino=off", merged)
        mount("--bind", outside, merged / "mounted")
        yield merged
    finally:
        for place in reversed(mounts):
            subprocess.run(["umount", place], check=True)


def test_files_of_an_overlay_are_given_and_mounted_ones_are_not(start_services, layered):
    assert (layered / "settings").stat().st_dev != layered.stat().st_dev
    options = ["--volume", f"{layered}:{HOME}"]
    container = start_services(service(READS, IS_APP, OWNS), *options, image=ACCOUNTS)
    assert container.wait() == 0
    owners = {path.name: path.lstat().st_uid for path in layered.rglob("*")}
    assert owners == {"settings": APP, "data": APP, "one": APP, "link": APP, "mounted": 0}


# -- containers from which much was taken away


@pytest.mark.parametrize(
    "confinement",
    [["--read-only"], NOTHING_MORE, FEWEST, ["--read-only", *NOTHING_MORE, *FEWEST]],
    ids=["read-only-root", "no-new-privileges", "fewest-capabilities", "all-together"],
)
def test_a_confined_container_gives_its_volume_and_changes_nothing_at_the_second_start(run, volume, confinement):
    text = service(READS, IS_APP, OWNS)
    first = run(text, *confinement)
    between = volume.changed()
    second = run(text, *confinement)
    assert (first.code, second.code) == (0, 0), first.errors() + second.errors()
    assert volume.owners() == {(APP, APP)}
    assert volume.changed() == between


def test_a_folder_that_is_closed_to_root_without_capabilities_is_told(run, volume):
    text = service(READS, IS_APP, OWNS)
    (volume.folder / "data").chmod(0o700)
    assert run(text, *FEWEST).code == 0
    closed = run(text, *FEWEST)
    assert closed.code == 126
    assert "reeve: app: cannot be given /var/app/data: Permission denied" in closed.messages()
    assert run(text, *FEWEST, "--cap-add", "DAC_READ_SEARCH").code == 0


def test_a_volume_cannot_be_given_without_the_capability_and_that_is_told(run, volume):
    container = run(service(READS, IS_APP, OWNS), "--cap-drop", "CHOWN")
    assert container.code == 126
    assert "reeve: app: cannot start: /var/app: Operation not permitted (ownership)" in container.messages()
    assert volume.owners() == {(0, 0)}


STAYS = "command = sh -c 'trap \"echo asked; exit\" TERM; echo ready; sleep 1000 & wait'\n"
CANNOT_STOP = "reeve runs without the capability KILL, and can neither stop a process of 1000 nor pass on signals"


def stop_confined(start_services, *options):
    container = start_services(service(STAYS, IS_APP), *FEWEST, *options, image=ACCOUNTS)
    container.wait_for_line("^ready")
    container.stop(1)
    return container


def test_a_user_that_reeve_may_not_stop_is_told_at_the_start(start_services):
    container = stop_confined(start_services)
    assert container.messages()[0].endswith(f" warning: [service app] user: {CANNOT_STOP}")
    assert "asked" not in container.log()


def test_with_the_capability_to_kill_a_user_is_asked_and_no_warning_is_said(start_services):
    container = stop_confined(start_services, "--cap-add", "KILL")
    assert "asked" in container.log()
    assert "warning" not in container.errors()


FIRST = "[service first]\ntype = oneshot\ncommand = touch /tmp/started\n"


@pytest.mark.parametrize(
    "confinement, who",
    [(["--cap-drop", "ALL"], "0:0"), (["--user", "1234"], "1234:0"), (["--user", f"{APP}:7"], f"{APP}:7")],
    ids=["no-capabilities", "another-user", "another-group"],
)
def test_where_a_user_cannot_be_had_nothing_is_started_and_one_line_says_why(start_services, confinement, who):
    container = start_services(FIRST + service(WRITES, IS_APP), *confinement, image=ACCOUNTS)
    assert container.wait() == 125
    assert container.messages()[0].endswith(
        f" [service app] user: cannot become {APP}:{APP}, reeve runs as {who} and may not change that"
    )
    assert container.file("/tmp/started") is None


def test_a_user_that_the_image_does_not_know_is_told_and_nothing_is_started(start_services):
    container = start_services(FIRST + service(WRITES, "user = ap\n"), image=ACCOUNTS)
    assert container.wait() == 125
    assert container.messages()[0].endswith(" [service app] user: 'ap': not in /etc/passwd")
    assert container.file("/tmp/started") is None


def test_docker_run_as_the_very_user_needs_no_capability(run, volume):
    for path in [volume.folder, *volume.folder.rglob("*")]:
        os.lchown(path, APP, APP)
    before = volume.changed()
    container = run(service(READS, IS_APP, OWNS), "--user", f"{APP}:{APP}", "--cap-drop", "ALL")
    assert container.code == 0
    assert volume.changed() == before


# -- one command


def test_reeve_runs_a_command_as_a_user_as_gosu_does_and_stays_its_init(start):
    container = start(AS_APP, "sh", "-c", "echo $(busybox id) $HOME $USER; sleep 1000; true")
    groups = "groups=1000(app),2000(media)"
    assert container.wait_for_line("^uid=.*")[0] == f"uid=1000(app) gid=1000(app) {groups} /var/app app"
    assert status(container.pid)["Uid"].split() == ["0"] * 4
    assert status(container.find("sleep"))["Uid"].split() == [str(APP)] * 4
    container.stop(AMPLE)
    assert container.code == 143


@pytest.mark.parametrize("user", ["app", "app:app", "1000", "app:2000", "1234", "1234:2000", "0"])
def test_user_of_docker_run_and_user_of_reeve_come_to_the_same(start, user):
    report = ["sh", "-c", "echo $(busybox id) $HOME"]
    by_docker = start(ACCOUNTS, "--", *report, options=["--user", user])
    by_reeve = start(ACCOUNTS, "-o", f"user={user}", "--", *report)
    assert by_docker.wait() == by_reeve.wait() == 0
    assert by_reeve.log() == by_docker.log() != ""


def test_a_command_as_a_user_can_open_its_outputs_anew(start):
    container = start(AS_APP, "sh", "-c", "echo one >/dev/stdout; echo two >/dev/stderr")
    assert container.wait() == 0
    assert container.log() == "one\ntwo\n"


def test_a_command_as_a_user_has_no_capabilities(start):
    container = start(AS_APP, "sleep", "1000")
    found = status(container.find("sleep"))
    assert {int(found[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")} == {0}


# -- capabilities

LISTENS = ["busybox", "httpd", "-f", "-p", "127.0.0.1:80"]
PRIVILEGED_PORTS = ["--sysctl", "net.ipv4.ip_unprivileged_port_start=1024"]
MAY_BIND = ["-o", "capabilities=NET_BIND_SERVICE"]
NET_BIND_SERVICE = 1 << 10


def listens(container):
    """Whether anybody does on port 80."""
    return any(line.split()[1].endswith(":0050") for line in read_proc(container.pid, "net/tcp").splitlines()[1:])


def test_a_user_cannot_listen_on_port_80(start):
    container = start(AS_APP, *LISTENS, options=PRIVILEGED_PORTS)
    assert container.wait() == 1
    assert "Permission denied" in container.errors()


@pytest.mark.parametrize("options", [[], NOTHING_MORE], ids=["docker", "no-new-privileges"])
def test_a_user_with_that_capability_listens_on_port_80_and_has_no_other_one(start, options):
    container = start(ACCOUNTS, "-o", "user=app", *MAY_BIND, "--", *LISTENS, options=[*PRIVILEGED_PORTS, *options])
    httpd = status(container.find("busybox"))
    answer = container.engine.try_docker("exec", container.name, "busybox", "wget", "-O-", "http://127.0.0.1/none")
    assert b"404 Not Found" in answer.stderr
    assert httpd["Uid"].split() == [str(APP)] * 4
    assert {int(httpd[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapAmb")} == {NET_BIND_SERVICE}


def test_a_capability_that_the_container_lacks_is_told_and_the_program_is_not_started(start):
    options = ["--cap-drop", "NET_BIND_SERVICE"]
    container = start(ACCOUNTS, "-o", "user=app", *MAY_BIND, "--", "touch", "/tmp/started", options=options)
    assert container.wait() == 126
    assert "reeve: touch: cannot start: capabilities: Operation not permitted (capabilities)" in container.messages()
    assert container.file("/tmp/started") is None


# -- secrets

SECRET = "correct horse battery staple"
SECRET_PLACE = "/run/secrets/token"
KNOWS = """
command = sh -c 'cat /run/secrets/token; test "$TOKEN" = "correct horse battery staple" && echo known; sleep 1000'
"""


@pytest.fixture
def secret(tmp_path):
    """Options of docker run for a secret that only root can read."""

    def mount_it(text):
        options = mounted(tmp_path, text, SECRET_PLACE)
        (tmp_path / "token").chmod(0o400)
        return options

    return mount_it


def test_a_program_knows_a_secret_that_only_root_can_read(start_services, secret):
    text = service(KNOWS, IS_APP, f"env-from-file = TOKEN:{SECRET_PLACE}\n")
    container = start_services(text, *secret(f"{SECRET}\n"), image=ACCOUNTS)
    container.wait_for_line("^known")
    assert "Permission denied" in container.errors()


def shown(container):
    """All that docker tells of a container."""
    told = container.engine.docker("inspect", container.name)
    return told + container.log()


def test_docker_inspect_and_docker_logs_do_not_show_a_secret(start_services, secret):
    text = service(KNOWS.replace(SECRET, "none"), IS_APP, f"env-from-file = TOKEN:{SECRET_PLACE}\n")
    told = "a word that everybody may know"
    options = ["--env", "REEVE_LOG_LEVEL=debug", "--env", f"TOLD={told}"]
    container = start_services(text, *secret(SECRET), *options, image=ACCOUNTS)
    container.find("sleep")
    assert told in shown(container)
    assert SECRET not in shown(container)


def test_a_secret_that_cannot_be_used_is_not_shown_either(start_services, secret):
    text = service(KNOWS.replace(SECRET, "none"), IS_APP, f"env-from-file = TOKEN:{SECRET_PLACE}\n")
    container = start_services(text, *secret(f"{SECRET}\0{SECRET}"), image=ACCOUNTS)
    assert container.wait() == 126
    assert f"cannot start: {SECRET_PLACE}" in container.errors()
    assert SECRET not in shown(container)


# -- the example: gosu and reeve beside each other

by_both = pytest.mark.parametrize("tool", ["gosu", "reeve"])


@pytest.fixture(scope="module")
def start_example(dockerd, build_example):
    """Builds both images of the example; starts one of them with its volume in a folder."""
    images = {tool: build_example("identity", f"Dockerfile.{tool}") for tool in ("gosu", "reeve")}
    starter = Starter(dockerd)
    yield lambda tool, volume, *options: starter(images[tool], options=[*volume.options, *options])
    starter.close()


@by_both
def test_the_program_of_the_example_runs_as_its_user_and_writes_to_a_volume_of_root(start_example, volume, tool):
    container = start_example(tool, volume)
    line = container.wait_for_line("^app runs as app, PID .*, its home is /var/app$")[0]
    assert volume.text("log") == f"{line}\n"
    assert volume.owners() == {(APP, APP)}
    assert status(container.find("sleep"))["Uid"].split() == [str(APP)] * 4


@by_both
def test_the_program_of_the_example_runs_under_docker_run_user_too(start_example, volume, tool):
    os.chown(volume.folder, APP, APP)
    for path in volume.folder.rglob("*"):
        os.lchown(path, APP, APP)
    container = start_example(tool, volume, "--user", f"{APP}:{APP}")
    container.wait_for_line("^app runs as app, ")


def changes_of_the_second_start(start_example, volume, tool):
    start_example(tool, volume).wait_for_line("^app runs")
    before = volume.changed()
    start_example(tool, volume).wait_for_line("^app runs")
    after = volume.changed()
    return {name for name in before if after[name] != before[name]}


def test_gosu_s_script_changes_every_file_at_the_second_start(start_example, volume):
    assert changes_of_the_second_start(start_example, volume, "gosu") == set(volume.status())


def test_reeve_changes_no_file_at_the_second_start(start_example, volume):
    assert changes_of_the_second_start(start_example, volume, "reeve") == {"log"}  # which the program does


def test_under_gosu_the_orphan_of_the_program_stays_a_zombie(start_example, volume):
    container = start_example("gosu", volume)
    container.wait_for_line("^app runs")
    wait_until(lambda: [state(pid) for pid in container.pids()] == ["S", "Z"], "the orphan is a zombie")


def test_under_reeve_the_orphan_of_the_program_is_reaped(start_example, volume):
    container = start_example("reeve", volume, "--env", "REEVE_LOG_LEVEL=debug")
    container.wait_for_line("^reeve: reaped orphan")
    assert [state(pid) for pid in container.pids()] == ["S", "S"]


def test_gosu_s_program_does_not_hear_docker_stop_and_reeve_s_does(start_example, volume):
    codes = {}
    for tool, timeout in (("gosu", 1), ("reeve", AMPLE)):
        container = start_example(tool, volume)
        container.wait_for_line("^app runs")
        container.find("sleep")
        container.stop(timeout)
        codes[tool] = container.code
    assert codes == {"gosu": 137, "reeve": 143}

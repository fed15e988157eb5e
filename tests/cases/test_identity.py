"""user, group, groups, capabilities and limits: what the program of a service is, as the kernel has it."""

import os
import re
import shutil
import signal

import pytest

import accounts
from accounts import NO_CAPABILITIES, bit
from harness import REEVE, traced, tracing
from services import events, finished, said_of, start

CHOWN, KILL, SETPCAP, NET_BIND_SERVICE, NET_RAW, SYS_CHROOT = 0, 5, 8, 10, 13, 18
SETS = ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")
SERVICE = "[service web]\ntype = oneshot\ndirectory = /\n"
ROOTS_GROUPS = ["setpriv", "--groups", "61901,61902"]


class Place:
    """A folder that every user may enter, and the accounts that a reeve started there finds."""

    def __init__(self, folder):
        self.folder = folder
        self.accounts = accounts.install(folder)
        self.show = f"sh {folder}/show"

    def shown_with(self, reeve, settings, before=(), **options):
        """What a service with these settings is."""
        run = finished(reeve, self.folder, f"{SERVICE}command = {self.show}\n{settings}\n", before=[*self.accounts, *before], **options)
        assert run.code == 0, run.err.text()
        return accounts.shown(run.out.lines())

    def finished(self, reeve, settings, *words, before=(), **options):
        return finished(reeve, self.folder, settings, *words, before=[*self.accounts, *before], **options)


@pytest.fixture
def place(public_path):
    return Place(public_path)


def ids(found):
    """Its user and group, where all four numbers are the same, and its supplementary groups."""
    assert len(set(found["Uid"])) == len(set(found["Gid"])) == 1 and len(found["Uid"]) == len(found["Gid"]) == 4, found
    return found["Uid"][0], found["Gid"][0], sorted(found["Groups"])


def capabilities(found):
    return tuple(found[name] for name in SETS)


def variables(found):
    return tuple(found[name] for name in ("HOME", "USER", "LOGNAME", "SHELL"))


APP = (61001, 61101, [61101, 61201, 61202])
APP_VARIABLES = ("/srv/app", "app", "app", "/bin/sh")
ROOT_VARIABLES = {"HOME": "/root", "USER": "root", "LOGNAME": "root", "SHELL": "/bin/zsh"}


# -- who it is


@pytest.mark.parametrize(
    "settings, expected, expected_variables",
    [
        ("user = app", APP, APP_VARIABLES),
        ("user = 61001", APP, APP_VARIABLES),
        ("user = bare", (61003, 61103, [61103]), ("/", "bare", "bare", "/bin/sh")),
        ("user = 61004", (61004, 0, [0]), ("/", "unset", "unset", "/bin/sh")),
        ("user = 61005", (61005, 0, [0]), ("/", "unset", "unset", "/bin/sh")),  # a comment has this number
        ("user = app:other", (61001, 61203, [61203]), APP_VARIABLES),
        ("user = app:61301", (61001, 61301, [61301]), APP_VARIABLES),
        ("user = 61001:61101", (61001, 61101, [61101]), APP_VARIABLES),
        ("user = 61004:61301", (61004, 61301, [61301]), ("/", "unset", "unset", "/bin/sh")),
        ("user = app\ngroup = other", (61001, 61203, [61203]), APP_VARIABLES),
        ("group = logs", (0, 61201, [61201]), tuple(ROOT_VARIABLES.values())),
        ("group = 61301", (0, 61301, [61301]), tuple(ROOT_VARIABLES.values())),
        ("user = app\ngroups = media 61302", (61001, 61101, [61101, 61202, 61302]), APP_VARIABLES),
        ("user = app:other\ngroups = other media", (61001, 61203, [61202, 61203]), APP_VARIABLES),
        ("groups = media other", (0, 0, [0, 61202, 61203]), tuple(ROOT_VARIABLES.values())),
        ("user = root", (0, 0, [0]), ("/root", "root", "root", "/bin/bash")),
        ("user = 0", (0, 0, [0]), ("/root", "root", "root", "/bin/bash")),
        ("", (0, 0, [61901, 61902]), tuple(ROOT_VARIABLES.values())),
    ],
)
def test_it_is_who_the_file_says_with_no_group_of_reeves_left_over(reeve, place, settings, expected, expected_variables):
    found = place.shown_with(reeve, settings, before=ROOTS_GROUPS, env=ROOT_VARIABLES)
    assert ids(found) == expected
    assert variables(found) == expected_variables
    assert (found["cwd"], found["NoNewPrivs"]) == ("/", "0")


@pytest.mark.parametrize("option, expected", [("user=app", APP), ("user=61004:61301", (61004, 61301, [61301])), ("group=logs", (0, 61201, [61201]))])
def test_one_command_is_who_an_option_says(reeve, place, option, expected):
    run = reeve.finished("-o", option, "--", "sh", str(place.folder / "show"), before=[*place.accounts, *ROOTS_GROUPS])
    assert run.code == 0 and run.err.text() == ""
    assert ids(accounts.shown(run.out.lines())) == expected


def test_without_any_of_these_keys_one_command_is_who_reeve_is(reeve, place):
    run = reeve.finished("--", "sh", str(place.folder / "show"), before=[*place.accounts, *ROOTS_GROUPS], env=ROOT_VARIABLES)
    found = accounts.shown(run.out.lines())
    assert ids(found) == (0, 0, [61901, 61902])
    assert variables(found) == tuple(ROOT_VARIABLES.values())


def test_what_is_written_wins_over_the_variables_of_the_user(reeve_not_pid_1, place):
    found = place.shown_with(reeve_not_pid_1, "user = app\nclear-env = yes\nenvironment = HOME=/own SHELL=/own/shell PATH=/usr/sbin:/usr/bin:/sbin:/bin")
    assert variables(found) == ("/own", "app", "app", "/own/shell")


def test_the_variables_of_the_user_can_be_used_in_a_file_of_variables(reeve_not_pid_1, place):
    (place.folder / "some.env").write_text("HOME=${HOME}/data\nUSER='$USER'\nLOGNAME\n")
    found = place.shown_with(reeve_not_pid_1, "user = app\nenv-file = HERE/some.env", env={"LOGNAME": "reeves"})
    assert variables(found) == ("/srv/app/data", "$USER", "reeves", "/bin/sh")


def test_without_files_of_accounts_numbers_work(reeve, place):
    empty = ["unshare", "--mount", "sh", "-ec", 'mount -t tmpfs none /etc; exec "$@"', "sh"]
    run = finished(reeve, place.folder, f"{SERVICE}command = /bin/sh {place.folder}/show\nuser = 61004:61301\ngroups = 61302\n", before=empty)
    assert run.code == 0, run.err.text()
    assert ids(accounts.shown(run.out.lines())) == (61004, 61301, [61301, 61302])


def test_the_files_of_accounts_are_read_at_each_start(reeve_not_pid_1, place):
    """Its first run gives its user another number."""
    run = place.finished(reeve_not_pid_1, "[service edit]\ntype = oneshot\ndirectory = /\n"
                         f"command = sed -i s/61001/61009/ {place.folder}/copy\n"
                         "[service web]\ntype = oneshot\ndirectory = /\nafter = edit\nuser = app\n"
                         f"command = sh {place.folder}/show\n", before=replaced_by_copy(place, "passwd"))
    assert run.code == 0, run.err.text()
    assert accounts.shown(run.out.lines())["Uid"] == [61009] * 4


def replaced_by_copy(place, name):
    """Goes before reeve: the file in /etc is a link to a copy that a service may write anew."""
    shutil.copy(place.folder / name, place.folder / "copy")
    script = f'mkdir {place.folder}/etc; mount -t tmpfs none {place.folder}/etc; cp /etc/ld.so.cache /etc/passwd /etc/group {place.folder}/etc; ' \
             f'ln -sf {place.folder}/copy {place.folder}/etc/{name}; mount --bind {place.folder}/etc /etc; exec "$@"'
    return ["sh", "-ec", script, "sh"]


@pytest.mark.parametrize(
    "file, settings, gone, said",
    [
        ("passwd", "user = app", "app", "user 'app': not in /etc/passwd"),
        ("group", "group = other", "other", "group 'other': not in /etc/group"),
        ("group", "user = app\ngroup = other", "other", "group 'other': not in /etc/group"),
        ("group", "user = app\ngroups = logs other media", "other", "groups 'other': not in /etc/group"),
    ],
)
def test_who_is_gone_when_it_is_started_fails_it_for_good(reeve_not_pid_1, place, file, settings, gone, said):
    run = place.finished(reeve_not_pid_1, "[service edit]\ntype = oneshot\ndirectory = /\n"
                         f"command = sed -i /^{gone}:/d {place.folder}/copy\n"
                         f"[service web]\ndirectory = /\nafter = edit\nrestart = always\n{settings}\ncommand = true\n",
                         before=replaced_by_copy(place, file))
    assert run.code == 126
    assert said_of(run, "web") == [f"cannot start: {said} (identity)"]


# -- what it may do


def kept(*numbers):
    return sum(bit(number) for number in numbers)


@pytest.mark.parametrize(
    "settings, set_of_all",
    [
        ("user = app\ncapabilities = NET_BIND_SERVICE", kept(NET_BIND_SERVICE)),
        ("user = app\ncapabilities = cap_net_raw KILL", kept(NET_RAW, KILL)),
        ("user = app\ncapabilities = none", NO_CAPABILITIES),
        ("capabilities = NET_BIND_SERVICE CHOWN", kept(NET_BIND_SERVICE, CHOWN)),
        ("capabilities = none", NO_CAPABILITIES),
        ("user = root\ncapabilities = SYS_CHROOT", kept(SYS_CHROOT)),
        ("user = app\ncapabilities = NET_BIND_SERVICE\nno-new-privileges = yes", kept(NET_BIND_SERVICE)),
    ],
)
def test_it_has_the_capabilities_that_it_keeps_in_all_sets(reeve, place, settings, set_of_all):
    found = place.shown_with(reeve, settings)
    assert capabilities(found) == (set_of_all,) * 5
    assert found["NoNewPrivs"] == ("1" if "no-new" in settings else "0")


def test_without_the_key_they_are_left_as_they_are(reeve, place):
    everything = accounts.own_capabilities()
    assert capabilities(place.shown_with(reeve, "")) == (0, everything, everything, everything, 0)
    assert capabilities(place.shown_with(reeve, "user = app")) == (0, 0, 0, everything, 0)


def test_a_capability_that_reeve_has_not_is_an_error_with_its_stage(reeve, place):
    run = place.finished(reeve, f"{SERVICE}user = app\ncapabilities = NET_RAW\ncommand = true\n", before=["setpriv", "--bounding-set=-net_raw", "--inh-caps=-net_raw"])
    assert run.code == 126
    assert said_of(run, "web") == ["cannot start: capabilities: Operation not permitted (capabilities)"]


TRY = '''\
import os
def attempt(call, *words):
    try:
        call(*words)
        return "can"
    except PermissionError:
        return "cannot"
print(attempt(os.setuid, 0), attempt(os.setreuid, -1, 0), attempt(os.setresuid, -1, -1, 0), attempt(os.setgid, 0),
      attempt(os.setresgid, -1, -1, 0), attempt(os.setgroups, [0]), attempt(os.chroot, "/"))
'''


@pytest.mark.parametrize("settings", ["user = app", "user = app\ncapabilities = NET_BIND_SERVICE", "user = 61004:61301\nno-new-privileges = yes"])
def test_it_cannot_become_root_again(reeve_not_pid_1, place, settings):
    (place.folder / "try.py").write_text(TRY)
    run = place.finished(reeve_not_pid_1, f"{SERVICE}command = /usr/bin/python3 {place.folder}/try.py\n{settings}\n")
    assert run.out.lines() == [" ".join(["cannot"] * 7)]


def test_a_set_user_id_program_makes_root_of_it_unless_that_is_ruled_out(reeve, place):
    shutil.copy("/usr/bin/id", place.folder / "id")
    (place.folder / "id").chmod(0o6755)
    for settings, expected in (("", "0"), ("no-new-privileges = yes", "61001"), ("no-new-privileges = no", "0")):
        run = place.finished(reeve, f"{SERVICE}user = app\n{settings}\ncommand = {place.folder}/id -u\n")
        assert run.out.lines() == [expected]


def test_what_is_denied_to_its_group_stays_denied_to_a_set_group_id_program(reeve_not_pid_1, place):
    shutil.copy("/usr/bin/cat", place.folder / "cat")
    os.chown(place.folder / "cat", 0, 61203)
    (place.folder / "cat").chmod(0o2755)
    (place.folder / "denied").write_text("to the group alone\n")
    os.chown(place.folder / "denied", 0, 61101)
    (place.folder / "denied").chmod(0o604)
    for settings in ("user = app", "user = app:app", "user = app\ngroups = logs"):
        run = place.finished(reeve_not_pid_1, f"{SERVICE}{settings}\ncommand = {place.folder}/cat {place.folder}/denied\n")
        assert (run.code, run.out.text()) == (1, "")


# -- its limits


def test_limits_and_priorities_are_those_of_the_file(reeve, place):
    settings = ("limit-nofile = 100:200\nlimit-core = 0\nlimit-nproc = 500:1K\nlimit-memlock = 64K\nlimit-stack = 1M:2M\nlimit-as = 2G:4G\n"
                "limit-fsize = 1M:unlimited\nnice = 7\noom-score-adj = 321\nionice = best-effort:6\numask = 0027\n")
    for more in ("user = app\n", ""):
        found = place.shown_with(reeve, settings + more)
        assert {name: value for name, value in found.items() if name.startswith("limit-")} == {
            "limit-nofile": ("100", "200"), "limit-core": ("0", "0"), "limit-nproc": ("500", "1024"), "limit-memlock": ("65536", "65536"),
            "limit-stack": ("1048576", "2097152"), "limit-as": ("2147483648", "4294967296"), "limit-fsize": ("1048576", "unlimited"),
        }
        assert (found["nice"], found["oom-score-adj"], found["ionice"], found["umask"]) == ("7", "321", "best-effort: prio 6", "0027")


@pytest.mark.parametrize("written, expected", [("idle", "idle"), ("best-effort", "best-effort: prio 4"), ("realtime:2", "realtime: prio 2")])
def test_the_class_of_input_and_output_is_that_of_the_file(reeve_not_pid_1, place, written, expected):
    assert place.shown_with(reeve_not_pid_1, f"ionice = {written}")["ionice"] == expected


def test_what_is_not_written_is_inherited(reeve_not_pid_1, place):
    before = ["prlimit", "--nofile=333:444", "--fsize=5000000:6000000", "nice", "-n", "4", "ionice", "-c", "3", "choom", "-n", "222", "--"]
    found = place.shown_with(reeve_not_pid_1, "user = app", before=before, umask=0o026)
    assert (found["limit-nofile"], found["limit-fsize"]) == (("333", "444"), ("5000000", "6000000"))
    assert (found["nice"], found["ionice"], found["oom-score-adj"], found["umask"]) == ("4", "idle", "222", "0026")


# -- the order


# What each call is called in the order; the first of several of a kind counts.
STEPS = [
    ("mkdir", r'^mkdirat\(.*"made"'),
    ("chown", r"^fchownat\("),
    ("oom", r'^open(at)?\(.*oom_score_adj", O_WRONLY'),
    ("nice", r"^setpriority\("),
    ("ionice", r"^ioprio_set\("),
    ("limit", r"^(setrlimit|prlimit64)\(.*RLIMIT_FSIZE, (NULL, )?\{.*rlim_cur=11000"),
    ("bounding set", r"^prctl\(PR_CAPBSET_DROP, (CAP_CHOWN|0)"),
    ("keep", r"^prctl\(PR_SET_KEEPCAPS, 1"),
    ("groups", r"^setgroups\("),
    ("gid", r"^setresgid\(61101, 61101, 61101\)"),
    ("uid", r"^setresuid\(61001, 61001, 61001\)"),
    ("capset", r"^capset\("),
    ("ambient", r"^prctl\(PR_CAP_AMBIENT, (PR_CAP_AMBIENT_RAISE|0x2)"),
    ("no new privileges", r"^prctl\(PR_SET_NO_NEW_PRIVS, 1"),
    ("umask", r"^umask\(025"),
    ("directory", r'^chdir\("/usr"'),
    ("exec", r'^execve\("/usr/bin/true"'),
]


def test_the_steps_come_in_the_order_in_which_each_is_still_possible(reeve_not_pid_1, place):
    log = place.folder / "calls"
    calls = "mkdirat,fchownat,?open,openat,setpriority,ioprio_set,setrlimit,prlimit64,prctl,setgroups,setresgid,setresuid,capset,umask,chdir,execve"
    run = place.finished(reeve_not_pid_1, "[service web]\ntype = oneshot\ncommand = /usr/bin/true\nuser = app\nmkdir = HERE/made\nchown = HERE/made\n"
                         "oom-score-adj = 100\nnice = 1\nionice = idle\nlimit-fsize = 11000\ncapabilities = NET_BIND_SERVICE\nno-new-privileges = yes\n"
                         "umask = 0025\ndirectory = /usr\n", around=tracing(log, calls))
    assert run.code == 0, run.err.text()
    (of_child,) = [found for found in traced(log).values() if any(re.search(STEPS[-1][1], call) for call in found)]
    where = {name: next((number for number, call in enumerate(of_child) if re.search(pattern, call)), None) for name, pattern in STEPS}
    assert None not in where.values(), where
    assert sorted(where, key=where.get) == [name for name, _ in STEPS]
    assert all(re.search(r"\) += 0", call) for call in of_child if re.search(r"^(set|capset)", call)), of_child


# -- what fails, and where


@pytest.mark.parametrize("settings, said", [
    ("user = nosuch", "user: 'nosuch': not in /etc/passwd"),
    ("user = ap", "user: 'ap': not in /etc/passwd"),
    ("user = ghost", "user: 'ghost': not in /etc/passwd"),
    ("user = 4294967295", "user: '4294967295': not in /etc/passwd"),
    ("user = app:nosuch", "group: 'nosuch': not in /etc/group"),
    ("group = nosuch", "group: 'nosuch': not in /etc/group"),
    ("groups = media nosuch", "groups: 'nosuch': not in /etc/group"),
])
def test_who_is_not_there_is_an_error_before_anything_starts(reeve_not_pid_1, place, settings, said):
    text = f"[service first]\ncommand = touch HERE/started\n[service web]\ncommand = true\n{settings}\n"
    run = place.finished(reeve_not_pid_1, text)
    assert run.code == 125
    assert run.err.lines() == [f"{place.folder}/reeve.ini:3: [service web] {said}", "reeve: 1 error in the configuration, nothing started"]
    assert not (place.folder / "started").exists()


def test_everybody_who_is_not_there_is_named_in_one_run(reeve_not_pid_1, place):
    run = place.finished(reeve_not_pid_1, "[service a]\ncommand = x\nuser = one\n[service b]\ncommand = x\nuser = app\n[service c]\ncommand = x\ngroup = two\n")
    assert run.code == 125
    assert [line.partition("] ")[2] for line in run.err.lines()[:2]] == ["user: 'one': not in /etc/passwd", "group: 'two': not in /etc/group"]


def test_one_command_with_a_user_that_is_not_there_is_125(reeve, place):
    run = reeve.finished("-o", "user=nosuch", "--", "true", before=place.accounts)
    assert run.code == 125
    assert "user: 'nosuch': not in /etc/passwd" in run.err.text()


def test_a_check_does_not_fail_for_who_is_not_there(reeve_not_pid_1, place):
    run = place.finished(reeve_not_pid_1, "[service web]\ncommand = true\nuser = nosuch\n[service b]\ncommand = true\ngroup = none\n", "--check", "-v")
    assert (run.code, run.err.text()) == (0, "")
    assert run.out.lines() == ["web: true", "    runs as somebody who is not here: user 'nosuch' is not in /etc/passwd",
                               "b: true", "    runs as somebody who is not here: group 'none' is not in /etc/group"]


def test_a_verbose_check_shows_who_each_service_would_be(reeve_not_pid_1, place):
    (place.folder / "secret").write_text("do not show this")
    text = ("[service web]\ncommand = true\nuser = app\nmkdir = /a\nchown = /b /c:recursive\ncapabilities = KILL\nno-new-privileges = yes\n"
            "env-from-file = TOKEN:HERE/secret\nlimit-nofile = 1:2\nlimit-core = unlimited\nnice = -3\noom-score-adj = 5\nionice = idle\numask = 027\n"
            "[service plain]\ncommand = true\n")
    run = place.finished(reeve_not_pid_1, text, "--check", "-v")
    assert run.code == 0
    lines = [line.strip() for line in run.out.lines()]
    for line in ("runs as app, 61001:61101, groups 61201 61202", "makes /a", "is given /b", "is given /c, recursively", "capabilities KILL", "no new privileges",
                 "limit-nofile 1:2", "limit-core unlimited:unlimited", "nice -3", "oom-score-adj 5", "ionice idle", "umask 027",
                 f"secret TOKEN from {place.folder}/secret", "runs as 0:0"):
        assert lines.count(line) == 1, (line, lines)
    assert "do not show" not in run.out.text() + run.err.text()
    assert "runs as" not in place.finished(reeve_not_pid_1, text, "--check").out.text()


def test_a_check_shows_who_one_command_would_be(reeve_not_pid_1, place):
    run = reeve_not_pid_1.finished("--check", "-v", "-o", "user=app", "--", "true", before=place.accounts)
    assert run.out.lines() == ["true, main: true", "    runs as app, 61001:61101, groups 61201 61202"]


def test_more_groups_than_fit_are_an_error(reeve_not_pid_1, place):
    groups = " ".join(str(62000 + number) for number in range(256))
    assert len(place.shown_with(reeve_not_pid_1, f"user = app\ngroups = {groups}")["Groups"]) == 257
    run = place.finished(reeve_not_pid_1, f"{SERVICE}command = true\ngroups = {groups} 1\n")
    assert run.code == 125
    assert "groups: more than 256 groups" in run.err.text()


def test_the_stage_of_what_fails_is_named(reeve_not_pid_1, place):
    """setgroups(2) is denied in a user namespace of this kind, though all capabilities are there."""
    run = reeve_not_pid_1.finished("-o", "user=0:0", "-o", "groups=0", "--", "true", before=["unshare", "--user", "--map-root-user"])
    assert run.code == 126
    assert run.err.lines() == ["reeve: true: cannot start: user '0': Operation not permitted (identity)"]
    run = reeve_not_pid_1.finished("-o", "user=0", "--", "sh", str(place.folder / "show"), before=["unshare", "--user", "--map-root-user"])
    assert run.code == 0 and accounts.shown(run.out.lines())["Uid"] == [0] * 4


def test_a_folder_that_the_user_may_not_enter_is_an_error(reeve_not_pid_1, place):
    (place.folder / "closed").mkdir(mode=0o700)
    run = place.finished(reeve_not_pid_1, "[service web]\ntype = oneshot\ncommand = true\nuser = app\ndirectory = HERE/closed\n")
    assert run.code == 126
    assert said_of(run, "web") == [f"cannot start: {place.folder}/closed: Permission denied (directory)"]


# -- helpers


def test_a_stop_command_is_who_the_service_is_and_gives_nothing_away(reeve, place):
    (place.folder / "own").mkdir()
    before = [*place.accounts, *ROOTS_GROUPS]
    run = start(reeve, place.folder, "[service web]\ndirectory = /\nuser = app\ncapabilities = NET_BIND_SERVICE\nno-new-privileges = yes\n"
                "nice = 3\nlimit-nofile = 100:200\noom-score-adj = 100\nchown = HERE/own\n"
                f"command = sh -c 'sh {place.folder}/show; echo end; exec sleep 1000'\nstop-command = sh -c 'sh {place.folder}/show; echo end'\n", before=before)
    run.line_matching("^end$")
    main = run.out.lines()
    assert os.stat(place.folder / "own").st_uid == 61001
    os.chown(place.folder / "own", 0, 0)
    run.signal(signal.SIGTERM)
    assert run.wait() == 0, run.err.text()
    helper = run.out.lines()[len(main):]
    assert accounts.shown(helper[:-1]) == accounts.shown(main[:-1])
    assert ids(accounts.shown(helper[:-1])) == APP
    assert os.stat(place.folder / "own").st_uid == 0


# -- without root


def as_somebody(uid, gid, groups=None):
    return ["setpriv", f"--reuid={uid}", f"--regid={gid}", *([f"--groups={groups}"] if groups else ["--clear-groups"])]


AS_APP = as_somebody(61001, 61101, "61201")


@pytest.fixture
def open_place(place):
    """With a reeve that every user may execute."""
    shutil.copy(REEVE, place.folder / "reeve")
    place.reeve = str(place.folder / "reeve")
    return place


@pytest.mark.parametrize("settings", ["user = app", "user = 61001", "user = app:app", "user = 61001:61101", "group = app", ""])
def test_without_root_the_own_user_works(reeve, open_place, settings):
    found = open_place.shown_with(reeve, settings, before=AS_APP, binary=open_place.reeve)
    assert ids(found) == (61001, 61101, [61201])
    if "user" in settings:
        assert variables(found) == APP_VARIABLES


@pytest.mark.parametrize(
    "settings, whom",
    [
        ("user = apple", "61002:61102"),
        ("user = root", "0:0"),
        ("user = apple:app", "61002:61101"),
        ("user = app:other", "61001:61203"),
        ("group = logs", "61001:61201"),
        ("groups = logs", "61001:61101"),
    ],
)
def test_without_root_another_user_is_one_error_before_anything_starts(reeve, open_place, settings, whom):
    text = f"[service first]\ncommand = touch HERE/started\n[service web]\ncommand = true\n{settings}\n"
    run = open_place.finished(reeve, text, before=AS_APP, binary=open_place.reeve)
    assert run.code == 125
    assert run.err.lines() == [
        f"{open_place.folder}/reeve.ini:3: [service web] user: cannot become {whom}, reeve runs as 61001:61101 and may not change that",
        "reeve: 1 error in the configuration, nothing started",
    ]
    assert not (open_place.folder / "started").exists()


def test_the_rights_to_change_ids_are_enough_and_needed(reeve_not_pid_1, open_place):
    before = ["setpriv", "--reuid=61002", "--regid=61102", "--clear-groups", "--inh-caps=+setuid,+setgid", "--ambient-caps=+setuid,+setgid"]
    assert ids(open_place.shown_with(reeve_not_pid_1, "user = app", before=before, binary=open_place.reeve)) == APP
    for one in ("setuid", "setgid"):
        before[-2:] = [f"--inh-caps=+{one}", f"--ambient-caps=+{one}"]
        assert open_place.finished(reeve_not_pid_1, f"{SERVICE}command = true\nuser = app\n", before=before, binary=open_place.reeve).code == 125


def test_without_root_less_can_be_had(reeve_not_pid_1, open_place):
    found = open_place.shown_with(reeve_not_pid_1, "limit-nofile = 50:100\nlimit-core = 0\nnice = 5\nionice = best-effort:7\noom-score-adj = 400\n",
                                  before=AS_APP, binary=open_place.reeve)
    assert (found["limit-nofile"], found["limit-core"]) == (("50", "100"), ("0", "0"))
    assert (found["nice"], found["ionice"], found["oom-score-adj"]) == ("5", "best-effort: prio 7", "400")


@pytest.mark.parametrize(
    "setting, before, asked, got, has",
    [
        ("limit-nofile = 500:600", ["prlimit", "--nofile=300:400"], "600", "400", ("limit-nofile", ("400", "400"))),
        ("limit-nofile = 100:600", ["prlimit", "--nofile=300:400"], "600", "400", ("limit-nofile", ("100", "400"))),
        ("limit-fsize = unlimited", ["prlimit", "--fsize=1000000:2000000"], "unlimited", "2000000", ("limit-fsize", ("2000000", "2000000"))),
        ("nice = -5", ["nice", "-n", "2"], "-5", "2", ("nice", "2")),
        ("oom-score-adj = -100", ["choom", "-n", "50", "--"], "-100", "50", ("oom-score-adj", "50")),
        ("ionice = realtime:1", ["ionice", "-c", "2", "-n", "5"], "realtime:1", "best-effort:5", ("ionice", "best-effort: prio 5")),
    ],
)
def test_without_the_right_to_more_it_is_a_warning_and_the_service_runs(reeve_not_pid_1, open_place, setting, before, asked, got, has):
    run = open_place.finished(reeve_not_pid_1, f"{SERVICE}command = {open_place.show}\n{setting}\n", "--log-format", "json",
                              before=[*before, *as_somebody(61001, 61101)], binary=open_place.reeve)
    assert run.code == 0
    (event,) = events(run, event="lower")
    assert (event["level"], event["service"], event["key"]) == ("warn", "web", setting.split()[0])
    assert (event["asked"], event["got"]) == (asked, got)
    assert accounts.shown(run.out.lines())[has[0]] == has[1]
    run = open_place.finished(reeve_not_pid_1, f"{SERVICE}command = true\n{setting}\n", before=[*before, *as_somebody(61001, 61101)], binary=open_place.reeve)
    assert re.fullmatch(rf"reeve: warning: web: {setting.split()[0]}: asked for {asked}, got {got}: (Operation not permitted|Permission denied)", run.err.lines()[0])

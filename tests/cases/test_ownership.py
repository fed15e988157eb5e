"""chown and mkdir: what is given to the user of a service, and what never is."""

import os
import re
import signal
import stat
import subprocess
import sys

import pytest

from harness import traced, tracing
from services import finished, said_of, start

UID, GID = 54321, 54322
NOBODYS_UID = 54399
OURS = (0, 0)
THEIRS = (UID, GID)
SERVICE = f"[service web]\ntype = oneshot\ndirectory = /\nuser = {UID}:{GID}\n"
SWAPPING = os.path.join(os.path.dirname(__file__), "swapping.py")
SYMBOLIC_LINK = "is a symbolic link, or goes through one that is not root's"


def given(reeve, folder, settings, command="true", **options):
    """The end of a run that has given away what these settings say."""
    return finished(reeve, folder, f"{SERVICE}command = {command}\n{settings}\n", **options)


def owner(path):
    status = os.lstat(path)
    return status.st_uid, status.st_gid


def owners(folder):
    """Of all that is in the folder, by its path."""
    found = {}
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            path = os.path.join(place, name)
            found[os.path.relpath(path, folder)] = owner(path)
    return found


def is_refused(run, path, reason):
    """It was not started; the message names the path and says why."""
    assert run.code == 126
    stated = [line for line in said_of(run, "web") if line.startswith("cannot be given")]
    assert len(stated) == 1 and re.fullmatch(f"cannot be given {re.escape(str(path))}: ({reason})", stated[0]), run.err.text()
    assert re.search(r"cannot start: .* \(ownership\)$", run.err.text(), re.MULTILINE)
    return True


@pytest.fixture
def tree(tmp_path):
    """A folder with something of every kind, and nothing in it that leads elsewhere."""
    folder = tmp_path / "tree"
    (folder / "sub" / "inner").mkdir(parents=True)
    (folder / "empty").mkdir()
    for name in ("file", ".hidden", "sub/file", "sub/inner/file", "sub/inner/a b\n\t\\"):
        (folder / name).write_text("text")
    os.mkfifo(folder / "fifo")
    (folder / "sub" / "link").symlink_to("nowhere")
    return folder


@pytest.fixture
def outside(tmp_path):
    folder = tmp_path / "outside"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "file").write_text("text")
    return folder


def is_untouched(folder):
    return owner(folder) == OURS and set(owners(folder).values()) == {OURS}


# -- what is given


def test_a_path_is_given_and_nothing_in_it(reeve, tmp_path, tree):
    assert given(reeve, tmp_path, "chown = HERE/tree").code == 0
    assert owner(tree) == THEIRS
    assert set(owners(tree).values()) == {OURS}


def test_a_path_is_given_with_everything_in_it(reeve, tmp_path, tree, outside):
    assert given(reeve, tmp_path, "chown = HERE/tree:recursive").code == 0
    assert owner(tree) == THEIRS
    assert len(owners(tree)) == 10 and set(owners(tree).values()) == {THEIRS}
    assert owner(tmp_path) == OURS and is_untouched(outside)


def test_a_file_and_several_paths_can_be_given(reeve_not_pid_1, tmp_path, tree):
    assert given(reeve_not_pid_1, tmp_path, "chown = HERE/tree/file HERE/tree/sub:recursive HERE/tree/empty/").code == 0
    found = owners(tree)
    assert {name for name, whose in found.items() if whose == THEIRS} == {"file", "empty", *(name for name in found if name.startswith("sub"))}


def test_without_a_group_the_file_gets_that_of_the_user(reeve_not_pid_1, tmp_path, tree):
    run = finished(reeve_not_pid_1, tmp_path, f"[service web]\ntype = oneshot\ndirectory = /\nuser = {UID}\nchown = HERE/tree\ncommand = true\n")
    assert run.code == 0
    assert owner(tree) == (UID, os.getgid())


def test_what_is_there_after_each_run_is_given_before_the_next(reeve_not_pid_1, public_path):
    """Root's own program makes a file each time; it sees whose the former one is."""
    (public_path / "tree").mkdir()
    run = finished(reeve_not_pid_1, public_path, "[service web]\ndirectory = /\nrestart = on-failure:2\nrestart-delay = 1ms\n"
                   f"group = {GID}\nchown = HERE/tree:recursive\n"
                   "command = sh -c 'stat -c %g HERE/tree/*; chgrp -R 0 HERE/tree; touch HERE/tree/$$$$; exit 1'\n")
    assert run.code == 1
    counts = [int(line) for line in run.out.lines()]
    assert counts == [GID] * 3 and len(os.listdir(public_path / "tree")) == 3


def test_each_instance_is_given_its_own(reeve_not_pid_1, tmp_path):
    run = given(reeve_not_pid_1, tmp_path, "instances = 2\nmkdir = HERE/data-%i\nchown = HERE/data-%i")
    assert run.code == 0
    assert owner(tmp_path / "data-1") == owner(tmp_path / "data-2") == THEIRS
    assert not os.path.exists(tmp_path / "data-%i")


def calls_in(log):
    found = traced(log)
    assert len(found) >= 2  # reeve and the service
    return [line for lines in found.values() for line in lines if "(" in line]


def test_nothing_is_written_where_all_is_right(reeve_not_pid_1, tmp_path, tree):
    for path in [tree, *(tree / name for name in owners(tree))]:
        os.chown(path, *THEIRS, follow_symlinks=False)
    paths = [tree, *(tree / name for name in owners(tree))]
    before = [os.lstat(path).st_ctime_ns for path in paths]
    log = tmp_path / "calls"
    tracer = tracing(log, "chown,lchown,fchown,fchownat,chmod,fchmodat,utimensat")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive HERE/tree\nmkdir = HERE/tree/sub", around=tracer)
    assert run.code == 0
    assert calls_in(log) == []
    assert [os.lstat(path).st_ctime_ns for path in paths] == before


def test_only_what_is_wrong_is_written(reeve_not_pid_1, tmp_path, tree):
    assert given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive").code == 0
    os.chown(tree / "sub" / "file", UID, 0)
    log = tmp_path / "calls"
    tracer = tracing(log, "chown,lchown,fchown,fchownat")
    assert given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", around=tracer).code == 0
    assert len(calls_in(log)) == 1
    assert owner(tree / "sub" / "file") == THEIRS


# -- folders that are made


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o000], ids=oct)
def test_a_folder_is_made_for_the_user_and_those_above_it_for_all_to_enter(reeve_not_pid_1, tmp_path, mask):
    assert given(reeve_not_pid_1, tmp_path, "mkdir = HERE/a/b/c", command="sh -c umask", umask=mask).out.lines() == [f"{mask:04o}"]
    for path, whose in (("a", OURS), ("a/b", OURS), ("a/b/c", THEIRS)):
        assert (owner(tmp_path / path), mode(tmp_path / path)) == (whose, 0o755)


def test_a_folder_that_is_there_is_given_as_it_is(reeve_not_pid_1, tmp_path, tree):
    os.chmod(tree, 0o700)
    assert given(reeve_not_pid_1, tmp_path, "mkdir = HERE/tree").code == 0
    assert (owner(tree), mode(tree)) == (THEIRS, 0o700)
    assert set(owners(tree).values()) == {OURS}


def test_a_file_in_the_place_of_a_folder_is_not_given(reeve_not_pid_1, tmp_path, tree):
    run = given(reeve_not_pid_1, tmp_path, "mkdir = HERE/tree/file")
    assert is_refused(run, tree / "file", "Not a directory")
    assert owner(tree / "file") == OURS
    run = given(reeve_not_pid_1, tmp_path, "mkdir = HERE/tree/file/more")
    assert is_refused(run, tree / "file" / "more", "Not a directory")


def test_no_folder_is_made_behind_a_symbolic_link(reeve_not_pid_1, tmp_path, outside):
    (tmp_path / "link").symlink_to(tmp_path / "made")
    run = given(reeve_not_pid_1, tmp_path, "mkdir = HERE/link")
    assert is_refused(run, tmp_path / "link", SYMBOLIC_LINK)
    assert not (tmp_path / "made").exists()
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", *THEIRS)
    (tmp_path / "theirs" / "link").symlink_to(outside)
    assert given(reeve_not_pid_1, tmp_path, "mkdir = HERE/theirs/link/made").code == 126
    assert not (outside / "made").exists() and is_untouched(outside)


def test_output_can_go_to_a_file_in_a_folder_that_is_made(reeve_not_pid_1, tmp_path):
    assert given(reeve_not_pid_1, tmp_path, "mkdir = HERE/log\nstdout = HERE/log/out", command="echo said").code == 0
    assert (tmp_path / "log" / "out").read_text() == "said\n"
    assert owner(tmp_path / "log") == THEIRS


# -- symbolic links


def test_a_symbolic_link_is_not_followed_where_it_is_the_path_itself(reeve, tmp_path, outside):
    (tmp_path / "link").symlink_to("outside")
    for path in ("link", "link/", "link:recursive", "link/:recursive"):
        run = given(reeve, tmp_path, f"chown = HERE/{path}")
        assert is_refused(run, f"{tmp_path}/{path.removesuffix(':recursive')}", SYMBOLIC_LINK)
    assert owner(tmp_path / "link") == OURS and is_untouched(outside)


def test_symbolic_links_in_the_tree_are_given_themselves(reeve, tmp_path, tree, outside):
    links = {"a": "../outside", "b": outside, "c": "../outside/inner/file", "d": "/", "e": "e", "sub/f": "../../outside/inner"}
    for name, target in links.items():
        (tree / name).symlink_to(target)
    assert given(reeve, tmp_path, "chown = HERE/tree:recursive").code == 0
    assert set(owners(tree).values()) == {THEIRS}
    assert is_untouched(outside) and owner("/") == OURS


@pytest.mark.parametrize("target", ["real", "HERE/real", "./real/", "other/../real", "real/sub/..", "second"])
def test_a_leading_link_of_root_in_a_folder_of_root_is_followed(reeve_not_pid_1, tmp_path, target):
    (tmp_path / "real" / "sub" / "data").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "second").symlink_to("real")
    (tmp_path / "lead").symlink_to(target.replace("HERE", str(tmp_path)))
    assert given(reeve_not_pid_1, tmp_path, "chown = HERE/lead/sub/data").code == 0
    assert owner(tmp_path / "real" / "sub" / "data") == THEIRS
    assert owner(tmp_path / "real" / "sub") == owner(tmp_path / "real") == owner(tmp_path / "lead") == OURS


@pytest.mark.parametrize(
    "link_owner, folder_owner, folder_mode",
    [(UID, 0, 0o755), (NOBODYS_UID, 0, 0o755), (0, UID, 0o755), (0, NOBODYS_UID, 0o700), (0, 0, 0o775), (0, 0, 0o757), (0, 0, 0o1777)],
)
def test_a_leading_link_that_others_could_have_made_is_not_followed(reeve_not_pid_1, tmp_path, outside, link_owner, folder_owner, folder_mode):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "lead").symlink_to(outside)
    os.chown(folder / "lead", link_owner, 0, follow_symlinks=False)
    os.chown(folder, folder_owner, 0)
    os.chmod(folder, folder_mode)
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/folder/lead/inner:recursive")
    assert is_refused(run, folder / "lead" / "inner", SYMBOLIC_LINK)
    assert is_untouched(outside)


def test_links_in_a_circle_are_an_error_and_no_hang(reeve_not_pid_1, tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/one/data")
    assert is_refused(run, tmp_path / "one" / "data", SYMBOLIC_LINK)


# -- other file systems and hard links


def mounting(*commands):
    """Goes before reeve: mounts, seen by reeve alone, that these commands make."""
    return ["unshare", "--mount", "sh", "-ec", "; ".join([*commands, 'exec "$@"']), "sh"]


def test_another_file_system_in_the_tree_is_left_alone(reeve, tmp_path, tree):
    inner = tree / "sub" / "inner"
    before = mounting(f"mount -t tmpfs none {inner}", f"touch {inner}/other", f"mount -t tmpfs none {tree}/empty", f"chmod 755 {inner} {tmp_path}")
    run = given(reeve, tmp_path, "chown = HERE/tree:recursive", command=f"stat -c %u {inner} {inner}/other {tree}/empty {tree}/sub {tree}/sub/file", before=before)
    assert run.code == 0
    assert run.out.lines() == ["0", "0", "0", str(UID), str(UID)]


def test_what_is_mounted_in_the_tree_from_the_same_file_system_is_left_alone(reeve, tmp_path, tree, outside):
    inner = tree / "sub" / "inner"
    single = outside / "inner" / "file"
    before = mounting(f"mount --bind {outside} {inner}", f"mount --bind {single} {tree}/file", f"mount -o remount,bind,ro {tree}/file", f"chmod 755 {tmp_path}")
    run = given(reeve, tmp_path, "chown = HERE/tree:recursive", command=f"stat -c %u {tree} {tree}/sub {tree}/sub/file", before=before)
    assert run.code == 0, run.err.text()
    assert run.out.lines() == [str(UID)] * 3
    assert is_untouched(outside)


def test_a_mounted_folder_can_be_given_itself(reeve_not_pid_1, tmp_path, tree):
    before = mounting(f"mount -t tmpfs none {tree}", f"touch {tree}/other", f"chmod 755 {tmp_path}")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", command=f"stat -c %u {tree} {tree}/other", before=before)
    assert run.out.lines() == [str(UID)] * 2


def protecting_hardlinks(tmp_path, value):
    """Goes before reeve: the kernel seems to say this about them; None: there is nothing that says it."""
    if value is None:
        return mounting("mount -t tmpfs none /proc/sys/fs")
    (tmp_path / "protected_hardlinks").write_text(value)
    return mounting(f"mount --bind {tmp_path}/protected_hardlinks /proc/sys/fs/protected_hardlinks")


@pytest.mark.parametrize("value", ["0\n", "2\n", "", None], ids=["no", "something else", "nothing", "no file"])
@pytest.mark.parametrize("path", ["tree:recursive", "tree/sub/twice"])
def test_a_file_of_several_links_is_refused_where_anybody_may_make_them(reeve_not_pid_1, tmp_path, tree, outside, path, value):
    os.link(outside / "inner" / "file", tree / "sub" / "twice")
    run = given(reeve_not_pid_1, tmp_path, f"chown = HERE/{path}", before=protecting_hardlinks(tmp_path, value))
    assert is_refused(run, tree / "sub" / "twice", "Too many links")
    assert is_untouched(outside)


def test_a_file_of_several_links_is_given_where_the_kernel_protects_them(reeve_not_pid_1, tmp_path, tree, outside):
    os.link(outside / "inner" / "file", tree / "sub" / "twice")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", before=protecting_hardlinks(tmp_path, "1\n"))
    assert run.code == 0
    assert owner(outside / "inner" / "file") == THEIRS


def test_folders_and_what_is_right_are_not_refused_for_their_links(reeve_not_pid_1, tmp_path, tree, outside):
    os.link(outside / "inner" / "file", tree / "sub" / "twice")
    os.chown(outside / "inner" / "file", *THEIRS)
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree HERE/tree:recursive", before=protecting_hardlinks(tmp_path, "0\n"))
    assert run.code == 0
    assert set(owners(tree).values()) == {THEIRS}


# -- what fails


def test_what_is_not_there_is_named(reeve, tmp_path, tree):
    run = given(reeve, tmp_path, "chown = HERE/tree HERE/missing/more HERE/tree/file")
    assert is_refused(run, tmp_path / "missing" / "more", "No such file or directory")
    assert "started" not in run.err.text()
    assert owner(tree) == THEIRS and owner(tree / "file") == OURS


def test_without_the_right_to_give_the_path_in_the_tree_is_named(reeve_not_pid_1, tmp_path, tree):
    os.chown(tree / "sub" / "inner", *THEIRS)
    for name in ("file", "a b\n\t\\"):
        os.chown(tree / "sub" / "inner" / name, *THEIRS)
    before = ["setpriv", "--bounding-set=-chown", "--inh-caps=-chown"]
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree/sub/inner:recursive", before=before)
    assert run.code == 0
    os.chown(tree / "sub" / "inner" / "file", *OURS)
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree/sub/inner/:recursive", before=before)
    assert is_refused(run, tree / "sub" / "inner" / "file", "Operation not permitted")


def test_a_path_that_is_too_long_for_a_message_is_cut(reeve_not_pid_1, tmp_path):
    folder = tmp_path / "tree"
    deep = folder.joinpath(*["n" * 100] * 5)
    deep.mkdir(parents=True)
    (deep / "file").write_text("text")
    os.link(deep / "file", deep / "twice")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", before=protecting_hardlinks(tmp_path, "0\n"))
    assert run.code == 126
    shown = re.search(r"cannot be given (\S*): Too many links", run.err.text())[1]
    assert str(deep).startswith(shown) and len(shown) == 255


# -- what is deep, and what changes meanwhile


@pytest.fixture
def deep(tmp_path):
    """Makes HERE/tree, so many folders in each other; returns a descriptor of the innermost."""
    bottoms = []
    yield lambda levels: bottoms.append(make_deep(tmp_path / "tree", levels)) or bottoms[-1]
    for bottom in bottoms:
        os.close(bottom)
    subprocess.run(["rm", "-rf", tmp_path / "tree"], check=True)  # too deep for who removes tmp_path


def make_deep(folder, levels):
    folder.mkdir()
    here = os.open(folder, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    return here


@pytest.mark.parametrize("levels", [200, 2000])
def test_a_deep_tree_is_given_to_its_end(reeve_not_pid_1, tmp_path, deep, levels):
    bottom = deep(levels)
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", command="sh -c 'ulimit -n'",
                before=["prlimit", "--nofile=1024:8192"])
    assert run.code == 0, run.err.text()
    assert run.out.lines() == ["1024"]
    assert (os.fstat(bottom).st_uid, os.fstat(bottom).st_gid) == THEIRS


def test_a_wide_tree_needs_few_descriptors(reeve_not_pid_1, tmp_path):
    for number in range(100):
        (tmp_path / "tree" / f"folder-{number}").mkdir(parents=True)
        (tmp_path / "tree" / f"file-{number}").write_text("text")
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive", before=["prlimit", "--nofile=40:40"])
    assert run.code == 0, run.err.text()
    assert set(owners(tmp_path / "tree").values()) == {THEIRS}


def test_a_tree_that_is_deeper_than_any_path_is_refused(reeve_not_pid_1, tmp_path, deep):
    deep(2100)
    run = given(reeve_not_pid_1, tmp_path, "chown = HERE/tree:recursive")
    assert run.code == 126
    assert re.search(r"cannot be given \S*/tree/d/d/d/\S*: (File name too long|Filename too long)", run.err.text()), run.err.text()


def test_nothing_outside_is_given_while_the_tree_is_changed(reeve_not_pid_1, tmp_path, outside):
    """Many starts, each of which gives the tree, while its folders become links and back."""
    (tmp_path / "tree").mkdir()
    attack = reeve_not_pid_1.beside(sys.executable, SWAPPING, str(tmp_path / "tree"), str(outside), stdin=subprocess.PIPE)
    assert attack.line() == "ready"
    run = start(reeve_not_pid_1, tmp_path, f"[service web]\nrestart = always\nrestart-delay = 0\ndirectory = /\nuser = {UID}:{GID}\n"
                "chown = HERE/tree:recursive\ncommand = true\n")
    for _ in range(300):
        run.message("started")
    run.signal(signal.SIGTERM)
    assert run.wait() in (0, 143), run.err.text()
    attack.process.stdin.close()
    attack.process.stdin = None
    assert attack.wait() == 0, attack.err.text()
    assert is_untouched(outside)


# -- output that is opened as root


OUTPUT = f"[service web]\ntype = oneshot\ndirectory = /\nuser = {UID}:{GID}\ncommand = sh -c 'echo out; echo err >&2'\n"


@pytest.fixture
def theirs(tmp_path):
    """A folder that the user of the service owns."""
    (tmp_path / "theirs").mkdir()
    os.chown(tmp_path / "theirs", *THEIRS)
    return tmp_path / "theirs"


@pytest.mark.parametrize("key", ["stdout", "stderr"])
@pytest.mark.parametrize("link, path", [("log", "log"), ("sub", "sub/log")], ids=["the file", "a folder"])
def test_output_does_not_go_where_the_user_has_put_a_link_to(reeve_not_pid_1, tmp_path, theirs, outside, key, link, path):
    (theirs / link).symlink_to(outside / "made" if link == path else outside)
    os.chown(theirs / link, *THEIRS, follow_symlinks=False)
    run = finished(reeve_not_pid_1, tmp_path, f"{OUTPUT}{key} = HERE/theirs/{path}\n")
    assert run.code == 126
    assert said_of(run, "web") == [f"cannot start: {theirs}/{path}: {SYMBOLIC_LINK} ({key})"]
    assert os.listdir(outside) == ["inner"]


def test_output_does_not_go_to_a_file_of_several_links_that_anybody_may_make(reeve_not_pid_1, tmp_path, theirs, outside):
    os.link(outside / "inner" / "file", theirs / "log")
    run = finished(reeve_not_pid_1, tmp_path, f"{OUTPUT}stdout = HERE/theirs/log\n", before=protecting_hardlinks(tmp_path, "0\n"))
    assert said_of(run, "web") == [f"cannot start: {theirs}/log: Too many links (stdout)"]
    assert (outside / "inner" / "file").read_text() == "text"
    run = finished(reeve_not_pid_1, tmp_path, f"{OUTPUT}stdout = HERE/theirs/log\n", before=protecting_hardlinks(tmp_path, "1\n"))
    assert run.code == 0 and (outside / "inner" / "file").read_text() == "textout\n"


def test_output_goes_to_a_file_in_a_folder_of_the_user(reeve_not_pid_1, tmp_path, theirs):
    assert finished(reeve_not_pid_1, tmp_path, f"{OUTPUT}stdout = HERE/theirs/log\nstderr = HERE/theirs/log\n").code == 0
    assert (theirs / "log").read_text() == "out\nerr\n"


def test_output_goes_where_root_has_put_a_link_to(reeve_not_pid_1, tmp_path, outside):
    """As images link a log to /dev/stdout."""
    (tmp_path / "log").symlink_to("/dev/stdout")
    (tmp_path / "lead").symlink_to("outside")
    run = finished(reeve_not_pid_1, tmp_path, f"{OUTPUT}stdout = HERE/log\nstderr = HERE/lead/err\n")
    assert run.code == 0, run.err.text()
    assert run.out.lines() == ["out"] and (outside / "err").read_text() == "err\n"


def test_output_of_who_reeve_is_goes_where_any_link_leads(reeve_not_pid_1, tmp_path, theirs, outside):
    (theirs / "log").symlink_to(outside / "made")
    assert finished(reeve_not_pid_1, tmp_path, f"{SERVICE.replace('user', ';user')}command = echo out\nstdout = HERE/theirs/log\n").code == 0
    assert (outside / "made").read_text() == "out\n"

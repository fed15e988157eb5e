import ctypes
import os
import resource
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

import control
import harness

PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWNS = 0x20000
LIBC = ctypes.CDLL(None, use_errno=True)


def pytest_configure(config):
    config.addinivalue_line("markers", "not_under_asan(why): the sanitizer itself stands in the way")
    config.addinivalue_line("markers", "only_native(why): what it looks at is the same in every build")
    config.addinivalue_line("markers", "alone(why): others that run at the same time would change what it sees")
    missing = [name for name in ("REEVE", "REEVE_FAULTY", "REEVECTL", "PROBE") if not os.path.isabs(os.environ.get(name, ""))]
    if missing:
        raise pytest.UsageError(f"the environment must name the binaries by absolute paths: {', '.join(missing)}")
    # What a test leaves behind becomes our child, wherever it was born, and is seen.
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    mount_own_places()


def mount_own_places():
    """Where every reeve of root has its sockets: those of other tests, and of the machine, are not to be met there."""
    if LIBC.unshare(CLONE_NEWNS) < 0:
        raise OSError(ctypes.get_errno(), "unshare")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)
    for place, mode in (("/run", "755"), ("/dev/shm", "1777")):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode={mode}", "none", place], check=True)


def pytest_collection_modifyitems(config, items):
    marks = {"native": [], "static": ["only_native"], "asan": ["only_native", "not_under_asan"]}[harness.BUILD]
    left_out = [item for item in items if any(map(item.get_closest_marker, marks))]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.has_passed = outcome.get_result().passed


def make_folder():
    """Not below pytest's own folders, which every pytest that starts closes to other users; its path is short, too."""
    return Path(tempfile.mkdtemp(prefix="cases-", dir="/tmp"))


def remove_folder(folder):
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def reports():
    """Where the sanitizers write: standard error may be closed, full or a terminal."""
    folder = make_folder()
    folder.chmod(0o1777)
    yield folder
    remove_folder(folder)


@pytest.fixture
def tmp_path(request):
    """Kept where the test fails."""
    folder = make_folder()
    yield folder
    if has_passed(request):
        remove_folder(folder)


@pytest.fixture(scope="session")
def called(tmp_path_factory):
    """Gives the path of reeve under another name."""
    folder = tmp_path_factory.mktemp("called")
    for place in (folder, folder.parent, folder.parent.parent):
        place.chmod(0o1777)

    def link(name):
        path = folder / name
        if not path.is_symlink():
            path.symlink_to(harness.REEVE)
        return str(path)

    return link


@pytest.fixture
def environment(reports):
    """Ours, without what would steer reeve, and with sanitizers that report instead of hiding."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REEVE", "FAULT"))}
    # Faults are left to the kernel: a handler of the sanitizer would undo ignored signals.
    address = "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0"
    return {
        **kept,
        "ASAN_OPTIONS": f"{address}:exitcode=99:log_path={reports}/address",
        "UBSAN_OPTIONS": f"print_stacktrace=1:halt_on_error=1:exitcode=99:log_path={reports}/undefined",
    }


@pytest.fixture
def clean(request, reports):
    """Around every start: nothing may be left behind, no sanitizer may have spoken."""
    yield
    left = harness.kill_left_behind(os.getpid())
    spoken = [file.read_text() for file in reports.iterdir()]
    for file in reports.iterdir():
        file.unlink()
    assert not spoken, "\n".join(spoken)
    if has_passed(request):
        assert not left, f"left behind: {left}"


def start_by(launcher, environment, request):
    starter = harness.Starter(launcher, environment)
    yield starter
    unfinished = starter.close()
    for run in starter.runs:
        harness.assert_unsanitized(run)
    if has_passed(request):
        assert not unfinished, f"still running: {unfinished}"


def has_passed(request):
    return getattr(request.node, "has_passed", False)


@pytest.fixture(params=[harness.AS_PID_1, harness.NOT_PID_1], ids=["as-pid-1", "not-pid-1"])
def reeve(request, clean, environment):
    """Starts reeve; the test runs twice, with reeve as PID 1 and without."""
    yield from start_by(request.param, environment, request)


@pytest.fixture
def reeve_as_pid_1(request, clean, environment):
    yield from start_by(harness.AS_PID_1, environment, request)


@pytest.fixture
def reeve_not_pid_1(request, clean, environment):
    yield from start_by(harness.NOT_PID_1, environment, request)


@pytest.fixture
def steer(reeve, tmp_path, request):
    """Starts reeve with a control socket, in both ways."""
    yield from control.steer_by(reeve, tmp_path, lambda: has_passed(request))


@pytest.fixture
def steer_as_pid_1(reeve_as_pid_1, tmp_path, request):
    yield from control.steer_by(reeve_as_pid_1, tmp_path, lambda: has_passed(request))


@pytest.fixture
def steer_not_pid_1(reeve_not_pid_1, tmp_path, request):
    yield from control.steer_by(reeve_not_pid_1, tmp_path, lambda: has_passed(request))


@pytest.fixture
def public_path(tmp_path):
    """A folder that every user may enter and write to."""
    tmp_path.chmod(0o1777)
    return tmp_path


def libraries_of(binary):
    told = subprocess.run(["ldd", binary], capture_output=True, text=True, check=False).stdout
    return [word for word in told.split() if word.startswith("/")]


def install(binary, root):
    """Copies a program and the libraries it is linked with."""
    shutil.copy(binary, root / os.path.basename(binary))
    for library in libraries_of(binary):
        place = root / library.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, place)


@pytest.fixture
def bare_root(public_path):
    """A root file system with reeve, probe and their libraries, and nothing else."""
    install(harness.REEVE, public_path)
    install(harness.PROBE, public_path)
    return public_path

"""What a service of a file finds on the disk: its outputs, its directory, its files of variables."""

import os
import signal
import stat

import pytest

from service_report import SERVICE, read_report, report_of, variables_of
from services import finished, start, stamps, wait_for_runs, write

SAYS = "command = sh -c 'echo said; echo warned >&2'\n"
MOUNTED = 'mount -t tmpfs tmpfs "$0" && cd "$0" && exec "$@"'


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def own_messages_out(run):
    return [line for line in run.err.lines() if not line.startswith("reeve: ")]


# -- outputs


@pytest.mark.parametrize(
    "settings, out, err",
    [
        ("", ["said"], ["warned"]),
        ("stdout = inherit\nstderr = inherit\n", ["said"], ["warned"]),
        ("stdout = null\n", [], ["warned"]),
        ("stderr = null\n", ["said"], []),
        ("stdout = /dev/stdout\nstderr = /dev/stderr\n", ["said"], ["warned"]),
        ("stdout = /proc/self/fd/1\nstderr = /dev/fd/2\n", ["said"], ["warned"]),
    ],
)
def test_outputs_are_inherited_or_go_nowhere(reeve, tmp_path, settings, out, err):
    run = finished(reeve, tmp_path, SERVICE + SAYS + settings)
    assert run.code == 0
    assert (run.out.lines(), own_messages_out(run)) == (out, err)


def test_outputs_in_files_are_appended(reeve, tmp_path):
    (tmp_path / "out").write_text("before\n")
    for _ in range(2):
        run = finished(reeve, tmp_path, f"{SERVICE}{SAYS}stdout = HERE/out\nstderr = HERE/err\n")
        assert (run.code, run.out.lines(), own_messages_out(run)) == (0, [], [])
    assert (tmp_path / "out").read_text() == "before\nsaid\nsaid\n"
    assert (tmp_path / "err").read_text() == "warned\nwarned\n"


def test_both_outputs_can_go_to_the_same_file(reeve, tmp_path):
    assert finished(reeve, tmp_path, f"{SERVICE}{SAYS}stdout = HERE/log\nstderr = HERE/log\n").code == 0
    assert (tmp_path / "log").read_text() == "said\nwarned\n"


def test_a_new_output_file_has_the_mode_that_the_umask_of_reeve_leaves(reeve, tmp_path):
    before = ["sh", "-c", 'umask 027; exec "$@"', "sh"]
    assert finished(reeve, tmp_path, f"{SERVICE}{SAYS}stdout = HERE/out\numask = 0\n", before=before).code == 0
    assert mode_of(tmp_path / "out") == 0o640


def test_an_output_file_that_is_moved_away_is_made_anew_at_the_next_start(reeve, tmp_path):
    run = finished(reeve, tmp_path, "[service web]\nrestart-delay = 1ms\nstdout = HERE/out\n"
                   "command = sh -c 'echo run; [ -e HERE/old ] && exit 0; mv HERE/out HERE/old; exit 1'\n")
    assert run.code == 0
    assert (tmp_path / "old").read_text() == (tmp_path / "out").read_text() == "run\n"


@pytest.mark.not_under_asan("the sanitizer reads its own memory map in /proc")
@pytest.mark.parametrize("key", ["stdout", "stderr"])
def test_nothing_is_made_where_there_is_no_dev_null_to_write_to(reeve, bare_root, key):
    (bare_root / "dev").mkdir()
    (bare_root / "reeve.ini").write_text(f"[service web]\n{key} = null\ncommand = /probe exit 0\n")
    run = reeve.finished("-c", "/reeve.ini", binary="/reeve", before=["chroot", str(bare_root)])
    assert run.code == 126
    assert f"reeve: web: cannot start: /dev/null: No such file or directory ({key})" in run.err.lines()
    assert os.listdir(bare_root / "dev") == []


@pytest.mark.parametrize("number", [1, 2])
def test_a_pipe_that_services_inherit_can_be_opened_by_all(reeve, tmp_path, number):
    reader, writer = os.pipe()
    os.fchmod(writer, 0o600)
    run = finished(reeve, tmp_path, f"{SERVICE}command = setpriv --reuid 65534 --clear-groups sh -c 'echo said >/proc/self/fd/{number}'\n",
                   **{("stdout", "stderr")[number - 1]: writer})
    assert stat.S_IMODE(os.fstat(writer).st_mode) == 0o622
    os.close(writer)
    assert run.code == 0
    with open(reader) as pipe:
        assert "said" in pipe.read().splitlines()


def test_a_file_that_services_inherit_keeps_its_mode(reeve, tmp_path):
    with open(tmp_path / "log", "w") as log:
        os.fchmod(log.fileno(), 0o600)
        run = finished(reeve, tmp_path, SERVICE + SAYS, stdout=log)
    assert run.code == 0
    assert mode_of(tmp_path / "log") == 0o600


# -- the directory and the umask


def test_a_service_begins_where_reeve_was_started(reeve, tmp_path):
    (tmp_path / "here").mkdir()
    assert report_of(reeve, tmp_path, cwd=tmp_path / "here")["cwd"] == str(tmp_path / "here")


def test_a_service_begins_where_it_is_told_to(reeve, tmp_path):
    (tmp_path / "my data").mkdir()
    report = report_of(reeve, tmp_path, 'directory = "HERE/my data"\n', cwd="/usr")
    assert report["cwd"] == str(tmp_path / "my data")


def test_the_directory_that_reeve_was_started_in_is_looked_up_at_every_start(reeve, tmp_path):
    (tmp_path / "here").mkdir()
    path = tmp_path / "runs"
    run = start(reeve, tmp_path, f"[service web]\nrestart-delay = 1ms\ncommand = PROBE report HERE/report PROBE runs {path} stay 0\n",
                cwd=tmp_path / "here")
    wait_for_runs(path, 1)
    first = read_report(tmp_path)
    (tmp_path / "here").rename(tmp_path / "there")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "new").touch()
    assert os.listdir(f"/proc/{run.outer(first['pid'])}/cwd") == []
    os.kill(run.outer(first["pid"]), signal.SIGKILL)
    assert run.wait() == 0
    assert len(stamps(path)) == 2
    assert read_report(tmp_path)["cwd"] == str(tmp_path / "here")


def test_reeve_itself_leaves_the_directory_so_that_a_mount_there_can_be_removed(reeve, tmp_path):
    (tmp_path / "volume").mkdir()
    text = "[service web]\ndirectory = /\ncommand = PROBE report HERE/report PROBE runs HERE/runs stay\n"
    run = reeve("-c", write(tmp_path, text), before=["unshare", "--mount", "sh", "-c", MOUNTED, str(tmp_path / "volume")])
    wait_for_runs(tmp_path / "runs", 1)
    assert os.readlink(f"/proc/{run.pid}/cwd") == "/"
    unmount = reeve.beside("nsenter", "--target", str(run.pid), "--mount", "--", "umount", str(tmp_path / "volume"))
    assert unmount.wait() == 0, unmount.err.text()
    assert stop(run) == 0


@pytest.mark.parametrize("settings, umask", [("", 0o027), ("umask = 0077\n", 0o077), ("umask = 2\n", 0o002), ("umask = 0\n", 0)])
def test_the_umask_is_inherited_or_what_is_written(reeve, tmp_path, settings, umask):
    assert report_of(reeve, tmp_path, settings, before=["sh", "-c", 'umask 027; exec "$@"', "sh"])["umask"] == umask


# -- files of variables

NO_VARIABLE = "expected NAME=VALUE"
NO_VALUE = "a quote or ${ is not closed, or a variable not set"


def of_file(reeve, folder, content, settings="env-file = HERE/some.env\n", **options):
    (folder / "some.env").write_bytes(content)
    return variables_of(reeve, folder, "clear-env = yes\n" + settings, **options)


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"A=1\nB=2\n", {"A": "1", "B": "2"}),
        (b"A=no newline at the end", {"A": "no newline at the end"}),
        (b"# A=1\n\n   \n  # B=2\nC=3 # no comment\n", {"C": "3 # no comment"}),
        (b"A=with \"quotes\" and 'quotes'\nB=$HOME $$ \\n\n", {"A": "with \"quotes\" and 'quotes'", "B": "$HOME $$ \\n"}),
        (b"A=1\r\nB=\r\n", {"A": "1", "B": ""}),
        (b"  A= blanks stay \n", {"A": " blanks stay "}),
        (b"A=b=c\nA=2\n", {"A": "2"}),
        (b"OURS\nMISSING\n", {"OURS": "ours"}),
        (b"", {}),
    ],
    ids=["two", "no newline", "comments", "quotes", "CRLF", "blanks", "equals signs and twice", "names alone", "empty"],
)
def test_a_file_of_variables_is_read_as_docker_reads_it(reeve, tmp_path, content, expected):
    assert of_file(reeve, tmp_path, content, env={"OURS": "ours"}) == expected


@pytest.mark.parametrize(
    "content, expected",
    [
        (b"A=\" in quotes # \"\nB='\"it\" is ${A}' \n", {"A": " in quotes # ", "B": "\"it\" is ${A}"}),
        (b"A=1\nB=<${A}>\nA=2\nC=\"${A}${OURS:-3}\"\nD=${OURS:-}\n", {"A": "2", "B": "<1>", "C": "23", "D": ""}),
        (b"OURS\nA=${OURS}\n", {"OURS": "'o u' $A", "A": "'o u' $A"}),
    ],
    ids=["quotes", "variables", "the value of a variable"],
)
def test_beyond_docker_a_value_may_be_in_quotes_and_have_variables_in_it(reeve_not_pid_1, tmp_path, content, expected):
    assert of_file(reeve_not_pid_1, tmp_path, content, env={"OURS": "'o u' $A"}) == expected


def test_a_name_alone_means_what_reeve_has_even_where_it_was_set_before(reeve, tmp_path):
    (tmp_path / "some.env").write_text("OURS\n")
    settings = "environment = OURS=set\nenv-file = HERE/some.env\n"
    for clear in ("clear-env = yes\n", ""):
        assert variables_of(reeve, tmp_path, clear + settings, env={"OURS": "ours"})["OURS"] == "ours"


@pytest.mark.parametrize("line", ["no variable", "=1", "A B=1", "A =1", 'B="1', 'B="1"2', "B=${A", "B=${UNSET_HERE}", "B=${UNSET_HERE:?no}"])
def test_a_line_that_is_no_variable_is_an_error_with_its_place(reeve_as_pid_1, tmp_path, line):
    (tmp_path / "some.env").write_text(f"# first\nA=1\n{line}\nB=2\n")
    run = finished(reeve_as_pid_1, tmp_path, f"{SERVICE}command = PROBE report HERE/report\nenv-file = HERE/some.env\n")
    assert run.code == 126
    wrong = NO_VALUE if line.startswith("B=") else NO_VARIABLE
    assert f"reeve: web: cannot start: {tmp_path}/some.env:3: {wrong} (environment)" in run.err.lines()
    assert not (tmp_path / "report").exists()


def test_a_long_line_is_taken_whole_or_refused(reeve_as_pid_1, tmp_path):
    value = "x" * 65000
    assert of_file(reeve_as_pid_1, tmp_path, f"A={value}\nB=2\n".encode()) == {"A": value, "B": "2"}
    (tmp_path / "some.env").write_text("A=1\nB=" + "x" * 66000 + "\n")
    run = finished(reeve_as_pid_1, tmp_path, f"{SERVICE}command = true\nenv-file = HERE/some.env\n")
    assert run.code == 126
    assert f"reeve: web: cannot start: {tmp_path}/some.env:2: the line is too long (environment)" in run.err.lines()


def test_a_file_of_variables_may_be_missing_where_that_is_said(reeve, tmp_path):
    assert of_file(reeve, tmp_path, b"A=1\n", "env-file = -HERE/none.env HERE/some.env\n") == {"A": "1"}
    assert of_file(reeve, tmp_path, b"A=1\n", "env-file = -HERE/some.env\n") == {"A": "1"}


def test_a_file_of_variables_is_read_at_every_start(reeve, tmp_path):
    (tmp_path / "some.env").write_text("A=1\n")
    run = finished(reeve, tmp_path, "[service web]\nrestart-delay = 1ms\nenv-file = HERE/some.env\n"
                   "command = sh -c 'echo $A; [ $A = 2 ] && exit 0; echo A=2 >HERE/some.env; exit 1'\n")
    assert run.code == 0
    assert run.out.lines() == ["1", "2"]


# -- instances


def test_the_number_of_an_instance_stands_in_every_text(reeve, tmp_path):
    for number in (1, 2):
        (tmp_path / f"in{number}").mkdir()
        (tmp_path / f"{number}.env").write_text(f"FILE={number}\n")
    run = finished(reeve, tmp_path, "[service web]\ninstances = 2\ntype = oneshot\ndirectory = HERE/in%i\nstdout = HERE/out%i\n"
                   "stderr = HERE/err%i\nenv-file = HERE/%i.env\nenvironment = N=%i-%i\n"
                   "command = sh -c 'echo %i $N $FILE; pwd >&2'\n")
    assert run.code == 0
    for number in (1, 2):
        assert (tmp_path / f"out{number}").read_text() == f"{number} {number}-{number} {number}\n"
        assert (tmp_path / f"err{number}").read_text() == f"{tmp_path}/in{number}\n"


def test_one_instance_that_is_written_has_a_number_too(reeve_as_pid_1, tmp_path):
    run = finished(reeve_as_pid_1, tmp_path, f"{SERVICE}instances = 1\ncommand = PROBE report HERE/of%i\n")
    assert run.code == 0
    started = [line.split(":")[1] for line in run.err.lines() if ": started, pid " in line]
    assert started == [" web@1"]
    assert f"{tmp_path}/of1" in read_report(tmp_path, "of1")["argv"]

import pytest

from harness import PROBE

SCREEN_LINES = 24
SCREEN_COLUMNS = 80


def assert_refused(run, *words):
    """One clear line on standard error that contains the words, and exit code 125."""
    assert run.code == 125
    assert run.out.text() == ""
    assert len(run.err.lines()) == 1, run.err.text()
    assert run.err.text().startswith("reeve: ")
    for word in words:
        assert word in run.err.text()


@pytest.mark.parametrize(
    "words, quoted",
    [
        (["--nonsense", "true"], "--nonsense"),
        (["-x", "true"], "x"),
        (["-gx", "true"], "x"),
        (["--group=yes", "true"], "group"),
        (["-r"], "argument"),
        (["--rewrite"], "rewrite"),
        (["-e"], "argument"),
        (["-o"], "argument"),
        (["-p"], "argument"),
        (["--log-level"], "log-level"),
        (["-r", "BOGUS:TERM", "true"], "BOGUS"),
        (["-r", "TERM:BOGUS", "true"], "BOGUS"),
        (["-r", "TERM:65", "true"], "65"),
        (["-r", "0:TERM", "true"], "0:TERM"),
        (["-r", "TERM", "true"], "TERM"),
        (["-r", "", "true"], "rewrite"),
        (["-p", "BOGUS", "true"], "BOGUS"),
        (["-p", "0", "true"], "0"),
        (["-e", "256", "true"], "256"),
        (["-e", "-1", "true"], "-1"),
        (["-e", "seven", "true"], "seven"),
        (["-e", "", "true"], "exit code"),
        (["--log-level", "loud", "true"], "loud"),
        (["--log-format", "xml", "true"], "xml"),
        (["-o", "bogus=1", "true"], "bogus"),
        (["-o", "restart", "true"], "restart"),
        (["-o", "=1", "true"], "key"),
        (["-o", "stop-signals=TERM BOGUS", "true"], "BOGUS"),
        (["-o", "shutdown-timeout=soon", "true"], "soon"),
        (["-o", "sweep-timeout=-1s", "true"], "-1s"),
        (["-o", "rewrite=TERM:BOGUS", "true"], "BOGUS"),
        (["-o", "log-level=loud", "true"], "loud"),
        (["-o", "log-format=xml", "true"], "xml"),
        (["-o", "depends-on=db", "true"], "'db' is no service"),
        (["-o", "after=true", "true"], "cycle"),
        (["-P", "true"], "true"),
    ],
)
def test_bad_words_are_refused_with_one_line_that_quotes_them(reeve_not_pid_1, words, quoted):
    assert_refused(reeve_not_pid_1.finished(*words), quoted)


def test_a_refusal_is_the_same_as_pid_1(reeve_as_pid_1):
    assert_refused(reeve_as_pid_1.finished("-r", "BOGUS:TERM", "true"), "BOGUS")


@pytest.mark.parametrize("words", [[], ["-g"], ["--"], ["-g", "--"]])
def test_no_command_is_refused_with_the_way_to_start(reeve, words):
    assert_refused(reeve.finished(*words), "no command", "COMMAND")


@pytest.mark.parametrize("words", [["sh", "-c", "exit 7"], ["--", "sh", "-c", "exit 7"], ["-g", "sh", "-c", "exit 7"], ["-s", "--", "sh", "-c", "exit 7"], ["--subreaper", "sh", "-c", "exit 7"]])
def test_options_end_at_the_first_other_word(reeve, words):
    assert reeve.finished(*words).code == 7


def test_options_of_the_command_are_its_own(reeve_not_pid_1):
    run = reeve_not_pid_1.finished("ls", "-d", "--", "/")
    assert (run.code, run.out.text()) == (0, "/\n")


def test_a_command_may_begin_with_a_dash_after_two_dashes(reeve_not_pid_1, tmp_path):
    (tmp_path / "-l").symlink_to("/bin/true")
    run = reeve_not_pid_1.finished("--", "-l", env={"PATH": str(tmp_path)})
    assert (run.code, run.err.text()) == (0, "")


def test_every_word_of_the_command_arrives_as_it_is(reeve):
    words = ["-", "", "a b", "--version", "-r", "$HOME", "\\", "é"]
    assert reeve.finished("printf", "<%s>\n", *words).out.lines() == [f"<{word}>" for word in words]


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_the_version_goes_to_standard_output(reeve_not_pid_1, option):
    run = reeve_not_pid_1.finished(option)
    assert (run.code, run.err.text()) == (0, "")
    assert run.out.text().startswith("reeve ")
    assert len(run.out.lines()) == 1


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_the_help_goes_to_standard_output_and_names_every_option(reeve_not_pid_1, option):
    run = reeve_not_pid_1.finished(option)
    assert (run.code, run.err.text()) == (0, "")
    for name in ("config", "set", "pause", "rewrite", "group", "remap-exit", "parent-death-signal", "subreaper", "check", "version", "help", "log-level", "log-format"):
        assert f"--{name}" in run.out.text()


def test_the_help_fits_a_screen(reeve_not_pid_1):
    lines = reeve_not_pid_1.finished("--help").out.lines()
    assert len(lines) <= SCREEN_LINES
    assert max(map(len, lines)) <= SCREEN_COLUMNS


@pytest.mark.parametrize("option", [["--set", "rewrite=USR1:USR2"], ["--set=rewrite=USR1:USR2"], ["-orewrite=USR1:USR2"]])
def test_an_option_takes_its_value_in_every_usual_form(reeve_not_pid_1, option):
    run = reeve_not_pid_1(*option, PROBE, "signals")
    run.ready()
    run.signal(10)
    assert run.received() == 12
    assert run.wait() == 0


@pytest.mark.parametrize("setting", ["stop-signals=USR1 37", "shutdown-timeout=1m30s", "sweep-timeout=250ms", "log-level=error", "log-format=json", "restart=no", "kill-mode=group", "stop-timeout=5s", "stop-signal=QUIT", "umask=022"])
def test_a_key_that_is_supported_is_taken(reeve_not_pid_1, setting):
    run = reeve_not_pid_1.finished("-o", setting, PROBE, "exit", "7")
    assert (run.code, run.err.text()) == (7, "")

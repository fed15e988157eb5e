"""What bash, zsh and fish offer behind reevectl, asked of the shells themselves."""

import os
import pathlib
import re
import signal
import subprocess

import pexpect
import pytest

from control import REEVECTL, Steered
from processes import PATIENCE, wait_until

COMPLETIONS = pathlib.Path(__file__).resolve().parents[2] / "docs" / "completions"
SHELLS = ["bash", "zsh", "fish"]
GLOBAL = {"--socket", "--help", "--version"}
SERVICES = """
[service db]
command = PROBE signals
[service web]
command   = PROBE signals
instances = 2
"""
NAMES = {"db", "web", "web@1", "web@2"}

# A sanitizer would make reevectl slower than the second that a completion grants it, too.
pytestmark = pytest.mark.only_native("shells, and scripts for them")


class Asked:
    """A shell that is asked what it offers at the end of a line."""

    def __init__(self, environment, folder):
        self.environment = {**environment, "PATH": f"{os.path.dirname(REEVECTL)}:{environment['PATH']}", "HOME": str(folder)}
        self.folder = folder

    def run(self, *command):
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.stderr == ""
        return done.stdout.splitlines()

    def close(self):
        """Ends what is still running."""


class Bash(Asked):
    """Calls the function as readline does, but for the split words, which it does not look at."""

    def offers(self, line):
        script = f"""
        source {COMPLETIONS}/reevectl.bash
        COMP_LINE=$1 COMP_POINT=${{#1}}
        _reevectl reevectl "${{1##*[ @=:]}}"
        [[ ${{#COMPREPLY[@]}} -eq 0 ]] || printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        return set(self.run("bash", "--norc", "-c", script, "bash", line))


class Fish(Asked):
    def offers(self, line):
        script = f"source {COMPLETIONS}/reevectl.fish; complete -C $argv[1]"
        found = self.run("fish", "--no-config", "-c", script, line)
        return {offered.split("\t")[0] for offered in found}


class Zsh(Asked):
    """Completes only in its line editor; what it finds passes through compadd."""

    SETUP = """
    fpath=(COMPLETIONS $fpath)
    autoload -Uz compinit
    compinit -u -D
    compadd() {
        if [[ ${@[1,(i)(-|--)]} != *-[OAD]\\ * ]]; then
            local -a __found
            builtin compadd -O __found "$@"
            print -rl -- $__found >>FOUND
        fi
        builtin compadd "$@"
    }
    ask() { zle complete-word; print -r -- . >>FOUND; zle kill-buffer }
    zle -N ask
    bindkey '^X' ask
    bindkey '^I' self-insert
    PS1='ready> '
    """

    def __init__(self, *rest):
        super().__init__(*rest)
        self.found = self.folder / "found"
        self.typed = None

    def _start(self):
        setup = self.folder / "setup.zsh"
        setup.write_text(self.SETUP.replace("COMPLETIONS", str(COMPLETIONS)).replace("FOUND", str(self.found)))
        environment = {**self.environment, "TERM": "dumb"}
        self.typed = pexpect.spawn("zsh", ["-f", "-i"], env=environment, cwd=str(self.folder), timeout=PATIENCE)
        self.typed.sendline(f"source {setup}")
        self.typed.expect_exact("ready> ")

    def offers(self, line):
        if not self.typed:
            self._start()
        self.found.unlink(missing_ok=True)
        self.typed.send(f"{line}\x18")
        wait_until(lambda: self.found.exists() and self.found.read_text().endswith(".\n"), "zsh has completed")
        return {word for word in self.found.read_text().splitlines()[:-1] if word}

    def close(self):
        if self.typed:
            self.typed.kill(signal.SIGKILL)
            self.typed.wait()
            self.typed.close()


@pytest.fixture(params=SHELLS)
def shell(request, clean, environment, tmp_path):
    """One that has no reeve to ask."""
    environment = {**environment, "REEVE_CONTROL": str(tmp_path / "control")}
    home = tmp_path / "home"
    home.mkdir()
    asked = {"bash": Bash, "zsh": Zsh, "fish": Fish}[request.param](environment, home)
    yield asked
    asked.close()


@pytest.fixture
def shell_with_reeve(shell, reeve_not_pid_1, tmp_path):
    steered = Steered(reeve_not_pid_1, tmp_path, SERVICES)
    yield shell
    steered.stop()


def helped():
    """The commands and options that reevectl itself tells of."""
    text = subprocess.run([REEVECTL, "--help"], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"^  ([a-z][a-z-]*) ", text, re.MULTILINE)), set(re.findall(r"^ .*?(--[a-z-]+)", text, re.MULTILINE))


def test_every_command_is_offered_and_no_other_one(shell):
    assert shell.offers("reevectl ") == helped()[0]


def test_a_command_that_was_begun_is_completed(shell):
    assert shell.offers("reevectl st") == {"status", "start", "stop"}


def test_options_are_offered_before_the_command(shell):
    assert shell.offers("reevectl --") == GLOBAL
    assert shell.offers("reevectl --socket /nowhere re") == {"restart", "reload", "reload-service"}


def accepts(command, option, environment):
    """Whether reevectl gets as far as asking reeve, where none is."""
    words = [command, option, *(["1s"] if option == "--timeout" else []), *(["HUP"] if command == "signal" else [])]
    takes_names = command in ("start", "stop", "restart", "signal", "reload-service")
    run = subprocess.run(
        [REEVECTL, "--socket", "/nowhere", *words, *(["web"] if takes_names else [])],
        env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert ("cannot reach reeve" in run.stderr) != ("takes no such option" in run.stderr), run.stderr
    return "cannot reach reeve" in run.stderr


def test_every_option_is_offered_behind_the_commands_that_take_it_and_no_others(shell, environment):
    commands, options = helped()
    wrong = []
    for command in sorted(commands):
        accepted = {option for option in options - GLOBAL if accepts(command, option, environment)} | {"--socket"}
        offered = shell.offers(f"reevectl {command} --")
        if offered != accepted:
            wrong.append((command, offered, accepted))
    assert wrong == []


@pytest.mark.parametrize("command", ["status", "health", "reload-service", "signal TERM"])
def test_names_of_services_are_offered(shell_with_reeve, command):
    assert shell_with_reeve.offers(f"reevectl {command} ") == NAMES
    assert shell_with_reeve.offers(f"reevectl {command} d") == {"db"}
    assert shell_with_reeve.offers(f"reevectl {command} db w") == NAMES - {"db"}


@pytest.mark.parametrize("command", ["start", "stop", "restart"])
def test_names_of_services_and_all_of_them_are_offered(shell_with_reeve, command):
    assert shell_with_reeve.offers(f"reevectl {command} ") == NAMES | {"all"}
    assert shell_with_reeve.offers(f"reevectl {command} --no-wait --timeout 1s ") == NAMES | {"all"}
    assert shell_with_reeve.offers(f"reevectl {command} db ") - {"db"} == NAMES - {"db"}


@pytest.mark.parametrize("command", ["reload", "events", "top", "graph", "shutdown"])
def test_no_names_are_offered_behind_a_command_without_any(shell_with_reeve, command):
    assert {word for word in shell_with_reeve.offers(f"reevectl {command} ") if not word.startswith("--")} == set()


def test_signals_are_offered_first(shell_with_reeve):
    offered = shell_with_reeve.offers("reevectl signal ")
    assert {"HUP", "TERM", "USR1", "KILL", "WINCH"} <= offered
    assert not offered & NAMES


def test_every_signal_that_is_offered_is_one(shell):
    offered = shell.offers("reevectl signal ")
    assert {f"SIG{name}" for name in offered} <= set(signal.Signals.__members__)


@pytest.mark.parametrize("form", ["--socket {} stop", "--socket={} stop", "stop --socket {}", "stop --socket={}"])
def test_the_reeve_behind_the_socket_of_the_line_is_asked(shell_with_reeve, tmp_path, form):
    shell_with_reeve.environment["REEVE_CONTROL"] = "/nowhere"
    assert shell_with_reeve.offers("reevectl stop d") == set()
    assert shell_with_reeve.offers(f"reevectl {form.format(tmp_path / 'control')} d") == {"db"}


def test_without_reeve_no_names_are_offered_and_nothing_is_said(shell):
    assert shell.offers("reevectl status ") == set()
    assert shell.offers("reevectl stop ") == {"all"}


def test_a_socket_is_completed_as_a_file(shell):
    (shell.folder / "here.socket").touch()
    offered = shell.offers("reevectl --socket her")
    assert {name.removesuffix(" ") for name in offered} == {"here.socket"}


def test_nothing_is_offered_for_a_duration(shell_with_reeve):
    assert shell_with_reeve.offers("reevectl stop --timeout ") == set()


@pytest.mark.parametrize("shell", ["bash"], indirect=True)
def test_bash_completes_the_number_of_an_instance(shell_with_reeve):
    """It splits words at @, and replaces what stands behind it."""
    typed = pexpect.spawn("bash", ["--norc", "-i"], env={**shell_with_reeve.environment, "TERM": "dumb"}, timeout=PATIENCE)
    try:
        typed.sendline(f"source {COMPLETIONS}/reevectl.bash; bind 'set bell-style none'; PS1='read''y> '")
        typed.expect_exact("ready> ")
        typed.send("reevectl stop we\t@2\t#")
        typed.expect_exact("reevectl stop web@2 #")
    finally:
        typed.close(force=True)

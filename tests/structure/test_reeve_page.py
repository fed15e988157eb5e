"""The manual page reeve(1) says of options, variables and exit codes what the program does."""

import os
import pathlib
import re
import subprocess

SOURCE = pathlib.Path(__file__).resolve().parents[2]
PAGE = (SOURCE / "docs" / "reeve.1").read_text()
DEADLINE = 30


def section(page, name):
    return re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh )", page, re.DOTALL | re.MULTILINE)[1]


def options_of_help(text):
    """Each as (letter or "", name, argument or "")."""
    row = re.compile(r"^  (?:-(.), )?--([a-z-]+)(?: (\S+))?  ", re.MULTILINE)
    return row.findall(text)


def options_of_page(page):
    row = re.compile(r"^\.It Fl (?:(\S) , )?-([a-z-]+)(?: Ar (\S+))?$", re.MULTILINE)
    return row.findall(section(page, "OPTIONS"))


def help_text():
    return subprocess.run([os.environ["REEVE"], "--help"], capture_output=True, text=True, timeout=DEADLINE, check=True).stdout


def variables_of_sources(folder):
    found = set()
    for file in [*folder.glob("init/*.c"), *folder.glob("ctl/*.c")]:
        found |= set(re.findall(r'"(REEVE_[A-Z_]+)"', file.read_text()))
    return found - {"REEVE_VERSION"}


def variables_of_page(page):
    return set(re.findall(r"^\.It Ev (\S+)$", section(page, "ENVIRONMENT"), re.MULTILINE))


def test_the_help_fits_a_screen():
    lines = help_text().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_every_option_is_documented_as_the_help_has_it_and_in_its_order():
    assert options_of_help(help_text()) == options_of_page(PAGE)


def test_the_options_are_read():
    assert ("c", "config", "FILE|DIR") in options_of_help(help_text())
    assert ("", "check", "") in options_of_page(PAGE)


def test_every_variable_is_documented():
    assert variables_of_sources(SOURCE) == variables_of_page(PAGE)
    assert "REEVE_CONFIG" in variables_of_page(PAGE)


def test_every_exit_code_of_its_own_is_documented():
    codes = re.findall(r"^\.It (\S.*)$", section(PAGE, "EXIT STATUS"), re.MULTILINE)
    assert codes == ["0", "1", "125", "126", "127", "128+n", "any other"]


def test_mandoc_has_nothing_to_warn_of():
    run = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", SOURCE / "docs" / "reeve.1"],
                         capture_output=True, text=True, timeout=DEADLINE, check=False)  # fmt: skip
    assert run.stdout + run.stderr == ""


def test_an_option_that_is_missing_is_found():
    assert options_of_help(help_text()) != options_of_page(PAGE.replace(".It Fl g , -group\n", ""))

"""Called by the name of another init, reeve does what that does: the same command lines through both."""

import copy
import re
import typing

import pytest

import dropin
from dropin_cases import CATATONIT, DUMB_INIT, EVERY, TABLES, TINI, make_files
from harness import BUILD, PROBE

class Allowed(typing.NamedTuple):
    why: str
    inits: tuple
    where: typing.Callable  # is it about this case?
    change: typing.Callable  # of the case and what the original did: makes it what reeve does


OUR_LICENCE = ["reeve 0.1.0", "Copyright (c) 2026 The reeve authors", "MIT License, https://spdx.org/licenses/MIT.html"]
TINIS = (TINI, "tini-static", "docker-init")
CATATONITS = (CATATONIT, "podman-init")


def numbers(text):
    return [int(number) for number in text.split(",")]


def is_set_up_by(subcommand):
    return lambda case: case.before[:2] == (PROBE, subcommand)


def keep(name):
    """What the child reports is as it was before the init."""

    def change(case, theirs):
        for report in theirs.reports():
            report[name] = numbers(case.before[2]) if is_set_up_by({"ignored": "ignore", "blocked": "block"}[name])(case) else []

    return change


def without(pattern):
    """Some lines are not there."""

    def change(case, theirs):
        theirs.out = [line for line in theirs.out if not re.search(pattern, str(line))]
        theirs.err = [line for line in theirs.err if not re.search(pattern, str(line))]

    return change


def with_text(old, new):
    def change(case, theirs):
        theirs.out = [line.replace(old, new) if isinstance(line, str) else line for line in theirs.out]
        theirs.err = [line.replace(old, new) for line in theirs.err]

    return change


def is_licence_asked_for(case):
    words = case.words[: case.words.index("--")] if "--" in case.words else case.words
    return any(re.fullmatch("-[a-zA-Z]*[lL][a-zA-Z]*", word) for word in words)


def with_own_licence(case, theirs):
    if theirs.code == 0 and theirs.out[:1] in (["The MIT License (MIT)"], ["catatonit: a container init so simple it's effectively brain-dead"]):
        theirs.out = OUR_LICENCE


def with_name_not_found(case, theirs):
    theirs.code = 127 if case.init == TINI else theirs.code
    with_text("File name too long", "No such file or directory")(case, theirs)


def with_the_rest_awaited(case, theirs):
    theirs.err.insert(-1, "[dumb-init] A child with PID PID was terminated by signal 15.")


def with_few_debugging_lines(case, theirs):
    errors = [line for line in theirs.err if line.startswith("ERROR")]
    command = next(word for word in case.words if word != "--")
    spawned = f"DEBUG (catatonit:PID): pid1 (PID) spawned: {command}"
    theirs.err = [spawned, *errors, "DEBUG (catatonit:PID): got ECHILD: no children left to monitor"]


SIGNALS_UNKNOWN_TO_TINI = [("-p", name) for name in ("SIGIO", "SIGPWR", "SIGSTKFLT")]


def with_the_command_run(case, theirs):
    theirs.code, theirs.err = int(case.words[-1]), []


def without_their_places(case, theirs):
    if theirs.err[-1:] == ["For bug reporting instructions, please see: <https://bugs.opensuse.org/>."]:
        del theirs.err[-3:]


def exec_fails_at_length(case):
    return case.words[:1] in (("-vv",), ("-vvv",), ("-vvvv",), ("-vvvvv",)) and case.words[-1] == "/nowhere"


def with_its_own_words_only(case, theirs):
    at = [index for index, line in enumerate(theirs.out) if "tcsetpgrp failed" in line]
    registered = "[TRACE tini (PID)] Registered as child subreaper"
    del theirs.out[0 if theirs.out.count(registered) < 2 else 1 : at[-1] + 1 if at else 0]
    if theirs.out.count(registered) > 1:
        theirs.out.remove(registered)


# What glibc and musl call the same errno.
WORDS_OF_LIBC = {
    "Inappropriate ioctl for device": "Not a tty",
    "Too many levels of symbolic links": "Symbolic link loop",
    "File name too long": "Filename too long",
}


def with_words_of_musl(case, theirs):
    for old, new in WORDS_OF_LIBC.items():
        with_text(old, new)(case, theirs)


IN_STATIC_BUILDS = [
    Allowed(
        "an error has the words of libc, which is musl in the static build",
        (*TINIS, DUMB_INIT, *CATATONITS),
        lambda case: True,
        with_words_of_musl,
    ),
]

ALLOWED = [
    Allowed("dumb-init takes the ignored signals away from its child", (DUMB_INIT,), is_set_up_by("ignore"), keep("ignored")),
    Allowed("dumb-init takes the signal mask away from its child", (DUMB_INIT,), is_set_up_by("block"), keep("blocked")),
    Allowed("catatonit blocks TSTP, TTIN and TTOU in its child, and Ctrl-Z is dead", CATATONITS, lambda case: True, keep("blocked")),
    Allowed("reeve is under its own licence", (*TINIS, *CATATONITS), is_licence_asked_for, with_own_licence),
    Allowed("reeve is catatonit 0.2", CATATONITS, lambda case: True, with_text("0.1.7_catatonit", "0.2.0_catatonit")),
    Allowed("reeve's bugs are not for the authors of catatonit", CATATONITS, lambda case: True, without_their_places),
    Allowed("as PID 1 reeve gets every orphan, subreaper or not", (TINI,), lambda case: case.pid_1, without("Registered as child subreaper")),
    Allowed(
        "reeve says less of itself where catatonit is to be debugged, which writes its lines in pieces",
        (CATATONIT,),
        lambda case: any(pair.startswith("CATATONIT_DEBUG=") for pair in case.env),
        with_few_debugging_lines,
    ),
    Allowed(
        "docker info shows an init only with a commit behind its version",
        ("docker-init",),
        lambda case: case.words == ("--version",),
        with_text("0.19.0", "0.19.0 - git.reeve"),
    ),
    Allowed("reeve knows signals that tini does not", (TINI,), lambda case: case.words[1:3] in SIGNALS_UNKNOWN_TO_TINI, with_the_command_run),
    Allowed("no folder can have such a file", EVERY, lambda case: case.words[-1:] == ("x" * 300,), with_name_not_found),
    Allowed(
        "what dumb-init leaves is ended by reeve, which tells of it",
        (DUMB_INIT,),
        lambda case: case.words[-1:] == ("sleep 1000 & exit 3",) and case.words[0] in ("-v", "-cv"),
        with_the_rest_awaited,
    ),
    Allowed(
        "a child of tini that cannot execute writes what its parent had to say once more",
        (TINI,),
        exec_fails_at_length,
        with_its_own_words_only,
    ),
    *(IN_STATIC_BUILDS if BUILD == "static" else ()),
]


class Tables:
    """Each is run once, and looked at by more than one test."""

    def __init__(self, place):
        self.place = place
        self.cases = {table: list(dict.fromkeys(list_cases(make_files(place)))) for table, list_cases in TABLES.items()}
        self.compared = {}
        self.needed = set()

    def differences(self, table, environment):
        if table not in self.compared:
            outcomes = dropin.run_all(self.cases[table], str(self.place), environment)
            self.compared[table] = [(case, dropin.difference(self.as_allowed(case, theirs), ours)) for case, theirs, ours in outcomes]
        return [f"{case}\n{text}" for case, text in self.compared[table] if text]

    def as_allowed(self, case, theirs):
        """What reeve has to do, where the original does `theirs`."""
        for entry in ALLOWED:
            if case.init in entry.inits and entry.where(case):
                before = copy.deepcopy(theirs)
                entry.change(case, theirs)
                if before != theirs:
                    self.needed.add(entry.why)
        return theirs


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    return Tables(tmp_path_factory.mktemp("dropin"))


@pytest.mark.parametrize("table", TABLES)
def test_the_same_command_lines_do_the_same(table, tables, clean, environment):
    found = tables.differences(table, environment)
    assert not found, f"{len(found)} of {len(tables.cases[table])} command lines:\n\n" + "\n\n".join(found)


def test_no_difference_is_allowed_that_is_none(tables, clean, environment):
    for table in TABLES:
        tables.differences(table, environment)
    assert [entry.why for entry in ALLOWED if entry.why not in tables.needed] == []

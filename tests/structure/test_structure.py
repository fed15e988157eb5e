"""The shape of the source tree: who may include whom, and where alone a thing may be done.

Every check is a function of a tree that returns its offenders, one line each, so that the tests
can show it a bad tree too.
"""

import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

MAY_INCLUDE = {
    "init": {"ctl", "supervisor", "conf", "reaper"},
    "ctl": {"supervisor", "conf"},
    "supervisor": {"conf"},
    "conf": set(),
    "reaper": set(),
    "libc": set(),
}

# What it is: (how it looks, the files and folders that may, a line that is caught)
ONLY_IN = {
    "libev": (r'#\s*include\s*[<"]ev\.h[>"]', ("init/loop.c", "ctl/server.c"), "#include <ev.h>"),
    "inih": (r'#\s*include\s*[<"]ini\.h[>"]', ("conf/ini_reader.c",), "#include <ini.h>"),
    "fork": (
        r"\b(v?fork|_Fork|clone3?|posix_spawnp?|popen|system|daemon)\s*\(|\b(SYS|__NR)_(v?fork|clone3?)\b",
        ("supervisor/spawn.c", "libc/fork.c"),
        "pid_t pid = fork();",
    ),
    "exec": (
        r"\b(f?execve|exec(l|le|lp|v|vp|vpe|veat))\s*\(|\b(SYS|__NR)_execve(at)?\b",
        ("supervisor/spawn.c",),
        "execvp(argv[0], argv);",
    ),
    "waiting for children": (
        r"\b(wait|waitpid|waitid|wait3|wait4)\s*\(|\b(SYS|__NR)_(wait4|waitid)\b",
        ("reaper/", "supervisor/daemon.c"),  # the latter in a child, for children of its own
        "while (waitpid(-1, &status, WNOHANG) > 0)",
    ),
    "other inits": (
        r"(?i)tini|dumb_?init|catatonit",
        ("init/personality.", "init/tini.c", "init/dumb_init.c", "init/catatonit.c"),
        "if (is_dumb_init)",
    ),
    "printing": (
        r"\b(v?printf|puts|putchar|perror|psignal|psiginfo|v?syslog)\s*\(|\b(stdout|stderr)\b"
        r"|\b(write|writev|v?dprintf)\s*\(\s*([12]|STD(OUT|ERR)_FILENO)\s*,",
        ("init/", "ctl/reevectl.c", "ctl/top.c"),
        "write(STDERR_FILENO, text, length);",
    ),
}

COMMENT_OR_LITERAL = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.DOTALL
)
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
# What libc/printf.c knows, and what looks like any other conversion.
KNOWN_CONVERSION = re.compile(r"%[-0]*(?:[1-9]\d*|\*)?(?:\.(?:\d+|\*)?s|(?:ll?|z|j)?[diux]|[sc%])")
CONVERSION = re.compile(r"%[-+ #0]*(?:\d+|\*)?(?:\.(?:\d+|\*)?)?(?:hh?|ll?|[jztL])?[a-zA-Z%]")
INCLUDE = re.compile(r'^\s*#\s*include\s*"(.*)"')


def without(text, is_unwanted):
    """Blanks out comments and literals, but keeps the lines as they are counted."""
    return COMMENT_OR_LITERAL.sub(
        lambda found: re.sub(r"[^\n]", " ", found[0]) if is_unwanted(found) else found[0], text
    )


def code_lines(file):
    """The lines with their numbers, without comments, and without strings but for those of #include."""
    text = without(file.read_text(), lambda found: found["comment"])
    for number, line in enumerate(text.splitlines(), 1):
        yield number, line if INCLUDE.match(line) else without(line, lambda found: True)


def code(tree):
    """Every line of code in the tree as (its file, relative, the number, the line)."""
    for folder in MAY_INCLUDE:
        for file in sorted((tree / folder).glob("**/*.[ch]")):
            for number, line in code_lines(file):
                yield file.relative_to(tree).as_posix(), number, line


def wrong_includes(tree):
    offenders = []
    for file, number, line in code(tree):
        included = INCLUDE.match(line)
        folder = file.split("/")[0]
        allowed = MAY_INCLUDE[folder] | {folder}
        if included and included[1].split("/")[0] not in allowed:
            offenders.append(f"{file}:{number}: {line.strip()}")
    return offenders


def out_of_place(tree, what):
    pattern, places, _ = ONLY_IN[what]
    return [
        f"{file}:{number}: {line.strip()}"
        for file, number, line in code(tree)
        if re.search(pattern, line) and not file.startswith(places)
    ]


def unknown_conversions(tree):
    """What the printf(3) of the static build does not know; words that only hold a % are left out."""
    offenders = []
    for folder in MAY_INCLUDE.keys() - {"libc"}:
        for file in sorted((tree / folder).glob("**/*.c")):
            text = without(file.read_text(), lambda found: found["comment"])
            for literal in LITERAL.findall(text):
                offenders += [
                    f"{file.relative_to(tree).as_posix()}: {found}"
                    for found in CONVERSION.findall(literal)
                    if not KNOWN_CONVERSION.fullmatch(found)
                ]
    return offenders


def plant(tree, file, text):
    path = tree / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


@pytest.mark.parametrize("folder", ["conf", "reaper", "supervisor", "init"])
def test_the_tree_that_is_looked_at_has_sources(folder):
    assert folder in {file.split("/")[0] for file, _, _ in code(ROOT)}


def test_includes_point_only_downwards():
    assert wrong_includes(ROOT) == []


@pytest.mark.parametrize("what", ONLY_IN)
def test_this_is_done_only_where_it_belongs(what):
    assert out_of_place(ROOT, what) == []


@pytest.mark.parametrize(
    ("file", "included"),
    [
        ("conf/value.c", "supervisor/service.h"),
        ("reaper/reaper.c", "supervisor/service.h"),
        ("reaper/reaper.c", "conf/value.h"),
        ("supervisor/spawn.c", "reaper/reaper.h"),
        ("supervisor/service.h", "init/loop.h"),
        ("ctl/server.c", "init/message.h"),
        ("ctl/server.c", "reaper/reaper.h"),
        ("init/main.c", "util/list.h"),
        ("init/main.c", "loop.h"),
        ("init/main.c", "../init/loop.h"),
    ],
)
def test_an_include_that_points_elsewhere_is_found(tmp_path, file, included):
    plant(tmp_path, file, f'#include "{included}"')
    assert wrong_includes(tmp_path) == [f'{file}:1: #include "{included}"']


@pytest.mark.parametrize("folder", MAY_INCLUDE)
def test_an_include_that_points_downwards_is_allowed(tmp_path, folder):
    for below in {folder} | MAY_INCLUDE[folder]:
        plant(tmp_path, f"{folder}/uses_{below}.c", f'#include "{below}/thing.h"')
    assert wrong_includes(tmp_path) == []


@pytest.mark.parametrize("what", ONLY_IN)
def test_this_is_found_where_it_does_not_belong(tmp_path, what):
    line = ONLY_IN[what][2]
    plant(tmp_path, "supervisor/service.c", f"/* two\nlines */ {line}")
    assert out_of_place(tmp_path, what) == [f"supervisor/service.c:2: {line}"]


@pytest.mark.parametrize("what", ONLY_IN)
def test_this_is_allowed_where_it_belongs(tmp_path, what):
    _, places, line = ONLY_IN[what]
    for place in places:
        plant(tmp_path, f"{place}any.c" if place.endswith("/") else place, line)
    assert out_of_place(tmp_path, what) == []


@pytest.mark.parametrize("what", ONLY_IN)
def test_a_comment_or_a_string_does_nothing(tmp_path, what):
    line = ONLY_IN[what][2]
    plant(tmp_path, "supervisor/service.c", f'// {line}\n/* {line}\n{line} */\nchar *text = "\\"{line}";')
    assert out_of_place(tmp_path, what) == []


def test_every_conversion_is_one_that_the_static_build_knows():
    assert unknown_conversions(ROOT) == []


@pytest.mark.parametrize("conversion", ["%f", "%p", "%+d", "%#x", "%.3d", "%hd", "%o", "%m", "%Lf", "%n"])
def test_a_conversion_that_it_does_not_know_is_found(tmp_path, conversion):
    plant(tmp_path, "conf/value.c", f'snprintf(to, size, "%s {conversion}", text, number);')
    assert unknown_conversions(tmp_path) == [f"conf/value.c: {conversion}"]


@pytest.mark.parametrize("conversion", ["%s", "%-32s", "%.*s", "%.8s", "%02x", "%i", "%*d", "%lld", "%zu", "%03ld", "%%"])
def test_a_conversion_that_it_knows_is_allowed(tmp_path, conversion):
    plant(tmp_path, "conf/value.c", f'snprintf(to, size, "{conversion}", argument);')
    assert unknown_conversions(tmp_path) == []

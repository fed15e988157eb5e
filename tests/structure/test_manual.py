"""The manual page reeve.ini(5) says of every key what the table of keys in the code says.

Every check is a function of the page, and of the table where that matters, and returns its
offenders, one line each, so that the tests can show it a bad page too.
"""

import collections
import dataclasses
import os
import pathlib
import re
import subprocess
import textwrap

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/reeve.ini.5").read_text()
TABLE = (ROOT / "conf/keys.c").read_text()
HEADER = (ROOT / "conf/keys.h").read_text()

DEADLINE = 20

# --- the table: conf/keys.c


@dataclasses.dataclass
class Key:
    name: str
    section: str
    standard: str
    adds_up: bool


TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[(){},]|[^\s"(){},]+')


def without_comments(source):
    return re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)


def initializers(text):
    """Each NAME(ARGUMENT, ...) or {ARGUMENT, ...} as (NAME or "", the arguments)."""
    name, arguments = "", None
    for token in TOKEN.findall(text):
        if arguments is None:
            if token in "({":
                arguments = [""]
            else:
                name = "" if token == "," else token
        elif token in ")}":
            yield name, arguments
            name, arguments = "", None
        elif token == ",":
            arguments.append("")
        else:
            arguments[-1] += token[1:-1] if token[0] == '"' else token


def row_macros(source):
    """The macros that stand for rows: name -> (parameters, fields of the row)."""
    macros = {}
    for name, parameters, body in re.findall(r"^#define (\w+)\((.*?)\)\s*(\{.*\})$", source, re.MULTILINE):
        _, fields = next(initializers(body))
        macros[name] = (parameters.replace(" ", "").split(","), fields)
    return macros


def rows(source):
    """The fields of each row, macros expanded."""
    source = without_comments(source.replace("\\\n", " "))
    macros = row_macros(source)
    table = re.search(r"\bkeys\[\] = \{\n(.*?)^\};", source, re.DOTALL | re.MULTILINE)[1]
    for name, arguments in initializers(table):
        if name:
            parameters, fields = macros[name]
            given = dict(zip(parameters, arguments, strict=True))
            yield [given.get(field, field) for field in fields]
        else:
            yield arguments


def read_table(source):
    struct = re.search(r"^struct key \{(.*?)^\};", without_comments(HEADER), re.DOTALL | re.MULTILINE)[1]
    names = re.findall(r"(\w+);", struct)
    keys = []
    for fields in rows(source):
        row = dict(zip(names, fields, strict=True))
        keys.append(Key(row["name"], row["section"], row["standard"], row["adds_up"] == "true"))
    return keys


KEYS = read_table(TABLE)

# --- the page: docs/reeve.ini.5


@dataclasses.dataclass
class Entry:
    """What the page says of a key."""

    name: str
    section: str
    text: str


SECTIONS = {"THE SECTION [reeve]": "SECTION_REEVE", "THE SECTION [service NAME]": "SECTION_SERVICE"}
ENTRY = re.compile(r"^\.It Ic (\S+).*\n((?:(?!\.It Ic |\.Ss |\.Sh ).*\n)*)", re.MULTILINE)
MENTION = re.compile(r"^\.(?:It )?Ic (\S+)", re.MULTILINE)


def section_text(page, title):
    """What stands below the heading; "" where there is no such section."""
    found = re.search(rf"^\.Sh {re.escape(title)}\n(.*?)(?=^\.Sh |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def entries(page):
    return [
        Entry(name, section, text)
        for title, section in SECTIONS.items()
        for name, text in ENTRY.findall(section_text(page, title))
    ]


def entries_with_rows(page, keys):
    """The entries of keys that exist, each with its row of the table."""
    row_of = {key.name: key for key in keys}
    return [(entry, row_of[entry.name]) for entry in entries(page) if entry.name in row_of]


# --- the checks


def missing_or_surplus(page, keys):
    times = collections.Counter(entry.name for entry in entries(page))
    names = {key.name for key in keys}
    offenders = [f"{key.name}: {times[key.name]} times" for key in keys if times[key.name] != 1]
    return offenders + [f"{name}: no such key" for name in times if name not in names]


def unknown_mentions(page, keys):
    names = {key.name for key in keys}
    return [f"{name}: no such key" for name in MENTION.findall(page) if name not in names]


def wrong_sections(page, keys):
    return [
        f"{entry.name}: it belongs to {key.section}"
        for entry, key in entries_with_rows(page, keys)
        if entry.section != key.section
    ]


def wrong_defaults(page, keys):
    offenders = []
    for entry, key in entries_with_rows(page, keys):
        said = re.findall(r"^Default: (.*)$", entry.text, re.MULTILINE)
        if said != ([key.standard] if key.standard else []):
            offenders.append(f"{entry.name}: the page says {said}, the table {key.standard!r}")
    return offenders


def wrong_repetitions(page, keys):
    return [
        f"{entry.name}: it {'adds' if key.adds_up else 'does not add'} up"
        for entry, key in entries_with_rows(page, keys)
        if ("May be given several times." in entry.text) != key.adds_up
    ]


def mandoc(page, *options):
    return subprocess.run(
        ["mandoc", *options], input=page, capture_output=True, text=True, timeout=DEADLINE, check=False
    )


def lint(page):
    run = mandoc(page, "-T", "lint", "-W", "warning")
    return (run.stdout + run.stderr).splitlines()


def rendered(page):
    """The page as a reader sees it, without bold and underlined letters."""
    return re.sub(r".\x08", "", mandoc(page, "-T", "ascii").stdout)


def example_configurations(page):
    """What a reader copies from EXAMPLES: the indented blocks that begin with a section."""
    text = re.search(r"^EXAMPLES\n(.*?)(?=^\S)", rendered(page), re.DOTALL | re.MULTILINE)[1]
    blocks = re.findall(r"(?:^(?: {6,}\S.*)?\n)+", text, re.MULTILINE)
    blocks = [textwrap.dedent(block).strip() + "\n" for block in blocks]
    return [block for block in blocks if block.startswith("[")]


def example_complaints(page, folder):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("REEVE")}
    file = folder / "reeve.ini"
    offenders = []
    for configuration in example_configurations(page):
        file.write_text(configuration)
        run = subprocess.run(
            [os.environ["REEVE"], "--check", "-c", file],
            env=environment, capture_output=True, text=True, timeout=DEADLINE, check=False,
        )  # fmt: skip
        offenders += run.stderr.splitlines()
        if run.returncode != 0:
            offenders.append(f"exit status {run.returncode}")
    return offenders


# --- the page is well


def test_every_row_of_the_table_is_read():
    assert len(KEYS) == int(re.search(r"\bKEYS = (\d+)", HEADER)[1])


def test_every_key_is_documented_once_and_no_other_one_is():
    assert missing_or_surplus(PAGE, KEYS) == []


def test_every_key_that_is_mentioned_exists():
    assert unknown_mentions(PAGE, KEYS) == []


def test_every_key_stands_under_its_section():
    assert wrong_sections(PAGE, KEYS) == []


def test_every_default_is_that_of_the_table():
    assert wrong_defaults(PAGE, KEYS) == []


def test_the_page_says_which_keys_add_up():
    assert wrong_repetitions(PAGE, KEYS) == []


def test_mandoc_has_nothing_to_warn_of():
    assert lint(PAGE) == []


def test_the_page_has_examples():
    assert len(example_configurations(PAGE)) >= 2


def test_reeve_accepts_the_examples(tmp_path):
    assert example_complaints(PAGE, tmp_path) == []


# --- faults are found


def change(text, old, new):
    assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
    return text.replace(old, new)


def entry_source(name):
    return next(found[0] for found in ENTRY.finditer(PAGE) if found[1] == name)


def without_entry(name):
    return change(PAGE, entry_source(name), "")


def with_key(**changes):
    """The table with one more row, a copy of `main` but for the changes."""
    row = next(key for key in KEYS if key.name == "main")
    return [*KEYS, dataclasses.replace(row, **changes)]


def with_changed_key(name, **changes):
    return [dataclasses.replace(key, **changes) if key.name == name else key for key in KEYS]


@pytest.mark.parametrize("name", [key.name for key in KEYS])
def test_a_key_that_is_missing_is_found(name):
    assert missing_or_surplus(without_entry(name), KEYS) == [f"{name}: 0 times"]


def test_a_key_that_is_new_in_the_table_is_found():
    assert missing_or_surplus(PAGE, with_key(name="colour")) == ["colour: 0 times"]


def test_a_key_that_is_gone_from_the_table_is_found():
    keys = [key for key in KEYS if key.name != "umask"]
    assert missing_or_surplus(PAGE, keys) == ["umask: no such key"]


@pytest.mark.parametrize("name", ["command", "stop-delay", "stderr"])
def test_a_key_that_is_documented_twice_is_found(name):
    twice = change(PAGE, entry_source(name), 2 * entry_source(name))
    assert missing_or_surplus(twice, KEYS) == [f"{name}: 2 times"]


def test_a_key_with_a_mistake_in_its_name_is_found():
    page = change(PAGE, ".It Ic umask No", ".It Ic unmask No")
    assert missing_or_surplus(page, KEYS) == ["umask: 0 times", "unmask: no such key"]


def test_a_mention_of_an_unknown_key_is_found():
    page = change(PAGE, ".Sh FILES\n", "See\n.Ic restart-dealy .\n.Sh FILES\n")
    assert unknown_mentions(page, KEYS) == ["restart-dealy: no such key"]


def test_a_key_under_the_wrong_section_is_found():
    entry = entry_source("sweep-timeout")
    page = change(without_entry("sweep-timeout"), entry_source("main"), entry + entry_source("main"))
    assert wrong_sections(page, KEYS) == ["sweep-timeout: it belongs to SECTION_REEVE"]


@pytest.mark.parametrize("name", [key.name for key in KEYS if key.standard])
def test_a_default_that_is_missing_is_found(name):
    entry = re.sub(r"^Default: .*\n", "", entry_source(name), flags=re.MULTILINE)
    page = change(PAGE, entry_source(name), entry)
    assert [line.split(":")[0] for line in wrong_defaults(page, KEYS)] == [name]


@pytest.mark.parametrize("name", [key.name for key in KEYS])
def test_a_default_that_the_table_does_not_have_is_found(name):
    keys = with_changed_key(name, standard="37")
    assert [line.split(":")[0] for line in wrong_defaults(PAGE, keys)] == [name]


@pytest.mark.parametrize("name", [key.name for key in KEYS])
def test_a_key_that_adds_up_without_a_word_of_it_or_the_other_way_round_is_found(name):
    adds_up = next(key.adds_up for key in KEYS if key.name == name)
    keys = with_changed_key(name, adds_up=not adds_up)
    assert [line.split(":")[0] for line in wrong_repetitions(PAGE, keys)] == [name]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (".Sh FILES\n", ".Xyz\n.Sh FILES\n"),
        (".Sh FILES\n", "\n.Sh FILES\n"),
        (".Sh FILES\n", ".Bd -literal\n.Sh FILES\n"),
        (".Dt REEVE.INI 5\n", ""),
    ],
    ids=["unknown macro", "empty line", "display without an end", "no title"],
)
def test_what_mandoc_warns_of_is_found(old, new):
    assert lint(change(PAGE, old, new)) != []


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        ("[service planted]", "has no command"),
        ("[service planted]\ncomand = true", "did you mean 'command'?"),
        ("[service planted]\ncommand = true\nrestart = always:3", "only on-failure takes"),
        ("[service planted]\ncommand = true\ndepends-on = nobody", "'nobody' is no service"),
        ("[service planted]\ncommand = ${NOT_SET_ANYWHERE}", "is not set and has no default"),
    ],
)
def test_an_example_that_reeve_would_complain_about_is_found(tmp_path, fault, complaint):
    display = f".Bd -literal -offset indent\n{fault}\n.Ed\n"
    page = change(PAGE, ".Sh EXAMPLES\n", f".Sh EXAMPLES\n{display}.Pp\n")
    assert any(complaint in line for line in example_complaints(page, tmp_path))


# --- the table is read as C reads it


def table_of(rows_of_it):
    head = TABLE[: TABLE.index("const struct key keys[]")]
    return f"{head}const struct key keys[] = {{\n{rows_of_it}\n}};\n"


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (
            'REEVE("k", set_k, "1 2", "help"),',
            Key("k", "SECTION_REEVE", "1 2", False),
        ),
        (
            '{"k", SECTION_SERVICE, set_k, "", "he,l" "p (x) {y} \\"z\\"", true},',
            Key("k", "SECTION_SERVICE", "", True),
        ),
        (
            '/* LATER("j", set_j, "", "") */ REEVE("k",\n set_k,\n"1" "2",\n "a" /* b */ "c"),',
            Key("k", "SECTION_REEVE", "12", False),
        ),
    ],
    ids=["macro", "braces", "lines and comments"],
)
def test_a_row_is_read(row, key):
    assert read_table(table_of(row)) == [key]

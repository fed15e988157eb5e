"""The pages for users and contributors name what is there, and nobody has to guess where a page is.

Every check is a function of a tree that returns its offenders, one line each, so that the tests
can show it a bad tree too.
"""

import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEADLINE = 20

FOLDERS = "bench cmake conf ctl docs init libc reaper supervisor tests".split()
PATH = re.compile(rf"(?<![\w./~-])(?:{'|'.join(FOLDERS)})/[\w.*/-]*\w")
FILE = re.compile(r"`([\w-]+\.(?:c|h|py|txt))`")
FUNCTION = re.compile(r"`(\w+)\(\)`")
LINK = re.compile(r"\]\(([^)#\s]+)")
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def pages(tree):
    return [*tree.glob("*.md"), *tree.glob("docs/**/*.md")]


def links(page):
    """Where the links of a page to files of ours lead to."""
    return [pathlib.Path(os.path.normpath(page.parent / link)) for link in LINK.findall(page.read_text()) if "://" not in link]


def missing(tree):
    """Paths, files and targets of links that are not there. A * stands for anything."""
    offenders = []
    for page in pages(tree):
        text = page.read_text()
        lost = [path for path in PATH.findall(text) if not list(tree.glob(path))]
        lost += [file for file in FILE.findall(text) if not any(list((tree / folder).rglob(file)) for folder in FOLDERS)]
        lost += [str(target.relative_to(tree)) for target in links(page) if not target.exists()]
        offenders += [f"{page.relative_to(tree)}: {what}" for what in lost]
    return offenders


def unknown_functions(tree):
    """Those of libev are not ours."""
    files = [file for folder in FOLDERS for ending in ("[ch]", "py") for file in (tree / folder).rglob(f"*.{ending}")]
    known = {name for file in files for name in re.findall(r"\b(\w+)\(", file.read_text())}
    return [f"{page.relative_to(tree)}: {name}()" for page in pages(tree) for name in FUNCTION.findall(page.read_text())
            if name not in known and not name.startswith("ev_")]  # fmt: skip


def out_of_reach(tree):
    """Pages, manuals and examples that no link leads to, beginning at README.md. A folder shows its own."""
    seen, todo = set(), [tree / "README.md"]
    while todo:
        page = todo.pop()
        if page not in seen:
            seen.add(page)
            todo += links(page) if page.suffix == ".md" else page.glob("README.md")
    wanted = [*pages(tree), *tree.glob("docs/*.[1-8]"), *tree.glob("docs/examples/*/")]
    return [str(page.relative_to(tree)) for page in wanted if not any(at == page or page in at.parents for at in seen)]


def commands_of_dev(text):
    return set(re.findall(r"^\./dev ([a-z]+)", text, re.MULTILINE))


def plant(tree, file, text):
    path = tree / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


def test_what_pages_name_is_there():
    assert missing(ROOT) == []


@pytest.mark.parametrize("text", ["`conf/gone.c`", "see docs/GONE.md.", "`gone.c`", "[it](conf/gone.c)", "`conf/gone_*.c`"])
def test_a_name_of_what_is_not_there_is_found(tmp_path, text):
    plant(tmp_path, "conf/there.c", "")
    plant(tmp_path, "README.md", text)
    assert len(missing(tmp_path)) >= 1


@pytest.mark.parametrize("text", ["`conf/there.c`", "conf/there.c.", "`there.c`", "[it](conf/there.c)", "/etc/conf/gone.c"])
def test_a_name_of_what_is_there_is_allowed(tmp_path, text):
    plant(tmp_path, "conf/there.c", "")
    plant(tmp_path, "README.md", text)
    assert missing(tmp_path) == []


def test_functions_that_pages_name_are_there():
    assert unknown_functions(ROOT) == []


def test_a_function_that_is_not_there_is_found(tmp_path):
    plant(tmp_path, "conf/there.c", "int there(void);")
    plant(tmp_path, "README.md", "`there()` and `gone()`")
    assert unknown_functions(tmp_path) == ["README.md: gone()"]


def test_every_page_and_example_is_reached_from_the_readme():
    assert out_of_reach(ROOT) == []


def test_a_page_without_a_link_is_found(tmp_path):
    plant(tmp_path, "README.md", "[one](docs/ONE.md)")
    plant(tmp_path, "docs/ONE.md", "[two](two.1) [example](examples/three/file)")
    plant(tmp_path, "docs/two.1", "")
    plant(tmp_path, "docs/examples/three/file", "")
    plant(tmp_path, "docs/LOST.md", "")
    assert out_of_reach(tmp_path) == ["docs/LOST.md"]


def test_the_commands_of_dev_are_those_of_the_page_for_contributors():
    told = subprocess.run([ROOT / "dev", "help"], capture_output=True, text=True, timeout=DEADLINE, check=True).stdout
    assert commands_of_dev(told) - {"help", "clean"} == commands_of_dev((ROOT / "docs/HACKING.md").read_text())


def test_every_folder_of_tests_is_in_the_page_for_contributors():
    rows = re.findall(r"^\| (tests/\w+) \|", (ROOT / "docs/HACKING.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(f"tests/{folder.name}" for folder in (ROOT / "tests").iterdir() if folder.is_dir())


def test_the_services_of_the_readme_have_no_mistake(tmp_path):
    blocks = [text for language, text in BLOCK.findall((ROOT / "README.md").read_text()) if language == "ini"]
    assert blocks
    for number, text in enumerate(blocks):
        plant(tmp_path, f"{number}.ini", text)
        subprocess.run([os.environ["REEVE"], "--check", "-c", tmp_path / f"{number}.ini"], timeout=DEADLINE, check=True)


def test_the_page_on_supervisord_shows_the_example_as_it_is():
    blocks = [text for language, text in BLOCK.findall((ROOT / "docs/SUPERVISORD.md").read_text()) if language == "ini"]
    files = [ROOT / "docs/examples/legacy" / name for name in ("supervisord.conf", "reeve.ini")]
    assert blocks == [file.read_text() for file in files]

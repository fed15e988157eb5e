"""Services in files: writing one, starting reeve with it, and reading what is told of them."""

import json
import re

from harness import PROBE
from processes import wait_until


def write(folder, text, name="reeve.ini"):
    """An INI file in the folder. In its text PROBE is the path of the probe, and HERE that of the folder."""
    path = folder / name
    path.write_text(text.replace("PROBE", PROBE).replace("HERE", str(folder)))
    return str(path)


def start(reeve, folder, text, *words, **options):
    """reeve with an INI file of this text; the words, other options or `-- COMMAND`, come behind it.

    It has no control socket, unless the text names one: there is one place for it on a machine.
    """
    control = () if re.search("^control *=", text, re.MULTILINE) else ("-o", "control=none")
    return reeve("-c", write(folder, text), *control, *words, **options)


def finished(reeve, folder, text, *words, **options):
    """The same, once it has ended."""
    run = start(reeve, folder, text, *words, **options)
    run.wait()
    return run


def said_of(run, name):
    """What was said of one service so far, without its name."""
    prefix = f"reeve: {name}: "
    return [line.removeprefix(prefix) for line in run.err.lines() if line.startswith(prefix)]


def events(run, **wanted):
    """The messages of a run with --log-format json that have these members."""
    messages = [json.loads(line) for line in run.err.lines()]
    return [message for message in messages if wanted.items() <= message.items()]


def stamps(path):
    """When `probe runs PATH` was started, each time, in ms of the clock that reeve looks at, too."""
    return [int(line) // 1_000_000 for line in path.read_text().splitlines()] if path.exists() else []


def wait_for_runs(path, count):
    wait_until(lambda: len(stamps(path)) >= count, f"{path.name} was started {count} times")

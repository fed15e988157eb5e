"""What a service found when it was started, as `probe report` says it."""

import json

from services import finished

SERVICE = "[service web]\ntype = oneshot\n"
REPORTS = f"{SERVICE}command = PROBE report HERE/report\n"


def read_report(folder, name="report"):
    return json.loads((folder / name).read_text())


def report_of(reeve, folder, settings="", *words, **options):
    """The report of a service with these settings, which has ended well, and reeve with it."""
    run = finished(reeve, folder, REPORTS + settings, *words, **options)
    assert run.code == 0, run.err.text()
    return read_report(folder)


def variables(report):
    """Its environment; a variable that is there twice is an error."""
    pairs = [text.split("=", 1) for text in report["environment"]]
    assert len({name for name, _ in pairs}) == len(pairs), pairs
    return dict(pairs)


def variables_of(reeve, folder, settings="", *words, **options):
    return variables(report_of(reeve, folder, settings, *words, **options))

"""Services that say when they are asked to stop, and what was told of a whole stop."""

import json
import signal
from datetime import datetime

# The probe cannot miss the signal once it has said that it is ready, and then the shell has its trap.
ASKED = "trap : TERM; PROBE signals 1; echo {name} asked; {then}; echo {name} leaves"
DEAF = "PROBE signals 99"


def asked(name, then=":"):
    """A command that says when it gets TERM, does the rest, and says when it leaves, unless that exits."""
    return f"sh -c '{ASKED.format(name=name, then=then)}'"


def service(name, command, *settings):
    return "\n".join([f"[service {name}]", f"command = {command}", *settings, ""])


def wait_until_ready(run, count=1):
    for _ in range(count):
        run.ready()


def stop(run):
    run.signal(signal.SIGTERM)
    return run.wait()


def told(run):
    """What the services said themselves, in order."""
    return [line for line in run.out.lines() if not line.startswith(("ready ", "signal "))]


def since_stopping(run):
    """With --log-format json: the seconds from the beginning of the stop to each first event of a service."""
    messages = [json.loads(line) for line in run.err.lines()]
    times = [datetime.fromisoformat(message["ts"].replace("Z", "+00:00")).timestamp() for message in messages]
    begin = next(n for n, message in enumerate(messages) if message["event"] == "stopping")
    found = {}
    for n in range(begin, len(messages)):
        found.setdefault((messages[n]["service"], messages[n]["event"]), round(times[n] - times[begin], 3))
    return found

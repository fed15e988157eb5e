#!/usr/bin/python3
"""footprint.py [INIT...]: what an init costs while its program runs, as a Markdown table.

Each INIT is started as `INIT -- sleep 1000`. Resident and private memory are the kernel's
(smaps_rollup) once it waits: private is also what of the file nobody else has mapped, dirty what
is there for each instance. System calls are counted by strace from its exec to the fork of the
program; wake-ups are its voluntary context switches during ten idle seconds.
"""
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = ["sleep", "1000"]
IDLE_SECONDS = 10
FORKS = ("clone", "clone3", "fork", "vfork")


def child_of(pid):
    """The program that `pid` has started, once it is another one than its parent."""
    while True:
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{entry}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                with open(f"/proc/{entry}/comm") as comm:
                    if parent == pid and comm.read().strip() == PROGRAM[0]:
                        return int(entry)
            except OSError:
                pass  # gone meanwhile
        time.sleep(0.01)


def field(path, name):
    with open(path) as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def switches(pid):
    return field(f"/proc/{pid}/status", "voluntary_ctxt_switches")


def memory_and_wakeups(init):
    # Outside of a terminal and of the test's own group, as an engine starts it.
    process = subprocess.Popen([init, "--", *PROGRAM], start_new_session=True,
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        child_of(process.pid)
        time.sleep(0.5)  # until it waits; all of them do nothing before their first wake-up
        rollup = f"/proc/{process.pid}/smaps_rollup"
        before = switches(process.pid)
        time.sleep(IDLE_SECONDS)
        memory = [field(rollup, name) for name in ("Rss:", "Private_", "Private_Dirty:")]
        return *memory, switches(process.pid) - before
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def calls_before_fork(init):
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-o", trace.name, init, "--", "true"], check=True,
                       stderr=subprocess.DEVNULL)
        names = [match.group(1) for match in map(re.compile(r"(\w+)\(").match, trace) if match]
    first_fork = min(names.index(name) for name in FORKS if name in names)
    return first_fork - 1  # its own execve is not a call of it


def main():
    os.sync()  # pages of a binary that was just built are dirty until they are on the disk
    print("| init | RSS KiB | private KiB | of it dirty | calls before fork | wake-ups in 10 s | size in bytes |")
    print("|---|---|---|---|---|---|---|")
    for init in sys.argv[1:]:
        rss, private, dirty, wakeups = memory_and_wakeups(init)
        print(f"| {os.path.basename(init)} | {rss} | {private} | {dirty} | {calls_before_fork(init)} "
              f"| {wakeups} | {os.path.getsize(init)} |", flush=True)


if __name__ == "__main__":
    main()

"""What the kernel says of processes, and a supervisor or init that is being measured."""

import os
import select
import struct
import sys

PATIENCE = 60  # seconds until something that should have come is given up


def field(path, name):
    """The sum of the lines of a file in /proc that begin so."""
    with open(path) as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as found:
        return [int(child) for child in found.read().split()]


def all_below(pid):
    found = []
    for child in children(pid):
        found += [child, *all_below(child)]
    return found


def name_of(pid):
    with open(f"/proc/{pid}/comm") as comm:
        return comm.read().strip()


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat") as figures:
        return int(figures.read().split()[0])


def wakeups(pid):
    return field(f"/proc/{pid}/status", "voluntary_ctxt_switches")


def memory_kib(pid):
    """Resident, private, and of that dirty."""
    rollup = f"/proc/{pid}/smaps_rollup"
    return [field(rollup, name) for name in ("Rss:", "Private_", "Private_Dirty:")]


def read_exactly(descriptor, size):
    data = b""
    while len(data) < size:
        if not select.select([descriptor], [], [], PATIENCE)[0]:
            sys.exit(f"nothing came for {PATIENCE} s")
        some = os.read(descriptor, size - len(data))
        if not some:
            sys.exit("what was measured has ended too soon")
        data += some
    return data


def read_stamps(descriptor, count):
    return struct.unpack(f"{count}Q", read_exactly(descriptor, 8 * count))

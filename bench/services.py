#!/usr/bin/python3
"""services.py REEVE [RUNS]: what services cost, beside a bare loop of vfork, as Markdown.

Everything runs as PID 1 of a PID namespace of its own. The services are copies of a program that
writes the time of its first instruction and waits; the floor is bench/floor.c, which makes only the
system calls that the job needs. Rounds are interleaved: floor, reeve, floor, reeve...
"""
import os
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
AS_PID_1 = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
BARE = ["cc", "-O2", "-static", "-nostdlib", "-fno-stack-protector", "-o"]
IDLE_SECONDS = 10


def build(folder, name):
    program = os.path.join(folder, name)
    subprocess.run([*BARE, program, os.path.join(HERE, name + ".c")], check=True)
    return program


def field(path, name):
    with open(path) as lines:
        return sum(int(line.split()[1]) for line in lines if line.startswith(name))


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as children:
        return int(children.read().split()[0])


class Run:
    """A supervisor that has started `count` copies of the program."""

    def __init__(self, command, count):
        reading, writing = os.pipe()
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        self.process = subprocess.Popen([*AS_PID_1, *command], stdout=writing,
                                        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        os.close(writing)
        self.reading = reading
        stamps = self.stamps(count)
        self.pid = child_of(self.process.pid)
        self.first_to_last_ms = (max(stamps) - min(stamps)) / 1e6
        self.start_ms = (max(stamps) - begin) / 1e6

    def stamps(self, count):
        data = b""
        while len(data) < 8 * count:
            some = os.read(self.reading, 65536)
            if not some:
                sys.exit("it has ended before all of its services ran")
            data += some
        return struct.unpack(f"{count}Q", data)

    def children(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children") as children:
            return [int(pid) for pid in children.read().split()]

    def restart_ms(self):
        """From the death of one service to the first instruction of the next."""
        victim = self.children()[0]
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        os.kill(victim, signal.SIGKILL)
        return (self.stamps(1)[0] - begin) / 1e6

    def stop_ms(self):
        begin = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
        os.kill(self.pid, signal.SIGTERM)
        self.process.wait()
        os.close(self.reading)
        return (time.clock_gettime_ns(time.CLOCK_MONOTONIC) - begin) / 1e6


def write_file(folder, stamp, count):
    path = os.path.join(folder, f"{count}.ini")
    with open(path, "w") as file:
        for i in range(count):
            file.write(f"[service s{i}]\ncommand = {stamp}\nrestart = always\nrestart-delay = 0\n")
    return path


def compare(title, commands, count, runs, measure):
    """One row: the medians of the floor and of reeve, and their ratio."""
    figures = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            run = Run(command, count)
            value = measure(run)
            figures[name].append(run.start_ms if value is None else value)
            if value is None or title != "stop":
                run.stop_ms()
    floor, ours = (statistics.median(figures[name]) for name in ("floor", "reeve"))
    print(f"| {title} | {floor:.2f} | {ours:.2f} | {ours / floor:.2f} |", flush=True)


def footprint(reeve, folder, stamp, count):
    run = Run([reeve, "-c", write_file(folder, stamp, count)], count)
    time.sleep(0.5)  # until it has nothing more to do
    rollup = f"/proc/{run.pid}/smaps_rollup"
    private, dirty = field(rollup, "Private_"), field(rollup, "Private_Dirty:")
    before = field(f"/proc/{run.pid}/status", "voluntary_ctxt_switches")
    time.sleep(IDLE_SECONDS)
    woken = field(f"/proc/{run.pid}/status", "voluntary_ctxt_switches") - before
    run.stop_ms()
    print(f"| {count} | {private} | {dirty} | {woken} |", flush=True)


def main():
    reeve = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 11
    with tempfile.TemporaryDirectory() as folder:
        floor, stamp = build(folder, "floor"), build(folder, "stamp")

        def commands(count):
            return {"floor": [floor, str(count), stamp],
                    "reeve": [reeve, "-c", write_file(folder, stamp, count)]}

        print("| ms, median | floor | reeve | ratio |\n|---|---|---|---|")
        compare("1000 services running", commands(1000), 1000, runs, lambda run: None)
        compare("death to the next start, 1 service", commands(1), 1, runs * 3, Run.restart_ms)
        compare("death to the next start, of 100", commands(100), 100, runs, Run.restart_ms)
        compare("stop", commands(100), 100, runs, Run.stop_ms)
        print("\n| services | private KiB | of it dirty | wake-ups in 10 s |\n|---|---|---|---|")
        os.sync()
        for count in (1, 10, 100, 1000):
            footprint(reeve, folder, stamp, count)


if __name__ == "__main__":
    main()

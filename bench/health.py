#!/usr/bin/python3
"""health.py REEVE [RUNS [SECONDS]]: what 100 health checks a second cost, as Markdown.

Beside 100 services that wait, reeve runs 100 checks, each a second after the one before. Two loops
only fork as often and execute the same program: bench/forks.c with a libc, bench/checks.c without.
Counted is the time on a CPU, of the children, too, for each check; rounds are interleaved.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
WITH_LIBC = ["cc", "-O2", "-static"]
BARE = [*WITH_LIBC, "-nostdlib", "-fno-stack-protector"]
SERVICES = 100
TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def build(folder, name, how=BARE):
    program = os.path.join(folder, name)
    subprocess.run([*how, "-o", program, os.path.join(HERE, name + ".c")], check=True)
    return program


def stat(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()


def cpu_us(pid):
    """Its own, and that of the children it has waited for."""
    fields = stat(pid)
    own, children = (sum(map(int, fields[first:first + 2])) for first in (11, 13))
    return own * TICK_US, children * TICK_US


def wakeups(pid):
    with open(f"/proc/{pid}/status") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("voluntary_ctxt_switches"))


def zombies(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        children = file.read().split()
    found = 0
    for child in children:
        try:
            found += stat(child)[0] == "Z"
        except OSError:
            pass
    return found


def measure(command, checks, seconds):
    """Microseconds of the parent and of all for a check, checks a second, wake-ups for a check, zombies."""
    with open(checks, "w"):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while os.path.getsize(checks) < 3 * SERVICES:
        time.sleep(0.1)
    begin, count, (own, children), woken = time.monotonic(), os.path.getsize(checks), cpu_us(process.pid), wakeups(process.pid)
    time.sleep(seconds)
    took, made = time.monotonic() - begin, os.path.getsize(checks) - count
    own, children = (now - before for now, before in zip(cpu_us(process.pid), (own, children)))
    result = own / made, (own + children) / made, made / took, (wakeups(process.pid) - woken) / made, zombies(process.pid)
    process.terminate()
    process.wait()
    return result


def write_file(folder, stamp, check, checks):
    path = os.path.join(folder, "reeve.ini")
    with open(path, "w") as file:
        file.write("[reeve]\ncontrol = none\n")
        for i in range(SERVICES):
            file.write(f"[service s{i}]\ncommand = {stamp}\nhealth = exec:{check} {checks}\nhealth-interval = 1s\n")
    return path


def main():
    reeve = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    seconds = int(sys.argv[3]) if len(sys.argv) > 3 else 20
    with tempfile.TemporaryDirectory() as folder:
        stamp, check, checks = build(folder, "stamp"), build(folder, "checks"), os.path.join(folder, "made")
        commands = {"loop without libc": [check, str(SERVICES), checks],
                    "loop with libc": [build(folder, "forks", WITH_LIBC), str(SERVICES), check, checks],
                    "reeve": [reeve, "-c", write_file(folder, stamp, check, checks)]}
        figures = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                figures[name].append(measure(command, checks, seconds))
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in figures.items()}
    print(f"medians of {runs} runs of {seconds} s\n")
    print("| | us of the parent, a check | us of all, a check | checks a second | wake-ups a check | zombies |\n|---|---|---|---|---|---|")
    for name, (own, everything, rate, woken, left) in medians.items():
        print(f"| {name} | {own:.0f} | {everything:.0f} | {rate:.1f} | {woken:.2f} | {left:.0f} |")
    for name in list(medians)[:-1]:
        own, everything = ((medians["reeve"][n] - medians[name][n]) * SERVICES / 10000 for n in (0, 1))
        print(f"\n{SERVICES} checks a second beyond the {name}: {everything:.2f} % of a core, {own:.2f} % in reeve's own process")


if __name__ == "__main__":
    main()

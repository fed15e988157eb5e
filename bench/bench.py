#!/usr/bin/python3
"""bench.py [--runs N] [--only WORD]... [--json FILE] REEVE: all that reeve is to reach, in one run.

Each row is measured for reeve, for a floor (a program of ours that makes only the system calls the
job needs) and for those of Debian's tini, dumb-init, catatonit, s6, runit and supervisor that are
installed: interleaved, a round each, so that the noise of the machine is in all of them alike. What
does not depend on the clock is taken once. The delays of restarts are in the figures: reeve and the
floor are asked for none, runit, s6 and supervisord wait a second. --only takes the rows that have WORD in their name.

The table goes to standard output as it is made; it is Markdown.
"""

import argparse
import os
import platform
import tempfile

import figures
import one_command
import programs
import services


def machine():
    with open("/proc/cpuinfo") as lines:
        models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": models[0] if models else platform.machine(),
        "cpus": os.cpu_count(),
        "kernel": f"{platform.system()} {platform.release()}",
        "load_before": os.getloadavg()[0],
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reeve", type=os.path.abspath)
    parser.add_argument("--runs", type=int, default=20, help="rounds; some rows take more or fewer in proportion")
    parser.add_argument("--only", action="append", metavar="WORD")
    parser.add_argument("--json", metavar="FILE")
    arguments = parser.parse_args()

    def is_wanted(what):
        return not arguments.only or any(word in what for word in arguments.only)

    where, tables = machine(), {}
    print(f"{where['cpu']}, {where['cpus']} CPUs, {where['kernel']}; load {where['load_before']:.1f} before.\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        used = programs.build(folder)
        for title, module in (("One command", one_command), ("Services", services)):
            tables[title] = list(module.rows(arguments.reeve, used, arguments.runs, is_wanted))
            if tables[title]:
                print(figures.markdown(title, tables[title]), flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            file.write(figures.as_json(where, tables) + "\n")


if __name__ == "__main__":
    main()

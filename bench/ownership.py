#!/usr/bin/python3
"""ownership.py REEVE [RUNS [FOLDER]]: what `chown = TREE:recursive` costs a start, as Markdown.

The tree has 100,000 empty files in 1,000 folders, made in FOLDER: on a disk, for in memory there
is nothing to write. It is walked when all of it is right already, and when all of it is wrong. The
peers are what entry points of images do instead. Rounds are interleaved, with all that is dirty
written out before each one; the calls that change an owner are counted by strace, in runs of their
own.
"""
import os
import statistics
import subprocess
import sys
import tempfile
import time

FOLDERS, FILES = 1000, 100
RIGHT, WRONG = 1000, 0  # as user and group
TRACED = "trace=chown,lchown,fchown,fchownat"


def make_tree(tree):
    for folder in range(FOLDERS):
        os.makedirs(f"{tree}/{folder}")
        for file in range(FILES):
            os.close(os.open(f"{tree}/{folder}/{file}", os.O_CREAT | os.O_WRONLY))


def give_all(tree, owner):
    subprocess.run(["chown", "-R", f"{owner}:{owner}", tree], check=True)


def count_with_owner(tree, owner):
    return sum(os.stat(f"{folder}/{name}").st_uid == owner
               for folder, _, files in os.walk(tree) for name in (".", *files))


def commands(reeve, tree):
    owner = f"{RIGHT}:{RIGHT}"
    is_wrong = ["(", "-not", "-uid", str(RIGHT), "-o", "-not", "-gid", str(RIGHT), ")"]
    return {
        "reeve, `chown = TREE:recursive`": [reeve, "-o", f"user={owner}", "-o", f"chown={tree}:recursive",
                                            "--", "true"],
        "reeve without it": [reeve, "-o", f"user={owner}", "--", "true"],
        "`chown -R`": ["chown", "-R", owner, tree],
        "`find -not -uid ... -exec chown -h`": ["find", tree, *is_wrong, "-exec", "chown", "-h", owner, "{}", "+"],
    }


def run_ms(command):
    begin = time.monotonic()
    subprocess.run(command, check=True)
    return (time.monotonic() - begin) * 1000


def calls(command):
    with tempfile.NamedTemporaryFile("r") as trace:
        subprocess.run(["strace", "-f", "-qq", "-e", TRACED, "-o", trace.name, *command], check=True)
        return sum("chown" in line for line in trace)


def main():
    reeve = os.path.abspath(sys.argv[1])
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 11
    folder = sys.argv[3] if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory(dir=folder) as place:
        tree = f"{place}/tree"
        make_tree(tree)
        rows = commands(reeve, tree)
        figures = {(name, owner): [] for name in rows for owner in (RIGHT, WRONG)}
        for owner in (WRONG, RIGHT):
            give_all(tree, owner)
            for _ in range(runs):
                for name, command in rows.items():
                    if count_with_owner(tree, owner) == 0:
                        give_all(tree, owner)
                    os.sync()
                    figures[name, owner].append(run_ms(command))
        print(f"{count_with_owner(tree, RIGHT)} files and folders, medians of {runs} runs\n")
        print("| | all right, ms | calls | all wrong, ms | calls |\n|---|---|---|---|---|")
        for name, command in rows.items():
            cells = []
            for owner in (RIGHT, WRONG):
                give_all(tree, owner)
                cells += [f"{statistics.median(figures[name, owner]):.0f}", str(calls(command))]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()

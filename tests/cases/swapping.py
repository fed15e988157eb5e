"""Run as a program, FOLDER OUTSIDE: changes a tree all the time, as whoever owns it could.

It exchanges folders and files of FOLDER with symbolic links to what is in OUTSIDE, and with each
other, each time in one step, makes and removes files, and gives everything back to root, so that there is always something
to be given away. It ends when its standard input does.
"""

import ctypes
import os
import select
import sys

AT_FDCWD = -100
RENAME_EXCHANGE = 2
LIBC = ctypes.CDLL(None, use_errno=True)

FOLDERS = ("sub", "deep/sub")
FILES = ("file", "deep/file")


def exchange(one, other):
    if LIBC.renameat2(AT_FDCWD, one.encode(), AT_FDCWD, other.encode(), RENAME_EXCHANGE) < 0:
        raise OSError(ctypes.get_errno(), "renameat2", one)


def make(folder, outside):
    """What is to be exchanged."""
    for name in FOLDERS:
        os.makedirs(f"{folder}/{name}/inner")
        open(f"{folder}/{name}/inner/file", "w").close()
        os.symlink(outside, f"{folder}/{name}-link")
    for name in FILES:
        open(f"{folder}/{name}", "w").close()
        os.symlink(f"{outside}/inner/file", f"{folder}/{name}-link")


def give_back(folder):
    for place, folders, files in os.walk(folder):
        for name in folders + files:
            try:
                os.chown(f"{place}/{name}", 0, 0, follow_symlinks=False)
            except OSError:
                pass


def swap(folder):
    for name in FOLDERS + FILES:
        exchange(f"{folder}/{name}", f"{folder}/{name}-link")
    exchange(f"{folder}/sub", f"{folder}/file")
    exchange(f"{folder}/sub", f"{folder}/file")
    for name in ("short", "deep/short"):
        open(f"{folder}/{name}", "w").close()
        os.unlink(f"{folder}/{name}")


def main(folder, outside):
    make(folder, outside)
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        for _ in range(50):
            swap(folder)
        give_back(folder)


if __name__ == "__main__":
    main(*sys.argv[1:])

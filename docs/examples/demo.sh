#!/bin/sh
# The program of `./dev run`. reeve is PID 1 and has started this shell as its one command.
say() { printf '\n    demo: %s\n' "$*"; }

say "I am pid $$, my parent is pid $PPID: reeve. Asking it to pass SIGUSR1 on to me."
trap 'say "SIGUSR1 came through reeve."; seen=1' USR1
kill -USR1 1
until [ "${seen-}" ]; do sleep 0.1; done

say "An orphan: its parent is gone before it ends. Nobody but PID 1 can reap it."
(sh -c 'sleep 0.5; exit 5' &)
sleep 1

say "Two more orphans, which stay. One will say goodbye when it is asked to end."
(sh -c 'trap "printf \"\n    orphan: I was asked to end, and had the time to.\n\"; exit 0" TERM
        while :; do sleep 0.1; done' 2>/dev/null &)
(sleep 1000 &)
sleep 0.5

say "Now I end with exit code 42, and so will reeve, when the orphans are gone."
exit 42

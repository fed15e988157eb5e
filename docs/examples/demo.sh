#!/bin/sh
# What runs in the demo: `demo.sh NAME` is the program of that name, see run-demo and demo.ini.
name=$1

say() { printf '        %s: %s\n' "$name" "$*"; }

# TEXT: to be said when SIGTERM comes, which is the end half a second later.
end_with() {
    ending=$1
    trap 'say "asked to end: $ending"; sleep 0.5; exit 0' TERM
}

serve() {
    sleep 1000 & # the signal goes to the whole process group, so to this one too
    wait
}

sleep 0.1 # so that reeve has said what it started
case $name in
command)
    say "my parent is pid $PPID, reeve. I ask it to pass SIGUSR1 on to me."
    trap 'say "SIGUSR1 came through reeve. I end with exit code 42, and so will reeve."; exit 42' USR1
    kill -USR1 1
    serve
    ;;
db)
    end_with "I write everything to disk."
    say "I keep the data."
    serve
    ;;
web)
    end_with "I answer what was asked already."
    say "I start an orphan, which only PID 1 can reap, and a daemon, which leaves my process group."
    (sh -c 'sleep 0.3; exit 5' &)
    setsid sh "$0" daemon &
    serve
    ;;
daemon)
    end_with "all services are gone, and I have the time to say goodbye."
    serve
    ;;
flaky)
    echo >>"$DEMO_FOLDER/tries"
    try=$(wc -l <"$DEMO_FOLDER/tries")
    [ "$try" -gt 3 ] || { say "try $try, and I crash."; exit 1; }
    say "try $try, and all is well."
    ;;
end)
    say "I ask reeve to stop. Nothing started after me, so I am the first to be asked."
    kill -TERM 1
    exec sleep 1000
    ;;
esac

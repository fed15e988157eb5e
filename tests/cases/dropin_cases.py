"""The command lines that are run through the originals and through reeve: tables of them by what they are about."""

import dataclasses
import itertools
import pathlib
import shlex
import signal

from dropin import Case, expect, expect_init_state, expect_message, expect_state, hang_up, send, type_keys
from harness import PROBE

TINI, DUMB_INIT, CATATONIT = "tini", "dumb-init", "catatonit"
EVERY = (TINI, DUMB_INIT, CATATONIT)

REPORT = ("--", PROBE, "report", "-")
SIGNALS = ("--", PROBE, "signals")
TRUE = ("--", PROBE, "exit", "0")
THREE = ("--", PROBE, "exit", "3")
DIES = ("--", PROBE, "die", "9")
NOWHERE = ("--", "/nowhere")

# Those with a job-control default stop the init itself, and are looked at one by one.
STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
NEVER_FORWARDED = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)
FORWARDED = [number for number in range(1, 32) if number not in (*STOPS, *NEVER_FORWARDED)]
REAL_TIME = [34, 35, 36, 37, 50, 63, 64]  # 32 and 33 a libc keeps to itself


def situations(*cases):
    """Each also as PID 1."""
    return [dataclasses.replace(case, pid_1=pid_1) for case in cases for pid_1 in (False, True)]


def read_line(line):
    words = [PROBE if word == "probe" else word for word in shlex.split(line, comments=True)]
    env = tuple(itertools.takewhile(lambda word: "=" in word, words))
    return Case(words[len(env)], tuple(words[len(env) + 1 :]), env=env)


def written(init):
    """The command lines of it that stand in a file, one a line as for a shell."""
    text = pathlib.Path(__file__).with_name("dropin_lines.txt").read_text()
    cases = [read_line(line) for line in text.splitlines() if line and not line.startswith("#")]
    return [case for case in cases if case.init == init]


# --- options


EXIT_CODES = ("0", "1", "3", "255", "256", "-1", "", "003", " 3", "3 ", "0x3", "3x", "x", "+3", "99999999999999999999")
SIGNAL_NAMES = (
    *sorted(signal.Signals.__members__),
    *("SIGCLD", "SIGPOLL", "SIGSTKFLT", "SIGIOT", "SIGRTMIN", "SIGRTMIN+1", "SIG34"),
    *("TERM", "sigterm", "15", "0", "", "SIG", "SIGTERM ", " SIGTERM", "SIGTERMX"),
)


def tini_options():
    yield from written(TINI)
    for code in EXIT_CODES:
        yield Case(TINI, ("-s", "-e", code, *THREE))
        yield Case(TINI, ("-s", f"-e{code}", *THREE))
    for name in SIGNAL_NAMES:
        yield Case(TINI, ("-s", "-p", name, *THREE))
    for verbosity in ("-v", "-vv", "-vvv", "-vvvv", "-vvvvv"):
        yield Case(TINI, (verbosity, *TRUE))
        for command in (THREE, DIES, NOWHERE):
            yield Case(TINI, (verbosity, "-s", *command))


REWRITES = ("1:2", "15:0", "31:31", "31:0", "1:1", "17:10", "9:10", "1:9")
STRANGE_REWRITES = (
    *("", ":", "1", "1:", ":1", "0:1", "0:0", "-1:1", "1:-1", "32:1", "1:32", "1:64", "64:1", "a:1", "1:a", "TERM:QUIT"),
    *("1:2:3", "1:2x", "1x:2", "1 :2", "1: 2", " 1:2", "1=2", "+1:+2", "01:02", "0x1:2", "1:2 ", "15:3,1:2", "\t1:2", "1:\n2"),
)


def dumb_init_options():
    yield from written(DUMB_INIT)
    for value in REWRITES:
        yield Case(DUMB_INIT, ("-v", "-r", value, *THREE))
    for value in (*REWRITES, *STRANGE_REWRITES):
        yield Case(DUMB_INIT, ("-r", value, *THREE))
    for words in ((), ("-v",), ("--verbose",), ("-v", "-v"), ("-cv",), ("-vc",)):
        for command in (THREE, DIES, NOWHERE):
            yield Case(DUMB_INIT, (*words, *command))


# --- variables


def variables():
    values = ("0", "1", "2", "3", "4", "", "yes", "-1", "01", "1 ", " 1")
    for value in values:
        yield Case(TINI, ("-s", *REPORT), env=(f"TINI_VERBOSITY={value}",))
        yield Case(TINI, REPORT, env=(f"TINI_SUBREAPER={value}",))
        yield Case(TINI, REPORT, env=(f"TINI_SUBREAPER={value}", "TINI_VERBOSITY=3"))
        yield Case(TINI, ("-s", *REPORT), env=(f"TINI_KILL_PROCESS_GROUP={value}",))
        yield Case(DUMB_INIT, REPORT, env=(f"DUMB_INIT_DEBUG={value}",))
        yield Case(DUMB_INIT, REPORT, env=(f"DUMB_INIT_SETSID={value}",))
        yield Case(DUMB_INIT, ("-v", *REPORT), env=(f"DUMB_INIT_SETSID={value}",))
        yield Case(DUMB_INIT, ("-c", *REPORT), env=(f"DUMB_INIT_SETSID={value}", "DUMB_INIT_DEBUG=1"))
        yield Case(CATATONIT, TRUE, env=(f"CATATONIT_DEBUG={value}",))
    yield Case(TINI, ("-v", "-s", *TRUE), env=("TINI_VERBOSITY=0",))
    yield Case(TINI, ("-vv", "-s", *TRUE), env=("TINI_VERBOSITY=3",))
    yield Case(TINI, ("--version",), env=("TINI_VERBOSITY=3",))
    yield Case(DUMB_INIT, ("-V",), env=("DUMB_INIT_DEBUG=1",))
    yield Case(DUMB_INIT, ("-x",), env=("DUMB_INIT_DEBUG=1",))
    yield Case(DUMB_INIT, (), env=("DUMB_INIT_DEBUG=1",))
    yield Case(DUMB_INIT, ("-v", *TRUE), env=("DUMB_INIT_DEBUG=1",))
    yield Case(CATATONIT, ("/nowhere",), env=("CATATONIT_DEBUG=1",))


# --- commands that cannot be executed, and how commands end


def make_files(folder):
    """What an exec can stumble over."""
    texts = {
        "plain": "#!/bin/sh\nexit 3\n",
        "no-shebang": "exit 3\n",
        "lost-interpreter": "#!/nowhere/sh\n",
        "not-executable": "exit 3\n",
        "empty": "",
        "garbage": "\x7fELF\x01\x02garbage",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o644 if name == "not-executable" else 0o755)
    if not (folder / "loop").is_symlink():
        (folder / "loop").symlink_to("loop")
    (folder / "folder").mkdir(exist_ok=True)
    return folder


def exec_failures(init, folder):
    options = ["-s"] if init == TINI else []
    for name in ("plain", "no-shebang", "lost-interpreter", "not-executable", "empty", "garbage", "loop", "folder", "plain/below", "none"):
        yield Case(init, (*options, "--", f"{folder}/{name}"))
        yield Case(init, (*options, "--", name), env=(f"PATH={folder}",))
        yield Case(init, (*options, "--", name, "an", "argument"), env=(f"PATH=/nowhere:{folder}:/bin",))
    for word in ("", "no such command", "x" * 300, "/" + "x" * 300, "./none", "/", "."):
        yield Case(init, (*options, "--", word))
    yield Case(init, (*options, "--", "true"), env=("PATH=",))
    yield Case(init, (*options, "--", "true"), env=("PATH=:/bin",))
    for word in ("/nowhere", f"{folder}/not-executable"):
        yield Case(init, (*options, "--", word), pid_1=True)


def endings(init):
    options = ["-s"] if init == TINI else []
    for code in (0, 1, 2, 3, 99, 125, 126, 127, 128, 129, 137, 143, 254, 255):
        yield from situations(Case(init, (*options, "--", PROBE, "exit", str(code))))
    for number in (*range(1, 32), *REAL_TIME):
        if number not in (signal.SIGCHLD, signal.SIGURG, signal.SIGWINCH, signal.SIGCONT, signal.SIGSTOP, *STOPS):
            yield Case(init, (*options, "--", PROBE, "die", str(number)))
    for number in (signal.SIGHUP, signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, 64):
        yield Case(init, (*options, "--", PROBE, "die", str(int(number))), pid_1=True)


# --- what a child gets


def surroundings(init):
    """Everything that the probe reports, from many situations."""
    plain = {TINI: [["-s"], ["-sg"], []], DUMB_INIT: [[], ["-c"], ["-v"], ["-cv"]], CATATONIT: [[], ["-g"]]}[init]
    for options in plain:
        words = (*options, *REPORT)
        yield from situations(Case(init, words), Case(init, words, terminal=True))
        yield from situations(Case(init, words, before=(PROBE, "ignore", "1,2,3,13,15")))
        yield from situations(Case(init, words, before=("sh", "-c", 'cd /usr; umask 027; exec "$@"', "sh")))
        yield Case(init, words, before=("sh", "-c", 'exec "$@" 3</dev/null 7>&2 8<>/dev/null', "sh"))
        yield Case(init, words, before=("env", "-i", "A=1", "LISTEN_FDS=1", "TINI_X=1", "DUMB_INIT=2"))
        yield Case(init, words, before=(PROBE, "block", "1,10,15"))
        yield Case(init, words, before=(PROBE, "ignore", "20,21,22"))
        yield Case(init, words, before=(PROBE, "ignore", "20,21,22"), terminal=True)
    yield Case(init, (*REPORT[:-1], "-", PROBE, "report", "-"))


# --- signals

TO_CHILD = {TINI: [("-s",), ("-s", "-g")], DUMB_INIT: [(), ("-c",), ("-v",)], CATATONIT: [(), ("-g",)]}
# Sent from outside, tini and catatonit die of them, or as PID 1 never hear of them.
FAULTS = (signal.SIGILL, signal.SIGTRAP, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV, signal.SIGSYS)


READY = expect("^ready")
SLEEP = ("--", "sh", "-c", "echo ready; exec sleep 1000")


def received(number):
    return expect(rf"^signal {int(number)} ")


def one_by_one(numbers):
    return tuple(step for number in numbers for step in (send(number), received(number)))


def forwarded(init):
    forwards = [number for number in FORWARDED if init == DUMB_INIT or number not in FAULTS]
    for options in TO_CHILD[init]:
        all_of_them = (*options, *SIGNALS, str(len(forwards)), "5")
        yield from situations(Case(init, all_of_them, steps=(READY, *one_by_one(forwards))))
        for number in forwards:
            yield Case(init, (*options, *SIGNALS, "1", "5"), steps=(READY, *one_by_one([number])), pid_1=number % 2 == 0)
        yield from situations(Case(init, (*options, *SLEEP), steps=(READY, send(15))))


def forwarded_to_groups(init):
    one = ("--", "sh", "-c", 'exec "$0" signals', PROBE)
    two = ("--", "sh", "-c", 'trap : 12; "$0" signals & "$0" signals; wait', PROBE)
    for options in TO_CHILD[init]:
        is_group = init == DUMB_INIT or "-g" in options
        words, ready = (two, (READY, READY)) if is_group else (one, (READY,))
        if options != ("-c",):
            yield from situations(Case(init, (*options, *words), steps=(*ready, send(12)), unordered=True))


# --- terminals and job control


def sessions(init):
    """What is typed, and what becomes of whom it reaches."""
    plain = ("-s",) if init == TINI else ()
    for keys, number in (("\x03", 2), ("\x1c", 3)):
        yield from situations(Case(init, (*plain, *SIGNALS, "1", "5"), terminal=True, steps=(READY, type_keys(keys), received(number))))
        yield from situations(Case(init, (*plain, *SLEEP), terminal=True, steps=(READY, type_keys(keys))))
    yield from situations(Case(init, (*plain, "--", "sh", "-c", "echo ready; read -r word; echo got $word"), terminal=True, steps=(READY, type_keys("word\n"))))
    yield from situations(Case(init, (*plain, *SIGNALS, "1", "5"), terminal=True, steps=(READY, send(12), received(12))))


def hand_overs():
    """Of the terminal from dumb-init to its child."""
    handed_on = (expect_message("hand-off signal 1[.]$"), expect_message("hand-off signal 18[.]$"))
    for number in (signal.SIGHUP, signal.SIGCONT):
        yield from situations(Case(DUMB_INIT, ("-v", *SIGNALS, "1"), terminal=True, steps=(READY, *handed_on, send(number), received(number))))
    yield from situations(Case(DUMB_INIT, (*SIGNALS, "1", "4"), terminal=True, steps=(READY, hang_up(), received(1))))
    yield from situations(Case(DUMB_INIT, ("-cv", *TRUE), terminal=True))
    for words in (("-v",), ("-cv",)):  # below a shell that leads the session
        yield Case(DUMB_INIT, (*words, *REPORT), terminal=True, before=("sh", "-c", '"$@"; exit $?', "sh"))


def stops():
    """dumb-init stops itself with its children."""
    for number in STOPS:
        yield from stops_by(number, (), ())
        yield from stops_by(number, ("-c",), (number,))
        yield from stops_by(number, ("-r", f"{number}:{number}"), (number,))
        yield from stops_by(number, ("-r", f"{number}:10"), (10,))
        yield from stops_by(number, ("-c", "-r", f"{number}:10"), (10,))
        yield from stops_by(number, ("-r", f"{number}:0"), ())


def stops_by(number, words, gets):
    """Without words the child is stopped; else `gets` is what it hears of."""
    count = str(len(gets) + 2)
    begins = (READY, send(number), *map(received, gets))
    is_stopped = () if words else (expect_state("T"),)
    goes_on = (send(signal.SIGCONT), received(signal.SIGCONT), send(12))
    steps = (*begins, expect_init_state("T"), *is_stopped, *goes_on)
    yield Case(DUMB_INIT, (*words, *SIGNALS, count), steps=steps)
    # PID 1 is never stopped, and loses a CONT that comes when it tries: it has to be beyond that.
    has_tried = (expect_message("Suspending"), send(28), expect_message("Received signal 28"))
    steps = (*begins, *has_tried, *is_stopped, *goes_on)
    words = ("-v", "-r", "28:0", *words, *SIGNALS, count)
    yield Case(DUMB_INIT, words, steps=steps, pid_1=True, counts_children=False)


ORPHAN = ("--", PROBE, "orphans", "1", "7", PROBE, "signals")


def told_by_dumb_init():
    """What it says of what it does, line by line."""
    rewrites = ("10:12",), ("10:0",), ("10:10",), ("10:12", "10:14"), ("12:15", "15:12")
    for option in ("-v", "-cv"):
        yield from situations(Case(DUMB_INIT, (option, *SIGNALS), steps=(READY, send(10))))
        for pairs in rewrites:
            words = (option, *(word for pair in pairs for word in ("-r", pair)), *SIGNALS)
            then = (expect_message("Not forwarding"), send(14)) if pairs == ("10:0",) else ()
            yield from situations(Case(DUMB_INIT, words, steps=(READY, send(10), *then)))
        steps = (READY, send(17), expect_message("Received signal 17"), send(12))
        yield from situations(Case(DUMB_INIT, (option, "-r", "17:10", *SIGNALS), steps=steps))
        for number in FORWARDED:
            yield Case(DUMB_INIT, (option, *SIGNALS), steps=(READY, send(number)), pid_1=number % 2 == 0)
        for target in (0, 3, 9, 15):
            yield from situations(Case(DUMB_INIT, (option, "-r", f"15:{target}", *THREE)))
        yield from situations(Case(DUMB_INIT, (option, "-r", "15:9", *SLEEP), steps=(READY, send(15))))
        yield Case(DUMB_INIT, (option, *ORPHAN), steps=(READY, expect_message("exit status 7"), send(10)), pid_1=True)
        yield Case(DUMB_INIT, (option, "--", "sh", "-c", "sleep 1000 & exit 3"), pid_1=True, counts_children=False)


def told_by_tini():
    for verbosity in ("-v", "-vv", "-vvv"):
        words = ("-s", verbosity, *SIGNALS)
        yield from situations(Case(TINI, words, steps=(READY, send(10)), unordered=True, counts_children=False))
        words = ("-s", "-w", verbosity, *ORPHAN)
        steps = (READY, expect_message("Reaped zombie"), send(10))
        yield Case(TINI, words, steps=steps, unordered=True, counts_children=False)


def left_behind():
    """Processes that outlive the child; as PID 1, where they end with all."""
    for init in EVERY:
        yield Case(init, ("--", "sh", "-c", "sleep 1000 & exit 3"), pid_1=True)
        yield Case(init, ("--", "sh", "-c", "setsid sleep 1000 & exit 3"), pid_1=True)
    yield Case(DUMB_INIT, ("--", "sh", "-c", "sleep 1000 & exit 3"))


# --- everything

TABLES = {
    "tini's options": lambda folder: tini_options(),
    "docker-init's options": lambda folder: written("docker-init"),
    "tini-static's options": lambda folder: written("tini-static"),
    "dumb-init's options": lambda folder: dumb_init_options(),
    "catatonit's options": lambda folder: written(CATATONIT),
    "podman-init's options": lambda folder: written("podman-init"),
    "variables": lambda folder: variables(),
    **{f"{init} and commands that cannot be executed": lambda folder, init=init: exec_failures(init, folder) for init in EVERY},
    **{f"{init} and how commands end": lambda folder, init=init: endings(init) for init in EVERY},
    **{f"{init} and what a child gets": lambda folder, init=init: surroundings(init) for init in EVERY},
    **{f"{init} and signals": lambda folder, init=init: forwarded(init) for init in EVERY},
    **{f"{init} and groups": lambda folder, init=init: forwarded_to_groups(init) for init in EVERY},
    **{f"{init} and its terminal": lambda folder, init=init: sessions(init) for init in EVERY},
    "dumb-init and the hand-over of the terminal": lambda folder: hand_overs(),
    "dumb-init and job control": lambda folder: stops(),
    "what dumb-init tells": lambda folder: told_by_dumb_init(),
    "what tini tells": lambda folder: told_by_tini(),
    "what is left behind": lambda folder: left_behind(),
}

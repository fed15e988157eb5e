"""The command lines that are run through the originals and through reeve: tables of them by what they are about."""

import dataclasses
import signal

from dropin import Case, expect, expect_init_state, expect_message, expect_state, hang_up, send, type_keys
from harness import PROBE

TINI, DUMB_INIT, CATATONIT = "tini", "dumb-init", "catatonit"
EVERY = (TINI, DUMB_INIT, CATATONIT)

REPORT = ("--", PROBE, "report", "-")
SIGNALS = ("--", PROBE, "signals")
TRUE = ("--", PROBE, "exit", "0")

# Those with a job-control default stop the init itself, and are looked at one by one.
STOPS = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
NEVER_FORWARDED = (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD)
FORWARDED = [number for number in range(1, 32) if number not in (*STOPS, *NEVER_FORWARDED)]
REAL_TIME = [34, 35, 36, 37, 50, 63, 64]  # 32 and 33 a libc keeps to itself


def situations(*cases):
    """Each also as PID 1."""
    return [dataclasses.replace(case, pid_1=pid_1) for case in cases for pid_1 in (False, True)]


def lines(init, *command_lines, **options):
    return [Case(init, tuple(words), **options) for words in command_lines]


# --- options


def tini_options(name):
    true = (PROBE, "exit", "3")
    yield from lines(name, [], ["--"], ["-h"], ["-hx"], ["-xh"], ["-sh"], ["-x"], ["-"], ["--version"], ["--versio"], ["--help"])
    yield from lines(name, ["--version", "x"], ["-s", "--version"], ["x", "--version"], ["--", "--version"], ["-"], ["-V"])
    yield from lines(name, ["-e"], ["-p"], ["-se"], ["-sp"], ["-s", "-e", "3"], ["-s", "--foo", *true], ["-s=1", *true], ["-?"], ["-:"], ["-s-"])
    yield from lines(name, ["-l"], ["-sl"], ["-lx"], ["ls", "-la"], ["-s", "--", "ls", "-d", "/"])
    yield from lines(name, ["-s", *true], [*true, "-s"], [PROBE, "-s", "exit", "3"], [PROBE, "--", "exit", "3"], [PROBE, "exit", "--", "3"], [PROBE, "-s", "exit", "-v", "3"])
    yield from lines(name, ["-s", "sh", "-c", "exit 3"], ["-s", "sh", "--", "-c", "exit 3"], ["-s", "--", "sh", "-c", "exit 3"], ["-s", "--", "--", *true])
    yield from lines(name, ["-s", "sh", "-e", "3", "--", "-c", "exit 3"], ["-s", PROBE, "-g", "exit", "-e", "3", "3"])
    for codes in ("0", "1", "3", "255", "256", "-1", "", "003", " 3", "3 ", "0x3", "3x", "x", "+3", "99999999999999999999"):
        yield Case(name, ("-s", "-e", codes, "--", *true))
        yield Case(name, ("-s", "-e" + codes, "--", *true))
    yield from lines(name, ["-s", "-e", "3", "-e", "4", "--", *true], ["-s", "-e", "4", "-e", "3", "--", *true], ["-se3", "--", *true], ["-s", "-e", "0", "--", *true])
    yield from lines(name, ["-s", "-e", "137", "--", PROBE, "die", "9"], ["-s", "-e", "143", "--", PROBE, "die", "15"], ["-s", "-e", "127", "--", "/nowhere"])
    for word in [*sorted(set(signal.Signals.__members__)), "SIGCLD", "SIGPOLL", "SIGSTKFLT", "SIGIOT", "SIGRTMIN", "SIGRTMIN+1", "SIG34"]:
        yield Case(name, ("-s", "-p", word, "--", *true))
    yield from lines(name, *[["-s", "-p", word, "--", *true] for word in ("TERM", "sigterm", "15", "0", "", "SIG", "SIGTERM ", " SIGTERM", "SIGTERMX")])
    yield from lines(name, ["-s", "-pSIGTERM", "--", *true], ["-spSIGTERM", "--", *true], ["-s", "-p", "SIGTERM", "-p", "SIGKILL", "--", *true])
    for verbosity in ("-v", "-vv", "-vvv", "-vvvv", "-vvvvv"):
        yield from lines(name, [verbosity, "-s", "--", *true], [verbosity, *TRUE], [verbosity, "-s", "--", "/nowhere"], [verbosity, "-s", "--", PROBE, "die", "9"])
    yield from lines(name, ["-sw", "--", *true], ["-w", "--", *true], ["-sg", "--", *true], ["-svwg", "--", *true], ["-ss", "--", *true])
    yield Case(name, (PROBE, "exit", "3", "-v"), env=("POSIXLY_CORRECT=1",))
    yield Case(name, ("-s", "sh", "-c", "exit 3"), env=("POSIXLY_CORRECT=1",))


def dumb_init_options(name):
    true = (PROBE, "exit", "3")
    yield from lines(name, [], ["--"], ["-c"], ["-c", "--"], ["-h"], ["-V"], ["-hV"], ["-Vh"], ["-x"], ["-xV"], ["-Vx"], ["-cV"], ["-cvx"], ["-"], ["---"], ["-?"], ["-:"])
    yield from lines(name, ["--help"], ["--version"], ["--h"], ["--he"], ["--vers"], ["--v"], ["--ver"], ["--verb", *true], ["--xyz"], ["--help=1"], ["--version="])
    yield from lines(name, ["--single-child", *true], ["--single", *true], ["--s", *true], ["--single-child=1", *true], ["--single-children", *true])
    yield from lines(name, ["-r"], ["-cr"], ["--rewrite"], ["--rewrite=15:3", *true], ["--rew=15:3", *true], ["--rew", "15:3", *true], ["-r15:3", *true], ["-cr15:3", *true])
    yield from lines(name, true, ["--", *true], ["-c", *true], ["-c", "--", *true], ["--", "--", *true], [*true, "-V"], ["sh", "-c", "exit 3"], ["-v", "-V", "--", *true])
    yield from lines(name, ["-rV", *true], ["-r", "-V", *true], ["-c", "-x", *true], ["-V", "x", "-y"], [*true, "--version"], ["--rewrite", *true], ["-", *true])
    for value in ("1:2", "15:0", "31:31", "31:0", "1:1", "17:10", "9:10", "1:9"):
        yield Case(name, ("-r", value, *true))
        yield Case(name, ("-v", "-r", value, *true))
    for value in ("", ":", "1", "1:", ":1", "0:1", "0:0", "-1:1", "1:-1", "32:1", "1:32", "1:64", "64:1", "a:1", "1:a", "TERM:QUIT", "1:2:3", "1:2x", "1x:2", "1 :2", "1: 2", " 1:2", "1=2", "+1:+2", "01:02", "0x1:2", "1:2 ", "15:3,1:2", "\t1:2", "1:\n2"):
        yield Case(name, ("-r", value, *true))
    yield from lines(name, ["-r", "1:2", "-r", "x", *true], ["-r", "1:2", "-r", "3:4", "-v", *true], ["-r", "x", "-V"], ["-V", "-r", "x"], ["-r", "x", "-x"])
    for words in ([], ["-v"], ["--verbose"], ["-v", "-v"], ["-cv"], ["-vc"]):
        yield from lines(name, [*words, "--", *true], [*words, "--", PROBE, "die", "9"], [*words, "--", "/nowhere"])
    yield Case(name, (PROBE, "exit", "3", "-v"), env=("POSIXLY_CORRECT=1",))


def catatonit_options(name):
    true = (PROBE, "exit", "3")
    yield from lines(name, [], ["--"], ["-h"], ["-L"], ["-V"], ["--version"], ["--ver"], ["--v"], ["--version=1"], ["--versions"], ["-hV"], ["-Vh"], ["-x"], ["-xV"], ["-Vx"], ["-"], ["-?"], ["-:"])
    yield from lines(name, true, ["--", *true], ["-g", *true], ["-g", "--", *true], ["sh", "-c", "exit 3"], [*true, "-V"], ["--", "sh", "-c", "exit 3"], [PROBE, "-g", "exit", "3"])
    yield from lines(name, ["--", "--", *true], ["-gg", "--", *true], [PROBE, "--", "exit", "3"], ["-g"], ["--help"], ["--group", *true], [*true, "-h"], ["--pause"], ["-L", "-V"], ["-V", "-L"], ["-LV"])
    yield Case(name, (PROBE, "exit", "3", "-V"), env=("POSIXLY_CORRECT=1",))
    yield Case(name, ("sh", "-c", "exit 3"), env=("POSIXLY_CORRECT=1",))


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
        yield from situations(Case(init, words, before=(PROBE, "ignore", "1,2,3,13,15")), Case(init, words, before=("sh", "-c", 'cd /usr; umask 027; exec "$@"', "sh")))
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


def received(number):
    return expect(rf"^signal {int(number)} ")


def one_by_one(numbers):
    return tuple(step for number in numbers for step in (send(number), received(number)))


def forwarded(init):
    forwards = [number for number in FORWARDED if init == DUMB_INIT or number not in FAULTS]
    for options in TO_CHILD[init]:
        yield from situations(
            Case(init, (*options, *SIGNALS, str(len(forwards)), "5"), steps=(expect("^ready"), *one_by_one(forwards)))
        )
        for number in forwards:
            yield Case(init, (*options, *SIGNALS, "1", "5"), steps=(expect("^ready"), *one_by_one([number])), pid_1=number % 2 == 0)
        yield from situations(Case(init, (*options, "--", "sh", "-c", "echo ready; exec sleep 1000"), steps=(expect("^ready"), send(15))))
    both = 'trap : 12; "$0" signals & "$0" signals; wait'
    for options in TO_CHILD[init]:
        if options != ("-c",):
            group = init == DUMB_INIT or "-g" in options
            yield from situations(Case(init, (*options, "--", "sh", "-c", both if group else 'exec "$0" signals', PROBE), steps=(expect("^ready"), *((expect("^ready"),) if group else ()), send(12)), unordered=True))


# --- terminals and job control

READY = expect("^ready")


def sessions(init):
    """What is typed, and what becomes of whom it reaches."""
    plain = ("-s",) if init == TINI else ()
    for keys, number in (("\x03", 2), ("\x1c", 3)):
        yield from situations(Case(init, (*plain, *SIGNALS, "1", "5"), terminal=True, steps=(READY, type_keys(keys), received(number))))
        yield from situations(Case(init, (*plain, "--", "sh", "-c", "echo ready; exec sleep 1000"), terminal=True, steps=(READY, type_keys(keys))))
    yield from situations(Case(init, (*plain, "--", "sh", "-c", "echo ready; read -r word; echo got $word"), terminal=True, steps=(READY, type_keys("word\n"))))
    yield from situations(Case(init, (*plain, *SIGNALS, "1", "5"), terminal=True, steps=(READY, send(12), received(12))))


def hand_overs():
    """Of the terminal from dumb-init to its child."""
    handed_on = (expect_message("hand-off signal 1[.]$"), expect_message("hand-off signal 18[.]$"))
    for number in (signal.SIGHUP, signal.SIGCONT):
        yield from situations(Case(DUMB_INIT, ("-v", *SIGNALS, "1"), terminal=True, steps=(READY, *handed_on, send(number), received(number))))
    yield from situations(Case(DUMB_INIT, (*SIGNALS, "1", "4"), terminal=True, steps=(READY, hang_up(), received(1))))
    yield from situations(Case(DUMB_INIT, ("-v", *TRUE), terminal=True), Case(DUMB_INIT, ("-cv", *TRUE), terminal=True))
    for words in (("-v",), ("-cv",)):  # below a shell that leads the session
        yield Case(DUMB_INIT, (*words, *REPORT), terminal=True, before=("sh", "-c", '"$@"; exit $?', "sh"))


def stops():
    """dumb-init stops itself with its children."""
    for number in STOPS:
        for words in ((), ("-c",), ("-r", f"{number}:{number}"), ("-r", f"{number}:10"), ("-c", "-r", f"{number}:10"), ("-r", f"{number}:0")):
            is_stopped = words == ()
            gets = () if is_stopped or words[-1] == f"{number}:0" else (received(10 if words[-1] == f"{number}:10" else number),)
            count = len(gets) + 2
            goes_on = (send(signal.SIGCONT), received(signal.SIGCONT), send(12))
            yield Case(
                DUMB_INIT,
                (*words, *SIGNALS, str(count)),
                steps=(READY, send(number), *gets, expect_init_state("T"), *((expect_state("T"),) if is_stopped else ()), *goes_on),
            )
            # PID 1 is never stopped.
            yield Case(
                DUMB_INIT,
                ("-v", "-r", "28:0", *words, *SIGNALS, str(count)),
                pid_1=True,
                steps=(READY, send(number), *gets, expect_message("Suspending"), send(28), expect_message("Received signal 28"), *((expect_state("T"),) if is_stopped else ()), *goes_on),
                counts_children=False,
            )


def told():
    """What dumb-init says of what it does, line by line."""
    for words in (("-v",), ("-cv",)):
        for rewrite in ((), ("-r", "10:12"), ("-r", "10:0"), ("-r", "10:10"), ("-r", "10:12", "-r", "10:14"), ("-r", "12:15", "-r", "15:12")):
            steps = (READY, send(10), *((expect_message("Not forwarding"), send(14)) if "10:0" in rewrite else ()))
            yield from situations(Case(DUMB_INIT, (*words, *rewrite, *SIGNALS), steps=steps))
        yield from situations(
            Case(DUMB_INIT, (*words, "-r", "17:10", *SIGNALS), steps=(READY, send(17), expect_message("Received signal 17"), send(12)))
        )
        for number in range(1, 32):
            if number not in (*STOPS, *NEVER_FORWARDED):
                yield Case(DUMB_INIT, (*words, *SIGNALS), steps=(READY, send(number)), pid_1=number % 2 == 0)
        for target in (0, 3, 9, 15):
            yield from situations(Case(DUMB_INIT, (*words, "-r", f"15:{target}", "--", PROBE, "exit", "3")))
        yield from situations(Case(DUMB_INIT, (*words, "-r", "15:9", "--", "sh", "-c", "echo ready; exec sleep 1000"), steps=(READY, send(15))))
        yield Case(DUMB_INIT, (*words, "--", PROBE, "orphans", "1", "7", *SIGNALS[1:]), steps=(READY, expect_message("exit status 7"), send(10)), pid_1=True)
        yield Case(DUMB_INIT, (*words, "--", "sh", "-c", "sleep 1000 & exit 3"), pid_1=True, counts_children=False)
    for verbosity in ("-v", "-vv", "-vvv"):
        yield from situations(Case(TINI, ("-s", verbosity, *SIGNALS), steps=(READY, send(10)), unordered=True, counts_children=False))
        yield Case(TINI, ("-s", "-w", verbosity, "--", PROBE, "orphans", "1", "7", *SIGNALS[1:]), steps=(READY, expect_message("Reaped zombie"), send(10)), unordered=True, counts_children=False)


def left_behind():
    """Processes that outlive the child; as PID 1, where they end with all."""
    for init in EVERY:
        yield Case(init, ("--", "sh", "-c", "sleep 1000 & exit 3"), pid_1=True)
        yield Case(init, ("--", "sh", "-c", "setsid sleep 1000 & exit 3"), pid_1=True)
    yield Case(DUMB_INIT, ("--", "sh", "-c", "sleep 1000 & exit 3"))


# --- everything

TABLES = {
    "tini's options": lambda folder: tini_options(TINI),
    "docker-init's options": lambda folder: lines("docker-init", [], ["-h"], ["--version"], ["-x"], ["--", PROBE, "exit", "3"], ["-s", *REPORT], ["-v", *TRUE], ["-s", "/nowhere"]),
    "tini-static's options": lambda folder: lines("tini-static", [], ["-h"], ["--version"], ["-x"], ["-s", *REPORT], ["-sx"], ["-e"]),
    "dumb-init's options": lambda folder: dumb_init_options(DUMB_INIT),
    "catatonit's options": lambda folder: catatonit_options(CATATONIT),
    "podman-init's options": lambda folder: lines("podman-init", [], ["-h"], ["--version"], ["-x"], ["--", PROBE, "exit", "3"], REPORT),
    "variables": lambda folder: variables(),
    **{f"{init} and commands that cannot be executed": lambda folder, init=init: exec_failures(init, folder) for init in EVERY},
    **{f"{init} and how commands end": lambda folder, init=init: endings(init) for init in EVERY},
    **{f"{init} and what a child gets": lambda folder, init=init: surroundings(init) for init in EVERY},
    **{f"{init} and signals": lambda folder, init=init: forwarded(init) for init in EVERY},
    **{f"{init} and its terminal": lambda folder, init=init: sessions(init) for init in EVERY},
    "dumb-init and the hand-over of the terminal": lambda folder: hand_overs(),
    "dumb-init and job control": lambda folder: stops(),
    "what is told": lambda folder: told(),
    "what is left behind": lambda folder: left_behind(),
}

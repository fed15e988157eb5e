"""What is measured: our own bare programs, and who runs them."""

import os
import shutil
import signal
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BARE = ["cc", "-O2", "-static", "-nostdlib", "-fno-stack-protector"]
WITH_LIBC = ["cc", "-O2", "-D_GNU_SOURCE"]
COMPILERS = {
    "one": BARE, "floor": BARE, "launch": BARE, "stamp": BARE, "answer": BARE,
    "send": WITH_LIBC, "life": WITH_LIBC, "orphans": WITH_LIBC,
}  # fmt: skip

# --mount-proc for what looks at its own /proc; whoever kills unshare kills all that it has started.
AS_PID_1 = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]


def build(folder):
    """Returns the path of each program by its name."""
    paths = {name: os.path.join(folder, name) for name in COMPILERS}
    for name, compiler in COMPILERS.items():
        subprocess.run([*compiler, "-o", paths[name], os.path.join(HERE, f"{name}.c")], check=True)
    return paths


def inits(reeve, programs):
    """How each init is called before the words of its program; only those that are installed."""
    peers = {name: shutil.which(name) for name in ("tini", "tini-static", "dumb-init", "catatonit")}
    return {
        "floor": [programs["one"], "--"],
        "reeve": [reeve, "--"],
        **{name: [path, "--"] for name, path in peers.items() if path},
    }


class Supervisor:
    """One that runs `count` services; `lay_out` writes what it needs and returns its command."""

    def __init__(self, lay_out, stop_signal=signal.SIGTERM, waits_for_stopped=True):
        self.lay_out = lay_out
        self.stop_signal = stop_signal
        self.waits_for_stopped = waits_for_stopped  # before it ends itself


def supervisors(reeve, programs):
    """Those that are installed. Each service is a `stamp` that writes to the file OUT."""
    stamp = programs["stamp"]

    def of_floor(folder, count, out):
        return [programs["floor"], str(count), stamp, out]

    def of_reeve(folder, count, out):
        path = os.path.join(folder, "reeve.ini")
        with open(path, "w") as file:
            file.write("[reeve]\ncontrol = none\n")
            for i in range(count):
                file.write(f"[service s{i}]\ncommand = {stamp} {out}\nrestart = always\nrestart-delay = 0\n")
        return [reeve, "-c", path]

    def run_scripts(folder, count, out):
        services = os.path.join(folder, "services")
        for i in range(count):
            os.makedirs(os.path.join(services, f"s{i}"))
            with open(os.path.join(services, f"s{i}", "run"), "w") as file:
                file.write(f"#!/bin/sh\nexec {stamp} {out}\n")
            os.chmod(file.name, 0o755)
        return services

    def of_s6(folder, count, out):
        return ["s6-svscan", f"-c{2 * count + 8}", run_scripts(folder, count, out)]

    def of_runit(folder, count, out):
        return ["runsvdir", run_scripts(folder, count, out)]

    def of_supervisord(folder, count, out):
        path = os.path.join(folder, "supervisord.conf")
        with open(path, "w") as file:
            file.write(f"[supervisord]\nnodaemon=true\nuser=root\nlogfile=/dev/null\nlogfile_maxbytes=0\n"
                       f"pidfile={folder}/pid\nchildlogdir={folder}\n")  # fmt: skip
            for i in range(count):
                file.write(f"[program:s{i}]\ncommand={stamp} {out}\nautorestart=true\nstartsecs=0\n"
                           f"stdout_logfile=NONE\nstderr_logfile=NONE\n")  # fmt: skip
        return ["supervisord", "-c", path]

    found = {"floor": Supervisor(of_floor), "reeve": Supervisor(of_reeve)}
    if shutil.which("runsvdir"):
        found["runit"] = Supervisor(of_runit, stop_signal=signal.SIGHUP, waits_for_stopped=False)
    if shutil.which("s6-svscan"):
        found["s6"] = Supervisor(of_s6)
    if shutil.which("supervisord"):
        found["supervisord"] = Supervisor(of_supervisord)
    return found

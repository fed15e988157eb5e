"""A dockerd of our own, driven by the docker command."""

import itertools
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from processes import PATIENCE, read_proc, wait_until

# Debian's own docker, whatever else is installed beside it.
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Engine:
    """
    One dockerd with everything it keeps in one folder; reeve is what `docker run --init` gets, by a
    link, as one is installed: docker asks it for its version.
    """

    def __init__(self, reeve):
        # Not below pytest's own folders: the path of a socket has to be short.
        self.folder = Path(tempfile.mkdtemp(prefix="reeve-engine-", dir="/tmp"))
        self.environment = {
            "PATH": PATH,
            "HOME": str(self.folder),
            "TERM": "xterm",
            "DOCKER_HOST": f"unix://{self.folder}/sock",
            "DOCKER_BUILDKIT": "0",
        }
        self.numbers = itertools.count()
        self.log = self.folder / "log"
        init_path = self.folder / "docker-init"
        init_path.symlink_to(reeve)
        self.dockerd = self._start(init_path)

    def _start(self, init_path):
        # Its own session, so that Ctrl-C reaches pytest alone and everything is cleaned up in
        # order; the parent death signal, for when pytest is killed.
        command = ["setpriv", "--pdeathsig", "TERM", "dockerd"]
        options = {
            "--data-root": self.folder / "data",
            "--exec-root": self.folder / "exec",
            "--pidfile": self.folder / "pid",
            "--host": self.environment["DOCKER_HOST"],
            "--init-path": init_path,
            "--bridge": "none",
            "--iptables": "false",
        }
        words = [f"{name}={value}" for name, value in options.items()]
        with self.log.open("w") as log:
            return subprocess.Popen(
                command + words,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_ready(self):
        wait_until(self._is_ready, f"dockerd answers at {self.environment['DOCKER_HOST']}")

    def _is_ready(self):
        assert self.dockerd.poll() is None, f"dockerd ended:\n{self.log.read_text()}"
        return self.try_docker("version").returncode == 0

    def try_docker(self, *words):
        """A docker command that may fail; pytest shows it where the test fails."""
        done = subprocess.run(
            ["docker", *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=2 * PATIENCE,
            check=False,
        )
        print(f"$ docker {' '.join(map(str, words))}", done.stdout, done.stderr, f"-> {done.returncode}", sep="\n")
        return done

    def docker(self, *words):
        """A docker command that has to succeed; returns what it says on standard output."""
        done = self.try_docker(*words)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def build(self, dockerfile, name, context, *options):
        words = ["--network", "none", "--file", str(dockerfile), "--tag", name, *options]
        self.docker("build", *words, str(context))

    def export(self, image, folder):
        """The files of an image."""
        name = self.new_name()
        self.docker("create", "--name", name, image, "true")
        archive = self.folder / "exported.tar"
        self.docker("export", "--output", str(archive), name)
        self.docker("rm", name)
        with tarfile.open(archive) as files:
            files.extractall(folder)

    def new_name(self):
        return f"c{next(self.numbers)}"

    def close(self):
        try:
            self._remove_containers()
        finally:
            self._end_dockerd()
            for mount in self._mounts():
                subprocess.run(["umount", "--lazy", mount], check=False)
            shutil.rmtree(self.folder)

    def _remove_containers(self):
        left = self.try_docker("ps", "--all", "--quiet").stdout.decode().split()
        if left:
            self.try_docker("rm", "--force", *left)

    def _end_dockerd(self):
        self.dockerd.terminate()
        try:
            self.dockerd.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.dockerd.kill()
            self.dockerd.wait()

    def _mounts(self):
        """What is still mounted below our folder, innermost first."""
        places = [line.split()[4] for line in read_proc("self", "mountinfo").splitlines()]
        return [place for place in reversed(places) if place.startswith(f"{self.folder}/")]

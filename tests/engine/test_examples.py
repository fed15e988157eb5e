"""What docs/examples has for one program, for services, for compose and for Kubernetes, started for real."""

import json
import re
import subprocess

import pytest
from conftest import EXAMPLES
from processes import PATIENCE, wait_until

PAGE = ["busybox", "wget", "-qO-", "http://127.0.0.1:8080/index.html"]
LONG = 30  # seconds that the engine waits before it kills


# -- one program


def test_one_program_is_stopped_by_docker_stop_and_ends_well(build_example, start):
    container = start(build_example("command"))
    container.wait_for_line("Ready to accept connections")
    container.stop(LONG)
    assert container.code == 0
    assert "Redis is now ready to exit, bye bye" in container.log()


# -- services


@pytest.fixture(scope="module")
def services(build_example):
    return build_example("services")


def test_services_serve_the_page_and_end_well(services, start):
    container = start(services, options=["--env", "GREETING=Hello from docker"])
    wait_until(lambda: container.reevectl("health").returncode == 0, "all services are well")
    assert container.exec(*PAGE) == "Hello from docker"
    container.stop(LONG)
    assert container.code == 0


# -- compose


@pytest.fixture
def compose(dockerd, services, tmp_path):
    """docker-compose with the example's file; here is neither a network nor time to wait."""
    override = tmp_path / "override.yml"
    override.write_text(json.dumps({"version": "2.4", "services": {
        "app": {"image": services, "network_mode": "none", "healthcheck": {"interval": "200ms"}},
        "client": {"image": services, "network_mode": "service:app", "command": PAGE},
    }}))  # fmt: skip

    def run(*words):
        files = ["--file", EXAMPLES / "compose/docker-compose.yml", "--file", override]
        done = subprocess.run(["docker-compose", *files, "--project-name", "example", *words], env=dockerd.environment,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=4 * PATIENCE, check=False)  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run
    run("down", "--timeout", "1")


def inspect(dockerd, name, field):
    return dockerd.docker("inspect", "--format", f"{{{{{field}}}}}", name)


def test_compose_starts_the_client_when_all_services_are_well(compose, dockerd):
    compose("up", "--detach")
    app, client = "example_app_1", "example_client_1"
    assert dockerd.docker("wait", client) == "0"
    assert dockerd.docker("logs", client) == "Hello from compose"
    assert inspect(dockerd, app, ".HostConfig.ReadonlyRootfs") == "true"
    assert inspect(dockerd, app, ".State.Health.Status") == "healthy"
    compose("stop")
    assert inspect(dockerd, app, ".State.ExitCode") == "0"


# -- Kubernetes

DEPLOYMENT = (EXAMPLES / "kubernetes/deployment.yaml").read_text()


@pytest.fixture(scope="module")
def deployment(dockerd, services, podman_engine):
    """The Deployment as podman runs it, without a network and its port; returns its container."""
    archive = podman_engine.folder / "services.tar"
    dockerd.docker("save", "--output", archive, services)
    podman_engine.podman("load", "--input", archive)
    archive.unlink()
    podman_engine.podman("tag", services, "services")
    file = podman_engine.folder / "deployment.yaml"
    file.write_text(re.sub(r" +ports:\n.*\n", "", DEPLOYMENT))
    podman_engine.podman("play", "kube", "--network", "none", file)
    yield "app-pod-0-app"
    podman_engine.podman("play", "kube", "--down", file)


def probe(kind):
    """The command of a probe."""
    return re.search(rf"{kind}Probe:\s+exec: {{command: \[(.*)\]}}", DEPLOYMENT)[1].split(", ")


def test_a_deployment_serves_the_page_as_a_user_that_nobody_knows(deployment, podman_engine):
    wait_until(lambda: podman_engine.try_podman("exec", deployment, *probe("readiness")).returncode == 0, "it is ready")
    assert podman_engine.podman("exec", deployment, "id", "-u") == "1000710"
    assert podman_engine.podman("exec", deployment, *PAGE) == "Hello from a cluster"


def test_its_probes_tell_a_crash_from_the_end(deployment, podman_engine):
    def code(kind):
        return podman_engine.try_podman("exec", deployment, *probe(kind)).returncode

    wait_until(lambda: code("readiness") == 0, "it is ready")
    podman_engine.podman("exec", deployment, "/sbin/reevectl", "stop", "web")
    assert (code("readiness"), code("liveness")) == (1, 0)
    podman_engine.podman("exec", deployment, "/sbin/reevectl", "start", "web")
    assert (code("readiness"), code("liveness")) == (0, 0)

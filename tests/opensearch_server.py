"""A real OpenSearch for the tests, from the first of these ways that works:

1. the server at ENDCAP_TEST_OPENSEARCH_URL (its indexes named ``endcap-test-*`` are made and removed);
2. testcontainers, where Docker answers;
3. the server from Maven Central as a local process, where there are mvn and Java 21 or newer.

In CI (CI=true) the first two only, and having neither is a failure. ``NoOpenSearch`` says why each way failed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

VERSION = "3.8.0"
VERSION_2 = "2.19.1"
IMAGE = "opensearchproject/opensearch"
ARTIFACT = f"org.opensearch.distribution.integ-test-zip:opensearch:{VERSION}:zip"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "endcap"
JAVA_AT_LEAST = 21
HEAP = "-Xms512m -Xmx512m"
READY_S = 600
NOBODY = 65534
SETTINGS = {
    "discovery.type": "single-node",
    "cluster.routing.allocation.disk.threshold_enabled": "false",  # a full disk of the machine is no failure of ours
}

CONTAINER = {
    **SETTINGS,
    "OPENSEARCH_JAVA_OPTS": HEAP,
    "DISABLE_INSTALL_DEMO_CONFIG": "true",
    "DISABLE_PERFORMANCE_ANALYZER_AGENT_CLI": "true",  # a second Java, at a port of the machine's where it shares that
}


class NoOpenSearch(Exception):
    """No server can be had; says why for each way."""


def in_ci() -> bool:
    return os.environ.get("CI", "").lower() in ("1", "true")


@contextmanager
def any_server() -> Iterator[str]:
    """The url of an OpenSearch 3, by the first way that works."""
    if url := os.environ.get("ENDCAP_TEST_OPENSEARCH_URL"):
        wait_until_ready(url)
        yield url.rstrip("/")
        return
    ways = {"testcontainers": lambda: container(VERSION)}
    if not in_ci():
        ways["a local process"] = local_process
    reasons = []
    for name, way in ways.items():
        opened = way()
        try:
            url = opened.__enter__()
        except Exception as error:
            reasons.append(f"{name}: {one_line(error)[:150]}")
            continue
        try:
            yield url
        finally:
            opened.__exit__(None, None, None)
        return
    raise NoOpenSearch("; ".join(reasons))


@contextmanager
def any_server_2() -> Iterator[str]:
    """The url of an OpenSearch 2.19 with its plugins: one that is named in the environment, or a container."""
    if url := os.environ.get("ENDCAP_TEST_OPENSEARCH_2_URL"):
        wait_until_ready(url)
        yield url.rstrip("/")
        return
    with container(VERSION_2, local_image_only=not in_ci()) as url:
        yield url


@contextmanager
def near_server_2() -> Iterator[str]:
    """As ``any_server_2``; a container shares this machine's network, so that it reaches what listens at 127.0.0.1."""
    if os.environ.get("ENDCAP_TEST_OPENSEARCH_2_URL"):
        with any_server_2() as url:
            yield url
        return
    with begun_near(VERSION_2) as url:
        wait_until_ready(url)
        yield url


@contextmanager
def begun_near(version: str) -> Iterator[str]:
    """The url of a container that shares this machine's network; it has begun to start, no more."""
    import docker

    client, (port, transport) = docker.from_env(), free_ports(2)
    own = {"http.host": "127.0.0.1", "http.port": str(port), "transport.port": str(transport)}
    own = {**CONTAINER, **own, "DISABLE_SECURITY_PLUGIN": "true"}
    server = client.containers.run(f"{IMAGE}:{version}", detach=True, network_mode="host", environment=own)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.remove(force=True, v=True)
        client.close()


@contextmanager
def container(version: str, *, local_image_only: bool = False) -> Iterator[str]:
    """A container of the official image; TESTCONTAINERS_* in the environment count as they do for testcontainers."""
    os.environ.setdefault("TC_MAX_TRIES", str(READY_S))  # one a second; read at the import
    import docker
    from testcontainers.community.opensearch import OpenSearchContainer
    from testcontainers.core.config import testcontainers_config

    client = docker.from_env()
    try:
        client.ping()
        if local_image_only:
            client.images.get(f"{IMAGE}:{version}")
        if not testcontainers_config.ryuk_disabled and not has_image(client, testcontainers_config.ryuk_image):
            # Ryuk only removes what a killed test run leaves behind; ours is stopped below, so tests can do without.
            testcontainers_config.ryuk_disabled = True
    finally:
        client.close()
    server = OpenSearchContainer(f"{IMAGE}:{version}", initial_admin_password="endcap-Test-1")
    for name, value in CONTAINER.items():
        server.with_env(name, value)
    try:
        server.start()
        url = f"http://{server.get_container_host_ip()}:{server.get_exposed_port(9200)}"
        wait_until_ready(url)
        yield url
    finally:
        server.stop()


def has_image(client: Any, image: str) -> bool:
    """Whether Docker has the image, or can pull it."""
    import docker

    try:
        client.images.get(image)
    except docker.errors.ImageNotFound:
        try:
            client.images.pull(*image.rsplit(":", 1))
        except docker.errors.APIError:
            return False
    return True


@contextmanager
def local_process() -> Iterator[str]:
    """The server of Maven Central, unpacked into a temporary folder and run there, never as root."""
    java, archive = find_java(), fetch_archive()
    folder = Path(tempfile.mkdtemp(prefix="endcap-opensearch-"))
    process = None
    try:
        with zipfile.ZipFile(archive) as packed:
            packed.extractall(folder)
        root = folder / f"opensearch-{VERSION}"
        for script in (root / "bin").iterdir():
            script.chmod(0o755)
        http, transport = free_ports(2)
        settings = {
            **SETTINGS,
            "http.port": http,
            "transport.port": transport,
            "network.host": "127.0.0.1",
            "path.data": root / "data",
            "path.logs": root / "logs",
        }
        log = folder / "stdout.log"
        as_user = {}
        if os.geteuid() == 0:
            as_user = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
            for path in (folder, *folder.rglob("*")):
                os.chown(path, NOBODY, NOBODY)
        with log.open("w") as output:
            process = subprocess.Popen(
                [root / "bin" / "opensearch", *(f"-E{name}={value}" for name, value in settings.items())],
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(folder),
                    "OPENSEARCH_JAVA_HOME": str(java),
                    "OPENSEARCH_JAVA_OPTS": HEAP,
                },
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **as_user,
            )
        url = f"http://127.0.0.1:{http}"
        wait_until_ready(url, process, log)
        yield url
    finally:
        if process is not None:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def find_java() -> Path:
    """The home of a Java that is new enough: as the environment says, on PATH, or where Linux keeps them."""
    homes = [Path(os.environ[name]) for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    if found := shutil.which("java"):
        homes.append(Path(found).resolve().parent.parent)
    homes += sorted(Path("/usr/lib/jvm").glob("*"))
    for home in homes:
        java = home / "bin" / "java"
        if java.is_file():
            said = subprocess.run([java, "-version"], capture_output=True, text=True).stderr
            version = re.search(r'version "(\d+)', said)
            if version and int(version[1]) >= JAVA_AT_LEAST:
                return home
    raise NoOpenSearch(f"no Java {JAVA_AT_LEAST} or newer in OPENSEARCH_JAVA_HOME, JAVA_HOME or on PATH")


def fetch_archive() -> Path:
    """The server's archive, from the cache or from Maven Central."""
    archive = CACHE / f"opensearch-{VERSION}.zip"
    if archive.is_file():
        return archive
    if not shutil.which("mvn"):
        raise NoOpenSearch("no mvn to fetch the server with")
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        run = subprocess.run(
            ["mvn", "-q", "-B", PLUGIN, "-Dtransitive=false", f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={folder}"],
            capture_output=True,
            text=True,
        )
        fetched = Path(folder) / archive.name
        if run.returncode or not fetched.is_file():
            raise NoOpenSearch(f"mvn could not fetch {ARTIFACT}: {(run.stdout + run.stderr)[-300:]}")
        fetched.replace(archive)
    return archive


def wait_until_ready(url: str, process: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """Ask until the cluster is yellow or green; an early end of the process, or none in time, is an error."""
    deadline = time.monotonic() + READY_S
    last: object = "it did not answer"
    while time.monotonic() < deadline:
        if process is not None and process.poll() is not None:
            raise NoOpenSearch(f"the server ended with {process.returncode}: {log.read_text()[-500:] if log else ''}")
        try:
            with urllib.request.urlopen(
                f"{url}/_cluster/health?wait_for_status=yellow&timeout=5s", timeout=10
            ) as reply:
                last = json.load(reply)["status"]
            if last in ("yellow", "green"):
                return
        except (urllib.error.URLError, OSError, ValueError) as error:
            last = error
        time.sleep(0.2)  # between two questions, not for the server to be ready
    raise NoOpenSearch(f"OpenSearch at {url} is not ready after {READY_S} s: {last}")


def free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()


def one_line(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:400]

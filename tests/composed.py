"""The composed demo for tests: `docker compose` under a name, image and port of the tests' own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import opensearch_server
import pytest

ROOT = Path(__file__).resolve().parent.parent
UP_S = 1200
"""A machine that has nothing else to do needs some two minutes, the image included; a crowded one many times that."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A project of Docker Compose that nobody else has; it is there when ``up`` has returned."""

    project: str = field(default_factory=lambda: f"endcap-test-{secrets.token_hex(4)}")
    port: int = field(default_factory=lambda: opensearch_server.free_ports(1)[0])

    proxy_port: int = field(default_factory=lambda: opensearch_server.free_ports(1)[0])

    @property
    def url(self) -> str:
        """Where the storefront is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def image(self) -> str:
        """The image that is built."""
        return f"{self.project}:local"

    def compose(self, *words: str, timeout: float = 120) -> str:
        """Run `docker compose`; what it printed. A failure fails the test, with its last words and the logs."""
        run = subprocess.run(
            ["docker", "compose", *words],
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if run.returncode:
            logs = docker("compose", "-p", self.project, "logs", "--no-color", "--tail", "30") if "up" in words else ""
            pytest.fail(f"docker compose {' '.join(words)} ended with {run.returncode}: {run.stderr[-3000:]}\n{logs}")
        return run.stdout

    def environment(self) -> Mapping[str, str]:
        """What `docker compose` reads its settings from."""
        ports = {"ENDCAP_PORT": str(self.port), "ENDCAP_PROXY_PORT": str(self.proxy_port)}
        return {**os.environ, **ports, "COMPOSE_PROJECT_NAME": self.project, "ENDCAP_IMAGE": self.image}

    def up(self) -> None:
        """Start it, and wait until the storefront says that it is well."""
        self.compose("up", "--detach", "--wait", "--quiet-pull", timeout=UP_S)

    def down(self) -> None:
        """What the documents say ends it."""
        self.compose("down", "--volumes", "--timeout", "5")

    def get(self, path: str) -> bytes:
        """The body of a reply."""
        with urllib.request.urlopen(self.url + path, timeout=60) as reply:
            return bytes(reply.read())

    def get_json(self, path: str) -> Any:
        """The same, read as JSON."""
        return json.loads(self.get(path))

    def container(self, service: str) -> Any:
        """What Docker knows of a service's container."""
        return json.loads(docker("inspect", self.compose("ps", "--all", "--quiet", service).strip()))[0]

    def left(self) -> Mapping[str, str]:
        """Containers, volumes and networks of the project: an empty word for each where there are none."""
        label = ("--filter", f"label=com.docker.compose.project={self.project}", "--quiet")
        return {
            "containers": docker("ps", "--all", *label).strip(),
            "volumes": docker("volume", "ls", *label).strip(),
            "networks": docker("network", "ls", *label).strip(),
        }


def docker(*words: str) -> str:
    """What `docker` printed; an error where it failed."""
    return subprocess.run(["docker", *words], capture_output=True, text=True, check=True).stdout


def need_docker() -> None:
    """Skip the test where Docker or Compose can't be had; in CI that fails it."""
    for words in (["docker", "info"], ["docker", "compose", "version"]):
        there = shutil.which("docker") and not subprocess.run(words, capture_output=True, check=False).returncode
        if not there:
            reason = f"'{' '.join(words)}' fails: Docker with Compose can't be had here"
            if opensearch_server.in_ci():
                pytest.fail(reason)
            pytest.skip(reason)

"""Helm for the tests of `deploy/`, and what it makes of the chart."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import go_programs
import opensearch_server
import pytest
import yaml
from go_programs import HELM, NoProgram, go_program

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/endcap"


def helm() -> str:
    """The program helm."""
    return go_tool(HELM)


def go_tool(module: str) -> str:
    """A program that is there or built by Go. Skips, in CI fails, where it can't be had."""
    try:
        return go_program(module)
    except NoProgram as error:
        return (pytest.fail if opensearch_server.in_ci() else pytest.skip)(str(error))


def go() -> str:
    """The program go. Skips, in CI fails, without."""
    try:
        return go_programs.go()
    except NoProgram as error:
        return (pytest.fail if opensearch_server.in_ci() else pytest.skip)(str(error))


def run_helm(*words: str) -> str:
    """What helm printed; a failure fails the test with its words."""
    run = subprocess.run([helm(), *words], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr + run.stdout
    return run.stdout


def template(*words: str) -> str:
    """The chart as manifests, released as `endcap` into `search`."""
    return run_helm("template", "endcap", str(CHART), "--namespace", "search", "--kube-version", "1.29", *words)


def rendered(*words: str) -> dict[str, Any]:
    """The same by kind and name, read."""
    return by_kind(template(*words))


def by_kind(text: str) -> dict[str, Any]:
    """Manifests by their kind, and by kind and name where there are several of one."""
    documents = [each for each in yaml.safe_load_all(text) if each]
    kinds = [each["kind"] for each in documents]
    names = [
        each["kind"] if kinds.count(each["kind"]) == 1 else f"{each['kind']}/{each['metadata']['name']}"
        for each in documents
    ]
    return dict(zip(names, documents, strict=True))

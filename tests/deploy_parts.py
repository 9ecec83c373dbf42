"""Helm for the tests of `deploy/`, and what it makes of the chart."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import opensearch_server
import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/endcap"
HELM = "helm.sh/helm/v3/cmd/helm@v3.19.5"
"""Built from its module where there is no `helm`; the workflow installs the same."""


KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.6.7"
ACTIONLINT = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.7"


def helm() -> str:
    """The program helm."""
    return go_tool(HELM)


@cache
def go_tool(module: str) -> str:
    """A program by its module: what is installed, or built once by Go into the user's cache. Skips, in CI fails,
    without both."""
    path, _, version = module.partition("@")
    name = path.rpartition("/")[2]
    if found := shutil.which(name):
        return found
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "endcap-tests" / version
    if not (folder / name).is_file():
        own = {**os.environ, "GOBIN": str(folder), "GOFLAGS": "-ldflags=-s"}
        built = subprocess.run([go(), "install", module], env=own, capture_output=True, text=True, check=False)
        assert built.returncode == 0, built.stderr[-2000:]
    return str(folder / name)


def go() -> str:
    """The program go. Skips, in CI fails, without."""
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        (pytest.fail if opensearch_server.in_ci() else pytest.skip)("neither this program nor go can be had here")
    return str(found)


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

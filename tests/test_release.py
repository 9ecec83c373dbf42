"""A release: tag and changelog are checked, the sdist makes the same wheel, the workflow asks for what is promised."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from deploy_parts import ROOT

from endcap import __version__

WORKFLOW: Any = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text())
TAG = f"v{__version__}"


@pytest.fixture
def release() -> ModuleType:
    """The script that the workflow runs."""
    spec = importlib.util.spec_from_file_location("release_notes", ROOT / ".github/release_notes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def project(folder: Path, changes: str) -> Path:
    """A copy of what the script reads, with a changelog of the test's own."""
    for name in ("endcap/__init__.py", "deploy/helm/endcap/Chart.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, folder / name)
    (folder / "CHANGELOG.md").write_text(
        f"# Changelog\n\n## Unreleased\n\n- more\n\n{changes}\n\n## 0.0.1 - 2026-01-01\n\n- old\n"
    )
    return folder


def test_notes_are_the_version_s_section(release: ModuleType, tmp_path: Path) -> None:
    """All of it, and nothing of its neighbours."""
    root = project(tmp_path, f"## {__version__} - 2026-12-01\n\n### Added\n\n- a proxy")
    assert release.notes(TAG, root) == "### Added\n\n- a proxy"


@pytest.mark.parametrize(
    ("tag", "changes", "words"),
    [
        ("v9.9.9", f"## {__version__} - 2026-12-01\n\n- x", "the tag must be"),
        (TAG, "", "CHANGELOG.md has no"),
        (TAG, f"## {__version__}\n\n- x", "without a date"),
        (TAG, f"## {__version__} - 2026-12-01\n", "says nothing"),
    ],
)
def test_a_wrong_release_is_refused(tag: str, changes: str, words: str, release: ModuleType, tmp_path: Path) -> None:
    """It says what is missing."""
    with pytest.raises(ValueError, match=words):
        release.notes(tag, project(tmp_path, changes))


def test_a_chart_of_another_version_is_refused(release: ModuleType, tmp_path: Path) -> None:
    """The chart's image is the one that is released with it."""
    root = project(tmp_path, f"## {__version__} - 2026-12-01\n\n- x")
    chart = root / "deploy/helm/endcap/Chart.yaml"
    chart.write_text(chart.read_text().replace(f'appVersion: "{__version__}"', 'appVersion: "0.0.9"'))
    with pytest.raises(ValueError, match="appVersion"):
        release.notes(TAG, root)


def test_the_sdist_makes_the_same_wheel(tmp_path: Path) -> None:
    """Whoever builds from the sdist gets every file that the wheel has."""
    copy, unpacked = tmp_path / "project", tmp_path / "unpacked"
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout.decode()
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name, follow_symlinks=False)
    build(copy, "sdist")
    (source,) = (copy / "dist").glob("*.tar.gz")
    with tarfile.open(source) as archive:
        archive.extractall(unpacked, filter="data")
    (inside,) = unpacked.iterdir()
    build(copy, "wheel")
    build(inside, "wheel")
    assert names(inside) == names(copy)
    assert "endcap/serve/server.py" in names(inside)


def build(folder: Path, kind: str) -> None:
    program = f"from setuptools import build_meta; build_meta.build_{kind}('dist')"
    subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, check=True)


def names(folder: Path) -> set[str]:
    (wheel,) = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_workflow_does_what_is_promised() -> None:
    """Trusted publishing without a token, attested; an image for both processors with SBOM, its base pinned."""
    jobs = WORKFLOW["jobs"]
    text = (ROOT / ".github/workflows/release.yml").read_text()
    assert "release_notes.py" in text
    assert jobs["pypi"]["permissions"] == {"id-token": "write"}
    assert jobs["pypi"]["environment"] == "pypi"
    assert set(re.findall(r"secrets\.(\w+)", text)) == {"GITHUB_TOKEN"}
    assert "actions/attest-build-provenance" in str(jobs["packages"])
    (built,) = [step["with"] for step in jobs["image"]["steps"] if "build-push-action" in step.get("uses", "")]
    assert built["platforms"] == "linux/amd64,linux/arm64"
    assert built["sbom"] is True
    assert built["provenance"] == "mode=max"
    assert built["build-args"].startswith("BASE=python:3.13-slim@")
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert re.findall(r"^FROM (\S+)", dockerfile, re.MULTILINE) == ["${BASE}", "${BASE}"]
    published = [name for name, job in jobs.items() if name in ("pypi", "notes")]
    assert all(jobs[name]["if"] == "github.ref_type == 'tag'" for name in published)

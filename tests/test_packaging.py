"""The wheel: everything in it that users need, nothing in it of the machine that built it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import endcap

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("endcap", "language", "index", "plugin", "evaluate", "distill", "serve", "storefront", "demo", "cli")
DATA = (".py", ".typed", ".toml", ".html", ".css", ".js", ".svg", ".json", ".onnx", ".txt", ".npz")


@pytest.fixture(scope="module")
def files() -> list[str]:
    """The project's files and links, relative to its root: those that git has and those that it would take."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [str(path.relative_to(ROOT)) for path in names if path.is_file() or path.is_symlink()]


@pytest.fixture(scope="module")
def wheel(files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    """A wheel built from a copy of the project, without network."""
    copy = tmp_path_factory.mktemp("copy-of-the-project")
    for name in files:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, copy / name, follow_symlinks=False)
    program = "from setuptools import build_meta; print(build_meta.build_wheel('dist'))"
    subprocess.run([sys.executable, "-c", program], cwd=copy, capture_output=True, check=True)
    (built,) = (copy / "dist").glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        yield archive


def installed_name(source: str) -> str:
    """Where a source file lies in the wheel."""
    return source if source.startswith("endcap/") else f"endcap/{source}"


def test_the_wheel_has_every_file_of_the_rooms(files: list[str], wheel: zipfile.ZipFile) -> None:
    """Each module, template, recipe and model file of the rooms is in the wheel, and so is py.typed."""
    sources = [name for name in files if name.partition("/")[0] in ROOMS and name.endswith(DATA)]
    assert "endcap/py.typed" in sources
    assert sorted({installed_name(name) for name in sources} - set(wheel.namelist())) == []


def test_the_wheel_has_the_shipped_student(wheel: zipfile.ZipFile) -> None:
    """A model folder travels in the wheel: model.json, the graph and the tokenizer."""
    inside = [name.split("/")[-1] for name in wheel.namelist() if name.startswith("endcap/plugin/models/")]
    assert {"model.json", "model.onnx", "tokenizer.json"} <= set(inside)


def test_the_wheel_has_the_licences(wheel: zipfile.ZipFile) -> None:
    """LICENSE and NOTICE travel with the code and the model."""
    assert {"LICENSE", "NOTICE"} <= {name.split("/")[-1] for name in wheel.namelist() if ".dist-info/" in name}


def test_the_wheel_has_only_the_package(wheel: zipfile.ZipFile) -> None:
    """Tests, benchmarks and top-level folders with short names (index, cli, ...) stay at home."""
    tops = {name.partition("/")[0] for name in wheel.namelist()}
    assert tops == {"endcap", f"endcap-{endcap.__version__}.dist-info"}


def test_the_wheel_names_no_path_of_the_machine(wheel: zipfile.ZipFile) -> None:
    """No file of the wheel holds the checkout's, the build folder's or the home folder's path."""
    paths = [f"{ROOT}/", "copy-of-the-project", f"{Path.home()}/", "/home/", "/root/", "/Users/"]
    found = [
        (name, path)
        for name in wheel.namelist()
        for path in paths
        if len(path) > 4 and path.encode() in wheel.read(name)
    ]
    assert found == []


def test_the_constraints_pin_every_dependency() -> None:
    """Each requirement of pyproject.toml, with all extras, has its version in constraints.txt."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    names = {requirement.split(">=")[0].split("[")[0] for requirement in required} - {"endcap"}
    pinned = {line.split("==")[0] for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line}
    assert sorted(names - pinned) == []


def test_every_requirement_is_bounded() -> None:
    """A requirement has a lower and an upper bound, so that a new major version can't break an old release."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    required = [*project["dependencies"], *(r for extra in project["optional-dependencies"].values() for r in extra)]
    assert [r for r in required if not r.startswith("endcap[") and not (">=" in r and ",<" in r)] == []


def test_the_tests_run_on_the_wheel_when_told_so() -> None:
    """With ENDCAP_TEST_WHEEL=1 the tested package is the installed one, not the checkout."""
    if os.environ.get("ENDCAP_TEST_WHEEL"):
        assert "site-packages" in Path(endcap.__file__).parts
    else:
        assert Path(endcap.__file__).exists()

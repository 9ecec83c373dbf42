"""The Makefile says what it can do, and what it lacks."""

import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def make(*args: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *args], cwd=cwd, capture_output=True, text=True)


def test_help_lists_every_target() -> None:
    """`make help`, which plain `make` is, has a line for each target."""
    phony = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert phony is not None
    targets = set(phony[1].split()) - {"force"}
    run = make(cwd=ROOT)
    assert run.stdout == make("help", cwd=ROOT).stdout
    listed = re.findall(r"^  make (\w+) +\S.{10,}$", run.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(targets)


def test_a_machine_without_python_is_told_so(tmp_path: Path) -> None:
    """Where no Python is new enough, `make demo` says what to install, makes nothing and fails."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    run = make("demo", "PYTHON=", cwd=tmp_path)
    assert run.returncode != 0
    assert run.stderr.startswith("Error: found no Python 3.11 or newer")
    assert not (tmp_path / ".venv").exists()

"""What a type checker says of a user's code, and that it finds the package in a clone."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
USERS_FILE = """
from opensearchpy import AsyncOpenSearch, OpenSearch

from endcap.plugin import Reranker, Student
from endcap.plugin.model.live import LiveStudent

client = OpenSearch("http://localhost:9200")
Reranker(client, LiveStudent("shop"))
Reranker(client, LiveStudent("shop", until=Student.load()))
Reranker(OpenSearch("http://localhost:9200"), Student.load())
Reranker(AsyncOpenSearch("http://localhost:9200"), Student.load())
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one run of mypy leaves for the next."""
    return tmp_path_factory.mktemp("mypy")


def mypy(*args: str, cache: Path) -> subprocess.CompletedProcess[str]:
    """Run mypy in the checkout."""
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(cache), *args]
    # What is checked is the checkout, wherever the tests take the package from.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_users_code_is_well_typed(tmp_path: Path, cache: Path) -> None:
    """A re-ranker takes a student and a live student, as the documents have it."""
    file = tmp_path / "user.py"
    file.write_text(USERS_FILE)
    run = mypy("--strict", str(file), cache=cache)
    assert run.returncode == 0, run.stdout + run.stderr


def test_wrong_arguments_are_wrong_types(tmp_path: Path, cache: Path) -> None:
    """A path is no student, to a type checker either."""
    file = tmp_path / "user.py"
    file.write_text(USERS_FILE + 'Reranker(client, "model/")\n')
    run = mypy("--strict", str(file), cache=cache)
    assert run.returncode == 1
    assert 'Argument 2 to "Reranker" has incompatible type "str"' in run.stdout


def test_tools_find_the_package_in_a_clone(cache: Path) -> None:
    """``mypy -p`` looks a package up by its name, through the links in ``endcap/``."""
    run = mypy("-p", "endcap.plugin", cache=cache)
    assert run.returncode == 0, run.stdout + run.stderr

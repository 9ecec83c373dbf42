"""The rule that CI skips nothing unseen."""

import os
import subprocess
import sys
from pathlib import Path

import child_process
import pytest

SUITE = """
import child_process
import pytest
def test_runs(): pass
@pytest.mark.skip(reason={reason!r})
def test_skipped(): pass
"""


@pytest.mark.parametrize(
    ("ci", "reason", "status"),
    [("true", "no Docker", 1), ("true", "allowed in CI: needs a GPU", 0), ("", "no Docker", 0)],
)
def test_a_skip_fails_the_session_in_ci_only(tmp_path: Path, ci: str, reason: str, status: int) -> None:
    """A skipped test fails a CI session, unless its reason says that CI allows it; elsewhere it does not."""
    (tmp_path / "conftest.py").write_text("from ci_rules import pytest_sessionfinish, pytest_terminal_summary\n")
    (tmp_path / "test_some.py").write_text(SUITE.format(reason=reason))
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull, str(tmp_path)],
        env=child_process.environment() | {"CI": ci},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == status, run.stdout
    assert ("which CI does not allow" in run.stdout) == bool(status)

"""In CI no test may be skipped unseen: a skipped promise is not a kept one. conftest.py imports the two hooks."""

from __future__ import annotations

import os

import pytest

ALLOWED = "allowed in CI: "
"""A skip's reason begins with this where the thing it needs can't be had in CI; then the session still passes."""


def forbidden_skips(config: pytest.Config) -> list[str]:
    """``file:line: reason`` of every skip that CI does not allow; empty outside of CI."""
    if os.environ.get("CI", "").lower() not in ("1", "true"):
        return []
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skips = []
    for report in reporter.stats.get("skipped", []) if reporter else []:
        path, line, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.nodeid, 0, "")
        reason = reason.removeprefix("Skipped: ")
        if not reason.startswith(ALLOWED):
            skips.append(f"{os.path.relpath(path)}:{line}: {reason}")
    return skips


def pytest_sessionfinish(session: pytest.Session) -> None:
    if forbidden_skips(session.config) and session.exitstatus in (
        pytest.ExitCode.OK,
        pytest.ExitCode.NO_TESTS_COLLECTED,
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skips = forbidden_skips(config)
    if skips:
        terminalreporter.section("skipped, which CI does not allow", red=True)
        for skip in skips:
            terminalreporter.line(skip)

"""What the tests share: a home of their own, a real OpenSearch, real data where there is some."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import ci_rules
import opensearch_server
import pytest
import rerank_parts
from ci_rules import pytest_sessionfinish
from opensearchpy import OpenSearch
from shared_servers import pytest_configure

__all__ = ["pytest_configure", "pytest_sessionfinish"]

# Ray's workers stand back for everything else on the machine; tests wait for them.
os.environ.setdefault("RAY_worker_niceness", "0")
# Threads of torch's that share one small step wait for each other: fifteen times as long, on a busy machine.
os.environ.setdefault("OMP_NUM_THREADS", "1")

_missing: list[str] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    ci_rules.pytest_terminal_summary(terminalreporter, config)
    for line in _missing:
        terminalreporter.line(line, yellow=True)


@pytest.fixture(autouse=True)
def endcap_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that no other test has; the user's own is never touched."""
    folder = tmp_path / "endcap-home"
    monkeypatch.setenv("ENDCAP_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def opensearch() -> Iterator[str]:
    """The url of a real OpenSearch 3."""
    yield from _served(opensearch_server.any_server(), "OpenSearch 3")


@pytest.fixture(scope="session")
def opensearch_2() -> Iterator[str]:
    """The url of a real OpenSearch 2.19: the one at ENDCAP_TEST_OPENSEARCH_2_URL, or by testcontainers alone; outside
    of CI only where the image is there."""
    yield from _served(opensearch_server.any_server_2(), f"OpenSearch {opensearch_server.VERSION_2}")


@pytest.fixture(scope="session")
def datasets() -> Path:
    """The folder with chorus/, esci-us/ and esci-sample/, named by ENDCAP_DATASETS."""
    folder = os.environ.get("ENDCAP_DATASETS")
    if not folder:
        pytest.skip(f"{ci_rules.ALLOWED}needs real data (ENDCAP_DATASETS)")
    return Path(folder)


@pytest.fixture(scope="module")
def shop(opensearch: str) -> Iterator[tuple[OpenSearch, str]]:
    """A client, and the name of an index of sixty products for the middleware's tests."""
    client, index = OpenSearch(opensearch), rerank_parts.unique("shop")
    rerank_parts.fill_index(client, index, rerank_parts.documents(60))
    yield client, index
    client.indices.delete(index=index)
    client.close()


def _served(server: object, name: str) -> Iterator[str]:
    try:
        url = server.__enter__()  # type: ignore[attr-defined]
    except Exception as error:
        if opensearch_server.in_ci():
            raise
        reason = opensearch_server.one_line(error)
        _missing.append(f"Tests that need {name} were skipped: none can be had here ({reason}).")
        pytest.skip(f"no {name}: {reason}")
    try:
        yield url
    finally:
        server.__exit__(None, None, None)  # type: ignore[attr-defined]

"""Loading into a cluster that is busy: everything arrives once, and what can't is reported."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator

import pytest
from engine_catalogue import numbered
from flaky_proxy import Fault, hang_up, proxy, refuse, status, too_large

from endcap.errors import EngineError
from endcap.index.opensearch.bulk import BulkLimits, bulk_chunks
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.settings import IndexSettings

QUICK = BulkLimits(max_documents=50, attempts=6, first_pause_s=0.001, longest_pause_s=0.01, request_timeout_s=20)


@pytest.fixture
def name(opensearch: str) -> Iterator[str]:
    index = f"endcap-test-{uuid.uuid4().hex[:8]}"
    yield index
    client = connect(IndexSettings(index, "opensearch", opensearch))
    client.indices.delete(index=f"{index}-*")
    client.close()


def loader(url: str, name: str, limits: BulkLimits = QUICK) -> OpenSearchEngine:
    return OpenSearchEngine(connect(IndexSettings(name, "opensearch", url)), name, url=url, limits=limits)


def in_turn(*faults: Fault | None) -> tuple[Counter[str], object]:
    """Each bulk request meets the next fault; when all are spent, none."""
    met: Counter[str] = Counter()
    left = list(faults)

    def next_fault() -> Fault | None:
        met["requests"] += 1
        return left.pop(0) if left else None

    return met, next_fault


BUSY = refuse(429, "es_rejected_execution_exception", lambda id: id.endswith(("1", "3", "5")))
FAULTS: dict[str, list[Fault | None]] = {
    "429": [status(429), None, status(429), status(429)],
    "503": [status(503)],
    "some refused for now": [BUSY, BUSY, None, BUSY],
    "the answer lost": [None, hang_up, None, hang_up],
    "all of them": [status(429), BUSY, hang_up, status(502), BUSY],
}


@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_busy_cluster_gets_everything_once(opensearch: str, name: str, faults: list[Fault | None]) -> None:
    """Refused requests, refused documents and lost answers are sent again: nothing is lost, nothing is there twice."""
    met, bulk = in_turn(*faults)
    products = numbered(230)
    with proxy(opensearch, bulk=bulk) as url:  # type: ignore[arg-type]
        report = loader(url, name).load(products)
    assert (report.loaded, dict(report.failed)) == (230, {})
    assert met["requests"] > 5
    assert sorted(p.id for p in loader(opensearch, name).products()) == sorted(p.id for p in products)


def test_refused_for_good_is_reported(opensearch: str, name: str) -> None:
    """A document that the cluster can't take is reported with the cluster's reason, and is not sent again."""
    bad = refuse(400, "mapper_parsing_exception", lambda id: id == "p7")
    met, bulk = in_turn(bad)
    with proxy(opensearch, bulk=bulk) as url:  # type: ignore[arg-type]
        report = loader(url, name).load(numbered(40))
    assert (report.loaded, dict(report.failed)) == (39, {"p7": "mapper_parsing_exception: no"})
    assert met["requests"] == 1


def test_refused_too_often_is_reported(opensearch: str, name: str) -> None:
    """A document that is still refused after the last attempt is reported, too."""
    never = refuse(429, "es_rejected_execution_exception", lambda id: id == "p7")
    with proxy(opensearch, bulk=lambda: never) as url:
        report = loader(url, name).load(numbered(40))
    assert (report.loaded, set(report.failed)) == (39, {"p7"})


def test_cluster_that_stays_busy_is_an_error(opensearch: str, name: str) -> None:
    """A cluster that refuses everything for too long ends the load with one sentence, and the old catalogue stays."""
    loader(opensearch, name).load(numbered(3))
    with proxy(opensearch, bulk=lambda: status(429)) as url, pytest.raises(EngineError, match="overloaded"):
        loader(url, name).load(numbered(40))
    assert loader(opensearch, name).count() == 3


def test_too_large_requests_are_halved(opensearch: str, name: str) -> None:
    """A request over the cluster's limit of bytes is sent in parts."""
    with proxy(opensearch, bulk=lambda: too_large(1500)) as url:
        report = loader(url, name).load(numbered(100))
    assert (report.loaded, dict(report.failed)) == (100, {})


def test_chunks_keep_to_both_limits() -> None:
    """Requests hold at most so many documents and bytes; a larger document goes alone; none is lost or moved."""
    documents = [(str(n), b"x" * size) for n, size in enumerate([10, 10, 10, 10, 95, 10, 300, 10, 10])]
    made = list(bulk_chunks(documents, BulkLimits(max_documents=3, max_bytes=100)))
    assert [document for chunk in made for document in chunk] == documents
    assert all(len(chunk) <= 3 for chunk in made)
    assert all(len(chunk) == 1 or sum(len(lines) for _, lines in chunk) <= 100 for chunk in made)

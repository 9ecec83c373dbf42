"""A load killed in the middle changes nothing, the next one makes it good, and no search sees half a catalogue."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from engine_catalogue import numbered

from endcap.errors import EngineError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.home import home
from endcap.index.open_engine import open_engine
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.readers.catalogue import read_products
from endcap.index.settings import IndexSettings

OLD, NEW = 700, 1300


@pytest.fixture(params=["embedded", "opensearch", "opensearch_2"])
def url(request: pytest.FixtureRequest) -> str:
    return "embedded" if request.param == "embedded" else str(request.getfixturevalue(request.param))


@pytest.fixture
def engine(url: str) -> Iterator[Any]:
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    if url == "embedded":
        yield EmbeddedEngine(name)
        return
    made = open_engine(IndexSettings(name, "opensearch", url))
    yield made
    made.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]


def halfway(
    name: str, url: str, before: int = NEW // 2 + 100, rest: int | Path = NEW // 2 - 100
) -> subprocess.Popen[str]:
    """A process that is in the middle of a load."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "slow_load.py"), name, url, str(before), str(rest)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "middle\n"
    return process


@contextmanager
def searching(engine: Any) -> Iterator[list[int]]:
    """Search without pause in two threads; gives the totals that were seen, and fails if any search did."""
    totals: list[int] = []
    failures: list[Exception] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.wait(0.003):  # leaves the load some of the machine
            try:
                hits = engine.search(body={"query": {"match": {"title": "lamp"}}, "size": 3})["hits"]
                assert len(hits["hits"]) == 3
                totals.append(hits["total"]["value"])
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=search) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield totals
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not failures, failures[:3]
    assert totals


def parts(engine: Any) -> list[str]:
    """What there is of the catalogue: its indexes in the cluster, or its folders."""
    if isinstance(engine, OpenSearchEngine):
        return sorted(engine.client.indices.get(index=f"{engine.index}-*"))
    return sorted(path.name for path in (home() / "catalogues" / engine.index).glob("load-*"))


def test_killed_load_leaves_the_old_catalogue(engine: Any, url: str) -> None:
    """SIGKILL in the middle: the old catalogue answers throughout; the load repeated loses and doubles nothing."""
    engine.load(numbered(OLD))
    with searching(engine) as totals:
        process = halfway(engine.index, url)
        process.kill()
        process.wait()
        assert len(parts(engine)) == 2
        assert engine.count() == OLD
        seen = len(totals)
        while len(totals) < seen + 20:
            time.sleep(0.01)
        assert set(totals) == {OLD}

        again = halfway(engine.index, url)
        again.communicate("go on\n", timeout=60)
        assert again.returncode == 0
    assert set(totals) <= {OLD, NEW}
    assert engine.count() == NEW
    found = [product.id for product in engine.products()]
    assert sorted(found) == sorted(f"new{i}" for i in range(NEW))
    assert len(parts(engine)) == 1


def test_searches_see_whole_catalogues_only(engine: Any) -> None:
    """Load after load under constant search: every search sees one whole catalogue, and none fails."""
    engine.load(numbered(50))
    with searching(engine) as totals:
        for size in (400, 50, 300):
            engine.load(numbered(size))
    assert set(totals) <= {50, 400, 300}
    assert engine.count() == 300
    assert len(parts(engine)) == 1


def test_running_load_is_left_alone(engine: Any, url: str) -> None:
    """A second load does not remove what a running one has: the embedded engine refuses, a cluster takes both."""
    engine.load(numbered(OLD))
    process = halfway(engine.index, url)
    if url == "embedded":
        with pytest.raises(EngineError, match="another load"):
            engine.load(numbered(20))
        assert engine.count() == OLD
    else:
        engine.load(numbered(20))
        assert engine.count() == 20
        assert len(parts(engine)) == 2
    process.communicate("go on\n", timeout=60)
    assert process.returncode == 0
    assert engine.count() == NEW
    assert len(parts(engine)) == 1


def test_stream_of_products_outlives_a_load(engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever streams the products while another load goes live gets all of the old ones."""
    monkeypatch.setattr("endcap.index.opensearch.versions.QUIET_WAIT_S", 0.5)
    engine.load(numbered(2500))
    stream = engine.products()
    first = next(stream)
    engine.load(numbered(10))
    assert engine.count() == 10
    assert sorted([first.id, *(product.id for product in stream)]) == sorted(f"p{i}" for i in range(2500))
    engine.load(numbered(11))
    assert len(parts(engine)) == 1


@pytest.mark.parametrize("catalogue", ["chorus", "esci-us/ubi_ecommerce_products.json.gz"])
def test_real_catalogue_killed_and_repeated(datasets: Path, opensearch: str, catalogue: str) -> None:
    """A real catalogue: the load killed in the middle, then repeated: nothing lost, nothing double, no gap."""
    engine: Any = open_engine(IndexSettings(f"endcap-test-{uuid.uuid4().hex[:8]}", "opensearch", opensearch))
    try:
        engine.load(numbered(OLD))
        with searching(engine) as totals:
            process = halfway(engine.index, opensearch, 4000, datasets / catalogue)
            process.kill()
            process.wait()
            assert engine.count() == OLD
        assert set(totals) == {OLD}
        assert len(parts(engine)) == 2
        wanted = [product.id for product in read_products(datasets / catalogue)]
        report = engine.load(read_products(datasets / catalogue))
        assert (report.loaded, dict(report.failed)) == (len(wanted), {})
        found = [product.id for product in engine.products()]
        assert sorted(found) == sorted(wanted)
        assert len(parts(engine)) == 1
    finally:
        engine.client.indices.delete(index=f"{engine.index}-*")

"""Reading an index that endcap did not load (``endcap.index.opensearch.read_index``), from a real OpenSearch."""

from __future__ import annotations

import http.server
import json
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch

from endcap.errors import EngineError
from endcap.index.field_map import FieldMap
from endcap.index.opensearch import read_index
from endcap.index.opensearch.checkpoint import Checkpoint
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.read_index import PointInTimeGone, stream_index
from endcap.index.settings import IndexSettings

MAP = FieldMap.parse("title=name,brand=maker.name,attributes=,category=,description=,price=,image=,extra=")
COUNT = 257


@pytest.fixture(scope="module")
def client(opensearch: str) -> Iterator[OpenSearch]:
    with closing(connect(IndexSettings(name="x", engine="opensearch", url=opensearch))) as connected:
        yield connected


@pytest.fixture(scope="module", params=[1, 3], ids=["1 shard", "3 shards"])
def index(request: pytest.FixtureRequest, client: OpenSearch) -> Iterator[str]:
    """An index of ``COUNT`` documents, shared by the tests that leave it as it is."""
    with filled(client, request.param) as name:
        yield name


@pytest.fixture(params=[1, 3], ids=["1 shard", "3 shards"])
def own_index(request: pytest.FixtureRequest, client: OpenSearch) -> Iterator[str]:
    with filled(client, request.param) as name:
        yield name


@contextmanager
def filled(client: OpenSearch, shards: int) -> Iterator[str]:
    name = f"endcap-test-existing-{uuid.uuid4().hex[:8]}"
    fill_index(client, name, shards, COUNT)
    yield name
    client.indices.delete(index=name, ignore_unavailable=True)


def fill_index(client: OpenSearch, name: str, shards: int, count: int, first: int = 0) -> None:
    client.indices.create(index=name, body={"settings": {"number_of_shards": shards, "number_of_replicas": 0}})
    add(client, name, range(first, first + count))


def add(client: OpenSearch, name: str, numbers: range) -> None:
    lines: list[dict[str, Any]] = []
    for i in numbers:
        lines += [{"index": {"_id": f"p{i}"}}, {"name": f"Lamp {i}", "maker": {"name": "Lux"}, "secret": "x" * 100}]
    client.bulk(body="".join(json.dumps(line) + "\n" for line in lines), index=name, refresh=True)


def open_points(client: OpenSearch) -> int:
    return len(client.get_all_pits().get("pits", []))


@pytest.mark.parametrize(("slices", "page_size"), [(1, 10), (1, 1000), (4, 16), (7, 50)])
def test_every_document_comes_once(client: OpenSearch, index: str, slices: int, page_size: int) -> None:
    """Whatever the shards, slices and pages: each document once, with its mapped fields, and no point in time left."""
    seen: list[int] = []
    products = list(stream_index(client, index, MAP, slices=slices, page_size=page_size, progress=seen.append))
    assert Counter(product.id for product in products) == Counter(f"p{i}" for i in range(COUNT))
    assert {(product.brand, product.title.split()[0]) for product in products} == {("Lux", "Lamp")}
    assert not any(product.extra for product in products)
    assert seen == list(range(1, COUNT + 1))
    assert open_points(client) == 0


def test_what_is_written_meanwhile_is_not_seen(client: OpenSearch, own_index: str) -> None:
    """Documents that are added, changed or deleted while the stream runs leave it as it was."""
    stream = stream_index(client, own_index, MAP, page_size=20)
    products = list(islice(stream, 15))
    add(client, own_index, range(200, 300))
    client.delete(index=own_index, id="p256", refresh=True)
    products += list(stream)
    ids = Counter(product.id for product in products)
    # A shard's point in time begins when it is its turn, so what is added may be seen; nothing comes twice or is lost.
    assert set(ids.values()) == {1}
    assert set(ids) >= {f"p{i}" for i in range(256)}


def test_aliases_with_filters_and_lists_are_read(client: OpenSearch) -> None:
    """An alias over two indexes, one of them filtered, gives what a search of the alias would find."""
    base = f"endcap-test-existing-{uuid.uuid4().hex[:8]}"
    fill_index(client, f"{base}-a", 2, 40)
    fill_index(client, f"{base}-b", 1, 40, first=100)
    try:
        client.indices.put_alias(index=f"{base}-a", name=f"{base}-all")
        client.indices.put_alias(
            index=f"{base}-b", name=f"{base}-all", body={"filter": {"ids": {"values": ["p101", "p102"]}}}
        )
        wanted = {f"p{i}" for i in range(40)}
        found = [product.id for product in stream_index(client, f"{base}-all", MAP, page_size=7, slices=2)]
        assert sorted(found) == sorted(wanted | {"p101", "p102"})
        found = [product.id for product in stream_index(client, f"{base}-a,{base}-b", MAP, page_size=7)]
        assert sorted(found) == sorted(wanted | {f"p{i}" for i in range(100, 140)})
    finally:
        client.indices.delete(index=f"{base}-*")


def test_stopping_early_deletes_the_points_in_time(client: OpenSearch, index: str) -> None:
    """A stream that is closed, or whose consumer fails, leaves no point in time."""
    stream = stream_index(client, index, MAP, page_size=10, slices=3)
    assert len(list(islice(stream, 25))) == 25
    assert open_points(client) >= 1
    stream.close()
    assert open_points(client) == 0


@pytest.mark.parametrize("committed", [0, 1, 100, 149])
def test_a_killed_reading_goes_on_from_what_was_committed(
    client: OpenSearch, index: str, tmp_path: Path, committed: int
) -> None:
    """A new reading from the file of one that was killed gives exactly what was not committed."""
    path = tmp_path / "checkpoint.json"
    first = Checkpoint(path, "same")
    stream = stream_index(client, index, MAP, page_size=20, slices=2, checkpoint=first)
    before = [product.id for product in islice(stream, 150)]
    if committed:
        first.committed(committed, {"read": committed})
    second = Checkpoint(path, "same")  # the stream is still open, as after a kill
    assert second.note == ({"read": committed} if committed else {})
    after = [product.id for product in stream_index(client, index, MAP, page_size=33, slices=2, checkpoint=second)]
    assert Counter(before[:committed] + after) == Counter(f"p{i}" for i in range(COUNT))
    stream.close()
    assert open_points(client) == 0


def test_a_checkpoint_of_something_else_counts_as_none(tmp_path: Path) -> None:
    """Another identity, a broken file and no file are all a start from nothing."""
    path = tmp_path / "checkpoint.json"
    assert Checkpoint(path, "a").parts == []
    checkpoint = Checkpoint(path, "a")
    checkpoint.begin([read_index.Part("i", 0, 0, 1, None)])
    checkpoint.committed(5, {"read": 5})
    assert Checkpoint(path, "a").note == {"read": 5}
    assert len(Checkpoint(path, "a").parts) == 1
    assert Checkpoint(path, "b").parts == []
    for content in ("", "[]", "{}", '{"schema": 1, "identity": "a", "parts": [{"odd": 1}], "note": {}}', "\x00"):
        path.write_text(content)
        assert Checkpoint(path, "a").parts == []


def test_an_expired_point_in_time_is_said(client: OpenSearch, index: str, tmp_path: Path) -> None:
    """A checkpoint whose point in time the cluster has let go of raises the error that says to start again."""
    path = tmp_path / "checkpoint.json"
    checkpoint = Checkpoint(path, "same")
    stream = stream_index(client, index, MAP, page_size=20, checkpoint=checkpoint)
    list(islice(stream, 50))
    checkpoint.committed(50, {})
    stream.close()
    with pytest.raises(PointInTimeGone, match="Run this again"):
        list(stream_index(client, index, MAP, page_size=20, checkpoint=Checkpoint(path, "same")))


def test_a_deleted_or_unknown_index_is_one_clear_error(client: OpenSearch, own_index: str) -> None:
    """An index that is not there, or is deleted in the middle, is named."""
    with pytest.raises(EngineError, match="endcap-test-nowhere"):
        list(stream_index(client, "endcap-test-nowhere", MAP))
    with pytest.raises(EngineError, match="endcap-test-nowhere"):
        list(stream_index(client, "endcap-test-nowhere*", MAP))
    stream = stream_index(client, own_index, MAP, page_size=10)
    next(stream)
    client.indices.delete(index=own_index)
    with pytest.raises(EngineError, match=f"no index '{own_index}'"):
        list(stream)


def test_an_empty_index_gives_nothing(client: OpenSearch) -> None:
    """No documents, no products, no error."""
    name = f"endcap-test-existing-{uuid.uuid4().hex[:8]}"
    client.indices.create(index=name, body={"settings": {"number_of_replicas": 0}})
    try:
        assert list(stream_index(client, name, MAP, slices=3)) == []
    finally:
        client.indices.delete(index=name)


class Flaky(http.server.BaseHTTPRequestHandler):
    """Passes requests on to a cluster, but answers some with an error first."""

    upstream: OpenSearch
    failures: list[int]
    sizes: list[int]
    too_old = False
    protocol_version = "HTTP/1.1"

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode() or None
        status, reply = 200, b"{}"
        if self.path.startswith("/_search?") and body and '"size"' in body:
            self.sizes.append(json.loads(body)["size"])
            if self.failures:
                status = self.failures.pop(0)
        if "point_in_time" in self.path and self.command == "POST" and self.too_old:
            status = 405
        if status == 0:  # no answer at all
            self.close_connection = True
            return
        if status == 200:
            reply = json.dumps(self.upstream.transport.perform_request(self.command, self.path, body=body)).encode()
        else:
            reply = b'{"error":{"type":"circuit_breaking_exception","reason":"too much"},"status":%d}' % status
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    do_GET = do_POST = do_DELETE = answer

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def flaky(client: OpenSearch, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Flaky]]:
    monkeypatch.setattr(read_index, "FIRST_WAIT_S", 0.001)
    handler = type("FlakyNow", (Flaky,), {"upstream": client, "failures": [], "sizes": []})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    handler.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
    yield handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_busy_cluster_is_tried_again(flaky: Any, client: OpenSearch, index: str) -> None:
    """429, 503 and broken connections in the middle cost waits and smaller pages, and lose nothing."""
    flaky.failures[:] = [200, 429, 200, 503, 0, 0, 429, 200, 502, 200, 504]
    with closing(connect(IndexSettings(name="x", engine="opensearch", url=flaky.url))) as through:
        found = [product.id for product in stream_index(through, index, MAP, page_size=40)]
    assert Counter(found) == Counter(f"p{i}" for i in range(COUNT))
    assert not flaky.failures
    assert min(flaky.sizes) < 40
    assert open_points(client) == 0


def test_a_cluster_that_stays_busy_is_one_clear_error(flaky: Any, client: OpenSearch, index: str) -> None:
    """After some tries the error says what the cluster said, and the points in time are deleted."""
    flaky.failures[:] = [200, *[429] * 100]
    with closing(connect(IndexSettings(name="x", engine="opensearch", url=flaky.url))) as through:
        stream = stream_index(through, index, MAP, page_size=40)
        with pytest.raises(EngineError, match="429"):
            list(stream)
    assert flaky.sizes.count(40) <= 3
    assert open_points(client) == 0


def test_a_server_without_points_in_time_is_named(flaky: Any, index: str) -> None:
    """A server that is too old gets an error that says which version is needed."""
    flaky.too_old = True
    with (
        closing(connect(IndexSettings(name="x", engine="opensearch", url=flaky.url))) as through,
        pytest.raises(EngineError, match=r"2\.4 or newer"),
    ):
        list(stream_index(through, index, MAP))


def test_an_older_server_is_read(opensearch_2: str) -> None:
    """OpenSearch 2.19 gives each document once, too, and keeps no point in time."""
    with (
        closing(connect(IndexSettings(name="x", engine="opensearch", url=opensearch_2))) as older,
        filled(older, 3) as name,
    ):
        found = [product.id for product in stream_index(older, name, MAP, slices=5, page_size=20)]
        assert Counter(found) == Counter(f"p{i}" for i in range(COUNT))
        assert open_points(older) == 0

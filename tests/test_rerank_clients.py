"""The middleware with every client and engine, among threads and tasks, and with its own arguments."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import AsyncOpenSearch, OpenSearch
from opensearchpy.exceptions import NotFoundError
from rerank_parts import (
    BODY,
    Listed,
    ReadableStudent,
    Slow,
    documents,
    fill_index,
    ids,
    reranker,
    told,
    unique,
)

from endcap.errors import EngineError, InputError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.plugin import Reranker
from endcap.plugin.search.status import Reason, Status


def test_asyncio(opensearch: str, shop: tuple[OpenSearch, str]) -> None:
    """With an asyncio client, ``search`` is awaited, many at once, and gives what the sync way gives."""
    client, index = shop
    expected = ids(reranker(client).search(index=index, body=BODY))

    async def together() -> list[dict[str, Any]]:
        async with AsyncOpenSearch(opensearch) as asynchronous:
            search = reranker(asynchronous).search
            with pytest.raises(NotFoundError):
                await search(index="rerank-there-is-none", body=BODY)
            return list(await asyncio.gather(*(search(index=index, body=BODY) for _ in range(8))))

    replies = asyncio.run(together())
    assert [ids(reply) for reply in replies] == [expected] * 8
    assert {told(reply) for reply in replies} == {("reranked", None)}


def test_threads_share_a_reranker(shop: tuple[OpenSearch, str]) -> None:
    """Many threads search through one re-ranker, and each gets its own page."""
    client, index = shop
    shared = reranker(client, blend_weight=1.0)
    starts = [0, 5, 10, 15] * 8
    expected = {
        at: ids(reranker(client, blend_weight=1.0).search(index=index, body={**BODY, "from": at})) for at in starts
    }
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda at: ids(shared.search(index=index, body={**BODY, "from": at})), starts))
    assert pages == [expected[at] for at in starts]
    assert dict(shared.outcomes) == {"reranked": len(starts)}


def test_the_event_loop_is_not_blocked(opensearch: str, shop: tuple[OpenSearch, str]) -> None:
    """While the student reads, other tasks go on."""
    _, index = shop

    async def ticks() -> int:
        async with AsyncOpenSearch(opensearch) as asynchronous:
            task = asyncio.ensure_future(reranker(asynchronous, Slow()).search(index=index, body=BODY))
            count = 0
            while not task.done():
                await asyncio.sleep(0.001)
                count += 1
            assert told(task.result()) == ("reranked", None)
            return count

    assert asyncio.run(ticks()) > 20


def test_the_embedded_engine(tmp_path: Path) -> None:
    """The embedded engine is re-ranked like a cluster, page by page."""
    engine = EmbeddedEngine("shop", tmp_path)
    engine.load(FieldMap().product({"id": str(i), **doc}) for i, doc in enumerate(documents(40)))
    search = reranker(engine, blend_weight=1.0).search
    body = {"query": engine.text_query("usb cable"), "size": 4}
    pages = [search(body={**body, "from": at}) for at in (0, 4, 8, 12, 16)]
    assert {told(page) for page in pages} == {("reranked", None)}
    hits = [hit for page in pages for hit in page["hits"]["hits"]]
    students = [hit["student_score"] for hit in hits]
    assert students == sorted(students, reverse=True)
    assert len({hit["_id"] for hit in hits}) == 20
    assert hits[0]["_source"]["price"] > 0
    with pytest.raises(EngineError):
        search(
            body={"query": {"wildcard": {"title": "usb*"}}, "ext": {"rerank": {"query_context": {"query_text": "a"}}}}
        )


def test_an_endcap_engine_in_front_of_a_cluster(shop: tuple[OpenSearch, str]) -> None:
    """An ``OpenSearchEngine`` knows index and field names; its errors are its own, and come after one request."""
    client, _ = shop
    index = unique("engine")
    docs = [{"name": f"usb cable #{n / 10}"} for n in range(10)]
    fill_index(client, index, docs, {"properties": {"name": {"type": "text"}}})
    try:
        engine = OpenSearchEngine(client, index, fields=FieldMap.parse("title=name"))
        reply = reranker(engine, blend_weight=1.0).search(body={"query": {"match": {"name": "usb"}}, "size": 3})
        assert told(reply) == ("reranked", None)
        assert ids(reply) == ["9", "8", "7"]
        with pytest.raises(EngineError):
            reranker(engine).search(index="rerank-there-is-none", body=BODY)
    finally:
        client.indices.delete(index=index)


def test_names_of_fields(shop: tuple[OpenSearch, str]) -> None:
    """``fields`` says how the index calls a product's fields, as a mapping or as a ``FieldMap``."""
    client, _ = shop
    index = unique("names")
    docs = [{"name": f"usb cable #{n / 10}", "maker": {"label": "zen"}} for n in range(10)]
    fill_index(client, index, docs, {"properties": {"name": {"type": "text"}}})
    try:
        body = {"query": {"match": {"name": "usb"}}}
        for fields in ({"title": "name", "brand": "maker.label"}, FieldMap.parse("title=name,brand=maker.label")):
            reply = reranker(client, fields=fields, blend_weight=1.0).search(index=index, body=body)
            assert told(reply) == ("reranked", None)
            assert ids(reply) == [str(n) for n in range(9, -1, -1)]
        assert told(reranker(client).search(index=index, body=body)) == ("fallback", "no_product_text")
    finally:
        client.indices.delete(index=index)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": 0}, "window is 0"),
        ({"window": 2.5}, "window is 2.5"),
        ({"blend_weight": -1}, "blend_weight is -1"),
        ({"deadline_ms": 0}, "deadline_ms is 0"),
        ({"deadline_ms": "fast"}, "deadline_ms is 'fast'"),
        ({"fields": "title=name"}, "fields is 'title=name'"),
        ({"fields": {"tilte": "name"}}, "tilte"),
    ],
)
def test_wrong_arguments_are_named(settings: dict[str, Any], message: str) -> None:
    """A wrong argument raises with the value."""
    with pytest.raises(InputError, match=message):
        reranker(Listed([], []), **settings)
    with pytest.raises(InputError, match="has no search"):
        Reranker("http://localhost:9200", ReadableStudent())


def test_every_word_of_a_reply_is_explained() -> None:
    """Status and reason are plain words in the reply; docs/middleware.md explains all that there are, and no others."""
    page = (Path(__file__).parent.parent / "docs" / "middleware.md").read_text()
    table = page.split("| status | reason | |")[1].split("\n\n")[0]
    words = {
        word for row in table.splitlines() if row for word in re.findall("`(\\w+)`", "|".join(row.split("|")[1:3]))
    }
    assert words == {*map(str, Status), *map(str, Reason)}
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body=BODY)["ext"]["rerank"]
    assert type(reply["status"]) is str
    assert reply["status"] in set(Status)
    assert set(reply) == {"status", "reason", "scored", "blend", "model", "window", "took_ms", "stages"}

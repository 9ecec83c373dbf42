"""A re-ranked client stands where a client stood, sync and asyncio, in front of real servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest
from opensearchpy import AsyncOpenSearch, OpenSearch, Search
from opensearchpy.exceptions import NotFoundError, RequestError, TransportError
from opensearchpy.helpers import async_scan, bulk, scan
from rerank_parts import (
    BODY,
    QUERY,
    Listed,
    Memory,
    ReadableStudent,
    documents,
    fill_index,
    ids,
    reranker,
    told,
    unique,
)

from endcap.plugin import Reranker
from endcap.plugin.search.client import RerankedClient

SETTINGS: dict[str, Any] = {"deadline_ms": 60_000, "blend_weight": 1.0}


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[str, OpenSearch, str]]:
    """URL, client and index of a small shop, on each server."""
    url = request.getfixturevalue(request.param)
    client, index = OpenSearch(url, timeout=60), unique("nudges-wrap")
    fill_index(client, index, documents(30))
    yield url, client, index
    client.indices.delete(index=index)


def wrapped(client: Any, **settings: Any) -> RerankedClient:
    return Reranker.wrap(client, ReadableStudent(), states=Memory(), **{**SETTINGS, **settings})


def test_all_else_is_passed_on(shop: tuple[str, OpenSearch, str]) -> None:
    """Counts, scrolls, helpers, other namespaces: the client's own."""
    _, client, index = shop
    ours = wrapped(client)
    assert ours.count(index=index) == client.count(index=index)
    assert ours.indices is client.indices
    assert ours.transport is client.transport
    assert ours.get(index=index, id="3") == client.get(index=index, id="3")
    assert {hit["_id"] for hit in scan(ours, index=index, size=7)} == {str(n) for n in range(30)}
    first = ours.search(index=index, body={"query": QUERY, "size": 5}, scroll="1m")
    assert told(first) == ("skipped", "scroll")
    assert ours.scroll(body={"scroll_id": first["_scroll_id"], "scroll": "1m"})["hits"]["hits"]
    ours.clear_scroll(body={"scroll_id": [first["_scroll_id"]]})
    assert bulk(ours, [{"_op_type": "index", "_index": index, "_id": "0", **documents(1)[0]}], refresh=True)[0] == 1
    with pytest.raises(AttributeError):
        _ = ours.there_is_no_such_thing


def test_the_dsl_searches_by_it(shop: tuple[str, OpenSearch, str]) -> None:
    """``Search(using=...)``: hits in the new order, counts and scans as before."""
    _, client, index = shop
    search = Search(using=wrapped(client), index=index).query("match", title="usb cable")[:5]
    expected = ids(wrapped(client).search(index=index, body=BODY))
    assert [hit.meta.id for hit in search.execute()] == expected
    assert expected != ids(client.search(index=index, body=BODY))
    assert search.count() == client.count(index=index, body={"query": QUERY})["count"]
    assert len(list(search.scan())) == search.count()


def searches(index: str) -> list[dict[str, Any]]:
    return [{"index": index}, BODY, {}, {**BODY, "from": 5}, {"index": "nudges-there-is-none"}, BODY]


TEMPLATE = {
    "source": '{"query": {"match": {"title": "{{words}}"}}, "size": {{size}}}',
    "params": {"words": "usb cable", "size": 5},
}


def test_several_searches_at_once(shop: tuple[str, OpenSearch, str]) -> None:
    """``msearch``: each is re-ranked by itself, errors are those of the engine, lines may be JSON."""
    _, client, index = shop
    ours = wrapped(client)
    lines = searches(index)
    for body in (lines, "\n".join(map(json.dumps, lines)) + "\n", "\n".join(map(json.dumps, lines)).encode() + b"\n"):
        reply, plain = ours.msearch(body=body, index=index), client.msearch(body=body, index=index)
        assert reply.keys() == plain.keys()
        assert [each["status"] for each in reply["responses"]] == [200, 200, 404]
        assert reply["responses"][2] == plain["responses"][2]
        for position, start in ((0, 0), (1, 5)):
            assert told(reply["responses"][position]) == ("reranked", None)
            alone = ours.search(index=index, body={**BODY, "from": start})
            assert ids(reply["responses"][position]) == ids(alone)
    for wrong in ("{}\n", [*lines, {}, {"query": {"nonsense": {}}}]):  # the engine refuses all of them
        errors = []
        for one in (client, ours):
            with pytest.raises(RequestError) as raised:
                one.msearch(body=wrong, index=index)
            errors.append(raised.value.error)
        assert errors[0] == errors[1]
    asked = [{}, {**BODY, "ext": {"rerank": {"rank_window_size": 7}}}]
    assert ours.msearch(body=asked, index=index)["responses"][0]["ext"]["rerank"]["window"] == 7
    assert len(ours.msearch(body=asked, index=index, max_concurrent_searches=2)["responses"][0]["hits"]["hits"]) == 5


def test_what_a_search_alone_means_otherwise_is_left_to_the_client(shop: tuple[str, OpenSearch, str]) -> None:
    """A filter of the whole reply's paths, and a header without an index: as the client has them."""
    _, client, index = shop
    ours, asked = wrapped(client), [{"index": index}, BODY]
    paths = {"filter_path": "responses.hits.total"}
    assert ours.msearch(body=asked, params=paths) == client.msearch(body=asked, params=paths)
    for one in (client, ours):
        with pytest.raises(TransportError):
            one.msearch(body=[{"index": None}, BODY], index=index)


def has_templates(client: OpenSearch) -> bool:
    """Whether a server has the module that renders them; one of those of the tests has not."""
    try:
        return bool(client.render_search_template(body=TEMPLATE))
    except RequestError:
        return False


def test_templates(shop: tuple[str, OpenSearch, str]) -> None:
    """The engine renders; what comes of it is re-ranked; what is wrong is the engine's to say."""
    _, client, index = shop
    ours = wrapped(client)
    if not has_templates(client):
        with pytest.raises(RequestError, match="no handler"):
            ours.search_template(body=TEMPLATE, index=index)
        return
    expected = ids(ours.search(index=index, body=BODY))
    reply = ours.search_template(body=TEMPLATE, index=index)
    assert (ids(reply), told(reply)) == (expected, ("reranked", None))
    assert ids(ours.search_template(body=json.dumps(TEMPLATE), index=index)) == expected
    explained = ours.search_template(body={**TEMPLATE, "explain": True}, index=index)
    assert "_explanation" in explained["hits"]["hits"][0]
    both = ours.msearch_template(body=[{"index": index}, TEMPLATE, {}, TEMPLATE], index=index)
    assert [ids(each) for each in both["responses"]] == [expected] * 2
    assert client.search_template(body=TEMPLATE, index=index).keys() | {"ext"} == reply.keys()
    for wrong in ({"id": "there-is-none"}, {"source": "{{#x}}"}):  # one that can't be rendered, among others
        lines = [{"index": index}, TEMPLATE, {}, wrong, {"index": "nudges-there-is-none"}, TEMPLATE]
        mixed, plain = (one.msearch_template(body=lines, index=index)["responses"] for one in (ours, client))
        assert (ids(mixed[0]), mixed[1:]) == (expected, plain[1:])
    name = unique("template")
    client.put_script(id=name, body={"script": {"lang": "mustache", "source": TEMPLATE["source"]}})
    try:
        assert ids(ours.search_template(body={"id": name, "params": TEMPLATE["params"]}, index=index)) == expected
    finally:
        client.delete_script(id=name)
    for wrong in ({"id": "there-is-none"}, {"source": "{"}, {"source": {"query": {"nonsense": {}}}}):
        errors = []
        for one in (client, ours):
            with pytest.raises((NotFoundError, RequestError)) as raised:
                one.search_template(body=wrong, index=index)
            errors.append((raised.value.status_code, raised.value.error))
        assert errors[0] == errors[1]


def instrumented(client: AsyncOpenSearch) -> AsyncOpenSearch:
    """A client as tracing libraries leave it: its search is a plain function that gives an awaitable."""
    search: Callable[..., Any] = client.search
    client.search = lambda *args, **kwargs: search(*args, **kwargs)  # type: ignore[method-assign]
    return client


@pytest.mark.parametrize("change", [lambda client: client, instrumented])
def test_asyncio(shop: tuple[str, OpenSearch, str], change: Callable[[AsyncOpenSearch], AsyncOpenSearch]) -> None:
    """Known by what comes back."""
    url, client, index = shop
    expected = ids(wrapped(client).search(index=index, body=BODY))

    async def together() -> None:
        async with wrapped(change(AsyncOpenSearch(url))) as ours:
            first, second = await asyncio.gather(*(ours.search(index=index, body=BODY) for _ in range(2)))
            assert ids(first) == ids(second) == expected
            assert told(first) == ("reranked", None)
            assert dict(ours.reranker.outcomes) == {"reranked": 2}
            with pytest.raises(NotFoundError):
                await ours.search(index="nudges-there-is-none", body=BODY)
            reply = await ours.msearch(body=searches(index), index=index)
            assert [each["status"] for each in reply["responses"]] == [200, 200, 404]
            assert ids(reply["responses"][0]) == expected
            if has_templates(client):
                assert ids(await ours.search_template(body=TEMPLATE, index=index)) == expected
                both = await ours.msearch_template(body=[{}, TEMPLATE, {}, TEMPLATE], index=index)
                assert [ids(each) for each in both["responses"]] == [expected] * 2
                with pytest.raises(NotFoundError):
                    await ours.search_template(body={"id": "there-is-none"}, index=index)
            assert (await ours.count(index=index))["count"] == 30
            assert len([hit async for hit in async_scan(ours, index=index)]) == 30

    asyncio.run(together())
    # Also outside of a loop the call gives what ``asyncio.run`` takes.
    outside = change(AsyncOpenSearch(url))

    async def closed(search: Any) -> Any:
        try:
            return await search
        finally:
            await outside.close()

    assert ids(asyncio.run(closed(wrapped(outside).search(index=index, body=BODY)))) == expected


def test_a_mock() -> None:
    """A stand-in in somebody's tests is searched as it says."""
    client = MagicMock()
    client.search.return_value = Listed([2.0, 1.0], [0.1, 0.2]).search(body={})
    reply = reranker(client, blend_weight=1.0).search(index="i", body=BODY)
    assert (ids(reply), told(reply)) == (["1", "0"], ("reranked", None))
    assert reranker(MagicMock()).search(index="i", body=BODY) is not None


ODD_BODIES: list[Any] = [
    json.dumps(BODY),
    json.dumps(BODY).encode(),
    {**BODY, "min_score": Decimal("0.0")},
    {**BODY, "size": np.int64(5), "from": np.int32(0)},
    {"query": {"match": {"title": {"query": "usb cable", "boost": np.float32(2)}}}, "size": 5},
    {**BODY, "size": 5.0},
    {**BODY, "size": "5"},
]


@pytest.mark.parametrize("body", ODD_BODIES, ids=repr)
def test_bodies_as_clients_take_them(shop: tuple[str, OpenSearch, str], body: Any) -> None:
    """Decimals, numpy's numbers and JSON texts are re-ranked as the same body in plain numbers is."""
    _, client, index = shop
    ours = wrapped(client)
    reply = ours.search(index=index, body=body)
    assert told(reply) == ("reranked", None)
    assert ids(reply) == ids(ours.search(index=index, body=BODY))
    assert len(client.search(index=index, body=body)["hits"]["hits"]) == 5


REFUSED: list[Any] = [
    *({**BODY, name: None} for name in ("from", "size", "_source")),
    *({**BODY, "_source": value} for value in (7, 1.5, {"foo": "a"}, {"includes": 7}, {"includes": None})),
    *({**BODY, "_source": {"includes": value}} for value in ([7], {"a": 1})),
    *({**BODY, "from": value} for value in (-1, [], True, "x")),
    {**BODY, "highlight": 7},
    {**BODY, "query": []},
    "no JSON",
    b"\xff",
    json.dumps([1]),
    json.dumps({**BODY, "_source": 7}),
]


@pytest.mark.parametrize("body", REFUSED, ids=repr)
def test_what_the_engine_refuses_it_refuses_through_us(shop: tuple[str, OpenSearch, str], body: Any) -> None:
    """With its own status and words; a body that a client can't send is its own error, too."""
    _, client, index = shop
    errors = []
    for one in (client, wrapped(client)):
        with pytest.raises(Exception) as raised:
            one.search(index=index, body=body)
        errors.append((type(raised.value), getattr(raised.value, "status_code", None), str(raised.value)[:60]))
    assert errors[0] == errors[1]

"""A re-ranker before a cluster that is slow, has too much to do, cuts answers off, or restarts."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from typing import Any

import flaky_proxy
import pytest
from flaky_proxy import Answer, Fault, Forward
from opensearchpy import AsyncOpenSearch, OpenSearch
from opensearchpy.exceptions import ConnectionTimeout, OpenSearchException, TransportError
from rerank_parts import BODY, QUERY, Listed, documents, fill_index, ids, reranker, told, unique

from endcap.errors import InputError

PAGED = {**BODY, "highlight": {"fields": {"title": {}}}, "size": 3}
"""A search of two requests."""


class SlowEngine(Listed):
    """Takes 110 ms, by a clock of its own."""

    now_s = 0.0

    def search(self, *, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        self.now_s += 0.11
        return super().search(index=index, body=body)


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, ("reranked", None)),
        ({"budget_ms": 50}, ("reranked", None)),
        ({"deadline_ms": 100}, ("fallback", "deadline")),
        ({"deadline_ms": 100, "budget_ms": 50}, ("fallback", "deadline")),
        ({"deadline_ms": 1000, "budget_ms": 50}, ("reranked", None)),
    ],
)
def test_the_engines_time_is_not_ours(limits: dict[str, Any], expected: tuple[str, str | None]) -> None:
    """By default, and by a budget, only our own work counts; a deadline holds for the whole."""
    engine = SlowEngine([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    shared = reranker(engine, **{"deadline_ms": None, "clock": lambda: engine.now_s, **limits})
    assert told(shared.search(body=BODY)) == expected


@pytest.mark.parametrize("name", ["deadline_ms", "budget_ms"])
@pytest.mark.parametrize("value", [0, -1, True, "100", float("nan")])
def test_a_time_that_is_none_is_named(name: str, value: Any) -> None:
    """With the value."""
    with pytest.raises(InputError, match=f"{name} is {value!r}"):
        reranker(Listed([1.0], [0.1]), **{name: value})


class Flaky:
    """The server behind a proxy, whose searches meet the faults that are listed, in that order, and then none."""

    def __init__(self, url: str) -> None:
        self.url, self.faults, self.asked = url, list[Fault | None](), list[dict[str, Any]]()

    def __call__(self) -> Fault:
        fault = self.faults.pop(0) if self.faults else None

        def noted(request: bytes, forward: Forward) -> Answer | None:
            self.asked.append(json.loads(request.splitlines()[-1]))
            return fault(request, forward) if fault else forward(request)

        return noted


@pytest.fixture
def flaky(shop: tuple[OpenSearch, str], opensearch: str) -> Iterator[Flaky]:
    """A proxy in front of the server that has the shop."""
    found = Flaky("")
    with flaky_proxy.proxy(opensearch, searches=lambda: found()) as url:
        found.url = url
        yield found


def client_of(flaky: Flaky, **settings: Any) -> OpenSearch:
    return OpenSearch(flaky.url, **{"max_retries": 0, **settings})


def slow(request: bytes, forward: Forward) -> Answer:
    time.sleep(1.6)
    return forward(request)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("options", [{}, {"dense": 3}])
def test_an_engine_with_too_much_to_do_is_not_asked_again(
    shop: tuple[OpenSearch, str], flaky: Flaky, status: int, options: dict[str, Any]
) -> None:
    """Its error is the search's, after one request."""
    shared = reranker(client_of(flaky), **options)
    flaky.faults = [flaky_proxy.status(status)]
    with pytest.raises(TransportError) as raised:
        shared.search(index=shop[1], body=BODY)
    assert raised.value.status_code == status
    assert len(flaky.asked) == 1
    assert shared.outcomes == {"failed:engine_error": 1}


def test_the_second_request_of_a_search_is_not_followed_by_a_third(shop: tuple[OpenSearch, str], flaky: Flaky) -> None:
    """Where the engine has too much to do for the page."""
    flaky.faults = [None, flaky_proxy.status(429)]
    with pytest.raises(TransportError) as raised:
        reranker(client_of(flaky)).search(index=shop[1], body=PAGED)
    assert raised.value.status_code == 429
    assert len(flaky.asked) == 2


def test_asyncio_raises_the_same(shop: tuple[OpenSearch, str], flaky: Flaky) -> None:
    """With the client of asyncio, too."""

    async def search() -> None:
        async with AsyncOpenSearch(flaky.url, max_retries=0) as client:
            await reranker(client).search(index=shop[1], body=BODY)

    flaky.faults = [flaky_proxy.status(429)]
    with pytest.raises(TransportError) as raised:
        asyncio.run(search())
    assert raised.value.status_code == 429
    assert len(flaky.asked) == 1


@pytest.mark.parametrize("fault", [flaky_proxy.hang_up, slow])
def test_an_answer_that_is_cut_off_is_asked_for_once_more(
    shop: tuple[OpenSearch, str], flaky: Flaky, fault: Fault
) -> None:
    """As the caller's own body: it may have been the window that was too much."""
    client, index = shop
    flaky.faults = [fault]
    reply = reranker(client_of(flaky, timeout=1.0)).search(index=index, body=BODY)
    assert told(reply) == ("fallback", "window_error")
    assert ids(reply) == ids(client.search(index=index, body=BODY))
    assert flaky.asked[1:] == [BODY]


def test_without_time_it_is_not_asked_again(shop: tuple[OpenSearch, str], flaky: Flaky) -> None:
    """The client's error is the search's."""
    flaky.faults = [slow]
    with pytest.raises(ConnectionTimeout):
        reranker(client_of(flaky, timeout=1.0), deadline_ms=300).search(index=shop[1], body=BODY)
    assert len(flaky.asked) == 1


def test_cut_off_twice_is_an_error(shop: tuple[OpenSearch, str], flaky: Flaky) -> None:
    """Once more, and no further."""
    flaky.faults = [flaky_proxy.hang_up] * 3
    shared = reranker(client_of(flaky))
    with pytest.raises(OpenSearchException):
        shared.search(index=shop[1], body=BODY)
    assert len(flaky.asked) == 2
    assert shared.outcomes == {"failed:engine_error": 1}


def test_a_window_that_is_too_large_is_asked_for_once(shop: tuple[OpenSearch, str], flaky: Flaky) -> None:
    """The next searches of that index go straight to the engine; a smaller window, or another index, does not."""
    client, other = shop
    index = unique("limited")
    fill_index(client, index, documents(30))
    try:
        client.indices.put_settings(index=index, body={"index.max_result_window": 25})
        shared = reranker(client_of(flaky), window=30)
        for _ in range(3):
            reply = shared.search(index=index, body=BODY)
            assert told(reply) == ("fallback", "window_error")
            assert "max_result_window" in reply["ext"]["rerank"]["detail"] or "too large" in str(reply["ext"])
        assert [body.get("size") for body in flaky.asked] == [30, 5, 5, 5]
        small = {**BODY, "ext": {"rerank": {"rank_window_size": 20}}}
        assert told(shared.search(index=index, body=small)) == ("reranked", None)
        assert told(shared.search(index=other, body={"query": QUERY})) == ("reranked", None)
    finally:
        client.indices.delete(index=index)


def test_a_cluster_that_restarts_is_found_again(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """Searches fail while it is away, and are counted; the first one after it is re-ranked."""
    _, index = shop
    with flaky_proxy.proxy(opensearch) as url:
        shared = reranker(OpenSearch(url, max_retries=0, headers={"connection": "close"}))
        assert told(shared.search(index=index, body=BODY)) == ("reranked", None)
        port = int(url.rpartition(":")[2])
    for _ in range(3):
        with pytest.raises(OpenSearchException):
            shared.search(index=index, body=BODY)
    with flaky_proxy.proxy(opensearch, port=port):
        assert told(shared.search(index=index, body=BODY)) == ("reranked", None)
    assert shared.outcomes == {"reranked": 2, "failed:engine_error": 3}

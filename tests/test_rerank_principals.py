"""The memory of pages: who asks, and what only belongs to one request."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from opensearchpy import OpenSearch
from rerank_parts import BODY, Listed, ids, reranker

from endcap.plugin.search.page_memory import PageMemory, memory_key
from endcap.plugin.search.principal import client_principal, principal_of


class Restless(Listed):
    """An engine whose scores change with each search, and that takes parameters as a client does."""

    def search(self, *, index: str | None = None, body: Any = None, **params: Any) -> dict[str, Any]:
        body = {**body, **{name: params[name] for name in ("size",) if name in params}}
        self.hits = [self.hits[-1], *self.hits[:-1]]
        for score, hit in zip(range(len(self.hits), 0, -1), self.hits, strict=True):
            hit["_score"] = float(score)
        return super().search(index=index, body=body)


def restless(**settings: Any) -> Any:
    """A re-ranker on it whose order is the engine's."""
    return reranker(Restless([float(20 - n) for n in range(20)], [0.1] * 20), blend_weight=0.0, **settings).search


def in_step(first: Mapping[str, Any], second: Mapping[str, Any], search: Any = None) -> bool:
    """Whether a second page with other parameters goes on where the first ended: in one order, nothing is lost."""
    search = search or restless()
    pages = [
        ids(search(body={**BODY, "from": start}, **params)) for start, params in ((0, first), (5, second), (10, second))
    ]
    return len({*itertools.chain(*pages)}) == 15


TRACES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"opaque_id": "a"}, {"opaque_id": "b"}),
    ({"request_timeout": 3}, {}),
    ({"headers": {"X-Opaque-Id": "a"}}, {"headers": {"x-opaque-id": "b"}}),
    (
        {"headers": {"traceparent": "00-1", "Authorization": "k"}},
        {"headers": {"traceparent": "2", "authorization": "k"}},
    ),
    ({"headers": {"X-B3-TraceId": "1"}}, {"headers": {"X-B3-TraceId": "2", "User-Agent": "curl"}}),
    ({"headers": {"CF-Ray": "1", "Referer": "/a", "Cookie": "c"}}, {"headers": {"CF-Ray": "2", "Cookie": "c"}}),
    ({"headers": {"x-envoy-expected-rq-timeout-ms": "90"}}, {"headers": {"X-Request-Start": "t=1"}}),
    ({"headers": {}}, {}),
    ({}, {"track_total_hits": False}),
    ({"timeout": "1s"}, {"timeout": "2s", "human": True}),
]


@pytest.mark.parametrize(("first", "second"), TRACES)
def test_what_belongs_to_one_request_keeps_pages_in_step(first: Any, second: Any) -> None:
    """Traces, timeouts and ids of requests differ from page to page; the window is the same."""
    assert in_step(first, second)


CALLERS: list[dict[str, Any]] = [
    {},
    {"http_auth": ("a", "b")},
    {"http_auth": ("a", "c")},
    {"api_key": "k"},
    {"headers": {"Authorization": "Bearer x"}},
    {"headers": {"Authorization": "Bearer y"}},
    {"headers": {"x-proxy-user": "ann"}},
    {"headers": {"Cookie": "session=1"}},
    {"headers": {"securitytenant": "t"}},
]


def test_no_page_is_cut_from_the_window_of_another_caller() -> None:
    """Each caller has windows of its own."""
    assert all(in_step(caller, caller) for caller in CALLERS)
    search = restless()
    windows = [tuple(ids(search(body=BODY, **caller))) for caller in CALLERS]
    assert len(set(windows)) == len(CALLERS)
    seconds = [set(ids(search(body={**BODY, "from": 5}, **caller))) for caller in CALLERS]
    assert all(not second & set(first) for first, second in zip(windows, seconds, strict=True))
    assert not in_step({}, {"headers": {"Authorization": "x"}})
    assert len({principal_of(caller) for caller in CALLERS}) == len(CALLERS)
    assert "Bearer" not in principal_of(CALLERS[4])


def test_the_caller_may_say_who_asks() -> None:
    """A token that is renewed between two pages is the same person's."""

    def name(params: Mapping[str, Any]) -> str:
        return str(params["headers"]["authorization"]).split(".")[0]

    first, second, other = ({"headers": {"authorization": token}} for token in ("ann.1", "ann.2", "bob.1"))
    assert not in_step(first, second)
    assert in_step(first, second, restless(principal=name))
    assert not in_step(first, other, restless(principal=name))


def test_a_function_that_fails_costs_no_search() -> None:
    """Then nobody knows who asks, so each search has a window of its own."""

    def name(params: Mapping[str, Any]) -> str:
        raise LookupError("no token")

    assert len(ids(restless(principal=name)(body=BODY))) == 5
    assert not in_step({}, {}, restless(principal=name))


def test_a_memory_that_clients_share() -> None:
    """The client's own credentials tell it apart from another one."""
    clients = [OpenSearch("http://x:1", http_auth=("a", secret)) for secret in ("b", "b", "c")]
    said = [client_principal(client) for client in clients]
    assert said[0] == said[1] != said[2]
    assert client_principal(Listed([], [])) == ""
    assert len(PageMemory()) == 0


def test_pages_by_url_and_numbers_of_other_types() -> None:
    """``from`` and ``size`` may be parameters; decimals and numpy's numbers are what clients take."""
    search = restless()
    pages = [ids(search(body={"query": BODY["query"]}, from_=start, size=5)) for start in (0, 5, 10)]
    assert len({*itertools.chain(*pages)}) == 15
    odd = {"query": {"range": {"price": {"gte": Decimal("1.5"), "lt": np.int64(3), "boost": np.float32(2)}}}}
    assert memory_key("i", odd, {}, "m") is not None

"""Odd addresses, parameters and lines of searches: the cluster's own answer, whatever a Python client makes of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import QUERY, documents, fill_index, unique
from serve_parts import Running, proxy

POOL = urllib3.PoolManager(retries=False)
BODY = json.dumps({"query": QUERY, "size": 3}).encode()
TEMPLATE: dict[str, Any] = {"source": {"query": {"match": {"title": "{{text}}"}}, "size": 3}, "params": {"text": "usb"}}


@pytest.fixture(scope="module")
def shop(opensearch: str) -> Iterator[str]:
    client, index = OpenSearch(opensearch), unique("addresses")
    fill_index(client, index, documents(40))
    yield index
    client.indices.delete(index=index)
    client.close()


@pytest.fixture(scope="module")
def served(opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with proxy(opensearch, tmp_path_factory.mktemp("serve")) as running:
        yield running


def both(served: Running, cluster: str, path: str, body: bytes, kind: str = "application/json") -> list[Any]:
    """Status and content by the proxy and by the cluster, and what the proxy says of it."""
    replies = [
        POOL.request("POST", url + path, body=body, headers={"Content-Type": kind})
        for url in (served.url, cluster.rstrip("/"))
    ]
    return [(reply.status, untimed(reply.json())) for reply in replies] + [replies[0].headers["x-endcap-status"]]


def untimed(value: Any) -> Any:
    """The same without what no two answers share."""
    if isinstance(value, dict):
        return {name: untimed(item) for name, item in value.items() if name not in ("took", "ext")}
    return [untimed(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", ["index", "body", "params", "headers", "self", "from_", "request_timeout", "ignore"])
def test_a_parameter_that_only_libraries_know(served: Running, opensearch: str, shop: str, name: str) -> None:
    """It is the cluster's to read or to refuse, and no fault of ours."""
    ours, theirs, said = both(served, opensearch, f"/{shop}/_search?{name}=1", BODY)
    assert (ours, said) == (theirs, "skipped; reason=parameters")


def test_an_index_that_stands_in_a_parameter(served: Running, opensearch: str, shop: str) -> None:
    ours, theirs, _ = both(served, opensearch, f"/_search?index={shop}", BODY)
    assert ours == theirs
    assert ours[0] == 200
    assert ours[1]["hits"]["hits"]


@pytest.mark.parametrize("path", ["//{}/_search", "/{}//_search", "/{}/_search?track_total_hits="])
def test_what_the_cluster_refuses_is_refused(served: Running, opensearch: str, shop: str, path: str) -> None:
    replies = [
        POOL.request("POST", url + path.format(shop), body=BODY, headers={"Content-Type": "application/json"})
        for url in (served.url, opensearch.rstrip("/"))
    ]
    assert (replies[0].status, replies[0].data) == (replies[1].status, replies[1].data)
    assert replies[0].status == 400


@pytest.mark.parametrize("named", [None, "", [], [""]])
@pytest.mark.parametrize("path", ["/{}/_msearch", "/{}/_msearch?max_concurrent_searches=0"])
def test_lines_that_name_no_index(served: Running, opensearch: str, shop: str, named: Any, path: str) -> None:
    """What that means is the cluster's to say: all indexes, those of the address, or an error."""
    lines = b'{"index":"%s"}\n%s\n%s\n%s\n' % (shop.encode(), BODY, json.dumps({"index": named}).encode(), BODY)
    ours, theirs, said = both(served, opensearch, path.format(shop), lines, "application/x-ndjson")
    assert ours[0] == theirs[0]
    assert said.startswith("skipped")


@pytest.mark.parametrize("more", [{"x": 1}, {"simulate": True}, {"explain": "x"}, {"source": 7}])
def test_a_template_with_more_in_it(served: Running, opensearch: str, shop: str, more: dict[str, Any]) -> None:
    for path, kind in (
        (f"/{shop}/_search/template", "application/json"),
        ("/_msearch/template", "application/x-ndjson"),
    ):
        text = json.dumps({**TEMPLATE, **more}).encode()
        body = text if kind.endswith("/json") else b'{"index":"%s"}\n%s\n' % (shop.encode(), text)
        ours, theirs, _ = both(served, opensearch, path, body, kind)
        assert ours == theirs


def test_parameters_that_a_template_does_not_read(served: Running, opensearch: str, shop: str) -> None:
    """The template says how many hits there are, whatever the address says; and its reply has a status."""
    text = json.dumps(TEMPLATE).encode()
    for query in ("", "?size=1&explain=true", "?typed_keys=true"):
        ours, theirs, said = both(served, opensearch, f"/{shop}/_search/template{query}", text)
        assert ours[0] == theirs[0]
        assert ours[1].keys() == theirs[1].keys()
        if "hits" in theirs[1]:  # a cluster that knows templates
            assert len(ours[1]["hits"]["hits"]) == len(theirs[1]["hits"]["hits"]) == 3
            assert said == ("skipped; reason=template" if "size" in query else "reranked")


@pytest.mark.parametrize("more", ["", "&source_content_type=application/json&source="])
def test_bytes_that_are_no_text_are_kept(served: Running, opensearch: str, shop: str, more: str) -> None:
    """A parameter may hold any bytes; the search is re-ranked with them, and no fault is counted."""
    path = f"/{shop}/_search?preference=%ff{more and more + quote(BODY.decode())}"
    ours, theirs, said = both(served, opensearch, path, b"" if more else BODY)
    assert (ours[0], theirs[0], said) == (200, 200, "reranked")


# Not more than 200 of what a cluster still reads: near its own limit of 333 its stack may overflow, which ends it.
@pytest.mark.parametrize("levels", [60, 200, 400, 100_000])
def test_a_body_that_is_nested_deeply(served: Running, opensearch: str, shop: str, levels: int) -> None:
    """It goes to the cluster as it is, is no fault of ours, and does not count against the student."""
    query = b'{"bool":{"must":[' * levels + b'{"match":{"title":"usb"}}' + b"]}}" * levels
    body = b'{"query":%s,"size":3}' % query
    lines = b'{"index":"%s"}\n%s\n' % (shop.encode(), body)
    for path, sent, kind in ((f"/{shop}/_search", body, "json"), ("/_msearch", lines, "x-ndjson")):
        for _ in range(5):
            ours, theirs, said = both(served, opensearch, path, sent, f"application/{kind}")
            assert (ours, said) == (theirs, "skipped; reason=body")
    assert both(served, opensearch, f"/{shop}/_search", BODY)[2] == "reranked"

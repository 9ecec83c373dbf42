"""Searches through the proxy: as the library re-ranks them, and else as the cluster answers them, byte by byte."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import urllib3
from opensearchpy import OpenSearch
from opensearchpy.exceptions import RequestError
from rerank_parts import BODY, QUERY, documents, fill_index, ids, reranker, told
from serve_parts import Running, proxy

POOL = urllib3.PoolManager(retries=False)
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def served(shop: tuple[OpenSearch, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    url = shop[0].transport.hosts[0]
    with proxy(f"http://{url['host']}:{url['port']}", tmp_path_factory.mktemp("serve")) as running:
        yield running


@pytest.fixture
def client(served: Running) -> Iterator[OpenSearch]:
    with OpenSearch(served.url, max_retries=0) as client:
        yield client


def without_times(reply: dict[str, Any]) -> dict[str, Any]:
    """A reply without what differs from one run to the next."""
    reply = json.loads(json.dumps(reply))
    reply.pop("took")
    for name in ("took_ms", "stages"):
        reply.get("ext", {}).get("rerank", {}).pop(name, None)
    return reply


BODIES: list[dict[str, Any]] = [
    BODY,
    {**BODY, "from": 5},
    {**BODY, "ext": {"rerank": {"rank_window_size": 7, "blend_weight": 1.0, "explain": True}}},
    {**BODY, "highlight": {"fields": {"title": {}}}, "_source": ["price"]},
    {**BODY, "aggs": {"brands": {"terms": {"field": "brand"}}}},
    {**BODY, "collapse": {"field": "group"}},
    {**BODY, "query": {"function_score": {"query": QUERY, "boost_mode": "sum", "weight": 3}}},
]


@pytest.mark.parametrize("body", BODIES)
def test_a_search_is_what_the_library_makes_of_it(
    shop: tuple[OpenSearch, str], client: OpenSearch, body: dict[str, Any]
) -> None:
    """The proxy's reply is the shared re-ranker's, and the engine's first page differs from it."""
    direct, index = shop
    expected = without_times(reranker(direct).search(index=index, body=body))
    assert without_times(client.search(index=index, body=body)) == expected
    assert expected["ext"]["rerank"]["status"] == "reranked"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("packed", [False, True])
def test_bodies_in_all_the_ways_that_clients_send_them(
    shop: tuple[OpenSearch, str], served: Running, method: str, packed: bool
) -> None:
    """GET and POST, compressed or not, by ``source``, by alias, by a pattern and by two names: re-ranked."""
    direct, index = shop
    raw = json.dumps(BODY).encode()
    headers = JSON | ({"Content-Encoding": "gzip"} if packed else {})
    direct.indices.put_alias(index=index, name=f"{index}-alias")
    expected = ids(reranker(direct).search(index=index, body=BODY))
    for path in (
        index,
        f"{index}-alias",
        f"{index[:-1]}*",
        f"{index},{index}-alias",
        quote(index, safe="").replace("r", "%72", 1),
    ):
        reply = POOL.request(
            method, f"{served.url}/{path}/_search", body=gzip.compress(raw) if packed else raw, headers=headers
        )
        assert reply.headers["x-endcap-status"] == "reranked"
        assert ids(reply.json()) == expected
    given = f"source={quote(json.dumps(BODY))}&source_content_type=application%2Fjson&size=3"
    reply = POOL.request(method, f"{served.url}/{index}/_search?{given}")
    assert ids(reply.json()) == expected[:3]


PASSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("", {**BODY, "sort": ["price"]}, "", "sorted"),
    ("", {**BODY, "size": 0}, "", "size_zero"),
    ("?q=title:usb", {}, "", "url_query"),
    ("?filter_path=hits.hits._id", BODY, "", "url_query"),
    ("?scroll=1m", BODY, "scroll", "scroll"),
    ("?format=yaml", BODY, "", "format"),
    ("", {"query": {"match_all": {}}}, "", "no_query_text"),
    ("", {"query": {"term": {"_id": "3"}}}, "", "no_query_text"),
    ("", {"query": {"nonsense": {}}}, "", "no_query_text"),
    ("", {**BODY, "sise": 3}, "", "window_error"),
]


@pytest.mark.parametrize(("query", "body", "kind", "reason"), PASSED)
def test_what_is_not_reranked_is_the_cluster_s_own_answer(
    shop: tuple[OpenSearch, str], served: Running, query: str, body: dict[str, Any], kind: str, reason: str
) -> None:
    """Status, headers of meaning and bytes are the cluster's; the reason stands in a header."""
    direct, index = shop
    host = direct.transport.hosts[0]
    cluster = f"http://{host['host']}:{host['port']}"
    raw = json.dumps(body).encode()
    ours = POOL.request("POST", f"{served.url}/{index}/_search{query}", body=raw, headers=JSON)
    theirs = POOL.request("POST", f"{cluster}/{index}/_search{query}", body=raw, headers=JSON)
    assert ours.headers["x-endcap-status"].endswith(f"reason={reason}")
    assert ours.status == theirs.status
    assert ours.headers["content-type"] == theirs.headers["content-type"]
    assert same(ours.data) == same(theirs.data)


def same(raw: bytes) -> bytes:
    """Bytes of a reply but for its time and scroll."""
    import re

    raw = re.sub(rb'"?_scroll_id"? ?: ?"[^"]*"', b"", raw)
    return re.sub(rb'"?took"?: ?\d+', b"", raw)


@pytest.mark.parametrize(
    ("raw", "kind", "reason"),
    [
        (b"{", "application/json", "body"),
        (b'{"size": 1, "size": 2}', "application/json", "body"),
        (b"query:\n  match:\n    title: usb\nsize: 2\n", "application/yaml", "content_type"),
        (b"[1, 2]", "application/json", "body"),
        (b'{"size": 1}', "text/plain", "content_type"),
        (b'{"query": {"match": {"title": "usb"}}} x', "application/json", "body"),
    ],
)
def test_a_body_that_is_not_read_goes_on_as_it_is(
    shop: tuple[OpenSearch, str], served: Running, raw: bytes, kind: str, reason: str
) -> None:
    """The cluster gives its own error, or its own answer."""
    direct, index = shop
    host = direct.transport.hosts[0]
    headers = {"Content-Type": kind}
    ours = POOL.request("POST", f"{served.url}/{index}/_search", body=raw, headers=headers)
    theirs = POOL.request("POST", f"http://{host['host']}:{host['port']}/{index}/_search", body=raw, headers=headers)
    assert ours.headers["x-endcap-status"] == f"skipped; reason={reason}"
    assert (ours.status, same(ours.data)) == (theirs.status, same(theirs.data))


def test_a_changed_document_is_read_anew(shop: tuple[OpenSearch, str], client: OpenSearch) -> None:
    """The proxy knows documents by their bytes: one that has changed is scored by what it says now."""
    direct, index = shop[0], f"{shop[1]}-changed"
    fill_index(direct, index, documents(20))
    try:
        was = client.search(index=index, body=BODY)["hits"]["hits"][-1]
        for title in (f"{was['_source']['title'].split('#')[0]}#0.999", was["_source"]["title"]):
            changed = {**was["_source"], "title": title}
            direct.index(index=index, id=was["_id"], body=changed, refresh=True)
            found = without_times(client.search(index=index, body=BODY))
            assert found == without_times(reranker(direct).search(index=index, body=BODY))
    finally:
        direct.indices.delete(index=index)


def test_many_searches_at_once(shop: tuple[OpenSearch, str], client: OpenSearch) -> None:
    """An ``_msearch`` answers each search as if it had come alone, in their order, errors among them."""
    direct, index = shop
    plain = {**BODY, "sort": ["price"]}
    reply = client.msearch(
        body=[{"index": index}, BODY, {"index": index}, plain, {"index": "no-such"}, BODY, {}, BODY], index=index
    )
    first, second, third, fourth = reply["responses"]
    assert told(first) == ("reranked", None)
    assert ids(first) == ids(fourth) == ids(reranker(direct).search(index=index, body=BODY))
    expected = direct.msearch(body=[{}, plain, {"index": "no-such"}, BODY], index=index)["responses"]
    expected[0].pop("took"), second.pop("took")
    assert [second, third] == expected
    assert first["status"] == 200


def test_many_searches_none_of_them_reranked(shop: tuple[OpenSearch, str], served: Running) -> None:
    """An ``_msearch`` with nothing to re-rank is the cluster's own answer; ``ext.rerank`` does not reach it."""
    direct, index = shop
    host = direct.transport.hosts[0]
    lines = "".join(json.dumps(line) + "\n" for line in ({}, {"size": 1, "sort": ["price"]}) * 2).encode()
    path = f"/{index}/_msearch?rest_total_hits_as_int=true"
    ours = POOL.request("POST", served.url + path, body=lines, headers={"Content-Type": "application/x-ndjson"})
    theirs = POOL.request(
        "POST",
        f"http://{host['host']}:{host['port']}{path}",
        body=lines,
        headers={"Content-Type": "application/x-ndjson"},
    )
    assert ours.headers["x-endcap-status"] == "skipped; reason=sorted"
    assert same(ours.data) == same(theirs.data)
    asked = ({}, {"size": 1, "sort": ["price"], "ext": {"rerank": {"explain": True}}})
    lines = "".join(json.dumps(line) + "\n" for line in asked).encode()
    ours = POOL.request("POST", served.url + path, body=lines, headers={"Content-Type": "application/x-ndjson"})
    assert "error" not in ours.json()["responses"][0]


TEMPLATE = {"source": {"query": {"match": {"title": "{{words}}"}}, "size": 5}, "params": {"words": "usb cable"}}


def test_templates(shop: tuple[OpenSearch, str], client: OpenSearch) -> None:
    """A template's search is re-ranked, alone and among many; a broken one gives the cluster's error."""
    direct, index = shop
    expected = ids(reranker(direct).search(index=index, body=BODY))
    reply = client.search_template(index=index, body=TEMPLATE)
    assert (told(reply), ids(reply)) == (("reranked", None), expected)
    (one, other) = client.msearch_template(index=index, body=[{}, TEMPLATE, {}, {"source": "{", "params": {}}])[
        "responses"
    ]
    assert (told(one), ids(one)) == (("reranked", None), expected)
    assert other["status"] == 400
    with pytest.raises(RequestError):
        client.search_template(index=index, body={"source": "{", "params": {}})


def test_failing_is_an_error_where_the_caller_wants_that(shop: tuple[OpenSearch, str], client: OpenSearch) -> None:
    """With ``allow_rerank_failures: false`` a mistake in ``ext.rerank`` is a 400 that says so."""
    body = {**BODY, "ext": {"rerank": {"rank_window_size": 0, "allow_rerank_failures": False}}}
    with pytest.raises(RequestError, match="rank_window_size"):
        client.search(index=shop[1], body=body)


ASKED = {"ext": {"rerank": {"explain": True}}}


@pytest.mark.parametrize("packed", [False, True])
def test_the_cluster_never_sees_what_is_asked_of_us(
    shop: tuple[OpenSearch, str], served: Running, packed: bool
) -> None:
    """Whatever the reason to leave a search alone, ``ext.rerank`` is taken out; it would be refused."""
    index = shop[1]
    raw = json.dumps({**BODY, **ASKED, "sort": ["price"]}).encode()
    headers = JSON | ({"Content-Encoding": "gzip"} if packed else {})

    def asked(path: str, body: bytes) -> dict[str, Any]:
        sent = gzip.compress(body) if packed else body
        reply = POOL.request("POST", f"{served.url}/{path}", body=sent, headers=headers)
        assert reply.headers["x-endcap-status"].startswith("skipped")
        assert reply.status == 200, reply.data
        return reply.json()

    served.switch.turn(off=True)
    try:
        for path in (f"{index}/_search", "_search", f"{index}/_search?format=json&pretty"):
            assert asked(path, raw)["hits"]["hits"]
        assert "error" not in asked(f"{index}/_msearch", b"{}\n" + raw + b"\n")["responses"][0]
        by_source = POOL.request(
            "GET", f"{served.url}/{index}/_search?source={quote(raw)}&source_content_type=application/json"
        )
        assert by_source.json()["hits"]["hits"]
    finally:
        served.switch.turn(off=False)
    assert asked(f"{index}/_search", raw)["hits"]["hits"]
    assert "error" not in asked(f"{index}/_msearch", b"{}\n" + raw + b"\n")["responses"][0]


def test_whole_numbers_stay_whole(shop: tuple[OpenSearch, str], client: OpenSearch) -> None:
    """A number above 64 bits in a document comes back digit for digit, in a search alone and among many."""
    direct, index = shop[0], f"{shop[1]}-large"
    number = 123456789012345678901234
    mapping = {"properties": {"title": {"type": "text"}, "ean": {"enabled": False, "type": "object"}}}
    fill_index(direct, index, [{"title": f"usb cable #{n}", "ean": {"n": number + n}} for n in range(5)], mapping)
    try:
        for _ in range(2):
            reply = client.search(index=index, body=BODY)
            assert told(reply) == ("reranked", None)
            assert {hit["_source"]["ean"]["n"] for hit in reply["hits"]["hits"]} == {number + n for n in range(5)}
        (reply,) = client.msearch(index=index, body=[{}, BODY])["responses"]
        assert {hit["_source"]["ean"]["n"] for hit in reply["hits"]["hits"]} == {number + n for n in range(5)}
    finally:
        direct.indices.delete(index=index)


def test_replies_without_what_no_engine_says(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """With ``reply_ext`` false a re-ranked reply has the engine's own keys alone, unless its request asks for more."""
    direct, index = shop
    expected = ids(reranker(direct).search(index=index, body=BODY))
    plain = direct.search(index=index, body=BODY)
    asked = {**BODY, "ext": {"rerank": {}}}
    with proxy(opensearch, tmp_path, reply_ext="false") as quiet, OpenSearch(quiet.url) as client:
        reply = client.search(index=index, body=BODY)
        assert ids(reply) == expected
        assert set(reply) == set(plain)
        assert {*map(frozenset, reply["hits"]["hits"])} == {*map(frozenset, plain["hits"]["hits"])}
        assert client.search(index=index, body=asked)["ext"]["rerank"]["status"] == "reranked"
        first, second = client.msearch(body=[{"index": index}, BODY, {"index": index}, asked])["responses"]
        assert (set(first), ids(first)) == ({*plain, "status"}, expected)
        assert second["ext"]["rerank"]["status"] == "reranked"

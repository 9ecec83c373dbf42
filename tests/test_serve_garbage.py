"""An engine, or something on the way to it, that answers JSON of another shape: the search is never ours to lose."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY, ids
from serve_parts import proxy
from wire import Wire, wire

POOL = urllib3.PoolManager(retries=False, timeout=20)
SHOWN = {**BODY, "highlight": {"fields": {"*": {}}}, "track_total_hits": True}
"""A search whose page is asked for by a second request."""
ODD = (None, 7, "x", [], [7], {}, True, -1, 1e308, "left out")


@pytest.fixture
def line(opensearch: str) -> Iterator[Wire]:
    with wire(opensearch) as line:
        yield line


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands in a reply; of a list in its first place."""
    yield at
    children = value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    for name, child in children:
        yield from places(child, (*at, name))


def changed(reply: Any, at: tuple[Any, ...], odd: Any) -> bytes:
    """A reply with something else at a place."""
    if not at:
        return json.dumps(odd).encode()
    reply = copy.deepcopy(reply)
    parent = reply
    for name in at[:-1]:
        parent = parent[name]
    if odd == "left out":
        del parent[at[-1]]
    else:
        parent[at[-1]] = odd
    return json.dumps(reply).encode()


@pytest.mark.parametrize(("sent", "sign"), [(BODY, b'"size":20'), (SHOWN, b'"ids"')], ids=["window", "page"])
def test_no_odd_reply_is_the_student_s_fault(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, sent: Any, sign: bytes
) -> None:
    """Each value of a window's and a page's reply replaced by odd ones: 200, never an error of ours, and whatever it
    does to one search, the student goes on to be asked."""
    direct, index = shop
    seen: list[bytes] = []
    url = f"/{index}/_search"
    with proxy(line.url, tmp_path) as running:

        def search() -> urllib3.BaseHTTPResponse:
            kind = {"Content-Type": "application/json"}
            return POOL.request("POST", running.url + url, body=json.dumps(sent).encode(), headers=kind)

        line.instead = lambda request: seen.append(request)
        assert search().headers["x-endcap-status"] == "reranked"
        request = next(each for each in seen if sign in each)
        real = direct.search(index=index, body=json.loads(request.partition(b"\r\n\r\n")[2]))
        plain = ids(direct.search(index=index, body=sent))
        assert running.proxy is not None
        student, words = running.proxy.parts.student, set()
        for at in places(real):
            for odd in ODD:
                raw = changed(real, at, odd)
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
                line.instead = lambda each, raw=raw, head=head: head.encode() + raw if sign in each else None
                reply = search()
                said = reply.headers["x-endcap-status"]
                words.add(said)
                assert (reply.status, student.failures) == (200, 0), (at, odd, said)
                if said.startswith(("fallback", "skipped")):
                    assert ids(reply.json()) == plain, (at, odd)
        assert not [each for each in words if "internal" in each or "model" in each]
        line.instead = lambda request: None
        assert search().headers["x-endcap-status"] == "reranked"


def test_a_deep_document_is_nobody_s_fault(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """One that can be kept but not written again: its searches are the cluster's own, and the student is not blamed."""
    direct, index = shop
    deep = b'{"title":"usb cable deep","extra":' + b'{"a":' * 970 + b"1" + b"}" * 971
    direct.indices.put_mapping(index=index, body={"properties": {"extra": {"type": "object", "enabled": False}}})
    kind = {"Content-Type": "application/json"}
    url = f"{opensearch.rstrip('/')}/{index}/_doc/deep?refresh=true"
    assert POOL.request("PUT", url, body=deep, headers=kind).status == 201
    with proxy(opensearch, tmp_path) as running:
        for _ in range(2):
            reply = POOL.request("POST", f"{running.url}/{index}/_search", body=json.dumps(BODY).encode(), headers=kind)
            assert reply.status == 200
            assert "internal" not in reply.headers["x-endcap-status"]
        assert running.proxy is not None
        assert running.proxy.parts.student.failures == 0


@pytest.mark.parametrize("given", ['{"size":"%s"}', '{"from":"%s"}'])
def test_a_number_without_end_is_the_cluster_s_to_refuse(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, given: str
) -> None:
    """Python reads no number of 5,000 digits; the cluster's answer is the answer."""
    body, kind = (given % ("9" * 5_000)).encode(), {"Content-Type": "application/json"}
    with proxy(opensearch, tmp_path) as running:
        ours, theirs = (
            POOL.request("POST", f"{url}/{shop[1]}/_search", body=body, headers=kind)
            for url in (running.url, opensearch)
        )
    assert (ours.status, ours.data) == (theirs.status, theirs.data)
    assert ours.status == 400

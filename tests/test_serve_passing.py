"""Everything that is no search passes through the proxy as it is, both ways."""

from __future__ import annotations

import gzip
import http.client
import json
import re
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from opensearchpy import OpenSearch, helpers
from rerank_parts import unique
from serve_parts import Running, proxy

POOL = urllib3.PoolManager(retries=False)
JSON = {"Content-Type": "application/json"}
LINES = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def served(opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with proxy(opensearch, tmp_path_factory.mktemp("serve")) as running:
        yield running


@pytest.fixture
def index(opensearch: str) -> Iterator[str]:
    name = unique("serve")
    yield name
    with OpenSearch(opensearch) as client:
        client.indices.delete(index=name, ignore_unavailable=True)


def both(served: Running, cluster: str, method: str, path: str, **others: Any) -> list[urllib3.BaseHTTPResponse]:
    """The answers through the proxy and of the cluster."""
    return [
        POOL.request(method, url + path, decode_content=False, **others) for url in (served.url, cluster.rstrip("/"))
    ]


REQUESTS: list[tuple[str, str, bytes | None, dict[str, str]]] = [
    ("GET", "/", None, {}),
    ("HEAD", "/", None, {}),
    ("HEAD", "/no-such-index", None, {}),
    ("GET", "/no-such-index", None, {}),
    ("GET", "/_cat/nodes?h=name&v=true", None, {}),
    ("GET", "/_cat/nodes?h=name&format=yaml", None, {"Accept": "application/yaml"}),
    ("GET", "/_cluster/settings?include_defaults=true&filter_path=defaults.http", None, {}),
    ("GET", "/_cluster/settings?include_defaults=true&filter_path=defaults.http", None, {"Accept-Encoding": "gzip"}),
    ("GET", "/_cluster/settings?include_defaults=true", None, {"Accept": "application/cbor"}),
    ("GET", "/no-such/_doc/a%2Fb%20c%3F", None, {}),
    ("GET", "/no-such%2Fx/_doc/%C3%BC?routing=a%2Bb", None, {}),
    ("POST", "/_analyze", b'{"analyzer": "standard", "text": "USB C"}', JSON),
    ("GET", "/_analyze", b'{"analyzer": "standard", "text": "USB C"}', JSON),
    (
        "POST",
        "/_analyze",
        gzip.compress(b'{"analyzer": "standard", "text": "USB C"}', mtime=0),
        {**JSON, "Content-Encoding": "gzip"},
    ),
    ("POST", "/_analyze", b"{", JSON),
    ("POST", "/_analyze", b"{}", {}),
    ("PATCH", "/_analyze", b"{}", JSON),
    ("OPTIONS", "/_search", None, {}),
    ("DELETE", "/_search/scroll/none", None, {}),
    ("GET", "/_search/scroll?scroll_id=none", None, {}),
    ("GET", "/_count", b'{"query": {"nonsense": 1}}', JSON),
    ("GET", "/_nope?error_trace=false", None, {"X-Opaque-Id": "mine"}),
]


@pytest.mark.parametrize(("method", "path", "body", "headers"), REQUESTS)
def test_an_answer_is_the_cluster_s_own(
    served: Running, opensearch: str, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    """Status, reason, bytes and every header are what the cluster says; a date is added."""
    ours, theirs = both(served, opensearch, method, path, body=body, headers=headers)
    assert (ours.status, ours.reason) == (theirs.status, theirs.reason)
    assert ours.data == theirs.data
    mine = {name.lower(): value for name, value in ours.headers.items() if name.lower() != "date"}
    assert mine == {name.lower(): value for name, value in theirs.headers.items()}


def test_bulk_scroll_and_scan_by_the_client_s_own_helpers(served: Running, opensearch: str, index: str) -> None:
    """opensearch-py's bulk, scan, count and delete work through the proxy, compressed or not."""
    for packed in (False, True):
        with OpenSearch(served.url, http_compress=packed) as client:
            actions = [{"_index": index, "_id": str(n), "title": f"usb {n}" * 20} for n in range(300)]
            assert helpers.bulk(client, actions, refresh=True) == (300, [])
            found = helpers.scan(client, index=index, query={"query": {"match": {"title": "usb"}}}, size=50)
            assert sorted(int(hit["_id"]) for hit in found) == list(range(300))
            assert client.count(index=index)["count"] == 300
            assert client.exists(index=index, id="7")
            assert not client.exists(index=index, id="none")
            client.indices.delete(index=index)


def test_a_large_bulk_streams_in_chunks(served: Running, opensearch: str, index: str) -> None:
    """A body of unknown length is passed on while it comes: 20 MB, more than a search's limit."""
    line = b'{"index": {}}\n{"title": "' + b"usb " * 2500 + b'"}\n'

    def chunks() -> Iterator[bytes]:
        for _ in range(2000):
            yield line

    reply = POOL.request(
        "POST",
        f"{served.url}/{index}/_bulk?refresh=true&filter_path=errors,items.*.status",
        body=chunks(),
        headers=LINES,
    )
    assert reply.status == 200
    assert reply.json()["errors"] is False
    assert len(reply.json()["items"]) == 2000


def test_a_search_too_long_to_be_read_passes_through(served: Running, opensearch: str, index: str) -> None:
    """A body above ``max_search_bytes`` is not kept in memory, and is answered by the cluster."""
    with OpenSearch(opensearch) as client:
        client.index(index=index, id="1", body={"title": "usb"}, refresh=True)
    ids = {"ids": {"values": ["1", *["x" * 400] * 12_000]}}
    body = json.dumps({"query": ids}).encode()
    assert len(body) > served.settings.max_search_bytes
    reply = POOL.request("POST", f"{served.url}/{index}/_search", body=body, headers=JSON)
    assert reply.headers["x-endcap-status"] == "skipped; reason=long_body"
    assert reply.json()["hits"]["total"]["value"] == 1


def raw(served: Running, request: bytes) -> bytes:
    """The answer to bytes on a connection of their own."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.settimeout(10)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer


def test_a_body_that_waits_to_be_welcome(served: Running) -> None:
    """``Expect: 100-continue`` is answered before the body is sent, for searches and for all else."""
    host, port = served.url.removeprefix("http://").split(":")
    for path in ("/_analyze", "/_search"):
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
            connection.sendall(head.encode() + b"Expect: 100-continue\r\nConnection: close\r\n\r\n")
            assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
            connection.sendall(b"{}")
            assert re.match(rb"HTTP/1.1 (200|400) ", connection.recv(1000))


def test_no_address_is_taken_from_a_request(served: Running) -> None:
    """``Host``, a whole URL and X-Forwarded-* name another server; the cluster answers."""
    for line, more in ((b"GET /", b""), (b"GET http://example.com:1/", b""), (b"GET //example.com/_cat", b"")):
        request = line + b" HTTP/1.1\r\nHost: example.com:1\r\nX-Forwarded-Host: example.com\r\nForwarded: host=e\r\n"
        answer = raw(served, request + more + b"Connection: close\r\n\r\n")
        assert b"example.com:1" not in answer
        assert answer.startswith((b"HTTP/1.1 200 OK", b"HTTP/1.1 400 ", b"HTTP/1.1 405", b"HTTP/1.1 404"))
        assert b"X-OpenSearch-Version" in answer


def test_an_old_client(served: Running) -> None:
    """An HTTP/1.0 client gets a whole answer, and the end of the connection."""
    answer = raw(served, b"GET / HTTP/1.0\r\n\r\n")
    assert b'"tagline"' in answer


def test_a_cluster_that_is_not_there_is_said_once(tmp_path: Any) -> None:
    """Nobody listens: 502 in the shape of the cluster's own errors, for all requests."""
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with proxy(f"http://127.0.0.1:{port}", tmp_path) as running:
            for path in ("/", "/shop/_search", "/shop/_search?q=usb"):
                reply = POOL.request(
                    "POST", running.url + path, body=b'{"query": {"match": {"t": "usb"}}}', headers=JSON
                )
                assert reply.status == 502
                assert reply.json()["error"]["type"] == "cluster_unreachable_exception"


def test_connections_are_kept(served: Running) -> None:
    """Many requests go over one connection, searches and others."""
    host, port = served.url.removeprefix("http://").split(":")
    connection = http.client.HTTPConnection(host, int(port))
    for path in ("/", "/_search?size=0", "/_cat/health", "/_nope", "/no-such/_search") * 3:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert not answer.will_close
    connection.close()

"""What strangers send: half requests, garbage, and bodies that are nearly searches."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import BODY
from serve_parts import Running, proxy

from endcap.serve import running

POOL = urllib3.PoolManager(retries=False)
KINDS = {"_search": "application/json", "_msearch": "application/x-ndjson"}


@pytest.fixture(scope="module")
def served(opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with proxy(opensearch, tmp_path_factory.mktemp("serve")) as running:
        yield running


def connect(served: Running) -> socket.socket:
    host, port = served.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=5)


def test_half_sent_requests_are_dropped(opensearch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many connections that send nothing, or half a head, end after the time for it; one that is only kept does not."""
    monkeypatch.setattr(running, "HEAD_S", 1.0)
    with proxy(opensearch, tmp_path) as served:
        kept = connect(served)
        ask = b"HEAD / HTTP/1.1\r\nHost: x\r\n\r\n"
        kept.sendall(ask)
        assert kept.recv(65536).startswith(b"HTTP/1.1 200")
        half = [connect(served) for _ in range(50)]
        for number, client in enumerate(half):
            client.sendall(b"GET /_cat/hea"[: number % 13])
        for client in half:
            with suppress(ConnectionResetError):
                assert client.recv(1000) == b""
            client.close()
        kept.sendall(ask)
        assert kept.recv(65536).startswith(b"HTTP/1.1 200")
        kept.close()


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET " + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"POST /_search HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /_search HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET ../../etc HTTP/1.1\r\nHost: x\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_garbage_is_a_client_s_error(served: Running, raw: bytes) -> None:
    """It is answered with 4xx or not at all, and the next request is answered."""
    with connect(served) as client:
        client.sendall(raw)
        answer = client.recv(65536)
        assert answer == b"" or 400 <= int(answer.split()[1]) < 500 or answer.split()[1] in (b"501", b"505")
    assert POOL.request("GET", served.url + "/").status == 200


@pytest.mark.parametrize("name", ["Authorization", "X-Custom"])
def test_headers_that_are_no_ascii(served: Running, name: str) -> None:
    """Bytes of Latin-1 and of UTF-8 in a header's value cost no search."""
    for value in ("Zoë".encode(), "Zoë".encode("latin-1")):
        body = json.dumps(BODY).encode()
        head = b"POST /_search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
        with connect(served) as client:
            client.sendall(head + name.encode() + b": " + value + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            answer = client.recv(65536)
        assert answer.split()[1] in (b"200", b"400"), answer


WORDS = """
query match title size from ext rerank sort _source bool must index source params id query_context query_text highlight
fields aggs timeout
"""
LEAVES = st.none() | st.booleans() | st.integers(-5, 5) | st.floats(allow_nan=False) | st.sampled_from(["", "usb", "*"])
JSON_LIKE = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS.split()), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON_LIKE, path=st.sampled_from(["_search", "_search/template", "_msearch", "_msearch/template"]))
def test_bodies_that_are_nearly_searches(
    served: Running, shop: tuple[OpenSearch, str], body: object, path: str
) -> None:
    """Any JSON is answered as the cluster answers it: its error, or a reply; none of ours and never 5xx."""
    line = json.dumps(body).encode()
    many = path.startswith("_msearch")
    raw = b"{}\n" + line + b"\n" if many else line
    headers = {"Content-Type": "application/x-ndjson" if many else "application/json"}
    ours = POOL.request("POST", f"{served.url}/{shop[1]}/{path}", body=raw, headers=headers)
    host = shop[0].transport.hosts[0]
    theirs = POOL.request("POST", f"http://{host['host']}:{host['port']}/{shop[1]}/{path}", body=raw, headers=headers)
    asks = isinstance(body, dict) and "rerank" in str(body.get("ext"))
    assert ours.status == theirs.status or (asks and ours.status < 500), (ours.data, theirs.data)
    if many and ours.status == 200 and not asks:
        found = [[each.get("status") for each in reply.json()["responses"]] for reply in (ours, theirs)]
        assert found[0] == found[1]

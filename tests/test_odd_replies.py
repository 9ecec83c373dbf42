"""What answers in the cluster's place: replies that are cut, or no replies to a search at all."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import pytest
from opensearchpy import OpenSearch
from rerank_parts import ReadableStudent

from endcap.errors import EngineError
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.plugin import Reranker

BODY: dict[str, Any] = {"query": {"match": {"title": "usb"}}, "size": 5}
HITS = [{"_index": "i", "_id": str(n), "_score": 9.0 - n, "_source": {"title": f"usb #{n}"}} for n in range(9)]


@contextmanager
def answering(answer: Callable[[dict[str, Any]], bytes]) -> Iterator[OpenSearch]:
    """A client of a server that answers a search body so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            reply = answer(orjson.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield OpenSearch([f"http://127.0.0.1:{server.server_address[1]}"])
    finally:
        server.shutdown()
        server.server_close()


def page(body: dict[str, Any]) -> bytes:
    """The reply of a cluster that finds nine hits."""
    return orjson.dumps({"hits": {"total": {"value": 9}, "max_score": 9.0, "hits": HITS[: body["size"]]}})


@pytest.mark.parametrize("through_engine", [False, True])
def test_a_cut_window_costs_no_search(through_engine: bool) -> None:
    """Where only the window's longer reply is cut on the way, the search is answered in the engine's order."""
    with answering(lambda body: page(body) if body["size"] == 5 else page(body)[:200]) as client:
        target = OpenSearchEngine(client, "i") if through_engine else client
        reply = Reranker(target, ReadableStudent()).search(index="i", body=BODY)
    assert [hit["_id"] for hit in reply["hits"]["hits"]] == ["0", "1", "2", "3", "4"]
    assert reply["ext"]["rerank"]["reason"] == "window_error"


@pytest.mark.parametrize("answer", [b"null", b"[]", b'"hello"', b'{"hits": {"hits": [' + b"9, " * 1000])
def test_what_is_no_reply_is_said_shortly(answer: bytes) -> None:
    """An engine's error names what came instead of a reply, not all of it."""
    with answering(lambda body: answer) as client, pytest.raises(EngineError) as raised:
        OpenSearchEngine(client, "i").search(body=BODY)
    assert "is no OpenSearch" in str(raised.value)
    assert len(str(raised.value)) < 400

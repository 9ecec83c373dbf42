"""A student whose native code does not return: each search is answered in time, and soon it is not asked any more."""

from __future__ import annotations

import ctypes
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY, ReadableStudent, ids
from serve_parts import proxy, until

from endcap.serve import breaker

POOL = urllib3.PoolManager(retries=False, timeout=20)
LIBC = ctypes.CDLL(None)


class Hanging(ReadableStudent):
    """Computes in C for as long as it is told to; no signal of Python's reaches it."""

    hangs = True

    def score_batches(self, query: str, items: Any) -> Iterator[Any]:
        while self.hangs:
            LIBC.sleep(1)
        yield from super().score_batches(query, items)


@pytest.mark.parametrize(("path", "lines"), [("_search", False), ("_msearch", True)])
def test_native_code_that_hangs(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, monkeypatch: Any, path: str, lines: bool
) -> None:
    """The first search waits half a second longer than its time; the next ones are the cluster's own at once."""
    direct, index = shop
    plain, student = ids(direct.search(index=index, body=BODY)), Hanging()
    monkeypatch.setattr(breaker, "REST_S", 1.0)
    raw = json.dumps(BODY).encode()
    sent = b"{}\n" + raw + b"\n" if lines else raw
    with proxy(opensearch, tmp_path, student, deadline_ms=200) as running:

        def search() -> tuple[str, float]:
            began = time.monotonic()
            kind = {"Content-Type": "application/x-ndjson" if lines else "application/json"}
            reply = POOL.request("POST", f"{running.url}/{index}/{path}", body=sent, headers=kind)
            found = reply.json()["responses"][0] if lines else reply.json()
            assert reply.status == 200
            if student.hangs:
                assert ids(found) == plain
            return reply.headers["x-endcap-status"].removeprefix("1 "), time.monotonic() - began

        word, took_s = search()
        assert (word, took_s < 2) == ("fallback; reason=deadline", True)
        seen = [search() for _ in range(4)]
        assert {word for word, _ in seen} == {"fallback; reason=circuit_open"}
        assert max(took_s for _, took_s in seen) < 0.2
        student.hangs = False
        until(lambda: search()[0] == "reranked", 15)
        parts = running.proxy.parts if running.proxy is not None else None
        assert parts is not None
        assert not parts.student.is_open
        until(lambda: parts.slots.taken == 0, 5)

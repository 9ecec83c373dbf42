"""What `endcap serve` writes: JSON lines where asked, traced, and no word of what was searched for unless asked."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from child_process import environment
from opensearchpy import OpenSearch

from endcap.plugin.faults import LOG as RERANK_LOG
from endcap.plugin.search.status import Reason, failed, log_outcome
from endcap.rates import Rate
from endcap.serve.log_lines import Lines

POOL = urllib3.PoolManager(retries=False)
SECRET = "zanzibar"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
HEADERS = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01", "X-Opaque-Id": "visit-7"}


@contextmanager
def process(opensearch: str, folder: Path, *words: str) -> Iterator[tuple[str, Any]]:
    """A real proxy; its address, and a function that ends it and returns what it wrote to standard error."""
    own = environment() | {"ENDCAP_HOME": str(folder)}
    ports = ["--port", "0", "--health-port", "0", "--drain-delay-s", "0", "--deadline-ms", "30000"]
    program = [sys.executable, "-m", "endcap.cli.main", "serve", "--opensearch-url", opensearch, *ports, *words]
    child = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=own)
    assert child.stdout is not None

    def ended() -> str:
        child.send_signal(signal.SIGTERM)
        return child.communicate(timeout=30)[1]

    try:
        yield child.stdout.readline().split()[-1], ended
    finally:
        child.kill()
        child.wait()


def ask(url: str, index: str) -> None:
    """A search that is re-ranked, one that the engine refuses with the query in its words, one by the address."""
    match = {"match": {"title": f"usb {SECRET}"}}
    broken = {"query_string": {"query": f"title:({SECRET}", "default_field": "title"}}
    for query in (match, broken):
        POOL.request("POST", f"{url}/{index}/_search", json={"query": query}, headers=HEADERS)
    POOL.request("GET", f"{url}/{index}/_search?q={SECRET}", headers=HEADERS)


def test_lines_are_json_and_hold_no_query(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """Each line is an object; a request's has what it takes to find it again, and nothing of its query."""
    with process(opensearch, tmp_path, "--log-format", "json", "--log-requests") as (url, ended):
        ask(url, shop[1])
        text = ended()
    lines = [json.loads(line) for line in text.splitlines()]
    requests = [line for line in lines if line["logger"] == "endcap.serve.requests"]
    assert [line["path"] for line in requests] == [f"/{shop[1]}/_search"] * 3
    for line in requests:
        assert {"time", "level", "message", "method", "status", "endcap", "took_ms"} <= line.keys()
        assert (line["trace_id"], line["opaque_id"]) == (TRACE, "visit-7")
    assert SECRET not in text


def test_queries_are_logged_where_asked(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """With --log-queries a request's line has its body and parameters."""
    asked = ["--log-format", "json", "--log-requests", "--log-queries"]
    with process(opensearch, tmp_path, *asked) as (url, ended):
        ask(url, shop[1])
        lines = [json.loads(line) for line in ended().splitlines()]
    requests = [line for line in lines if line["logger"] == "endcap.serve.requests"]
    assert [SECRET in line.get("query", "") + line.get("parameters", "") for line in requests] == [True] * 3


def test_no_line_for_each_request_unless_asked(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """Nothing is written for what went well."""
    with process(opensearch, tmp_path) as (url, ended):
        ask(url, shop[1])
        assert SECRET not in (text := ended())
    assert "_search" not in text


@pytest.mark.parametrize("json_lines", [True, False])
@pytest.mark.parametrize("queries", [True, False])
def test_details_and_exceptions_may_repeat_a_query(json_lines: bool, queries: bool) -> None:
    """An engine's words and an exception's own: there only where queries may be."""
    kept: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = kept.append  # type: ignore[method-assign]
    RERANK_LOG.addHandler(handler)
    try:
        log_outcome(failed(Reason.WINDOW_ERROR, f"can't parse [{SECRET}"), 1.0, Rate(0.0))
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            RERANK_LOG.error("a fault", exc_info=error)
    finally:
        RERANK_LOG.removeHandler(handler)
    lines = [Lines(json_lines, queries).format(record) for record in kept]
    assert len(lines) == 2
    assert all((SECRET in line) is queries for line in lines)
    assert "window_error" in lines[0]
    assert "ValueError" in lines[1]
    if json_lines:
        assert [json.loads(line)["level"] for line in lines] == ["warning", "error"]

"""Traces join the client's, hold no query text, and cost nothing where OpenTelemetry is not there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from child_process import environment
from opensearchpy import OpenSearch
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rerank_parts import BODY, reranker
from serve_parts import proxy
from wire import wire

POOL = urllib3.PoolManager(retries=False)
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
ASKED = {"traceparent": f"00-{TRACE}-{PARENT}-01", "tracestate": "shop=1", "X-Opaque-Id": "visit-7"}
STAGES = {"endcap.window", "endcap.states", "endcap.encode", "endcap.score", "endcap.page"}
EXPORTER = InMemorySpanExporter()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What the process' SDK keeps; set up once, as a process does."""
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(EXPORTER))
        trace.set_tracer_provider(provider)
    EXPORTER.clear()
    yield EXPORTER
    EXPORTER.clear()


def by_name(spans: InMemorySpanExporter) -> dict[str, ReadableSpan]:
    return {span.name: span for span in spans.get_finished_spans()}


def test_a_search_through_the_proxy_joins_the_client_s_trace(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, spans: InMemorySpanExporter
) -> None:
    """One trace from client to cluster: each stage is a child, and the cluster's parent is the stage that asks."""
    body = {**BODY, "highlight": {"fields": {"title": {}}}}  # the page is a request of its own
    with wire(opensearch) as line, proxy(line.url, tmp_path) as running:
        reply = POOL.request("POST", f"{running.url}/{shop[1]}/_search", json=body, headers=ASKED)
        assert reply.headers["x-endcap-status"] == "reranked"
        sent = line.requests().decode().lower()
    found = by_name(spans)
    assert set(found) == STAGES | {"endcap.search"}
    assert {f"{span.context.trace_id:032x}" for span in found.values()} == {TRACE}
    search = found["endcap.search"]
    assert search.parent is not None
    assert f"{search.parent.span_id:016x}" == PARENT
    assert {span.parent.span_id for name, span in found.items() if name in STAGES and span.parent} == {
        search.context.span_id
    }
    assert search.attributes == {"endcap.status": "reranked", "endcap.reason": "", "endcap.window": 20}
    for name in ("endcap.window", "endcap.page"):
        assert f"traceparent: 00-{TRACE}-{found[name].context.span_id:016x}-01" in sent
    assert sent.count("tracestate: shop=1") == sent.count("x-opaque-id: visit-7") == sent.count("post /") == 2
    told = " ".join(span.to_json() for span in found.values())
    assert all(word not in told for word in json.dumps(BODY["query"]).lower().replace('"', "").split() if len(word) > 6)


def test_a_search_in_a_process_is_a_child_of_what_runs_there(
    shop: tuple[OpenSearch, str], spans: InMemorySpanExporter
) -> None:
    """The library's own spans, too: they join whatever trace is the current one."""
    client, index = shop
    with trace.get_tracer("shop").start_as_current_span("page of the shop"):
        reranker(client).search(index=index, body=BODY)
    found = by_name(spans)
    assert {"endcap.search", "endcap.window", "endcap.score"} <= set(found)
    outer = found["page of the shop"].context.span_id
    assert found["endcap.search"].parent is not None
    assert found["endcap.search"].parent.span_id == outer


def test_nothing_changes_without_an_sdk_or_the_package(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path
) -> None:
    """In a process of its own: with the API alone, and without it, the client's headers go on as they came."""
    program = tmp_path / "program.py"
    program.write_text(f"""
import sys
from pathlib import Path
if sys.argv[1] == "without":
    sys.modules["opentelemetry"] = None
import urllib3
from endcap.plugin import tracing
from serve_parts import proxy
from wire import wire
assert tracing.HERE == (sys.argv[1] != "without")
with wire({opensearch!r}) as line, proxy(line.url, Path(sys.argv[2])) as running:
    reply = urllib3.PoolManager().request("POST", running.url + "/{shop[1]}/_search", json={BODY!r}, headers={ASKED!r})
    assert reply.headers["x-endcap-status"] == "reranked"
    sent = line.requests().decode().lower()
assert sent.count("traceparent: {ASKED["traceparent"]}") == sent.count("post /") == 1, sent
assert sent.count("tracestate: shop=1") == sent.count("x-opaque-id: visit-7") == 1
""")
    for how in ("with", "without"):
        run = subprocess.run(
            [sys.executable, str(program), how, str(tmp_path)],
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert run.returncode == 0, run.stderr[-2000:]

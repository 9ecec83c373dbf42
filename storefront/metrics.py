"""What the storefront counts, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from endcap.plugin.search.status import Outcomes
from endcap.storefront.search_page import SearchReplies
from endcap.storefront.shop import Shop

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.001, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Ends of the histograms' buckets: fine where a search usually is."""


class _Outcomes(Collector):
    """The middleware's own counter, read when somebody asks: it can't differ from what the middleware says."""

    def __init__(self, outcomes: Outcomes) -> None:
        self._outcomes = outcomes

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One family, ``endcap_rerank_outcomes_total``."""
        family = CounterMetricFamily(
            "endcap_rerank_outcomes", "Searches by what became of them.", labels=["status", "reason"]
        )
        for (status, reason), count in self._outcomes.counts().items():
            family.add_metric([str(status), str(reason or "")], count)
        yield family


class Metrics:
    """The metrics of one storefront, in a registry of their own."""

    def __init__(self, shop: Shop) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Outcomes(shop.reranker.outcomes))
        ProcessCollector(registry=self._registry)
        self._model = shop.student.info.name
        self._rerank = self._histogram("endcap_rerank_latency_seconds", "A re-ranked search, engine included.", "model")
        self._added = self._histogram("endcap_rerank_added_seconds", "What re-ranking took beyond the engine.", "model")
        self._engine = self._histogram("endcap_engine_latency_seconds", "The engine's own search of the same body.")
        self._requests = Counter(
            "endcap_http_requests", "Requests by route and status.", ["route", "status"], registry=self._registry
        )
        products = Gauge("endcap_products", "Products in the index at the start.", registry=self._registry)
        products.set(shop.products)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=SECONDS, registry=self._registry)

    def count_search(self, replies: SearchReplies) -> None:
        """Note a search's times."""
        took_ms = float(replies.rerank["took_ms"])
        added_ms = max(0.0, took_ms - float(replies.rerank["stages"].get("engine_ms", 0.0)))
        self._engine.observe(replies.engine_ms / 1000)
        self._rerank.labels(self._model).observe(took_ms / 1000)
        self._added.labels(self._model).observe(added_ms / 1000)

    def count_request(self, route: str, status: int) -> None:
        """Count a request."""
        self._requests.labels(route, str(status)).inc()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

"""What the servers count, in Prometheus' text format: one registry, whoever adds to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.0005, 0.001, 0.0015, 0.0025, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Ends of the histograms' buckets: fine where a search usually is."""

MAX_KEPT = 1_000


class ModelMetrics:
    """Which model a server uses, as a metric whose label is its name."""

    model: Gauge
    _model = ""

    def note_model(self, name: str) -> None:
        """Say which model is in use."""
        if name != self._model:
            self._model = name
            self.model.clear()
            self.model.labels(name).set(1)


class Metrics(ModelMetrics):
    """The metrics of one process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        # Labels are looked up once: that costs more than to count.
        self._of_requests = lru_cache(MAX_KEPT)(
            lambda kind, status: (self.requests.labels(kind, str(status)), self.seconds.labels(kind))
        )
        self._of_outcome = lru_cache(MAX_KEPT)(lambda said: self.outcomes.labels(*status_and_reason(said)))
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "endcap_http_requests", "Requests by kind and status.", ["kind", "status"], registry=registry
        )
        self.outcomes = Counter(
            "endcap_rerank_outcomes", "Searches by what became of them.", ["status", "reason"], registry=registry
        )
        self.seconds = Histogram(
            "endcap_request_seconds",
            "From a request's head to its answer's end.",
            ["kind"],
            buckets=SECONDS,
            registry=registry,
        )
        self.rerank_seconds = Histogram(
            "endcap_rerank_latency_seconds",
            "A re-ranked search, engine included.",
            ["model"],
            buckets=SECONDS,
            registry=registry,
        )
        self.stage_seconds = Histogram(
            "endcap_rerank_stage_seconds",
            "A re-ranked search by its stages.",
            ["stage"],
            buckets=SECONDS,
            registry=registry,
        )
        self.in_flight = Gauge("endcap_searches_in_flight", "Searches being re-ranked now.", registry=registry)
        self.slots = Gauge("endcap_search_slots", "So many may be at once.", registry=registry)
        self.loop_round = Gauge(
            "endcap_loop_round_seconds", "How long the event loop takes to go round: the slowest.", registry=registry
        )
        self.upstream = Gauge("endcap_upstream_up", "1 where the cluster answered when last asked.", registry=registry)
        self.circuit = Gauge(
            "endcap_circuit_open",
            "1 while searches are not re-ranked because it failed often: the student, or windows, too slow.",
            ["circuit"],
            registry=registry,
        )
        self.ready = Gauge("endcap_ready", "1 where /ready says so.", registry=registry)
        self.workers = Gauge("endcap_workers", "Processes that answer requests.", registry=registry)
        self.workers.set(1)
        self.restarts = Counter(
            "endcap_worker_restarts", "Processes that have ended and were replaced.", registry=registry
        )
        self.model = Gauge("endcap_model_info", "The model in use.", ["model"], registry=registry)
        self.shadow_moved = Histogram(
            "endcap_shadow_moved_share",
            "Shadow: the share of a page that would stand elsewhere.",
            buckets=(0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0),
            registry=registry,
        )
        self.shadow_first = Counter(
            "endcap_shadow_first",
            "Shadow: pages whose first product would be another, or the same.",
            ["first"],
            registry=registry,
        )

    def note_request(self, kind: str, status: int, took_s: float) -> None:
        """Count a request that was answered."""
        requests, seconds = self._of_requests(kind, status)
        requests.inc()
        seconds.observe(took_s)

    def note_outcome(self, said: str) -> None:
        """Count a search by its header's value, as ``skipped; reason=sorted``."""
        self._of_outcome(said).inc()

    def watch_states(self, counts: Callable[[], Any]) -> None:
        """Show what the store of states counts: look-ups, and how many of them had a state."""
        self._registry.register(_States(counts))

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """All of it, metric by metric."""
        return self._registry.collect()


def status_and_reason(said: str) -> tuple[str, str]:
    """The two that a header's value is made of."""
    status, _, reason = said.partition("; reason=")
    return status, reason


class _States(Collector):
    """The counts of a store of states, read when Prometheus asks."""

    def __init__(self, counts: Callable[[], Any]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        family = CounterMetricFamily(
            "endcap_states", "Products' states in the store, by what became of them.", labels=["what"]
        )
        for name, number in asdict(self._counts()).items():
            family.add_metric([name], number)
        yield family

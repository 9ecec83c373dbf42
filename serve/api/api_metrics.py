"""What the API counts, by names of its own, so that no API answers what is asked of proxies."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import Metric

from endcap.serve.metrics import SECONDS, ModelMetrics


class ApiMetrics(ModelMetrics):
    """The metrics of one process."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self.requests = Counter(
            "endcap_api_requests", "Requests by path and status.", ["path", "status"], registry=registry
        )
        self.seconds = Histogram(
            "endcap_api_request_seconds",
            "From a request's head to its answer.",
            ["path"],
            buckets=SECONDS,
            registry=registry,
        )
        self.texts = Counter(
            "endcap_api_texts",
            "Documents that the API was sent, by whether they were read before.",
            ["was"],
            registry=registry,
        )
        self.tokens = Counter("endcap_api_tokens", "Tokens that usage says.", registry=registry)
        self.in_flight = Gauge("endcap_api_requests_in_flight", "Requests being worked on now.", registry=registry)
        self.slots = Gauge("endcap_api_request_slots", "So many may be at once.", registry=registry)
        self.ready = Gauge("endcap_api_ready", "1 where /ready says so.", registry=registry)
        self.model = Gauge("endcap_api_model_info", "The model in use.", ["model"], registry=registry)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def collect(self) -> Iterable[Metric]:
        """All of it, metric by metric."""
        return self._registry.collect()

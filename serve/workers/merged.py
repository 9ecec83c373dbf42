"""The metrics of several processes as one: what is counted is added up, also of processes that have ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from prometheus_client import generate_latest
from prometheus_client.core import Metric

Family = Sequence[Any]
"""Name, documentation, type, and samples: name, labels and value."""
_LARGEST = (
    "endcap_circuit_open",
    "endcap_model_info",
    "endcap_ready",
    "endcap_loop_round_seconds",
    "endcap_api_model_info",
    "endcap_api_ready",
)
_SMALLEST = ("endcap_upstream_up", "process_start_time_seconds", "process_max_fds")
_ADDED_UP = ("counter", "histogram")


def families_of(collected: Iterable[Metric]) -> list[Family]:
    """The metrics of a registry as plain data, without the times at which they were made."""
    return [
        [metric.name, metric.documentation, metric.type, [[s.name, s.labels, s.value] for s in _of_now(metric)]]
        for metric in collected
    ]


def _of_now(metric: Metric) -> Iterator[Any]:
    return (sample for sample in metric.samples if not sample.name.endswith("_created"))


class Merged:
    """Adds up. ``ended`` is told the last that was heard of a process: so no counter falls where one is replaced."""

    def __init__(self) -> None:
        self._ended: list[Family] = []

    def ended(self, families: Sequence[Family]) -> None:
        """Keep what a process has counted that is no more."""
        counted = [family for family in families if family[2] in _ADDED_UP]
        self._ended = families_of(_added([*self._ended, *counted]))

    def text(self, families: Iterable[Family]) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(_Registry(_added([*self._ended, *families])))


class _Registry:
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Sequence[Metric]:
        return self._metrics


def _added(families: Iterable[Family]) -> list[Metric]:
    """One metric of each name, its samples in the order in which they were first seen."""
    heads: dict[str, tuple[str, str]] = {}
    values: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}
    for name, documentation, kind, samples in families:
        heads.setdefault(name, (documentation, kind))
        found = values.setdefault(name, {})
        for sample, labels, value in samples:
            key = sample, tuple(labels.items())
            found[key] = _together(name, found[key], value) if key in found else value
    metrics = []
    for name, (documentation, kind) in heads.items():
        metric = Metric(name, documentation, kind)
        for (sample, labels), value in values[name].items():
            metric.add_sample(sample, dict(labels), value)
        metrics.append(metric)
    return metrics


def _together(name: str, one: float, other: float) -> float:
    if name in _LARGEST:
        return max(one, other)
    return min(one, other) if name in _SMALLEST else one + other

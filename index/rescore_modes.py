"""How a ``rescore`` makes one score of a query's and a rescorer's, by the names that OpenSearch gives its modes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

MODES: Mapping[str, Callable[[float, float], float]] = {
    "total": lambda first, second: first + second,
    "multiply": lambda first, second: first * second,
    "avg": lambda first, second: (first + second) / 2,
    "max": max,
    "min": min,
}

"""Signals: numbers that a shop keeps of its products (popularity, margin, stock), as further parts of a blend.

    b_i += w * d * (g(x_i) - mean(g))

x is a product's number, g brings it from ``low``..``high`` to 0..1 (evenly, or by ratios where ``log``) and turns it
round where less is better; d is the standard deviation of the window's blended scores without what is exact or denied
(``Blended.unit``), so that a weight means the same for every blend and search. Between the least and the most that a
signal can be lie w deviations. What has no number counts as the mean of the window: 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from endcap.plugin.blend.limits import is_finite
from endcap.plugin.blend.plain import FloatArray

WEIGHTS: Mapping[str, float] = {"slight": 0.25, "some": 0.75, "strong": 2.0}
"""In standard deviations of the window's blended scores."""


@dataclass(frozen=True, slots=True)
class Signal:
    """A number of products of which more is better, or less where not ``rises``.

    ``low`` and ``high`` are where it ceases to count, in its own unit; None: the window's least and largest.
    """

    name: str
    field: str
    rises: bool = True
    weight: float = WEIGHTS["slight"]
    low: float | None = None
    high: float | None = None
    log: bool = False

    @classmethod
    def from_json(cls, raw: Any) -> Signal:
        """Read one of ``blend.signals`` of a ``model.json``. Raises ``ValueError`` where it is not as it should be."""
        try:
            signal = cls(**raw)
        except TypeError:
            raise ValueError(
                f"blend.signals {raw!r} (objects with name, field, rises, weight, low, high and log)"
            ) from None
        numbers = [n for n in (signal.weight, signal.low, signal.high) if n is not None]
        texts = all(isinstance(text, str) and text for text in (signal.name, signal.field))
        if not texts or not all(map(is_finite, numbers)) or signal.weight < 0:
            raise ValueError(f"blend.signals {raw!r} (a name, a field, a weight of 0 or more, and finite bounds)")
        return signal

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads."""
        return asdict(self)

    def levels(self, numbers: FloatArray) -> FloatArray:
        """From numbers (n,), NaN where there is none, to 0..1; NaN stays."""
        known = numbers[~np.isnan(numbers)]
        if not known.size:
            return numbers
        low = float(known.min()) if self.low is None else self.low
        high = float(known.max()) if self.high is None else self.high
        within = np.clip(numbers, low, max(low, high)) - low
        span = max(high - low, 0.0)
        if self.log:
            # By ratios, from where the window's numbers begin: log(1 + x) needs no number above 0.
            within, span = np.log1p(within), float(np.log1p(span))
        levels = within / span if span > 0 else np.where(np.isnan(numbers), np.nan, 0.5)
        return levels if self.rises else 1.0 - levels


def deviation_of(scores: FloatArray) -> float:
    """The standard deviation of scores (n,); 1 where they are equal, but for rounding."""
    deviation = float(scores.std()) if scores.size else 0.0
    return deviation if deviation > 1e-9 * float(np.abs(scores).max(initial=0.0)) else 1.0


def centred_levels(signals: Sequence[Signal], numbers: FloatArray) -> FloatArray:
    """Each signal's levels less their mean, 0 where there is none: float64 (n, k), from numbers of that shape."""
    centred = np.zeros(numbers.shape)
    for column, signal in enumerate(signals):
        levels = signal.levels(numbers[:, column])
        known = ~np.isnan(levels)
        if known.any():
            centred[known, column] = levels[known] - levels[known].mean()
    return centred


def signal_parts(signals: Sequence[Signal], numbers: FloatArray, deviation: float) -> FloatArray:
    """What each signal adds to each product's score, float64 (n, k), from numbers of that shape, NaN where unknown."""
    weights = np.array([signal.weight for signal in signals])
    added: FloatArray = centred_levels(signals, numbers) * weights * deviation
    return added

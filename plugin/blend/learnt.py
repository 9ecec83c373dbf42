"""The learnt blend: a sum of one function for each feature, none of which ever falls.

    b_i = sum_f g_f(x_if),    g_f piecewise linear with slopes >= 0, g_f(0) = 0

So of two products in a window, one that is at least as good in every feature never ranks lower, and what each feature
has added to a product's score can be told. (Generalised additive models: Hastie and Tibshirani, 1986,
https://doi.org/10.1214/ss/1177013604; here with monotone linear splines.) With one slope each for
``student`` and ``engine``, and nothing else, it is the plain blend of ``plugin/blend/plain.py``.

Terms for what is exact (``EXACT``) have weights that are set and not fitted: too few judged searches hold a number, an
amount or a denial to fit them by, and a shopper sees at once where they are not heard.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.plain import FloatArray

VERSION = 2
"""Rises when a feature of some name comes to mean something else: a blend holds for the features it was fitted to."""


@dataclass(frozen=True, slots=True)
class Term:
    """One feature's function: ``slopes`` has one more than ``knots``, the first up to the first knot, the last from the
    last knot on."""

    feature: str
    slopes: tuple[float, ...]
    knots: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.feature not in FEATURES:
            raise ValueError(f"feature {self.feature!r} (known: {', '.join(FEATURES)})")
        if len(self.slopes) != len(self.knots) + 1:
            raise ValueError(f"{len(self.slopes)} slopes of {self.feature} for {len(self.knots)} knots (one more)")
        if not all(math.isfinite(slope) and slope >= 0 for slope in self.slopes):
            raise ValueError(f"slopes {list(self.slopes)} of {self.feature} (finite numbers, none below 0)")
        if not all(map(math.isfinite, self.knots)) or any(a >= b for a, b in pairwise(self.knots)):
            raise ValueError(f"knots {list(self.knots)} of {self.feature} (finite numbers, each above the one before)")

    def value(self, x: FloatArray) -> FloatArray:
        """What the feature adds, float64 (n,), for its values float64 (n,)."""
        added: FloatArray = segments(x, self.knots) @ np.array(self.slopes)
        return added


EXACT = (
    Term("own_number", (30.0,)),
    Term("model", (1.0,)),
    Term("quantity", (2.2,)),
    Term("negation", (2.5, 0.8), (0.0,)),
)
"""What is exact, in the unit of the plain blend, whose slopes sum to 1. Of a number's things the one that is meant
stands before all that fits it; what has a thing that was denied falls further than what is said to lack it rises."""

EXACT_NAMES = frozenset(term.feature for term in EXACT)


@dataclass(frozen=True, slots=True)
class LearntBlend:
    """The terms; features without one add nothing."""

    terms: tuple[Term, ...]

    @classmethod
    def from_json(cls, raw: Any) -> LearntBlend:
        """Read ``blend.learnt`` of a ``model.json``. Raises ``ValueError`` where something is not as it should be."""
        if not isinstance(raw, Mapping) or raw.get("version") != VERSION:
            version = raw.get("version") if isinstance(raw, Mapping) else type(raw).__name__
            raise ValueError(f"blend.learnt version {version!r} (this endcap reads {VERSION})")
        raw_terms = raw.get("terms")
        if not isinstance(raw_terms, list) or not raw_terms or not all(isinstance(term, Mapping) for term in raw_terms):
            raise ValueError(f"blend.learnt.terms {raw_terms!r} (a list of objects)")
        terms = tuple(
            Term(str(term.get("feature")), _numbers(term.get("slopes")), _numbers(term.get("knots", [])))
            for term in raw_terms
        )
        names = [term.feature for term in terms]
        if len(set(names)) < len(names):
            raise ValueError(f"blend.learnt.terms {names} (each feature once)")
        return cls(terms)

    @classmethod
    def plain(cls, weight: float) -> LearntBlend:
        """``weight`` of the student's standardised score, the rest of the engine's, and what is exact."""
        return cls((Term("student", (weight,)), Term("engine", (1 - weight,)))).with_exact()

    def with_exact(self) -> LearntBlend:
        """The same blend with what is exact, where it has no term of its own."""
        names = {term.feature for term in self.terms}
        return LearntBlend((*self.terms, *(term for term in EXACT if term.feature not in names)))

    def to_json(self) -> dict[str, Any]:
        """What ``from_json`` reads."""
        terms = [
            {"feature": term.feature, "knots": list(term.knots), "slopes": list(term.slopes)} for term in self.terms
        ]
        return {"version": VERSION, "terms": terms}

    def reads(self, feature: str) -> bool:
        """Whether a feature adds anything."""
        return any(term.feature == feature and any(term.slopes) for term in self.terms)

    def contributions(self, features: FloatArray) -> FloatArray:
        """What each feature adds to each product's score: float64 (n, len(FEATURES)), from features of that shape."""
        values = np.zeros(features.shape)
        for term in self.terms:
            column = FEATURES.index(term.feature)
            values[:, column] = term.value(features[:, column])
        return values


def segments(x: FloatArray, knots: Sequence[float]) -> FloatArray:
    """How much of the way from 0 to each value lies in each segment between knots: float64 (n, len(knots) + 1)."""
    edges = np.array([-np.inf, *knots, np.inf])
    low, high = edges[:-1], edges[1:]
    spread: npt.NDArray[np.float64] = np.clip(x[:, None], low, high) - np.clip(0.0, low, high)
    return spread


def _numbers(value: Any) -> tuple[float, ...]:
    if not isinstance(value, list) or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value):
        raise ValueError(f"{value!r} in blend.learnt.terms (a list of numbers)")
    return tuple(map(float, value))

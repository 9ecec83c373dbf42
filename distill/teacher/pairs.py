"""What members are given: pairs of query and product, and pairs with people's grades."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from endcap.index.product import Product

FloatArray = npt.NDArray[np.floating]
MadeFrom = Mapping[str, Mapping[str, Any]]
"""What generated queries were made from: query -> product id, type, brand, attributes."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """``queries[i]`` beside ``products[i]``, and what generated queries were made from."""

    queries: Sequence[str]
    products: Sequence[Product]
    made_from: MadeFrom = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.queries)

    def take(self, positions: Sequence[int] | npt.NDArray[np.integer]) -> Pairs:
        """The pairs at these positions."""
        chosen = [int(i) for i in positions]
        return Pairs([self.queries[i] for i in chosen], [self.products[i] for i in chosen], self.made_from)


@dataclass(frozen=True, slots=True)
class Example:
    """A judged pair: ``target`` is float64 (4,), class probabilities of what people said; ``fold`` is its query's."""

    shop: str
    query: str
    product: Product
    grade: int
    target: FloatArray
    observed: FloatArray
    """As ``target``, but unsmoothed: what the stacker and the calibration are measured against."""
    fold: int
    part: str
    ranked: bool
    """Whether it belongs to a list that was judged to rank it, and not to single pairs."""


class Member(Protocol):
    """A member of the teacher. Its signals are all of the kind "more is better"."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of its signals."""

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, columns), by the model that was trained without ``fold``; by all models' mean for fold -1.

        A pair's signals depend on that pair alone, never on what else is asked; NaN is "not known".
        """

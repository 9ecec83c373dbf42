"""What members are given: pairs of query and product, and pairs with people's grades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from endcap.distill.labels.logit import FloatArray
from endcap.index.product import Product

MadeFrom = Mapping[str, Mapping[str, Any]]
"""What generated queries were made from: query -> product id, type, brand, attributes."""

Value = TypeVar("Value")
REMEMBERED = 50_000


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

    def rows_by_query(self) -> Mapping[str, list[int]]:
        """Each query's positions."""
        rows = defaultdict[str, list[int]](list)
        for i, query in enumerate(self.queries):
            rows[query].append(i)
        return rows


@dataclass(frozen=True, slots=True)
class Example:
    """A judged pair: ``target`` is float64 (4,), class probabilities by people's grades; ``fold`` is its query's."""

    shop: str
    query: str
    product: Product
    grade: float
    target: FloatArray
    observed: FloatArray
    """As ``target``, but unsmoothed: what the stacker and the calibration are measured against."""
    fold: int
    part: str
    ranked: bool
    """Whether it belongs to a list that was judged to rank it, and not to single pairs."""


class ProductMemo(Generic[Value]):
    """What ``make`` gives for a product, made once; past ``REMEMBERED`` products all are forgotten."""

    def __init__(self, make: Callable[[Product], Value]) -> None:
        self._make = make
        self._values: dict[int, tuple[Product, Value]] = {}

    def __getitem__(self, product: Product) -> Value:
        # The product is kept beside its value: an id() may be given out again once its owner is gone.
        entry = self._values.get(id(product))
        if entry is None or entry[0] is not product:
            if len(self._values) >= REMEMBERED:
                self._values.clear()
            entry = self._values[id(product)] = (product, self._make(product))
        return entry[1]

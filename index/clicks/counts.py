"""How often products were shown and clicked at their places, added up in bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

EDGES = (*range(11), 15, 20, 30, 50, 100)
"""The last place of each group of places that are taken as one. Place 0 is of trackers that begin with it."""
GROUPS = len(EDGES)
DEEPEST = EDGES[-1]
GROUP_OF = tuple(next(group for group, last in enumerate(EDGES) if place <= last) for place in range(DEEPEST + 1))
SHOWN, CLICKS, SHORT, CARTS, PURCHASES = range(5)
"""What is counted: shown; clicked in any way; of these left again at once, put into a cart, bought."""
KINDS = 5
_QUERY, _PRODUCT = 36, 8
_COMPACT = 2_000_000
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class ClickCounts:
    """A row for each query, product and group of places, sorted. ``query`` and ``product`` are places in ``queries``
    and ``products``; all arrays are int64 (rows,), ``numbers`` (rows, 5) by ``SHOWN`` to ``PURCHASES``."""

    queries: tuple[str, ...]
    products: tuple[str, ...]
    query: Ints
    product: Ints
    group: Ints
    numbers: Ints

    @property
    def pair(self) -> Ints:
        """For each row the number of its pair of query and product, from 0 and without gaps."""
        if not len(self.query):
            return np.zeros(0, np.int64)
        new = (np.diff(self.query) != 0) | (np.diff(self.product) != 0)
        return np.concatenate([[0], np.cumsum(new)])

    def pairs(self) -> dict[str, list[str]]:
        """The products that were shown for each query."""
        found: dict[str, list[str]] = {}
        for row in np.flatnonzero(np.diff(self.pair, prepend=-1)):
            found.setdefault(self.queries[self.query[row]], []).append(self.products[self.product[row]])
        return found


def key_of(query: int, product: int, group: int) -> int:
    """Query, product and group as one number: 27, 28 and 8 bits."""
    return query << _QUERY | product << _PRODUCT | group


class Tally:
    """Adds up. What it holds grows with the different queries, products and places, and not with the searches."""

    def __init__(self) -> None:
        self._keys: Ints = np.zeros(0, np.int64)
        self._numbers: Ints = np.zeros((0, KINDS), np.int64)
        self._new = [array("q") for _ in range(KINDS)]
        self._rows: list[tuple[int, tuple[int, ...]]] = []

    def add(self, kind: int, keys: Iterable[int]) -> None:
        """Count one for each key."""
        self._new[kind].extend(keys)
        if len(self._new[kind]) >= _COMPACT:
            self._compact()

    def add_row(self, key: int, numbers: tuple[int, ...]) -> None:
        """Count all five numbers for a key."""
        self._rows.append((key, numbers))
        if len(self._rows) >= _COMPACT // 8:
            self._compact()

    def _compact(self) -> None:
        keys, numbers = [self._keys], [self._numbers]
        for kind, new in enumerate(self._new):
            found, counts = np.unique(np.array(new, np.int64), return_counts=True)
            keys.append(found)
            numbers.append(np.zeros((len(found), KINDS), np.int64))
            numbers[-1][:, kind] = counts
        if self._rows:
            keys.append(np.array([key for key, _ in self._rows], np.int64))
            numbers.append(np.array([row for _, row in self._rows], np.int64))
        self._new, self._rows = [array("q") for _ in range(KINDS)], []
        self._keys, place = np.unique(np.concatenate(keys), return_inverse=True)
        every = np.concatenate(numbers)
        self._numbers = np.zeros((len(self._keys), KINDS), np.int64)
        np.add.at(self._numbers, place, every)

    def counts(self, queries: Mapping[int, str], products: Mapping[str, int]) -> ClickCounts:
        """What came together. Queries and products are put in the order of their texts, so that no order of events
        makes another result, to the last digit."""
        self._compact()
        keys = self._keys
        query, product = keys >> _QUERY, keys >> _PRODUCT & ((1 << _QUERY - _PRODUCT) - 1)
        group = keys & ((1 << _PRODUCT) - 1)
        names = {number: id for id, number in products.items()}
        query_texts, query = _in_order(query, queries)
        product_ids, product = _in_order(product, names)
        order = np.lexsort((group, product, query))
        return ClickCounts(query_texts, product_ids, query[order], product[order], group[order], self._numbers[order])


def _in_order(numbers: Ints, texts: Mapping[int, str]) -> tuple[tuple[str, ...], Ints]:
    """The texts that are used, sorted, and for each number the place of its text."""
    used = np.unique(numbers)
    ordered: list[tuple[str, Any]] = sorted((texts[int(number)], int(number)) for number in used)
    places = np.zeros(int(used.max()) + 1 if len(used) else 0, np.int64)
    for place, (_, number) in enumerate(ordered):
        places[number] = place
    return tuple(name for name, _ in ordered), places[numbers] if len(numbers) else numbers

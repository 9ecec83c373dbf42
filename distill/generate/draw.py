"""Draws queries from a catalogue so that their kinds and lengths are distributed like people's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endcap.distill.generate.query_kinds import Cell, cell_of
from endcap.distill.generate.templates import Draft, drafts, misspelt_draft
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.index.product import Product

LEAST_YIELD = 0.02
"""A pass over the catalogue that gives fewer queries than this share of products is the last before quotas move."""

PASSES = 30
Quota = dict[Cell, int]


@dataclass(frozen=True, slots=True)
class DrawnQuery:
    """A query that was drawn, its kind, and the product that it was made from."""

    draft: Draft
    kind: str
    product: Product


def draw(
    products: Sequence[Product],
    vocabulary: Vocabulary,
    shares: Mapping[Cell, float],
    count: int,
    admit: Callable[[str], bool],
    rng: np.random.Generator,
    errors: float = 0.05,
    advance: Callable[[int], None] = lambda count: None,
) -> list[DrawnQuery]:
    """At most ``count`` queries that ``admit`` takes, with ``shares`` of kinds and lengths as near as the
    catalogue has them. ``errors`` of them are misspelt, and count as what they were before.

    Each product in turn, in random order, gives drafts of all kinds; the one whose cell is furthest behind its quota is
    taken. Where a pass gives next to nothing, cells that are behind hand what they lack to those that were filled.
    """
    drawn: list[DrawnQuery] = []
    quota = whole({cell: share * count for cell, share in shares.items()})
    filled = dict.fromkeys(quota, 0)
    misspelt: set[str] = set()
    misspelt_count = 0
    for _ in range(PASSES):
        before = len(drawn)
        for at in rng.permutation(len(products)):
            if len(drawn) >= count:
                return drawn
            # A misspelt query is seldom a double, so without this bound they would be more than their share.
            share = errors if misspelt_count < errors * (len(drawn) + 1) else 0.0
            for draft, cell in _behind(products[at], vocabulary, quota, filled, rng):
                typed = misspelt_draft(draft, rng) if rng.random() < share and draft.query not in misspelt else draft
                if typed.noise:
                    misspelt.add(draft.query)
                if admit(typed.query):
                    drawn.append(DrawnQuery(typed, cell[0], products[at]))
                    misspelt_count += typed.noise != ""
                    filled[cell] += 1
                    advance(len(drawn))
                    break
        if len(drawn) - before <= LEAST_YIELD * len(products) and not _moved(quota, filled):
            break
    return drawn


def _behind(
    product: Product, vocabulary: Vocabulary, quota: Quota, filled: Quota, rng: np.random.Generator
) -> list[tuple[Draft, Cell]]:
    """A product's drafts of cells that lack some, the furthest behind first."""
    behind = []
    for draft in drafts(product, vocabulary, rng):
        cell = cell_of(draft.query, vocabulary)
        if quota.get(cell, 0) > filled.get(cell, 0):
            behind.append((filled[cell] - quota[cell], rng.random(), draft, cell))
    return [(draft, cell) for _, _, draft, cell in sorted(behind, key=lambda row: row[:2])]


def whole(shares: Mapping[Cell, float]) -> Quota:
    """Whole numbers with the same sum, by largest remainders."""
    floors = {cell: int(share + 1e-9) for cell, share in shares.items()}
    left = round(sum(shares.values())) - sum(floors.values())
    for cell in sorted(shares, key=lambda cell: (floors[cell] - shares[cell], cell))[: max(left, 0)]:
        floors[cell] += 1
    return floors


def _moved(quota: Quota, filled: Quota) -> bool:
    """Cells that can't be filled give up what they lack; full ones get it, the nearer in length the more."""
    lacking = {cell: quota[cell] - filled[cell] for cell in quota if quota[cell] > filled[cell]}
    full = [cell for cell in quota if filled[cell] and cell not in lacking]
    if not lacking or not full:
        return False
    shares: dict[Cell, float] = dict(quota)
    for (kind, length), missing in lacking.items():
        shares[kind, length] = filled[kind, length]
        weights = [
            quota[cell] * 0.5 ** abs(cell[1] - length) * (3 if cell[0] == kind != "words" else 1) for cell in full
        ]
        for cell, weight in zip(full, weights, strict=True):
            shares[cell] += missing * weight / sum(weights)
    quota.update(whole(shares))
    return True

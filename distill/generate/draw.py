"""Draws queries from a catalogue so that their kinds and lengths are distributed like people's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endcap.distill.generate.query_kinds import Cell, cell_of
from endcap.distill.generate.templates import Draft, drafts, misspelt
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.index.product import Product

LEAST_YIELD = 0.02
"""A pass over the catalogue that gives fewer queries than this share of products is the last before quotas move."""

PASSES = 30


@dataclass(frozen=True, slots=True)
class Drawn:
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
    advance: Callable[[int], None] = lambda done: None,
) -> list[Drawn]:
    """At most ``count`` queries that ``admit`` takes, with ``shares`` of kinds and lengths as near as the
    catalogue has them. ``errors`` of them are misspelt, and count as what they were before.

    Each product in turn, in random order, gives drafts of all kinds; the one whose cell is furthest behind its quota is
    taken. Where a pass gives next to nothing, cells that are behind hand what they lack to those that were filled.
    """
    drawn: list[Drawn] = []
    quota = whole({cell: share * count for cell, share in shares.items()})
    have = dict.fromkeys(quota, 0)
    slipped: set[str] = set()
    wrong = 0
    for _ in range(PASSES):
        before = len(drawn)
        for at in rng.permutation(len(products)):
            if len(drawn) >= count:
                return drawn
            # A misspelt query is seldom a double, so without this bound they would be more than their share.
            share = errors if wrong < errors * (len(drawn) + 1) else 0.0
            taken = _best(products[at], vocabulary, quota, have, admit, rng, share, slipped)
            if taken is not None:
                drawn.append(taken[0])
                wrong += taken[0].draft.noise != ""
                have[taken[1]] += 1
                advance(len(drawn))
        if len(drawn) - before <= LEAST_YIELD * len(products) and not _moved(quota, have):
            break
    return drawn


def _best(
    product: Product,
    vocabulary: Vocabulary,
    quota: Mapping[Cell, int],
    have: Mapping[Cell, int],
    admit: Callable[[str], bool],
    rng: np.random.Generator,
    errors: float,
    slipped: set[str],
) -> tuple[Drawn, Cell] | None:
    behind = []
    for draft in drafts(product, vocabulary, rng):
        cell = cell_of(draft.query, vocabulary)
        if quota.get(cell, 0) > have.get(cell, 0):
            behind.append((have[cell] - quota[cell], rng.random(), draft, cell))
    for _, _, draft, cell in sorted(behind, key=lambda each: each[:2]):
        said = misspelt(draft, rng) if rng.random() < errors and draft.query not in slipped else draft
        if said.noise:
            slipped.add(draft.query)
        if admit(said.query):
            return Drawn(said, cell[0], product), cell
    return None


def whole(shares: Mapping[Cell, float]) -> dict[Cell, int]:
    """Whole numbers with the sum of the given ones, by largest remainders."""
    floors = {cell: int(share + 1e-9) for cell, share in shares.items()}
    left = round(sum(shares.values())) - sum(floors.values())
    for cell in sorted(shares, key=lambda cell: (floors[cell] - shares[cell], cell))[: max(left, 0)]:
        floors[cell] += 1
    return floors


def _moved(quota: dict[Cell, int], have: Mapping[Cell, int]) -> bool:
    """Cells that can't be filled give up what they lack; full ones get it, the nearer in length the more."""
    lacking = {cell: quota[cell] - have[cell] for cell in quota if quota[cell] > have[cell]}
    full = [cell for cell in quota if have[cell] and cell not in lacking]
    if not lacking or not full:
        return False
    wanted: dict[Cell, float] = dict(quota)
    for (kind, length), missing in lacking.items():
        wanted[kind, length] = have[kind, length]
        weights = [
            quota[cell] * 0.5 ** abs(cell[1] - length) * (3 if cell[0] == kind != "words" else 1) for cell in full
        ]
        for cell, weight in zip(full, weights, strict=True):
            wanted[cell] += missing * weight / sum(weights)
    quota.update(whole(wanted))
    return True

"""The judged pool: only products that people judged for a query are ordered, so each place is known good or bad."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from endcap.evaluate.measures import Grades
from endcap.evaluate.systems import Candidates, Shop, search
from endcap.progress import Watch, unwatched

CHUNK = 1_000
"""So many ids are asked for in one search; engines refuse clauses without end."""

NONE_THERE = "none of its judged products is in the catalogue"
NOTHING_RELEVANT = "no judged product is relevant"
ALL_EQUAL = "all its judged products have the same grade"


def pool_candidates(shop: Shop, grades: Grades, watch: Watch = unwatched) -> dict[str, Candidates]:
    """Each query's judged products that the catalogue has, in the engine's order.

    The engine orders those that it matches. Those that it does not match come last, sorted by id, with the score 0.
    """
    found: dict[str, Candidates] = {}
    with watch("Searching the judged pools", len(grades)) as advance:
        for done, (query, judged) in enumerate(grades.items(), 1):
            found[query] = _pool(shop, query, sorted(judged))
            advance(done)
    return found


def _pool(shop: Shop, query: str, ids: list[str]) -> Candidates:
    scored = []
    for start in range(0, len(ids), CHUNK):
        some = ids[start : start + CHUNK]
        wanted = {"bool": {"must": [shop.engine.text_query(query)], "filter": [{"ids": {"values": some}}]}}
        scored += list(zip(*search(shop, wanted, len(some)), strict=True))
    # Stable: within one search the engine's order stands, also among equal scores.
    scored.sort(key=lambda pair: -pair[1])
    matched = {product.id for product, _ in scored}
    rest = [product_id for product_id in ids if product_id not in matched]
    for start in range(0, len(rest), CHUNK):
        some = rest[start : start + CHUNK]
        products, _ = search(shop, {"ids": {"values": some}}, len(some))
        scored += [(product, 0.0) for product in sorted(products, key=lambda product: product.id)]
    return Candidates(query, tuple(product for product, _ in scored), np.array([score for _, score in scored]))


def left_out(query: str, judged: Mapping[str, int], candidates: Candidates) -> str | None:
    """Why a query's pool can't tell systems apart, or None where it can."""
    there = [judged[product.id] for product in candidates.products if product.id in judged]
    if not there:
        return NONE_THERE
    if max(there) == 0:
        return NOTHING_RELEVANT
    return ALL_EQUAL if min(there) == max(there) else None

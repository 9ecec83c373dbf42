"""The judged pool: only products that people judged for a query are ordered, so each place is known good or bad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from endcap.errors import EngineError
from endcap.evaluate.measures import Grades
from endcap.evaluate.systems import Candidates, Shop, refuses, search
from endcap.progress import Watch, unwatched

CHUNK = 1_000
"""So many ids are asked for in one search; engines refuse clauses without end."""

_LEAVE_OUT = ("collapse", "terminate_after")
"""Parts of a body that leave products out for others' sake: of a pool all are ordered."""

NONE_THERE = "none of its judged products is in the catalogue"
NOTHING_RELEVANT = "no judged product is relevant"
ALL_EQUAL = "all its judged products have the same grade"


def pool_candidates(shop: Shop, grades: Grades, watch: Watch = unwatched) -> dict[str, Candidates]:
    """Each query's judged products that the catalogue has, in the engine's order.

    The engine orders those that it matches. Those that it does not match come last, sorted by id, with the score 0.
    """
    pools: dict[str, Candidates] = {}
    with watch("Searching the judged pools", len(grades)) as advance:
        for done, (query, judged) in enumerate(grades.items(), 1):
            pools[query] = _judged_pool(shop, query, sorted(judged))
            advance(done)
    return pools


def _judged_pool(shop: Shop, query: str, ids: list[str]) -> Candidates:
    # The products that the engine matches, with its scores.
    scored = []
    refused = ""
    try:
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            scored += list(zip(*search(shop, _among(shop, query, chunk), len(chunk)), strict=True))
    except EngineError as error:
        if not refuses(shop, error):
            raise
        refused = str(error)
    if len(ids) > CHUNK:  # of one search the engine's order stands, whatever makes it; so it does among equal scores
        scored.sort(key=lambda pair: -pair[1])
    # The others.
    matched = {product.id for product, _ in scored}
    rest = [product_id for product_id in ids if product_id not in matched]
    for start in range(0, len(rest), CHUNK):
        chunk = rest[start : start + CHUNK]
        found, _ = search(replace(shop, own=None), {"query": {"ids": {"values": chunk}}}, len(chunk))
        scored += [(product, 0.0) for product in sorted(found, key=lambda product: product.id)]
    products, scores = tuple(product for product, _ in scored), np.array([score for _, score in scored])
    return Candidates(query, products, scores, refused)


def _among(shop: Shop, query: str, ids: list[str]) -> dict[str, Any]:
    """The search for a query among these products."""
    body = shop.body(query)
    among: dict[str, Any] = {"ids": {"values": ids}}
    if shop.own is None:
        return {"query": {"bool": {"must": [body["query"]], "filter": [among]}}}
    # Somebody's query stays as it is: some (``hybrid``) can't stand within another.
    filters = [among, *([body["post_filter"]] if body.get("post_filter") else [])]
    body = {name: value for name, value in body.items() if name not in _LEAVE_OUT}
    return {**body, "post_filter": {"bool": {"filter": filters}}}


def pool_exclusion(judged: Mapping[str, float], candidates: Candidates) -> str | None:
    """Why a query's pool can't tell systems apart, or None where it can."""
    grades = [judged[product.id] for product in candidates.products if product.id in judged]
    if not grades:
        return NONE_THERE
    if max(grades) == 0:
        return NOTHING_RELEVANT
    return ALL_EQUAL if min(grades) == max(grades) else None

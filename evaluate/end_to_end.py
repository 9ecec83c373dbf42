"""End to end: what a shopper would see. The whole catalogue is searched, the first hits are re-ranked, and a product
that nobody judged counts as irrelevant."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from endcap.errors import EngineError
from endcap.evaluate.judged_pool import NOTHING_RELEVANT
from endcap.evaluate.systems import Candidates, Shop, refuses, search
from endcap.progress import Watch, unwatched


def window_candidates(
    shop: Shop, queries: Collection[str], window: int, watch: Watch = unwatched, title: str = "Searching the catalogue"
) -> dict[str, Candidates]:
    """Each query's first ``window`` hits in the whole catalogue, in the engine's order; ``title`` is the progress's.

    None where the engine refuses what was typed: so a shopper finds nothing.
    """
    windows: dict[str, Candidates] = {}
    with watch(title, len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            try:
                products, scores = search(shop, shop.body(query), window)
                windows[query] = Candidates(query, tuple(products), np.array(scores))
            except EngineError as error:
                if not refuses(shop, error):
                    raise
                windows[query] = Candidates(query, (), np.zeros(0), str(error))
            advance(done)
    return windows


def query_exclusion(judged: Mapping[str, float]) -> str | None:
    """Why a query can't tell systems apart, or None where it can."""
    return None if max(judged.values(), default=0) > 0 else NOTHING_RELEVANT


def ideal(candidates: Candidates, judged: Mapping[str, float]) -> list[str]:
    """The best order that these candidates allow, product ids: no re-ranker of this window can do better."""
    return sorted((product.id for product in candidates.products), key=lambda product: -judged.get(product, 0))

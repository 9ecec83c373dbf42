"""End to end: what a shopper would see. The whole catalogue is searched, the first hits are re-ranked, and a product
that nobody judged counts as irrelevant."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np

from endcap.errors import EngineError
from endcap.evaluate.judged_pool import NOTHING_RELEVANT
from endcap.evaluate.systems import Candidates, Shop, refuses, search
from endcap.progress import Watch, unwatched

TRIED, TRIED_DEPTH = 5, 50
"""So many queries are searched twice, and so many hits compared."""


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


def chance_warning(shop: Shop, queries: Collection[str]) -> list[str]:
    """A warning where a shop's own query answers the same words in two ways, as ``random_score`` without a seed."""
    for query in list(queries)[:TRIED] if shop.own is not None else ():
        try:
            first, second = ([p.id for p in search(shop, shop.body(query), TRIED_DEPTH)[0]] for _ in range(2))
        except EngineError as error:
            if not refuses(shop, error):
                raise
            continue
        if first != second:
            return [
                f"two searches for {query!r} by the shop's own query differ, so what is shown is partly chance, and "
                "another run differs: take what is random out of it (random_score needs a seed and a field)"
            ]
    return []


def nothing_found_warning(rankings: Mapping[str, Collection[str]]) -> list[str]:
    """A warning where most searches find no product at all."""
    empty = sum(not ranking for ranking in rankings.values())
    if 2 * empty <= len(rankings):
        return []
    many = "all" if empty == len(rankings) else f"{empty:,} of"
    return [
        f"end-to-end: {many} {len(rankings):,} searches found nothing, so nothing was re-ranked: a difference of "
        "0 says nothing here. Look at the query's min_score and filters"
    ]


def query_warnings(shop: Shop, rankings: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """What is wrong with a query that was searched by, as these rankings show it: chance, or that nothing is found."""
    return (*chance_warning(shop, rankings), *nothing_found_warning(rankings))


def query_exclusion(judged: Mapping[str, float]) -> str | None:
    """Why a query can't tell systems apart, or None where it can."""
    return None if max(judged.values(), default=0) > 0 else NOTHING_RELEVANT


def ideal(candidates: Candidates, judged: Mapping[str, float]) -> list[str]:
    """The best order that these candidates allow, product ids: no re-ranker of this window can do better."""
    return sorted((product.id for product in candidates.products), key=lambda product: -judged.get(product, 0))

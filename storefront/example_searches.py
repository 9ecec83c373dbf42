"""Searches of somebody's own shop to start from: those that re-ranking changes most, for better and for worse."""

from __future__ import annotations

from dataclasses import replace

from endcap.evaluate.significance import TIE
from endcap.progress import Watch, unwatched
from endcap.storefront.search_page import measured, search
from endcap.storefront.search_request import Asked
from endcap.storefront.shop import MEASURE, Shop

TRIED = 60
"""So many of the judged queries are tried, spread over all of them."""
BETTER, WORSE = 8, 4
"""So many are shown at most. Without those that get worse, the page would flatter."""


def with_telling(shop: Shop, watch: Watch = unwatched) -> Shop:
    """The shop with searches to start from, where it has judgments and none were chosen by hand."""
    if shop.telling or not shop.judged:
        return shop
    step = max(1, len(shop.searches) // TRIED)
    tried = shop.searches[::step][:TRIED]
    changes: list[tuple[float, str, str]] = []
    with watch("Choosing searches to show", len(tried)) as advance:
        for done, query in enumerate(tried, 1):
            values = measured(shop, search(shop, Asked(query.strip())))
            if values and abs(values.endcap - values.engine) > TIE:
                note = f"{MEASURE} {values.engine:.2f}, re-ranked {values.endcap:.2f}"
                changes.append((values.endcap - values.engine, query.strip(), note))
            advance(done)
    changes.sort(key=lambda change: -change[0])
    better = [change for change in changes if change[0] > 0][:BETTER]
    worse = [change for change in changes if change[0] < 0][-WORSE:]
    return replace(shop, telling={query: note for _, query, note in (*better, *worse)})

"""Searches of somebody's own shop to start from: those that re-ranking changes most, for better and for worse."""

from __future__ import annotations

from dataclasses import replace

from endcap.evaluate.significance import TIE
from endcap.progress import Watch, unwatched
from endcap.storefront.search_page import measure_orders, search_shop
from endcap.storefront.search_request import SearchRequest
from endcap.storefront.shop import MEASURE, Shop

TRIED = 60
"""So many of the judged queries are tried, spread over all of them."""
BETTER, WORSE = 8, 4
"""So many are shown at most. Without those that get worse, the page would flatter."""


def add_example_searches(shop: Shop, watch: Watch = unwatched) -> Shop:
    """The shop with searches to start from, where it has judgments and none were chosen by hand."""
    if shop.example_searches or not shop.judged_queries:
        return shop
    # try some of the judged queries, spread over all
    step = max(1, len(shop.searchable_queries) // TRIED)
    queries = [query.strip() for query in shop.searchable_queries[::step][:TRIED]]
    changes: list[tuple[float, str, str]] = []
    with watch("Choosing searches to show", len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            values = measure_orders(shop, search_shop(shop, SearchRequest(query)))
            if values and abs(values.endcap - values.engine) > TIE:
                note = f"{MEASURE} {values.engine:.2f}, re-ranked {values.endcap:.2f}"
                changes.append((values.endcap - values.engine, query, note))
            advance(done)
    # keep those that change most, either way
    changes.sort(key=lambda change: -change[0])
    better = [change for change in changes if change[0] > 0][:BETTER]
    worse = [change for change in changes if change[0] < 0][-WORSE:]
    return replace(shop, example_searches={query: note for _, query, note in (*better, *worse)})

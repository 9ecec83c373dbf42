"""One search and what was done in it, added up."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from endcap.index.clicks.counts import (
    CARTS,
    CLICKS,
    DEEPEST,
    GROUP_OF,
    PURCHASES,
    SHORT,
    SHOWN,
    Tally,
    key_of,
)
from endcap.index.clicks.records import CART, CLICK, PURCHASE, VIEW

NOT_SHOWN = f"events on products that their search did not show, or below place {DEEPEST}"
NO_PLACE = "impressions without a place"
MOST_STRANGE, EXAMPLES = 2_000, 3
SAME = "events on one product in one search, counted once as the strongest"


@dataclass(slots=True)
class Joined:
    """What became of the searches and events: used, merged with others, left out by reason; and what was known."""

    searches: int = 0
    events: int = 0
    merged: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    simulated: bool = False
    """All searches are of simulated users."""
    timed: bool = False
    """Whether times told which clicks were short."""
    deep: int = 0
    """Impressions below ``DEEPEST``, which are not counted."""
    dwell_given: int = 0
    """Clicks whose dwell time the events themselves say."""
    placed: int = 0
    """Clicks that say their place, on products of their search's list."""
    misplaced: int = 0
    """Of these, those that say another place than the list has, counted from 1 or from 0."""
    clicks: int = 0
    """Events on products, impressions aside, of the searches that are used."""
    strange: Counter[int] = field(default_factory=Counter)
    """Of these, those on products that their search did not show: by the product's number, of some products."""
    n_strange: int = 0
    """The same, of all products."""
    examples: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    """A few such products, each with the first that its search showed."""
    views: int = 0
    """Events that are impressions."""
    partial_views: bool = False
    """Whether ``view`` events were not taken for all that came into view."""
    odd_times: int = 0
    """Searches and events whose ``timestamp`` can't be read."""
    odd_time: str = ""
    """One of these."""


def places(pages: list[tuple[Any, ...]]) -> dict[int, int]:
    """The products that a search showed with their places, from 1; of several pages all."""
    lists = [array("i", hits) for _, _, hits, *_ in pages]
    longest = max(map(len, lists))
    places: dict[int, int] = {}
    for hits, (_, _, _, page, size, start) in zip(lists, pages, strict=True):
        before = start if start is not None else (page - 1) * (size or longest)
        for place, product in enumerate(hits, before + 1):
            if product >= 0:
                places.setdefault(product, place)
    return places


def add_search(
    query: int, hits: dict[int, int], acts: list[tuple[Any, ...]], dwell_s: float, tally: Tally, joined: Joined
) -> None:
    """Add up one search: what was seen of it (its impressions, where it has some), and what was done to each."""
    strongest: dict[int, int] = {}
    short: dict[int, bool] = {}
    seen: dict[int, int | None] = {}
    of_product: Counter[int] = Counter()
    for _, product, kind, position, dwell, left in acts:
        of_product[product] += kind > VIEW
        if kind == VIEW:
            joined.merged[SAME] += product in seen
            seen.setdefault(product, hits.get(product, position))
            continue
        strongest[product] = max(strongest.get(product, VIEW), kind)
        if kind == CLICK:
            joined.dwell_given += dwell is not None
            is_short = dwell < dwell_s if dwell is not None else left is not None
            short[product] = short.get(product, True) and is_short
            if position is not None and product in hits:
                joined.placed += 1
                joined.misplaced += not 0 <= hits[product] - position <= 1
    if seen:
        joined.left_out[NO_PLACE] += sum(place is None for place in seen.values())
        clicked = {product: hits[product] for product in strongest if product in hits}
        shown = {product: place for product, place in seen.items() if place is not None} | clicked
        joined.events += sum(place is not None for place in seen.values())
    else:
        shown = hits
    base, keys = key_of(query, 0, 0), {}
    for product, place in shown.items():
        if place <= DEEPEST:
            keys[product] = base | product << 8 | GROUP_OF[place]
        else:
            joined.deep += 1
    tally.add(SHOWN, keys.values())
    for product, kind in strongest.items():
        joined.clicks += of_product[product]
        if product not in keys:
            if product not in shown:
                _note_strange(product, of_product[product], shown, joined)
            joined.left_out[NOT_SHOWN] += of_product[product]
            continue
        joined.events += 1
        joined.merged[SAME] += of_product[product] - 1
        tally.add(CLICKS, (keys[product],))
        if kind == CLICK and short.get(product, False):
            tally.add(SHORT, (keys[product],))
        elif kind == CART:
            tally.add(CARTS, (keys[product],))
        elif kind == PURCHASE:
            tally.add(PURCHASES, (keys[product],))


def _note_strange(product: int, times: int, shown: dict[int, int], joined: Joined) -> None:
    joined.n_strange += times
    if product in joined.strange or len(joined.strange) < MOST_STRANGE:
        joined.strange[product] += times
    if len(joined.examples) < EXAMPLES and all(product != other for other, _ in joined.examples):
        joined.examples.append((product, tuple(shown)[:EXAMPLES]))

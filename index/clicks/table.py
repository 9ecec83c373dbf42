"""A table of counts in place of events: how often a product was shown at a place for a query, and clicked there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from endcap.errors import InputError
from endcap.index.clicks.counts import DEEPEST, GROUP_OF, Tally, key_of
from endcap.index.clicks.records import product_id, query_words
from endcap.index.clicks.store import Store
from endcap.index.clicks.values import decimal
from endcap.index.csv_cells import from_cell
from endcap.index.judgments.columns import NAMES, given, named
from endcap.index.query_log_cells import NO_QUERIES, count_of
from endcap.index.readers.record import Fault, Record

IMPRESSIONS = ("impressions", "shown", "views", "displays", "exposures")
CLICKS = ("clicks", "clickcount", "totalclicks", "clicked")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "query": NAMES["query"],
    "product": NAMES["docid"],
    "position": ("position", "rank", "place", "slot", "ordinal", "averageposition", "avgposition"),
    "impressions": IMPRESSIONS,
    "clicks": CLICKS,
    "carts": ("carts", "addtocarts", "addtocart", "cartadds", "baskets"),
    "orders": ("orders", "purchases", "conversions", "sales", "transactions", "ordercount"),
    "short": ("shortclicks", "bounces", "bounced"),
}
"""The names of columns, without case, blanks and marks."""
NEEDED = ("query", "product", "position", "impressions", "clicks")


def is_table(columns: Iterable[str]) -> bool:
    """Whether a file's columns are those of counts, the place aside."""
    names = list(columns)
    return all(named(names, COLUMNS[name]) for name in ("impressions", "clicks"))


class Rows(NamedTuple):
    """How many rows of tables were read, and used; of these, ``capped`` with more clicks than impressions."""

    read: int = 0
    used: int = 0
    capped: int = 0

    def plus(self, other: Rows) -> Rows:
        """The sums of both."""
        return Rows(self.read + other.read, self.used + other.used, self.capped + other.capped)


def read_counts(rows: Iterable[Record | Fault], store: Store, tally: Tally, left_out: Counter[str]) -> Rows:
    """Add up the rows. Raises ``InputError`` where a column lacks."""
    own: dict[str, str] = {}
    read = used = capped = 0
    for row in rows:
        read += 1
        if isinstance(row, Fault):
            left_out[f"rows that can't be read: {row.reason}"] += 1
            continue
        own = own or _own_columns(row)
        found = _row({name: row.value.get(column) for name, column in own.items()}, "position" in own)
        if isinstance(found, str):
            left_out[found] += 1
            continue
        words, product, group, numbers, more = found
        tally.add_row(key_of(store.query_number(words, numbers[0]), store.product_number(product), group), numbers)
        used += 1
        capped += more
    return Rows(read, used, capped)


def _own_columns(row: Record) -> dict[str, str]:
    found = {name: named(row.value, names) for name, names in COLUMNS.items()}
    missing = [name for name in NEEDED if not found[name]]
    if missing:
        advice = (
            "Without places nobody can tell a better product from a higher one: export the rank beside the counts."
            if missing == ["position"]
            else f"Name the columns {','.join(NEEDED)} and, where there are, carts,orders."
        )
        raise InputError(
            f"{row.place.file}: there is no column {missing[0]!r}, only {', '.join(row.value)[:200]}. {advice}"
        )
    return {name: column for name, column in found.items() if column}


def _row(cells: Mapping[str, Any], has_place: bool) -> str | tuple[str, str, int, tuple[int, ...], bool]:
    words = query_words(from_cell(str(cells["query"] if cells["query"] is not None else "")))
    product = product_id(from_cell(cells["product"]) if isinstance(cells["product"], str) else cells["product"])
    if words is None:
        return "rows without words, or with more than a query has"
    if not product:
        return "rows without a product"
    if words.casefold() in NO_QUERIES:
        return "rows of a report's sums and gaps, such as '(other)', in place of a query"
    place = decimal(cells["position"])  # an average place, as reports have it, is the nearest one
    if place is None or place < 0:
        return "rows without a place"
    if place > DEEPEST:
        return f"rows below place {DEEPEST}"
    counts = {name: _count(cells.get(name)) for name in ("impressions", "clicks", "carts", "orders", "short")}
    if any(count is None or not 0 <= count < 1 << 40 for count in counts.values()):
        return "rows whose counts are no whole numbers"
    shown, all_clicks, carts, orders, short = (counts[name] or 0 for name in counts)
    if not shown:
        return "rows without an impression"
    # Two clicks on one thing seen are one; to drop the row would drop the best products.
    most = max(all_clicks, carts, orders)
    clicks = min(most, shown)
    # each click is the strongest thing that followed; who bought had put it into the cart
    orders = min(orders, clicks)
    carts = max(min(carts, clicks) - orders, 0)
    numbers = (shown, clicks, min(short, clicks - orders - carts), carts, orders)
    return words, product, GROUP_OF[round(place)], numbers, most > shown


def _count(value: Any) -> int | None:
    if given(value) is None:  # pandas writes nan for none
        return 0
    if isinstance(value, str):
        value = re.sub(r"(?<=\d),00?$", "", value.strip())
    found = count_of(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None

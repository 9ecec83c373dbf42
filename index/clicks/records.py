"""One document of User Behavior Insights: a search of ``ubi_queries``, an event of ``ubi_events``, or why it is none.

Schema: https://github.com/o19s/ubi (query.request and event), 1.x. Names may be nested or joined by points, as exports
of tables have them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from endcap.errors import InputError
from endcap.index.clicks.values import is_true, number, object_of, time_of
from endcap.index.query_log import MAX_CHARACTERS

VIEW, CLICK, CART, PURCHASE = range(4)
"""What a visitor did to a product, the stronger the higher."""
KINDS: Mapping[str, int] = {"view": VIEW, "click": CLICK, "cart": CART, "purchase": PURCHASE}
IGNORED = "none"
ACTIONS: Mapping[str, int] = {
    **dict.fromkeys(
        ("view", "impression", "impressions", "product_impression", "item_impression", "view_item_list", "shown"), VIEW
    ),
    **dict.fromkeys(
        (
            "click",
            "product_click",
            "item_click",
            "result_click",
            "click_through",
            "select_item",
            "view_item",
            "pdp_view",
        ),
        CLICK,
    ),
    **dict.fromkeys(("add_to_cart", "cart", "add_to_basket", "addtocart", "cart_add"), CART),
    **dict.fromkeys(("purchase", "buy", "order", "checkout", "conversion", "ecommerce_purchase"), PURCHASE),
}
"""What ``action_name`` means, in small letters with ``_`` for blanks and marks."""
MAX_ID_BYTES = 512
MAX_HITS = 1_000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PYTHON_TEXT = re.compile(r"'([^']*)'")
_DWELL = (("dwell_time", 1.0), ("dwell_seconds", 1.0), ("dwell_s", 1.0), ("dwell_time_ms", 1e-3), ("dwell_ms", 1e-3))
_FROM = ("from", "offset", "start")
_SIZE = ("size", "page_size", "per_page", "limit", "hits_per_page")


class Search(NamedTuple):
    """A search and what it showed, the best first; an id that can't be used is empty.

    ``page`` counts from 1; ``size`` and ``start`` are None where the record does not say them.
    """

    query_id: str
    words: str
    client: str
    time: float | None
    hits: tuple[str, ...]
    page: int
    size: int | None
    start: int | None
    simulated: bool
    odd_time: str
    """A timestamp that could not be read."""


class Event(NamedTuple):
    """What somebody did to a product in a search. ``words`` are the search's, where the event repeats them."""

    query_id: str
    kind: int
    product: str
    client: str
    time: float | None
    position: int | None
    dwell_s: float | None
    words: str
    simulated: bool
    elsewhere: bool
    """In the storefront's page of two columns, in the one that the search's list is not of."""
    odd_time: str
    """A timestamp that could not be read."""


def parse_actions(text: str) -> dict[str, int | None]:
    """``"pdp_open=click,atc=cart,scroll=none"`` beside the names that are known. Raises ``InputError``."""
    actions: dict[str, int | None] = dict(ACTIONS)
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, kind = (word.strip() for word in part.rpartition("="))
        if not equals or not name or kind not in (*KINDS, IGNORED):
            raise InputError(
                f"--actions: {part!r} is no action with its meaning. Write --actions "
                f'"pdp_open=click,atc=cart,scroll=none"; meanings are {", ".join(KINDS)} and {IGNORED}.'
            )
        actions[plain_action(name)] = KINDS.get(kind)
    return actions


def plain_action(name: str) -> str:
    """An action's name as it is compared."""
    return re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")


def read_document(value: Mapping[str, Any], actions: Mapping[str, int | None]) -> Search | Event | str:
    """The search or event that a document is, or why it can't be used, in words to count by."""
    name = at(value, "action_name")
    if isinstance(name, str) and name.strip():
        return _event(value, name, actions)
    if at(value, "query_response_hit_ids") is not None or at(value, "user_query") is not None:
        return _search(value)
    return "neither a search nor an event (no 'action_name', no 'user_query')"


def _search(value: Mapping[str, Any]) -> Search | str:
    query_id, words = text(at(value, "query_id")), query_words(at(value, "user_query"))
    if not query_id:
        return "searches without a query_id"
    if words is None:
        return "searches without words, or with more than a query has"
    listed = listed_ids(at(value, "query_response_hit_ids"))
    hits = tuple(map(product_id, listed[:MAX_HITS]))
    page = _whole(at(value, "query_attributes", "page"))
    size, start = (
        next((n for name in names if (n := _whole(at(value, "query_attributes", name))) is not None), None)
        for names in (_SIZE, _FROM)
    )
    time, odd_time = time_of(at(value, "timestamp"))
    return Search(
        query_id,
        words,
        _client(value),
        time,
        hits,
        max(page or 1, 1),
        size,
        start,
        is_true(at(value, "query_attributes", "simulated")),
        odd_time,
    )


def _event(value: Mapping[str, Any], name: str, actions: Mapping[str, int | None]) -> Event | str:
    action = plain_action(name)
    kind = actions.get(action)
    if kind is None:
        return f"events of other kinds: {action[:40]!r}"
    query_id = text(at(value, "query_id"))
    if not query_id:
        return "events without a query_id"
    product = product_id(at(value, "event_attributes", "object", "object_id"))
    if not product:
        return "events without a product (event_attributes.object.object_id)"
    seconds = ((number(at(value, "event_attributes", name)), unit) for name, unit in _DWELL)
    time, odd_time = time_of(at(value, "timestamp"))
    return Event(
        query_id,
        kind,
        product,
        _client(value),
        time,
        _whole(at(value, "event_attributes", "position", "ordinal")),
        next((dwell * unit for dwell, unit in seconds if dwell is not None), None),
        query_words(at(value, "user_query")) or "",
        is_true(at(value, "event_attributes", "simulated")),
        at(value, "event_attributes", "column") == "engine",
        odd_time,
    )


def at(value: Any, *path: str) -> Any:
    """What stands at a path of names, some of which may be joined by points; None where nothing does."""
    if isinstance(value, str) and value[:1] == "{":  # a table's cell
        value = object_of(value)
    if not isinstance(value, dict):
        return None
    found = value.get(path[0])
    if len(path) == 1:
        return found
    found = at(found, *path[1:])
    for length in range(2, len(path) + 1):
        if found is not None:
            break
        joined = value.get(".".join(path[:length]))
        found = at(joined, *path[length:]) if length < len(path) else joined
    return found


def text(value: Any) -> str:
    """An id as a text, 101.0 as 101; empty where it is none."""
    if isinstance(value, str):
        return _valid(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else ""
    return str(value)


def product_id(value: Any) -> str:
    """A product's id as judgments can hold it; empty where it is none."""
    id = text(value)
    return id if len(id) <= MAX_ID_BYTES // 4 or len(id.encode()) <= MAX_ID_BYTES else ""


def query_words(value: Any) -> str | None:
    """What was searched, with single blanks; None where that is nothing, or longer than people's queries are."""
    words = _valid(" ".join(value.split())) if isinstance(value, str) else ""
    return words if 0 < len(words) <= MAX_CHARACTERS else None


def _valid(words: str) -> str:
    """The text; empty where no file could hold it."""
    if words.isascii() and words.isprintable():
        return words
    if _CONTROL.search(words):
        return ""
    try:
        words.encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return ""
    return words


def listed_ids(value: Any) -> Sequence[Any]:
    """The ids of a list, or of a table's cell: JSON, a list as Python prints it, or with commas between."""
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            value = object_of(value) or _PYTHON_TEXT.findall(value)
        else:
            return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping)):
        return list(value)
    return []


def _whole(value: Any) -> int | None:
    found = number(value)
    return int(found) if found is not None and found >= 0 and found.is_integer() and found < 1e9 else None


def _client(value: Mapping[str, Any]) -> str:
    """Who it was, as far as the record says: a client, else a session, else a user."""
    return next((who for name in ("client_id", "session_id", "user_id") if (who := text(at(value, name)))), "")

"""``sort`` and ``rescore`` for the embedded engine: hits in another order than that of their scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.query import translate
from endcap.index.rescore_modes import MODES

Ranked = list[tuple[float, tantivy.DocAddress]]
Source = Callable[[tantivy.DocAddress], Mapping[str, Any]]
_FIELDS = ("price", "id", "_id", "brand.keyword", "category.keyword")


@dataclass(frozen=True, slots=True)
class SortKey:
    """One key of a sort."""

    field: str
    descending: bool
    missing_first: bool = False
    """Whether hits without a value come before the others."""


def read_sort(sort: Any) -> list[SortKey]:
    """The keys of a ``sort``; ``EngineError`` where one is not known."""
    keys = []
    for each in sort if isinstance(sort, (list, tuple)) else [] if sort is None else [sort]:
        items = each.items() if isinstance(each, Mapping) else [(each, {})]
        for field, options in items:
            given = options if isinstance(options, Mapping) else {"order": options}
            missing = given.get("missing", "_last")
            if given.keys() - {"order", "missing"} or missing not in ("_last", "_first"):
                raise EngineError(
                    f"the embedded engine knows order and missing (_last, _first) of a sort, not {given}."
                )
            keys.append(_key(field, given.get("order"), missing == "_first"))
    return keys


def _key(field: Any, order: Any, missing_first: bool) -> SortKey:
    order = order.lower() if isinstance(order, str) else order
    order = order or ("desc" if field == "_score" else "asc")
    if field != "_score" and field not in _FIELDS and not str(field).startswith("attributes."):
        known = ", ".join(("_score", *_FIELDS, "attributes.NAME"))
        raise EngineError(f"the embedded engine can't sort by {field!r}. It sorts by {known}.")
    if order not in ("asc", "desc"):
        raise EngineError(f"a sort's order should be asc or desc, not {order!r}.")
    return SortKey(str(field), order == "desc", missing_first)


def in_sort_order(
    ranked: Ranked, keys: Sequence[SortKey], source: Source
) -> list[tuple[float, tantivy.DocAddress, list[Any]]]:
    """All hits in the order of the keys, each with its sort values; equal ones stay as they were. Of missing ones
    numbers are shown as OpenSearch has them: infinite."""
    hits = [(score, address, [_value(key, score, address, source) for key in keys]) for score, address in ranked]
    for n, key in reversed(list(enumerate(keys))):
        present = [(hit[2][n], place) for place, hit in enumerate(hits) if hit[2][n] is not None]
        missing = [hit for hit in hits if hit[2][n] is None]
        ordered = sorted(present, key=itemgetter(0), reverse=key.descending)
        found = [hits[place] for _, place in ordered]
        hits = missing + found if key.missing_first else found + missing
    for n, key in enumerate(keys):
        for hit in hits:
            if key.field == "price" and hit[2][n] is None:
                hit[2][n] = "Infinity" if key.descending == key.missing_first else "-Infinity"
    return hits


def _value(key: SortKey, score: float, address: tantivy.DocAddress, source: Source) -> Any:
    if key.field == "_score":
        return score
    document = source(address)
    if key.field.startswith("attributes."):
        return (document.get("attributes") or {}).get(key.field.removeprefix("attributes."))
    value = document.get("id" if key.field == "_id" else key.field.removesuffix(".keyword"))
    return value or None if isinstance(value, str) else value


@dataclass(frozen=True, slots=True)
class Rescore:
    """A ``rescore``: the first ``window`` hits are scored anew."""

    query: tantivy.Query
    window: int
    mode: str
    query_weight: float
    rescore_weight: float


def read_rescore(value: Any) -> Rescore | None:
    """A body's ``rescore``; ``EngineError`` where it is not one."""
    if value is None:
        return None
    if not isinstance(value, Mapping) or not isinstance(value.get("query"), Mapping):
        raise EngineError(f"rescore should be an object with a query, not {str(value)[:80]}.")
    query = value["query"]
    known = {"rescore_query", "score_mode", "query_weight", "rescore_query_weight"}
    if unknown := sorted({*(value.keys() - {"window_size", "query"}), *(query.keys() - known)}):
        raise EngineError(f"the embedded engine does not know the option {unknown[0]!r} of rescore.")
    mode, window = query.get("score_mode", "total"), value.get("window_size", 10)
    weights = [query.get(name, 1.0) for name in ("query_weight", "rescore_query_weight")]
    if mode not in MODES or not isinstance(window, int) or not all(isinstance(w, (int, float)) for w in weights):
        raise EngineError(f"rescore's score_mode, window_size and weights are {[mode, window, *weights]}.")
    return Rescore(translate(query.get("rescore_query")), window, mode, float(weights[0]), float(weights[1]))


def rescored(searcher: tantivy.Searcher, ranked: Ranked, rescore: Rescore) -> Ranked:
    """The first hits in the order of their new scores, the others behind them as they were."""
    first, rest = ranked[: rescore.window], ranked[rescore.window :]
    found = searcher.search(rescore.query, max(1, searcher.num_docs), count=False).hits
    second = {(address.segment_ord, address.doc): score for score, address in found}
    combined = []
    for score, address in first:
        own = score * rescore.query_weight
        other = second.get((address.segment_ord, address.doc))
        new = own if other is None else MODES[rescore.mode](own, other * rescore.rescore_weight)
        combined.append((new if math.isfinite(new) else own, address))
    return sorted(combined, key=lambda hit: -hit[0]) + rest

"""OpenSearch's aggregations, for the part that the embedded engine understands: what a shop's facets need.

``terms`` on ``brand.keyword`` and ``category.keyword``, ``range`` on ``price``, and ``filter``, which may hold others.
Counts are exact. Anything else raises ``EngineError`` and names it.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.body_values import java_number
from endcap.index.embedded.clause_options import refuse_unknown
from endcap.index.embedded.query import translate
from endcap.index.embedded.schema import FACET_FIELDS

MAX_BUCKETS = 65_000
"""``terms`` counts so many different values at most, as tantivy does."""
_DEFAULT_BUCKETS = 10
_ORDERS = ({"_count": "desc"}, {"_count": "asc"}, {"_key": "asc"}, {"_key": "desc"})


def check_aggregations(aggs: Any) -> None:
    """Raise ``EngineError`` where these aggregations can't be answered, before anything is searched."""
    for name, (kind, options, inner) in _requests(aggs).items():
        if set("[]>") & set(name):
            raise EngineError(f"an aggregation's name can't hold '[', ']' or '>', as {name!r} does.")
        _CHECKS[kind](options)
        if inner is not None:
            if kind != "filter":
                raise EngineError(f"the embedded engine has aggregations below filter only, not below {kind}.")
            check_aggregations(inner)


def aggregate(searcher: tantivy.Searcher, query: tantivy.Query, aggs: Any) -> dict[str, Any]:
    """The answers over all that the query matches, in OpenSearch's shape; ``aggs`` has been checked."""
    return {
        name: _meta(aggs[name])
        | _COUNTERS[kind](searcher, query, options)
        | (aggregate(searcher, narrowed(query, translate(options)), inner) if inner else {})
        for name, (kind, options, inner) in _requests(aggs).items()
    }


def _meta(body: Mapping[str, Any]) -> dict[str, Any]:
    """What a client has written beside an aggregation, for itself."""
    return {"meta": body["meta"]} if "meta" in body else {}


def _requests(aggs: Any) -> dict[str, tuple[str, Mapping[str, Any], Any]]:
    """Each aggregation's kind, options, and what stands below it."""
    requests = {}
    for name, body in _mapping(aggs, "aggs").items():
        body = _mapping(body, f"the aggregation {name!r}")
        kinds = [key for key in body if key not in ("aggs", "aggregations", "meta")]
        if len(kinds) != 1 or kinds[0] not in _COUNTERS:
            listed = ", ".join(map(str, kinds)) or "none"
            known = ", ".join(_COUNTERS)
            raise EngineError(
                f"the aggregation {name!r} should be one of {known} in the embedded engine, not {listed}."
            )
        options = _mapping(body[kinds[0]], f"the aggregation {name!r}")
        requests[str(name)] = (kinds[0], options, body.get("aggs", body.get("aggregations")))
    return requests


def _terms(searcher: tantivy.Searcher, query: tantivy.Query, options: Mapping[str, Any]) -> dict[str, Any]:
    body = {"field": FACET_FIELDS[options["field"]], "size": MAX_BUCKETS, "segment_size": MAX_BUCKETS}
    answer = _answer(searcher.aggregate(query, {"terms": {"terms": body}}))["terms"]
    if answer["sum_other_doc_count"]:
        raise EngineError(f"{options['field']!r} has over {MAX_BUCKETS} values, more than can be counted.")
    counts: dict[str, int] = {bucket["key"]: int(bucket["doc_count"]) for bucket in answer["buckets"]}
    ((by, direction),) = _order(options).items()
    keys = sorted(counts, key=str.encode, reverse=direction == "desc" and by == "_key")
    if by == "_count":  # ties stay in the order of their keys
        keys.sort(key=lambda key: counts[key] if direction == "asc" else -counts[key])
    shown = keys[: _size(options)]
    return {
        "doc_count_error_upper_bound": 0,
        "sum_other_doc_count": sum(counts.values()) - sum(counts[key] for key in shown),
        "buckets": [{"key": key, "doc_count": counts[key]} for key in shown],
    }


def _ranges(searcher: tantivy.Searcher, query: tantivy.Query, options: Mapping[str, Any]) -> dict[str, Any]:
    buckets: list[dict[str, Any]] = []
    for limits in options["ranges"]:
        low, high = _end(limits, "from"), _end(limits, "to")
        clause = {"range": {"price": {n: limit for n, limit in (("gte", low), ("lt", high)) if limit is not None}}}
        ends = {name: limit for name, limit in (("from", low), ("to", high)) if limit is not None}
        key = limits.get("key") or "-".join("*" if end is None else java_number(end) for end in (low, high))
        buckets.append({"key": str(key), **ends, "doc_count": _count(searcher, query, clause)})
    buckets.sort(key=lambda bucket: (_as_java(bucket.get("from", -math.inf)), _as_java(bucket.get("to", math.inf))))
    if options.get("keyed"):
        return {"buckets": {bucket.pop("key"): bucket for bucket in buckets}}
    return {"buckets": buckets}


def _as_java(end: float) -> tuple[float, float]:
    """For Java -0.0 lies below 0.0."""
    return end, math.copysign(1.0, end)


def _filtered(searcher: tantivy.Searcher, query: tantivy.Query, options: Mapping[str, Any]) -> dict[str, Any]:
    return {"doc_count": _count(searcher, query, options)}


def narrowed(query: tantivy.Query, by: tantivy.Query) -> tantivy.Query:
    """What both match, with the scores of the first."""
    both = [(tantivy.Occur.Must, query), (tantivy.Occur.Must, tantivy.Query.const_score_query(by, 0.0))]
    return tantivy.Query.boolean_query(both)


def _count(searcher: tantivy.Searcher, query: tantivy.Query, clause: Mapping[str, Any]) -> int:
    return hit_count(searcher.search(narrowed(query, translate(clause)), 1, count=True))


def hit_count(result: tantivy.SearchResult) -> int:
    """How many documents match, of a search that counted them."""
    return int(result.count)  # type: ignore[attr-defined]  # there, but not in the stubs of 0.27


def _answer(reply: Any) -> dict[str, Any]:
    return dict(orjson.loads(reply) if isinstance(reply, (str, bytes)) else reply)


def _check_terms(options: Mapping[str, Any]) -> None:
    refuse_unknown(options, {"field", "size", "order"}, "the aggregation terms")
    if options.get("field") not in FACET_FIELDS:
        raise EngineError(f"terms counts the values of {', '.join(FACET_FIELDS)}, not of {options.get('field')!r}.")
    _size(options)
    _order(options)


def _check_ranges(options: Mapping[str, Any]) -> None:
    refuse_unknown(options, {"field", "ranges", "keyed"}, "the aggregation range")
    if options.get("field") != "price":
        raise EngineError(f"the embedded engine counts ranges of price only, not of {options.get('field')!r}.")
    ranges = options.get("ranges")
    if not isinstance(ranges, (list, tuple)) or not ranges:
        raise EngineError(f"range needs a list of ranges, each with from, to or both, not {ranges!r}.")
    for limits in ranges:
        refuse_unknown(_mapping(limits, "a range"), {"from", "to", "key"}, "the aggregation range")
        _end(limits, "from")
        _end(limits, "to")


_Counter = Callable[[tantivy.Searcher, tantivy.Query, Mapping[str, Any]], dict[str, Any]]
_COUNTERS: Mapping[str, _Counter] = {"terms": _terms, "range": _ranges, "filter": _filtered}
_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "terms": _check_terms,
    "range": _check_ranges,
    "filter": translate,
}


def _size(options: Mapping[str, Any]) -> int:
    size = options.get("size", _DEFAULT_BUCKETS)
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise EngineError(f"the size of terms should be a whole number from 1 up, not {size!r}.")
    return size


def _order(options: Mapping[str, Any]) -> Mapping[str, str]:
    order = options.get("order", _ORDERS[0])
    order = order[0] if isinstance(order, list) and len(order) == 1 else order
    if order not in _ORDERS:
        raise EngineError(f"the order of terms should be by _count or _key, asc or desc, not {order!r}.")
    return dict(order)


def _end(limits: Mapping[str, Any], name: str) -> float | None:
    value = limits.get(name)
    if value is None:
        return None
    try:
        end = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        end = math.nan
    if not math.isfinite(end):
        raise EngineError(f"{name} of a range should be a number, not {value!r}.")
    return end


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise EngineError(f"{name} should be an object, not {str(value)[:80]!r}.")
    return value

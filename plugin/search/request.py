"""What a search needs: passed through, or a request for the window and, where that is cheaper, one for the page's hits.

Which is cheaper was measured (``docs/middleware.md``). The whole ``_source`` costs the engine less than cutting it down
to some fields does, so where nothing more is shown, one request does. What the engine makes for each hit is dear: where
it is asked for, the window goes without, and a second request makes it for the page alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from endcap.errors import InputError
from endcap.index.source_filter import EVERYTHING, SourceFilter
from endcap.plugin.search.options import Options, asked_options, failures_allowed, without_rerank
from endcap.plugin.search.page_memory import HitKey
from endcap.plugin.search.query_text import query_text
from endcap.plugin.search.status import Outcome, Reason, Status

# Work that the engine does hit by hit, and its cheaper part: values that it looks up.
_DEAR = ("script_fields", "highlight", "explain")
_PER_HIT = (*_DEAR, "fields", "docvalue_fields", "stored_fields")
# What the page's request takes over from the body, besides the query where that is needed.
_PAGE_KEEPS = (
    *_PER_HIT,
    *("_source", "version", "seq_no_primary_term", "derived", "pit", "timeout", "indices_boost"),
    *("include_named_queries_score", "ext", "search_pipeline"),
)
# URL parameters that say the same as a key of the body, and go before it.
_FOLDED = (
    *("from_", "from", "size", "_source", "_source_includes", "_source_excludes", "stored_fields"),
    *("docvalue_fields", "explain", "version", "seq_no_primary_term"),
)
# URL parameters that only the window's request needs.
_WINDOW_ONLY = (
    *("sort", "stats", "terminate_after", "track_total_hits", "track_scores", "request_cache"),
    *("suggest_field", "suggest_mode", "suggest_size", "suggest_text", "profile", "rest_total_hits_as_int"),
)
_URL_QUERY = ("q", "source", "filter_path")


@dataclass(frozen=True, slots=True)
class Plan:
    """One search, understood. ``passed`` says why it is passed through; then only body, params and options count."""

    body: Mapping[str, Any]
    """What the engine gets when the search is passed through: the caller's body without ``ext.rerank``."""
    params: Mapping[str, Any]
    options: Options
    passed: Outcome | None = None
    text: str = ""
    start: int = 0
    stop: int = 0
    """The page is [start, stop) of the ordered hits."""
    full_body: Mapping[str, Any] = field(default_factory=dict)
    """The body with the URL parameters that belong into it."""
    other_params: Mapping[str, Any] = field(default_factory=dict)
    window_body: Mapping[str, Any] = field(default_factory=dict)
    second: bool = False
    """Whether the page's hits come by a second request."""
    source: SourceFilter = EVERYTHING
    hide_ids: bool = False
    """``stored_fields: _none_``: the reply's hits have no ``_id``."""


def plan_search(body: Any, params: Mapping[str, Any], defaults: Options, model: str, paths: Sequence[str]) -> Plan:
    """What to do for a search. Never fails: what can't be understood is passed through, with the reason.

    ``model`` is the loaded model's name, ``paths`` are the source fields that the student reads.
    """
    plain = without_rerank(body)
    try:
        options = asked_options(body, defaults)
        full, rest = _fold(plain, params)
        start, size = _whole_number(full.get("from"), 0, "from"), _whole_number(full.get("size"), 10, "size")
    except InputError as error:
        options = replace(defaults, allow_failures=failures_allowed(body))
        return Plan(plain, params, options, Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=str(error)))
    text = options.text if options.text is not None else query_text(full)
    reason = _reason_to_pass(full, rest, options, model, start, size) or (text if isinstance(text, Reason) else None)
    if reason is None and not _is_unicode(text):
        return Plan(plain, params, options, Outcome(Status.FALLBACK, Reason.BAD_TEXT))
    if reason is not None:
        return Plan(plain, params, options, Outcome(Status.SKIPPED, reason), start=start, stop=start + size)
    source = _source_filter(full)
    asked = max(options.window, start + size)
    second = _needs_second(full) and 2 * size < asked
    hide_ids = _stores_none(full)
    return Plan(
        plain, params, options, None, text, start, start + size, full, rest,
        _window_body(full, second, source, paths, asked), second, source, hide_ids,
    )  # fmt: skip


def page_request(plan: Plan, keys: Sequence[HitKey]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Body and parameters of the request that fetches just these hits, as the caller's body would show them."""
    full = plan.full_body
    page = {name: full[name] for name in _PAGE_KEEPS if name in full}
    only_these, query = _these(keys), full.get("query")
    if query is not None and full.get("explain"):
        # As a filter inside the query the ids would be part of the explanation.
        page.update(query=query, post_filter=only_these)
    elif query is not None and ("highlight" in full or _asks_inner_hits(query)):
        page["query"] = {"bool": {"must": [query], "filter": [only_these]}}
    else:
        page["query"] = {"bool": {"filter": [only_these]}}
    # Twice as many: hits that were routed apart may share their id.
    page.update(size=2 * len(keys), track_total_hits=False)
    return page, {name: value for name, value in plan.other_params.items() if name not in _WINDOW_ONLY}


def _reason_to_pass(
    body: Mapping[str, Any], params: Mapping[str, Any], options: Options, model: str, start: int, size: int
) -> Reason | None:
    if options.model not in (None, model):
        return Reason.UNKNOWN_MODEL
    if any(params.get(name) is not None for name in _URL_QUERY):
        return Reason.URL_QUERY
    if params.get("scroll") is not None or "slice" in body:
        return Reason.SCROLL
    if body.get("search_after") is not None:
        return Reason.SEARCH_AFTER
    if size == 0:
        return Reason.SIZE_ZERO
    if not _by_score(body.get("sort")) or not _by_score(params.get("sort")):
        return Reason.SORTED
    if start >= options.window:
        return Reason.BEYOND_WINDOW
    return None


def _by_score(sort: Any) -> bool:
    """Whether hits come by score alone. A second key is for going on after a hit."""
    if isinstance(sort, (list, tuple)):
        return not sort or (len(sort) == 1 and _by_score(sort[0]))
    if isinstance(sort, Mapping):
        order = sort.get("_score")
        order = order.get("order", "desc") if isinstance(order, Mapping) else order
        return not sort or (len(sort) == 1 and str(order).lower() == "desc")
    return sort is None or sort in ("_score", "_score:desc", "")


def _needs_second(body: Mapping[str, Any]) -> bool:
    """Whether the body asks for dear work that a second request can do for the page alone."""
    query, inner_hits = body.get("query"), _asks_inner_hits(body.get("query"))
    if not inner_hits and not any(body.get(name) for name in _DEAR):
        return False
    if _stores_none(body):  # the page's hits would have no ids
        return False
    if body.get("explain") and "rescore" in body:  # the explanation is of the rescored hit, which is in the window
        return False
    by_query = inner_hits or "highlight" in body or body.get("explain")
    # A hybrid query can't stand inside another one.
    return not (by_query and isinstance(query, Mapping) and "hybrid" in query)


def _window_body(
    body: Mapping[str, Any], second: bool, source: SourceFilter, paths: Sequence[str], asked: int
) -> dict[str, Any]:
    dropped = _PER_HIT if second else ("stored_fields",) if _stores_none(body) else ()
    window = {name: value for name, value in body.items() if name not in dropped}
    if second and _asks_inner_hits(body.get("query")):
        window["query"] = _without_inner_hits(body["query"])
    window.update({"from": 0, "size": asked, "_source": source.widened(paths)})
    return window


def _source_filter(body: Mapping[str, Any]) -> SourceFilter:
    if body.get("_source") is None:
        # As in OpenSearch, asking for stored or scripted fields means that the source is not asked for.
        return SourceFilter(wanted="stored_fields" not in body and "script_fields" not in body)
    return SourceFilter(wanted=False) if _stores_none(body) else SourceFilter.read(body["_source"])


def _stores_none(body: Mapping[str, Any]) -> bool:
    return body.get("stored_fields") in ("_none_", ["_none_"])


def _these(keys: Sequence[HitKey]) -> dict[str, Any]:
    """A clause that matches these hits alone; ids are unique only within an index."""
    ids: dict[str, list[str]] = defaultdict(list)
    for index, identifier, _ in keys:
        ids[index].append(identifier)
    if len(ids) == 1:
        return {"ids": {"values": next(iter(ids.values()))}}
    each = [{"bool": {"filter": [{"term": {"_index": i}}, {"ids": {"values": v}}]}} for i, v in ids.items()]
    return {"bool": {"should": each, "minimum_should_match": 1}}


_JOINS = ("nested", "has_child", "has_parent")


def _asks_inner_hits(query: Any) -> bool:
    if isinstance(query, Mapping):
        return any(
            (name in _JOINS and isinstance(value, Mapping) and "inner_hits" in value) or _asks_inner_hits(value)
            for name, value in query.items()
        )
    return isinstance(query, (list, tuple)) and any(map(_asks_inner_hits, query))


def _without_inner_hits(query: Any) -> Any:
    if isinstance(query, Mapping):
        return {
            name: _without_inner_hits(
                {k: v for k, v in value.items() if k != "inner_hits"}
                if name in _JOINS and isinstance(value, Mapping)
                else value
            )
            for name, value in query.items()
        }
    return [_without_inner_hits(item) for item in query] if isinstance(query, (list, tuple)) else query


def _fold(body: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body with those URL parameters that it has a word for, and the other parameters."""
    nested = params.get("params")
    every = {**(nested if isinstance(nested, Mapping) else {}), **params}
    every.pop("params", None)
    every = {name: value for name, value in every.items() if value is not None}
    full, taken = dict(body), {name: every.pop(name) for name in _FOLDED if name in every}
    for name in ("from", "size", "version", "seq_no_primary_term", "explain"):
        value = taken.get(name + "_", taken.get(name))
        if value is not None:
            full[name] = value if isinstance(value, (int, bool)) else {"true": True, "false": False}.get(value, value)
    for name in ("stored_fields", "docvalue_fields"):
        if name in taken:
            full[name] = _listed(taken[name])
    if "_source" in taken:
        value = taken["_source"]
        full["_source"] = {"true": True, "false": False}.get(str(value).lower(), _listed(value))
    parts = {name[8:]: _listed(taken[name]) for name in ("_source_includes", "_source_excludes") if name in taken}
    if parts:
        full["_source"] = parts
    return full, every


def _listed(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else list(value) if isinstance(value, (list, tuple)) else []


def _whole_number(value: Any, default: int, name: str) -> int:
    if value is None:
        return default
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{name} is {value!r}; it should be a whole number, 0 or more.")
    return value


def _is_unicode(text: Any) -> bool:
    try:
        str(text).encode()
    except UnicodeEncodeError:
        return False
    return True

"""What a search needs: passed through, or a request for the window and, where that is cheaper, one for the page's hits.

Which is cheaper was measured (``docs/middleware.md``). The whole ``_source`` costs the engine less than cutting it down
to some fields does, so where nothing more is shown, one request does. What the engine makes for each hit is dear: where
it is asked for, the window goes without, and a second request makes it for the page alone.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral
from typing import Any

from endcap.errors import InputError
from endcap.index.source_filter import EVERYTHING, SourceFilter
from endcap.plugin.blend.denied import Denial
from endcap.plugin.search.inner_hits import has_inner_hits, without_inner_hits
from endcap.plugin.search.kept_parts import (
    DEAR,
    PER_HIT,
    checked_parts,
    explains,
    explains_more,
    kept_by_two,
    names_source,
    not_kept,
    stores_none,
)
from endcap.plugin.search.options import Options, failures_allowed, search_options, without_rerank
from endcap.plugin.search.query_syntax import SearchedText
from endcap.plugin.search.searched_text import searched_text, with_denials
from endcap.plugin.search.status import Outcome, Reason, Status
from endcap.plugin.search.url_values import with_url_values
from endcap.plugin.tiers.named_tiers import tier_fields
from endcap.plugin.tiers.parts import BodyRules, body_rules
from endcap.plugin.tiers.sort_keys import keys_before_score

_URL_QUERIES = ("q", "source", "filter_path")
_MAX_DIGITS = 20
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """One search, understood. With an ``outcome`` it is passed through, and only body, params and options count."""

    body: Mapping[str, Any]
    """What the engine gets when the search is passed through: the caller's body without ``ext.rerank``."""
    params: Mapping[str, Any]
    options: Options
    outcome: Outcome | None = None
    """Why the search is passed through; None where it is re-ranked."""
    text: str = ""
    texts: tuple[str, ...] = ()
    """That text, and the one that the body itself searches for."""
    denied: tuple[Denial, ...] = ()
    """What the text's syntax excludes."""
    start: int = 0
    stop: int = 0
    """The page is [start, stop) of the ordered hits."""
    full_body: Mapping[str, Any] = field(default_factory=dict)
    """The body with the URL parameters that belong into it."""
    other_params: Mapping[str, Any] = field(default_factory=dict)
    window_body: Mapping[str, Any] = field(default_factory=dict)
    two_requests: bool = False
    """Whether the page's hits come by a second request."""
    source: SourceFilter = EVERYTHING
    paths: Sequence[str] = ()
    """The source fields that the student and the shop's rules read."""
    hide_ids: bool = False
    """``stored_fields: _none_``: the reply's hits have no ``_id``."""
    body_rules: BodyRules | None = None
    """What the body scores by besides its text; None where there is nothing, or it is not to count."""
    sort_tiers: int = 0
    """How many keys of the ``sort`` stand before the score."""


def plan_search(
    body: Any,
    params: Mapping[str, Any],
    defaults: Options,
    model: str,
    paths: Sequence[str],
    all_pages: bool = False,
) -> SearchPlan:
    """What to do for a search. Never fails: what can't be understood is passed through, with the reason.

    ``model`` is the loaded model's name, ``paths`` are the source fields that the student and the shop's rules read.
    ``all_pages``: also pages behind the window are not passed through.
    """
    engine_body = without_rerank(body)
    # What is asked of us, and which page.
    try:
        options = search_options(body, defaults, paths)
        checked_parts(engine_body)
        full_body, other_params = with_url_values(engine_body, params)
        checked_parts(full_body)
        start = _whole_number(full_body.get("from"), 0, "from")
        size = _whole_number(full_body.get("size"), 10, "size")
    except InputError as error:
        options = replace(defaults, allow_failures=failures_allowed(body))
        return SearchPlan(engine_body, params, options, Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=str(error)))
    # The text to score for, or a reason to pass the search through.
    own = searched_text(full_body, paths)
    text = own if options.text is None else with_denials(options.text, full_body, paths)
    reason = _reason_to_pass(full_body, other_params, options, model, start, size)
    if reason is Reason.BEYOND_WINDOW and all_pages:
        reason = None
    if reason is not None:
        return SearchPlan(engine_body, params, options, Outcome(Status.SKIPPED, reason), start=start, stop=start + size)
    depth = max(options.window, start + size)
    if detail := not_kept(full_body, other_params, depth):
        return SearchPlan(engine_body, params, options, Outcome(Status.SKIPPED, Reason.NOT_KEPT, detail=detail))
    if isinstance(text, Outcome):
        return SearchPlan(engine_body, params, options, text, start=start, stop=start + size)
    if _SURROGATE.search(text.text):
        return SearchPlan(engine_body, params, options, Outcome(Status.FALLBACK, Reason.BAD_TEXT))
    # One request, or two.
    source = _source_filter(full_body)
    rules = None if options.tiers == () else body_rules(full_body, text.text)
    explained = rules is not None and explains(full_body)  # the window's clauses have names of ours
    two_requests = _gains_by_two(full_body) and (2 * size < depth or explained)
    if rules is not None and ((explained and not two_requests) or explains_more(full_body)):
        outcome = Outcome(Status.SKIPPED, Reason.NOT_KEPT, detail="explain: it would show names of clauses")
        return SearchPlan(engine_body, params, options, outcome)
    paths = [*paths, *tier_fields(options.tiers or ())]
    asked = full_body if rules is None else {**full_body, "query": rules.query}
    window_body = _window_body(asked, two_requests, source, paths, depth)
    if rules is not None:
        rules = replace(rules, query=window_body["query"])
    return SearchPlan(
        body=engine_body,
        params=params,
        options=options,
        text=text.text,
        texts=tuple(dict.fromkeys(each.text for each in (text, own) if isinstance(each, SearchedText))),
        denied=text.denied,
        start=start,
        stop=start + size,
        full_body=full_body,
        other_params=other_params,
        window_body=window_body,
        two_requests=two_requests,
        source=source,
        paths=paths,
        hide_ids=stores_none(full_body),
        body_rules=rules,
        sort_tiers=_sort_tiers(full_body, other_params) or 0,
    )


def early_reason(body: Mapping[str, Any], params: Mapping[str, Any], defaults: Options, model: str) -> Reason | None:
    """Why a search that asks nothing of us is passed through, as far as it shows before its text is looked for.

    None where ``plan_search`` is to say.
    """
    if "ext" in body:
        return None
    try:
        checked_parts(body)
        full_body, other_params = with_url_values(body, params) if params else (body, params)
        start = _whole_number(full_body.get("from"), 0, "from")
        size = _whole_number(full_body.get("size"), 10, "size")
    except InputError:
        return None
    reason = _reason_to_pass(full_body, other_params, defaults, model, start, size)
    return None if reason is Reason.BEYOND_WINDOW else reason


def _reason_to_pass(
    body: Mapping[str, Any], params: Mapping[str, Any], options: Options, model: str, start: int, size: int
) -> Reason | None:
    if options.model not in (None, model):
        return Reason.UNKNOWN_MODEL
    if any(params.get(name) is not None for name in _URL_QUERIES):
        return Reason.URL_QUERY
    if params.get("scroll") is not None or "slice" in body:
        return Reason.SCROLL
    if body.get("search_after") is not None:
        return Reason.SEARCH_AFTER
    if size == 0:
        return Reason.SIZE_ZERO
    if _sort_tiers(body, params) is None:
        return Reason.SORTED
    # Where candidates by meaning or number have joined the window, what follows it comes further down.
    if start >= options.window and not options.dense and not options.numbers:
        return Reason.BEYOND_WINDOW
    return None


def _sort_tiers(body: Mapping[str, Any], params: Mapping[str, Any]) -> int | None:
    """How many keys of the sort stand before the score; None where the engine's order is to stay.

    Who names a ``pit`` goes on after a hit (``search_after``), which has to be the engine's last one.
    """
    in_body, in_url = body.get("sort"), params.get("sort")
    before = keys_before_score(in_body if in_url in (None, "", []) else in_url)
    goes_on = bool(body.get("pit")) and isinstance(in_body, (list, tuple, Mapping)) and len(in_body) > 1
    return None if goes_on or (in_body and in_url) else before


def _gains_by_two(body: Mapping[str, Any]) -> bool:
    """Whether the body asks for dear work that a second request can do for the page alone."""
    is_dear = has_inner_hits(body.get("query")) or any(body.get(name) for name in DEAR)
    return is_dear and kept_by_two(body)


def _window_body(
    body: Mapping[str, Any], two_requests: bool, source: SourceFilter, paths: Sequence[str], depth: int
) -> dict[str, Any]:
    window = {name: value for name, value in body.items() if not (two_requests and name in PER_HIT)}
    if stores_none(body):
        window["stored_fields"] = []  # with ids
    if two_requests and has_inner_hits(body.get("query")):
        window["query"] = without_inner_hits(body["query"])
    # What is given as text stays text, for an engine that refuses it.
    numbers = {name: str(n) if isinstance(body.get(name), str) else n for name, n in (("from", 0), ("size", depth))}
    window |= {**numbers, "_source": source.widened(paths)}
    return window


def _source_filter(body: Mapping[str, Any]) -> SourceFilter:
    if stores_none(body):
        return SourceFilter(wanted=False)
    if names_source(body):  # whatever else is said of it
        return replace(SourceFilter.read(body.get("_source", True)), wanted=True)
    if "_source" in body:
        return SourceFilter.read(body["_source"])
    # As in OpenSearch, asking for stored or scripted fields means that the source is not asked for.
    return SourceFilter(wanted="stored_fields" not in body and not body.get("script_fields"))


def _whole_number(value: Any, default: int, name: str) -> int:
    if value is None:
        return default
    if type(value) is int and value >= 0:  # as nearly always
        return value
    if isinstance(value, str) and value.isdecimal() and len(value) <= _MAX_DIGITS:
        return int(value)
    if isinstance(value, Integral) and not isinstance(value, bool):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise InputError(f"{name} is {value!r}; it should be a whole number, 0 or more.")
    return int(value)  # as the engine has it, 5.5 is 5

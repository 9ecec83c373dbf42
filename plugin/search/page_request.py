"""The request for a page's hits alone, and what the engine makes hit by hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from endcap.plugin.search.inner_hits import has_inner_hits
from endcap.plugin.search.kept_parts import PER_HIT, counted
from endcap.plugin.search.page_memory import HitKey
from endcap.plugin.search.request import SearchPlan

# What the page's request takes over from the body, besides the query where that is needed.
PAGE_KEEPS = (
    *PER_HIT,
    *("_source", "version", "seq_no_primary_term", "derived", "pit", "timeout", "indices_boost"),
    *("include_named_queries_score", "ext", "search_pipeline"),
)
# URL parameters that only the window's request needs.
_WINDOW_ONLY = (
    *("sort", "stats", "terminate_after", "track_total_hits", "track_scores", "request_cache"),
    *("suggest_field", "suggest_mode", "suggest_size", "suggest_text", "profile"),
)


def page_request(
    plan: SearchPlan, keys: Sequence[HitKey], added: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Body and parameters of the request that fetches just these hits, as the caller's body would show them.

    With ``added`` some of them were found by meaning, and need not match the body's query.
    """
    body = plan.full_body
    page = {name: body[name] for name in PAGE_KEEPS if name in body}
    ids, query = _ids_clause(keys), body.get("query")
    if query is not None and body.get("explain"):
        # As a filter inside the query the ids would be part of the explanation.
        any_of = {"bool": {"should": [query, {"bool": {"filter": [ids]}}], "minimum_should_match": 1}}
        page.update(query=any_of if added else query, post_filter=ids)
    elif query is not None and ("highlight" in body or has_inner_hits(query)):
        page["query"] = {"bool": {"should" if added else "must": [query], "filter": [ids]}}
    else:
        page["query"] = {"bool": {"filter": [ids]}}
    # Twice as many: hits that were routed apart may share their id.
    page["size"] = 2 * len(keys)
    # OpenSearch 3 ends a range after so many as are counted or asked for, also one inside the query: it has to go on as
    # far as the window's did, or the page lacks hits, and hits lack inner hits.
    number = counted(body, plan.other_params)
    if number is not None:
        is_enough = isinstance(number, int) and not isinstance(number, bool) and number >= int(plan.window_body["size"])
        page["track_total_hits"] = number if is_enough else True
    return page, page_parameters(plan)


def page_parameters(plan: SearchPlan) -> dict[str, Any]:
    """The parameters of a request beside that for the window."""
    return {name: value for name, value in plan.other_params.items() if name not in _WINDOW_ONLY}


def candidate_parameters(plan: SearchPlan) -> dict[str, Any]:
    """The same for a request whose hits join the window: with its ``sort``, which says where they belong."""
    sort = {"sort": plan.other_params["sort"]} if plan.other_params.get("sort") else {}
    return {**page_parameters(plan), **sort}


def _ids_clause(keys: Sequence[HitKey]) -> dict[str, Any]:
    """A clause that matches these hits alone; ids are unique only within an index."""
    ids: dict[str, list[str]] = defaultdict(list)
    for index, identifier, _ in keys:
        ids[index].append(identifier)
    if len(ids) == 1:
        return {"ids": {"values": next(iter(ids.values()))}}
    clauses = [{"bool": {"filter": [{"term": {"_index": i}}, {"ids": {"values": v}}]}} for i, v in ids.items()]
    return {"bool": {"should": clauses, "minimum_should_match": 1}}

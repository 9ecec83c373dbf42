"""What of a body comes out the same under the window's request, which asks for more hits and other parts of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral
from typing import Any

from endcap.errors import InputError
from endcap.plugin.search.inner_hits import has_inner_hits

# Work that the engine does hit by hit, and its cheaper part: values that it looks up.
DEAR = ("script_fields", "highlight", "explain")
PER_HIT = (*DEAR, "fields", "docvalue_fields", "stored_fields")
_PATTERNS = ("include", "includes", "exclude", "excludes")


def counted(body: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
    """What ``track_total_hits`` is asked for: True, False, a number, or None where nothing is said of it."""
    value = params.get("track_total_hits", body.get("track_total_hits"))
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() else value.lower() != "false"
    return value


def not_kept(body: Mapping[str, Any], params: Mapping[str, Any], depth: int) -> str:
    """What would come out otherwise than the body says it, as a sentence; "" where nothing would."""
    has_inner = any(has_inner_hits(body.get(name)) for name in ("query", "post_filter"))
    if body.get("profile") not in (None, False) or _is_on(params.get("profile")):
        return "profile: it would tell of another request than this one"
    if _is_on(params.get("verbose_pipeline")):
        return "verbose_pipeline: it would show the hits of another request than this one"
    if _completes(body.get("suggest")) and any(name in body for name in ("_source", *PER_HIT)):
        return "suggest: what _source, highlight and the like show of hits, a completion shows of its options"
    if stores_none(body) and (_shows_more_hits(body) or has_inner):
        return "stored_fields: what it takes from the hits, it takes from those inside them, too"
    number = counted(body, params)
    # OpenSearch 3 ends a range after so many as are counted or asked for, also that of inner hits.
    if has_inner and (number is False or (isinstance(number, int) and number is not True and number < depth)):
        return "inner_hits: where fewer hits are counted, the engine makes them by how many are asked for"
    ext = body.get("ext")
    if isinstance(ext, Mapping) and "generative_qa_parameters" in ext:
        return "ext.generative_qa_parameters: the answer is made from the hits that are asked for"
    if _is_hybrid(body) and body.get("from") and "pagination_depth" not in body["query"]["hybrid"]:
        return "query.hybrid: a page with from needs a pagination_depth"
    return ""


def checked_parts(body: Mapping[str, Any]) -> None:
    """Raise ``InputError`` for a value that the window's request would hide from the engine, which refuses it."""
    for name in ("from", "size", "_source", "stored_fields"):
        if name in body and not _is_valid(name, body[name]):
            raise InputError(f"{name} is {body[name]!r}, which the engine is to judge.")
    goes_without = body.get("_source") in (None, False) and not body.get("version") and "fields" not in body
    if stores_none(body) and not goes_without:
        raise InputError('stored_fields is "_none_", which goes with no _source, version or fields.')


def kept_by_two(body: Mapping[str, Any]) -> bool:
    """Whether what the engine makes hit by hit can be left to a second request for the page alone."""
    query, post_filter = body.get("query"), body.get("post_filter")
    inner_hits = has_inner_hits(query)
    if stores_none(body):  # the page's hits would have no ids
        return False
    if "rescore" in body and explains(body):  # the explanation is of the rescored hit, which is in the window
        return False
    if inner_hits and (has_inner_hits(post_filter) or _shows_more_hits(body)):  # all have the query's inner hits
        return False
    if _completes(body.get("suggest")):
        return False
    by_query = inner_hits or "highlight" in body or body.get("explain")
    # A hybrid query can't stand inside another one.
    return not (by_query and _is_hybrid(body))


def stores_none(body: Mapping[str, Any]) -> bool:
    """Whether the hits are to have no ids."""
    return body.get("stored_fields") in ("_none_", ["_none_"])


def names_source(body: Mapping[str, Any]) -> bool:
    """Whether the source is asked for as a stored field."""
    stored = body.get("stored_fields")
    return stored == "_source" or (isinstance(stored, (list, tuple)) and "_source" in stored)


def _is_valid(name: str, value: Any) -> bool:
    """Whether every engine takes a value as what it is read as here."""
    if name in ("from", "size"):
        return not isinstance(value, bool) and (
            isinstance(value, Integral)
            or (isinstance(value, float) and value.is_integer())
            or (isinstance(value, str) and value.isascii() and value.isdecimal())
        )
    if name == "_source" and isinstance(value, Mapping):
        known = [key for key in _PATTERNS if key in value]
        twice = len({key[:7] for key in known}) < len(known)
        return len(known) == len(value) and not twice and all(_is_valid("", value[key]) for key in known)
    listed = value if isinstance(value, (list, tuple)) else [value]
    return (name == "_source" and isinstance(value, bool)) or all(isinstance(item, str) for item in listed)


def _is_on(value: Any) -> bool:
    return value is not None and str(value).lower() != "false"


def _is_hybrid(body: Mapping[str, Any]) -> bool:
    query = body.get("query")
    return isinstance(query, Mapping) and isinstance(query.get("hybrid"), Mapping)


def _completes(suggest: Any) -> bool:
    """Whether a suggester answers with documents."""
    return isinstance(suggest, Mapping) and any(
        isinstance(each, Mapping) and "completion" in each for each in suggest.values()
    )


def _shows_more_hits(body: Mapping[str, Any]) -> bool:
    """Whether hits are shown besides the page's own: of groups, or of aggregations."""
    collapse = body.get("collapse")
    of_groups = isinstance(collapse, Mapping) and "inner_hits" in collapse
    return of_groups or "top_hits" in _keys([body.get("aggs"), body.get("aggregations")])


def explains(body: Mapping[str, Any]) -> bool:
    """Whether hits or their inner hits are to be explained."""
    return bool(body.get("explain")) or "explain" in _keys(body.get("query"))


def explains_more(body: Mapping[str, Any]) -> bool:
    """Whether hits besides the page's own are to be explained."""
    return "explain" in _keys([body.get("collapse"), body.get("aggs"), body.get("aggregations")])


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from value
        for inner in value.values():
            yield from _keys(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _keys(inner)

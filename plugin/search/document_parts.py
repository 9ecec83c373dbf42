"""The object ``endcap`` of documents in a search: asked for where states come with the hits, and not shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from endcap.index.source_filter import SourceFilter
from endcap.plugin.states.document_states import NAME


def asks_for_states(body: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether the caller names the object, or a part of it, among what ``_source`` is to show."""
    options = (body.get("_source"), params.get("_source"), params.get("_source_includes"))
    if options == (None, None, None):
        return False
    lists = [option.split(",") if isinstance(option, str) else option for option in options]
    return any(SourceFilter.read(option).names(NAME) for option in lists)


def hide_states(reply: Any) -> None:
    """Take the object out of all documents of a reply, as far as it is a state."""
    for hit in _hits(reply):
        source = hit.get("_source")
        if isinstance(source, dict) and NAME in source:
            found = source[NAME]
            if isinstance(found, Mapping) and "key" in found and "model" in found:
                del source[NAME]


def hits_in(part: Any) -> Iterator[dict[str, Any]]:
    """All hits in a reply or a part of it: the page's, those inside hits, of aggregations, of completions."""
    if isinstance(part, dict):
        is_hit = isinstance(part.get("_index"), str)
        if is_hit:
            yield part
        for inner in [part.get("inner_hits")] if is_hit else part.values():
            yield from hits_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from hits_in(inner)


def _hits(reply: Any) -> Iterator[Mapping[str, Any]]:
    """The hits of a reply, and those inside them."""
    hits = reply.get("hits") if isinstance(reply, Mapping) else None
    listed = hits.get("hits") if isinstance(hits, Mapping) else None
    for hit in listed if isinstance(listed, list) else ():
        if isinstance(hit, Mapping):
            yield hit
            inner = hit.get("inner_hits")
            for one in inner.values() if isinstance(inner, Mapping) else ():
                yield from _hits(one)

"""Names that the middleware gave clauses, taken out of the hits again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any


def without_names(hits: Sequence[dict[str, Any]], names: Collection[str], with_scores: bool) -> None:
    """Take these named queries out of the hits; the scores of the others, too, unless the caller asked for them."""
    for hit in hits:
        matched = hit.get("matched_queries")
        if matched is None:
            continue
        if isinstance(matched, Mapping) and with_scores:
            kept: Any = {name: score for name, score in matched.items() if name not in names}
        else:
            kept = [name for name in matched if name not in names]
        if kept:
            hit["matched_queries"] = kept
        else:
            del hit["matched_queries"]


def asks_for_scores(body: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
    """Whether the caller asks for the scores of named queries."""
    value = params.get("include_named_queries_score", body.get("include_named_queries_score"))
    return value is not None and str(value).lower() != "false"

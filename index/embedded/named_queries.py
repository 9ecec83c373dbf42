"""``_name`` for the embedded engine: which named clauses a hit matches, and how it scores there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import tantivy

from endcap.index.embedded.query import translate
from endcap.index.embedded.schema import KEYWORD_FIELDS, schema

_INSIDE = ("must", "should", "filter", "must_not", "queries", "positive", "negative", "query", "functions")


def named_clauses(query: Any) -> Iterator[tuple[str, Any]]:
    """The named clauses of a query, with their names."""
    waiting = [query]
    while waiting:
        clause = waiting.pop()
        if isinstance(clause, (list, tuple)):
            waiting.extend(clause)
        if not isinstance(clause, Mapping):
            continue
        if "weight" in clause and "filter" in clause:  # a function
            waiting.append(clause["filter"])
            continue
        for kind, options in clause.items():
            if isinstance(options, Mapping):
                forms = [options, *(form for form in options.values() if isinstance(form, Mapping))]
                names = [form["_name"] for form in forms[:1] if isinstance(form.get("_name"), str)] or [
                    form["_name"] for form in forms[1:] if kind not in _HOLDERS and isinstance(form.get("_name"), str)
                ]
                yield from ((name, {kind: options}) for name in names)
                if kind in _HOLDERS:
                    waiting.extend(options[name] for name in _INSIDE if name in options)


_HOLDERS = ("bool", "dis_max", "constant_score", "boosting", "function_score")


def add_matched_queries(
    searcher: tantivy.Searcher,
    body: Mapping[str, Any],
    hits: Sequence[dict[str, Any]],
    addresses: Sequence[tantivy.DocAddress],
) -> None:
    """Give each hit the names of the clauses that it matches, with its scores there where the body asks for them."""
    clauses = list(named_clauses(body.get("query")))
    if not clauses or not hits:
        return
    terms = [tantivy.Query.term_query(schema(), KEYWORD_FIELDS["_id"], hit["_id"], "basic") for hit in hits]
    these = tantivy.Query.boolean_query([(tantivy.Occur.Should, term) for term in terms])
    narrowed = (tantivy.Occur.Must, tantivy.Query.const_score_query(these, 0.0))
    matched = {(address.segment_ord, address.doc): dict[str, float]() for address in addresses}
    for name, clause in clauses:
        both = tantivy.Query.boolean_query([(tantivy.Occur.Must, translate(clause)), narrowed])
        for score, address in searcher.search(both, len(hits), count=False).hits:
            matched[address.segment_ord, address.doc][name] = score
    with_scores = bool(body.get("include_named_queries_score"))
    for hit, address in zip(hits, addresses, strict=True):
        if scores := matched[address.segment_ord, address.doc]:
            hit["matched_queries"] = scores if with_scores else list(scores)

"""Some documents from all over a catalogue, without looking at all of it."""

from __future__ import annotations

import tantivy

from endcap.index.embedded.schema import ORDER, schema

RUN = 5
"""So many that were loaded one after another are taken at a time: each run is a query."""


def spread(searcher: tantivy.Searcher, count: int, size: int) -> list[tantivy.DocAddress]:
    """About ``size`` of ``count`` documents, in runs as far from each other; all where there are no more."""
    found: list[tantivy.DocAddress] = []
    step = RUN if count <= size else max(RUN, count * RUN // size)
    for start in range(0, count, step):
        run = tantivy.Query.range_query(schema(), ORDER, tantivy.FieldType.Unsigned, start, start + RUN - 1)
        found += [address for _, address in searcher.search(run, RUN, count=False).hits]
    return found

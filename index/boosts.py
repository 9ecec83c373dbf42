"""The tuned multi-field BM25: which fields a search text is looked for in, and with what weights.

The numbers were chosen on 24 November 2026: of some two thousand settings of a ``multi_match`` they have the best mean
nDCG@10, end to end, over two real shops and both engines. On Chorus and the OpenSearch e-commerce sample that is .789
and .653 by the embedded engine, .790 and .651 by OpenSearch 3.8. The title alone has .680 and .639. How, and how much
of that holds on other queries, is in ``docs/experiments/2026-11-24-field-boosts.md``.
"""

from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.number_spellings import without_marks

BOOSTS: Mapping[str, float] = {"title": 1.0, "description": 1.0, "brand": 0.7, "category": 0.5, "attributes": 0.3}
MAX_WORDS = 64
MAX_CHARACTERS = 2_000
"""A longer search text is cut: five fields of 64 words stay far below Lucene's 1,024 clauses a query."""

INDEXED_AS: Mapping[str, str] = {"attributes": "attribute_text"}
"""What the text of a product's field is called in an index that endcap loaded, where that is not the field's name."""


def text_query(text: str, fields: FieldMap | None = None) -> dict[str, Any]:
    """The query clause for a search text; it can be sent to either engine and never fails, whatever the text is.

    ``fields`` is the mapping of an index that endcap did not load: its own field names then carry the boosts.
    """
    # Half a surrogate pair can't be sent: it has no UTF-8.
    words = without_marks(text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")).split()[:MAX_WORDS]
    clause: dict[str, Any] = {
        "query": " ".join(words),
        "fields": boosted_fields(fields or FieldMap()),
        "type": "cross_fields",
        "tie_breaker": 0.1,
        "minimum_should_match": "1",
    }
    if fields is not None and fields.paths:
        clause["lenient"] = True  # somebody's index may keep a brand or a size as a number
    return {"multi_match": clause}


def boosted_fields(fields: FieldMap) -> list[str]:
    """The fields as a ``multi_match`` names them, such as ``title^3``, best first."""
    if not fields.paths:
        boosts = {INDEXED_AS.get(name, name): boost for name, boost in BOOSTS.items()}
    else:
        boosts = {}
        id_paths = fields.restrict([]).source_fields()
        for name, boost in BOOSTS.items():
            for path in fields.restrict([name]).source_fields():
                if path not in id_paths:
                    boosts[path] = max(boost, boosts.get(path, 0.0))
    return [f"{name}^{boost:g}" for name, boost in sorted(boosts.items(), key=lambda item: -item[1])]

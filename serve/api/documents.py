"""What the student reads of a document: of a text all of it, of an object its text, or the fields of a product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import FIELDS, Product, field_words
from endcap.serve.api.refusals import malformed

_OWN_NAMES = FieldMap()


def read_document(document: Any, name: str, rank_fields: Sequence[str] | None = None) -> Product | str:
    """The product or the text. Raises ``Refusal`` where a document is neither; ``name`` is what it is called there."""
    if isinstance(document, str):
        return document
    if not isinstance(document, Mapping):
        raise malformed(f"{name} is {_kind(document)}; it must be a text or an object.")
    if rank_fields is not None:
        document = {field: document[field] for field in rank_fields if field in document}
        if not set(rank_fields) <= set(FIELDS):
            return "\n".join(filter(None, (_words(value, name) for value in document.values())))
    elif isinstance(document.get("text"), str):
        return str(document["text"])
    elif not any(field in document for field in FIELDS):
        raise malformed(
            f"{name} has neither text nor one of the fields {', '.join(FIELDS)}. Name those to read in rank_fields."
        )
    return _OWN_NAMES.product(document)


def _words(value: Any, name: str) -> str:
    try:
        return field_words("title", value)
    except (RecursionError, ValueError):
        raise malformed(f"{name} has a value that can't be put into words.") from None


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"

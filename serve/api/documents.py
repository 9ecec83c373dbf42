"""What the student reads of a document: a text, an object's text, a product with a title, or else all values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from endcap.index.field_map import FieldMap
from endcap.index.product import FIELDS, Product, field_words
from endcap.serve.api.refusals import malformed, too_large

_OWN_NAMES = FieldMap()
MAX_CHARS = 50_000
"""So much of a text is looked at. A student reads a thousand characters or so, markup left out."""
MAX_BYTES = 200_000
"""Of an object, as JSON."""
UNREAD = ("id", "image", "url")
"""What says nothing of a document that has neither a text nor a title."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a request, as they were sent; ``name`` is the key that has them.

    They are read by parts, since a thousand take a while: ``read`` is to be called where that may be.
    """

    sent: Sequence[Any]
    name: str
    rank_fields: Sequence[str] | None = None

    def __len__(self) -> int:
        return len(self.sent)

    def read(self, start: int, end: int) -> list[Product | str]:
        """The products and texts of a part. Raises ``Refusal`` for a document that is neither, or too large."""
        part = enumerate(self.sent[start:end], start)
        return [_read(document, f"{self.name}[{place}]", self.rank_fields) for place, document in part]


def _read(document: Any, name: str, rank_fields: Sequence[str] | None) -> Product | str:
    if isinstance(document, str):
        return document[:MAX_CHARS]
    if not isinstance(document, Mapping):
        raise malformed(f"{name} is {_kind(document)}; it must be a text or an object.")
    _check_size(document, name)
    if rank_fields is not None:
        document = {field: document[field] for field in rank_fields if field in document}
        if set(rank_fields) <= set(FIELDS):
            return _OWN_NAMES.product(document)
    elif isinstance(document.get("text"), str):
        return str(document["text"])[:MAX_CHARS]
    elif "title" in document:
        return _OWN_NAMES.product(document)
    return "\n".join(filter(None, (field_words("title", document[field]) for field in document if field not in UNREAD)))


def _check_size(document: Mapping[str, Any], name: str) -> None:
    try:
        size = len(orjson.dumps(document))
    except TypeError:
        raise malformed(f"{name} is nested too deeply.") from None
    if size > MAX_BYTES:
        raise too_large(f"{name} has {size:,} bytes; at most {MAX_BYTES:,} of an object are read.")


def _kind(value: Any) -> str:
    return "null" if value is None else f"a {type(value).__name__}"

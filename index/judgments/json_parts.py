"""A file that is one JSON document, and the words that a search request asks for."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.files import whole_text

_TEXTS = ("query", "query_text", "query_string", "keywords", "text", "q", "value", "search", "user_query")
_CLAUSES = ("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix", "term", "prefix", "fuzzy", "common")


def whole_json(path: Path) -> Any:
    """The document. Raises ``InputError`` with the line where it is no JSON."""
    try:
        return orjson.loads(whole_text(text_source(path)))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: not valid JSON: {error.msg}.") from error


def searched_text(request: Any) -> str:
    """The words that a search body, or the parameters of a template, ask for: the first there are, else empty."""
    return next((text for text in _texts(request, 0) if text.strip()), "")


def _texts(part: Any, depth: int) -> Iterator[str]:
    if depth > 30:
        return
    if isinstance(part, Mapping):
        for name in _TEXTS:
            if isinstance(part.get(name), str):
                yield part[name]
        for name, value in part.items():
            if name in _CLAUSES and isinstance(value, Mapping):
                yield from (text for text in value.values() if isinstance(text, str))
            if isinstance(value, (Mapping, list)) and name not in ("filter", "must_not", "sort", "aggs", "_source"):
                yield from _texts(value, depth + 1)
    elif isinstance(part, list):
        for item in part:
            yield from _texts(item, depth + 1)

"""A file that is one JSON document, and the words that a search request asks for."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.files import whole_text

_TEXTS = ("query", "query_text", "query_string", "keywords", "text", "q", "value", "search", "user_query")
_CLAUSES = ("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix", "term", "prefix", "fuzzy", "common")
_KEY_END = re.compile(rb'"\s*:')


def whole_json(path: Path) -> Any:
    """The document. Raises ``InputError`` with the line where it is no JSON."""
    try:
        return _parsed(whole_text(text_source(path)))
    except InputError:
        raise
    except ValueError as error:
        line, words = getattr(error, "lineno", 1), getattr(error, "msg", error)
        raise InputError(f"{path}, line {line}: not valid JSON: {words}.") from error


def json_documents(path: Path) -> Iterator[tuple[str, Any]]:
    """The document with its place, or that of each line; a line that is none comes as its ``RowError``."""
    text = whole_text(text_source(path))
    try:
        yield str(path), _parsed(text)
        return
    except ValueError as error:
        # orjson and json say where; one document that is broken has one that is broken in its first line.
        first, problem = text.strip().partition(b"\n")[0], error
    try:
        _parsed(first)
    except ValueError:
        line = getattr(problem, "lineno", 1)
        raise InputError(f"{path}, line {line}: not valid JSON: {problem}.") from problem
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip():
            try:
                yield f"{path}, line {number}", _parsed(line)
            except ValueError as error:
                yield str(path), RowError(f"{path}, line {number}", "broken JSON", f"not valid JSON: {error}.")


def _parsed(text: bytes) -> Any:
    """A document, also with ``NaN`` in it as Python writes it; a key that stands twice has what both hold. Raises
    ``ValueError``."""
    try:
        document = orjson.loads(text)
        if _n_keys(text) == _n_keys(orjson.dumps(document)):
            return document
    except orjson.JSONDecodeError:
        if b"NaN" not in text and b"Infinity" not in text:
            raise
    except orjson.JSONEncodeError:
        pass  # too deep to be written again
    try:
        return json.loads(text, object_pairs_hook=_object)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _n_keys(text: bytes) -> int:
    """How many keys a text has, and pieces of strings that look like one's end."""
    return sum(1 for _ in _KEY_END.finditer(text))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which no key is lost. Parsers keep the last of two equal keys, and so lose the first one's rows."""
    return _joined({}, pairs)


def _joined(found: dict[str, Any], pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object with these pairs in it as well; a key's objects and lists are joined. Raises ``ValueError``."""
    for key, value in pairs:
        first = found.setdefault(key, value)
        if first is value or first == value:
            continue
        if isinstance(first, dict) and isinstance(value, dict):
            _joined(first, value.items())
        elif isinstance(first, list) and isinstance(value, list):
            first.extend(value)
        else:
            raise ValueError(
                f"the key {key[:60]!r} stands twice in one object, with different values. Keep the right one"
            )
    return found


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

"""The text that a ``_search`` body searches for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from endcap.plugin.search.status import Reason

# {"match": {FIELD: TEXT}} or {"match": {FIELD: {"query": TEXT}}}: the key under which the long form has the text.
_MATCHES = ("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix")
_BY_FIELD = dict.fromkeys(_MATCHES, "query") | dict.fromkeys(("neural", "neural_sparse"), "query_text")
# {"multi_match": {"query": TEXT, ...}}
_FLAT = ("multi_match", "combined_fields", "query_string", "simple_query_string")
# Where a clause holds others that add to the score. What only filters or excludes is not what is searched for.
_INSIDE = {
    "bool": ("must", "should"),
    "dis_max": ("queries",),
    "hybrid": ("queries",),
    "constant_score": ("filter",),
    "boosting": ("positive",),
    **dict.fromkeys(("function_score", "script_score", "nested"), ("query",)),
}


def searched_text(body: Mapping[str, Any]) -> str | Reason:
    """The one text of the body's match-like clauses, as first written; a ``Reason`` where there is none or several.

    Texts that differ only in case and blanks are one. A text without a letter or digit (``*``) is none.
    """
    texts: dict[str, str] = {}
    for text in clause_texts(body.get("query")):
        if any(character.isalnum() for character in text):
            texts.setdefault(same_text(text), text)
    if len(texts) > 1:
        return Reason.SEVERAL_QUERY_TEXTS
    return next(iter(texts.values()), Reason.NO_QUERY_TEXT)


def same_text(text: str) -> str:
    """What two texts have in common that differ only in case and blanks."""
    return " ".join(text.split()).casefold()


def clause_texts(query: Any) -> Iterator[str]:
    """The texts that a clause and those within it search for, as they are written."""
    # A stack and not recursion: a body may be nested deeper than Python's stack.
    waiting = [query]
    while waiting:
        clause = waiting.pop()
        if isinstance(clause, Sequence) and not isinstance(clause, (str, bytes)):
            waiting.extend(reversed(clause))
            continue
        if not isinstance(clause, Mapping):
            continue
        for kind, value in clause.items():
            if not isinstance(value, Mapping):
                continue
            if kind in _BY_FIELD:
                for form in value.values():
                    yield from _text_of(form.get(_BY_FIELD[kind]) if isinstance(form, Mapping) else form)
            elif kind in _FLAT:
                yield from _text_of(value.get("query"))
            elif kind in _INSIDE:
                waiting.extend(value.get(name) for name in reversed(_INSIDE[kind]))


def _text_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def text_at(body: Mapping[str, Any], path: str) -> str | None:
    """The text at a dotted path of the body (``query.bool.must.0.match.title.query``); None where there is no text.

    Read as OpenSearch's own re-ranking reads ``query_text_path``: on the full form of the query, in which a lone
    clause is a list of one and a match has its text under ``query``. A name with dots in it is found as well.
    """
    return _at(body, path.split("."))


def _at(value: Any, parts: list[str]) -> str | None:
    if not parts:
        return value if isinstance(value, str) and value.strip() else None
    if isinstance(value, str):
        return _at(value, []) if parts == ["query"] else None
    if isinstance(value, Mapping):
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in value and (text := _at(value[name], parts[length:])) is not None:
                return text
        return _at(value, parts[1:]) if parts[0] == "0" else None
    if isinstance(value, Sequence) and parts[0].isdecimal() and int(parts[0]) < len(value):
        return _at(value[int(parts[0])], parts[1:])
    return None

"""The text that a ``_search`` body searches for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from endcap.plugin.search.bodies import MAX_DEPTH
from endcap.plugin.search.query_syntax import MAX_CHARACTERS, Node, SearchedText, SyntaxFault, read_tree
from endcap.plugin.search.query_syntax_classic import classic_tree
from endcap.plugin.search.query_syntax_simple import simple_tree
from endcap.plugin.search.status import Outcome, Reason, Status

# {"match": {FIELD: TEXT}} or {"match": {FIELD: {"query": TEXT}}}: the key under which the long form has the text.
_MATCHES = ("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix")
_BY_FIELD = dict.fromkeys(_MATCHES, "query") | dict.fromkeys(("neural", "neural_sparse"), "query_text")
# {"multi_match": {"query": TEXT, ...}}
_FLAT = ("multi_match", "combined_fields")
# The same, with a text in a syntax.
_SYNTAXES = ("query_string", "simple_query_string")
# Where a clause holds others that add to the score. What only filters or excludes is not what is searched for.
_INSIDE = {
    "bool": ("must", "should"),
    "dis_max": ("queries",),
    "hybrid": ("queries",),
    "constant_score": ("filter",),
    "boosting": ("positive",),
    **dict.fromkeys(("function_score", "script_score", "nested"), ("query",)),
}


def searched_text(body: Mapping[str, Any], read_paths: Collection[str] = ()) -> SearchedText | Outcome:
    """The one text of the body's match-like clauses, as first written, with what any of them excludes; or why not.

    Texts that differ only in case and blanks are one. A text without a letter or digit (``*``) is none.
    ``read_paths`` are the source paths that the student reads.
    """
    texts = list(_texts(body.get("query"), read_paths))
    if fault := next((text for text in texts if isinstance(text, Outcome)), None):
        return fault
    found = [text for text in texts if isinstance(text, SearchedText)]
    by_words: dict[str, SearchedText] = {}
    for certain in (True, False):
        for text in found:
            if text.certain is certain and any(character.isalnum() for character in text.text):
                by_words.setdefault(same_text(text.text), text)
        if by_words:
            break
    if len(by_words) > 1:
        return Outcome(Status.SKIPPED, Reason.SEVERAL_QUERY_TEXTS)
    if not by_words:
        return Outcome(Status.SKIPPED, Reason.NO_QUERY_TEXT)
    return _with_denials_of(found, next(iter(by_words.values())))


def with_denials(
    text: SearchedText | Outcome, body: Mapping[str, Any], read_paths: Collection[str]
) -> SearchedText | Outcome:
    """A text that was given beside the body, with what the body's clauses exclude."""
    if isinstance(text, Outcome):
        return text
    found = [other for other in _texts(body.get("query"), read_paths) if isinstance(other, SearchedText)]
    return _with_denials_of(found, text)


def _with_denials_of(found: Iterable[SearchedText], text: SearchedText) -> SearchedText:
    denials = [denial for other in found for denial in other.denied]
    if not denials and not text.denied:
        return text
    return replace(text, denied=tuple(dict.fromkeys((*text.denied, *denials))))


def same_text(text: str) -> str:
    """What two texts have in common that differ only in case and blanks."""
    return " ".join(text.split()).casefold()


def clause_texts(query: Any) -> Iterator[str]:
    """The texts that a clause and those within it search for, as they are written."""
    return (text for _, _, text in _text_clauses(query))


def text_fields(query: Any) -> frozenset[str]:
    """The fields that a clause and those within it look for a text in; "*" where one names none."""
    fields: list[str] = []
    for kind, value, _ in _text_clauses(query):
        named = value if kind in _BY_FIELD else value.get("fields") or value.get("default_field") or "*"
        fields += [named] if isinstance(named, str) else map(str, named)
    return frozenset(field.partition("^")[0] for field in fields)


def _texts(query: Any, read_paths: Collection[str]) -> Iterator[SearchedText | Outcome]:
    for kind, clause, text in _text_clauses(query):
        if kind in _SYNTAXES:
            yield _in_syntax(kind, clause, text, read_paths)
        else:  # nobody searches for a flag, unless there is nothing else
            yield SearchedText(text, certain=text.casefold() not in ("true", "false"))


def _text_clauses(query: Any) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Each clause that searches for a text: its kind, what it holds, and the text as it is written."""
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
                    texts = _text_of(form.get(_BY_FIELD[kind]) if isinstance(form, Mapping) else form)
                    yield from ((kind, value, text) for text in texts)
            elif kind in _FLAT or kind in _SYNTAXES:
                yield from ((kind, value, text) for text in _text_of(value.get("query")))
            elif kind in _INSIDE:
                waiting.extend(value.get(name) for name in reversed(_INSIDE[kind]))


def _in_syntax(kind: str, clause: Mapping[str, Any], text: str, read_paths: Collection[str]) -> SearchedText | Outcome:
    """What a text says in the syntax of its kind of clause; an ``Outcome`` where that is not understood."""
    try:
        return read_tree(_tree(kind, clause, text), clause, read_paths)
    except (SyntaxFault, RecursionError) as fault:
        detail = f"the text of {kind} is not understood: {fault or 'too many clauses in each other'}"
        return Outcome(Status.SKIPPED, Reason.QUERY_SYNTAX, detail=detail)


def _tree(kind: str, clause: Mapping[str, Any], text: str) -> Node:
    if len(text) > MAX_CHARACTERS:
        raise SyntaxFault(f"it has {len(text):,} characters, more than {MAX_CHARACTERS:,}")
    all_required = str(clause.get("default_operator")).lower() == "and"
    if kind == "simple_query_string":
        return simple_tree(text, all_required, clause.get("flags"))
    # Where "escape" is given, every sign of the syntax is one of the text.
    return classic_tree(text, all_required, escaped=str(clause.get("escape")).lower() == "true")


def _text_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        yield str(value)


def text_at(body: Mapping[str, Any], path: str, read_paths: Collection[str] = ()) -> SearchedText | Outcome | None:
    """The text at a dotted path of the body (``query.bool.must.0.match.title.query``); None where there is no text.

    Read as OpenSearch's own re-ranking reads ``query_text_path``: on the full form of the query, in which a lone
    clause is a list of one and a match has its text under ``query``. A name with dots in it is found as well.
    The text of a ``query_string`` is in its syntax; where that is not understood, the ``Outcome`` says so.
    """
    parts = path.split(".")
    found = _at(body, parts, ()) if len(parts) <= MAX_DEPTH else None  # each part may belong to the name before it
    if found is None:
        return None
    text, above = found
    if len(above) >= 2 and above[-1][0] == "query" and above[-2][0] in _SYNTAXES:
        return _in_syntax(above[-2][0], above[-1][1], text, read_paths)
    return SearchedText(text)


_Above = tuple[tuple[str, Mapping[str, Any]], ...]
"""The names on the way to a value, each with the mapping that holds it."""


def _at(value: Any, parts: list[str], above: _Above) -> tuple[str, _Above] | None:
    if not parts:
        return (value, above) if isinstance(value, str) and value.strip() else None
    if isinstance(value, str):
        return _at(value, [], above) if parts == ["query"] else None
    if isinstance(value, Mapping):
        for length in range(len(parts), 0, -1):
            name = ".".join(parts[:length])
            if name in value and (found := _at(value[name], parts[length:], (*above, (name, value)))) is not None:
                return found
        return _at(value, parts[1:], above) if parts[0] == "0" else None
    if isinstance(value, Sequence) and parts[0].isdecimal() and int(parts[0]) < len(value):
        return _at(value[int(parts[0])], parts[1:], above)
    return None

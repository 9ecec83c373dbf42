"""What a ``_search`` body demands of a product besides its text: filters, exclusions and other clauses that must hold.

A product that is found by meaning need not have the query's words, but must be one that the body could show. So the
clauses that search for the text are left out, and all the others stay as they are, in the logic in which they stand:

    bool: must [match TEXT, term X], filter [F], must_not [N]   ->   bool: must [term X], filter [F], must_not [N]

A clause that is not known here is taken for a demand, and so is the text where a body wants it in other fields as well:
that may find fewer products, but never one that the body excludes. Where text and demands can't be told apart for
certain, ``UnclearBody`` says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from endcap.errors import EngineError
from endcap.index.minimum_should_match import minimum_should_match
from endcap.plugin.search.query_syntax import SearchedText
from endcap.plugin.search.searched_text import clause_texts, same_text, searched_text, text_fields

Clause = dict[str, Any]


class UnclearBody(Exception):
    """The body's demands can't be told for certain; the message says why, as the end of "none were added: "."""


def demands(body: Mapping[str, Any], texts: Collection[str]) -> list[Clause]:
    """The clauses that every product of the body's hits fulfils, but for the ones that search for one of ``texts``.

    Raises ``UnclearBody``.
    """
    if body.get("min_score"):
        raise UnclearBody("the body's min_score can't be applied to products without the engine's score")
    query, post_filter = body.get("query"), body.get("post_filter")
    own = None if not query else _demand(query, frozenset(map(same_text, texts)))
    return [clause for clause in (own, post_filter) if clause]


def own_texts(text: str, body: Mapping[str, Any], titles: Collection[str]) -> list[str]:
    """The texts that a body's search is for: ``text``, and the one of its clauses, which may have another wording.

    Where the two differ, that one counts if it is looked for in a title (at one of these paths): "red" in a colour is
    no wording of "red shoes".
    """
    own = searched_text(body)
    if not isinstance(own, SearchedText) or same_text(own.text) == same_text(text):
        return [text]
    fields = text_fields(body.get("query"))
    in_title = any("*" in field or field == path or field.startswith(f"{path}.") for field in fields for path in titles)
    return [text, own.text] if in_title else [text]


def _demand(clause: Any, texts: frozenset[str], depth: int = 0) -> Clause | None:
    """What a clause demands of a product; None where any product will do."""
    if not isinstance(clause, Mapping) or len(clause) != 1:
        raise UnclearBody(f"a clause of the body is no object with one key, but {str(clause)[:60]!r}")
    if depth > MAX_DEPTH:
        raise UnclearBody(f"the query is nested deeper than {MAX_DEPTH} clauses")
    ((kind, value),) = clause.items()
    if kind in _VECTORS:
        raise UnclearBody(f"the body itself searches by vectors ({kind})")
    if kind == "match_all":
        return None
    if kind in _SYNTAX and _has_syntax(value):
        raise UnclearBody(f"the text of {kind} has operators, which may exclude products")
    if kind in _INSIDE:
        return _INSIDE[kind](value, lambda inner: _demand(inner, texts, depth + 1))
    own = {same_text(text) for text in clause_texts(clause)}
    return None if own and own <= texts else dict(clause)


MAX_DEPTH = 50
_VECTORS = ("knn", "neural", "neural_sparse", "hybrid")
_SYNTAX = ("query_string", "simple_query_string")
_PLAIN = re.compile(r"\w[\w.,'%#+-]*")
Inner = Callable[[Any], Clause | None]


def _has_syntax(value: Any) -> bool:
    """Whether a text means more than its words to a parser. More than is needed counts: a slash, a colon, "AND"."""
    text = value.get("query") if isinstance(value, Mapping) else None
    words = text.split() if isinstance(text, str) else [""]
    return any(not _PLAIN.fullmatch(word) or word in ("AND", "OR", "NOT") for word in words)


def _bool(value: Any, inner: Inner) -> Clause | None:
    value = _mapping(value, "bool")
    # What must hold, and what must not: filters and exclusions are nobody's text.
    must = [(clause, inner(clause)) for clause in _listed(value.get("must"))]
    own = _widest([clause for clause, demand in must if demand is None])
    required = [demand or dict(clause) for clause, demand in must if demand or text_fields(clause) - own]
    required += [dict(clause) for clause in _listed(value.get("filter")) if clause]
    excluded = _listed(value.get("must_not"))
    # Of the clauses that should hold, as many as must: those that anything fulfils count as fulfilled.
    listed = _listed(value.get("should"))
    least = 0 if value.get("must") or value.get("filter") else 1
    try:
        needed = minimum_should_match(value.get("minimum_should_match", least), len(listed)) if listed else 0
    except EngineError as error:
        raise UnclearBody(str(error)) from error
    if needed > len(listed):
        raise UnclearBody("minimum_should_match asks for more clauses than there are")
    if needed > 0:
        should = [(clause, inner(clause)) for clause in listed]
        texts = [clause for clause, demand in should if demand is None]
        # Either field will do, unless the text has to be in several.
        free = own or _widest(texts) if own or needed > 1 else frozenset().union(*map(text_fields, texts))
        demanded = [demand or dict(clause) for clause, demand in should if demand or text_fields(clause) - free]
        left = needed - (len(should) - len(demanded))
        if left > 0:
            required.append({"bool": {"should": demanded, "minimum_should_match": left}})
    if not required and not excluded:
        return None
    parts = {"filter": required, "must_not": excluded}
    return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}


def _widest(texts: Sequence[Any]) -> frozenset[str]:
    """The fields of the clause that looks for the text in the most; of those that must all hold, it is the text."""
    return max(map(text_fields, texts), key=lambda fields: ("*" in fields, len(fields)), default=frozenset[str]())


def _dis_max(value: Any, inner: Inner) -> Clause | None:
    found = [inner(clause) for clause in _listed(_mapping(value, "dis_max").get("queries"))]
    demanded = [demand for demand in found if demand is not None]
    if not found or len(demanded) < len(found):
        return None
    return {"bool": {"should": demanded, "minimum_should_match": 1}}


def _nested(value: Any, inner: Inner) -> Clause | None:
    value = _mapping(value, "nested")
    demand = inner(value.get("query"))
    if demand is None:
        return None
    return {"nested": {name: value[name] for name in ("path", "ignore_unmapped") if name in value} | {"query": demand}}


def _scored(kind: str, name: str) -> Callable[[Any, Inner], Clause | None]:
    """A clause that makes another score of the one under ``name``."""

    def demand(value: Any, inner: Inner) -> Clause | None:
        value = _mapping(value, kind)
        if value.get("min_score"):
            raise UnclearBody(f"the min_score of {kind} can't be applied to products without the engine's score")
        return inner(value[name]) if value.get(name) else None

    return demand


_INSIDE: Mapping[str, Callable[[Any, Inner], Clause | None]] = {
    "bool": _bool,
    "dis_max": _dis_max,
    "nested": _nested,
    "function_score": _scored("function_score", "query"),
    "script_score": _scored("script_score", "query"),
    "boosting": _scored("boosting", "positive"),
    "constant_score": _scored("constant_score", "filter"),
}


def _mapping(value: Any, kind: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnclearBody(f"{kind} is no object, but {str(value)[:60]!r}")
    return value


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) and not isinstance(value, (str, bytes)) else [value]

"""Whether a clause that matches words looks for what is searched for, or for something that the shop wants shown.

``match: {sponsored: true}`` and ``prefix: {sku: PROMO}`` match words as the search itself does, and are rules of the
shop: their words are not those of the search.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from endcap.language.text import normalised

_WORD = re.compile(r"[^\W_]+")
# {KIND: {FIELD: TEXT}}, or {KIND: {FIELD: {KEY: TEXT}}} with one of the keys below.
_MATCHES = ("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix", "common")
_PATTERNS = ("prefix", "wildcard", "regexp", "fuzzy")
_BY_FIELD = frozenset((*_MATCHES, *_PATTERNS, "span_term"))
# {KIND: {KEY: TEXT}}; a search like a product, and not like a text, has none.
_FLAT = frozenset(("multi_match", "combined_fields", "query_string", "simple_query_string", "more_like_this"))
_BY_MEANING = frozenset(("neural", "neural_sparse", "text_expansion", "semantic", "sparse_vector", "agentic"))
# Each run is bounded, and a field begins where a word does: else a long text takes the square of its length.
_FIELD = r"(?<![\w.*\\])[\w.*\\]{1,200}:"
_INSIDE = "{0,300}"
_FIELDED = (
    rf"{_FIELD}(?:\"[^\"]{_INSIDE}\"|\([^()]{_INSIDE}\)|[\[{{][^\]}}]{_INSIDE}[\]}}]"
    rf"|/(?:\\/|[^/]){_INSIDE}/|[^\s()^]{{1,300}})"
)
"""A term, phrase, group, range or pattern with a field in a ``query_string``."""
_LIFTED = re.compile(rf"(?:{_FIELDED}|\([^()]{_INSIDE}{_FIELD}[^()]{_INSIDE}\))\^\d")
"""The same, or a group with one, with a boost."""
_REQUIRED = ("+", "-", "!", "NOT", "AND", "&&")
_OPERATORS = frozenset(("and", "or", "not"))
_FLAGS = frozenset(("true", "false"))
_KEYS = ("query", "value", "query_text", "model_text", "like", "prefix", "pattern", "term")

Words = frozenset[str]


def words_of(text: str) -> Words:
    """The words of a text, without case and accents."""
    return frozenset(_WORD.findall(normalised(text)))


def clause_texts(kind: str, options: Mapping[str, Any]) -> list[Any] | None:
    """What a clause that matches words looks for, as it is written; None where it looks for no words that can be read:
    a vector, or what a model makes of its own parameters."""
    if kind in ("knn", "sltr"):
        return None
    return list(_texts(kind, options)) or (None if kind in _BY_MEANING else [])


def _texts(kind: str, options: Mapping[str, Any]) -> Iterator[Any]:
    if kind in _FLAT or kind in _BY_MEANING:
        yield from _scalars(options.get(key) for key in _KEYS)
    if kind in _BY_FIELD or kind in _BY_MEANING:
        for form in options.values():
            if isinstance(form, Mapping):
                yield from _scalars(form.get(key) for key in _KEYS)
            elif kind in _BY_FIELD:
                yield from _scalars([form])
    elif kind not in _FLAT:  # spans and intervals: clauses in clauses
        waiting: list[Any] = [options]
        while waiting:
            value = waiting.pop()
            if isinstance(value, (list, tuple)):
                waiting.extend(value)
            elif isinstance(value, Mapping):
                for name, inner in value.items():
                    holds_text = name in _BY_FIELD and name != "match"  # "match" of a span holds another clause
                    if holds_text and isinstance(inner, Mapping) and not set(_KEYS) & inner.keys():
                        yield from _texts(name, inner)
                    elif isinstance(inner, (Mapping, list, tuple)):
                        waiting.append(inner)
                    elif name in _KEYS:
                        yield from _scalars([inner])


def _scalars(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, (str, int, float)):
                yield each


def clause_fields(kind: str, options: Mapping[str, Any]) -> frozenset[str]:
    """The fields that a clause looks into, without boosts; "*" where it names none, or some by a pattern."""
    if kind in _BY_FIELD:
        return frozenset(map(str, options))
    named = [options.get("fields"), options.get("default_field")] if kind in _FLAT else []
    names = [str(name).partition("^")[0] for name in _scalars(named)]
    return frozenset("*" if "*" in name else name for name in names or "*")


def _share(fields: frozenset[str], others: frozenset[str]) -> bool:
    """Whether some field is, or is within, one of the others, or the other way round: ``title`` and ``title.exact``."""
    if "*" in fields or "*" in others:
        return bool(fields and others)
    return not (fields.isdisjoint(_objects(others)) and others.isdisjoint(_objects(fields)))


@lru_cache(maxsize=64)  # the fields of a search are looked at for each of its clauses, and there may be thousands
def _objects(fields: frozenset[str]) -> frozenset[str]:
    """The fields, and the objects that they are within."""
    above = {".".join(parts[:n]) for parts in (field.split(".", 50) for field in fields) for n in range(1, len(parts))}
    return fields | above


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search looks for."""

    ways: tuple[Words, ...]
    """Sets of words, one for each way in which the body writes it. None: it is not known, and all that matches words
    counts as the search."""
    fields: frozenset[str] = frozenset()
    """Where it is looked for."""
    any_words: bool = False
    """Whether in those fields all words count: a rescorer looks once more at what was found."""

    @classmethod
    def read(cls, text: str, clauses: Iterable[tuple[str, Mapping[str, Any]]]) -> Searched:
        """From the text that is searched for, and the clauses that match words, by kind and options.

        Where none looks for all of the text (it may have been corrected, or translated), those that come nearest are
        the search as well.
        """
        whole, by_meaning = words_of(text), False
        written = list[tuple[Words, frozenset[str]]]()
        for kind, options in clauses:
            texts = clause_texts(kind, options)
            by_meaning |= texts is None
            found = [words_of(str(each)) for each in texts or ()]
            written += [(words, clause_fields(kind, options)) for words in found if words]

        def nearness(words: Words) -> tuple[float, int]:
            return (2.0, 0) if whole <= words else (len(words & whole) / len(words | whole), len(words))

        nearest = max((nearness(words) for words, _ in written), default=(0.0, 0))
        if not whole or (by_meaning and not nearest[0]):
            return cls((whole,) if whole else ())
        found_in = [fields for words, fields in written if nearness(words) == nearest]
        ways = [words for words, _ in written if nearest[0] <= 1 and nearness(words) == nearest]
        return cls((whole, *dict.fromkeys(ways)), frozenset[str]().union(*found_in))

    def has(self, kind: str, options: Mapping[str, Any]) -> bool:
        """Whether a clause that matches words looks for the search: for all of it and maybe more, or for some of its
        words in a field that the search looks into."""
        texts = clause_texts(kind, options)
        if texts is None or not self.ways:
            return True
        shares_field = _share(clause_fields(kind, options), self.fields)
        if kind not in _BY_FIELD and kind not in _FLAT:  # spans and intervals: all together
            texts = [" ".join(map(str, texts))]
        return any(self._is_way(kind, text, shares_field) for text in texts)

    def lifts_others(self, kind: str, options: Mapping[str, Any]) -> bool:
        """Whether the text of a clause lifts in its syntax what is not searched for: ``usb cable sponsored:true^9``."""
        text = options.get("query") if kind == "query_string" else None
        if not isinstance(text, str) or not self.ways:
            return False
        plain = _LIFTED.sub(" ", text)
        rest = words_of(plain) - _OPERATORS
        ways = (rest,) if rest else self.ways
        if any(not any(_words_in(term) <= way for way in ways) for term in _LIFTED.findall(text)):
            return True
        if str(options.get("default_operator")).lower() == "and":
            return False
        found = (each for each in re.finditer(_FIELDED, plain) if not _is_required(plain, each))
        return any(not self._has_term(each[0]) for each in found)

    def _has_term(self, term: str) -> bool:
        """Whether a term with a field is one of the search, or in a field that it looks into."""
        return _words_in(term) <= self.ways[0] or _share(frozenset([term.partition(":")[0]]), self.fields)

    def _is_way(self, kind: str, text: Any, shares_field: bool) -> bool:
        words = words_of(str(text))
        if words and any(way <= words for way in self.ways):
            return True
        if not words or not shares_field or not isinstance(text, str) or words <= _FLAGS:
            return False
        if self.any_words:
            return True
        if kind in _PATTERNS or kind.endswith("_prefix"):
            return any(all(_is_piece(kind, piece, way) for piece in words) for way in self.ways)
        return any(not words.isdisjoint(way) for way in self.ways)


def _words_in(term: str) -> Words:
    """The words of a term of a ``query_string``, without the names of its fields."""
    return words_of(re.sub(rf"{_FIELD}|\^[\d.]+", " ", term)) - _OPERATORS


def _is_required(text: str, term: re.Match[str]) -> bool:
    """Whether all hits have this term of a ``query_string``, or none."""
    return text[: term.start()].rstrip().endswith(_REQUIRED) or text[term.end() :].lstrip().startswith(("AND", "&&"))


def _is_piece(kind: str, piece: str, words: Words) -> bool:
    """Whether a piece of what a clause looks for is one of the words, or a part of one where it is a pattern."""
    if kind.endswith("prefix"):
        return any(word.startswith(piece) for word in words)
    return piece in words or (kind != "fuzzy" and len(piece) > 1 and any(piece in word for word in words))

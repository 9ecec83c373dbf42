"""What a text in a query syntax asks for, and what it excludes, by the grammar of the engine's own parser.

A text is parsed to a tree of clauses as Lucene would build it (``query_syntax_classic``, ``query_syntax_simple``). What
the tree says to a shopper is read from it here: the words that are searched for, and what must not be.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from endcap.plugin.blend.denied import Denial, Phrase

MAX_CHARACTERS = 32_000
"""OpenSearch's own limit (``search.query.max_query_string_length``)."""
MAX_DEPTH = 100
"""Parentheses in each other; more is no text that somebody wrote."""
MAX_SAID = 2_000
"""Characters of what is searched for; no student reads more."""
MAX_DENIALS = 16
"""So many exclusions are looked at; each costs a look at every product."""


MOST_EDITS = 2
"""Of a fuzzy word, in Lucene."""
_FILTERS = re.compile(
    r"(?:^|[._])(?:id|ids|uuid|status|state|lang|language|locale|country|currency|stock|instock|available|availability|"
    r"active|enabled|visible|visibility|published|deleted|tenant|store|shop|site|channel|region|market|date|created|"
    r"updated|price|rating|type|segment|group)$|(?:^|[._])(?:is|has|in)_",
    re.IGNORECASE,
)
"""Names of fields that only filter."""


class Occur(StrEnum):
    """What a clause is to its group, in the signs in which Lucene prints them."""

    MUST = "+"
    SHOULD = ""
    MUST_NOT = "-"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One term or phrase. ``text`` is empty for what is no word: a range, a regular expression, ``_exists_``."""

    text: str
    field: str | None = None
    """None: the fields that the clause searches."""
    phrase: bool = False
    prefix: bool = False
    """Whether words count that only begin so."""
    slack: int = 0
    """Letters in which a word may differ ("usb~1"), or places by which those of a phrase may ("usb cable"~2)."""


@dataclass(frozen=True, slots=True)
class Group:
    """Clauses in their order, each with what it is to the group."""

    clauses: tuple[tuple[Occur, Node], ...]


Node = Leaf | Group
ALL = Leaf("", field="*")
"""Every document."""


class SyntaxFault(ValueError):
    """A text is not in the grammar; its message says what and where."""


@dataclass(frozen=True, slots=True)
class SearchedText:
    """What a shopper searches for, and what not."""

    text: str
    denied: tuple[Denial, ...] = ()
    certain: bool = True
    """False: it is only said of fields of which it isn't known that they hold words about products."""


def read_tree(tree: Node, clause: Mapping[str, Any], read_paths: Collection[str] = ()) -> SearchedText:
    """What a tree says to a shopper. ``clause`` is the body's clause, its text and its options; ``read_paths`` are the
    source paths that the student reads.

    A term with a field counts if the clause searches that field or the student reads it. One in another field does if
    it reads like words, and the field's name is none of those that filter ("in_stock:true", "status:active"); these
    count where there is nothing else.
    """
    wanted = [leaf for leaf in _wanted(tree) if has_words(leaf)]
    names = [*_searched_fields(clause), *read_paths]
    known = [leaf for leaf in wanted if _is_among(leaf.field, names)]
    others = {leaf.field for leaf in wanted if not known and _reads_like_words(leaf.text)}

    def counts(leaf: Leaf) -> bool:
        if _is_among(leaf.field, names) or leaf.field in others:
            return True
        return bool(known) and _reads_like_words(leaf.text) and not _FILTERS.search(leaf.field or "")

    denials = (_denials(node, counts) for node in _unwanted(tree))
    denied = dict.fromkeys(
        tuple(dict.fromkeys(Phrase(leaf.text, leaf.field, leaf.prefix, leaf.slack) for leaf in denial))
        for denial in itertools.islice(itertools.chain.from_iterable(denials), MAX_DENIALS)
    )
    written = " ".join(str(clause.get("query", "")).split())
    return SearchedText(_said_once([leaf for leaf in wanted if counts(leaf)], written), tuple(denied), bool(known))


def _wanted(node: Node) -> Iterator[Leaf]:
    """The leaves that no exclusion holds, in their order."""
    if isinstance(node, Leaf):
        yield node
        return
    for occur, inner in node.clauses:
        if occur is not Occur.MUST_NOT:
            yield from _wanted(inner)


def _unwanted(node: Node) -> Iterator[Node]:
    """What is excluded, but for what is excluded from an exclusion."""
    if isinstance(node, Group):
        for occur, inner in node.clauses:
            yield from (inner,) if occur is Occur.MUST_NOT else _unwanted(inner)


def _denials(node: Node, counts: Callable[[Leaf], bool]) -> list[tuple[Leaf, ...]]:
    """Alternatives, of each of which all leaves together make the node match; none where words can't say that."""
    if isinstance(node, Leaf):
        return [(node,)] if has_words(node) and counts(node) else []
    of = {occur: [inner for other, inner in node.clauses if other is occur] for occur in Occur}
    if of[Occur.MUST_NOT]:
        return []
    if not of[Occur.MUST]:
        return [denial for inner in of[Occur.SHOULD] for denial in _denials(inner, counts)][:MAX_DENIALS]
    together: list[tuple[Leaf, ...]] = [()]
    for inner in of[Occur.MUST]:
        together = [one + other for one in together for other in _denials(inner, counts)][:MAX_DENIALS]
    return together


def _said_once(leaves: list[Leaf], written: str) -> str:
    """The leaves' texts in their order; what is searched for in several fields or ways is said once, in its longest
    form. What is ``written`` without any sign of the syntax stays as it is, also where it says a word twice."""
    words_as_they_are = " ".join(leaf.text for leaf in leaves)
    if words_as_they_are == written:
        return written
    said: list[list[str]] = []
    for leaf in leaves:
        if sum(len(word) + 1 for other in said for word in other) > MAX_SAID:
            break
        words = leaf.text.split()
        if not _holds([word for other in said for word in other], words):
            said = [other for other in said if not _holds(words, other)] + [words]
    return " ".join(word for words in said for word in words)


def _holds(words: list[str], part: list[str]) -> bool:
    whole, inner = ([word.casefold() for word in some] for some in (words, part))
    return any(whole[i : i + len(inner)] == inner for i in range(len(whole) - len(inner) + 1))


def has_words(leaf: Leaf) -> bool:
    """Whether there is a letter or digit in it; an analyzer drops what has none."""
    return any(character.isalnum() for character in leaf.text)


def with_slack(leaf: Leaf, number: str) -> Leaf:
    """A leaf with what stands behind its "~": of a phrase how far apart, of a word how many letters; where that isn't
    said, by the word's length, as the engine's AUTO has it."""
    if leaf.phrase:
        return replace(leaf, slack=int(number[:3]) if number.isdecimal() else 0)
    if number.isdecimal():
        return replace(leaf, slack=min(int(number[:3]), MOST_EDITS))
    return replace(leaf, slack=0 if len(leaf.text) < 3 else 1 if len(leaf.text) < 6 else MOST_EDITS)


def _reads_like_words(text: str) -> bool:
    return text.casefold() not in ("true", "false") and any(character.isalpha() for character in text)


def _searched_fields(clause: Mapping[str, Any]) -> list[str]:
    """The fields that the clause names, without their boosts."""
    fields = clause.get("fields") or clause.get("default_field") or ()
    fields = [fields] if isinstance(fields, str) else fields if isinstance(fields, (list, tuple)) else ()
    return [str(field).partition("^")[0] for field in fields]


def _is_among(field: str | None, names: Collection[str]) -> bool:
    """Whether a field, or a pattern, is one of the names, lies below one ("title.english"), or holds one."""
    if field is None:
        return True
    return any(
        f"{field}.".startswith(f"{name}.")
        or name.startswith(f"{field}.")
        or fnmatchcase(field, name)
        or fnmatchcase(name, field)
        for name in names
    )

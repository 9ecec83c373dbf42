r"""The grammar of ``query_string``: Lucene's classic query parser with what OpenSearch adds to it.

Clauses stand beside each other, with ``+``, ``-``, ``!``, ``NOT`` before them, and ``AND``, ``&&``, ``OR``, ``||``
between them. A clause is a term, a "phrase", a /regular expression/, a [range TO another] or a (group); ``field:`` may
stand before it, ``^2`` and ``~1`` behind it. A backslash takes its meaning from any sign. The rules are those of
Lucene's ``QueryParser.jj`` and ``QueryParserBase.addClause``; what these refuse is refused here, or by the engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from endcap.plugin.search.query_syntax import (
    ALL,
    MAX_DEPTH,
    Group,
    Leaf,
    Node,
    Occur,
    SyntaxFault,
    has_words,
    with_slack,
)

_BLANK = " \t\n\r\u3000"
_START = rf'(?:\\.|[^{_BLANK}+\-!():^\[\]"{{}}~*?\\/])'
_CHAR = rf"(?:{_START}|[+\-])"
_TOKEN = re.compile(
    rf"""
    (?P<bare>[+\-!][{_BLANK}])
  | (?P<sign>[+\-!():])
  | (?P<word>(?:{_START}|[*?])(?:{_CHAR}|[*?])*)
  | (?P<quoted>"(?:\\.|[^"\\])*")
  | (?P<fuzzy>~{_CHAR}*)
  | \^(?P<boost>\d+(?:\.\d+)?)
  | (?P<regex>/(?:\\/|[^/])*/)
  | (?P<range>[\[{{]\s*(?:"[^"]+"|[^\s\]}}]+)\s+TO\s+(?:"[^"]+"|[^\s\]}}]+)\s*[\]}}])
    """,
    re.VERBOSE | re.DOTALL,
)
_SIGN = re.compile(r'[\\+\-!():^\[\]"{}~*?|&/]')
_PIECE = re.compile(r"(\\.|[*?])", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u(?P<code>[0-9a-fA-F]{4})|(?P<sign>[^u]))", re.DOTALL)
_OPERATORS = {"AND": "and", "&&": "and", "OR": "or", "||": "or", "NOT": "!"}
_BEGINS_A_CLAUSE = frozenset(("+", "-", "!", "(", "word", "quoted", "regex", "range", "bare"))
_EXISTS = "_exists_"
_NOTHING = Group(())
"""What the analyzer drops."""
SHORTEST_PART = 3
"""Letters of a part of a word that still say something."""


class _Token(NamedTuple):
    kind: str
    image: str
    place: int


def classic_tree(text: str, all_required: bool = False, escaped: bool = False) -> Node:
    """The tree of a text in the syntax of ``query_string``; ``all_required`` is ``default_operator: and``, ``escaped``
    is ``escape: true``.

    Raises ``SyntaxFault``.
    """
    if not text.strip():
        return _NOTHING
    if escaped:
        text = _SIGN.sub(r"\\\g<0>", text)
    reading = _Reading(list(_tokens(text)), all_required)
    tree = reading.query(None, 0)
    if reading.kind() != "end":
        raise reading.fault()
    return tree


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        if text[place] in _BLANK:
            place += 1
            continue
        match = _TOKEN.match(text, place)
        if match is None:
            raise SyntaxFault(f"{text[place : place + 20]!r} at character {place + 1}")
        kind, image = str(match.lastgroup), match[0]
        if kind == "sign":
            kind = image
        yield _Token(_OPERATORS.get(image, kind), image, place)
        place = match.end()
    yield _Token("end", "", place)


class _Reading:
    """The tokens of a text, and how far they are read."""

    def __init__(self, tokens: list[_Token], all_required: bool) -> None:
        self.tokens, self.at, self.all_required = tokens, 0, all_required

    def kind(self, ahead: int = 0) -> str:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)].kind

    def next(self) -> _Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def fault(self) -> SyntaxFault:
        token = self.tokens[self.at]
        image = "its end," if token.kind == "end" else repr(token.image)
        return SyntaxFault(f"{image} at character {token.place + 1}")

    def query(self, field: str | None, depth: int) -> Node:
        """Clauses up to a closing parenthesis or the end."""
        if depth > MAX_DEPTH:
            raise SyntaxFault(f"more than {MAX_DEPTH} parentheses in each other")
        clauses, between = list[tuple[Occur, Node]](), ""
        while True:
            before = self.next().kind if self.kind() in ("+", "-", "!") else ""
            node = self.clause(field, depth)
            self._reconsider_last(clauses, between)
            if node != _NOTHING:
                clauses.append((self._occur(between, before), node))
            if self.kind() not in _BEGINS_A_CLAUSE and self.kind() not in ("and", "or"):
                return Group(tuple(clauses))
            between = self.next().kind if self.kind() in ("and", "or") else ""

    def _reconsider_last(self, clauses: list[tuple[Occur, Node]], between: str) -> None:
        """AND makes what stands before it required; OR, where all is required, optional."""
        if clauses and clauses[-1][0] is not Occur.MUST_NOT:
            if between == "and":
                clauses[-1] = (Occur.MUST, clauses[-1][1])
            elif between == "or" and self.all_required:
                clauses[-1] = (Occur.SHOULD, clauses[-1][1])

    def _occur(self, between: str, before: str) -> Occur:
        if before in ("-", "!"):
            return Occur.MUST_NOT
        if self.all_required:
            return Occur.SHOULD if between == "or" else Occur.MUST
        return Occur.MUST if before == "+" or between == "and" else Occur.SHOULD

    def clause(self, field: str | None, depth: int) -> Node:
        if self.kind() == "word" and self.kind(1) == ":":
            image = self.tokens[self.at].image
            if image != "*" and _wildcards(image):  # in a pattern of fields they are escaped
                raise self.fault()
            field = _unescaped(image)
            self.at += 2
        if self.kind() != "(":
            return self.term(field)
        self.next()
        node = self.query(field, depth + 1)
        if self.kind() != ")":
            raise self.fault()
        self.next()
        if self.kind() == "boost":
            self.next()
        return node

    def term(self, field: str | None) -> Node:
        if self.kind() not in ("word", "quoted", "regex", "range", "bare"):
            raise self.fault()
        token = self.next()
        fuzzy = None
        for other in ("boost", "fuzzy") if self.kind() == "boost" else ("fuzzy", "boost"):
            if self.kind() == other and not (other == "fuzzy" and token.kind == "range"):
                behind = self.next()
                fuzzy = behind.image[1:] if other == "fuzzy" else fuzzy
        leaf = _leaf(token, field)
        return with_slack(leaf, fuzzy) if isinstance(leaf, Leaf) and fuzzy is not None else leaf


def _leaf(token: _Token, field: str | None) -> Node:
    """What a term says. A part of a word is said as far as it is one: "cabl*" is "cabl", "*usb*" is "usb"."""
    image = token.image
    if token.kind in ("regex", "range") or field == _EXISTS:
        return Leaf("", field)
    if image == "*":
        return ALL if field is None else Leaf("", field)
    if token.kind == "word" and _wildcards(image):
        return Leaf(_known_part(image), field, prefix=True)
    quoted = token.kind == "quoted"
    text = _unescaped(image[1:-1] if quoted else image)
    if field is not None and not quoted and len(text) > 1 and text[0] in "<>":  # a range as well
        return Leaf("", field)
    leaf = Leaf(text, field, phrase=quoted)
    return leaf if has_words(leaf) else _NOTHING


def _wildcards(image: str) -> bool:
    return any(piece in ("*", "?") for piece in _PIECE.findall(image))


def _known_part(image: str) -> str:
    """The letters of a word with wildcards: "iphone*pro" is "iphone pro", what has a hole of one letter is nothing."""
    pieces = [""]
    for piece in _PIECE.split(image):
        if piece in ("*", "?"):
            pieces.append(piece)
            pieces.append("")
        else:
            pieces[-1] += piece
    while len(pieces) > 1 and not pieces[0]:
        del pieces[:2]
    while len(pieces) > 1 and not pieces[-1]:
        del pieces[-2:]
    if "?" in pieces[1::2]:
        return ""
    words = [_unescaped(piece) for piece in pieces[::2]]
    return " ".join(word for word in words if len(words) == 1 or len(word) >= SHORTEST_PART)


def _unescaped(image: str) -> str:
    def sign(match: re.Match[str]) -> str:
        return chr(int(match["code"], 16)) if match["code"] else match["sign"]

    text, faults = _ESCAPE.sub(sign, image), _ESCAPE.sub("", image)
    if "\\" in faults:
        raise SyntaxFault(f"{image!r}, which ends within an escaped character")
    return text

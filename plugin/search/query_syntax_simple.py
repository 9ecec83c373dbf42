"""The grammar of ``simple_query_string``: Lucene's ``SimpleQueryParser``, which refuses no text.

``+`` is "and", ``|`` "or", ``-`` "not" the token that begins right there; ``"a phrase"``, ``prefix*``, ``word~1``,
``"a phrase"~2``, ``(group)``, and a backslash before any sign. Each of these can be switched off by ``flags``. What has
no end (a quotation mark, a parenthesis) is ignored, and so are operators without anything to stand between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

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

FLAGS = ("AND", "NOT", "OR", "PREFIX", "PHRASE", "PRECEDENCE", "ESCAPE", "WHITESPACE", "FUZZY", "NEAR")
"""In the order of their bits, from 1."""
_BLANK = " \t\n\r"


def flag_names(flags: Any) -> frozenset[str]:
    """The operators that ``flags`` switches on: names between bars, or a number. Raises ``SyntaxFault``."""
    if flags is None or flags == "":
        return frozenset(FLAGS)
    if isinstance(flags, int) and not isinstance(flags, bool):
        return frozenset(name for bit, name in enumerate(FLAGS) if flags < 0 or flags >> bit & 1)
    if not isinstance(flags, str):
        raise SyntaxFault(f"flags {flags!r}")
    names = set[str]()
    for name in filter(None, flags.upper().split("|")):
        if name in ("ALL", "NONE"):
            return frozenset(FLAGS if name == "ALL" else ())
        names.add("NEAR" if name == "SLOP" else name)
    if not names <= set(FLAGS):
        raise SyntaxFault(f"flags {flags!r}")
    return frozenset(names)


def simple_tree(text: str, all_required: bool = False, flags: Any = None) -> Node:
    """The tree of a text in the syntax of ``simple_query_string``; ``all_required`` is ``default_operator: and``.

    Raises ``SyntaxFault`` for ``flags`` that there aren't, and for groups too deep in each other.
    """
    if text.strip() == "*":
        return ALL
    reading = _Reading(text, flag_names(flags), Occur.MUST if all_required else Occur.SHOULD)
    return reading.group(0, len(text), 0) or Group(())


@dataclass(slots=True)
class _State:
    """How far a group is read."""

    at: int
    end: int
    first: Node | None = None
    clauses: list[tuple[Occur, Node]] = field(default_factory=list)
    """All that was read, where that is more than ``first``."""
    operator: Occur | None = None
    denials: int = 0

    @property
    def tree(self) -> Node | None:
        """What was read."""
        return Group(tuple(self.clauses)) if self.clauses else self.first

    def add(self, branch: Node, default: Occur) -> None:
        """Join a token or group to the tree. Where the operator changes, all before it becomes one clause."""
        if isinstance(branch, Leaf) and not branch.prefix and not has_words(branch):  # the analyzer drops it
            return
        if self.denials % 2:
            branch = Group(((Occur.MUST_NOT, branch), (Occur.SHOULD, ALL)))
        if self.first is None:
            self.first = branch
        else:
            operator = default if self.operator is None else self.operator
            if not self.clauses or self.clauses[-1][0] is not operator:
                self.clauses = [(operator, self.tree or branch)]
            self.clauses.append((operator, branch))
        self.operator = None


class _Reading:
    def __init__(self, text: str, flags: frozenset[str], default: Occur) -> None:
        self.text, self.flags, self.default = text, flags, default
        signs = {"PHRASE": '"', "OR": "|", "AND": "+", "PRECEDENCE": "()", "WHITESPACE": _BLANK}
        self.ends = frozenset("".join(sign for flag, sign in signs.items() if flag in flags))
        """Signs that end a token."""
        self.closings = dict(_closings(text, "ESCAPE" in flags))

    def group(self, start: int, end: int, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            raise SyntaxFault(f"more than {MAX_DEPTH} parentheses in each other")
        state = _State(start, end)
        while state.at < end:
            sign = self.text[state.at]
            if sign == "-" and "NOT" in self.flags:
                state.denials += 1
                state.at += 1
                continue
            if sign not in self.ends:
                self._token(state)
            elif sign == "(":
                self._inner_group(state, depth)
            elif sign == '"':
                self._phrase(state)
            else:
                if sign in "+|" and state.first is not None and state.operator is None:
                    state.operator = Occur.MUST if sign == "+" else Occur.SHOULD
                state.at += 1
            # Even a blank ends what "-" denies.
            state.denials = 0
        return state.tree

    def _inner_group(self, state: _State, depth: int) -> None:
        start = state.at + 1
        at = self.closings.get(state.at, state.end)
        state.at = start
        if at >= state.end:  # it has no end: the parenthesis is ignored
            return
        state.at = at + 1
        if at == start:
            state.operator = None
        elif (inner := self.group(start, at, depth + 1)) is not None:
            state.add(inner, self.default)

    def _phrase(self, state: _State) -> None:
        state.at += 1
        start, at, letters, number = state.at, state.at, list[str](), ""
        while at < state.end and self.text[at] != '"':
            if self.text[at] == "\\" and "ESCAPE" in self.flags:
                at += 1
            letters.extend(self.text[at : at + 1] if at < state.end else "")
            at += 1
        if at >= state.end:  # it has no end: the quotation mark is ignored
            return
        if self.text.startswith('"~', at, state.end) and "NEAR" in self.flags:
            at += 1
            if at + 1 < state.end:
                begun = at + 1
                at = self._after_number(at, state.end)
                number = self.text[begun:at]
        state.at = at + 1
        if at == start:
            state.operator = None
        else:
            state.add(with_slack(Leaf("".join(letters), phrase=True), number), self.default)

    def _token(self, state: _State) -> None:
        letters, prefix, fuzzy = list[str](), False, None
        while state.at < state.end:
            sign = self.text[state.at]
            if sign == "\\" and "ESCAPE" in self.flags:
                prefix = False
                letters.extend(self.text[state.at + 1 : min(state.at + 2, state.end)])
                state.at += 2
                continue
            if sign in self.ends:
                break
            if letters and sign == "~" and "FUZZY" in self.flags:
                begun = state.at + 1
                state.at = self._after_number(state.at, state.end)
                prefix, fuzzy = False, self.text[begun : state.at]
                break
            prefix = bool(letters) and sign == "*" and "PREFIX" in self.flags
            letters.append(sign)
            state.at += 1
        if letters:
            leaf = Leaf("".join(letters[:-1] if prefix else letters), prefix=prefix)
            state.add(leaf if fuzzy is None else with_slack(leaf, fuzzy), self.default)

    def _after_number(self, at: int, end: int) -> int:
        """Where the number that follows a "~" has ended."""
        at += 1
        while at < end and self.text[at] not in self.ends:
            at += 1
        return at


def _closings(text: str, has_escapes: bool) -> Iterator[tuple[int, int]]:
    """The places of parentheses that belong together."""
    open_at, at = list[int](), 0
    while at < len(text):
        if text[at] == "\\" and has_escapes:
            at += 1
        elif text[at] == "(":
            open_at.append(at)
        elif text[at] == ")" and open_at:
            yield open_at.pop(), at
        at += 1

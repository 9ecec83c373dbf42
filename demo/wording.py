"""The small grammar that titles and descriptions of the demo shop are written in.

    {name}      the value of a slot, in one of its spellings
    <a|b|c>     one of these
    [text]      present every second time

A line may begin with a condition on a fact, ``(colour=black or white)`` or ``(colour!=black)``; a line that begins with
``!`` is in every text where its condition holds.

Every draw is an integer made from ``Random.getrandbits``, whose bits are the same on every platform and in every
version of Python; the convenience methods of ``random`` promise less.
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Value = TypeVar("Value")

_CHOICE = re.compile(r"<([^<>\[\]]*)>")
_OPTIONAL = re.compile(r"\[([^<>\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]+)\}")
_LINE = re.compile(r"^(!?)\s*(?:\(([\w -]+?)(!?=)([^()]*)\))?\s*(.+)$")
_BRACKETS = re.compile(r"\(\s*[,/]?\s*\)")
_BEFORE_SIGN = re.compile(r"\s+([,.;:)])")
_COMMAS = re.compile(r",(?:\s*,)+")
_TWICE = re.compile(r"\b(\w+) \1\b", re.IGNORECASE)
_SENTENCE = re.compile(r"[.!?] [a-z]")
_ARTICLE = re.compile(r"\b([Aa]) (?=(?:[aeioAEIO]|u(?!n[it]|s|t|ro)|8|11\b|18\b))(?!one\b|once\b|euro|Euro)")
_SMALL_WORDS = "and for with the from without that into your incl per pair pack set".split()  # noqa: SIM905


class Draw:
    """A stream of integer draws that depends on its name alone."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big"))

    def below(self, limit: int) -> int:
        """An integer in [0, limit)."""
        return self._random.getrandbits(32) * limit >> 32

    def pick(self, values: Sequence[Value]) -> Value:
        """One of the values."""
        return values[self.below(len(values))]

    def once_in(self, times: int) -> bool:
        """True once in so many times."""
        return self.below(times) == 0

    def some(self, values: Sequence[Value], how_many: int) -> list[Value]:
        """So many of the values, or all, in the order in which they came."""
        places = list(range(len(values)))
        drawn = (places.pop(self.below(len(places))) for _ in range(min(how_many, len(values))))
        return [values[place] for place in sorted(drawn)]

    def shuffled(self, values: Sequence[Value]) -> list[Value]:
        """The values in another order."""
        rest = list(values)
        return [rest.pop(self.below(len(rest))) for _ in range(len(rest))]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a grammar: its template, and when it may be used."""

    template: str
    always: bool = False
    fact: str = ""
    equal: bool = True
    values: frozenset[str] = frozenset()

    def holds(self, facts: Mapping[str, str]) -> bool:
        """Whether the line's condition is met."""
        return not self.fact or (facts.get(self.fact, "") in self.values) == self.equal


def read_lines(text: str) -> tuple[Line, ...]:
    """The lines of a grammar, from a text with one on each."""
    lines = []
    for raw in filter(None, (row.strip() for row in text.splitlines())):
        match = _LINE.match(raw)
        assert match, raw
        always, fact, operator, values, template = match.groups()
        allowed = frozenset(value.strip() for value in (values or "").split(" or "))
        lines.append(Line(template, bool(always), fact or "", operator != "!=", allowed if fact else frozenset()))
    return tuple(lines)


def slots(template: str) -> list[str]:
    """The names of a template's slots."""
    return _SLOT.findall(template)


def expand(template: str, slot: Callable[[str], str], draw: Draw) -> str:
    """The template in words: choices made, optional parts kept or left out, slots filled, spaces and articles right."""
    text = template
    while True:
        if match := _CHOICE.search(text):
            text = text[: match.start()] + draw.pick(match.group(1).split("|")) + text[match.end() :]
        elif match := _OPTIONAL.search(text):
            text = text[: match.start()] + (match.group(1) if draw.once_in(2) else "") + text[match.end() :]
        else:
            break
    return tidy(_SLOT.sub(lambda match: slot(match.group(1)), text))


def tidy(text: str) -> str:
    """Spaces, commas and articles as one writes them, and a capital at the start."""
    text = _BRACKETS.sub("", " ".join(text.split()))
    text = _COMMAS.sub(",", _BEFORE_SIGN.sub(r"\1", text))
    text = _TWICE.sub(r"\1", text)
    text = _ARTICLE.sub(r"\1n ", " ".join(text.split()).strip(" ,-–/"))
    text = _SENTENCE.sub(lambda match: match.group().upper(), text)
    return text[:1].upper() + text[1:]


def headline(title: str) -> str:
    """A title in the way of sellers who Write Every Word Large; units and small words stay as they are."""
    return " ".join(
        word[:1].upper() + word[1:]
        if len(word) > 2 and word.isalpha() and word.islower() and word not in _SMALL_WORDS
        else word
        for word in title.split(" ")
    )

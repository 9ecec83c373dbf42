"""Which of many rules are for a search, found without asking each: a shop may have thousands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from endcap.plugin.rules.query_match import QueryMatch, pattern_options, plain_pattern

_Numbers = defaultdict[str, list[int]]


class QueryIndex:
    """Matches by their place in a list; ``found`` says the same as ``QueryMatch.matches`` of each."""

    def __init__(self, matches: Sequence[QueryMatch]) -> None:
        self._all = [n for n, match in enumerate(matches) if not match.kind]
        self._query, self._words, self._begins = (_numbers(matches, kind) for kind in ("query", "words", "begins"))
        self._contains = _numbers(matches, "contains")
        self._most_words = max((text.count(" ") - 1 for text in self._words), default=0)
        self._lengths = sorted({len(text) for text in self._begins})
        self._patterns = [(pattern, n) for pattern, of in _numbers(matches, "pattern").items() for n in of]
        self._filter = _filter([pattern for pattern, _ in self._patterns])

    def found(self, words: str, text: str) -> list[int]:
        """The matches for a search, rising, by its ``searched_words`` and its ``searched_text``."""
        numbers = {*self._all, *self._query.get(words, ())}
        for span in _spans(words.split(), self._most_words):
            numbers.update(self._words.get(span, ()))
        for length in self._lengths:
            numbers.update(self._begins.get(text[:length], ()))
        for part, of in self._contains.items():
            if part in text:
                numbers.update(of)
        if self._filter is not None:
            numbers.update(self._patterns[place][1] for place in self._filter.Match(text) or ())
        return sorted(numbers)


def _numbers(matches: Sequence[QueryMatch], kind: str) -> _Numbers:
    """By text, the matches of one kind that have it."""
    numbers = _Numbers(list)
    for n, match in enumerate(matches):
        for text in match.texts if match.kind == kind else ():
            numbers[text].append(n)
    return numbers


def _spans(words: Sequence[str], most: int) -> Iterator[str]:
    """Up to ``most`` words side by side, as ``searched_words`` writes them."""
    for start in range(len(words)):
        for stop in range(start + 1, min(start + most, len(words)) + 1):
            yield f" {' '.join(words[start:stop])} "


def _filter(patterns: Sequence[str]) -> Any:
    """RE2's own index of patterns: only those whose letters a text has are tried. None where there are no patterns."""
    if not patterns:
        return None
    import re2

    found = re2.Filter()
    for pattern in patterns:
        found.Add(plain_pattern(pattern), pattern_options())
    found.Compile()
    return found

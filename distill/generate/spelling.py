"""How often people misspell, told by a catalogue's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from endcap.distill.generate.vocabulary import Vocabulary
from endcap.language.plurals import singular
from endcap.language.text import tokens

USUAL = 0.05
WEIGHT = 50
"""The usual share of misspelt queries counts as so many queries."""


def share_misspelt(queries: Sequence[str], vocabulary: Vocabulary) -> float:
    """The share of queries with a long word that the catalogue lacks and that is a slip away from one of its own."""
    common = {word for word, count in vocabulary.words.items() if count >= 3 and len(word) >= 5 and word.isalpha()}
    singulars = {singular(word) for word in vocabulary.words}
    holes: dict[str, list[str]] = {}
    for word in common:
        for hole in _holes(word):
            holes.setdefault(hole, []).append(word)
    wrong = sum(any(_is_slip(word, singulars, holes) for word in tokens(query)) for query in queries)
    return (wrong + USUAL * WEIGHT) / (len(queries) + WEIGHT)


def _holes(word: str) -> Iterator[str]:
    """The word, and the word without each of its letters: two that share one are at most two slips apart."""
    yield word
    yield from {word[:i] + word[i + 1 :] for i in range(len(word))}


def _is_slip(word: str, singulars: set[str], holes: dict[str, list[str]]) -> bool:
    if len(word) < 5 or not word.isalpha() or singular(word) in singulars:
        return False
    near = {other for hole in _holes(word) for other in holes.get(hole, ())}
    return any(other[0] == word[0] and singular(other) != singular(word) for other in near)

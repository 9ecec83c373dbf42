"""The ways people misspell."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {
    key: "".join(
        other
        for y, letters in enumerate(_ROWS)
        for x, other in enumerate(letters)
        if other != key and abs(y - row) <= 1 and abs(x - column) <= 1
    )
    for row, keys in enumerate(_ROWS)
    for column, key in enumerate(keys)
}
"""The keys around each key."""

DROPPED, DOUBLED, SWAPPED = "dropped letter", "doubled letter", "swapped letters"
NEIGHBOUR, UNDOUBLED, IE_FOR_EI = "neighbouring key", "undoubled letter", "ie for ei"
SHARES = {DROPPED: 0.33, DOUBLED: 0.12, SWAPPED: 0.22, NEIGHBOUR: 0.15, UNDOUBLED: 0.13, IE_FOR_EI: 0.05}
"""How often each kind of slip is made."""


def long_words(words: Sequence[str]) -> list[int]:
    """The places of words that are long enough for a slip. Words with digits are none: another number is another
    product."""
    return [place for place, word in enumerate(words) if len(word) >= 5 and word.isalpha()]


def slip(word: str, kind: str, place: int) -> str:
    """The word with a slip, at a place that is not its first; the word itself where that kind can't be."""
    if kind == DROPPED:
        return word[:place] + word[place + 1 :]
    if kind == DOUBLED:
        return word[: place + 1] + word[place:]
    if kind == SWAPPED:
        place = min(place, len(word) - 2)
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == UNDOUBLED:
        double = next((n for n in range(1, len(word)) if word[n] == word[n - 1]), len(word))
        return word[:double] + word[double + 1 :]
    if kind == IE_FOR_EI:
        rest = word[1:]
        return word[0] + (rest.replace("ie", "ei", 1) if "ie" in rest else rest.replace("ei", "ie", 1))
    return word


def one_slip_apart(one: str, other: str) -> bool:
    """Whether two words differ by one letter put in, left out or changed, or by two neighbours that are swapped."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def misspell(query: str, rng: np.random.Generator) -> tuple[str, str]:
    """A query with one slip in one of its longer words, and which kind of slip; the query itself where there is none.

    First letters stay: people seldom miss those.
    """
    words = query.split(" ")
    places = long_words(words)
    if not places:
        return query, ""
    place = int(rng.choice(places))
    kind = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    misspelling = _slip(words[place], kind, rng)
    if misspelling == words[place]:
        kind = DROPPED
        misspelling = _slip(words[place], kind, rng)
    words[place] = misspelling
    return " ".join(words), kind


def _slip(word: str, kind: str, rng: np.random.Generator) -> str:
    place = int(rng.integers(1, len(word)))
    if kind == NEIGHBOUR and word[place] in NEIGHBOURS:
        return word[:place] + str(rng.choice(list(NEIGHBOURS[word[place]]))) + word[place + 1 :]
    return slip(word, kind, place)

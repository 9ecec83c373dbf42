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
KINDS = (DROPPED, DOUBLED, SWAPPED, "neighbouring key", "undoubled letter", "ie for ei")
_WEIGHTS = np.array([0.33, 0.12, 0.22, 0.15, 0.13, 0.05])


def long_words(words: Sequence[str]) -> list[int]:
    """The places of words that are long enough for a slip. Words with digits are none: another number is another
    product."""
    return [place for place, word in enumerate(words) if len(word) >= 5 and word.isalpha()]


def slip(word: str, kind: str, place: int) -> str:
    """The word with a letter dropped, doubled or swapped with the next one, at a place that is not its first."""
    if kind == DROPPED:
        return word[:place] + word[place + 1 :]
    if kind == DOUBLED:
        return word[: place + 1] + word[place:]
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def misspell(query: str, rng: np.random.Generator) -> tuple[str, str]:
    """A query with one slip in one of its longer words, and which kind of slip; the query itself where there is none.

    First letters stay: people seldom miss those.
    """
    words = query.split(" ")
    places = long_words(words)
    if not places:
        return query, ""
    place = int(rng.choice(places))
    kind = str(rng.choice(KINDS, p=_WEIGHTS))
    misspelling = _slip(words[place], kind, rng)
    if misspelling == words[place]:
        kind = DROPPED
        misspelling = _slip(words[place], kind, rng)
    words[place] = misspelling
    return " ".join(words), kind


def _slip(word: str, kind: str, rng: np.random.Generator) -> str:
    i = int(rng.integers(1, len(word)))
    if kind in (DROPPED, DOUBLED, SWAPPED):
        return slip(word, kind, i)
    if kind == "neighbouring key" and word[i] in NEIGHBOURS:
        return word[:i] + str(rng.choice(list(NEIGHBOURS[word[i]]))) + word[i + 1 :]
    if kind == "undoubled letter":
        doubles = [n for n in range(1, len(word)) if word[n] == word[n - 1]]
        return word[: doubles[0]] + word[doubles[0] + 1 :] if doubles else word
    if kind == "ie for ei":
        rest = word[1:]
        return word[0] + (rest.replace("ie", "ei", 1) if "ie" in rest else rest.replace("ei", "ie", 1))
    return word

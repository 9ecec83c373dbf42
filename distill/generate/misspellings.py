"""The ways people misspell."""

from __future__ import annotations

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

KINDS = ("dropped letter", "doubled letter", "swapped letters", "neighbouring key", "undoubled letter", "ie for ei")
_WEIGHTS = np.array([0.33, 0.12, 0.22, 0.15, 0.13, 0.05])


def misspell(query: str, rng: np.random.Generator) -> tuple[str, str]:
    """A query with one slip in one of its longer words, and which kind of slip; the query itself where there is none.

    First letters and digits stay: people seldom miss those, and another number is another product.
    """
    words = query.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
    if not long:
        return query, ""
    at = int(rng.choice(long))
    kind = str(rng.choice(KINDS, p=_WEIGHTS))
    changed = _slip(words[at], kind, rng)
    if changed == words[at]:
        kind = KINDS[0]
        changed = _slip(words[at], kind, rng)
    words[at] = changed
    return " ".join(words), kind


def _slip(word: str, kind: str, rng: np.random.Generator) -> str:
    i = int(rng.integers(1, len(word)))
    if kind == "dropped letter":
        return word[:i] + word[i + 1 :]
    if kind == "doubled letter":
        return word[: i + 1] + word[i:]
    if kind == "swapped letters":
        i = min(i, len(word) - 2)
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == "neighbouring key" and word[i] in NEIGHBOURS:
        return word[:i] + str(rng.choice(list(NEIGHBOURS[word[i]]))) + word[i + 1 :]
    if kind == "undoubled letter":
        doubles = [n for n in range(1, len(word)) if word[n] == word[n - 1]]
        return word[: doubles[0]] + word[doubles[0] + 1 :] if doubles else word
    if kind == "ie for ei":
        rest = word[1:]
        return word[0] + (rest.replace("ie", "ei", 1) if "ie" in rest else rest.replace("ei", "ie", 1))
    return word

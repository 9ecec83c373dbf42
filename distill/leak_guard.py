"""Keeps evaluation queries out of everything that is trained on: the same query, its normal form, near-duplicates."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

NEAR = 0.75
"""From this similarity of letter trigrams on (Jaccard), two queries are near-duplicates."""


class LeakGuard:
    """Knows the queries that are measured on."""

    def __init__(self, queries: Iterable[str]) -> None:
        self._forms = {normal_form(query): query for query in queries}
        self._grams = {form: trigrams(form) for form in self._forms}
        self._with: dict[str, list[str]] = defaultdict(list)
        for form, grams in self._grams.items():
            for gram in grams:
                self._with[gram].append(form)

    def refuses(self, query: str) -> str | None:
        """Why a query must not be trained on, or None where it may be."""
        form = normal_form(query)
        if form in self._forms:
            return f"it is the test query {self._forms[form]!r}"
        mine = trigrams(form)
        shared: dict[str, int] = defaultdict(int)
        for gram in mine:
            for other in self._with.get(gram, ()):
                shared[other] += 1
        for other, count in shared.items():
            if count / (len(mine) + len(self._grams[other]) - count) >= NEAR:
                return f"it is nearly the test query {self._forms[other]!r}"
        return None


def normal_form(query: str) -> str:
    """A query without what does not change what it asks for: case, accents, punctuation, plurals, the order of words."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", query).casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    words = re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+", text)
    return " ".join(sorted({_singular(word) for word in words}))


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def trigrams(form: str) -> frozenset[str]:
    """The letter trigrams of a normal form, word by word."""
    return frozenset(f" {word} "[i : i + 3] for word in form.split() for i in range(len(word)))

"""Keeps evaluation queries out of everything that is trained on: the same query, its normal form, near-duplicates."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, combinations

from endcap.distill.leaks.normal_form import content_words, is_number, letters, normal_form

NEAR = 0.75
"""From this similarity of letter trigrams on (Jaccard), two queries are near-duplicates."""

SHARED = 0.8
"""From this share of common words on, misspelt ones included (Jaccard), two queries are near-duplicates."""

LONG = 4
"""From so many words on, a word more or less does not make another query."""

KNOWN_BY_WORDS = 5
"""From so many words beside its numbers on, another number does not make another query."""


@dataclass(frozen=True, slots=True)
class _Form:
    """A query as the guard compares it."""

    query: str
    words: frozenset[str]
    numbers: frozenset[str]
    single: frozenset[str]
    """Single letters, which tell one model from the next as numbers do."""
    grams: frozenset[str]
    letters: str
    """All its letters, sorted: the same however words are joined and ordered."""
    joined: str


class LeakGuard:
    """Knows the queries that are measured on.

    A query is refused if its normal form is that of one of them, or if it has the same letters (words joined, split,
    swapped). So is a near-duplicate: a misspelling, a word more or less in a long query, most trigrams in common.
    Another number, or another single letter, makes another query ("mira 3", "mira 4"), unless the rest is long.
    """

    def __init__(self, queries: Iterable[str]) -> None:
        forms = {normal_form(query): query for query in queries}
        self._forms = {key: query for key, query in forms.items() if key}
        self._known = [_form(query) for query in self._forms.values()]
        self._frequency = Counter(gram for form in self._known for gram in form.grams)
        self._of_gram: dict[str, list[int]] = defaultdict(list)
        self._of_letters: dict[str, list[int]] = defaultdict(list)
        self._of_word: dict[str, list[int]] = defaultdict(list)
        self._of_hole: dict[str, set[str]] = defaultdict(set)
        self._meant: dict[str, frozenset[str]] = {}
        for n, form in enumerate(self._known):
            for gram in self._rarest(form.grams):
                self._of_gram[gram].append(n)
            for key in _with_holes(form.letters):
                self._of_letters[key].append(n)
            for word in form.words:
                self._of_word[word].append(n)
                for hole in _holes(word):
                    self._of_hole[hole].add(word)

    def refuses(self, query: str) -> str | None:
        """Why a query must not be trained on, or None where it may be."""
        if not self._known:
            return None
        same = self._forms.get(normal_form(query))
        if same is not None:
            return f"it is the test query {same!r}"
        form = _form(query)
        for n in self._candidates(form):
            if _near(form, self._known[n], self._like):
                return f"it is nearly the test query {self._known[n].query!r}"
        return None

    def _candidates(self, form: _Form) -> Iterator[int]:
        """Numbers of known queries that might be near, without comparing all of them."""
        shared: Counter[int] = Counter()
        for word in form.words:
            shared.update({n for other in self._like(word) for n in self._of_word[other]})
        least = math.ceil(SHARED * len(form.words)) - 1 if len(form.words) >= LONG else len(form.words)
        near = [n for n, count in shared.items() if count >= max(least, 1)]
        grams = (n for gram in self._rarest(form.grams) for n in self._of_gram.get(gram, ()))
        letters = (n for key in _with_holes(form.letters) for n in self._of_letters.get(key, ()))
        yield from dict.fromkeys(chain(near, letters, grams))

    def _like(self, word: str) -> frozenset[str]:
        """Words of known queries that this one is, or may be a misspelling of."""
        if word not in self._meant:
            words = {other for hole in _holes(word) for other in self._of_hole.get(hole, ())}
            self._meant[word] = frozenset(other for other in words if may_be_misspelt(word, other))
        return self._meant[word]

    def _rarest(self, grams: frozenset[str]) -> list[str]:
        """So many of the rarest trigrams that two sets without one of these in common are no near-duplicates.

        This is the prefix filter of Chaudhuri et al., 2006: https://doi.org/10.1109/ICDE.2006.9
        """
        ordered = sorted(grams, key=lambda gram: (self._frequency.get(gram, 0), gram))
        return ordered[: len(ordered) - math.ceil(NEAR * len(ordered)) + 1]


def _near(a: _Form, b: _Form, like: Callable[[str], frozenset[str]]) -> bool:
    """Whether two queries are near-duplicates; ``like`` gives known words that a word of the first may be meant as."""
    fewest = min(len(a.words), len(b.words))
    # Another single letter is another model; one that is missing may be joined to its neighbour ("usb c", "usbc").
    another_letter = a.single != b.single and len(a.single) == len(b.single)
    if a.numbers == b.numbers and not another_letter and _same_letters(a, b):
        return True
    if a.numbers | a.single != b.numbers | b.single and fewest < KNOWN_BY_WORDS:
        return False
    if len(a.words) == len(b.words) or fewest >= LONG:
        shared = len(a.grams & b.grams)
        if shared and shared / (len(a.grams) + len(b.grams) - shared) >= NEAR:
            return True
    if not fewest:
        return False
    free = set(b.words - a.words)
    common = len(a.words & b.words)
    for word in a.words - b.words:
        if other := next(iter(like(word) & free), None):
            free.discard(other)
            common += 1
    most = max(len(a.words), len(b.words))
    if common == fewest == most:
        return True
    # All words of a long query and two more are still that query.
    if common == fewest >= LONG and most - fewest <= 2:
        return True
    return fewest >= LONG and common / (len(a.words) + len(b.words) - common) >= SHARED


def _same_letters(a: _Form, b: _Form) -> bool:
    """Whether two queries are made of the same letters but for one, in much the same order: words joined or split."""
    if abs(len(a.letters) - len(b.letters)) > 1 or min(len(a.letters), len(b.letters)) < 5:
        return a.letters == b.letters and a.joined == b.joined
    more, less = Counter(a.letters), Counter(b.letters)
    if (more - less).total() > 1 or (less - more).total() > 1:
        return False
    pairs_a, pairs_b = _pairs(a.joined), _pairs(b.joined)
    return (pairs_a & pairs_b).total() >= 0.4 * min(pairs_a.total(), pairs_b.total())


def _pairs(text: str) -> Counter[str]:
    return Counter(text[i : i + 2] for i in range(len(text) - 1))


@lru_cache(maxsize=200_000)
def may_be_misspelt(a: str, b: str) -> bool:
    """Whether one word may be a misspelling of the other: at most 1 slip from 4 letters on, 2 from 8, 3 from 14.

    A slip is a letter more, less, or another, or two swapped.
    """
    if a == b:
        return True
    limit = _slips(min(len(a), len(b)))
    return 0 < limit >= abs(len(a) - len(b)) and _distance(a, b) <= limit


def _slips(length: int) -> int:
    return 0 if length < 4 else 1 if length < 8 else 2 if length < 14 else 3


def _distance(a: str, b: str) -> int:
    """The edit distance with swaps of neighbours (optimal string alignment)."""
    before, last = list[int](), list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _holes(word: str) -> Iterator[str]:
    """The word with as many letters left out as it may have slips; a word and its misspelling share one of these."""
    for left_out in range(_slips(len(word)) + 1):
        yield from ("".join(rest) for rest in combinations(word, len(word) - left_out))


def _with_holes(letters: str) -> set[str]:
    """Sorted letters, and the same without each one; of too few letters none."""
    return {letters, *(letters[:i] + letters[i + 1 :] for i in range(len(letters)))} if len(letters) >= 5 else {letters}


def _form(query: str) -> _Form:
    words = content_words(query)
    numbers = frozenset(word for word in words if is_number(word))
    single = frozenset(word for word in words if len(word) == 1 and word.isascii()) - numbers
    joined = letters(query)
    other = frozenset(words) - numbers - single
    return _Form(query, other, numbers, single, trigrams(normal_form(query)), "".join(sorted(joined)), joined)


def trigrams(form: str) -> frozenset[str]:
    """The letter trigrams of a normal form, word by word."""
    return frozenset(f" {word} "[i : i + 3] for word in form.split() for i in range(len(word)))

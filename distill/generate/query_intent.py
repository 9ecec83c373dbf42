"""What a generated query asks for, known by construction, and the grade that any product has by it.

A query that was made from a product asks for parts of it. So that product is right, and another is as right as it has
those parts: no model has to guess. Grades are those of people (endcap.evaluate): 3 has all that is asked for, 2 is the
thing with one wish missed or a near substitute with all, 1 misses more or goes with it, 0 is anything else.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endcap.distill.generate.product_facts import (
    CatalogueWords,
    Facts,
    Values,
    amounts_in,
    noun_of,
    packs_first,
    without_possessive,
)
from endcap.distill.generate.units import QUANTITY
from endcap.distill.generate.words import HAS_DIGIT
from endcap.plugin.shop_words import STOP, denials_out, plain, words_in

_JOINING = {"compatible", "fit", "free", "its", "no", "not", "per", "suitable", "via"}
_BUYING = {
    "best",
    "buy",
    "cheap",
    "deal",
    "good",
    "looking",
    "need",
    "offer",
    "online",
    "order",
    "price",
    "sale",
    "shop",
}
UNSAID = STOP | _JOINING | _BUYING
"""Words that ask for nothing themselves."""
SLIP = 0.8
"""From this similarity of letters on (difflib), a word that the catalogue lacks is one with the same first letter that
the product has."""
SLIPS_FROM = 4
"""Letters."""
_AFTER_NOUN = re.compile(r"(?<![^\W_])(?:for|with|without|in|that|by|from|to|fits?|compatible)(?![^\W_])")
_MODEL_NUMBER = re.compile(r"(?=.*[^\W\d_])(?=.*\d.*\d)")


@dataclass(frozen=True, slots=True)
class Wishes:
    """A query in its parts. What is empty is not asked for."""

    source: Facts
    """The product that has all of it."""
    thing: frozenset[str]
    """Words for what is looked for: those that are nothing of what follows."""
    noun: str
    """The word of them that names it; empty where none does."""
    brand: str
    values: Values
    amounts: frozenset[str]
    numbers: frozenset[str]
    """Words with digits and letters, or of a code; and those with digits that are neither value nor amount."""
    goes_with: frozenset[str]
    negated: frozenset[tuple[str, ...]]
    shelved: bool
    """Whether the thing stands on one shelf, so that what stands on another is another thing."""

    @classmethod
    def of(cls, query: str, source: Facts, catalogue: CatalogueWords, negated_part: str = "") -> Wishes | None:
        """The parts of a query that ``source`` answers; None where the product has not all that the query says, or
        where the query says nothing that tells one product from another.

        A long word that no title has counts as a slip, and may stand for a similar one; what must not be has to be a
        word of the catalogue. ``negated_part`` is what a query is known to negate, in however odd words.
        """
        negated, rest = _negated(packs_first(query), source, catalogue, negated_part)
        amounts = frozenset(amounts_in([rest]))
        denied = {word for phrase in negated for word in phrase}
        if not amounts <= source.amounts or any(_has(source, phrase) for phrase in negated):
            return None
        if not negated_part and not all(word in catalogue.titles or word in source.denied for word in denied):
            return None
        said = words_in(QUANTITY.sub(" ", rest))
        made_by = set(source.brand.split()) - STOP
        own = made_by if made_by <= set(said) else set[str]()
        asked = [word for word in said if _asks(word, source, own) and word not in denied]
        words = [_meant(word, source.said if HAS_DIGIT.search(word) else source.words, catalogue) for word in asked]
        if not all(words):
            return None
        made_by = set(source.brand.split()) - UNSAID
        own = own or (made_by if made_by <= set(words) else set())  # a slip in the brand's name
        goes = _goes_with(words, source)
        if own <= source.goes_with and any(map(HAS_DIGIT.search, goes)):  # a brand's part for the same brand's product
            goes, own = goes | own, set()
        left = [word for word in words if word not in goes and word not in own]
        numbers = {word for word in left if _MODEL_NUMBER.match(word) or word in source.codes}
        left = [word for word in left if word not in numbers]
        values = [value for value in source.values if set(value) <= set(left)]
        valued = {word for value in values for word in value}
        partly = {word for value in source.values for word in value} - valued - source.head
        values += [(word,) for word in left if word in partly]
        left = [word for word in left if word not in valued and word not in partly]
        numbers.update(word for word in left if HAS_DIGIT.search(word))
        thing = frozenset(left) - numbers
        if not (thing or own or goes or any(map(_MODEL_NUMBER.match, numbers))):
            return None
        meant = dict(zip(asked, words, strict=True))
        before = [meant.get(word, "") for word in words_in(_AFTER_NOUN.split(rest, maxsplit=1)[0])]
        noun = noun_of([word for word in before if word in thing]) or noun_of(left)
        return cls(
            source=source,
            thing=thing,
            noun=noun,
            brand=source.brand if own else "",
            values=tuple(dict.fromkeys(values)),
            amounts=amounts,
            numbers=frozenset(numbers),
            goes_with=frozenset(goes),
            negated=negated,
            shelved=bool(source.shelf) and catalogue.on_one_shelf(noun),
        )

    @property
    def names_its_source(self) -> bool:
        """Whether the source is what is looked for, and does not merely mention it."""
        return self.noun in self.source.head if self.thing else bool(self.brand and self.source.shelf)

    def grade(self, other: Facts) -> int:
        """The grade of a product, 0 to 3; that of the source is 3."""
        if other.id == self.source.id:
            return 3
        if not self._fits(other) or not all(self._lacked(phrase, other) for phrase in self.negated):
            return 0
        of_brand, numbered = self._of_brand(other), self._numbered(other)
        missed = len(self.amounts - other.amounts) + sum(not set(value) <= other.said for value in self.values)
        missed += 2 * (not numbered) + (not of_brand)
        best = self._kind(other, named=of_brand and numbered)
        return max(best - missed, min(best, 1) if best > 1 else 0)

    def _kind(self, other: Facts, *, named: bool) -> int:
        """How much a product is the thing, whatever else is asked for."""
        same_shelf = bool(self.source.shelf) and other.shelf == self.source.shelf
        if not self.thing:  # a brand, a model, what a part is for: that alone tells what is looked for
            if self._is_made_for_brand(other):
                return 1
            return 3 if named else int(same_shelf)
        if same_shelf:
            return 3 if self.thing <= other.words else 2 if self.noun in other.head else 1
        if self.thing <= other.head:
            elsewhere = self.shelved and other.shelf
            return 3 if not elsewhere else 2 if other.noun == self.noun else 1
        if self.shelved:
            return int(self.thing <= other.words)
        return int(self.thing <= other.words or self.noun in other.head)

    def _numbered(self, other: Facts) -> bool:
        """Whether a product has the model's numbers; those of the source's title in its title, not in "12 MP"."""
        in_title = self.numbers & self.source.title
        return in_title <= other.title | other.codes and self.numbers <= other.said

    def _fits(self, other: Facts) -> bool:
        """Whether a product goes with what is asked for; where it says what for, that counts, and nothing else."""
        if not self.goes_with:
            return True
        if not other.fits:
            return self.goes_with <= other.said
        if not any(map(HAS_DIGIT.search, self.goes_with)) or not self.source.fits:
            return any(self.goes_with <= each for each in other.fits)
        # "Mira 4 Neo" is another product than "Mira 4", unless the source fits both; "Aurelo Mira 4" is the same one.
        same = set[str]().union(*self.source.fits) | other.fits_brands
        return any(self.goes_with <= each <= same for each in other.fits)

    def _of_brand(self, other: Facts) -> bool:
        made_by = set(self.brand.split())
        return self.brand == other.brand or made_by <= other.title or made_by <= other.goes_with

    def _is_made_for_brand(self, other: Facts) -> bool:
        """Whether a brand alone is asked for, and a product is another maker's part for it."""
        alone = bool(self.brand) and not self.numbers and not self.goes_with
        return alone and other.brand != self.brand and set(self.brand.split()) <= other.goes_with

    def _lacked(self, phrase: tuple[str, ...], other: Facts) -> bool:
        """Whether a product is without what must not be; where the source says that it is, silence tells nothing."""
        return set(phrase) <= other.denied or not (set(phrase) <= self.source.denied or set(phrase) <= other.words)


def best_answer(query: str, found: Iterable[Facts], catalogue: CatalogueWords) -> Wishes | None:
    """A query's parts by the product that answers it best, of those that are what is looked for; None without one.

    One that is called by the query's noun comes first (of "mobile phone" a phone before a phone holder), then the
    commonest shelf, then the order in which they are given.
    """
    answers = [wishes for facts in found if (wishes := Wishes.of(query, facts, catalogue)) and wishes.names_its_source]
    shelves = Counter(wishes.source.shelf for wishes in answers)
    return max(answers, key=lambda each: (each.noun == each.source.noun, shelves[each.source.shelf]), default=None)


def _negated(query: str, source: Facts, catalogue: CatalogueWords, part: str) -> tuple[frozenset[tuple[str, ...]], str]:
    """What must not be, each in one or two words, and the rest of the query.

    "no frills pasta" denies frills: of two words, one that the product is called by is no part of what is denied.
    """
    denials, rest = denials_out(without_possessive(plain(query)))
    if part:
        known = tuple(words_in(plain(part)))
        back = [word for phrase in denials for word in phrase if word not in known]
        return frozenset([known] if known else []), " ".join([rest, *back])
    negated = set[tuple[str, ...]]()
    for phrase in denials:
        if len(phrase) > 1 and phrase[-1] in source.head:
            phrase, rest = phrase[:-1], f"{rest} {phrase[-1]}"
        negated.add(tuple(_meant(word, source.words, catalogue) or word for word in phrase if word not in UNSAID))
    return frozenset(filter(None, negated)), rest


def _has(product: Facts, phrase: tuple[str, ...]) -> bool:
    return set(phrase) <= product.words and not set(phrase) <= product.denied


def _asks(word: str, source: Facts, own: set[str]) -> bool:
    """Whether a word asks for something: "shop" does where a "shop vacuum" is looked for."""
    return word not in UNSAID or word in own or (word in _BUYING and word in source.head)


def _goes_with(words: Sequence[str], source: Facts) -> set[str]:
    """The words that name what the source is made for; in its title's head only where its attributes tell so, too."""
    told = set[str]().union(*source.fits) - set(source.shelf.split())
    return {word for word in words if word in source.goes_with and (word not in source.head or word in told)}


def _meant(word: str, known: frozenset[str], catalogue: CatalogueWords) -> str:
    """The word itself where the product has it, a similar one where it is a slip, or the empty text."""
    if word in known:
        return word
    if len(word) < SLIPS_FROM or word in catalogue.titles or HAS_DIGIT.search(word):
        return ""
    near = sorted(each for each in known if each[0] == word[0] and abs(len(each) - len(word)) <= 1)
    return next(iter(difflib.get_close_matches(word, near, 1, SLIP)), "")

"""What a generated query asks for, known by construction, and the grade that any product has by it.

A query that was made from a product asks for parts of it. So that product is right, and another is as right as it has
those parts: no model has to guess. Grades are those of people (endcap.evaluate). 3 has all that is asked for. 2 is the
thing with one wish missed, or a near substitute with all. 1 misses more, or goes with it. 0 is anything else.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endcap.distill.generate.product_facts import (
    CatalogueWords,
    ProductFacts,
    Values,
    base_quantities,
    noun_of,
    without_possessive,
)
from endcap.language.negations import negations_out
from endcap.language.quantities import quantities_out
from endcap.language.small_words import BUYING_WORDS, STOP_WORDS
from endcap.language.text import has_digit, normalised, words_in

EMPTY_WORDS = STOP_WORDS | BUYING_WORDS | {"compatible", "fit", "free", "its", "no", "not", "per", "suitable", "via"}
"""Words that ask for nothing themselves."""
SLIP = 0.8
"""From this similarity of letters on (difflib), a word that the catalogue lacks is one with the same first letter that
the product has."""
SLIPS_FROM = 4
"""Letters."""
_AFTER_NOUN = re.compile(r"(?<![^\W_])(?:for|with|without|in|that|by|from|to|fits?|compatible)(?![^\W_])")
_MODEL_NUMBER = re.compile(r"(?=.*[^\W\d_])(?=.*\d.*\d)")


@dataclass(frozen=True, slots=True)
class QueryIntent:
    """A query in its parts. What is empty is not asked for."""

    source: ProductFacts
    """The product that has all of it."""
    target: frozenset[str]
    """Words for what is looked for: those that are nothing of what follows."""
    noun: str
    """The word of them that names it; empty where none does."""
    brand: str
    values: Values
    quantities: frozenset[str]
    numbers: frozenset[str]
    """Words with digits and letters, or of a code; and those with digits that are neither value nor quantity."""
    goes_with: frozenset[str]
    negations: frozenset[tuple[str, ...]]
    one_type: bool
    """Whether the target is of one type, so that what is of another type is another thing."""

    @classmethod
    def of(
        cls, query: str, source: ProductFacts, catalogue: CatalogueWords, negated_part: str = ""
    ) -> QueryIntent | None:
        """The parts of a query that ``source`` answers; None where the product has not all that the query says, or
        where the query says nothing that tells one product from another.

        A long word that no title has counts as a slip, and may stand for a similar one; what must not be has to be a
        word of the catalogue. ``negated_part`` is what a query is known to negate, in however odd words.
        """
        negations, positive = _negations(query, source, catalogue, negated_part)
        excluded = {word for phrase in negations for word in phrase}
        quantities = frozenset(base_quantities([positive]))
        if not quantities <= source.quantities or any(_has(source, phrase) for phrase in negations):
            return None
        if not negated_part and not all(word in catalogue.titles or word in source.absent for word in excluded):
            return None
        # Each word that asks for something, and what the source calls it.
        typed = words_in(quantities_out(positive)[1])
        maker = _maker(typed, source, STOP_WORDS)
        typed = [word for word in typed if _asks(word, source, maker) and word not in excluded]
        words = [_similar(w, source.field_words if has_digit(w) else source.words, catalogue) for w in typed]
        if not all(words):
            return None
        # What of these it goes with, who makes it, numbers and values; the rest is what is looked for.
        maker = maker or _maker(words, source, EMPTY_WORDS)  # a slip in the brand's name
        goes = _goes_with(words, source)
        if maker <= source.goes_with and any(map(has_digit, goes)):  # a brand's part for the same brand's product
            goes, maker = goes | maker, set()
        rest = [word for word in words if word not in goes and word not in maker]
        numbers, values, rest = _numbers_and_values(rest, source)
        target = frozenset(rest) - numbers
        if not (target or maker or goes or any(map(_MODEL_NUMBER.match, numbers))):
            return None
        # Its noun is the last of these words before "for", "with" and the like.
        meaning = dict(zip(typed, words, strict=True))
        before = [meaning.get(word, "") for word in words_in(_AFTER_NOUN.split(positive, maxsplit=1)[0])]
        noun = noun_of([word for word in before if word in target]) or noun_of(rest)
        return cls(
            source=source,
            target=target,
            noun=noun,
            brand=source.brand if maker else "",
            values=values,
            quantities=quantities,
            numbers=numbers,
            goes_with=frozenset(goes),
            negations=negations,
            one_type=bool(source.product_type) and catalogue.is_of_one_type(noun),
        )

    @property
    def names_its_source(self) -> bool:
        """Whether the source is what is looked for, and does not merely mention it."""
        return self.noun in self.source.head if self.target else bool(self.brand and self.source.product_type)

    def grade(self, other: ProductFacts) -> int:
        """The grade of a product, 0 to 3; that of the source is 3."""
        if other.id == self.source.id:
            return 3
        if not self._fits(other) or not all(self._lacks(phrase, other) for phrase in self.negations):
            return 0
        of_brand, numbered = self._of_brand(other), self._numbered(other)
        missed = 2 * (not numbered) + (not of_brand) + len(self.quantities - other.quantities)
        missed += sum(not set(value) <= other.field_words for value in self.values)
        best = self._kind(other, named=of_brand and numbered)
        return max(best - missed, min(best, 1) if best > 1 else 0)

    def _kind(self, other: ProductFacts, *, named: bool) -> int:
        """How much a product is the target, whatever else is asked for."""
        same_type = bool(self.source.product_type) and other.product_type == self.source.product_type
        if not self.target:  # a brand, a model, what a part is for: that alone tells what is looked for
            if self._is_made_for_brand(other):
                return 1
            return 3 if named else int(same_type)
        if same_type:
            return 3 if self.target <= other.words else 2 if self.noun in other.head else 1
        if self.target <= other.head:
            elsewhere = self.one_type and other.product_type
            return 3 if not elsewhere else 2 if other.noun == self.noun else 1
        if self.one_type:
            return int(self.target <= other.words)
        return int(self.target <= other.words or self.noun in other.head)

    def _numbered(self, other: ProductFacts) -> bool:
        """Whether a product has the model's numbers; those of the source's title in its title, not in "12 MP"."""
        in_title = self.numbers & self.source.title
        return in_title <= other.title | other.codes and self.numbers <= other.field_words

    def _fits(self, other: ProductFacts) -> bool:
        """Whether a product goes with what is asked for; where it says what for, that counts, and nothing else."""
        if not self.goes_with:
            return True
        if not other.fits:
            return self.goes_with <= other.field_words
        if not any(map(has_digit, self.goes_with)) or not self.source.fits:
            return any(self.goes_with <= words for words in other.fits)
        # "Mira 4 Neo" is another product than "Mira 4", unless the source fits both; "Aurelo Mira 4" is the same one.
        same = set[str]().union(*self.source.fits) | other.fits_brands
        return any(self.goes_with <= words <= same for words in other.fits)

    def _of_brand(self, other: ProductFacts) -> bool:
        made_by = set(self.brand.split())
        return self.brand == other.brand or made_by <= other.title or made_by <= other.goes_with

    def _is_made_for_brand(self, other: ProductFacts) -> bool:
        """Whether a brand alone is asked for, and a product is another maker's part for it."""
        alone = bool(self.brand) and not self.numbers and not self.goes_with
        return alone and other.brand != self.brand and set(self.brand.split()) <= other.goes_with

    def _lacks(self, phrase: tuple[str, ...], other: ProductFacts) -> bool:
        """Whether a product is without what must not be; where the source says that it is, silence tells nothing."""
        return set(phrase) <= other.absent or not (set(phrase) <= self.source.absent or set(phrase) <= other.words)


def best_answer(query: str, hits: Iterable[ProductFacts], catalogue: CatalogueWords) -> QueryIntent | None:
    """A query's parts by the product that answers it best, of those that are what is looked for; None without one.

    One that is called by the query's noun comes first (of "mobile phone" a phone before a phone holder), then the
    commonest type, then the order in which they are given.
    """
    intents = (QueryIntent.of(query, facts, catalogue) for facts in hits)
    answers = [intent for intent in intents if intent and intent.names_its_source]
    types = Counter(intent.source.product_type for intent in answers)
    return max(answers, key=lambda a: (a.noun == a.source.noun, types[a.source.product_type]), default=None)


def _negations(
    query: str, source: ProductFacts, catalogue: CatalogueWords, part: str
) -> tuple[frozenset[tuple[str, ...]], str]:
    """What must not be, each in one or two words, and the rest of the query.

    "no frills pasta" negates frills: of two words, one that the product is called by is no part of what is negated.
    """
    phrases, rest = negations_out(without_possessive(normalised(query)))
    if part:
        negated = tuple(words_in(normalised(part)))
        back = [word for phrase in phrases for word in phrase if word not in negated]
        return frozenset([negated] if negated else []), " ".join([rest, *back])
    negations = set[tuple[str, ...]]()
    for phrase in phrases:
        if len(phrase) > 1 and phrase[-1] in source.head:
            phrase, rest = phrase[:-1], f"{rest} {phrase[-1]}"
        words = [word for word in phrase if word not in EMPTY_WORDS]
        negations.add(tuple(_similar(word, source.words, catalogue) or word for word in words))
    return frozenset(filter(None, negations)), rest


def _has(product: ProductFacts, phrase: tuple[str, ...]) -> bool:
    return set(phrase) <= product.words and not set(phrase) <= product.absent


def _maker(words: Sequence[str], source: ProductFacts, empty: frozenset[str]) -> set[str]:
    """The words of the source's brand, if all of them are there."""
    brand = set(source.brand.split()) - empty
    return brand if brand <= set(words) else set()


def _numbers_and_values(words: Sequence[str], source: ProductFacts) -> tuple[frozenset[str], Values, list[str]]:
    """Numbers, values of attributes, and the words that are neither."""
    numbers = {word for word in words if _MODEL_NUMBER.match(word) or word in source.codes}
    rest = [word for word in words if word not in numbers]
    values = [value for value in source.values if set(value) <= set(rest)]
    whole = {word for value in values for word in value}
    partial = {word for value in source.values for word in value} - whole - source.head
    values += [(word,) for word in rest if word in partial]
    rest = [word for word in rest if word not in whole and word not in partial]
    numbers.update(filter(has_digit, rest))
    return frozenset(numbers), tuple(dict.fromkeys(values)), rest


def _asks(word: str, source: ProductFacts, maker: set[str]) -> bool:
    """Whether a word asks for something: "shop" does where a "shop vacuum" is looked for."""
    return word not in EMPTY_WORDS or word in maker or (word in BUYING_WORDS and word in source.head)


def _goes_with(words: Sequence[str], source: ProductFacts) -> set[str]:
    """The words that name what the source is made for; in its title's head only where its attributes tell so, too."""
    fits = set[str]().union(*source.fits) - set(source.product_type.split())
    return {word for word in words if word in source.goes_with and (word not in source.head or word in fits)}


def _similar(word: str, own: frozenset[str], catalogue: CatalogueWords) -> str:
    """The word itself if it is one of a product's own, its similar own word if it is a slip, or the empty text."""
    if word in own:
        return word
    if len(word) < SLIPS_FROM or word in catalogue.titles or has_digit(word):
        return ""
    near = sorted(other for other in own if other[0] == word[0] and abs(len(other) - len(word)) <= 1)
    return next(iter(difflib.get_close_matches(word, near, 1, SLIP)), "")

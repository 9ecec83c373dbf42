"""What a generated query asks for, known by construction, and the grade that any product has by it.

A query that was made from a product asks for parts of it. So that product is right, and another is as right as it has
those parts: no model has to guess. Grades are those of people (endcap.evaluate): 3 has all that is asked for, 2 is the
thing with one wish missed or a near substitute with all, 1 misses more or goes with it, 0 is anything else.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from endcap.distill.generate.units import QUANTITY, quantities
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.plugin.document_words import MAX_CHARS, words_of
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
"""From this similarity of letters on (difflib), a word that the catalogue lacks is one that the product has."""
SLIPS_FROM = 4
"""Letters."""
LONGEST_BRAND = 4
_TAIL = re.compile(
    r"(?<![^\W_])(?:for|fits?|compatible with|suitable for)(?![^\W_])(.*?)"
    r"(?:$|[,(\[]|\s[-\u2013\u2014]\s|(?<![^\W_])(?:with|by|in)(?![^\W_]))"
)
_FITS = re.compile(r"compatib|fits|suit|works with", re.IGNORECASE)
Values = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Makes:
    """Words by which a catalogue names its products, and what they go with."""

    brands: frozenset[str]
    names: frozenset[str]
    """Of brands, and of values such as "compatible with"."""
    titles: frozenset[str]
    """All words of titles."""

    @classmethod
    def of(cls, products: Iterable[Product]) -> Makes:
        """From a whole catalogue."""
        brands, names, titles = set[str](), set[str](), set[str]()
        for product in products:
            titles.update(words_in(plain(product.title)))
            brands.add(_words(product.brand))
            names.update(word for said in _fits(product) for word in said)
        names.update(word for brand in brands for word in brand.split())
        return cls(frozenset(filter(None, brands)), frozenset(names), frozenset(titles))

    def in_words(self, words: Sequence[str]) -> set[str]:
        """The brands among some words."""
        spans = (" ".join(words[i : i + n]) for n in range(1, LONGEST_BRAND + 1) for i in range(len(words) - n + 1))
        return {span for span in spans if span in self.brands}


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a product, in the words of ``plugin/shop_words.py``."""

    id: str
    shelf: str
    """The leaf of its category's path."""
    brand: str
    head: frozenset[str]
    """Words that say what it is: the title's up to "for" or "with", and the shelf's."""
    title: frozenset[str]
    words: frozenset[str]
    """All words, but of what the attributes and the description say that it is without."""
    denied: frozenset[str]
    goes_with: frozenset[str]
    """Of a product that is made for another one: the words that name that one."""
    values: Values
    """Attributes' values, but yes and no."""
    amounts: frozenset[str]
    """Numbers with units, in the smallest unit."""

    @classmethod
    def of(cls, product: Product, makes: Makes) -> Facts:
        """From a product and its catalogue's names; total."""
        read = words_of(product)
        values = tuple(tuple(words_in(plain(value))) for value in product.attributes.values() if value != "no")
        title, shelf = read.title.split(), read.category.split()
        return cls(
            id=product.id,
            shelf=plain(product.category.rpartition(CATEGORY_SEPARATOR)[2]),
            brand=read.brand,
            head=frozenset([*read.main.split(), *shelf]),
            title=frozenset(title),
            words=frozenset([*title, *read.rest.split(), *shelf, *(word for value in values for word in value)]),
            denied=read.denied,
            goes_with=frozenset(_goes_with(product, makes)),
            values=tuple(value for value in values if value and value != ("yes",)),
            amounts=frozenset(_amounts((product.title, *product.attributes.values()))),
        )


@dataclass(frozen=True, slots=True)
class Wishes:
    """A query in its parts. What is empty is not asked for."""

    source: Facts
    """The product that has all of it."""
    thing: frozenset[str]
    """Words for what is looked for: those that are nothing of what follows."""
    brand: str
    values: Values
    amounts: frozenset[str]
    numbers: frozenset[str]
    """Words with digits that are no value and no amount: a model's."""
    goes_with: frozenset[str]
    negated: frozenset[str]

    @classmethod
    def of(cls, query: str, source: Facts, makes: Makes, negated_part: str = "") -> Wishes | None:
        """The parts of a query that ``source`` answers; None where the product has not all that the query says.

        A long word that no title has counts as a slip, and may stand for a similar one. ``negated_part`` is what a
        query is known to negate, in however odd words.
        """
        denials, rest = denials_out(plain(query))
        negated = {word for phrase in denials for word in phrase}
        negated.update(words_in(plain(negated_part)))
        amounts = frozenset(_amounts([rest]))
        if not amounts <= source.amounts or not _lacks(source, negated):
            return None
        asked = [word for word in words_in(QUANTITY.sub(" ", rest)) if word not in UNSAID and word not in negated]
        said = [_meant(word, source.words, makes) for word in asked]
        words = [word for word in said if word]
        if len(words) < len(asked):
            return None
        goes = {word for word in words if word in source.goes_with and word not in source.head}
        own = set(source.brand.split())
        own = own if own <= set(words) else set()
        if own <= source.goes_with:  # a brand's part for the same brand's product
            goes, own = goes | own, set()
        left = [word for word in words if word not in goes and word not in own]
        values = [value for value in source.values if set(value) <= set(left)]
        valued = {word for value in values for word in value}
        partly = {word for value in source.values for word in value} - valued - source.head
        values += [(word,) for word in left if word in partly]
        left = [word for word in left if word not in valued and word not in partly]
        numbers = frozenset(word for word in left if _has_digit(word))
        return cls(
            source=source,
            thing=frozenset(left) - numbers,
            brand=source.brand if own else "",
            values=tuple(dict.fromkeys(values)),
            amounts=amounts,
            numbers=numbers,
            goes_with=frozenset(goes),
            negated=frozenset(negated),
        )

    @property
    def names_its_source(self) -> bool:
        """Whether the source is what is looked for, and does not merely mention it."""
        return self.thing <= self.source.head

    def grade(self, other: Facts) -> int:
        """The grade of a product, 0 to 3; that of the source is 3."""
        if other.id == self.source.id:
            return 3
        if not self.goes_with <= other.words or not _lacks(other, self.negated):
            return 0
        best = self._kind(other)
        missed = len(self.amounts - other.amounts) + sum(not set(value) <= other.words for value in self.values)
        missed += 2 * (not self.numbers <= other.words) + (not self._of_brand(other))
        return max(best - missed, min(best, 1) if best > 1 else 0)

    def _kind(self, other: Facts) -> int:
        """How much a product is the thing, whatever else is asked for."""
        named, mentioned = self.thing <= other.head, self.thing <= other.words
        if self.source.shelf and other.shelf == self.source.shelf:
            return 3 if mentioned else 2 if self.thing & other.head else 1
        if not self.thing or not named:
            return 0 if not self.thing and self.source.shelf else 3 if not self.thing else int(mentioned)
        return 2 if self.source.shelf else 3

    def _of_brand(self, other: Facts) -> bool:
        return not self.brand or self.brand == other.brand or set(self.brand.split()) <= other.title


def _lacks(product: Facts, negated: set[str] | frozenset[str]) -> bool:
    """Whether a product is without what is negated, or at least says nothing of it."""
    return not negated & product.words or negated <= product.denied


def _meant(word: str, known: frozenset[str], makes: Makes) -> str:
    """The word itself where the product has it, a similar one where it is a slip, or the empty text."""
    if word in known:
        return word
    if len(word) < SLIPS_FROM or word in makes.titles or _has_digit(word):
        return ""
    near = sorted(each for each in known if abs(len(each) - len(word)) <= 1)
    return next(iter(difflib.get_close_matches(word, near, 1, SLIP)), "")


def _goes_with(product: Product, makes: Makes) -> Iterator[str]:
    told = list(_fits(product))
    for words in told:
        yield from words
    title = QUANTITY.sub(" ", plain(" ".join(product.title[: MAX_CHARS["title"]].split())))
    tails = [words_in(said) for said in _TAIL.findall(title)]
    said, own = words_in(title), _words(product.brand)
    if not told and makes.in_words(said) - {own}:  # "Mira 4 case", by another maker
        tails.append([word for word in said if word not in own.split()])
    for words in tails:
        if makes.in_words(words) or any(map(_has_digit, words)):
            yield from (word for word in words if word in makes.names or _has_digit(word))


def _fits(product: Product) -> Iterator[list[str]]:
    for name, value in product.attributes.items():
        if _FITS.search(name):
            yield words_in(plain(value))


def _amounts(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield from (amount.base() for amount in quantities(text))


def _words(text: str) -> str:
    return " ".join(words_in(plain(text)))


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)

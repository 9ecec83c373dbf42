"""What the products of a window are called, where a word of the query may be a name or something else."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from endcap.language.amounts import Amount, as_fluid, match
from endcap.language.languages import ENGLISH, Codes
from endcap.language.negations import misspelt_lacking
from endcap.language.plurals import singular
from endcap.language.quantities import TOLERANCE
from endcap.language.text import has_digit
from endcap.language.units import UNIT_BY_SYMBOL, UNITS, Unit
from endcap.plugin.blend.document_words import DocumentWords

MAX_RUN = 6
"""Words that may be one number."""


@dataclass(frozen=True, slots=True)
class WindowNames:
    """The names in a window. Looked at only for a query that needs it: one that says "no bake", or "3m"."""

    products: Sequence[DocumentWords]
    words: Sequence[str] = ()
    """The query's, singular."""

    def denied(self, word: str, phrase: tuple[str, ...], may_be_name: bool) -> int:
        """How many of the words behind ``word`` are denied; see ``negations_out``.

        None where it is a brand ("No Frills"). One where titles have both as a name ("no-bake"), or where most products
        that have the second word have it elsewhere than behind the first: a "dress without sleeves black" is black.
        """
        if not self.products:
            return len(phrase)
        name, joined = f" {word} {phrase[0]} ", f" {word}{phrase[0]} "
        if may_be_name and any(name in f" {product.brand} " for product in self.products):
            return 0
        if len(phrase) == 1:
            return 1
        if may_be_name and any(name in product.title or joined in product.title for product in self.products):
            return 1
        both, second = f" {' '.join(phrase)} ", f" {phrase[1]} "
        texts = [text for product in self.products if second in (text := product.title + product.rest)]
        together = sum(both in text for text in texts)
        return len(phrase) if 2 * together >= len(texts) else 1

    def frees(self, word: str, is_first: bool, languages: Codes = ENGLISH) -> bool:
        """Whether "free" denies a word before it. Not a brand ("Nike Free Run"); and the first of two ("dairy and
        gluten free") where some product is said to lack it: a "soft and wrinkle free shirt" is soft."""
        if is_first:
            one = singular(word, languages)
            return any(one in product.absent for product in self.products)
        return all(word not in product.brand.split() for product in self._having_others(word))

    def misspelt_lacking(self, words: Sequence[str], languages: Codes) -> list[str]:
        """What products of the window lack, and a misspelt word of the query says so: "wireles headphones"."""
        strange = [word for word in words if len(word) > 5 and word.isalpha() and not self._is_said(word)]
        lacked = sorted({word for product in self.products for word in product.absent}) if strange else []
        return [found for word in strange if (found := misspelt_lacking(word, lacked, languages))]

    def _is_said(self, word: str) -> bool:
        return any(f" {word} " in product.rest for product in self.products)

    def is_name(self, said: str, amount: Amount) -> bool:
        """Whether a number with a unit in one word ("3m", "43l") is a brand, or begins a model's number.

        A brand, where more products are of it than have that amount, or as many, and the query begins with it; a
        model's number, where more are. Products that have other words of the query say so, if there are any. With its
        neighbours, it is the number of a product that has them as one ("ci 65m" for "Ci65M"), unless more products say
        a neighbour that is a word ("light5m" for "light 5m").
        """
        for run in runs(self.words):
            joined = sum("".join(run) in product.models for product in self.products) if said in run else 0
            words = [word for word in run if word.isalpha()]
            if joined and all(joined >= self._count_of(word) for word in words):
                return True
        brands = models = measured = 0
        for product in self._having_others(said):
            if _is_of_brand(product, said):
                brands += 1
            elif any(model.startswith(said) for model in product.models):
                models += 1
            elif match(amount, product.amounts) == 1.0:
                measured += 1
        leads = self.words[:1] == (said,)
        return brands > measured or (leads and brands == measured > 0) or models > measured

    def _count_of(self, word: str) -> int:
        return sum(f" {word} " in product.title for product in self.products)

    def of_liquids(self, amounts: Sequence[Amount], words: Sequence[str]) -> Sequence[Amount]:
        """Ounces as most products have that the last of the query's words names: bottles volumes, coffee weights."""
        weight, volume = (UNIT_BY_SYMBOL[symbol].dimension for symbol in ("oz", "floz"))
        for word in reversed(words):
            told = [product.amounts for product in self.products if f" {word} " in product.title]
            weighed, poured = (
                sum(any(each.dimension == dimension and each.share == 1 for each in some) for some in told)
                for dimension in (weight, volume)
            )
            if weighed or poured:
                return [as_fluid(a) if a.dimension == weight and poured > weighed else a for a in amounts]
        return amounts

    def is_end_of(self, numbers: Collection[str], number: str) -> bool:
        """Whether a number is the end of one in which letters stand before it, as a product has it: "canvas-610"."""
        return any(each.endswith(number) and each != number and self._is_number(each) for each in numbers)

    def _is_number(self, joined: str) -> bool:
        return any(joined in product.models for product in self.products)

    def makes_name(self, word: str, number: str) -> bool:
        """Whether a number behind a word makes a name of it ("iphone 8"), and is not the size of a thing of that kind
        ("laptop 15", "tv 55").

        A name, where titles have both as one word, or where a number that is no amount follows the word in most titles
        that have it; but not where the word is the category of several brands. It is one, too, where one brand alone
        has things that are called so, and nothing with that word measures as much ("leaf 7", beside leaves).
        """
        if any(_begins(model, word + number) for product in self.products for model in product.models):
            return True
        needle = f" {word} "
        having = [product for product in self.products if needle in product.title]
        numbered = sum(_has_number_behind(needle, product) for product in having)
        kinds = [product for product in having if needle in product.category]
        is_kind = 2 * len(kinds) > len(having) and len({product.brand for product in kinds}) > 1
        if is_kind or 2 * numbered > len(having):
            return not is_kind
        called = {
            product.brand for product in having if f"{needle}{number} " in product.own and not product.is_accessory
        }
        if len(called) != 1 or called == {""} or not (number.isascii() and number.isdigit()):
            return False
        return not any(_measures(product, unit, float(number)) for product in having for unit in UNITS)

    def with_unit(self, number: str) -> Amount | None:
        """A bare number as the amount that it is of the window's products: "tv 55" is 55 inches.

        None where as many products have it as it is, or where it is as often an amount of another dimension.
        """
        value = float(number)
        having = [product for product in self._having_others(number) if not product.is_accessory]
        counts = {unit: sum(_measures(product, unit, value) for product in having) for unit in UNITS}
        best = max(counts, key=counts.__getitem__)
        as_it_is = sum(number in product.models for product in having)
        others = max((n for unit, n in counts.items() if unit.dimension != best.dimension), default=0)
        if counts[best] <= max(as_it_is, others):
            return None
        return Amount(best.dimension, value * best.factor, _highest(best, value) * best.factor)

    def _having_others(self, said: str) -> Sequence[DocumentWords]:
        """The products whose titles have another word of the query; all where none has."""
        others = [f" {word} " for word in self.words if word != said]
        return [product for product in self.products if any(word in product.title for word in others)] or self.products


def runs(words: Sequence[str]) -> Iterator[Sequence[str]]:
    """Neighbouring words, two to ``MAX_RUN``, of which one has a digit: they may be one number."""
    for start in range(len(words)):
        for end in range(start + 2, min(start + MAX_RUN, len(words)) + 1):
            if any(map(has_digit, words[start:end])):
                yield words[start:end]


def _is_of_brand(product: DocumentWords, said: str) -> bool:
    named = f" {product.brand} " if product.brand else product.title[: len(said) + 2]
    return f" {said} " in named


def _begins(model: str, beginning: str) -> bool:
    """Whether a model's number is this one, or has letters behind it."""
    return model.startswith(beginning) and not has_digit(model[len(beginning) :][:1])


def _has_number_behind(needle: str, product: DocumentWords) -> bool:
    """Whether a title has a number directly behind a word, which is no amount."""
    behind = (part.partition(" ")[0] for part in product.title.split(needle)[1:])
    return any(word in product.models for word in behind if has_digit(word))


def _measures(product: DocumentWords, unit: Unit, number: float) -> bool:
    """Whether a product has an amount of so many of a unit."""
    low, high = number * unit.factor * (1 - TOLERANCE), _highest(unit, number) * unit.factor * (1 + TOLERANCE)
    return any(
        amount.dimension == unit.dimension and amount.low == amount.high and low <= amount.low <= high
        for amount in product.amounts
    )


def _highest(unit: Unit, number: float) -> float:
    """What is called so much: a screen of 15.6 inches is one of 15."""
    return number + 0.9 if unit.symbol == "inch" else number

"""Numbers with units in a text, on one scale for each dimension, so that 1 kg is 1,000 g and 43 inches are 109 cm."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from endcap.language.languages import ENGLISH, Codes, known
from endcap.language.text import normalised, word_set
from endcap.language.units import CONVERSIONS, UNIT_BY_SYMBOL, Unit, long_name, times, units_by_spelling

TOLERANCE = 0.015
"""Two quantities this close (relative) are the same: shops round 109.22 cm to 109."""

START = r"(?<![\w.,/])(?<![^\W\d_]-)"
"""Before an amount: no part of a number or a word, as in "ip3m-943w"."""

SIGN = r"\"|''|'(?![\w'])"
"""Inches and feet; "80's" are neither."""

_IN_NUMBER = re.compile(r"[^\W\d_][^\W_]*-\Z")
"""Before a part of a model's number that looks like an amount: "N820-10M"."""
_NETWORK = re.compile(r"[2-6]g")


class Quantity(NamedTuple):
    """A number with its unit's symbol."""

    number: float
    unit: str

    @property
    def dimension(self) -> str:
        """What is measured."""
        return UNIT_BY_SYMBOL[self.unit].dimension

    @property
    def value(self) -> float:
        """The value on the dimension's scale: m, kg, l, byte, W, V, Ah, Hz, megapixel, piece."""
        return self.number * UNIT_BY_SYMBOL[self.unit].factor

    def in_base_unit(self) -> str:
        """The amount as a text, in the unit's smallest relative: ``1 kg`` and ``1000 g`` are ``1000 g``."""
        base = UNIT_BY_SYMBOL[self.unit].base
        return f"{number_text(self.number * times(self.unit, base))} {base}"

    def conversion(self) -> Quantity | None:
        """The same amount in another unit that people use, where the number stays a handy one."""
        for large, small in (*CONVERSIONS, ("cl", "ml")):
            factor = times(large, small)
            if self.unit == small and self.number >= factor and self.number % (factor / 10) == 0:
                return Quantity(self.number / factor, large)
            if self.unit == large and self.number < 3 and self.number * factor == int(self.number * factor):
                return Quantity(self.number * factor, small)
        return None

    def spellings(self) -> list[str]:
        """How people write it, the commonest first."""
        number = number_text(self.number)
        if self.unit == "inch":
            return [f"{number} inch", f'{number}"', f"{number}in", f"{number}-inch"]
        if self.unit == "pack":
            return [f"{number} pack", f"pack of {number}", f"{number}pk"]
        return [f"{number}{self.unit}", f"{number} {self.unit}", f"{number} {long_name(self.unit)}"]


def quantities_out(
    normalised_text: str,
    languages: Codes = ENGLISH,
    keep: Callable[[str, Quantity], bool] = lambda *_: False,
) -> tuple[list[Quantity], str]:
    """The numbers with units of a normalised text, and the text without them.

    A comma is a decimal point where it can't part thousands ("1,5 l"); in languages that write decimals so, it is the
    other way round. "5g" without a blank is a network, and stays; "half a kilo" is 0.5 kg, a "pack of 6" a "6 pack".
    So does what is written as one word where ``keep`` says of the word that it is a name ("3m").
    """
    spelling, quantities = unit_spelling(languages), list[Quantity]()

    def take(match: re.Match[str]) -> str:
        quantity = spelling.quantity(match[1], match[2] or match[3])
        start = match.start()
        if start and match.string[start - 1] == "-" and _IN_NUMBER.search(match.string, max(0, start - 20), start):
            return match[0]
        if _NETWORK.fullmatch(match[0]) or (match[0].isalnum() and keep(match[0], quantity)):
            return match[0]
        quantities.append(quantity)
        return " "

    return quantities, spelling.pattern.sub(take, in_digits(normalised_text, languages))


def quantities_in(text: str) -> list[Quantity]:
    """The numbers with units that tell something of a product: one piece is what anything is."""
    return [q for q in quantities_out(normalised(text))[0] if not (q.unit == "pack" and q.number in (0, 1))]


class UnitSpelling(NamedTuple):
    """How languages write amounts: patterns of a number and of a unit behind it, and what they mean."""

    number: str
    unit: str
    pattern: re.Pattern[str]
    """A number, and a unit as a word or as a sign."""
    units: dict[str, Unit]
    thousands: str

    def quantity(self, number: str, unit: str) -> Quantity:
        """What a number and a unit say, as they are written."""
        return Quantity(self.value(number), self.units["floz" if unit.startswith("fl") else unit].symbol)

    def value(self, number: str) -> float:
        """What a number says, as it is written; "1 1/2" is one and a half."""
        whole, _, rest = number.replace("-", " ").rpartition(" ")
        top, _, bottom = rest.partition("/")
        if bottom:
            return (int(whole) if whole else 0) + int(top) / int(bottom)
        if re.fullmatch(rf"\d{{1,3}}(?:[{self.thousands}]\d{{3}})+(?:[.,]\d+)?", number):
            number = number.replace(self.thousands, "")
        return float(number.replace(",", "."))


@lru_cache(maxsize=64)
def unit_spelling(languages: Codes) -> UnitSpelling:
    """How these languages write amounts; what parts thousands is as in the first of them. "10 in 1" is no length."""
    units = dict(units_by_spelling(languages))
    thousands, decimal = (".", ",") if any(x.numbers.decimal == "," for x in known(languages)[:1]) else (",", ".")
    number = (
        rf"(?:\d{{1,2}}[\s-])?\d{{1,2}}/[1-9]\d?|\d{{1,3}}(?:[{thousands}]\d{{3}})+(?:[{decimal}]\d+)?"
        r"|\d{1,9}(?:[.,]\d{1,9})?|\.\d{1,4}"
    )
    special = {"floz": r"fl\.?\s?oz", "in": r"in(?![\s-]*\d)"}
    words = sorted((word for word in units if word.isalpha() and word not in special), key=len, reverse=True)
    unit = rf"(?:{'|'.join([*(special[word] for word in special if word in units), *words])})(?!\w)"
    pattern = re.compile(rf"{START}({number})(?:[\s\u00a0-]?({unit})|\s?({SIGN}))")
    return UnitSpelling(number, unit, pattern, units, thousands)


def in_digits(normalised_text: str, languages: Codes = ENGLISH) -> str:
    """The text with the amounts in digits that it says in words: "half a kilo", "a dozen", "pack of 6", "twin pack"."""
    packs, sizes, words = _number_words(languages)
    text, said = normalised_text, word_set(normalised_text)
    # Nearly no product says any of this: signs of it are looked for before the patterns are.
    if packs.sign.search(text):
        text = packs.pattern.sub(lambda match: f" {next(filter(None, match.groups()))} pack ", text)
    if not said.isdisjoint(sizes.signs):
        text = sizes.pattern.sub(lambda match: f" {sizes.number(match) * int(match[1] or 1):.0f} pack ", text)
    if not said.isdisjoint(words.signs):
        text = words.pattern.sub(lambda match: f"{number_text(words.number(match))} ", text)
    return text


class _Packs(NamedTuple):
    pattern: re.Pattern[str]
    sign: re.Pattern[str]
    """Finds something in each text that has a pack, and does so quickly."""


class _Words(NamedTuple):
    pattern: re.Pattern[str]
    values: dict[str, float]
    signs: frozenset[str]
    """Of these words a text has one that matches."""

    def number(self, match: re.Match[str]) -> float:
        return self.values[re.sub(r"[\s-]+", " ", match["said"])]


@lru_cache(maxsize=64)
def _number_words(languages: Codes) -> tuple[_Packs, _Words, _Words]:
    """What stands for packs with a number in them, for packs of a known size, and for numbers before a unit's name."""
    found = known(languages)
    templates = [template for language in found for template in language.packs.patterns]
    packs = "|".join(map(_pack_pattern, templates)) or "(?!)"
    sizes = {name: float(size) for language in found for name, size in language.packs.sizes.items()}
    words = {name: value for language in found for name, value in language.numbers.words.items()}
    spellings = units_by_spelling(languages).items()
    names = [word for word, unit in spellings if _is_named(word, unit)]
    measured = [word for word, unit in spellings if word.isalpha() and unit.dimension != "count"]
    return (
        # A "bag of 5 kg" is no five of something.
        _Packs(
            re.compile(rf"(?<![^\W_])(?:{packs})(?![^\W_])(?!\s(?:{'|'.join(measured)})(?![^\W_]))"),
            re.compile("|".join({_beside_number(template) for template in templates}) or "(?!)"),
        ),
        _Words(
            re.compile(rf"(?<![^\W_])(?:(\d{{1,3}})\s+)?(?P<said>{_any(sizes)})s?(?![^\W_])"),
            sizes,
            frozenset(ending for name in sizes for ending in _with_s(name)),
        ),
        _Words(
            re.compile(rf"(?<![^\W_])(?P<said>{_any(words)})[\s-]+(?=(?:{'|'.join(names)})(?![^\W_]))"),
            words,
            frozenset(name.split()[0] for name in words),
        ),
    )


def _is_named(spelling: str, unit: Unit) -> bool:
    """Whether a number in words may stand before a spelling: "half lb", but no "one in", "two piece" or "go to"."""
    return spelling.isalpha() and len(spelling) > 1 and spelling != "in" and unit.dimension not in ("count", "data")


def _any(phrases: dict[str, float]) -> str:
    escaped = (re.escape(phrase).replace(r"\ ", r"[\s-]+") for phrase in phrases)
    return "|".join(sorted(escaped, key=len, reverse=True)) or "(?!)"


def _with_s(name: str) -> tuple[str, ...]:
    """The first word of a name, and where it is the only one, with what may follow it: "dozens"."""
    first, *others = name.split()
    return (first,) if others else (first, f"{first}s")


def _beside_number(template: str) -> str:
    """A pattern for the number of a pack and the word beside it, before it where there is one."""
    before, _, after = template.partition("N")
    word = re.escape(before.split()[-1]) if before.split() else ""
    return rf"{word}[\s-]*\d" if word else rf"\d{re.escape(after.split(' ')[0])}"


def _pack_pattern(template: str) -> str:
    return re.escape(template).replace("N", r"(\d{1,4})", 1).replace(r"\ ", r"[\s-]*")


def number_text(number: float) -> str:
    """A number without an exponent and without zeros that say nothing."""
    return f"{number:.4f}".rstrip("0").rstrip(".")

"""Amounts as the blend compares them: by size, with packs, sizes of two or three lengths, ranges and limits."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from endcap.language.languages import ENGLISH, Codes, known
from endcap.language.quantities import SIGN, START, TOLERANCE, Quantity, in_digits, quantities_out, unit_spelling
from endcap.language.units import UNIT_BY_SYMBOL, units_by_spelling

TOTAL, PART = 0.9, 0.5
"""What it counts when all of a pack together is as much as was asked for, and when one piece of it is."""
NEAR = 0.5
"""What an amount counts that is next to the one that was asked for. At a fifth more or less, it counts nothing."""
HALF_WAY = 0.35
"""The logarithm of the ratio at which half of the way from ``NEAR`` to -1 is gone: some 1.4 times as much."""

FEET = r"(\d{1,2})'\s?(\d{1,2}(?:\.\d)?)(?:\"|'')?(?![\w'])"
"""Feet and inches: 5'6"."""
TOTALS = frozenset((("lb", "oz"), ("ft", "inch"), ("m", "cm"), ("pfund", "g")))
"""Units of which an amount is told as so many of one and so many of the other."""
OF_TOTALS = frozenset(unit for pair in TOTALS for unit in pair)
_LARGE = frozenset(large for large, _ in TOTALS)
_BY = r"\s{0,2}[x×*]\s{0,2}"
_BY_A_NUMBER = re.compile(_BY + r"[\d.]")
"""What every size and pack has: where there is none, four patterns need not be looked for."""


class Amount(NamedTuple):
    """From ``low`` to ``high`` of a dimension, on its scale; ``share`` is what it counts where it is as asked for."""

    dimension: str
    low: float
    high: float
    share: float = 1.0

    @classmethod
    def of(cls, quantity: Quantity) -> Amount:
        """The amount of one number with its unit; a pint is an American or a British one."""
        return cls(quantity.dimension, quantity.value, quantity.number * UNIT_BY_SYMBOL[quantity.unit].imperial)


Keep = Callable[[str, Amount], bool]
"""Whether a number and a unit that are written as one word ("3m") are a name, and no amount."""


class _Patterns(NamedTuple):
    size: re.Pattern[str]
    pack_first: re.Pattern[str]
    pack_last: re.Pattern[str]
    spread: re.Pattern[str]
    between: re.Pattern[str]
    limit: re.Pattern[str]
    limit_behind: re.Pattern[str]
    total: re.Pattern[str]
    below: frozenset[str]
    bare_size: re.Pattern[str]
    may_be_total: re.Pattern[str]
    may_be_spread: re.Pattern[str]
    betweens: tuple[str, ...]
    alone: re.Pattern[str]


@lru_cache(maxsize=64)
def _patterns(languages: Codes) -> _Patterns:
    spelling, numbers = unit_spelling(languages), [language.numbers for language in known(languages)]
    number, gap = rf"({spelling.number})", r"[\s-]?"
    unit = rf"({spelling.unit}|{SIGN})"
    below = [word for each in numbers for word in (*each.below, *each.below_behind)]
    of_totals = _any(word for word, unit in spelling.units.items() if word.isalpha() and unit.symbol in OF_TOTALS)
    large = _any(word for word, unit in spelling.units.items() if word.isalpha() and unit.symbol in _LARGE)
    limits = _any(word for each in numbers for word in (*each.below, *each.above)) or "(?!)"
    behind = _any(word for each in numbers for word in (*each.below_behind, *each.above_behind)) or "(?!)"
    between = _any(word for each in numbers for word in each.between) or "(?!)"
    ands = _any(word for language in known(languages) for word in (*language.denials.ands, *language.numbers.ranges))
    to = _any(word for each in numbers for word in each.ranges) or "(?!)"
    return _Patterns(
        size=re.compile(rf"{START}{number}\s?{unit}?{_BY}{number}\s?{unit}?(?:{_BY}{number}\s?{unit}?)?"),
        pack_first=re.compile(rf"{START}(\d{{1,4}})(?:\s?pack)?{_BY}{number}{gap}{unit}"),
        pack_last=re.compile(rf"{START}{number}{gap}{unit}{_BY}(\d{{1,4}})(?![\w.,/])(?:\s?pack(?![^\W_]))?"),
        spread=re.compile(rf"{START}{number}\s?{unit}?(?:\s?[-–—~]\s?|\s(?:{to})\s){number}{gap}{unit}"),
        between=re.compile(
            rf"(?<![^\W_])(?:{between})\s+{number}\s?{unit}?\s(?:{ands or '(?!)'})\s{number}{gap}{unit}"
        ),
        limit=re.compile(rf"(?<![^\W_])({limits})\s+{number}{gap}{unit}"),
        limit_behind=re.compile(rf"{START}{number}{gap}{unit}(?:\s+({behind})(?![^\W_])|\s?\+(?!\s?[^\W_]))"),
        total=re.compile(
            rf"{START}{number}{gap}({of_totals}|')(?:,?\s|-)?{number}{gap}({of_totals}|{SIGN})(?![^\W_])|{START}{FEET}"
        ),
        below=frozenset(below),
        bare_size=re.compile(rf"{START}(\d{{1,5}}){_BY}(\d{{1,5}})(?:{_BY}(\d{{1,5}}))?(?![\w/])"),
        # What each total and each range has: both are rare, and their patterns take long to find nothing.
        may_be_total=re.compile(rf"\d[\s-]?(?:{large}|')(?:,?\s|-)?[\d.]"),
        may_be_spread=re.compile(rf"(?:[-–—~]\s?|\s(?:{to})\s)[\d.]"),
        betweens=tuple(word.split()[0] for each in numbers for word in each.between),
        alone=re.compile(rf"\s*(?=(?:{_any(word for each in numbers for word in each.alone) or '(?!)'})\s+[^\W\d_])"),
    )


def amounts_out(
    normalised_text: str, languages: Codes = ENGLISH, *, limits: bool = False, keep: Keep = lambda *_: False
) -> tuple[list[Amount], str]:
    """The amounts of a normalised text, and the text without them.

    "2 x 500 g" is a pack of 2, 1 kg in all, and 500 g in each. "90 x 200 cm" is two lengths, and stays in the text as
    "90x200", as people ask for it without a unit. "5-10 kg" is all between. With ``limits`` (a query), "under 5 kg"
    is all below, and a "gallon jug" holds one; a product "up to 5 kg" says 5 kg.
    """
    patterns, spelling, found = _patterns(languages), unit_spelling(languages), list[Amount]()

    def size(match: re.Match[str]) -> str:
        one, unit_1, two, unit_2, three, unit_3 = match.groups()
        unit = unit_3 or unit_2
        if unit is None or spelling.quantity("1", unit).dimension != "length":
            return match[0]
        for number, own in ((one, unit_1), (two, unit_2), (three, unit_3)):
            if number is not None:
                found.append(Amount.of(spelling.quantity(number, own or unit)))
        return f" {'x'.join(filter(None, (one, two, three)))} "

    def pack(match: re.Match[str], count: str, number: str, unit: str) -> str:
        quantity = spelling.quantity(number, unit)
        if quantity.dimension in ("length", "count"):
            return match[0]
        found.append(Amount.of(Quantity(int(count), "pack")))
        total = quantity.value * int(count)
        found.append(Amount(quantity.dimension, total, total, TOTAL))
        found.append(Amount.of(quantity)._replace(share=PART))
        return " "

    def spread(match: re.Match[str]) -> str:
        low_number, low_unit, high_number, high_unit = match.groups()
        low, high = spelling.quantity(low_number, low_unit or high_unit), spelling.quantity(high_number, high_unit)
        if low.dimension != high.dimension or not 0 < low.value < high.value:
            return match[0]
        found.append(Amount(low.dimension, low.value, high.value))
        return " "

    def total(match: re.Match[str]) -> str:
        number, unit, more, more_unit, feet, inches = match.groups()
        one, two = (number, unit), (more, more_unit)
        if feet is not None:
            one, two = (feet, "'"), (inches, '"')
        large, small = spelling.quantity(*one), spelling.quantity(*two)
        if (large.unit, small.unit) not in TOTALS or small.value >= large.value / large.number:
            return match[0]
        found.append(Amount.of(Quantity((large.value + small.value) / UNIT_BY_SYMBOL[large.unit].factor, large.unit)))
        return " "

    def limit_behind(match: re.Match[str]) -> str:
        quantity = spelling.quantity(match[1], match[2])
        is_below = match[3] is not None and " ".join(match[3].split()) in patterns.below
        found.append(Amount(quantity.dimension, *((0.0, quantity.value) if is_below else (quantity.value, math.inf))))
        return " "

    def limit(match: re.Match[str]) -> str:
        quantity = spelling.quantity(match[2], match[3])
        is_below = " ".join(match[1].split()) in patterns.below
        low, high = (0.0, quantity.value) if is_below else (quantity.value, math.inf)
        found.append(Amount(quantity.dimension, low, high))
        return " "

    text = in_digits(normalised_text, languages)
    if limits:
        text = "1 " * (patterns.alone.match(text) is not None) + text
    has_sizes = _BY_A_NUMBER.search(text) is not None
    if has_sizes:
        text = patterns.size.sub(size, text)
        text = patterns.pack_first.sub(lambda match: pack(match, match[1], match[2], match[3]), text)
        text = patterns.pack_last.sub(lambda match: pack(match, match[3], match[1], match[2]), text)
    if patterns.may_be_total.search(text):
        text = patterns.total.sub(total, text)
    if any(word in text for word in patterns.betweens):
        text = patterns.between.sub(spread, text)
    if patterns.may_be_spread.search(text):
        text = patterns.spread.sub(spread, text)
    text = patterns.limit_behind.sub(limit_behind, patterns.limit.sub(limit, text)) if limits else text
    if has_sizes:
        text = patterns.bare_size.sub(lambda match: "x".join(filter(None, match.groups())), text)
    quantities, text = quantities_out(text, languages, lambda said, quantity: keep(said, Amount.of(quantity)))
    if not limits:  # fluid ounces are asked for as ounces
        ounces = [Quantity(quantity.number, "oz") for quantity in quantities if quantity.unit == "floz"]
        found += [Amount.of(quantity)._replace(share=TOTAL) for quantity in ounces]
    return [*found, *map(Amount.of, quantities)], text


def _any(phrases: Iterable[str]) -> str:
    return "|".join(sorted((re.escape(phrase).replace(r"\ ", r"\s+") for phrase in phrases), key=len, reverse=True))


def says_ounces(normalised_text: str, languages: Codes = ENGLISH) -> bool:
    """Whether a text has a name of ounces, which are weights of coffee and volumes of bottles."""
    spellings = units_by_spelling(languages)
    words = re.findall(r"[^\W\d_]+", normalised_text)
    return "fl" not in words and any(spellings[word].symbol == "oz" for word in words if word in spellings)


def as_fluid(weight: Amount) -> Amount:
    """A weight of so many ounces as the volume of as many fluid ounces."""
    ratio = UNIT_BY_SYMBOL["floz"].factor / UNIT_BY_SYMBOL["oz"].factor
    return weight._replace(dimension=UNIT_BY_SYMBOL["floz"].dimension, low=weight.low * ratio, high=weight.high * ratio)


def match(asked: Amount, told: Sequence[Amount]) -> float:
    """How well a product's amounts are what was asked for, -1..1: 1 the same but for rounding, less the farther off; 0
    where it tells none of that dimension."""
    return max((_closeness(asked, each) for each in told if each.dimension == asked.dimension), default=0.0)


def _closeness(asked: Amount, told: Amount) -> float:
    """1, or ``NEAR - (1 + NEAR) * d / (d + HALF_WAY)`` with the distance d = ln(larger / smaller)."""
    larger, smaller = (told.low, asked.high) if told.low > asked.high else (asked.low, told.high)
    if larger <= smaller * (1 + TOLERANCE):
        return min(asked.share, told.share) if asked.share == 1 else 1.0
    if smaller <= 0:
        return -1.0
    distance = math.log(larger / smaller)
    near = NEAR - (1 + NEAR) * distance / (distance + HALF_WAY)
    return near * told.share if near > 0 else near

"""Numbers with units in a text, on one scale for each dimension, so that 1 kg is 1,000 g and 43 inches are 109 cm."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from endcap.language.text import normalised
from endcap.language.units import CONVERSIONS, FITTED_UNIT_BY_SPELLING, UNIT_BY_SPELLING, UNIT_BY_SYMBOL, times

TOLERANCE = 0.015
"""Two quantities this close (relative) are the same: shops round 109.22 cm to 109."""


def _pattern(spellings: Iterable[str]) -> re.Pattern[str]:
    """A number and its unit; "10 in 1" is no length."""
    number = r"(?<![\w.,/])(\d{1,2}/[1-9]\d?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:[.,]\d{1,9})?)"
    words = sorted((word for word in spellings if word.isalpha() and word not in ("floz", "in")), key=len, reverse=True)
    unit = rf"(fl\.?\s?oz|in(?!\s*\d)|{'|'.join(words)})(?![^\W_])"
    return re.compile(rf"{number}(?:[\s\u00a0-]?{unit}|\s?(\"|''))")


_FITTED, _EVERY = _pattern(FITTED_UNIT_BY_SPELLING), _pattern(UNIT_BY_SPELLING)
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NETWORK = re.compile(r"[2-6]g")
_PACK_OF = re.compile(r"(?<![^\W_])(?:pack|set|box) of (\d+)")


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
        number, unit = number_text(self.number), UNIT_BY_SYMBOL[self.unit]
        if self.unit == "inch":
            return [f"{number} inch", f'{number}"', f"{number}in", f"{number}-inch"]
        if self.unit == "pack":
            return [f"{number} pack", f"pack of {number}", f"{number}pk"]
        long_name = (*unit.spellings, *unit.further)[-1]
        return [f"{number}{self.unit}", f"{number} {self.unit}", f"{number} {long_name}"]


def quantities_out(normalised_text: str) -> tuple[list[Quantity], str]:
    """The numbers with units of a normalised text, and the text without them.

    A comma is a decimal point where it can't part thousands ("1,5 l"). "5g" without a blank is a network, and stays;
    a "pack of 6" is a "6 pack".
    """
    return _taken_out(_EVERY, _PACK_OF.sub(r"\1 pack", normalised_text))


def fitted_quantities_out(normalised_text: str) -> tuple[list[Quantity], str]:
    """The same with those spellings alone that learnt blends are fitted with (``units.FITTED_UNIT_BY_SPELLING``)."""
    return _taken_out(_FITTED, normalised_text)


def quantities_in(text: str) -> list[Quantity]:
    """The numbers with units that tell something of a product: one piece is what anything is."""
    return [q for q in quantities_out(normalised(text))[0] if not (q.unit == "pack" and q.number in (0, 1))]


def _taken_out(pattern: re.Pattern[str], text: str) -> tuple[list[Quantity], str]:
    quantities = list[Quantity]()

    def take(match: re.Match[str]) -> str:
        number, unit = match[1], match[2] or match[3]
        if _NETWORK.fullmatch(match[0]):
            return match[0]
        quantities.append(Quantity(_number(number), UNIT_BY_SPELLING["floz" if unit.startswith("fl") else unit].symbol))
        return " "

    return quantities, pattern.sub(take, text)


def _number(text: str) -> float:
    top, _, bottom = text.partition("/")
    if bottom:
        return int(top) / int(bottom)
    return float(text.replace(",", "") if _THOUSANDS.fullmatch(text) else text.replace(",", "."))


def number_text(number: float) -> str:
    """A number without an exponent and without zeros that say nothing."""
    return f"{number:.4f}".rstrip("0").rstrip(".")


def same_value(one: float, two: float) -> bool:
    """Whether two values of one dimension are the same but for rounding."""
    return abs(one - two) <= TOLERANCE * max(abs(one), abs(two))

"""Numbers with units, in the ways people write them: ``15.6"``, ``15.6 inch``, ``1kg``, ``1000 g``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

UNITS: dict[str, tuple[str, ...]] = {
    "inch": ("inch", "inches", "in", "zoll", '"'),
    "ft": ("ft", "foot", "'", "feet"),
    "mm": ("mm", "millimeter", "millimetre"),
    "cm": ("cm", "centimeter", "centimetre"),
    "m": ("m", "meter", "metre", "meters", "metres"),
    "g": ("g", "gram", "grams", "gr"),
    "kg": ("kg", "kilo", "kilogram", "kilograms"),
    "mg": ("mg", "milligram"),
    "oz": ("oz", "ounce", "ounces"),
    "lb": ("lb", "lbs", "pound", "pounds"),
    "ml": ("ml", "milliliter", "millilitre"),
    "cl": ("cl", "centiliter"),
    "l": ("l", "liter", "litre", "liters", "litres"),
    "mb": ("mb",),
    "gb": ("gb", "gig"),
    "tb": ("tb", "terabyte"),
    "w": ("w", "watt", "watts"),
    "kw": ("kw", "kilowatt"),
    "v": ("v", "volt", "volts"),
    "mah": ("mah",),
    "ah": ("ah",),
    "hz": ("hz",),
    "mhz": ("mhz",),
    "ghz": ("ghz",),
    "mp": ("mp", "megapixel", "megapixels"),
    "rpm": ("rpm",),
    "pack": ("pack", "pk", "pcs", "pc", "pieces", "piece"),
}
"""How people write a unit, the commonest first."""

LARGER: dict[str, tuple[str, float]] = {
    "cm": ("mm", 10),
    "m": ("mm", 1000),
    "kg": ("g", 1000),
    "cl": ("ml", 10),
    "l": ("ml", 1000),
    "gb": ("mb", 1000),
    "tb": ("mb", 1_000_000),
    "kw": ("w", 1000),
    "ah": ("mah", 1000),
    "mhz": ("hz", 1e6),
    "ghz": ("hz", 1e9),
}
"""The base unit of a larger one, and how many of it that is. Inches stay apart from centimetres: people round there."""

_CONVERSIONS = (("kg", "g"), ("l", "ml"), ("m", "cm"), ("tb", "gb"), ("cl", "ml"), ("cm", "mm"))
"""Pairs of units between which people move, the larger first."""

UNIT_OF = {alias: unit for unit, aliases in UNITS.items() for alias in aliases}
_ALIASES = "|".join(re.escape(alias) for alias in sorted(UNIT_OF, key=len, reverse=True) if alias not in ('"', "'"))
QUANTITY = re.compile(
    rf"(?<![\w.,/-])(\d{{1,5}}(?:[.,]\d{{1,3}})?)(?:[ -]?({_ALIASES})(?![\w/])|\s?([\"”″]|'')(?!\w))", re.IGNORECASE
)
"""A number with a unit; not a part of a model number, a date or a fraction."""


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number, as it was written, with its unit's common short form."""

    number: str
    unit: str

    def base(self) -> str:
        """The same amount in the unit's smallest relative: ``1 kg`` and ``1000 g`` are ``1000 g``."""
        unit, factor = LARGER.get(self.unit, (self.unit, 1))
        return f"{plain(float(self.number) * factor)} {unit}"

    def converted(self) -> Quantity | None:
        """The same amount in another unit that people use, where the number stays a handy one."""
        value = float(self.number)
        for large, small in _CONVERSIONS:
            factor = LARGER[large][1] / (LARGER[small][1] if small in LARGER else 1)
            if self.unit == small and value >= factor and value % (factor / 10) == 0:
                return Quantity(plain(value / factor), large)
            if self.unit == large and value < 3 and value * factor == int(value * factor):
                return Quantity(plain(value * factor), small)
        return None

    def spellings(self) -> list[str]:
        """How people write it, the commonest first."""
        if self.unit == "inch":
            return [f"{self.number} inch", f'{self.number}"', f"{self.number}in", f"{self.number}-inch"]
        if self.unit == "pack":
            return [f"{self.number} pack", f"pack of {self.number}", f"{self.number}pk"]
        return [f"{self.number}{self.unit}", f"{self.number} {self.unit}", f"{self.number} {UNITS[self.unit][-1]}"]


def quantities(text: str) -> Iterator[Quantity]:
    """The numbers with units in a text, in their order."""
    for number, word, _mark in QUANTITY.findall(text):
        if word.lower() in UNIT_OF and UNIT_OF[word.lower()] == "pack" and number in ("0", "1"):
            continue  # one piece is what anything is
        yield Quantity(plain(float(number.replace(",", "."))), UNIT_OF[word.lower()] if word else "inch")


def plain(number: float) -> str:
    """A number without an exponent and without zeros that say nothing."""
    return f"{number:.4f}".rstrip("0").rstrip(".")

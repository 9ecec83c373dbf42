"""Numbers with units in a text, on one scale for each dimension, so that 1 kg is 1,000 g and 43 inches are 109 cm."""

from __future__ import annotations

import re
from typing import NamedTuple

TOLERANCE = 0.015
"""Two quantities this close (relative) are the same: shops round 109.22 cm to 109."""

_UNITS: dict[str, tuple[str, float]] = {}


def _units(dimension: str, **factors: float) -> None:
    _UNITS.update({unit: (dimension, factor) for unit, factor in factors.items()})


_units("length", mm=1e-3, cm=1e-2, m=1.0, meter=1.0, metre=1.0, km=1e3, inch=0.0254, inches=0.0254, ft=0.3048)
_units("length", foot=0.3048, feet=0.3048, yd=0.9144, yard=0.9144, yards=0.9144, meters=1.0, metres=1.0)
_UNITS |= {"in": ("length", 0.0254), '"': ("length", 0.0254), "''": ("length", 0.0254)}
_units("mass", mg=1e-6, g=1e-3, gr=1e-3, gram=1e-3, grams=1e-3, kg=1.0, kilo=1.0, kilos=1.0, lb=0.45359237)
_units("mass", lbs=0.45359237, pound=0.45359237, pounds=0.45359237, oz=0.028349523, ounce=0.028349523)
_units("mass", ounces=0.028349523)
_units("volume", ml=1e-3, cl=1e-2, dl=0.1, l=1.0, liter=1.0, litre=1.0, liters=1.0, litres=1.0, gal=3.785411784)
_units("volume", gallon=3.785411784, gallons=3.785411784, quart=0.946352946, quarts=0.946352946, pint=0.473176473)
_units("volume", floz=0.0295735296)
_units("data", kb=1e3, mb=1e6, gb=1e9, tb=1e12, gigabyte=1e9, terabyte=1e12)
_units("power", mw=1e-3, w=1.0, watt=1.0, watts=1.0, kw=1e3)
_units("voltage", v=1.0, volt=1.0, volts=1.0)
_units("charge", mah=1e-3, ah=1.0)
_units("frequency", hz=1.0, khz=1e3, mhz=1e6, ghz=1e9)
_units("pixels", mp=1.0, megapixel=1.0, megapixels=1.0)
_units("count", pack=1.0, packs=1.0, pk=1.0, pcs=1.0, pieces=1.0, count=1.0, ct=1.0)

_NUMBER = r"(?<![\w.,/])(\d{1,2}/[1-9]\d?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,9}(?:[.,]\d{1,9})?)"
_SPELT = sorted((unit for unit in _UNITS if unit.isalpha() and unit not in ("floz",)), key=len, reverse=True)
# "10 in 1" is no length.
_UNIT = rf"(fl\.?\s?oz|in(?!\s*\d)|{'|'.join(unit for unit in _SPELT if unit != 'in')})(?![^\W_])"
_QUANTITY = re.compile(rf"{_NUMBER}(?:[\s\u00a0-]?{_UNIT}|\s?(\"|''))")
_THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_NETWORK = re.compile(r"[2-6]g")


class Quantity(NamedTuple):
    """A value on its dimension's scale: m, kg, l, byte, W, V, Ah, Hz, megapixel, piece."""

    dimension: str
    value: float


def taken_out(text: str) -> tuple[list[Quantity], str]:
    """The numbers with units of a text, and the text without them.

    The text is in lower case and NFKC, with straight quotation marks for inches. A comma is a decimal point where it
    can't part thousands ("1,5 l"). "5g" without a blank is a network, and stays.
    """
    found = list[Quantity]()

    def take(match: re.Match[str]) -> str:
        number, unit = match[1], match[2] or match[3]
        if _NETWORK.fullmatch(match[0]):
            return match[0]
        dimension, factor = _UNITS["floz" if unit.startswith("fl") else unit]
        found.append(Quantity(dimension, _value(number) * factor))
        return " "

    return found, _QUANTITY.sub(take, text)


def _value(number: str) -> float:
    top, _, bottom = number.partition("/")
    if bottom:
        return int(top) / int(bottom)
    return float(number.replace(",", "") if _THOUSANDS.fullmatch(number) else number.replace(",", "."))


def same(one: float, two: float) -> bool:
    """Whether two values of one dimension are the same but for rounding."""
    return abs(one - two) <= TOLERANCE * max(abs(one), abs(two))

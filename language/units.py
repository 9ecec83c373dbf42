"""The one table of units: what each measures, in which factor, and how people write it.

``spellings`` are those that the blend reads: the shipped model is fitted with them, so another one is another model.
``further`` are read by all else: queries that are generated, grades known by construction, the leak guard.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its usual symbol; ``factor`` is its size on the dimension's scale."""

    symbol: str
    dimension: str
    factor: float
    base: str
    """The unit that amounts are told in, as text, so that equal ones are one text. It is the unit itself where people
    round when they convert (inches), or never convert (mg)."""
    spellings: tuple[str, ...]
    further: tuple[str, ...]


def _units(dimension: str, rows: str) -> list[Unit]:
    """Rows of symbol, factor, base, and spellings; behind a bar the further ones."""
    units = []
    for row in rows.strip().splitlines():
        (symbol, factor, base, *spellings), further = (part.split() for part in f"{row} | ".split("|")[:2])
        units.append(Unit(symbol, dimension, float(factor), base, tuple(spellings), tuple(further)))
    return units


UNITS: tuple[Unit, ...] = (
    *_units(
        "length",
        """
        mm     1e-3    mm     mm                               | millimeter millimetre millimeters millimetres
        cm     1e-2    mm     cm                               | centimeter centimetre centimeters centimetres
        m      1       mm     m meter metre meters metres
        km     1e3     mm     km                               | kilometer kilometre kilometers kilometres
        inch   0.0254  inch   inch inches in " ''              | zoll
        ft     0.3048  ft     ft foot feet
        yard   0.9144  yard   yd yard yards
        """,
    ),
    *_units(
        "mass",
        """
        mg     1e-6         mg  mg                             | milligram milligrams
        g      1e-3         g   g gr gram grams
        kg     1            g   kg kilo kilos                  | kilogram kilograms
        lb     0.45359237   lb  lb lbs pound pounds
        oz     0.028349523  oz  oz ounce ounces
        """,
    ),
    *_units(
        "volume",
        """
        ml     1e-3         ml      ml                         | milliliter millilitre milliliters millilitres
        cl     1e-2         ml      cl                         | centiliter centilitre centiliters centilitres
        dl     0.1          ml      dl
        l      1            ml      l liter litre liters litres
        floz   0.0295735296 floz    floz
        pint   0.473176473  pint    pint                       | pints
        quart  0.946352946  quart   quart quarts
        gallon 3.785411784  gallon  gal gallon gallons
        """,
    ),
    *_units(
        "data",
        """
        kb     1e3     kb     kb                               | kilobyte kilobytes
        mb     1e6     mb     mb                               | megabyte megabytes
        gb     1e9     mb     gb gigabyte                      | gig gigabytes
        tb     1e12    mb     tb terabyte                      | terabytes
        """,
    ),
    *_units(
        "power",
        """
        mw     1e-3    mw     mw                               | milliwatt milliwatts
        w      1       w      w watt watts
        kw     1e3     w      kw                               | kilowatt kilowatts
        """,
    ),
    *_units("voltage", "v   1     v    v volt volts"),
    *_units(
        "charge",
        """
        mah    1e-3    mah    mah
        ah     1       mah    ah
        """,
    ),
    *_units(
        "frequency",
        """
        hz     1       hz     hz
        khz    1e3     hz     khz
        mhz    1e6     hz     mhz
        ghz    1e9     hz     ghz
        """,
    ),
    *_units("pixels", "mp   1   mp    mp megapixel megapixels"),
    *_units("rotation", "rpm 1   rpm                | rpm"),
    *_units("count", "pack  1   pack  pack packs pk pcs pieces count ct | pc piece"),
)
"""Scales are m, kg, l, byte, W, V, Ah, Hz, megapixel, turn a minute, piece."""

UNIT: Mapping[str, Unit] = {unit.symbol: unit for unit in UNITS}
"""By symbol."""
FITTED: Mapping[str, Unit] = {spelling: unit for unit in UNITS for spelling in unit.spellings}
"""By spelling, what the blend reads."""
UNIT_OF: Mapping[str, Unit] = {spelling: unit for unit in UNITS for spelling in (*unit.spellings, *unit.further)}
"""By spelling."""

CONVERSIONS = (("l", "ml"), ("kg", "g"), ("m", "cm"), ("cm", "mm"), ("tb", "gb"))
"""Pairs of units between which people move, the larger first."""


def times(large: str, small: str) -> float:
    """How many of a smaller unit a larger one is, by their symbols."""
    return UNIT[large].factor / UNIT[small].factor

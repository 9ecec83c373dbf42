"""The units of ``units.toml``, which says what each column means, and how each language writes them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from endcap.language.languages import ENGLISH, Codes, known


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its usual symbol; ``factor`` is its size on the dimension's scale, ``signs`` are the same in all
    languages."""

    symbol: str
    dimension: str
    factor: float
    signs: tuple[str, ...]
    base: str
    imperial: float
    """The size of the British unit of that name; ``factor`` where there is none."""


def _read_units() -> tuple[Unit, ...]:
    table = tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))
    return tuple(
        Unit(
            symbol,
            dimension,
            row["factor"],
            tuple(row.get("signs", ())),
            row.get("base", symbol),
            row.get("imperial", row["factor"]),
        )
        for dimension, units in table.items()
        for symbol, row in units.items()
    )


UNITS = _read_units()
UNIT_BY_SYMBOL: Mapping[str, Unit] = {unit.symbol: unit for unit in UNITS}
"""By symbol."""


@lru_cache(maxsize=256)
def units_by_spelling(languages: Codes) -> Mapping[str, Unit]:
    """The units by what these languages write for them, signs among it; where two mean different ones, the first."""
    by_spelling = {sign: unit for unit in UNITS for sign in unit.signs}
    for language in known(languages):
        for symbol, spellings in language.units.items():
            for spelling in spellings:
                by_spelling.setdefault(spelling, UNIT_BY_SYMBOL[symbol])
    return by_spelling


UNIT_BY_SPELLING = units_by_spelling(ENGLISH)
"""By spelling, in English."""

CONVERSIONS = (("l", "ml"), ("kg", "g"), ("m", "cm"), ("cm", "mm"), ("tb", "gb"))
"""Pairs of units between which people move, the larger first."""


def times(large: str, small: str) -> float:
    """How many of a smaller unit a larger one is, by their symbols."""
    return UNIT_BY_SYMBOL[large].factor / UNIT_BY_SYMBOL[small].factor


@lru_cache(maxsize=256)
def long_name(symbol: str) -> str:
    """How English writes a unit in full, for amounts that stand behind a number."""
    spellings = [spelling for spelling, unit in UNIT_BY_SPELLING.items() if unit.symbol == symbol]
    return spellings[-1]

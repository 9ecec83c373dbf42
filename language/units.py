"""The one table of units, ``units.toml``, which says what each column means."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its usual symbol; ``factor`` is its size on the dimension's scale."""

    symbol: str
    dimension: str
    factor: float
    spellings: tuple[str, ...]
    further: tuple[str, ...]
    base: str


def _read_units() -> tuple[Unit, ...]:
    table = tomllib.loads(Path(__file__).with_name("units.toml").read_text(encoding="utf-8"))
    return tuple(
        Unit(symbol, dimension, r["factor"], (*r["spellings"],), (*r.get("further", ()),), r.get("base", symbol))
        for dimension, units in table.items()
        for symbol, r in units.items()
    )


UNITS = _read_units()
UNIT_BY_SYMBOL: Mapping[str, Unit] = {unit.symbol: unit for unit in UNITS}
"""By symbol."""
FITTED_UNIT_BY_SPELLING: Mapping[str, Unit] = {spelling: unit for unit in UNITS for spelling in unit.spellings}
"""By spelling, what the blend reads."""
UNIT_BY_SPELLING: Mapping[str, Unit] = {
    spelling: unit for unit in UNITS for spelling in (*unit.spellings, *unit.further)
}
"""By spelling."""

CONVERSIONS = (("l", "ml"), ("kg", "g"), ("m", "cm"), ("cm", "mm"), ("tb", "gb"))
"""Pairs of units between which people move, the larger first."""


def times(large: str, small: str) -> float:
    """How many of a smaller unit a larger one is, by their symbols."""
    return UNIT_BY_SYMBOL[large].factor / UNIT_BY_SYMBOL[small].factor

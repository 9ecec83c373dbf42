"""How searchers put a product's facts: where a value stands, other words for it, the same size in other units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from endcap.demo.data_file import read_data

BEFORE, AFTER = "{v} {n}", "{n} {v}"
_NUMBER = r"(\d+(?:\.\d+)?)"
_STEPS: tuple[tuple[str, str, float], ...] = (
    ("l", "ml", 1000), ("kg", "g", 1000), ("m", "cm", 100), ("cm", "mm", 10), ("TB", "GB", 1000), ('"', "cm", 2.54),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueryWords:
    """The tables of ``query_words.toml``, which says what each of them holds."""

    skipped: Sequence[str]
    around: Sequence[str]
    places: Mapping[str, Sequence[str]]
    wishes: Mapping[str, Sequence[str]]
    without: Mapping[str, Sequence[str]]
    alike: Mapping[str, Mapping[str, Sequence[str]]]
    units: Mapping[str, Sequence[str]]


@cache
def query_words() -> QueryWords:
    """The words of the demo's searchers."""
    return QueryWords(**read_data("query_words.toml"))


def units(value: str) -> tuple[str, ...]:
    """Other ways to write a quantity: ``0.8 l`` as ``800 ml``, ``0.8 litre``, ``0.8l``; none where it is none."""
    if sides := re.fullmatch(rf"{_NUMBER} x {_NUMBER}( cm)?", value):
        return (f"{sides[1]}x{sides[2]}", f"{sides[1]} by {sides[2]}", f"{sides[1]}x{sides[2]}cm")
    match = re.fullmatch(rf'{_NUMBER} ?(\w+|")', value)
    words = query_words().units
    if not match or match[2] not in {unit for step in _STEPS for unit in step[:2]} | words.keys():
        return ()
    number, unit = match[1], match[2]
    # the unit spelt out
    spellings = words.get(unit, (unit,))
    forms = [f"{number} {spelling}" for spelling in spellings] + [f"{number}{spellings[0]}"]
    # the same quantity in a smaller or a larger unit
    for large, small, times in _STEPS:
        if unit == large:
            forms.append(f"{float(number) * times:.{0 if times != 2.54 else 1}f} {small.lower()}")
        elif unit == small and large != '"' and float(number) >= times / 4:
            forms.append(f"{float(number) / times:g} {large.lower()}")
    return tuple(dict.fromkeys(forms))

"""How searchers put a product's facts: where a value stands, other words for it, the same size in other units."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from endcap.demo.data_file import read_data
from endcap.language.units import CONVERSIONS, UNIT_BY_SPELLING, times

BEFORE, AFTER = "{v} {n}", "{n} {v}"
_NUMBER = r"(\d+(?:\.\d+)?)"


@dataclass(frozen=True, slots=True)
class SearcherWords:
    """The tables of ``query_words.toml``, which says what each of them holds."""

    skipped: Sequence[str]
    around: Sequence[str]
    places: Mapping[str, Sequence[str]]
    wishes: Mapping[str, Sequence[str]]
    without: Mapping[str, Sequence[str]]
    alike: Mapping[str, Mapping[str, Sequence[str]]]
    units: Mapping[str, Sequence[str]]


@cache
def query_words() -> SearcherWords:
    """The words of the demo's searchers."""
    return SearcherWords(**read_data("query_words.toml"))


def unit_spellings(value: str) -> tuple[str, ...]:
    """Other ways to write a quantity: ``0.8 l`` as ``800 ml``, ``0.8 litre``, ``0.8l``; none where it is none."""
    if sides := re.fullmatch(rf"{_NUMBER} x {_NUMBER}( cm)?", value):
        return (f"{sides[1]}x{sides[2]}", f"{sides[1]} by {sides[2]}", f"{sides[1]}x{sides[2]}cm")
    match = re.fullmatch(rf'{_NUMBER} ?(\w+|")', value)
    spelt_out = query_words().units
    if not match or match[2] not in spelt_out:
        return ()
    number, unit = match[1], match[2]
    # the unit spelt out
    forms = [f"{number} {spelling}" for spelling in spelt_out[unit]] + [f"{number}{spelt_out[unit][0]}"]
    # the same quantity in a smaller or a larger unit
    symbol, amount = UNIT_BY_SPELLING[unit.lower()].symbol, float(number)
    for large, small in (*CONVERSIONS, ("inch", "cm")):
        factor = times(large, small)
        if symbol == large:
            forms.append(f"{amount * factor:.{1 if large == 'inch' else 0}f} {small}")
        elif symbol == small and large != "inch" and amount >= factor / 4:
            forms.append(f"{amount / factor:g} {large}")
    return tuple(dict.fromkeys(forms))

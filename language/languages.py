"""What is read of each language: a file each beside this one, registered by being there.

Readers of this room take a tuple of ISO 639-1 codes, and read all of these languages at once; where two differ, the
first decides. A code without a file adds nothing: signs of units are read in any language.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from endcap.errors import InputError

Codes = tuple[str, ...]
ENGLISH: Codes = ("en",)


@dataclass(frozen=True, slots=True)
class PluralRule:
    """An ending, and what stands in its place in the singular, of words with so many letters at least that don't end as
    ``unless`` says."""

    ending: str
    becomes: str
    letters: int
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers in words, the sign before decimals ("." or ","), and what makes a range or a limit of numbers."""

    decimal: str
    words: Mapping[str, float]
    ranges: tuple[str, ...]
    between: tuple[str, ...]
    below: tuple[str, ...]
    above: tuple[str, ...]
    below_behind: tuple[str, ...]
    """Limits that stand behind the amount: "100 ml or less"."""
    above_behind: tuple[str, ...]
    alone: tuple[str, ...] = ()
    """Names of units that are one of it where a query begins so: "gallon water jug"."""


@dataclass(frozen=True, slots=True)
class Packs:
    """How packs are told: ``patterns`` with N for the number, and names of packs of a known size."""

    patterns: tuple[str, ...]
    sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Denials:
    """How something is denied: by words before it, after it, by a word's ending, or by a word of its own.

    ``names`` also stand in what a product is called ("no-bake"); ``prefixes``, some of them, deny one word alone.
    ``articles`` stand between, ``links`` between two denied words, ``others`` before one more, ``ands`` before a last
    one; behind ``after`` none of ``unless`` may follow, behind ``after_last`` no word; ``never`` are words that it does
    not deny. Behind ``unless_behind`` nothing is denied. ``having`` are endings of words that say the opposite: what is
    hooded has a hood.
    """

    before: tuple[str, ...]
    names: tuple[str, ...]
    prefixes: tuple[str, ...]
    articles: tuple[str, ...]
    links: tuple[str, ...]
    others: tuple[str, ...]
    ands: tuple[str, ...]
    after: tuple[str, ...]
    unless: tuple[str, ...]
    never: tuple[str, ...]
    unless_behind: tuple[str, ...]
    after_last: tuple[str, ...]
    endings: tuple[str, ...]
    having: tuple[str, ...]
    named: Mapping[str, str]
    lacked: tuple[str, ...] = ()
    """Singular words that are denied as the first of two: "dairy and gluten free", but not "soft and wrinkle free"."""


@dataclass(frozen=True, slots=True)
class Language:
    """A language as its file has it."""

    code: str
    name: str
    stop_words: frozenset[str]
    measures: frozenset[str]
    """Words behind which a number is a size, an age or a part, and no name."""
    numbers: Numbers
    packs: Packs
    denials: Denials
    irregular: Mapping[str, str]
    plural_rules: tuple[PluralRule, ...]
    units: Mapping[str, tuple[str, ...]]
    """Spellings by the symbol of the unit."""


def read_language(path: Path) -> Language:
    """The language of a file. Raises ``InputError`` where something lacks, or is not known."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        plurals = raw["plurals"]
        return Language(
            code=raw["code"],
            name=raw["name"],
            stop_words=frozenset(raw["words"]["stop"].split()),
            measures=frozenset(raw["words"]["measures"].split()),
            numbers=Numbers(**_frozen(raw["numbers"])),
            packs=Packs(**_frozen(raw["packs"])),
            denials=Denials(**_frozen(raw["denials"])),
            irregular=plurals["irregular"],
            plural_rules=tuple(PluralRule(**_frozen(rule)) for rule in plurals["rules"]),
            units={symbol: tuple(spellings) for symbol, spellings in raw["units"].items()},
        )
    except (KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError) as error:
        raise InputError(f"{path} is no language: {error}. Compare it with english.toml beside it.") from error


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}


def read_all(folder: Path) -> Mapping[str, Language]:
    """The languages of a folder's files, by ISO 639-1 code."""
    paths = (path for path in sorted(folder.glob("*.toml")) if path.name != "units.toml")
    return MappingProxyType({language.code: language for language in map(read_language, paths)})


LANGUAGES: Mapping[str, Language] = read_all(Path(__file__).parent)
"""By ISO 639-1 code."""


@lru_cache(maxsize=256)
def known(languages: Codes) -> tuple[Language, ...]:
    """The languages of these codes that there is a file for, in their order."""
    return tuple(LANGUAGES[code] for code in dict.fromkeys(languages) if code in LANGUAGES)


@lru_cache(maxsize=256)
def stop_words(languages: Codes) -> frozenset[str]:
    """What the blend leaves out of a query."""
    return frozenset[str]().union(*(language.stop_words for language in known(languages)))

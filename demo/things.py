"""What searchers call the things of the demo shop: words that its sellers use, and words that they do not.

A line of ``things.txt`` is ``rule: name, name ~ near | near + also | also``: the thing by a rule (``rules``), what it
is called, what does nearly as well, and what goes with it. Accessories are added by themselves (``ProductType.fits``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from endcap.demo.rules import Rule, read_rules

WORDS = Path(__file__).parent / "things.txt"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is searched for: its rule, its names, what does nearly as well and what goes with it."""

    rule: Rule
    names: tuple[str, ...]
    near: tuple[Rule, ...]
    also: tuple[Rule, ...]


@cache
def things() -> tuple[Thing, ...]:
    """All things that have names, from ``things.txt``."""
    return tuple(_thing(line) for line in WORDS.read_text(encoding="utf-8").splitlines())


def _thing(line: str) -> Thing:
    told, _, also = line.partition(" + ")
    told, _, near = told.partition(" ~ ")
    rule, _, names = told.partition(": ")
    (wanted,) = read_rules(rule)
    return Thing(wanted, tuple(name.strip() for name in names.split(",")), read_rules(near), read_rules(also))

"""What searchers call the products of the demo shop: words that its sellers use, and words that they do not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from endcap.demo.data_file import check_forms, read_entries, read_field
from endcap.demo.rules import Rule, read_rules
from endcap.errors import InputError


@dataclass(frozen=True, slots=True)
class Concept:
    """Something that is searched for: its rule, its names, what does nearly as well and what goes with it.

    Accessories go with it by themselves (``ProductType.fits``).
    """

    rule: Rule
    names: tuple[str, ...]
    near: tuple[Rule, ...]
    also: tuple[Rule, ...]


@cache
def concepts() -> tuple[Concept, ...]:
    """All concepts of ``synonyms.toml``. Raises InputError with the field and the value that is wrong."""
    return tuple(read_entries("synonyms.toml", "concept", _concept))


def _concept(table: Mapping[str, Any]) -> Concept:
    check_forms(table, {"rule": str, "names": list}, {"near": str, "also": str})
    rules, near, also = (read_field(table, name, read_rules) for name in ("rule", "near", "also"))
    if len(rules) != 1:
        raise InputError(f"field 'rule' is {table['rule']!r}. Write one rule.")
    return Concept(rules[0], tuple(table["names"]), near, also)

"""Rules about the facts of items: ``"laptop[memory=16 GB; use!=gaming]"`` is a type of product, with conditions.

A condition is ``fact=value``, ``fact!=value``, ``fact=value or other`` or ``cents<9900``; several are joined by ``;``,
rules by ``|``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from endcap.demo.item import Item
from endcap.errors import InputError

_CONDITION = re.compile(r"^\s*(?P<fact>[\w -]+?)\s*(?P<sign>!=|=|<)\s*(?P<values>[^;]*?)\s*$")
_RULE = re.compile(r"^\s*(?P<type>[\w-]+)\s*(?:\[(?P<conditions>[^\]]*)\])?\s*$")


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is true of an item or not."""

    fact: str
    sign: str
    values: tuple[str, ...]

    def met(self, item: Item) -> bool:
        """Whether it is true of this item; a fact that the item does not have is no value at all."""
        value = item.facts.get(self.fact, "")
        if self.sign == "<":
            return int(value) < int(self.values[0])
        return (value in self.values) == (self.sign == "=")


@dataclass(frozen=True, slots=True)
class Rule:
    """A type of product, and what must be true of it."""

    type: str
    conditions: tuple[Condition, ...]

    def met(self, item: Item) -> bool:
        """Whether the item is of this type and meets all conditions."""
        return item.type == self.type and all(condition.met(item) for condition in self.conditions)


def read_conditions(text: str) -> tuple[Condition, ...]:
    """Conditions from ``"fact=value; other!=value"``. Raises InputError where one is written otherwise."""
    conditions = []
    for part in filter(str.strip, text.split(";")):
        match = _CONDITION.match(part)
        if not match:
            raise InputError(f"{part!r} is no condition. Write fact=value, fact!=value or fact<99.")
        conditions.append(Condition(match["fact"], match["sign"], tuple(match["values"].split(" or "))))
    return tuple(conditions)


def read_rules(text: str) -> tuple[Rule, ...]:
    """Rules from ``"type[conditions] | type"``. Raises InputError where one is written otherwise."""
    rules = []
    for part in filter(str.strip, text.split("|")):
        match = _RULE.match(part)
        if not match:
            raise InputError(f"{part!r} is no rule. Write type or type[condition; condition].")
        rules.append(Rule(match["type"], read_conditions(match["conditions"] or "")))
    return tuple(rules)

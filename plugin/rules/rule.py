"""What a rules file says, as records: when a rule applies, and what it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from endcap.plugin.blend.signals import Signal
from endcap.plugin.rules.query_index import QueryIndex
from endcap.plugin.rules.query_match import QueryMatch
from endcap.plugin.tiers.named_tiers import Tier

STRENGTHS: Mapping[str, float] = {"slight": 0.25, "some": 0.75, "strong": 2.0}
"""What a boost adds or a bury takes, in standard deviations of the window's blended scores."""
WHOLLY = "wholly"
"""The strength beyond any score: before (or behind) all others."""
VARIETY: Mapping[str, float] = {"slight": 0.8, "some": 0.6, "strong": 0.3}
"""The weight of relevance in maximal marginal relevance; the rest is that of being unlike what stands above."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What one field of a product has to be: one of ``values``, from ``low`` to ``high``, or a text with ``contains``.

    ``wanted`` False: it must not be so.
    """

    field: str
    values: tuple[str | float | bool, ...] = ()
    low: float | None = None
    high: float | None = None
    contains: str = ""
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """Which products are meant: those that meet all conditions."""

    conditions: tuple[Condition, ...]

    def fields(self) -> set[str]:
        """The fields that it reads."""
        return {condition.field for condition in self.conditions}


@dataclass(frozen=True, slots=True)
class Pin:
    """Products by id at places of the list, from 1."""

    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Boost:
    """Products that are lifted by ``strength`` deviations (below 0: buried); infinite: before or behind all others."""

    filter: Filter
    strength: float


@dataclass(frozen=True, slots=True)
class Hide:
    """Products that are not shown: those that the filter means, or where ``others``, all but those."""

    filter: Filter
    others: bool = False


@dataclass(frozen=True, slots=True)
class AtMost:
    """At most so many products of one value of a field on a page."""

    count: int
    field: str


@dataclass(frozen=True, slots=True)
class Diverse:
    """Products unlike those above them, by the vectors; ``relevance`` (0 to 1) is the weight of the score."""

    relevance: float


@dataclass(frozen=True, slots=True)
class Variant:
    """Which product of a ``collapse`` group is shown: the first that the filter means, by ``field`` (lowest, highest),
    or without one by relevance."""

    filter: Filter | None = None
    field: str = ""
    highest: bool = False


Action = Pin | Boost | Hide | AtMost | Diverse | Variant


def filter_of(action: Action) -> Filter | None:
    """The filter of an action that has one."""
    return action.filter if isinstance(action, (Boost, Hide, Variant)) else None


def fields_of(action: Action) -> set[str]:
    """The fields of products that an action reads."""
    filter, own = filter_of(action), action.field if isinstance(action, (AtMost, Variant)) else ""
    return (filter.fields() if filter else set()) | ({own} if own else set())


@dataclass(frozen=True, slots=True)
class NamedAction:
    """An action under the name by which its file and ``explain`` call it."""

    name: str
    action: Action


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: for which searches, from when to when, and what it does, in this order."""

    name: str
    match: QueryMatch
    actions: tuple[NamedAction, ...]
    start: datetime | None = None
    end: datetime | None = None

    def holds_at(self, now: datetime) -> bool:
        """Whether it has begun, and is not over."""
        return (self.start is None or self.start <= now) and (self.end is None or now < self.end)


@dataclass(frozen=True, slots=True)
class ShopRules:
    """All that a shop's file holds."""

    rules: tuple[Rule, ...] = ()
    signals: tuple[Signal, ...] = ()
    keep_first: int = 0
    """How many of the engine's first hits stay where they are."""
    tiers: tuple[Tier, ...] | None = None
    """As ``ext.rerank.tiers`` of a request names them; None: those that the body makes."""
    source: str = field(default="", compare=False)
    """The file they are from, with a checksum of what it holds, for reports."""
    fields: frozenset[str] = field(init=False, repr=False)
    """The fields of products that rules and signals read."""
    index: QueryIndex = field(init=False, repr=False, compare=False)
    """By which the rules for a search are found."""
    number: int = field(init=False, repr=False, compare=False, default_factory=count().__next__)
    """Of all rules that this process has read: the same file, read again, has another."""

    def __post_init__(self) -> None:
        of_rules = (fields_of(each.action) for rule in self.rules for each in rule.actions)
        fields = frozenset().union(*of_rules, (signal.field for signal in self.signals))
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "index", QueryIndex([rule.match for rule in self.rules]))

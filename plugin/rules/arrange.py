"""A window's order after the shop's rules."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.order import Note, Order, Standing, Surroundings, Vectors, acted
from endcap.plugin.rules.places import laid_out, limit_of, placed
from endcap.plugin.rules.rule import AtMost, Boost, Hide, Pin, Rule


@dataclass(frozen=True, slots=True)
class Ruled:
    """The positions that are shown, their scores by position, float64 (n,), and what has moved a hit, by position."""

    positions: tuple[int, ...]
    scores: FloatArray
    notes: Mapping[int, tuple[Note, ...]]


def ruled(
    rules: Sequence[Rule],
    documents: Documents,
    standing: Standing,
    page: int,
    *,
    keep_first: int = 0,
    joined: Sequence[int] = (),
    vectors: Callable[[], Vectors] = lambda: None,
) -> Ruled:
    """The order after rules, in the order in which they stand; pins and limits are met last, hidden hits stay hidden.

    The first ``keep_first`` hits stay first. ``joined`` are hits that are there for a pin alone. ``page`` is how many
    hits a page has.
    """
    positions, scores = standing.positions, standing.scores
    floor = float(scores[list(positions)].min()) if positions else 0.0
    kept, free = list(positions[:keep_first]), list(positions[keep_first:])
    # A hit's place so far is the last key: an order that scores do not tell (tiers, a page's first) stays.
    groups = tuple(map(standing.group, range(len(scores))))
    order = Order(tuple(free), _fitting(free, groups, scores), groups)
    around = Surroundings(documents, standing, vectors)
    for rule in rules:
        for each in rule.actions:
            order = acted(order, each.action, rule.name, each.name, around)
    hidden = _hidden(rules, documents)
    kept = [i for i in kept if not hidden[i]]
    return _laid_out(rules, documents, order, kept, [i for i in joined if not hidden[i]], floor, page, standing.tiers)


def _fitting(free: Sequence[int], groups: Sequence[tuple[int, ...]], scores: FloatArray) -> FloatArray:
    """The scores, raised where they rise down the order within a group: so sorting by them changes nothing."""
    fitting = scores.copy()
    for group in set(groups):
        members = [i for i in free if groups[i] == group]
        fitting[members] = np.maximum.accumulate(scores[members][::-1])[::-1]
    return fitting


def hides(rules: Sequence[Rule], documents: Documents) -> list[bool]:
    """Which hits rules take out of the list."""
    return _hidden(rules, documents)


def _hidden(rules: Sequence[Rule], documents: Documents) -> list[bool]:
    hidden = [False] * len(documents)
    for action in (each.action for rule in rules for each in rule.actions):
        if isinstance(action, Hide):
            meant = documents.meant(action.filter)
            hidden = [was or is_meant != action.others for was, is_meant in zip(hidden, meant, strict=True)]
    return hidden


def boosts_of(rules: Sequence[Rule]) -> list[tuple[str, Boost]]:
    """The boosts that are a part of the score, with their rules' names: not those that put first or last."""
    named = ((rule.name, each.action) for rule in rules for each in rule.actions)
    return [(name, boost) for name, boost in named if isinstance(boost, Boost) and math.isfinite(boost.strength)]


def pins(rules: Sequence[Rule]) -> list[tuple[str, int, str, str]]:
    """Pinned ids with their places from 1, the rule and the action's name, in the order of the rules."""
    return [
        (id, place, rule.name, each.name)
        for rule in rules
        for each in rule.actions
        if isinstance(each.action, Pin)
        for id, place in each.action.places
    ]


def _laid_out(
    rules: Sequence[Rule],
    documents: Documents,
    order: Order,
    kept: Sequence[int],
    joined: Sequence[int],
    floor: float,
    page: int,
    tiers: Sequence[int],
) -> Ruled:
    # Pins by id; what the engine's first hits have been promised stays theirs.
    by_id = dict[str, int]()
    for position in (*order.shown, *joined):
        by_id.setdefault(str(documents.hits[position].get("_id", "")), position)
    wanted, notes = dict[int, int](), dict(order.notes)
    for id, place, rule, name in pins(rules):
        at = by_id.get(id)
        if at is not None and at not in wanted:
            wanted[at] = place - 1
            notes[at] = (*notes.get(at, ()), {"rule": rule, "action": name, "place": place})
    others = [i for i in order.shown if i not in wanted]
    length = len(kept) + len(others) + len(wanted)
    places = dict(enumerate(kept)) | placed(list(wanted.items()), len(kept), length)
    # Limits.
    limits = [
        limit_of(documents, each.action.field, each.action.count, rule.name, each.name)
        for rule in rules
        for each in rule.actions
        if isinstance(each.action, AtMost)
    ]
    shown, moved = laid_out(others, places, limits, page, tiers)
    for position, limit in moved:
        notes[position] = (*notes.get(position, ()), {"rule": limit.rule, "action": limit.name})
    return Ruled(tuple(shown), np.maximum(order.scores, floor), notes)

"""The actions that change an order: each a function from an order to the next, in the order in which they stand."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.rule import Action, Boost, Diverse, Hide

MAX_DIVERSE = 200
"""Hits that are made diverse; the pages behind them stay as they are."""
RANGE = 4.0
"""Deviations below the best at which relevance ends, where hits are made diverse: about what a window spans."""

Vectors = npt.NDArray[np.float32] | None
Note = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """Hits by group, and in a group by score; among equals as they came. All arrays are by position in the window."""

    shown: tuple[int, ...]
    """The positions that are shown, best first."""
    scores: FloatArray
    """float64 (n,)."""
    groups: tuple[tuple[int, ...], ...]
    """By position: what comes before all scores, less being better, compared from the left."""
    notes: Mapping[int, tuple[Note, ...]] = field(default_factory=dict)
    """What has moved a hit, by position."""

    def sorted(self) -> Order:
        """With ``shown`` as groups and scores say."""
        return replace(self, shown=tuple(sorted(self.shown, key=lambda i: (self.groups[i], -self.scores[i]))))

    def noted(self, positions: Sequence[int], note: Note) -> Order:
        """With a note on some hits."""
        return replace(self, notes={**self.notes, **{i: (*self.notes.get(i, ()), note) for i in positions}})


@dataclass(frozen=True, slots=True)
class Standing:
    """A window's hits before the rules. All but ``positions`` is by position."""

    positions: tuple[int, ...]
    """Those that are shown, best first."""
    scores: FloatArray
    """float64 (n,), in the unit of ``_score``."""
    unit: float
    """What a boost's strength is a multiple of."""
    relevance: FloatArray | None = None
    """Blended scores less the best, float64 (n,), in deviations; boosts are in them. None: there was no blend, so
    boosts are still to be added."""
    tiers: tuple[int, ...] = ()
    """What the body's ``sort`` and named tiers put apart, the best 0: no rule but a pin mixes that. None: nothing."""
    segments: tuple[int, ...] = ()
    """What the body's own rules put apart: "first" and "last" alone mix that. None: nothing."""

    def group(self, i: int) -> tuple[int, int]:
        """A hit's tier and segment."""
        return self.tiers[i] if self.tiers else 0, self.segments[i] if self.segments else 0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an action may look at, besides the order: the hits, how they stood, and their unit vectors, float32 (n, d),
    None where there are none."""

    documents: Documents
    standing: Standing
    vectors: Callable[[], Vectors]


def acted(order: Order, action: Action, rule: str, name: str, around: Surroundings) -> Order:
    """The order after an action; one that speaks of places (pin, at_most) or variants leaves it as it is."""
    match action:
        case Boost():
            return _boosted(order, action, {"rule": rule, "action": name}, around)
        case Hide():
            meant = around.documents.meant(action.filter)
            return replace(order, shown=tuple(i for i in order.shown if meant[i] == action.others))
        case Diverse():
            return _diverse(order, action, {"rule": rule, "action": name}, around)
    return order


def _boosted(order: Order, boost: Boost, note: Note, around: Surroundings) -> Order:
    meant = around.documents.meant(boost.filter)
    positions = [i for i in order.shown if meant[i]]
    if math.isinf(boost.strength):
        first = boost.strength > 0
        return _grouped(order, [0 if each == first else 1 for each in meant]).noted(positions, note)
    adds = float(boost.strength * around.standing.unit)
    if around.standing.relevance is None:
        order = replace(order, scores=np.where(meant, order.scores + adds, order.scores)).sorted()
    return order.noted(positions, note | {"adds": adds})


def _grouped(order: Order, keys: Sequence[int]) -> Order:
    """With a key that goes before all others but the tier."""
    groups = tuple((tier, key, *rest) for key, (tier, *rest) in zip(keys, order.groups, strict=True))
    return replace(order, groups=groups).sorted()


def _diverse(order: Order, diverse: Diverse, note: Note, around: Surroundings) -> Order:
    """The order by maximal marginal relevance, within groups.

    Of what is left, next is the hit with the largest  l * r_i - (1 - l) * max_j cos(v_i, v_j),  j over what stands
    above; r falls from 1 for the best to 0 for what is ``RANGE`` deviations worse (Carbonell and Goldstein, SIGIR 1998,
    https://doi.org/10.1145/290941.291025). Scores change hands: the order's k-th best is its k-th hit's.
    """
    vectors, of_all = around.vectors(), around.standing.relevance
    head = list(order.shown[:MAX_DIVERSE])
    if vectors is None or of_all is None or len(head) < 2:
        return order
    relevance = np.clip(1 + of_all[head] / RANGE, 0.0, 1.0)
    of_head = vectors[head]
    cosines = np.clip(of_head @ of_head.T, 0.0, 1.0)
    picked, nearest = list[int](), np.zeros(len(head))
    new_scores = order.scores.copy()
    # Groups stand one after the other, and are not mixed; nor is what has no relevance, as what a query excludes.
    for _, places in groupby(range(len(head)), key=lambda row: (order.groups[head[row]], relevance[row] > 0)):
        rows = np.fromiter(places, dtype=np.intp)
        first = len(picked)
        while rows.size:
            worth = diverse.relevance * relevance[rows] - (1 - diverse.relevance) * nearest[rows]
            at = int(np.argmax(worth))
            picked.append(int(rows[at]))
            nearest = np.maximum(nearest, cosines[rows[at]])
            rows = np.delete(rows, at)
        members = [head[row] for row in picked[first:]]
        new_scores[members] = -np.sort(-order.scores[members])
    shown = [head[row] for row in picked]
    moved = [i for i, before in zip(shown, head, strict=True) if i != before]
    return replace(order, shown=(*shown, *order.shown[len(head) :]), scores=new_scores).noted(moved, note)

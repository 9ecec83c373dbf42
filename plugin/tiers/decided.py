"""A window's order by its new text scores, as far as the body's rules leave it to them.

Rules are applied to the new text scores as the engine applied them to its own, so a nudge stays as strong as it was.
What the rules have put above something else stays above it: a hit i stays above j where the engine had it so, and

- the text alone would not have (its score of j is as high as that of i): a rule has turned their order; or
- with any two of the window's text scores for the two, i comes first with a probability of at least ``SURE``: a rule
  has set them apart, as pins and tiers do.

Hits that the rules treat alike are a tier, ordered by the new scores alone. Where hardly two are treated alike
(popularity, age), the rule is a nudge: it has its say in the pairs that it has turned, and the new texts in all others.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.tiers.effects import TEXT_ROUNDING, Effects, Flags

SURE = 0.9
"""From what probability on two hits count as set apart by a rule."""

NUDGE = 0.5
"""Rules that treat more different kinds of hits than this share of them are nudges."""

STRONG, ALIKE, MANY, GAP = 0.2, 0.2, 10, 0.3
"""A nudge decides the order of a level where it has turned more than the first share of the level's pairs, and treats
no more than the second one of its hits alike, of so many or more: what is left to the texts is worth less than the
engine's order (``benchmarks/nudges.py``). Levels are what pins, tiers and demotions leave: what the rules make of one
and the same text differs between two of them by more than the last share of the whole difference."""

TIED = 0.05
"""Text scores whose deviation is below this share of their mean are ties: the new ones deviate by as much."""


@dataclass(frozen=True, slots=True)
class Decided:
    """The order of n hits, positions in the engine's order, best first, and their scores, float64 (n,)."""

    positions: tuple[int, ...]
    scores: FloatArray
    text: FloatArray
    """The new text scores (n,), in the engine's unit."""
    segments: tuple[int, ...]
    """By position, rising down the order: what the rules have put apart is never in one segment."""


def decided_order(
    effects: Effects,
    engine: FloatArray,
    blended: FloatArray,
    rescored: int | None = None,
    held: npt.NDArray[np.intp] | None = None,
) -> Decided:
    """The order of hits with these scores (n,) of the engine, in its order, and these blended ones of their text (n,).

    The first ``rescored`` hits stay above the others; None where nothing is known of that. ``held`` are the levels of
    ``Held``.
    """
    text = in_unit_of(blended, effects.text)
    scores = effects.applied(text)
    above = _kept(effects, engine)
    if rescored is not None:
        above[:rescored, rescored:] = True
    if held is not None and held.any():
        above |= np.triu((held[:, None] == held[None, :]) & (held > 0)[:, None], 1)
    if not above.any():
        return Decided(_by_score(scores, blended), scores, text, (0,) * len(scores))
    is_nudge = len(np.unique(effects.tiers)) > NUDGE * len(scores)
    wanted = text if is_nudge else scores
    by_score = np.lexsort((-np.arange(len(scores)), blended, wanted))  # the last one first
    ranked = _in_order(above | _chains(effects.tiers, by_score), wanted, by_score)
    if ranked is None:  # rules that cross each other
        ranked = _in_order(above, wanted, by_score)
    assert ranked is not None
    return Decided(ranked, scores, text, _segments(ranked, above))


@dataclass(frozen=True, slots=True)
class Held:
    """Hits of which a number in the rules decides the order."""

    levels: npt.NDArray[np.intp]
    """By position (n,): those of one level stay as they are among themselves; 0: the hit is not held."""
    share: float = 0.0
    """The share of their levels' pairs that the number has put the other way round than their texts."""


def held_by_number(effects: Effects, engine: FloatArray, n_own: int) -> Held:
    """What a nudge decides of the engine's first ``n_own`` hits, in its order, with these scores ``engine`` (n,)."""
    text, levels = effects.text, np.zeros(len(engine), dtype=np.intp)
    made = effects.applied(np.full(len(text), float(text[:n_own].mean()) if n_own else 0.0))
    found = _levels(made[:n_own])
    n_turned = n_pairs = 0
    for number, members in enumerate(found, 1):
        n = len(members)
        _, counts = np.unique(effects.tiers[members], return_counts=True)
        if n < MANY or len(counts) <= NUDGE * n or counts.max() > ALIKE * n:
            continue
        above = np.triu(engine[members, None] > engine[None, members], 1)
        turned = int((above & ((text[members] * (1 + TEXT_ROUNDING))[:, None] < text[None, members])).sum())
        if turned > STRONG * n * (n - 1) / 2:
            levels[members] = number
            n_turned, n_pairs = n_turned + turned, n_pairs + n * (n - 1) // 2
    if not n_pairs:
        return Held(levels)
    for number, members in enumerate(found, 1):
        if len(members) == 1:  # there is nothing to order
            levels[members] = number
    return Held(levels, n_turned / n_pairs)


def _levels(made: FloatArray) -> list[npt.NDArray[np.intp]]:
    """The positions (rising) of each level of hits of which the rules have made these scores (n,)."""
    found, waiting = [], [np.argsort(made, kind="stable")]
    while waiting:
        members = waiting.pop()
        values = made[members]
        gaps = np.diff(values)
        if len(members) > 1 and gaps.max() > GAP * (values[-1] - values[0]) and len(np.unique(values)) > 1:
            cut = int(gaps.argmax()) + 1
            waiting += [members[:cut], members[cut:]]
        elif len(members):
            found.append(np.sort(members))
    return found


def in_unit_of(blended: FloatArray, text: FloatArray) -> FloatArray:
    """Blended scores (n,) with the mean and deviation of the engine's text scores (n,), within their bounds."""
    spread, mean, deviation = float(blended.std()), float(text.mean()), float(text.std())
    z = (blended - blended.mean()) / spread if spread > 0 else np.zeros(len(blended))
    if deviation < TIED * mean:
        tied: FloatArray = np.maximum(mean + z * TIED * mean, 0.0)
        return tied
    values: FloatArray = np.clip(mean + z * deviation, text.min(), text.max())
    return values


def _segments(ranked: Sequence[int], above: Flags) -> tuple[int, ...]:
    """Numbers (n,): down the order, a segment ends before a hit that has to stay below one of its hits."""
    n = len(ranked)
    order = np.asarray(ranked)
    # The last place above each one whose hit has to stay above it; -1: there is none.
    last = np.where(above[np.ix_(order, order)], np.arange(n)[:, None], -1).max(axis=0).tolist()
    numbers, began, number = [0] * n, 0, 0
    for place, i in enumerate(ranked):
        if last[place] >= began:
            began, number = place, number + 1
        numbers[i] = number
    return tuple(numbers)


def _by_score(scores: FloatArray, blended: FloatArray) -> tuple[int, ...]:
    return tuple(map(int, np.lexsort((np.arange(len(scores)), -blended, -scores))))


def _kept(effects: Effects, engine: FloatArray) -> Flags:
    """Whether hit i has to stay above hit j, (n, n). All that is so in the engine's order, so it goes in no circle."""
    n, tiers, text = len(engine), effects.tiers, effects.text
    earlier = np.arange(n)[:, None] < np.arange(n)[None, :]
    # A rescorer may leave higher scores behind its window than in it.
    is_above = earlier & (engine[:, None] > engine[None, :])
    turned = text[:, None] <= (text * (1 + TEXT_ROUNDING))[None, :]
    apart = (tiers[:, None] != tiers[None, :]) & _surely_above(effects)
    # What can't be told of a hit leaves it where it is.
    either = effects.unknown[:, None] | effects.unknown[None, :]
    return np.where(either, earlier, is_above & (turned | apart))


def _typical(text: FloatArray, count: int) -> FloatArray:
    """Typical ones of these text scores (n,), rising, (count,)."""
    mean = float(text.mean())
    if text.std() < TIED * mean:  # evenly spread, with that deviation
        typical: FloatArray = mean * (1 + TIED * 3**0.5 * np.linspace(-1.0, 1.0, count))
        return typical
    quantiles: FloatArray = np.quantile(text, np.linspace(0.05, 0.95, count))
    return quantiles


def _surely_above(effects: Effects) -> Flags:
    """Whether the rules put hit i above hit j at ``SURE`` of typical text scores, any one for i and any for j, equal
    scores counting half, (n, n)."""
    n = len(effects.text)
    count = 9 if n <= 150 else 5 if n <= 300 else 3
    samples = np.stack([effects.applied(np.full(n, value)) for value in _typical(effects.text, count)])
    # Small numbers compare twice as fast as scores.
    samples = np.unique(samples, return_inverse=True)[1].reshape(count, n).astype(np.int16 if n < 10_000 else np.int32)
    wins = np.zeros((n, n), dtype=np.uint8)
    for ours in samples:
        for theirs in samples:
            wins += (ours[:, None] > theirs[None, :]).view(np.uint8)
    # Equal are those of which neither is above: half of what is left.
    sure: Flags = wins >= wins.T + np.uint8(np.ceil((2 * SURE - 1) * count * count))
    return sure


def _chains(tiers: npt.NDArray[np.intp], by_score: npt.NDArray[np.intp]) -> Flags:
    """Of hits that the rules treat alike, the one with the better new score stays above the others, (n, n)."""
    rank = np.argsort(by_score)
    chains: Flags = (tiers[:, None] == tiers[None, :]) & (rank[:, None] > rank[None, :])
    return chains


def _in_order(above: Flags, scores: FloatArray, by_score: npt.NDArray[np.intp]) -> tuple[int, ...] | None:
    """Positions by score, none before what has to stay above it; None where that goes in a circle.

    ``by_score`` (n,) are the positions from the last one up. Hits meet half-way: what has to stay above better ones is
    lifted by as much as these sink (of two, to their mean).
    """
    n, rank, rising = len(scores), np.argsort(by_score), scores[by_score]
    lifted, sunk = _lifted(above, rank), n - 1 - _lifted(above.T, n - 1 - rank)
    # In the order of these, put together from the last one up; what is equal in the order that it has to have.
    by_key = np.lexsort((rank, rising[lifted] + rising[sunk]))
    place = np.argsort(by_key)
    waits_for, over = above.sum(axis=1), np.ascontiguousarray(above.T)
    free = place[waits_for == 0].tolist()
    heapq.heapify(free)
    ranked = list[int]()
    while free:
        i = by_key[heapq.heappop(free)]
        ranked.append(int(i))
        freed = over[i]
        waits_for -= freed
        for each in place[freed & (waits_for == 0)].tolist():
            heapq.heappush(free, each)
    return tuple(reversed(ranked)) if len(ranked) == n else None


def _lifted(above: Flags, rank: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
    """Of each hit the highest of its own rank (n,) and of those of all that it has to stay above."""
    small = np.int16 if len(rank) < 10_000 else np.int32
    lifted, before = rank.astype(small), np.full(len(rank), -1, dtype=small)
    while (before != lifted).any():
        before, lifted = lifted, np.maximum(lifted, (above * lifted[None, :]).max(axis=1))
    return lifted.astype(np.intp)

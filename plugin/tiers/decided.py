"""A window's order by its new text scores, as far as the body's rules leave it to them.

Rules are applied to the new text scores as the engine applied them to its own, so a nudge stays as strong as it was.
What the rules have put above something else stays above it: a hit i stays above j where the engine had it so, and

- the text alone would not have (its score of j is as high as that of i): a rule has turned their order, and not by next
  to nothing, which a text score of j better by ``NOTHING`` would make up for; or
- with any two of the window's text scores for the two, i comes first with a probability of at least ``SURE``: a rule
  has set them apart, as pins and tiers do.

Hits that the rules treat alike are a tier, ordered by the new scores alone. Where a rule grows with a number of the
products (popularity, age), so that hardly two hits are treated alike, it is a nudge: then an order that it has turned
is kept where that probability is at least ``LIKELY``.
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

NOTHING = 0.02
"""What a rule does is next to nothing where a text score that is better by this share makes up for it. The text scores
of real windows deviate by ten times as much (docs/order.md)."""

FEW, LIKELY = 16, 0.65
"""From how many tiers on rules that grow with a number are nudges, and from what probability on they keep an order that
they have turned."""

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


def decided_order(effects: Effects, engine: FloatArray, blended: FloatArray, rescored: int | None = None) -> Decided:
    """The order of hits with these scores (n,) of the engine, in its order, and these blended ones of their text (n,).

    The first ``rescored`` hits stay above the others; None where nothing is known of that.
    """
    text = in_unit_of(blended, effects.text)
    scores = effects.applied(text)
    above = _kept(effects, engine)
    if rescored is not None:
        above[:rescored, rescored:] = True
    if not above.any():
        return Decided(_by_score(scores, blended), scores, text, (0,) * len(scores))
    ranked = _in_order(above | _chains(effects.tiers, scores, blended), scores, blended)
    if ranked is None:  # rules that cross each other
        ranked = _in_order(above, scores, blended)
    assert ranked is not None
    return Decided(ranked, scores, text, _segments(ranked, above))


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
    numbers, segment, number = [0] * len(ranked), list[int](), 0
    for i in ranked:
        if above[segment, i].any():
            segment, number = [], number + 1
        segment.append(i)
        numbers[i] = number
    return tuple(numbers)


def _by_score(scores: FloatArray, blended: FloatArray) -> tuple[int, ...]:
    return tuple(map(int, np.lexsort((np.arange(len(scores)), -blended, -scores))))


def _kept(effects: Effects, engine: FloatArray) -> Flags:
    """Whether hit i has to stay above hit j, (n, n)."""
    n, tiers, text = len(engine), effects.tiers, effects.text
    typical = _typical(text, 9 if n <= 150 else 5 if n <= 300 else 3)
    samples = np.stack([effects.applied(np.full(n, value)) for value in typical], axis=1)
    # A rescorer may leave higher scores behind its window than in it.
    earlier = np.arange(n)[:, None] < np.arange(n)[None, :]
    is_above = earlier & (engine[:, None] > engine[None, :])
    wins = _wins(samples)
    turned = text[:, None] <= text[None, :] * (1 + TEXT_ROUNDING)
    if effects.graded and tiers.max() >= FEW:
        turned &= wins >= LIKELY
    else:
        turned &= ~_next_to_nothing(effects, typical, samples)
    kept = is_above & (tiers[:, None] != tiers[None, :]) & (turned | (wins >= SURE))
    # What can't be told of a hit leaves it where it is.
    either = effects.unknown[:, None] | effects.unknown[None, :]
    return np.where(either, earlier, kept)


def _typical(text: FloatArray, count: int) -> FloatArray:
    """Typical ones of these text scores (n,), rising, (count,)."""
    mean = float(text.mean())
    if text.std() < TIED * mean:  # evenly spread, with that deviation
        typical: FloatArray = mean * (1 + TIED * 3**0.5 * np.linspace(-1.0, 1.0, count))
        return typical
    quantiles: FloatArray = np.quantile(text, np.linspace(0.05, 0.95, count))
    return quantiles


def _wins(samples: FloatArray) -> FloatArray:
    """How often a score of hit i, of its (n, m) samples, is above one of hit j, equal ones counting half, (n, n)."""
    different, number = np.unique(samples, axis=0, return_inverse=True)
    n, m = different.shape
    values, place = np.unique(different, return_inverse=True)
    place = place.reshape(n, m)
    counts = np.zeros((n, len(values) + 1), dtype=np.int16)
    np.add.at(counts, (np.arange(n)[:, None], place + 1), 1)
    upto = counts.cumsum(axis=1, dtype=np.int16)
    # Twice the samples of i that are below each value, and once those that are equal.
    below = upto[:, :-1] + upto[:, 1:]
    won = below[:, place].sum(axis=2, dtype=np.int32).T
    number = number.ravel()
    shares: FloatArray = won[number[:, None], number[None, :]] / (2 * m * m)
    return shares


def _next_to_nothing(effects: Effects, typical: FloatArray, samples: FloatArray) -> Flags:
    """Whether, at the text score of hit i, hit j would be as high as i if its text were a little better, (n, n).

    ``samples`` (n, m) are the hits' scores at m ``typical`` text scores, (m,), rising; the nearest stands for i's.
    Where j would not be as high with its own text a little better, it is not with any lower one.
    """
    n, text = len(samples), effects.text
    better = np.stack([effects.applied(np.full(n, value * (1 + NOTHING))) for value in typical], axis=1)
    nearest = np.abs(text[:, None] - typical[None, :]).argmin(axis=1)
    at_own = effects.applied(text)[:, None] <= effects.applied(text * (1 + NOTHING))[None, :]
    nothing: Flags = at_own & (samples[np.arange(n), nearest][:, None] <= better[:, nearest].T)
    return nothing


def _chains(tiers: npt.NDArray[np.intp], scores: FloatArray, blended: FloatArray) -> Flags:
    """Of hits that the rules treat alike, the one with the better new score stays above the others, (n, n)."""
    place = np.empty(len(scores), dtype=np.intp)
    place[np.lexsort((-blended, -scores))] = np.arange(len(scores))
    chains: Flags = (tiers[:, None] == tiers[None, :]) & (place[:, None] < place[None, :])
    return chains


def _in_order(above: Flags, scores: FloatArray, blended: FloatArray) -> tuple[int, ...] | None:
    """Positions by score, none before what has to stay above it; None where that goes in a circle.

    Put together from the last one up: what has to stay above something is lifted over it. From the first one down, all
    that has to stay below one hit would sink with it.
    """
    waits_for, over = above.sum(axis=1), np.ascontiguousarray(above.T)
    free = [(scores[i], blended[i], -i) for i in np.flatnonzero(waits_for == 0)]
    heapq.heapify(free)
    ranked = list[int]()
    while free:
        i = -heapq.heappop(free)[2]
        ranked.append(int(i))
        waits_for -= over[i]
        for j in np.flatnonzero(over[i] & (waits_for == 0)):
            heapq.heappush(free, (scores[j], blended[j], -j))
    return tuple(reversed(ranked)) if len(ranked) == len(scores) else None

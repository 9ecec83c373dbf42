"""A window's order by its new text scores, as far as the body's rules leave it to them.

Rules are applied to the new text scores as the engine applied them to its own, so a nudge stays as strong as it was.
What the rules have put above something else stays above it: a hit i stays above j where the engine had it so, and

- the text alone would not have (its score of j is as high as that of i): a rule has turned their order; or
- with any two of the window's text scores for the two, i comes first with a probability of at least ``SURE``: a rule
  has set them apart, as pins and tiers do.

Hits that the rules treat alike are a tier, ordered by the new scores alone. Where there are many tiers (a rule that
grows with popularity or age treats hardly two hits alike), a rule is a nudge: then an order that it has turned is kept
where that probability is at least ``LIKELY``.
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

FEW, LIKELY = 16, 0.75
"""From how many tiers on rules are nudges, and from what probability on they keep an order that they have turned."""


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
    ranked = _first_by_score(above | _chains(effects.tiers, scores, blended), scores, blended)
    if ranked is None:  # rules that cross each other
        ranked = _first_by_score(above, scores, blended)
    assert ranked is not None
    return Decided(ranked, scores, text, _segments(ranked, above))


def in_unit_of(blended: FloatArray, text: FloatArray) -> FloatArray:
    """Blended scores (n,) with the mean and deviation of the engine's text scores (n,), within their bounds."""
    spread = float(blended.std())
    z = (blended - blended.mean()) / spread if spread > 0 else np.zeros(len(blended))
    values: FloatArray = np.clip(text.mean() + z * text.std(), text.min(), text.max())
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


def _samples(effects: Effects) -> FloatArray:
    """The hits' scores (n, m) with m typical text scores of the window."""
    n = len(effects.text)
    typical = np.quantile(effects.text, np.linspace(0.05, 0.95, 5 if n <= 300 else 3))
    return np.stack([effects.applied(np.full(n, value)) for value in typical], axis=1)


def _kept(effects: Effects, engine: FloatArray) -> Flags:
    """Whether hit i has to stay above hit j, (n, n)."""
    n, tiers = len(engine), effects.tiers
    samples = _samples(effects)
    # A rescorer may leave higher scores behind its window than in it.
    earlier = np.arange(n)[:, None] < np.arange(n)[None, :]
    is_above = earlier & (engine[:, None] > engine[None, :])
    turned = effects.text[:, None] <= effects.text[None, :] * (1 + TEXT_ROUNDING)
    wins = _wins(samples)
    turned &= (tiers.max() < FEW) | (wins >= LIKELY)
    kept = is_above & (tiers[:, None] != tiers[None, :]) & (turned | (wins >= SURE))
    # What can't be told of a hit leaves it where it is.
    either = effects.unknown[:, None] | effects.unknown[None, :]
    return np.where(either, earlier, kept)


def _wins(samples: FloatArray) -> FloatArray:
    """How often a score of hit i, of its (n, m) samples, is above one of hit j, float64 (n, n)."""
    different, number = np.unique(samples, axis=0, return_inverse=True)
    won = np.zeros((len(different), len(different)), dtype=np.int32)
    for mine in different.T:
        for other in different.T:
            won += mine[:, None] > other[None, :]
    number = number.ravel()
    shares: FloatArray = won[number[:, None], number[None, :]] / samples.shape[1] ** 2
    return shares


def _chains(tiers: npt.NDArray[np.intp], scores: FloatArray, blended: FloatArray) -> Flags:
    """Of hits that the rules treat alike, the one with the better new score stays above the others, (n, n)."""
    place = np.empty(len(scores), dtype=np.intp)
    place[np.lexsort((-blended, -scores))] = np.arange(len(scores))
    chains: Flags = (tiers[:, None] == tiers[None, :]) & (place[:, None] < place[None, :])
    return chains


def _first_by_score(above: Flags, scores: FloatArray, blended: FloatArray) -> tuple[int, ...] | None:
    """Positions by score, none before what has to stay above it; None where that goes in a circle."""
    waits_for = above.sum(axis=0)
    free = [(-scores[i], -blended[i], i) for i in np.flatnonzero(waits_for == 0)]
    heapq.heapify(free)
    ranked = list[int]()
    while free:
        i = heapq.heappop(free)[2]
        ranked.append(int(i))
        waits_for -= above[i]
        for j in np.flatnonzero(above[i] & (waits_for == 0)):
            heapq.heappush(free, (-scores[j], -blended[j], j))
    return tuple(ranked) if len(ranked) == len(scores) else None

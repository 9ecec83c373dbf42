"""The position-based click model: a product is clicked where its place was looked at and the product attracts.

    P(click | query q, product d, place k) = theta_k gamma_qd

Craswell, Zoeter, Taylor and Ramsey, 2008 (https://doi.org/10.1145/1341531.1341545), the examination hypothesis; fitted
by EM as Wang, Golbandi, Bendersky, Metzler and Najork, 2018, section 4.1 (https://doi.org/10.1145/3159652.3159732), the
table version without their regression. Attractiveness has a Beta prior that is fitted to the data (empirical Bayes),
and its posterior given theta is exact, on a grid. Where a place was hardly ever seen, theta is held to 1/k (Joachims,
Swaminathan and Schnabel, 2017: https://doi.org/10.1145/3018661.3018699).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from endcap.index.clicks.counts import CARTS, CLICKS, EDGES, GROUPS, PURCHASES, SHORT, SHOWN, ClickCounts

Floats = NDArray[np.float64]
GRID = 256
GAMMA: Floats = 1 / (1 + np.exp(-np.linspace(-11.5, 7.0, GRID)))
"""The attractivenesses that are told apart, (256,): from 0.00001 to .999, each some 7 % in odds above the last."""
_SPACING: Floats = np.gradient(GAMMA)
FEW_IMPRESSIONS = 20.0
"""At a place, 1/k weighs as much as so many impressions."""
LEAST, MOST = 0.5, 200.0
"""The prior weighs at least and at most as many looks as this."""
ROUNDS, STEPS, TOLERANCE = 20, 200, 1e-5
SAMPLE, CHUNK = 10_000, 10_000


@dataclass(frozen=True, slots=True)
class Weights:
    """As how many clicks a cart, a purchase, a short click count; the rest of a short one is a look without a click."""

    cart: float = 2.0
    purchase: float = 4.0
    short: float = 0.5


@dataclass(frozen=True, slots=True)
class PositionModel:
    """``theta``: how probably each group of places is looked at, float64 (16,), the most looked at 1. ``prior``: the
    Beta distribution of attractiveness over all that was shown. ``spread``: the same as the data have it, probabilities
    of ``GAMMA``, float64 (256,)."""

    theta: Floats
    prior: tuple[float, float]
    spread: Floats

    def quantile(self, share: float) -> float:
        """The attractiveness that this share of what was shown does not pass."""
        return float(GAMMA[min(int(np.searchsorted(np.cumsum(self.spread), share)), GRID - 1)])


def known_bias() -> Floats:
    """Looks that fall as 1/k, float64 (16,)."""
    middles = [(low + 1 + high) / 2 for low, high in zip((0, *EDGES), EDGES, strict=False)]
    return np.asarray(1 / np.maximum(middles, 1.0), np.float64)


def fit(counts: ClickCounts, weights: Weights = Weights(), theta: Floats | None = None) -> PositionModel:
    """Fit the model to counts. ``theta``: the looks are known, and only attractiveness is fitted."""
    pair, group = counts.pair, counts.group
    shown, clicks = counts.numbers[:, SHOWN].astype(float), counts.numbers[:, CLICKS].astype(float)
    start = known_bias()
    looks = start.copy() if theta is None else theta
    pairs = int(pair[-1]) + 1 if len(pair) else 0
    mean = float(np.clip(clicks.sum() / max((shown * looks[group]).sum(), 1.0), 1e-4, 0.9))
    prior, spread = (2 * mean, 2 * (1 - mean)), np.full(GRID, 1 / GRID)
    step = max(pairs // SAMPLE, 1)
    gamma = np.full(pairs, mean)
    for _ in range(ROUNDS):
        before = looks, prior
        gamma, looks = _expected(pair, group, shown, clicks, gamma, looks, prior, start, fixed=theta is not None)
        spread = _spread(counts, pair, looks, prior, weights, step)
        prior = _beta(spread)
        if np.abs(looks - before[0]).max() < 1e-3 and np.allclose(prior, before[1], rtol=0.01):
            break
    return PositionModel(looks, prior, spread)


def _expected(
    pair: NDArray[np.int64],
    group: NDArray[np.int64],
    shown: Floats,
    clicks: Floats,
    gamma: Floats,
    theta: Floats,
    prior: tuple[float, float],
    start: Floats,
    *,
    fixed: bool,
) -> tuple[Floats, Floats]:
    """EM until it stands still. Wang et al., equations 1 and 2, with pseudo-counts for the prior and for 1/k."""
    a, b = prior
    total = np.bincount(pair, shown, len(gamma))
    of_group = np.bincount(group, shown, GROUPS)
    for _ in range(STEPS):
        t, g = theta[group], gamma[pair]
        skipped = (shown - clicks) / np.maximum(1 - t * g, 1e-12)
        attracted = clicks + skipped * (1 - t) * g
        gamma = (a + np.bincount(pair, attracted, len(gamma))) / (a + b + total)
        if fixed:
            moved = np.abs(gamma[pair] - g).max(initial=0)
        else:
            looked = np.bincount(group, clicks + skipped * t * (1 - g), GROUPS)
            new = (looked + FEW_IMPRESSIONS * start) / (of_group + FEW_IMPRESSIONS)
            new = np.minimum(new / new[of_group > 0].max(initial=1e-9), 1.0)
            moved, theta = np.abs(new - theta).max(), new
        if moved < TOLERANCE:
            break
    return gamma, theta


def posteriors(
    counts: ClickCounts, theta: Floats, prior: tuple[float, float], weights: Weights, step: int = 1
) -> Iterator[tuple[int, Floats]]:
    """The posterior of attractiveness of every ``step``-th pair: the number of the first, and float64 (pairs, 256).

    Its density is Beta's times, for each place, gamma^clicks (1 - theta gamma)^(impressions without a click).
    """
    pair = counts.pair
    starts = np.flatnonzero(np.diff(pair, prepend=-1))
    ends = np.append(starts[1:], len(pair))
    a, b = prior
    log_prior = (a - 1) * np.log(GAMMA) + (b - 1) * np.log1p(-GAMMA) + np.log(_SPACING)
    not_clicked = np.log1p(-np.outer(theta, GAMMA) * (1 - 1e-12))
    stronger = counts.numbers[:, [SHORT, CARTS, PURCHASES]]
    good = counts.numbers[:, CLICKS] - stronger.sum(axis=1)
    good = good + stronger @ np.array([weights.short, weights.cart, weights.purchase])
    bad = counts.numbers[:, SHORT] * (1 - weights.short)
    missed = counts.numbers[:, SHOWN] - counts.numbers[:, CLICKS]
    chosen = np.arange(0, len(starts), step)
    for first in range(0, len(chosen), CHUNK):
        some = chosen[first : first + CHUNK]
        rows = np.concatenate([np.arange(starts[p], ends[p]) for p in some]) if step > 1 else np.arange(
            starts[some[0]], ends[some[-1]])  # fmt: skip
        heads = np.concatenate([[0], np.cumsum(ends[some] - starts[some])[:-1]])
        told = missed[rows, None] * not_clicked[counts.group[rows]]
        told += good[rows, None] * np.log(GAMMA) + bad[rows, None] * np.log1p(-GAMMA)
        density = log_prior + np.add.reduceat(told, heads, axis=0)
        density = np.exp(density - density.max(axis=1, keepdims=True))
        yield int(some[0]), density / density.sum(axis=1, keepdims=True)


def _spread(
    counts: ClickCounts, pair: NDArray[np.int64], theta: Floats, prior: tuple[float, float], weights: Weights, step: int
) -> Floats:
    """How attractiveness is spread over the pairs: the mean of their posteriors."""
    total, number = np.zeros(GRID), 0
    for _, density in posteriors(counts, theta, prior, weights, step):
        total, number = total + density.sum(axis=0), number + len(density)
    return total / max(number, 1)


def _beta(spread: Floats) -> tuple[float, float]:
    """The Beta distribution of the same mean and variance."""
    mean = float(spread @ GAMMA)
    variance = max(float(spread @ GAMMA**2) - mean**2, 1e-9)
    strength = float(np.clip(mean * (1 - mean) / variance - 1, LEAST, MOST))
    return mean * strength, (1 - mean) * strength

"""Is a difference between two systems more than chance? Paired by query, without a normal distribution assumed.

Interval: the percentile bootstrap over queries (Efron, 1979: https://doi.org/10.1214/aos/1176344552).
p-value: the two-sided paired randomisation test, which flips the sign of each difference (Fisher; for retrieval,
Smucker, Allan and Carterette, 2007: https://doi.org/10.1145/1321440.1321528).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Differences = npt.NDArray[np.float64]

RESAMPLES = 10_000
PERMUTATIONS = 100_000
EXACT_UP_TO = 16
"""Up to so many queries with a difference, all 2^n sign patterns are tried."""
CONFIDENCE = 0.95
TIE = 1e-9
"""Values of a measure this close are the same; what is left is rounding."""

_CELLS = 4_000_000  # numbers held at once: 32 MB


@dataclass(frozen=True, slots=True)
class Difference:
    """What separates system ``better`` from ``base`` in one measure, over the queries that both have."""

    better: str
    base: str
    measure: str
    queries: int
    mean: float
    low: float
    high: float
    p_value: float
    wins: int
    losses: int
    ties: int

    @property
    def clear(self) -> bool:
        """Whether this is hardly chance: the 95 % interval leaves out 0, and p is below 0.05."""
        return (self.low > 0 or self.high < 0) and self.p_value < 1 - CONFIDENCE

    @property
    def direction(self) -> str:
        """``better`` or ``worse`` where it is clear, else nothing."""
        return ("better" if self.mean > 0 else "worse") if self.clear else ""


def paired_difference(
    better: Mapping[str, float], base: Mapping[str, float], *, names: tuple[str, str], measure: str, seed: int = 0
) -> Difference:
    """The paired difference ``better - base`` of one measure, over the queries that both mappings hold."""
    return combine({"": query_differences(better, base)}, names=names, measure=measure, seed=seed)


def query_differences(better: Mapping[str, float], base: Mapping[str, float]) -> Differences:
    """Per-query differences, float64 (n,), in the order of ``better``."""
    return np.array([better[query] - base[query] for query in better if query in base], dtype=np.float64)


def combine(
    differences: Mapping[str, Sequence[float] | Differences], *, names: tuple[str, str], measure: str, seed: int = 0
) -> Difference:
    """One statement over several data sets from each one's per-query differences.

    Every query counts the same, so a larger set counts more. The bootstrap resamples within each set, so that the
    interval does not pretend that the sets' sizes were chance.
    """
    groups = [np.asarray(values, dtype=np.float64) for values in differences.values()]
    pooled = np.concatenate(groups) if groups else np.empty(0)
    low, high = bootstrap_interval(*groups, seed=seed)
    return Difference(
        better=names[0],
        base=names[1],
        measure=measure,
        queries=pooled.size,
        mean=float(pooled.mean()) if pooled.size else float("nan"),
        low=low,
        high=high,
        p_value=sign_flip_p(pooled, seed=seed),
        wins=int((pooled > TIE).sum()),
        losses=int((pooled < -TIE).sum()),
        ties=int((np.abs(pooled) <= TIE).sum()),
    )


def bootstrap_interval(
    *groups: Differences, confidence: float = CONFIDENCE, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[float, float]:
    """The percentile bootstrap interval of the mean over all groups, each resampled within itself.

    Each group is float64 (n,). NaN, NaN where there are no values; with one value the interval is that value.
    """
    sizes = sum(group.size for group in groups)
    if sizes == 0:
        return float("nan"), float("nan")
    random = np.random.default_rng(seed)
    totals = np.zeros(resamples)
    for group in groups:
        if group.size == 0:
            continue
        step = max(1, _CELLS // group.size)
        for start in range(0, resamples, step):
            rows = min(step, resamples - start)
            drawn = random.integers(0, group.size, size=(rows, group.size))
            totals[start : start + rows] += group[drawn].sum(axis=1)
    tail = (1 - confidence) / 2
    low, high = np.quantile(totals / sizes, [tail, 1 - tail])
    return float(low), float(high)


def sign_flip_p(differences: Differences, *, permutations: int = PERMUTATIONS, seed: int = 0) -> float:
    """The two-sided p-value of the paired sign-flip test on the mean difference; ``differences`` is float64 (n,).

    Exact for up to ``EXACT_UP_TO`` values that are not 0. For more it is ``(b + 1) / (permutations + 1)``, b the
    sampled sign patterns that are at least as extreme (Phipson and Smyth, 2010: https://doi.org/10.2202/1544-6115.1585).
    """
    if differences.size == 0:
        return float("nan")
    # A query without a difference has no sign to flip.
    moved = differences[differences != 0]
    # Rounding must not decide whether the observed pattern, or its mirror, is as extreme as itself.
    observed = abs(float(moved.sum())) - 1e-9 * float(np.abs(moved).sum())
    if moved.size <= EXACT_UP_TO:
        patterns = np.arange(2**moved.size)[:, None] >> np.arange(moved.size) & 1
        return float((np.abs((1 - 2 * patterns) @ moved) >= observed).mean())
    # Eight queries at a time: a random byte is their eight signs, and picks one of 256 sums made in advance.
    blocks = np.pad(moved, (0, -moved.size % 8)).reshape(-1, 8)
    signs = 1.0 - 2.0 * np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    sums = blocks @ signs.T  # (blocks, 256)
    random = np.random.default_rng(seed)
    extreme = 0
    step = max(1, _CELLS // len(blocks))
    for start in range(0, permutations, step):
        drawn = random.integers(0, 256, size=(len(blocks), min(step, permutations - start)), dtype=np.uint8)
        total = np.zeros(drawn.shape[1])
        for block_sums, bytes_drawn in zip(sums, drawn, strict=True):
            total += block_sums[bytes_drawn]
        extreme += int((np.abs(total) >= observed).sum())
    return (extreme + 1) / (permutations + 1)

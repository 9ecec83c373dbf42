"""Lists to learn from that have something good, something bad and something between."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def balanced(scores: npt.NDArray[np.floating], size: int, rng: np.random.Generator) -> npt.NDArray[np.intp]:
    """Positions (min(size, n),) of candidates spread over the range of their scores (n,): the best, the worst, and for
    each equal step between them the one nearest to a point drawn in that step.

    Among equal scores chance decides. Raises ``ValueError`` where a score is not finite or ``size`` is below 1.
    """
    scores = np.asarray(scores, dtype=np.float64)
    if scores.ndim != 1 or not np.isfinite(scores).all():
        raise ValueError(f"scores must be finite numbers in one row; got shape {scores.shape}")
    if size < 1:
        raise ValueError(f"a list needs at least 1 candidate; got size {size}")
    free = rng.permutation(len(scores))
    if size >= len(scores):
        return free
    low, high = scores.min(), scores.max()
    steps = (np.arange(size) - 1 + rng.random(size)) / max(size - 2, 1)
    points = low + (high - low) * steps
    points[-1] = low
    points[0] = high  # last, since a list of one is the best
    positions = list[int]()
    for point in points[[0, *range(size - 1, 0, -1)]]:
        nearest = int(np.argmin(np.abs(scores[free] - point)))
        positions.append(int(free[nearest]))
        free = np.delete(free, nearest)
    return rng.permutation(np.array(positions, dtype=np.intp))

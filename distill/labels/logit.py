"""The one score of a teacher: the logit of the expected gain over the highest gain.

    e = sum_g p_g gain(g) / gain(G),    gain(g) = 2^g - 1,    score = log(e / (1 - e))

Gains are those of nDCG (Burges et al., 2005: https://doi.org/10.1145/1102351.1102363); the expected gain over class
probabilities as a ranking score goes back to McRank (Li et al., NeurIPS 2007). The logit spreads what is near 0 and 1:
margins of scores between 0 and 1 teach a student little.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from endcap.index.judgments.judgments import GRADES

GAINS = np.array([2.0**grade - 1 for grade in GRADES])
CLIP = 1e-4
"""Expected gains are kept this far from 0 and 1: scores lie within +-9.21."""

FloatArray = npt.NDArray[np.floating]


def score(probabilities: FloatArray) -> FloatArray:
    """The scores, float64 (n,), of class probabilities (n, 4)."""
    expected = np.asarray(probabilities, dtype=np.float64) @ GAINS / GAINS[-1]
    expected = np.clip(expected, CLIP, 1 - CLIP)
    logit: FloatArray = np.log(expected / (1 - expected))
    return logit


def soft_target(grade: float, smoothing: float, votes: npt.ArrayLike | None = None) -> FloatArray:
    """Class probabilities float64 (4,) of a human grade: the annotators' votes, where there are some.

    Otherwise ``smoothing`` of the grade's mass moves to its neighbours in equal parts (ordinal label smoothing). Raises
    ``ValueError`` for a grade or votes that are none.
    """
    if votes is not None:
        counts = np.asarray(votes, dtype=np.float64)
        if counts.shape != (len(GRADES),) or not np.isfinite(counts).all() or (counts < 0).any() or counts.sum() <= 0:
            raise ValueError(f"votes must be {len(GRADES)} numbers of at least 0, not all 0; got {votes!r}")
        shares: FloatArray = counts / counts.sum()
        return shares
    if grade not in GRADES:
        raise ValueError(f"a grade must be one of {GRADES}; got {grade!r}")
    middle = int(grade)
    near = [g for g in (middle - 1, middle + 1) if g in GRADES]
    target = np.zeros(len(GRADES))
    target[middle] = 1 - smoothing
    target[near] = smoothing / len(near)
    return target

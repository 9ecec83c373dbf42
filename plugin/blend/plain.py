"""Two scores of the same products made one: the student's and the engine's, on a common scale.

The scale is that of the query: each list of scores is standardised over the candidates of one window,
``z_i = (x_i - mean(x)) / std(x)`` (population standard deviation), and the blend is

    b_i = w * z_i(student) + (1 - w) * z_i(engine)

Engines' scores have no common unit from query to query, so a weight means the same for all queries only after this.
It is the z-score form of linear score fusion (Montague and Aslam, "Relevance score normalization for metasearch",
CIKM 2001: https://doi.org/10.1145/502585.502657).

One word says less of what is meant than three do: all that a shop calls so is meant, and of it the student knows some
things that it likes better. So a weight is that for queries of three words or more, and each word that lacks lowers the
student's odds, w / (1 - w), to .6 of themselves: .8 is .71 for two words and .59 for one (docs/experiments.md).
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating] | Sequence[float]
FloatArray = npt.NDArray[np.float64]

LONG = 3
"""A query of so many words has the whole weight."""
ODDS_OF_A_WORD = 0.6
_NO_BLANKS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Letters of scripts that put no blanks between words (Thai, Lao, Burmese, Khmer, kana, Han)."""


def student_share(query: str, weight: float, odds_of_a_word: float = ODDS_OF_A_WORD) -> float:
    """The student's share in the plain blend of this query's window: ``weight``, or less for one or two words.

    0 and 1 stay what they are; ``odds_of_a_word`` of 1 takes no notice of words. Words can't be counted in scripts
    without blanks; such a query has the whole weight.
    """
    lacking = 0 if _NO_BLANKS.search(query) else max(0, LONG - max(1, len(query.split())))
    odds = weight * odds_of_a_word**lacking
    return odds / (odds + (1.0 - weight)) if lacking else weight


def standardise(scores: Scores) -> FloatArray:
    """Scores (n,) on a scale with mean 0 and standard deviation 1; float64 (n,). All-equal scores become 0.

    A NaN is a score that is not known: it becomes 0, the mean of the others, and takes no part in mean or deviation.
    """
    values = np.asarray(scores, dtype=np.float64)
    is_finite = np.isfinite(values)
    if values.size and is_finite.all():
        return _standardised(values)
    if np.isinf(values).any():
        raise ValueError("a score is infinite: nothing can be standardised against it")
    z = np.zeros(values.shape, dtype=np.float64)
    if is_finite.any():
        z[is_finite] = _standardised(values[is_finite])
    return z


def _standardised(values: FloatArray) -> FloatArray:
    """Finite scores (n,), at least one, on that scale."""
    centred = values - np.add.reduce(values) / values.size
    deviation = math.sqrt(np.add.reduce(centred * centred) / values.size)
    # Rounding leaves a deviation of some 1e-16 of the scores' size between equal numbers: that is still "equal".
    if deviation > 1e-12 * float(np.abs(values).max()):
        standardised: FloatArray = centred / deviation
        return standardised
    return np.zeros(values.shape, dtype=np.float64)


def blend(student: Scores, engine: Scores, weight: float) -> FloatArray:
    """``weight * z(student) + (1 - weight) * z(engine)``, float64 (n,), both standardised within these n candidates.

    ``weight`` 1 is the student alone, 0 the engine alone. A NaN in ``student`` counts as its mean.
    """
    if len(student) != len(engine):
        raise ValueError(f"{len(student)} scores of the student for {len(engine)} of the engine")
    return weight * standardise(student) + (1.0 - weight) * standardise(engine)


def order(blended: Scores) -> npt.NDArray[np.intp]:
    """Positions (n,) from the best score to the worst; equal scores stay in the order in which they came."""
    return np.argsort(-np.asarray(blended, dtype=np.float64), kind="stable")

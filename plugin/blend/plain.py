"""Two scores of the same products made one: the student's and the engine's, on a common scale.

The scale is that of the query: each list of scores is standardised over the candidates of one window,
``z_i = (x_i - mean(x)) / std(x)`` (population standard deviation), and the blend is

    b_i = w * z_i(student) + (1 - w) * z_i(engine)

Engines' scores have no common unit from query to query, so a weight means the same for all queries only after this.
It is the z-score form of linear score fusion (Montague and Aslam, "Relevance score normalization for metasearch",
CIKM 2001: https://doi.org/10.1145/502585.502657).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Scores = npt.NDArray[np.floating] | Sequence[float]
FloatArray = npt.NDArray[np.float64]


def standardise(scores: Scores) -> FloatArray:
    """Scores (n,) on a scale with mean 0 and standard deviation 1; float64 (n,). All-equal scores become 0.

    A NaN is a score that is not known: it becomes 0, the mean of the others, and takes no part in mean or deviation.
    """
    values = np.asarray(scores, dtype=np.float64)
    if np.isinf(values).any():
        raise ValueError("a score is infinite: nothing can be standardised against it")
    is_known = ~np.isnan(values)
    z = np.zeros(values.shape, dtype=np.float64)
    if not is_known.any():
        return z
    centred = values[is_known] - values[is_known].mean()
    deviation = float(np.sqrt(np.mean(centred**2)))
    # Rounding leaves a deviation of some 1e-16 of the scores' size between equal numbers: that is still "equal".
    if deviation > 1e-12 * float(np.abs(values[is_known]).max()):
        z[is_known] = centred / deviation
    return z


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

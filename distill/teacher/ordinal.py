"""The stacker: members' signals x to class probabilities by a proportional odds model (McCullagh, 1980,
https://doi.org/10.1111/j.2517-6161.1980.tb01109.x), with weights that can't be negative:

    P(grade >= g) = sigmoid(w . z - theta_g),   g = 1..3,   theta_1 <= theta_2 <= theta_3,   w >= 0
    z = (x - centre) / spread,   0 where x is not known

Every signal says "more is better", so a negative weight could only be noise (non-negative stacking: Breiman, 1996,
https://doi.org/10.1007/BF00117832). It may only be fitted on signals of members that have not seen the query.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize

from endcap.distill.labels.logit import FloatArray
from endcap.index.judgments.judgments import GRADES

RIDGE = 1e-3
_CLOSE, _FAR = np.log(1e-3), np.log(50.0)
_TINY = 1e-12


@dataclass(frozen=True, slots=True)
class Stacker:
    """Weights, centre and spread by column, and the three thresholds, all in units of standardised signals."""

    columns: tuple[str, ...]
    weights: tuple[float, ...]
    centre: tuple[float, ...]
    spread: tuple[float, ...]
    thresholds: tuple[float, ...]

    def probabilities(self, signals: FloatArray) -> FloatArray:
        """float64 (n, 4) from signals (n, columns)."""
        z = _standard(signals, np.array(self.centre), np.array(self.spread))
        return _classes(z @ np.array(self.weights), np.array(self.thresholds))

    def to_mapping(self) -> dict[str, Any]:
        """As JSON."""
        return {name: list(getattr(self, name)) for name in self.__slots__}

    @classmethod
    def from_mapping(cls, record: Mapping[str, Sequence[Any]]) -> Stacker:
        """From JSON."""
        return cls(**{name: tuple(record[name]) for name in cls.__slots__})


def fit_stacker(signals: FloatArray, targets: FloatArray, columns: Sequence[str], ridge: float = RIDGE) -> Stacker:
    """Fit by maximum likelihood, with ``ridge`` times the squared weights taken off a pair's mean log-likelihood.

    ``signals`` float64 (n, columns), ``targets`` float64 (n, 4): class probabilities by people's grades.
    """
    x, t = np.asarray(signals, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if x.shape != (len(t), len(columns)) or not len(t):
        raise ValueError(f"signals {x.shape} do not fit {len(t)} targets and {len(columns)} columns")
    share = np.full(len(t), 1 / len(t))
    centre, spread = _scale(x)
    z = _standard(x, centre, spread)
    k = len(columns)  # theta: k weights, the first threshold, and the logs of the two gaps above it
    start = np.concatenate([np.full(k, 0.5), _first_thresholds(t, share)])
    bounds = [(0.0, 20.0) if s > 0 else (0.0, 0.0) for s in spread] + [(-50, 50), (_CLOSE, _FAR), (_CLOSE, _FAR)]

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        w, cuts = theta[:k], _cuts(theta[k:])
        value, by_eta, by_cuts = _likelihood(z @ w, cuts, t, share)
        gaps = np.exp(theta[k + 1 :])
        by_raw = np.array([by_cuts.sum(), by_cuts[1:].sum() * gaps[0], by_cuts[2] * gaps[1]])
        return value + ridge * float(w @ w), np.concatenate([z.T @ by_eta + 2 * ridge * w, by_raw])

    options = {"maxiter": 1000, "ftol": 1e-12}
    optimum = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    w, cuts = optimum[:k], _cuts(optimum[k:])
    spread = np.where(spread > 0, spread, 1.0)
    return Stacker(tuple(columns), *(tuple(map(float, part)) for part in (w, centre, spread, cuts)))


def _scale(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation of each column where it is known; a column that is all alike has a spread of 0."""
    is_known = np.isfinite(x)
    count = np.maximum(is_known.sum(axis=0), 1)
    centre = np.where(is_known, x, 0).sum(axis=0) / count
    spread = np.sqrt((np.where(is_known, x - centre, 0) ** 2).sum(axis=0) / count)
    return centre, np.where(spread > 1e-9 * (1 + np.abs(centre)), spread, 0.0)


def _standard(x: FloatArray, centre: FloatArray, spread: FloatArray) -> FloatArray:
    z = (np.asarray(x, dtype=np.float64) - centre) / np.where(spread > 0, spread, 1.0)
    return np.where(np.isfinite(z), z, 0.0)


def _first_thresholds(t: FloatArray, share: FloatArray) -> FloatArray:
    at_least = np.clip(np.cumsum((share @ t)[::-1])[::-1][1:], 1e-3, 1 - 1e-3)
    cuts = -np.log(at_least / (1 - at_least))
    return np.array([cuts[0], *np.clip(np.log(np.maximum(np.diff(cuts), 1e-3)), _CLOSE, _FAR)])


def _cuts(raw: FloatArray) -> FloatArray:
    return np.cumsum([raw[0], *np.exp(raw[1:])])


def _at_least(eta: FloatArray, cuts: FloatArray) -> FloatArray:
    """P(grade >= g) for g = 0..4, float64 (n, 5): 1 at 0, and 0 at 4."""
    middle = 0.5 * (1 + np.tanh(0.5 * (eta[:, None] - cuts[None, :])))
    return np.column_stack([np.ones(len(eta)), middle, np.zeros(len(eta))])


def _classes(eta: FloatArray, cuts: FloatArray) -> FloatArray:
    p = np.maximum(-np.diff(_at_least(eta, cuts), axis=1), _TINY)
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def _likelihood(
    eta: FloatArray, cuts: FloatArray, t: FloatArray, share: FloatArray
) -> tuple[float, FloatArray, FloatArray]:
    """The mean negative log-likelihood, its derivative by eta (n,), and by the thresholds (3,)."""
    at_least = _at_least(eta, cuts)
    p = np.maximum(-np.diff(at_least, axis=1), _TINY)
    slope = at_least * (1 - at_least)
    ratio = share[:, None] * t / p
    by_eta = -(ratio * -np.diff(slope, axis=1)).sum(axis=1)
    by_cuts = (slope[:, 1 : len(GRADES)] * (ratio[:, 1:] - ratio[:, :-1])).sum(axis=0)
    return float(-(share[:, None] * t * np.log(p)).sum()), by_eta, by_cuts

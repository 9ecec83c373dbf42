"""Teaches a blend signals: how much each number of the products weighs beside the blend, where that proves good.

The blend stays as it is, and each signal's weight v is fitted on top of it, by the loss of ``fit.py``:

    sum_ij w_ij log(1 + exp(-t (b_i - b_j + sum_k v_k (c_ik - c_jk)))),   v_k >= 0

c are the signals' levels less their mean, times the deviation of the window's blended scores without what is exact, so
that a weight is what a rules file has; t brings a plain blend's margins to the size of a learnt one's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.optimize import minimize

from endcap.distill.blend.choice import INNER, OUTER, blend_fold, counted_both_ways, objective
from endcap.distill.blend.fit import SMALLEST, TEMPERATURE, Window, learnt_scores, ordered_pairs, plain_scores
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.learnt import EXACT_NAMES, LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.signals import Signal, centred_levels, deviation_of

RIDGES = (0.0, 0.01, 0.1)
"""How strongly weights are drawn to 0; which is chosen by folds."""
MOST = 10.0
"""No weight is larger: there a signal alone orders, and judgments that follow it wholly would ask for more and more."""
FEWEST_GAIN = 0.0005
"""nDCG@10 that signals have to add on queries that they were not fitted to; less is chance."""


def taught_signals(
    windows: Sequence[Window], signals: Sequence[Signal], weight: float, learnt: LearntBlend | None
) -> tuple[tuple[Signal, ...], dict[str, Any]]:
    """The signals with the weights that were learnt, those that weigh nothing left out, and what folds say of them.

    ``weight`` and ``learnt`` are the blend that they join.
    """
    gold = [window for window in windows if not window.labelled and window.numbers is not None]
    blended = [plain_scores(w, weight) if learnt is None else learnt_scores(w, learnt) for w in gold]
    scale = TEMPERATURE if learnt is None else 1.0
    unit_of = learnt or LearntBlend.plain(weight)
    added = [centred_levels(signals, _numbers(w)) * _unit(w, unit_of) for w in gold]
    parts = list(zip(gold, blended, added, strict=True))
    before = objective(counted_both_ways(gold, blended))
    after = objective(counted_both_ways(gold, _held_out(parts, scale, OUTER)))
    told: dict[str, Any] = {"without": before, "with": after, "kept": after >= before + FEWEST_GAIN}
    if not told["kept"]:
        return (), told
    weights = _fit(parts, scale, _ridge(parts, scale))
    kept = tuple(
        replace(signal, weight=round(float(w), 4)) for signal, w in zip(signals, weights, strict=True) if w >= SMALLEST
    )
    return kept, told | {"weights": {signal.name: signal.weight for signal in kept}}


Part = tuple[Window, FloatArray, FloatArray]
"""A window, its blended scores (n,), and its signals' levels (n, s) in the blend's unit."""


def _unit(window: Window, learnt: LearntBlend) -> float:
    """A deviation of the blend, as serving has it: ``Blended.unit``."""
    graded = [i for i, name in enumerate(FEATURES) if name not in EXACT_NAMES]
    return deviation_of(learnt.contributions(window.features)[:, graded].sum(axis=1))


def _numbers(window: Window) -> FloatArray:
    return np.zeros((len(window.gains), 0)) if window.numbers is None else window.numbers


def _fit(parts: Sequence[Part], scale: float, ridge: float) -> FloatArray:
    """The weights, float64 (s,), none below 0."""
    margins, levels, weights = [], [], []
    for window, blended, added in parts:
        if window.ideal <= 0 or len(set(window.gains)) < 2:
            continue
        better, worse, changes = ordered_pairs(window, blended)
        margins.append(scale * (blended[better] - blended[worse]))
        levels.append(scale * (added[better] - added[worse]))
        weights.append(changes / len(parts))
    if not margins:
        return np.zeros(parts[0][2].shape[1] if parts else 0)
    margin, level, weight = np.concatenate(margins), np.concatenate(levels), np.concatenate(weights)

    def loss(values: FloatArray) -> tuple[float, FloatArray]:
        apart = margin + level @ values
        pull = weight / (1 + np.exp(np.minimum(apart, 500)))
        value = float(weight @ np.logaddexp(0, -apart)) + ridge * float(values @ values)
        return value, 2 * ridge * values - pull @ level

    start = np.zeros(level.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, MOST)] * len(start)).x)


def _ridge(parts: Sequence[Part], scale: float) -> float:
    """The ridge whose weights are best on queries that they were not fitted to."""

    def worth(ridge: float) -> float:
        scores = _held_out(parts, scale, INNER, ridge)
        return objective(counted_both_ways([window for window, _, _ in parts], scores))

    return max(RIDGES, key=worth)


def _held_out(parts: Sequence[Part], scale: float, folds: int, ridge: float | None = None) -> list[FloatArray]:
    """Scores with signals, by weights that were fitted without the fold's queries."""
    fold_of = [blend_fold(window.query, folds, "signals") for window, _, _ in parts]
    weights = {}
    for fold in set(fold_of):
        seen = [part for part, of in zip(parts, fold_of, strict=True) if of != fold]
        weights[fold] = _fit(seen, scale, _ridge(seen, scale) if ridge is None else ridge) if seen else None
    return [
        blended if (w := weights[fold]) is None else blended + added @ w
        for (_, blended, added), fold in zip(parts, fold_of, strict=True)
    ]

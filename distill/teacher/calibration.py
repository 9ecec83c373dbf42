"""Temperature and expected calibration error of class probabilities (Guo et al., 2017,
https://arxiv.org/abs/1706.04599):

    p'_g = p_g^(1/T) / sum_h p_h^(1/T)
    ECE  = sum_b |B_b| / n * |share of right classes in B_b - mean of the largest probability in B_b|

with bins B of equal width over the largest probability.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from endcap.distill.labels.logit import FloatArray

BINS = 10
COLDEST, HOTTEST = 0.2, 5.0


def temper(probabilities: FloatArray, temperature: float) -> FloatArray:
    """Class probabilities float64 (n, classes) at a temperature: above 1 flatter, below 1 sharper."""
    p = np.log(np.maximum(np.asarray(probabilities, dtype=np.float64), 1e-12)) / temperature
    p = np.exp(p - p.max(axis=1, keepdims=True))
    return np.asarray(p / p.sum(axis=1, keepdims=True))


def log_loss(probabilities: FloatArray, targets: FloatArray) -> float:
    """The mean cross-entropy, in nats, of probabilities (n, classes) under targets of the same shape."""
    return float(-(targets * np.log(np.maximum(probabilities, 1e-12))).sum(axis=1).mean())


def fit_temperature(probabilities: FloatArray, targets: FloatArray) -> float:
    """The temperature, .2 to 5, at which ``targets`` are most likely."""
    bounds = (np.log(COLDEST), np.log(HOTTEST))
    optimum = minimize_scalar(
        lambda t: log_loss(temper(probabilities, float(np.exp(t))), targets), bounds=bounds, method="bounded"
    )
    return float(np.exp(optimum.x))


def expected_calibration_error(probabilities: FloatArray, targets: FloatArray) -> float:
    """ECE, 0..1, of probabilities (n, classes); where people disagreed, a class is right by the share of its votes."""
    if not len(probabilities):
        return float("nan")
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    accuracy = targets[np.arange(len(predicted)), predicted]
    bin_of = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [np.abs((accuracy[bin_of == b] - confidence[bin_of == b]).sum()) for b in range(BINS)]
    return float(np.sum(gaps) / len(predicted))

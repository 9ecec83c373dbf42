"""The stacker and the calibration, by numbers that are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.teacher import ordinal
from endcap.distill.teacher.calibration import (
    expected_calibration_error,
    fit_temperature,
    log_loss,
    temper,
)
from endcap.distill.teacher.ordinal import Stacker, fit_stacker


def drawn(weights: list[float], thresholds: list[float], n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Signals float64 (n, k) and one-hot grades (n, 4) of a proportional odds model."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, len(weights)))
    at_least = 1 / (1 + np.exp(-(x @ np.array(weights))[:, None] + np.array(thresholds)))
    return x, np.eye(4)[(random.random((n, 1)) < at_least).sum(axis=1)]


def test_known_weights_are_found() -> None:
    """On 20,000 pairs drawn from a model, its weights and thresholds come back, and a useless column gets none."""
    x, t = drawn([2.0, 0.7, 0.0], [-1.0, 0.5, 2.0], 20_000)
    fitted = fit_stacker(x * [1.0, 10.0, 1.0] + [0.0, 5.0, 0.0], t, ["a", "b", "c"], ridge=0.0)
    np.testing.assert_allclose(fitted.weights, [2.0, 0.7, 0.0], atol=0.06)
    np.testing.assert_allclose(fitted.thresholds, [-1.0, 0.5, 2.0], atol=0.1)
    assert Stacker.from_mapping(fitted.to_mapping()) == fitted


def test_probabilities_by_hand() -> None:
    """w = 1, z = (x - 1) / 2, thresholds -1, 0, 1, at x = 1: sigmoid(1) = .731059, sigmoid(0) = .5."""
    stacker = Stacker(("a",), (1.0,), (1.0,), (2.0,), (-1.0, 0.0, 1.0))
    told = stacker.probabilities(np.array([[1.0], [np.nan]]))
    np.testing.assert_allclose(told, [[0.268941, 0.231059, 0.231059, 0.268941]] * 2, atol=1e-6)


def test_a_member_that_is_wrong_gets_no_weight() -> None:
    """A column that says the opposite is left out, and not turned around."""
    x, t = drawn([2.0, -1.5], [-1.0, 0.5, 2.0], 2_000)
    fitted = fit_stacker(x, t, ["right", "wrong"])
    assert fitted.weights[0] > 0.5
    assert fitted.weights[1] == 0.0


def test_a_grade_that_never_occurs_is_hardly_ever_said() -> None:
    x, t = drawn([2.0], [-1.0, 0.5, 2.0], 2_000)
    told = fit_stacker(x[t[:, 2] == 0], t[t[:, 2] == 0], ["a"]).probabilities(x)
    assert told[:, 2].max() < 0.01


def test_the_gradient_is_that_of_the_likelihood() -> None:
    """Derivatives by finite differences, at a point that is no optimum."""
    x, t = drawn([1.0], [-1.0, 0.5, 2.0], 50)
    eta, cuts, share = x[:, 0], np.array([-0.7, 0.1, 1.5]), np.full(50, 0.02)
    _, by_eta, by_cuts = ordinal._likelihood(eta, cuts, t, share)

    def value(e: np.ndarray, c: np.ndarray) -> float:
        return ordinal._likelihood(e, c, t, share)[0]

    for n in range(3):
        step = np.eye(3)[n] * 1e-6
        assert (value(eta, cuts + step) - value(eta, cuts - step)) / 2e-6 == pytest.approx(by_cuts[n], abs=1e-6)
    step = np.eye(50)[7] * 1e-6
    assert (value(eta + step, cuts) - value(eta - step, cuts)) / 2e-6 == pytest.approx(by_eta[7], abs=1e-6)


def test_calibration_undoes_what_was_done() -> None:
    """Probabilities sharpened by a temperature of 1/2 are found to need 2; ECE and log loss fall."""
    x, t = drawn([2.0], [-1.0, 0.5, 2.0], 20_000)
    honest = Stacker(("a",), (2.0,), (0.0,), (1.0,), (-1.0, 0.5, 2.0)).probabilities(x)
    sure = temper(honest, 0.5)
    temperature = fit_temperature(sure, t)
    assert temperature == pytest.approx(2.0, abs=0.1)
    calibrated = temper(sure, temperature)
    assert expected_calibration_error(calibrated, t) < 0.02 < 0.1 < expected_calibration_error(sure, t)
    assert log_loss(calibrated, t) < log_loss(sure, t)


def test_calibration_error_by_hand() -> None:
    """Four sure at .9, three of them right, and two at .55, both right: (4 * .15 + 2 * .45) / 6 = .25."""
    p = np.array([[0.9, 0.1, 0, 0]] * 4 + [[0.55, 0.45, 0, 0]] * 2)
    t = np.eye(4)[[0, 0, 0, 1, 0, 0]]
    assert expected_calibration_error(p, t) == pytest.approx(0.25)


@given(st.lists(st.lists(st.floats(0, 1), min_size=4, max_size=4), min_size=1, max_size=5), st.floats(0.2, 5))
@settings(max_examples=50, deadline=None)
def test_a_temperature_keeps_the_order_of_classes(raw: list[list[float]], temperature: float) -> None:
    p = np.array(raw) + 1e-9
    p /= p.sum(axis=1, keepdims=True)
    told = temper(p, temperature)
    np.testing.assert_allclose(told.sum(axis=1), 1)
    low, high = np.sort(p, axis=1), np.take_along_axis(told, np.argsort(p, axis=1), axis=1)
    assert low.shape == high.shape
    assert (np.diff(high, axis=1) >= -1e-12).all()

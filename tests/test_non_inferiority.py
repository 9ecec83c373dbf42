"""The gate's rule: what is proved, what passes unproved, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.evaluate.non_inferiority import NOT_SEEN, PROVED, REFUSED, UNDECIDED, non_inferiority_verdict

NAMES = ("new", "old")
SWINGS = np.tile([0.2, -0.2], 50)


@pytest.mark.parametrize(
    ("differences", "verdict"),
    [
        (np.zeros(100), PROVED),
        (np.full(100, -0.004), PROVED),  # surely worse, and surely by less than it may be
        (np.zeros(19), NOT_SEEN),  # nothing is proved by so few
        (np.full(13, -0.004), NOT_SEEN),  # nor do few refuse what many may lose
        (np.full(13, -0.006), REFUSED),
        (SWINGS, NOT_SEEN),
        (SWINGS - 0.004, NOT_SEEN),  # less than the margin, and nothing that could not be chance
        (SWINGS / 40 - 0.0045, REFUSED),  # less than the margin, but worse beyond chance, and perhaps by more
        (SWINGS - 0.006, UNDECIDED),  # more than the margin, and perhaps by chance
        (SWINGS - 0.1, REFUSED),
        (np.full(100, -0.006), REFUSED),
        (np.array([-0.5]), REFUSED),
    ],
)
def test_the_rule(differences: np.ndarray, verdict: str) -> None:
    """Margin .005: what each kind of differences comes to."""
    found = non_inferiority_verdict({"shop": differences}, NAMES, "nDCG@10", 0.005)
    assert found.verdict == verdict
    assert found.passed == (verdict in (PROVED, NOT_SEEN))


def test_the_visible_loss_by_hand() -> None:
    """(1.6449 + .8416) times the standard error: 100 queries that scatter by .1 (n - 1 in the variance)."""
    found = non_inferiority_verdict({"shop": np.tile([0.1, -0.1], 50)}, NAMES, "nDCG@10", 0.005)
    assert found.visible == pytest.approx(2.4865 * np.sqrt(0.01 * 100 / 99 / 100), rel=1e-4)
    two = non_inferiority_verdict({"one": np.tile([0.1, -0.1], 25), "two": np.zeros(50)}, NAMES, "nDCG@10", 0.005)
    assert two.visible == pytest.approx(2.4865 * np.sqrt(50 * 0.01 * 50 / 49) / 100, rel=1e-4)
    assert non_inferiority_verdict({"shop": np.zeros(1)}, NAMES, "nDCG@10", 0.005).visible == np.inf


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(-1, 1), min_size=1, max_size=40),
    st.floats(0, 0.5),
    st.sampled_from([0.0, 0.005, 0.05]),
)
def test_who_is_better_is_not_refused_for_it(values: list[float], more: float, margin: float) -> None:
    """A candidate that passed still passes where it does better by as much on every query."""
    before = non_inferiority_verdict({"shop": np.array(values)}, NAMES, "nDCG@10", margin)
    after = non_inferiority_verdict({"shop": np.array(values) + more}, NAMES, "nDCG@10", margin)
    assert after.passed or not before.passed
    assert before.low <= before.difference.mean + 1e-9
    assert before.high >= before.difference.mean - 1e-9

"""The blend of two scores."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.plugin.blend.plain import blend, order, standardise, student_share
from endcap.plugin.blend.window import blend_window
from endcap.plugin.deadline import Deadline

NUMBERS = st.lists(st.floats(-1e6, 1e6).map(lambda x: round(x, 3)), min_size=1, max_size=50)


def test_by_hand() -> None:
    """Mean 2 and deviation sqrt(2/3): the scores 1, 2, 3 are -1.2247, 0 and 1.2247; two opposite lists cancel out."""
    assert standardise([1, 2, 3]) == pytest.approx([-1.224745, 0, 1.224745], abs=1e-6)
    assert blend([1, 2, 3], [3, 2, 1], 0.5) == pytest.approx([0, 0, 0])
    assert blend([1, 2, 3], [3, 2, 1], 0.75) == pytest.approx([-0.612372, 0, 0.612372], abs=1e-6)


@given(NUMBERS, st.floats(0.001, 1000), st.floats(-1000, 1000))
def test_scale_and_offset_mean_nothing(scores: list[float], scale: float, offset: float) -> None:
    """A list standardises to mean 0 and deviation 1, or to zeros, whatever unit it came in."""
    z = standardise(scores)
    assert z.dtype == np.float64
    assert abs(z.mean()) < 1e-6
    assert abs(z.std() - 1) < 1e-6 or not z.any()
    if np.ptp(scores) > 1:
        assert standardise(np.array(scores) * scale + offset) == pytest.approx(z, abs=1e-3)


@pytest.mark.parametrize("scores", [[], [5.0], [0.1] * 7, [1e9 + 0.1] * 3, np.full(100, 1 / 3, dtype=np.float32)])
def test_equal_scores_are_zero(scores: list[float]) -> None:
    """Equal scores say nothing, however they are rounded."""
    assert not standardise(scores).any()


def test_an_unknown_score_is_the_mean() -> None:
    """A NaN counts as the mean of the others and does not move them."""
    z = standardise([1.0, np.nan, 3.0])
    assert list(z) == [-1.0, 0.0, 1.0]
    assert not standardise([np.nan, np.nan]).any()


def test_what_can_not_be_blended() -> None:
    """Lists of different lengths and infinite scores are mistakes."""
    with pytest.raises(ValueError, match="2 scores of the student for 1 of the engine"):
        blend([1, 2], [1], 0.5)
    with pytest.raises(ValueError, match="infinite"):
        standardise([1.0, np.inf])


def test_equal_scores_stay_in_order() -> None:
    """Ordering is stable: among equals, who came first stays first."""
    assert list(order([1, 3, 1, 3, 2])) == [1, 3, 4, 0, 2]


@pytest.mark.parametrize(
    ("query", "share"),
    [("tablet", 0.590), ("usb cable", 0.706), ("usb c cable", 0.8), (" ", 0.590), ("pink  usb c cable", 0.8)],
)
def test_a_short_query_has_less_of_the_student(query: str, share: float) -> None:
    assert student_share(query, 0.8) == pytest.approx(share, abs=0.001)


@pytest.mark.parametrize("query", ["หูฟังไร้สาย", "無線イヤホン", "无线耳机"])
def test_words_are_not_counted_in_scripts_without_blanks(query: str) -> None:
    assert student_share(query, 0.8) == 0.8


@given(st.text(max_size=30), st.floats(0, 1), st.floats(0, 1))
def test_a_share_keeps_ends_and_order_of_weights(query: str, low: float, high: float) -> None:
    low, high = sorted((low, high))
    assert student_share(query, 0) == 0
    assert student_share(query, 1) == 1
    assert 0 <= student_share(query, low) <= student_share(query, high) + 1e-12 <= 1 + 1e-12


def test_a_window_is_blended_by_its_querys_share() -> None:
    student, engine = np.array([0.1, 0.9, 0.5]), np.array([3.0, 1.0, 2.5])
    found = blend_window("tablet", [{}] * 3, student, engine, 0.8, None, None, Deadline.start(float("inf")))
    assert found.scores == pytest.approx(blend(student, engine, student_share("tablet", 0.8)))

"""A balanced list has the best, the worst and something between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.student.balance import balanced

scores = st.lists(st.floats(-9, 9), min_size=1, max_size=40)


@settings(deadline=None)
@given(scores, st.integers(1, 12), st.integers(0, 9))
def test_a_balanced_list_has_the_best_and_the_worst(values: list[float], size: int, seed: int) -> None:
    picked = balanced(np.array(values), size, np.random.default_rng(seed))
    assert len(picked) == len(set(picked.tolist())) == min(size, len(values))
    chosen = [values[i] for i in picked]
    assert max(chosen) == max(values)
    assert size < 2 or min(chosen) == min(values)


def test_a_balanced_list_has_something_between() -> None:
    """Of ninety bad, three middling and two good ones, all that are not bad are in a list of eight."""
    values = np.array([-6.0] * 90 + [-1.0, 0.0, 1.0] + [5.0, 6.0])
    for seed in range(20):
        picked = balanced(values, 8, np.random.default_rng(seed))
        assert {90, 91, 92} <= set(picked.tolist())
    assert len({tuple(balanced(values, 8, np.random.default_rng(seed))) for seed in range(20)}) > 10


@pytest.mark.parametrize(("values", "size"), [([1.0, float("nan")], 2), ([[1.0]], 1), ([1.0], 0)])
def test_what_can_not_be_balanced(values: Any, size: int) -> None:
    with pytest.raises(ValueError, match=r"scores must be|a list needs"):
        balanced(np.array(values), size, np.random.default_rng(0))

"""Intervals and p-values are those that scipy computes, and behave where there is little to compute with."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from endcap.evaluate.significance import bootstrap_interval, combine, paired_difference, query_differences, sign_flip_p


def differences(n: int, shift: float, seed: int = 1) -> np.ndarray:
    values = np.random.default_rng(seed).normal(shift, 0.2, n)
    values[::3] = 0.0
    return values


@pytest.mark.parametrize(("n", "shift"), [(20, 0.0), (77, 0.05), (300, 0.02)])
def test_interval_is_scipys(n: int, shift: float) -> None:
    """The percentile interval agrees with scipy.stats.bootstrap within the noise of resampling."""
    values = differences(n, shift)
    low, high = bootstrap_interval(values)
    theirs = stats.bootstrap((values,), np.mean, n_resamples=10_000, method="percentile", rng=2).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.04 * (theirs.high - theirs.low))


@pytest.mark.parametrize(("n", "shift"), [(5, 0.1), (12, 0.05), (16, 0.2)])
def test_small_samples_are_exact(n: int, shift: float) -> None:
    """Up to 16 queries the p-value is exactly that of scipy's full permutation test."""
    values = differences(n, shift)
    theirs = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=np.inf)
    assert sign_flip_p(values) == pytest.approx(theirs.pvalue, abs=1e-12)


@pytest.mark.parametrize(("n", "shift"), [(30, 0.05), (77, 0.03), (200, 0.0)])
def test_large_samples_agree(n: int, shift: float) -> None:
    """Beyond 16 queries the sampled p-value agrees with scipy's within its own error."""
    values = differences(n, shift)
    theirs = stats.permutation_test((values,), np.mean, permutation_type="samples", n_resamples=100_000, rng=3)
    error = math.sqrt(theirs.pvalue * (1 - theirs.pvalue) / 100_000)
    assert sign_flip_p(values) == pytest.approx(theirs.pvalue, abs=8 * error + 1e-5)


def test_worked_by_hand() -> None:
    """Three wins of the same size: 2 of the 8 sign patterns are as extreme, so p is 1/4."""
    base = {"a": 0.1, "b": 0.2, "c": 0.3, "only here": 1.0}
    better = {query: value + 0.3 for query, value in base.items() if query != "only here"}
    found = paired_difference(better, base, names=("student", "engine"), measure="nDCG@10")
    assert found.p_value == pytest.approx(1 / 4)
    assert (found.queries, found.wins, found.losses, found.ties) == (3, 3, 0, 0)
    assert found.mean == pytest.approx(0.3)
    assert (found.low, found.high) == (pytest.approx(0.3), pytest.approx(0.3))
    assert not found.clear, "three searches are too few for p < 0.05"
    assert combine({"set": [0.3] * 6}, names=("a", "b"), measure="RR").clear


def test_no_difference() -> None:
    """Equal systems: an interval of nothing and a p-value of 1, for few queries and for many."""
    for n in (1, 16, 50):
        found = combine({"set": np.zeros(n)}, names=("a", "b"), measure="RR")
        assert (found.mean, found.low, found.high, found.p_value, found.ties) == (0, 0, 0, 1, n)
        assert not found.clear


def test_no_queries() -> None:
    """Without queries nothing is claimed."""
    found = paired_difference({}, {}, names=("a", "b"), measure="RR")
    assert found.queries == 0
    assert math.isnan(found.mean)
    assert math.isnan(found.p_value)
    assert not found.clear


def test_sampled_p_is_never_zero() -> None:
    """However clear a difference is, a sampled test can't say 0."""
    assert sign_flip_p(np.full(40, 0.5), permutations=999) == pytest.approx(1 / 1000)


def test_combined_sets_resample_within_each() -> None:
    """Two sets with constant, different gains have no spread within them, so the joint interval is a point."""
    found = combine({"one": [0.1] * 30, "two": [0.3] * 10}, names=("a", "b"), measure="RR")
    assert found.queries == 40
    assert found.mean == pytest.approx(0.15)
    assert (found.low, found.high) == (pytest.approx(0.15), pytest.approx(0.15))


def test_the_seed_decides() -> None:
    """The same seed gives the same numbers, whatever ran before."""
    values = differences(50, 0.05)
    assert bootstrap_interval(values, seed=4) == bootstrap_interval(values, seed=4)
    assert bootstrap_interval(values, seed=4) != bootstrap_interval(values, seed=5)
    assert sign_flip_p(values, seed=4) == sign_flip_p(values, seed=4)


def test_two_thousand_queries_in_seconds() -> None:
    """Large sets do not need large memory or much time."""
    began = time.process_time()
    combine({"set": differences(2_000, 0.01)}, names=("a", "b"), measure="RR")
    assert time.process_time() - began < 20


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=1, max_size=12))
def test_swapping_the_systems_mirrors_everything(values) -> None:
    """Which system is called better changes the sign of the difference and nothing else."""
    one = {str(i): v for i, v in enumerate(values)}
    zero = dict.fromkeys(one, 0.0)
    there = paired_difference(one, zero, names=("a", "b"), measure="RR")
    back = paired_difference(zero, one, names=("b", "a"), measure="RR")
    assert there.mean == pytest.approx(-back.mean)
    assert there.p_value == pytest.approx(back.p_value)
    assert (there.wins, there.losses) == (back.losses, back.wins)
    assert list(query_differences(one, zero)) == values

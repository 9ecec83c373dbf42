"""The sequential test on wins and losses: worked by hand, and true however often it is looked at."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from documents import blocks
from hypothesis import given
from hypothesis import strategies as st

from endcap.evaluate.interleaving.sequential import ALPHA, interval, log_e_value, sequential_test

COUNTS = st.integers(0, 3000)


@pytest.mark.parametrize(
    ("wins", "losses", "by_hand"),
    [
        (0, 0, 1),
        (1, 0, 1),  # B(2, 1) = 1/2, times 2: one search says nothing
        (1, 1, 4 / 6),  # B(2, 2) = 1/6
        (5, 0, 32 / 6),  # B(6, 1) = 1/6
        (0, 7, 128 / 8),
        (8, 0, 256 / 9),
        (9, 1, 1024 / 110),  # B(10, 2) = 9! 1! / 11! = 1/110
    ],
)
def test_worked_by_hand(wins: int, losses: int, by_hand: float) -> None:
    """The e-value is B(w + 1, l + 1) times two to the number of queries, and reaches 20 at eight wins in a row."""
    found = sequential_test(wins, losses)
    assert found.e_value == pytest.approx(by_hand)
    assert found.decided == (by_hand >= 20)
    assert sequential_test(losses, wins).e_value == pytest.approx(by_hand), "both sides count the same"


def test_the_interval_worked_by_hand() -> None:
    """After eight wins the shares p with p^8 > 1 / (9 * 20) are left; before any query all are."""
    assert interval(8, 0) == (pytest.approx((1 / 180) ** (1 / 8)), 1.0)
    assert interval(0, 8) == (0.0, pytest.approx(1 - (1 / 180) ** (1 / 8)))
    assert interval(0, 0) == (0.0, 1.0)


@given(COUNTS, COUNTS, st.sampled_from([0.01, 0.05, 0.2]))
def test_the_interval_is_the_test_turned_round(wins: int, losses: int, alpha: float) -> None:
    """The interval holds the share that was seen, leaves out 1/2 where the test has decided, and the test refuses it at
    the ends."""
    low, high = interval(wins, losses, alpha)
    found = sequential_test(wins, losses, alpha)
    assert 0 <= low <= (wins / (wins + losses) if wins + losses else 0.5) <= high <= 1
    assert math.isfinite(found.e_value)
    assert found.decided == (not low < 0.5 < high)
    for end in {low, high} - {0.0, 1.0}:
        assert log_e_value(wins, losses, end) == pytest.approx(-math.log(alpha), abs=1e-3)


def test_peeking_after_every_query_keeps_the_level() -> None:
    """Two equal systems, looked at after each of 400 queries: at most a share of alpha of the runs ever decides.

    A fixed-sample test at the same level, looked at as often, decides many times as often.
    """
    rng = np.random.default_rng(5)
    runs, queries = 2000, 400
    won = np.cumsum(rng.random((runs, queries)) < 0.5, axis=1)
    asked = np.arange(1, queries + 1)
    table = {(w, n): log_e_value(w, n - w) for n in range(1, queries + 1) for w in range(n + 1)}
    alarms = sum(any(table[w, n] >= -math.log(ALPHA) for n, w in enumerate(run, 1)) for run in won.tolist())
    assert 0 < alarms <= ALPHA * runs
    fixed = np.abs(won - asked / 2) >= 1.96 * np.sqrt(asked) / 2
    assert fixed[:, 20:].any(axis=1).mean() > 5 * ALPHA


def test_the_confidence_sequence_holds_the_truth_at_all_times() -> None:
    """With a true share of .7, all 300 intervals of a run hold it at once in at least 95 % of the runs, and they
    shrink around it."""
    rng = np.random.default_rng(11)
    runs, queries, share = 2000, 300, 0.7
    won = np.cumsum(rng.random((runs, queries)) < share, axis=1)
    table = {(w, n): log_e_value(w, n - w, share) for n in range(1, queries + 1) for w in range(n + 1)}
    missed = sum(any(table[w, n] >= -math.log(ALPHA) for n, w in enumerate(run, 1)) for run in won.tolist())
    assert missed <= ALPHA * runs
    low, high = interval(int(won[0, -1]), queries - int(won[0, -1]))
    assert low < share < high
    assert high - low < 0.2


def test_a_clear_difference_is_found_soon() -> None:
    """Where seven of ten queries are won, nearly every run of 300 queries decides, and for the right side."""
    rng = np.random.default_rng(3)
    won = (rng.random((200, 300)) < 0.7).sum(axis=1)
    found = [sequential_test(int(w), 300 - int(w)) for w in won]
    assert sum(each.decided and each.low > 0.5 for each in found) >= 195


@pytest.mark.parametrize(("wins", "losses", "alpha"), [(-1, 0, 0.05), (0, -1, 0.05), (1, 1, 0.0), (1, 1, 1.0)])
def test_counts_and_levels_that_are_none(wins: int, losses: int, alpha: float) -> None:
    """A count below 0, or a level that is none, is an error."""
    with pytest.raises(ValueError, match="wins"):
        sequential_test(wins, losses, alpha)


def test_the_documents_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The programs in docs/interleaving.md run as they stand, and its numbers of wins are right."""
    page = (Path(__file__).parent.parent / "docs" / "interleaving.md").read_text(encoding="utf-8")
    programs = [block.text for block in blocks("docs/interleaving.md") if block.language == "python"]
    assert len(programs) == 2
    for program in programs:
        exec(compile(program, "interleaving.md", "exec"), {})
    assert capsys.readouterr().out
    for wins, losses in ((8, 0), (66, 34), (65, 35)):
        assert f"({sequential_test(wins, losses).e_value:.1f})" in page

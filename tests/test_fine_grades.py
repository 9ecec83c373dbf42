"""Grades between whole ones have the formulas of whole ones: nothing is rounded, and whole ones stay equal."""

from __future__ import annotations

import math

import ir_measures
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ir_measures import Qrel, ScoredDoc

from endcap.errors import InputError
from endcap.evaluate.fine_grades import fine_values, gain_of
from endcap.evaluate.measure_kinds import GAINS
from endcap.evaluate.measures import parse, score

GRADES = {"lamp": {"a": 2.25, "b": 3, "c": 0.75, "d": 0}}
RANKING = {"lamp": ["c", "x", "a", "b"]}
NAMES = ["nDCG@10", "nDCG", "nDCG(judged_only=True)@3", "nDCG(dcg='log2')@4", "RR", "P@3", "R@2", "AP", "Judged@3"]
IDS = list("abcdefgh")


def value(name: str, gains: str = "exponential") -> float:
    return score(RANKING, GRADES, parse([name], gains))[name]["lamp"]


def gain(grade: float) -> float:
    return 2**grade - 1


@pytest.mark.parametrize(
    ("name", "gains", "expected"),
    [
        (
            "nDCG@10",
            "exponential",
            (gain(0.75) + gain(2.25) / 2 + 7 / math.log2(5)) / (7 + gain(2.25) / math.log2(3) + gain(0.75) / 2),
        ),
        ("nDCG@10", "linear", (0.75 + 2.25 / 2 + 3 / math.log2(5)) / (3 + 2.25 / math.log2(3) + 0.75 / 2)),
        # On the line between 10 and 100 hundredths, and between 0 and 1.
        ("nDCG@1", "esci", 0.75 / 100),
        ("RR", "exponential", 1 / 3),  # relevant from 2 on: a and b
        ("P@3", "exponential", 1 / 3),
        ("P(rel=1)@4", "exponential", 2 / 4),
        ("Judged@4", "exponential", 3 / 4),
    ],
)
def test_golden(name: str, gains: str, expected: float) -> None:
    assert value(name, gains) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(st.sampled_from(IDS), st.integers(0, 3), min_size=1),
    st.permutations(IDS),
    st.sampled_from(sorted(GAINS)),
    st.sampled_from(NAMES),
)
def test_whole_grades_have_the_library_s_values(
    judged: dict[str, int], order: list[str], gains: str, name: str
) -> None:
    """The code for decimals gives what ir-measures (pytrec_eval) gives, on any whole grades."""
    (named,) = parse([name], gains)
    library = ir_measures.iter_calc(
        [named.measure],
        [Qrel("q", product, grade) for product, grade in judged.items()],
        [ScoredDoc("q", product, -rank) for rank, product in enumerate(order)],
    )
    expected = {metric.query_id: metric.value for metric in library}.get("q", 0.0)
    ours = fine_values(named.measure, gain_of(named.measure, named.gains), {"q": order}, {"q": judged})
    assert ours.get("q", 0.0) == pytest.approx(expected, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(st.sampled_from(IDS), st.integers(0, 3000), min_size=1), st.permutations(IDS))
def test_decimals_have_the_value_that_trec_eval_gives_their_gains(judged: dict[str, int], order: list[str]) -> None:
    """Thousandths of a grade as whole gains: trec_eval's nDCG of these is ours of the decimals."""
    ndcg = ir_measures.nDCG @ 10
    library = ir_measures.iter_calc(
        [ndcg],
        [Qrel("q", product, thousandths) for product, thousandths in judged.items()],
        [ScoredDoc("q", product, -rank) for rank, product in enumerate(order)],
    )
    (named,) = parse(["nDCG@10"], "linear")
    decimals = {"q": {product: thousandths / 1000 for product, thousandths in judged.items()}}
    (metric,) = library
    assert score({"q": order}, decimals, [named])["nDCG@10"].get("q", 0.0) == pytest.approx(metric.value, abs=1e-9)


def test_a_query_with_a_small_gain_counts_for_ndcg_alone() -> None:
    """Its best product has 0.75: nDCG can tell orders apart, a threshold of 1 can't."""
    values = score({"q": ["a", "b"]}, {"q": {"a": 0.75, "b": 0}}, parse(["nDCG@10", "P(rel=1)@1"]))
    assert values == {"nDCG@10": {"q": 1.0}, "P(rel=1)@1": {}}


def test_a_measure_of_whole_grades_says_so() -> None:
    with pytest.raises(InputError, match=r"'ERR@10' needs whole grades, and some lie between two"):
        score(RANKING, GRADES, parse(["ERR@10"]))

"""The position model finds what is known of simulated visitors, and says how sure it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click_parts import CLICK, simulated
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta

from endcap.errors import InputError
from endcap.index.clicks.counts import GROUPS, ClickCounts, Tally, key_of
from endcap.index.clicks.grading import Ends, graded
from endcap.index.clicks.judged import FEW, UNKNOWN, WIDE, judged, parse_bias, table_text
from endcap.index.clicks.position_model import GAMMA, PositionModel, Weights, fit, known_bias, posteriors
from endcap.index.judgments.reader import read_judgments

GRADES = {f"query {n}": {f"p{(n * 3 + m) % 40}": (n * m + m) % 4 for m in range(8)} for n in range(25)}
ENDS = Ends(0.0, 1.0)


def counts_of(*rows: tuple[int, int, int, int, int, int, int]) -> ClickCounts:
    """Counts of one query: product, place, then shown, clicks, short, carts, purchases."""
    tally = Tally()
    for product, place, *numbers in rows:
        tally.add_row(key_of(0, product, place), tuple(numbers))
    return tally.counts({0: "q"}, {f"p{number}": number for number in range(10)})


@pytest.fixture(scope="module")
def many() -> ClickCounts:
    return simulated(GRADES, 20_000)


def test_known_parameters_are_found(many: ClickCounts) -> None:
    """Of visitors whose looks fall as 1/k, and who click by grade: both are found, and so are the grades."""
    model = fit(many)
    assert model.theta[1:9] == pytest.approx(1 / np.arange(1, 9), abs=0.04)
    found = judged(many)
    off = [abs(pair.attractiveness - CLICK[GRADES[pair.query][pair.product]]) for pair in found.pairs]
    assert float(np.mean(off)) < 0.04
    assert len(found.pairs) > 0.95 * found.shown
    right = [pair.grade == GRADES[pair.query][pair.product] for pair in found.pairs]
    assert np.mean(right) > 0.98
    true = found.ends.exact(np.array([CLICK[GRADES[pair.query][pair.product]] for pair in found.pairs]))
    inside = [pair.low <= exact <= pair.high for pair, exact in zip(found.pairs, true, strict=True)]
    assert 0.85 < np.mean(inside) < 0.99


def test_few_clicks_are_not_graded() -> None:
    """With four searches a query hardly a pair is graded, and what the others need is near the truth."""
    few = judged(simulated(GRADES, 100, seed=1))
    assert len(few.pairs) < 0.15 * few.shown
    assert few.more
    half = few.more[len(few.more) // 2]
    enough = judged(simulated(GRADES, 100 + half * len(GRADES), seed=1))
    assert 0.3 < len(enough.pairs) / enough.shown < 0.95


def test_the_right_order_is_clicked_more_than_its_due() -> None:
    """In a fixed order shares of clicks rank by place; the model, told of the looks, by quality."""
    worst_first = {"q": {f"p{n}": max(min(n // 2, 3), 1) for n in range(8)}}
    counts = simulated(worst_first | {f"q{n}": {"p0": 1, "p1": 2} for n in range(5)}, 12_000, mixed=False)
    found = {p.product: p for p in judged(counts, theta=1 / np.maximum(np.arange(GROUPS), 1.0)).pairs if p.query == "q"}
    assert found["p6"].clicks / found["p6"].impressions < found["p0"].clicks / found["p0"].impressions
    assert found["p6"].exact > found["p0"].exact + 1


def test_a_posterior_is_exact() -> None:
    """At a place that everybody looks at it is the Beta distribution that the textbook has; mean and quantiles."""
    counts = counts_of((0, 1, 40, 12, 0, 0, 0))
    ((_, density),) = posteriors(counts, np.ones(GROUPS), (1.5, 3.0), Weights())
    exact = beta(1.5 + 12, 3.0 + 28)
    assert density[0] @ GAMMA == pytest.approx(exact.mean(), abs=1e-3)
    assert GAMMA[int((np.cumsum(density[0]) < 0.05).sum())] == pytest.approx(exact.ppf(0.05), abs=0.02)


def test_what_counts_more() -> None:
    """A purchase beats a cart, a cart a click, and a click a short one; by their weights."""
    counts = counts_of(
        *((n, 1, 50, 10, *kinds) for n, kinds in enumerate([(10, 0, 0), (0, 0, 0), (0, 10, 0), (0, 0, 10)]))
    )
    model = PositionModel(known_bias(), (1.0, 1.0), np.full(len(GAMMA), 1 / len(GAMMA)))
    exact = [pair.exact for pair in graded(counts, model, Weights(), ENDS, 3)]
    assert exact == sorted(exact)
    assert exact[0] < exact[1] - 0.1
    assert len({round(p.exact, 9) for p in graded(counts, model, Weights(1, 1, 1), ENDS, 3)}) == 1


ROW = st.tuples(st.integers(0, 3), st.integers(1, 15), st.integers(1, 500), st.floats(0, 1))


@settings(max_examples=100, deadline=None)
@given(st.lists(ROW, min_size=1, max_size=8), st.integers(0, 7), st.floats(0.02, 1))
def test_more_clicks_never_lower_a_grade(rows: list[tuple[int, int, int, float]], which: int, decay: float) -> None:
    """By any looks: a click in the place of none raises mean and both ends of the interval, or leaves them."""
    theta = np.maximum(known_bias() ** decay, 1e-3)
    model = PositionModel(theta, (0.7, 1.3), np.full(len(GAMMA), 1 / len(GAMMA)))
    before = [(p, place, shown, min(int(share * shown), shown - 1), 0, 0, 0) for p, place, shown, share in rows]
    chosen = which % len(before)
    product, place, shown, clicks, *rest = before[chosen]
    after = [*before[:chosen], (product, place, shown, clicks + 1, *rest), *before[chosen + 1 :]]
    old, new = (
        {pair.product: pair for pair in graded(counts_of(*some), model, Weights(), ENDS, 3)} for some in (before, after)
    )
    name = f"p{product}"
    assert new[name].exact >= old[name].exact - 1e-9
    assert new[name].low >= old[name].low
    assert new[name].high >= old[name].high
    assert all(new[other] == old[other] for other in old if other != name)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 300)), min_size=4, max_size=9))
def test_of_two_at_the_same_places_the_more_clicked_is_no_worse(rows: list[tuple[int, int]]) -> None:
    """The whole way, looks and prior fitted: with as many impressions at a place, more clicks are no lower grade."""
    counts = counts_of(*((n, 1, 300, min(clicks, 300), 0, 0, 0) for n, (_, clicks) in enumerate(rows)))
    try:
        found = sorted(judged(counts, widest=3).pairs, key=lambda pair: pair.clicks)
    except InputError as error:
        assert "tell no grades apart" in str(error)  # noqa: PT017
        return
    exact = [round(pair.exact, 9) for pair in found]
    assert exact == sorted(exact)


def test_reasons(many: ClickCounts) -> None:
    """Each pair that was shown is graded, or has a reason."""
    found = judged(many, widest=0.3, unknown=["p1", "p2"])
    assert set(found.not_graded) == {UNKNOWN, WIDE}
    assert found.shown == sum(map(len, GRADES.values()))
    assert not {"p1", "p2"} & {pair.product for pair in found.pairs}
    single = judged(counts_of((0, 1, 400, 1, 0, 0, 0), (1, 2, 400, 0, 0, 0, 0)), widest=3)
    assert single.not_graded == {FEW: 2}
    assert sum(query.graded for query in found.queries) == len(found.pairs)


def test_position_bias() -> None:
    """What is known of the looks is taken as it is; nonsense is refused."""
    looks = parse_bias("1,0.5,0.25")
    assert list(looks[1:5]) == [1, 0.5, 0.25, 0.25]
    for wrong in ("", "1,x", "0", "1,2"):
        with pytest.raises(InputError, match="give a number above 0"):
            parse_bias(wrong)


def test_all_alike() -> None:
    """Clicks that tell nothing apart give no grades."""
    with pytest.raises(InputError, match="tell no grades apart"):
        judged(counts_of(*((n, 1, 10_000_000, 5_000_000, 0, 0, 0) for n in range(6))))


@pytest.mark.parametrize("soft", [False, True])
def test_the_table_is_judgments(many: ClickCounts, tmp_path: Path, soft: bool) -> None:
    """Every command reads it: whole grades as they are, decimals as decimals, and as votes for the two beside."""
    pairs = judged(many).pairs
    path = tmp_path / "judgments.csv"
    path.write_text(table_text(pairs, soft=soft))
    read = read_judgments(path, grades="0-3" if soft else "")
    assert read.format == "quepid"
    assert {(q, p): g for q, ps in read.grades.items() for p, g in ps.items()} == {
        (pair.query, pair.product): round(pair.exact, 2) if soft else pair.grade for pair in pairs
    }
    assert bool(read.votes) == soft

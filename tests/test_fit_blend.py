"""Fitting and choosing the learnt blend: what can be learnt is learnt, and what can't is left alone."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from endcap.distill.blend.choice import (
    ENGINE,
    LEARNT,
    PLAIN,
    STUDENT,
    best_weight,
    blend_fold,
    comparisons,
    cross_validated_scores,
    decide,
    ndcg_values,
    shops_left_out,
)
from endcap.distill.blend.fit import (
    OF_ONE_SHOP,
    Choice,
    Pairs,
    Window,
    dcg,
    fit,
    gains_of,
    learnt_scores,
    ndcg,
    plain_scores,
)
from endcap.evaluate.measures import parse, score
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.learnt import EXACT, LearntBlend
from endcap.plugin.blend.plain import order, standardise

GRID = (Choice(0.5, 0.02), Choice(0.5, 0.5))


def windows(count: int, truth: str, seed: int = 0, end_to_end: bool = True, shop: str = "shop") -> list[Window]:
    """Windows in which one feature decides the grade, up to some noise, and nothing else does."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(count):
        x = np.zeros((20, len(FEATURES)))
        x[:, 0], x[:, 2] = standardise(rng.normal(size=20)), -np.sort(-standardise(rng.normal(size=20)))
        if truth == "negation":  # what is exact counts by itself: as noise it would hide what a fit finds
            x[:, FEATURES.index("negation")] = rng.integers(-1, 2, size=20)
        x[:, FEATURES.index("title")] = rng.random(20)
        wanted = standardise(x[:, FEATURES.index(truth)]) + 0.3 * rng.normal(size=20)
        grades = np.clip(np.round(wanted + 0.5), 0, 3).astype(int)
        gains = gains_of(grades)
        made.append(Window(shop, f"query {n}", x, gains, dcg(np.sort(gains)[::-1]), end_to_end))
    return made


def test_ndcg_is_the_evaluations() -> None:
    """nDCG@10 here is what ir-measures says of the same order, also where not all judged products are in the window."""
    [window] = windows(1, "title")
    ids = [f"p{i}" for i in range(20)]
    grades = {id: int(np.log2(gain + 1)) for id, gain in zip(ids, window.gains, strict=True)} | {"elsewhere": 3}
    ideal = dcg(np.sort(gains_of(grades.values()))[::-1])
    window = Window("shop", "q", window.features, window.gains, ideal, True)
    scores = plain_scores(window, 0.3)
    expected = score({"q": [ids[i] for i in order(scores)]}, {"q": grades}, parse(["nDCG@10"]))["nDCG@10"]["q"]
    assert ndcg(window, scores) == pytest.approx(expected, abs=1e-9)


def test_judged_only_is_the_evaluations() -> None:
    """Products that nobody judged leave the order before ten are counted, as in ir-measures' nDCG(judged_only=True)."""
    [window] = windows(1, "title")
    ids = [f"p{i}" for i in range(20)]
    known = np.arange(20) % 3 > 0
    grades = {id: int(np.log2(gain + 1)) for id, gain, there in zip(ids, window.gains, known, strict=True) if there}
    gains = np.where(known, window.gains, 0.0)
    ideal = dcg(np.sort(gains[known])[::-1])
    window = Window("shop", "q", window.features, gains, ideal, True, judged=known)
    scores = plain_scores(window, 0.3)
    name = "nDCG(judged_only=True)@10"
    expected = score({"q": [ids[i] for i in order(scores)]}, {"q": grades}, parse([name]))[name]["q"]
    assert ndcg(window, scores, judged_only=True) == pytest.approx(expected, abs=1e-9)
    assert ndcg(window, scores) < ndcg(window, scores, judged_only=True)


def test_an_empty_window_scores_nothing() -> None:
    """A query that finds nothing has nDCG 0, and nothing is learnt from it."""
    empty = Window("shop", "q", np.zeros((0, len(FEATURES))), np.zeros(0), 7.0, True)
    assert ndcg(empty, plain_scores(empty, 0.5)) == 0
    assert fit([*windows(5, "title"), empty], Choice()) == fit(windows(5, "title"), Choice())


@pytest.mark.parametrize("truth", ["student", "engine", "negation", "title"])
def test_what_decides_gets_the_weight(truth: str) -> None:
    """The feature that decides is found, and held-out queries are ordered almost as well as can be."""
    learnt = fit(windows(40, truth), Choice(ridge=0.01))
    slopes = {term.feature: float(np.mean(term.slopes)) for term in learnt.terms}
    # Of features on their own scales, what counts is the slope times the spread.
    spread = {"student": 1.0, "engine": 1.0, "negation": 0.8 if truth == "negation" else 0.0, "title": 0.3}
    assert max(spread, key=lambda name: slopes.get(name, 0.0) * spread[name]) == truth
    unseen = windows(10, truth, seed=9)
    [values] = ndcg_values(unseen, [learnt_scores(window, learnt) for window in unseen]).values()
    assert np.mean(list(values.values())) > 0.8


def test_no_slope_is_negative() -> None:
    """A feature that speaks against relevance gets no weight: more of it may never hurt."""
    turned = [
        Window(w.shop, w.query, w.features * np.where(np.array(FEATURES) == "title", -1, 1), w.gains, w.ideal, True)
        for w in windows(30, "title")
    ]
    learnt = fit(turned, Choice(ridge=0.01))
    assert "title" not in [term.feature for term in learnt.terms]
    assert all(slope >= 0 for term in learnt.terms for slope in term.slopes)


def test_a_strong_ridge_is_the_plain_blend() -> None:
    """The ridge draws to the plain blend of the choice's weight: where it is all that counts, orders are the same."""
    learnt = fit(windows(20, "negation"), Choice(weight=0.7, ridge=1e6))
    for window in windows(5, "negation", seed=3):
        assert list(order(learnt_scores(window, learnt))) == list(order(learnt_scores(window, LearntBlend.plain(0.7))))


def test_ramps_learn_where_a_feature_stops_to_matter() -> None:
    """With a knot, the slope differs on both sides of it."""
    rng = np.random.default_rng(1)
    made = []
    for window in windows(40, "title"):
        student = window.features[:, 0]  # above 0 it is a matter of chance
        grades = np.where(student > 0, rng.integers(1, 4, size=20), np.clip(np.round(2 + 2 * student), 0, 3))
        gains = gains_of(grades.astype(int))
        made.append(Window("shop", window.query, window.features, gains, dcg(np.sort(gains)[::-1]), True))
    learnt = fit(made, Choice(ridge=0.001), Pairs(("student",), {"student": (0.0,)}))
    [term] = learnt.terms
    assert term.knots == (0.0,)
    assert term.slopes[0] > 5 * term.slopes[1]


def test_nothing_to_learn_from_is_said() -> None:
    """Windows in which all grades are equal are refused."""
    alike = [Window("shop", "q", w.features, np.ones(20), w.ideal, True) for w in windows(3, "title")]
    with pytest.raises(ValueError, match="two products of different grade"):
        fit(alike, Choice())


def test_held_out_queries_were_not_fitted_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """No fit sees a window of a query that it is then measured on, in whatever setting."""
    every = [*windows(30, "negation"), *windows(30, "negation", end_to_end=False)]
    seen_by = list[set[str]]()

    def spying(seen: list[Window], choice: Choice, pairs: Pairs) -> object:
        seen_by.append({window.query for window in seen})
        return fit(seen, choice, pairs)

    monkeypatch.setattr("endcap.distill.blend.choice.fit", spying)
    cross_validated_scores(every, GRID[:1], folds=3)
    folds = [{w.query for w in every if blend_fold(w.query, 3, "outer") == fold} for fold in range(3)]
    assert [seen & held for seen, held in zip(seen_by, folds, strict=True)] == [set()] * 3


def test_the_learnt_blend_is_kept_where_it_is_better() -> None:
    """Evidence that decides is worth the learnt blend; its numbers say so, by setting and together."""
    every = [*windows(30, "title"), *windows(30, "title", seed=5, shop="other", end_to_end=False)]
    decision = decide(every, GRID)
    assert decision.learnt is not None
    told = decision.to_json()
    assert told["kept"] == LEARNT
    assert set(told["nDCG@10"]) == {"shop, end to end", "other, pool"}
    assert told["nDCG@10"]["shop, end to end"][LEARNT] > told["nDCG@10"]["shop, end to end"][PLAIN] + 0.1
    assert set(told["judged_only"]["nDCG@10"]) == {"shop, end to end"}
    found = list(comparisons(decision.ways, LEARNT, ENGINE))
    assert all(each.difference.low > 0 for each in found)
    assert {way: len(values) for way, values in decision.ways.items()} == dict.fromkeys(
        (ENGINE, STUDENT, PLAIN, LEARNT), 2
    )


def test_a_shop_left_out_refuses_what_only_the_others_teach() -> None:
    """What decides in two shops and not in the third makes a blend that loses there: it is refused, and told."""
    shops = [*windows(20, "title"), *windows(20, "title", seed=1, shop="second")]
    odd = windows(20, "student", seed=2, shop="odd")
    rows = shops_left_out([*shops, *odd], GRID)
    assert {row.shop: row.passed for row in rows} == {"shop": True, "second": True, "odd": False}
    decision = decide([*shops, *odd], GRID)
    assert decision.learnt is None
    told = decision.to_json()
    assert told["because"].endswith(f"odd {rows[0].difference.mean:+.4f}")
    assert {row["shop"] for row in told["shops_left_out"]} == {"shop", "second", "odd"}
    assert set(told["shops_left_out"][0]["nDCG@10"]) == {"engine", "plain 0.6", "plain 0.8", "learnt"}


def test_what_is_exact_weighs_as_much_as_in_the_plain_blend() -> None:
    """A fit may give it more, and never less; features of one shop's habits get nothing."""
    learnt = fit(windows(20, "title"), Choice())
    slopes = {term.feature: term.slopes for term in learnt.terms}
    for term in EXACT[1:]:
        assert all(found >= least for found, least in zip(slopes[term.feature], term.slopes, strict=True))
    assert not set(OF_ONE_SHOP) & set(slopes)
    assert EXACT[0] in learnt.with_exact().terms


def test_the_plain_blend_is_kept_where_nothing_is_learnt() -> None:
    """Where the grades follow from the plain blend itself, noise is not taken for knowledge."""
    made = []
    for window in windows(24, "student"):
        rank = np.argsort(np.argsort(-plain_scores(window, 0.4)))
        gains = gains_of(np.select([rank < 3, rank < 6, rank < 10], [3, 2, 1], 0))
        made.append(Window("shop", window.query, window.features, gains, dcg(np.sort(gains)[::-1]), True))
    decision = decide(made, GRID)
    assert decision.learnt is None
    assert decision.weight == best_weight(made) == 0.4
    assert decision.to_json()["kept"] == PLAIN


def test_a_teachers_labels_are_fitted_to_and_not_measured_on() -> None:
    """Labelled pools teach where the choice lets them, and no mean is of them."""
    labelled = [
        Window(w.shop, f"made {w.query}", w.features, w.gains, w.ideal, False, labelled=True)
        for w in windows(30, "title", seed=2)
    ]
    gold = windows(6, "student")
    without = {term.feature: term.slopes[0] for term in fit([*gold, *labelled], Choice(ridge=0.1)).terms}
    with_them = {term.feature: term.slopes[0] for term in fit([*gold, *labelled], Choice(ridge=0.1, labels=1)).terms}
    assert with_them.get("title", 0.0) > without.get("title", 0.0) + 0.25
    scores = cross_validated_scores([*gold, *labelled], GRID[:1], folds=2)[LEARNT]
    assert set(ndcg_values(gold, scores)) == {("shop", True)}


def test_look_alikes_share_a_fold() -> None:
    """Queries of one normal form can't be on both sides of a fold."""
    assert len({blend_fold(query, 5) for query in ("red lamp", "Red Lamps", "lamp, red")}) == 1
    counts = np.bincount([blend_fold(f"query number {n}", 5) for n in range(500)], minlength=5)
    assert counts.min() > 60
    assert any(a != b for a, b in pairwise(counts))

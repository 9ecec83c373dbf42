"""How large a rule's step has to be to decide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rerank_parts import ids
from tiers_parts import ASKED, COUNT, TEXT, Shop, constant, embedded_shop, turned_back

from endcap.plugin.tiers.decided import decided_order, held_by_number
from endcap.plugin.tiers.effects import Effects

ACME = {"term": {"brand.keyword": "acme"}}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The shop in the embedded engine."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENDCAP_HOME", str(tmp_path_factory.mktemp("home")))
        yield embedded_shop()


def added(text: np.ndarray, steps: np.ndarray, opinion: np.ndarray) -> tuple[list[int], Effects]:
    """The order of hits with steps added to their text scores, and what the rules do."""
    engine = text + steps
    by_engine = np.argsort(-engine, kind="stable")
    text, steps, opinion = text[by_engine], steps[by_engine], opinion[by_engine]
    tiers = np.unique(steps, return_inverse=True)[1]
    effects = Effects(text, lambda values: values + steps, tiers, np.zeros(len(text), dtype=bool))
    decided = decided_order(effects, text + steps, opinion)
    return [int(by_engine[i]) for i in decided.positions], effects


@pytest.mark.parametrize("step", [0.001, 0.01, 0.5, 50.0])
def test_where_texts_tie_a_rule_decides(step: float) -> None:
    """Whatever its size: the texts' scores are 2 for all, so the rule alone has put the one above the other."""
    opinion = np.random.default_rng(0).permutation(40).astype(float)
    steps = np.where(np.arange(40) % 2 == 0, step, 0.0)
    shown, _ = added(np.full(40, 2.0), steps, opinion)
    by_student = list(np.argsort(-opinion))
    assert shown == [*(i for i in by_student if steps[i]), *(i for i in by_student if not steps[i])]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.1, 1.0, 30.0]))
def test_many_flags_are_tiers_still(seed: int, size: float) -> None:
    """However many ways there are in which flags and boosts meet, no pair that they have turned is turned back."""
    rng = np.random.default_rng(seed)
    boosts = size * np.array([1.0, 0.7, 0.5, 0.3, 0.2, 0.11])
    steps = (rng.random((60, 6)) < 0.5) @ boosts
    text, opinion = rng.gamma(4.0, 0.5, 60), rng.normal(size=60)
    shown, effects = added(text, steps, opinion)
    assert effects.tiers.max() > 16
    assert turned_back_by(steps, text, shown) == 0


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1e-4, 0.01, 0.2, 3.0]), st.sampled_from([2, 60, 200]))
def test_no_nudge_is_turned_back(seed: int, size: float, count: int) -> None:
    """However small, and however many hits there are of which no two are treated alike."""
    rng = np.random.default_rng(seed)
    text, opinion, steps = rng.gamma(4.0, 0.5, count), rng.normal(size=count), size * rng.random(count)
    assert turned_back_by(steps, text, added(text, steps, opinion)[0]) == 0


def turned_back_by(steps: np.ndarray, text: np.ndarray, shown: list[int]) -> int:
    """How many pairs that the steps have turned come the other way round."""
    place, engine = np.argsort(shown), text + steps
    turned = (engine[:, None] > engine[None, :] * (1 + 1e-6)) & (text[:, None] <= text[None, :])
    return int((turned & (place[:, None] > place[None, :])).sum())


def test_what_has_to_stay_above_is_lifted() -> None:
    """A hit that a rule has put above five others, and the student last, is lifted over them; they do not sink."""
    text = np.array([1.0, *[1.5] * 5, *np.linspace(1.7, 3.0, 14)])
    opinion = np.array([-9, *range(20, 15, -1), *range(14)], dtype=float)
    shown, _ = added(text, np.array([0.6, *[0.0] * 19]), opinion)
    assert shown == [0, 1, 2, 3, 4, 5, *range(19, 5, -1)]


def test_a_nudge_is_no_tier() -> None:
    """What a weak rule has not turned is the student's: it has a say, also where no two hits are treated alike."""
    rng = np.random.default_rng(1)
    text, opinion = rng.gamma(16.0, 0.25, 80), rng.normal(size=80)
    shown, _ = added(text, 0.02 * rng.random(80), opinion)
    places = np.argsort(np.argsort(-opinion))[shown]
    assert np.corrcoef(places, np.arange(80))[0, 1] > 0.7


def in_engine_order(text: np.ndarray, steps: np.ndarray, factors: Any = 1.0) -> tuple[Effects, np.ndarray]:
    """What rules do that multiply texts' scores by factors and add steps to them, and the scores, falling."""
    factors = np.broadcast_to(factors, text.shape)
    order = np.argsort(-(text * factors + steps), kind="stable")
    text, steps, factors = text[order], steps[order], factors[order]
    tiers = np.unique(np.stack([steps, factors]), axis=1, return_inverse=True)[1].ravel()
    applied = lambda values: values * factors + steps  # noqa: E731
    return Effects(text, applied, tiers, np.zeros(len(text), dtype=bool)), applied(text)


@pytest.mark.parametrize(("size", "decides"), [(0.05, False), (4.0, True)])
def test_a_strong_nudge_decides_the_order(size: float, decides: bool) -> None:
    """Where a number has turned a large part of the pairs; flags never do: they treat many hits alike."""
    rng = np.random.default_rng(2)
    text, steps = rng.gamma(4.0, 0.5, 100), size * rng.random(100)
    held = held_by_number(*in_engine_order(text, steps), 100)
    assert (held.share > 0) == decides == held.levels.all()
    held = held_by_number(*in_engine_order(text, 50.0 * (rng.random(100) < 0.5)), 100)
    assert not held.share
    assert not held.levels.any()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([20, 50, 100]), st.sampled_from([0.02, 4.0]))
def test_a_number_decides_within_what_pins_and_demotions_leave(seed: int, count: int, size: float) -> None:
    """Five pins and two fifths sold out (times .1) have turned a third of the pairs, beside a number which has turned
    hardly one, or many: that alone counts."""
    rng = np.random.default_rng(seed)
    text, pins = rng.gamma(16.0, 0.25, count), np.where(np.arange(count) < 5, 1000.0 - 10 * np.arange(count), 0.0)
    factors = np.where(rng.random(count) < 0.4, 0.1, 1.0)
    effects, engine = in_engine_order(text, pins + size * factors * rng.random(count), factors)
    held = held_by_number(effects, engine, count)
    if size < 1:
        assert not held.levels.any()
    shown = decided_order(effects, engine, rng.normal(size=count), None, held.levels).positions
    for level in set(held.levels[held.levels > 0]):
        assert [i for i in shown if held.levels[i] == level] == list(np.flatnonzero(held.levels == level))


def test_a_tiny_rule_leaves_the_student_its_say(shop: Shop) -> None:
    """Boosts and weights next to nothing, in an engine: what they have not turned is the student's."""
    for query in (
        {"bool": {"must": [TEXT], "should": [constant(0.0001, ACME)]}},
        {"function_score": {"query": TEXT, "functions": [{"filter": ACME, "weight": 1.001}]}},
        {"boosting": {"positive": TEXT, "negative": ACME, "negative_boost": 0.999}},
    ):
        engine, put = shop.put_by_rules({"query": query}, TEXT)
        shown = ids(shop.reranked({"query": query, "ext": {"rerank": ASKED}}))
        assert turned_back(put, engine, shown) == []
        student = shop.by_student(lambda p: True)
        places = [student.index(id) for id in shown]
        assert np.corrcoef(places, np.arange(COUNT))[0, 1] > 0.4
        lifted = [id for id in shown if (shop.products[id].brand == "acme") == ("boosting" not in query)]
        assert lifted == [id for id in student if id in lifted]

"""Both settings of an evaluation on a small shop, with the student that is shipped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from evaluation_parts import GRADES, TITLES, WINDOW, evaluated, of, products

from endcap.errors import InputError
from endcap.evaluate.end_to_end import ideal
from endcap.evaluate.evaluation import END_TO_END, POOL
from endcap.evaluate.judged_pool import ALL_EQUAL, NONE_THERE, NOTHING_RELEVANT, pool_candidates
from endcap.evaluate.open_catalogue import Opened, open_catalogue
from endcap.evaluate.report.html_page import evaluation_page
from endcap.evaluate.run import alike
from endcap.evaluate.systems import (
    BLEND,
    COSINE,
    ENGINE,
    MODEL,
    STUDENT,
    Candidates,
    StudentWithStates,
    ranked_by_blend,
    search,
)
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.store import StateStore


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture
def states(endcap_home: Path) -> Iterator[StateStore]:
    store = StateStore.open()
    yield store
    store.close()


@pytest.fixture
def opened(endcap_home: Path) -> Opened:
    engine = EmbeddedEngine("small")
    engine.load(products())
    save_settings(IndexSettings("small"))
    return open_catalogue("small")


def test_the_pool_is_the_judged_products_in_the_engines_order(opened: Opened) -> None:
    """What the engine matches keeps its order, the rest comes last by id with score 0, what is gone is left out."""
    found = pool_candidates(opened.shop, {"monitor": GRADES["monitor"], "hdmi cable": GRADES["hdmi cable"]})
    matched, _ = search(opened.shop, {"query": opened.shop.engine.text_query("monitor")}, 20)
    expected = [product.id for product in matched if product.id in GRADES["monitor"]]
    ids = [product.id for product in found["monitor"].products]
    assert ids == expected + sorted(set(GRADES["monitor"]) - set(expected))
    assert {"mon2", "tv1"} <= set(ids[len(expected) :])
    assert list(found["monitor"].engine_scores[len(expected) :]) == [0.0] * (len(ids) - len(expected))
    assert {product.id for product in found["hdmi cable"].products} == {"cable1", "cable2"}


def test_what_cannot_tell_is_left_out_and_counted(opened: Opened, student: Student, states: StateStore) -> None:
    """Queries without a relevant product, with equal grades, or with nothing in the catalogue are in no mean."""
    result = evaluated(opened, student, states)
    pool, whole = of(result, POOL), of(result, END_TO_END)
    assert pool.left_out == {
        ALL_EQUAL: ("all the same",),
        NOTHING_RELEVANT: ("nothing good",),
        NONE_THERE: ("elsewhere",),
    }
    assert pool.missing_products == 3
    assert len(pool.queries) == 6
    assert whole.left_out == {NOTHING_RELEVANT: ("nothing good",)}
    assert set(whole.queries) == set(GRADES) - {"nothing good"}
    assert any("3 judged products are not in the catalogue" in warning for warning in result.about.warnings)


def test_the_blend_is_what_the_middleware_shows(opened: Opened, student: Student, states: StateStore) -> None:
    """End to end, the blend's order of the window is the order that a search through the Reranker has."""
    found = of(evaluated(opened, student, states, blend_weight=0.6, measures=("nDCG@20",)), END_TO_END)
    reranker = Reranker(opened.shop.engine, student, WINDOW, 60_000, 0.6, states=states)
    scorer = StudentWithStates(student, states)
    for query in GRADES:
        clause = opened.shop.engine.text_query(query)
        reply = reranker.search(index=opened.index, body={"query": clause, "size": WINDOW})
        listed, scores = search(opened.shop, {"query": clause}, WINDOW)
        window = Candidates(query, tuple(listed), np.array(scores))
        ours = ranked_by_blend(window, scorer.view(window), 0.6, None, WordsMemory())
        assert [hit["_id"] for hit in reply["hits"]["hits"]] == ours
    reranker.close()
    shown = {case.query: case for case in (*found.wins, *found.losses)}
    for query, case in shown.items():
        reply = opened.shop.engine.search(body={"query": opened.shop.engine.text_query(query), "size": WINDOW})
        assert [product.id for product in case.page_before] == [hit["_id"] for hit in reply["hits"]["hits"]]


def test_the_learnt_blend_is_what_the_middleware_shows(opened: Opened, student: Student, states: StateStore) -> None:
    """A learnt blend orders the evaluation's pages as it orders a search's; a weight asks for the plain one."""
    learnt = LearntBlend((Term("student", (0.3,)), Term("engine", (0.2,)), Term("main", (3.0,))))
    taught = Student(replace(student.info, learnt=learnt))
    evaluation = evaluated(opened, taught, states, measures=("nDCG@20",))
    found = of(evaluation, END_TO_END)
    assert evaluation.about.blend == "learnt"
    reranker = Reranker(opened.shop.engine, taught, WINDOW, 60_000, states=states)
    pages = {}
    for query in GRADES:
        body = {"query": opened.shop.engine.text_query(query), "size": WINDOW}
        pages[query] = [hit["_id"] for hit in reranker.search(index=opened.index, body=body)["hits"]["hits"]]
    reranker.close()
    shown = (*found.wins, *found.losses)
    assert shown
    for case in shown:
        assert [product.id for product in case.page_after] == pages[case.query]
    plain = evaluated(opened, taught, states, blend_weight=0.5)
    assert plain.about.blend == "plain"
    assert of(plain, POOL).systems[-1] == of(evaluated(opened, student, states, blend_weight=0.5), POOL).systems[-1]


def test_the_ends_of_the_blend(opened: Opened, student: Student, states: StateStore) -> None:
    """Weight 0 is the engine's order and weight 1 the student's, query by query."""
    for setting in evaluated(opened, student, states, blend_weight=0.0).settings:
        assert setting.system(BLEND).values == setting.system(ENGINE).values
    for setting in evaluated(opened, student, states, blend_weight=1.0).settings:
        assert setting.system(BLEND).values == setting.system(STUDENT).values


def test_bounds(opened: Opened, student: Student, states: StateStore) -> None:
    """No order beats the ceiling, none is above 1, and in the pool nothing is unjudged."""
    result = evaluated(opened, student, states)
    for setting in result.settings:
        for system in setting.systems:
            assert 0 <= system.means["nDCG@10"] <= setting.ceiling["nDCG@10"] + 1e-9 <= 1 + 2e-9
            low, high = system.intervals["nDCG@10"]
            assert low <= system.means["nDCG@10"] <= high
    assert all(system.unjudged == 0 for system in of(result, POOL).systems)
    assert 0 < of(result, END_TO_END).system(ENGINE).unjudged < 1


def test_a_product_that_is_gone_stays_in_the_ideal(opened: Opened, student: Student, states: StateStore) -> None:
    """The ideal comes from all judged products, also from one that the catalogue does not have."""
    pool = of(evaluated(opened, student, states, {"hdmi cable": GRADES["hdmi cable"]}), POOL)
    # Ranked at best: grade 3, grade 1; the ideal: 3, 3, 1.
    best = (7 + 1 / np.log2(3)) / (7 + 7 / np.log2(3) + 1 / 2)
    assert pool.ceiling["nDCG@10"] == pytest.approx(best)


def test_the_student_helps_in_this_shop(opened: Opened, student: Student, states: StateStore) -> None:
    """Accessories that repeat the query's word fall below the thing itself."""
    pool = of(evaluated(opened, student, states), POOL)
    assert pool.system(STUDENT).means["nDCG@10"] > pool.system(ENGINE).means["nDCG@10"]
    found = pool.difference(STUDENT, ENGINE, "nDCG@10")
    assert found is not None
    assert found.queries == len(pool.queries) == found.wins + found.losses + found.ties


def test_the_baseline_is_a_row(opened: Opened, student: Student, states: StateStore) -> None:
    """A second model folder is measured as the zero-shot cosine; the same folder gives the same numbers."""
    result = evaluated(opened, student, states, baseline=student)
    for setting in result.settings:
        assert setting.system(COSINE).values == setting.system(STUDENT).values
        found = setting.difference(STUDENT, COSINE, "nDCG@10")
        assert found is not None
        assert (found.mean, found.p_value) == (0, 1)
    assert result.about.baseline is not None
    assert result.about.baseline.checksum == student.info.checksum


def test_the_sweep_holds_the_answer(opened: Opened, student: Student, states: StateStore) -> None:
    """The swept point at the weight and window in use is the blend's own mean; weight 0 is the engine's."""
    for setting in evaluated(opened, student, states, blend_weight=0.3, sweep=True).settings:
        value = {(point.weight, point.window): point.value for point in setting.sweep}
        assert value[0.3, setting.window] == pytest.approx(setting.system(BLEND).means["nDCG@10"])
        assert value[0.0, setting.window] == pytest.approx(setting.system(ENGINE).means["nDCG@10"])
        assert len(value) == len(setting.sweep) == 11 * len({point.window for point in setting.sweep})


def test_the_second_run_reads_nothing(opened: Opened, student: Student, states: StateStore) -> None:
    """What the first run read of products is kept, and the numbers are the same to the last digit."""
    first = evaluated(opened, student, states)
    kept = states.counts.kept
    assert 0 < kept <= len(TITLES)
    second = evaluated(opened, student, states)
    assert states.counts.kept == kept
    assert second.settings == first.settings


def test_the_window_is_kept_to(opened: Opened, student: Student, states: StateStore) -> None:
    """No more than the window is ranked, and the ceiling is that of the window."""
    narrow = of(evaluated(opened, student, states, window=2, measures=("R@100",)), END_TO_END)
    wide = of(evaluated(opened, student, states, window=20, measures=("R@100",)), END_TO_END)
    assert narrow.ceiling["R@100"] < wide.ceiling["R@100"]
    for system in narrow.systems:
        assert system.means["R@100"] == pytest.approx(narrow.ceiling["R@100"])


def test_the_ideal_of_a_window() -> None:
    """The best order of candidates puts high grades first and what nobody judged with the irrelevant."""
    candidates = Candidates("q", tuple(products()[:3]), np.zeros(3))
    assert ideal(candidates, {"case1": 3, "phone2": 1}) == ["case1", "phone2", "phone1"]


def test_losses_name_what_moved(opened: Opened, student: Student, states: StateStore) -> None:
    """Every loss and win has both pages, the ranks of before and after, and the moves that explain it."""
    result = evaluated(opened, student, states, blend_weight=1.0)
    cases = [case for setting in result.settings for case in (*setting.wins, *setting.losses)]
    assert cases
    for case in cases:
        assert case.change == pytest.approx(case.after - case.before)
        assert all(product.rank_after == rank for rank, product in enumerate(case.page_after, 1))
        assert all(product.rank_before == rank for rank, product in enumerate(case.page_before, 1))
        assert all(product.grade == GRADES[case.query].get(product.id) for product in case.page_after)
        assert case.moved


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"blend_weight": 1.5}, "blend weight 1.5"),
        ({"window": 1}, "window of 1"),
        ({"measures": ("nDGC@10",)}, "nDGC@10"),
    ],
)
def test_wrong_requests(opened: Opened, student: Student, states: StateStore, options: dict, message: str) -> None:
    """What can't be measured is refused with the value."""
    with pytest.raises(InputError, match=message):
        evaluated(opened, student, states, **options)


def test_nothing_to_measure(opened: Opened, student: Student, states: StateStore) -> None:
    """Judgments without any use are an error, not a table of nothing."""
    with pytest.raises(InputError, match="no judged product is relevant"):
        evaluated(opened, student, states, {"nothing good": {"mug1": 0}})
    with pytest.raises(InputError, match="no judgments"):
        evaluated(opened, student, states, {})


def test_queries_that_look_alike_are_said(opened: Opened, student: Student, states: StateStore) -> None:
    """Look-alike queries are kept apart, as people judged them, and a warning says so."""
    assert alike(["Phone", "phone ", "ｐｈｏｎｅ", "phones"]) == [["Phone", "phone ", "ｐｈｏｎｅ"]]
    result = evaluated(opened, student, states, {"phone": GRADES["phone"], "Phone": GRADES["phone"]})
    assert len(of(result, POOL).queries) == 2
    assert any("look alike" in warning for warning in result.about.warnings)


def test_another_model_is_a_row(opened: Opened, student: Student, states: StateStore) -> None:
    """By its own blend on the same candidates, compared with ours and with the engine; the page names it."""
    result = evaluated(opened, student, states, beside=student)
    row = f"{MODEL}{student.info.name}"
    for setting in result.settings:
        assert setting.system(row).values == setting.system(BLEND).values
        for better, base in ((BLEND, row), (row, ENGINE)):
            assert setting.difference(better, base, "nDCG@10") is not None
    assert result.about.beside == result.about.student
    assert row in evaluation_page(result)

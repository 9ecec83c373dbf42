"""Agreement with people, by numbers worked out by hand; and the LLM's queries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from llm_server import QUICK, llm_server
from llm_shop import write_shop

from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.llm.agreement import JudgedPair, measure_agreement, sample_pairs, weighted_kappa
from endcap.distill.llm.grading import LOGPROBS, NOTHING, Grading
from endcap.distill.llm.query_writer import estimate_queries, write_queries
from endcap.distill.recipe.settings import LlmRecipe, MemberRecipe, Recipe, TeacherRecipe
from endcap.distill.teacher.member import FitData, MemberSpec
from endcap.distill.teacher.members.endpoint import EndpointMember
from endcap.distill.teacher.pairs import Example, Pairs
from endcap.distill.work.files import read_json
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.plugin.model.text import TextRecipe
from endcap.progress import unwatched

LLM = LlmRecipe(model="m")


def grading(grade: int | None) -> Grading:
    """One that is nearly sure of a grade."""
    if grade is None:
        return Grading(None, NOTHING, ("no",))
    p = np.full(4, 0.01)
    p[grade] = 0.97
    return Grading(p, LOGPROBS, (str(grade),))


def judged(*grades: int, query: str = "q") -> list[JudgedPair]:
    return [JudgedPair("s", query, Product(f"{query}{i}", "t"), grade) for i, grade in enumerate(grades)]


def test_kappa_by_hand() -> None:
    """Two pairs of grade 0 and two of 3, one of each taken for the other: w O = 18; w E = (2*2*9 + 2*2*9) / 4 = 18."""
    table = np.zeros((4, 4), dtype=int)
    table[0, 0] = table[0, 3] = table[3, 0] = table[3, 3] = 1
    assert weighted_kappa(table) == pytest.approx(0)
    # Grades 0, 1, 2, 3 told as 0, 1, 2, 2: w O = 1; w E = (9 + 3 + 5 + 15) / 4 = 8.
    table = np.zeros((4, 4), dtype=int)
    table[0, 0] = table[1, 1] = table[2, 2] = table[3, 2] = 1
    assert weighted_kappa(table) == pytest.approx(1 - 1 / 8)
    assert weighted_kappa(np.diag([3, 1, 2, 5])) == 1
    assert weighted_kappa(np.diag([0, 0, 0, 5])) is None
    assert weighted_kappa(np.zeros((4, 4), dtype=int)) is None


def test_a_report_by_hand() -> None:
    """Two queries; the model has the first wholly right and the second's order upside down."""
    people = [*judged(3, 0), *judged(3, 0, query="r")]
    found = measure_agreement(LLM, people, [grading(3), grading(0), grading(0), grading(3)])
    assert (found.pairs, found.queries, found.ungraded, found.ndcg_queries) == (4, 2, 0, 2)
    assert found.kappa == pytest.approx(0)
    assert found.equal == 0.5
    assert found.confusion == [[1, 0, 0, 1], [0] * 4, [0] * 4, [1, 0, 0, 1]]
    upside_down = 1 / np.log2(3)
    assert found.ndcg == pytest.approx((1 + upside_down) / 2)
    assert found.ndcg_random is not None
    assert upside_down < found.ndcg_random < 1
    assert found.kappa_interval is not None
    assert found.kappa_interval == pytest.approx((-1, 1))


def test_pairs_without_a_grade_are_counted_and_left_out() -> None:
    """What is not graded, or can't be measured, is said so and breaks nothing."""
    found = measure_agreement(LLM, judged(3, 0, 1), [grading(3), grading(None), grading(1)])
    assert (found.ungraded, found.equal, found.kappa) == (1, 1.0, 1.0)
    nothing = measure_agreement(LLM, judged(3, 3), [grading(None), grading(None)])
    assert (nothing.kappa, nothing.equal, nothing.ndcg) == (None, None, None)
    assert "weighted kappa   - [-, -]" in nothing.table()
    with pytest.raises(InputError, match="can't be measured"):
        measure_agreement(LLM, judged(3, 3), [grading(3), grading(3)]).require(LLM)


def test_too_little_agreement_is_refused_unless_the_recipe_takes_it() -> None:
    found = measure_agreement(LLM, judged(3, 0, 3, 0), [grading(g) for g in (0, 3, 3, 0)])
    with pytest.raises(InputError, match=r"weighted kappa 0\.00 on 4 pairs, and llm.min_kappa is 0\.2"):
        found.require(LLM)
    found.require(LlmRecipe(model="m", min_kappa=-1.0))


def test_a_model_that_gives_no_grade_is_not_said_to_lack_judgments() -> None:
    """None at all, or more than one in twenty and ten: it is said what the model did, not that grades are alike."""
    people = judged(*[0, 1, 2, 3] * 10)
    for ungraded, pairs in ((2, 2), (11, 40), (40, 40)):
        gradings = [grading(None if i < ungraded else i % 4) for i in range(pairs)]
        agreement = measure_agreement(LLM, people[:pairs], gradings)
        with pytest.raises(InputError, match=f"m gave no grade for {ungraded} of {pairs} judged pairs"):
            agreement.require(LLM)
    assert "  answers          none\n" in agreement.table()
    measure_agreement(LLM, people, [grading(None if i < 10 else i % 4) for i in range(40)]).require(LLM)


def test_a_sample_grows_and_stays() -> None:
    """At most 20 of a query, fewer of few; the same ones whatever their order; a larger sample holds the smaller."""
    pairs = [pair for q in range(30) for pair in judged(*[0, 1, 2, 3] * 10, query=f"q{q}-")]
    small, large = sample_pairs(pairs, 50, seed=1), sample_pairs(pairs[::-1], 130, seed=1)
    assert (len(small), len(large), len(sample_pairs(pairs, 10_000, 1))) == (50, 130, 600)
    assert all(pair in large for pair in small)
    assert sample_pairs(pairs, 50, seed=2) != small
    assert len({pair.query for pair in sample_pairs(pairs, 20, seed=1)}) == 5
    assert len(sample_pairs(pairs[:80], 30, seed=1)) == 30  # of two queries alone


def examples(folder: Path) -> list[Example]:
    write_shop(folder)
    products = {product.id: product for product in read_products(folder / "shop.jsonl")}
    lines = (folder / "judgments.csv").read_text().splitlines()[1:]
    rows = [line.split(",") for line in lines]
    target = np.full(4, 0.25)
    return [Example("s", q, products[p], int(g), target, target, 0, "train", True) for q, p, g in rows]


def with_endpoint(recipe: Recipe) -> Recipe:
    """The recipe, with the endpoint as the teacher's member."""
    return Recipe(recipe.name, "", "", llm=recipe.llm, teacher=TeacherRecipe((MemberRecipe("endpoint"),)))


def endpoint_member(teacher: Path) -> EndpointMember:
    """It, with its folder under the teacher's."""
    return EndpointMember(MemberSpec(teacher, "0-endpoint", MemberRecipe("endpoint"), TextRecipe(), 2), limits=QUICK)


def test_the_member_measures_first_and_then_says_scores(tmp_path: Path) -> None:
    """Agreement is written, then signals come from the teacher's folder alone; too little of it ends the stage."""
    found, folder = examples(tmp_path), tmp_path / "teacher"
    with llm_server() as server:
        recipe = with_endpoint(server.recipe(check_pairs=60))
        endpoint_member(folder).fit(FitData(recipe, found, ()))
        report = read_json(folder / "members" / "0-endpoint" / "agreement.json")
        assert report["pairs"] == len(server.requests) == 60
        assert report["kappa"] > 0.4
        assert report["ndcg"] > report["ndcg_random"] + 0.1
        signals = endpoint_member(folder).signals(Pairs(["red kettle"] * 2, [found[0].product, found[-1].product]), 1)
        assert signals.shape == (2, 1)
        assert signals[0, 0] > 1 > 0 > signals[1, 0]
        picky = with_endpoint(server.recipe(check_pairs=60, min_kappa=0.99))
        with pytest.raises(InputError, match="agrees too little"):
            endpoint_member(folder).fit(FitData(picky, found, ()))


def test_what_the_model_does_not_grade_is_not_known(tmp_path: Path) -> None:
    """NaN, which is what the stacker takes for "not known"."""
    found, folder = examples(tmp_path), tmp_path / "teacher"
    odd = lambda number, body: "refusal" if "drill" in str(body["messages"][-1]) else "ok"  # noqa: E731
    with llm_server(odd) as server:
        endpoint_member(folder).fit(FitData(with_endpoint(server.recipe(check_pairs=24)), found, ()))
        drill = next(each.product for each in found if "drill" in each.product.title)
        signals = endpoint_member(folder).signals(Pairs(["a"] * 2, [found[0].product, drill]), -1)
    assert np.isnan(signals[:, 0]).tolist() == [False, True]


def test_queries_are_written_once(tmp_path: Path) -> None:
    """Different ones, each with its product, enough of them; a second run asks nothing and gives the same."""
    write_shop(tmp_path)
    products = list(read_products(tmp_path / "shop.jsonl"))
    with llm_server(["garbage", "429", "say:no idea", "half"]) as server:
        recipe = server.recipe(price_in=1.0, price_out=1.0)
        estimate = estimate_queries(recipe, products, 30)
        assert estimate.requests == 4
        found = write_queries(recipe, products, 30, tmp_path / "queries", unwatched, limits=QUICK)
        asked = len(server.requests)
        again = write_queries(recipe, products[::-1], 30, tmp_path / "queries", unwatched, limits=QUICK)
        assert len(server.requests) == asked
    assert found == again
    assert 30 <= len(found) <= 60
    assert len({normal_form(query) for query, _ in found}) == len(found)
    by_id = {product.id: product for product in products}
    assert all(set(by_id[i].title.lower().split()) & set(query.lower().split()) for query, i in found)
    [kept] = (tmp_path / "queries").glob("llm-queries-*.json")
    meant = [row["meant"] for row in json.loads(kept.read_text())]
    assert {"exact", "substitute", "accessory"} <= set(meant)


def test_an_estimate_learns_how_many_queries_a_product_gives(tmp_path: Path) -> None:
    """Ten before any is known; then as many different ones as the model's kept answers hold, here four."""
    products = [Product(f"p{n}", f"kettle {n}") for n in range(100)]
    with llm_server() as server:
        recipe = server.recipe(price_in=1.0)
        assert estimate_queries(recipe, products, 100).requests == 12
        write_queries(recipe, products, 10, tmp_path, limits=QUICK)
        asked, estimate = len(server.requests), estimate_queries(recipe, products, 100)
        assert estimate.requests + estimate.cached == 30
        write_queries(recipe, products, 100, tmp_path, limits=QUICK)
        assert len(server.requests) - asked == pytest.approx(estimate.requests, rel=0.3)


def test_a_shop_too_small_for_so_many_queries_gives_what_it_can(tmp_path: Path) -> None:
    """Products are asked once each; a model that writes none gives none."""
    products = [Product("p", "red kettle"), Product("r", "blue lamp")]
    with llm_server() as server:
        assert 2 <= len(write_queries(server.recipe(), products, 500, tmp_path, limits=QUICK)) <= 12
        assert len(server.requests) == 2
    with llm_server(lambda number, body: "refusal") as server:
        assert write_queries(server.recipe(model="shy"), products, 5, tmp_path, limits=QUICK) == []


def test_a_model_that_writes_no_queries_is_given_up_early(tmp_path: Path) -> None:
    """It is not asked, and paid, for the whole catalogue."""
    products = [Product(f"p{n}", f"kettle {n}") for n in range(500)]
    with llm_server(lambda number, body: "refusal") as server:
        with pytest.raises(InputError, match=r"wrote queries for 0 of \d+ products"):
            write_queries(server.recipe(model="shy"), products, 40, tmp_path, limits=QUICK)
        assert len(server.requests) < 60

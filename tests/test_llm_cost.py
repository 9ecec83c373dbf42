"""What asking costs: estimated, counted, and stopped before the cap."""

from __future__ import annotations

import pytest
from llm_server import QUICK, llm_server, quicker

from endcap.distill.llm.cache import AnswerCache, Spent
from endcap.distill.llm.cost import Estimate, cost_of, tokens_of
from endcap.distill.llm.errors import CostCapError
from endcap.distill.llm.grading import LOGPROBS
from endcap.distill.llm.prompts import product_data
from endcap.distill.llm.reply import Choice, Reply
from endcap.distill.llm.teacher import EndpointTeacher, Grader
from endcap.distill.recipe.settings import LlmRecipe, Recipe
from endcap.errors import InputError
from endcap.index.product import Product

QUERIES = [f"lamp {i}" for i in range(30)]
PRODUCTS = [Product(f"p{i}", f"Lamp {i}", description="It gives light. " * (i % 5)) for i in range(30)]
PRICES = {"price_in": 1_000.0, "price_out": 4_000.0}


def test_the_price_of_tokens() -> None:
    """2,000 in at 3 a million and 500 out at 15 a million: .006 + .0075."""
    assert cost_of(LlmRecipe(price_in=3.0, price_out=15.0), 2_000, 500) == pytest.approx(0.0135)


def test_tokens_are_estimated_by_bytes() -> None:
    """40 bytes are 10 tokens, with 4 for the message; "ß" has two bytes."""
    assert tokens_of({"messages": [{"content": "a" * 40}]}) == 14
    assert tokens_of({"messages": [{"content": "ß" * 40}, {"content": ""}]}) == 28


def test_an_estimate_comes_true() -> None:
    """The server counts tokens by its own rule: within 5% of the estimate; what is in the cache costs nothing."""
    with llm_server() as server:
        teacher = EndpointTeacher(server.recipe(**PRICES), limits=QUICK)
        teacher.probabilities(QUERIES[:10], PRODUCTS[:10])
        before = teacher.cache.spent("test")
        estimate = teacher.estimate(QUERIES, PRODUCTS)
        assert (estimate.uncached, estimate.cached, estimate.requests) == (20, 10, 20)
        teacher.probabilities(QUERIES, PRODUCTS)
        spent = teacher.cache.spent("test")
        assert spent.tokens_in - before.tokens_in == pytest.approx(estimate.tokens_in, rel=0.05)
        assert spent.tokens_out - before.tokens_out <= estimate.tokens_out
        assert spent.cost == pytest.approx(spent.tokens_in / 1_000 + spent.tokens_out / 250)
        assert teacher.estimate(QUERIES, PRODUCTS).cost == 0
        assert str(teacher.estimate(QUERIES, PRODUCTS)) == "grades: all 30 are in the cache and cost nothing"


@pytest.mark.parametrize("fault", ["ok", "garbage", "half", "empty"])
@pytest.mark.parametrize("usage", [True, False])
def test_the_cap_is_never_exceeded(fault: str, usage: bool) -> None:
    """With many at once, with replies that are paid for and useless, with and without the server's own figures: the
    work stops before the cap, keeps what it has, says how to go on, and goes on there."""
    with llm_server(lambda number, body: fault if number % 3 == 1 else "ok", usage=usage) as server:
        limits = quicker(concurrency=6, useless=10)
        cap = 9.0
        with pytest.raises(CostCapError, match=r"'test' has cost .* llm.max_cost = 9\. .*raise llm.max_cost"):
            EndpointTeacher(server.recipe(**PRICES, max_cost=cap), limits=limits).probabilities(QUERIES, PRODUCTS)
        cache = AnswerCache()
        spent, kept = cache.spent("test"), len(cache)
        assert cap / 3 < spent.cost <= cap
        assert spent.requests == len(server.requests)
        assert kept > 5
        before = len(server.requests)
        with pytest.raises(CostCapError):  # another run does not begin anew with the same cap
            EndpointTeacher(server.recipe(**PRICES, max_cost=cap), limits=limits).probabilities(QUERIES, PRODUCTS)
        assert len(server.requests) <= before + 6
        EndpointTeacher(server.recipe(**PRICES, max_cost=100.0), limits=limits).probabilities(QUERIES, PRODUCTS)
        if fault == "ok":
            assert len(server.requests) == 30


def test_requests_that_fail_without_an_answer_cost_nothing() -> None:
    """429 and 500 are not charged."""
    with llm_server(["429", "500", "503", "429"]) as server:
        EndpointTeacher(server.recipe(**PRICES), limits=QUICK).probabilities(QUERIES[:5], PRODUCTS[:5])
        assert len(server.requests) == 9
    assert AnswerCache().spent("test").requests == 5


def test_a_cap_needs_prices() -> None:
    with llm_server() as server, pytest.raises(InputError, match=r"llm\.price_in"):
        EndpointTeacher(server.recipe(max_cost=1.0), limits=QUICK).probabilities(QUERIES, PRODUCTS)
    assert not server.requests


@pytest.mark.parametrize("several", [True, False])
def test_before_the_first_answer_samples_are_reckoned_with(several: bool) -> None:
    """Without log-probabilities a pair costs several answers: no estimate is exceeded. The first, knowing nothing
    of the endpoint, says what would make it less; after some answers it is near."""
    with llm_server(lambda number, body: "no-logprobs" if several or body.get("n", 1) == 1 else "no:n") as server:
        teacher = EndpointTeacher(server.recipe(**PRICES), limits=QUICK)
        first = teacher.estimate(QUERIES, PRODUCTS)
        assert not first.certain
        assert "far less if answers have log-probabilities" in str(first)
        teacher.probabilities(QUERIES[:10], PRODUCTS[:10])
        before, second = teacher.cache.spent("test"), teacher.estimate(QUERIES, PRODUCTS)
        assert second.certain
        assert "far less" not in str(second)
        teacher.probabilities(QUERIES[10:], PRODUCTS[10:])
        spent = teacher.cache.spent("test")
        assert spent.tokens_in <= 1.05 * first.tokens_in
        assert spent.tokens_out <= first.tokens_out
        assert spent.tokens_in - before.tokens_in == pytest.approx(second.tokens_in, rel=0.1)
        assert spent.tokens_out - before.tokens_out <= second.tokens_out


def test_an_answer_that_was_no_grade_leaves_samples_to_pay_for() -> None:
    """Where the first reply to a pair holds no grade, samples are asked for: such a pair is not in the cache."""
    teacher = EndpointTeacher(Recipe("test", "b", "MIT", llm=LlmRecipe(url="http://localhost:1/v1", model="m")))
    pair = (QUERIES[0], product_data(PRODUCTS[0]))
    first = Grader(teacher.recipe).key(LOGPROBS, pair, 0)
    teacher.cache.put(first, Reply((Choice("It seems to be JSON"),)), "test", Spent())
    estimate = teacher.estimate(QUERIES[:1], PRODUCTS[:1])
    assert (estimate.uncached, estimate.cached) == (1, 0)
    teacher.cache.put(first, Reply((Choice("2", (("2", {"2": -0.1}),)),)), "test", Spent())
    assert teacher.estimate(QUERIES[:1], PRODUCTS[:1]).cached == 1


def test_a_small_cost_is_not_said_to_be_none() -> None:
    """Of a few requests; a free endpoint's price is none."""
    estimate = Estimate("grades", 1, 0, 1, 500, 8, cost_of(LlmRecipe(price_in=0.15), 500, 8))
    assert ", less than 0.01" in str(estimate)
    assert "0.00" not in str(estimate)
    assert ", about 1,234.50" in str(Estimate("grades", 1, 0, 1, 500, 8, 1234.5))
    assert "at no price" in str(Estimate("grades", 1, 0, 1, 500, 8, 0.0))

"""The LLM as a teacher, against a real server that fails in every way."""

from __future__ import annotations

import numpy as np
import pytest
from llm_server import QUICK, grade_of, llm_server, probabilities_of, quicker

from endcap.distill.llm.errors import EndpointError, UnansweredError
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.index.product import Product

NOUNS = ["cable", "lamp", "kettle", "chair", "drill", "phone"]
PRODUCTS = [
    Product(f"p{i}", f"Acme {noun} {i}", brand="Acme", category="Shop > Things") for i, noun in enumerate(NOUNS)
]
PAIRS = [(query, product) for query in ("acme cable", "lamp red", "blue chair 3", "drill") for product in PRODUCTS]
QUERIES, PAIRED = [q for q, _ in PAIRS], [p for _, p in PAIRS]


def test_probabilities_are_the_model_s() -> None:
    """The sums over token variants are what the model believes, in the pairs' order; a second run sends nothing."""
    with llm_server() as server:
        found = EndpointTeacher(server.recipe(), limits=QUICK).probabilities(QUERIES, PAIRED)
        assert len(server.requests) == len(PAIRS)
        again = EndpointTeacher(server.recipe(), limits=QUICK).probabilities(QUERIES, PAIRED)
        assert len(server.requests) == len(PAIRS)
    expected = [probabilities_of(grade_of(q, {"t": p.title, "c": p.category})) for q, p in PAIRS]
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array(expected), abs=1e-5)
    assert (found == again).all()


@pytest.mark.parametrize(
    "fault",
    ["429", "429:0.1", "500", "503:0.1", "garbage", "wrong-json", "empty", "half", "cut-off", "slow:0.3"],
)
def test_faults_are_ridden_out(fault: str) -> None:
    """Whatever the first four requests meet, the probabilities are the same as without a fault."""
    with llm_server() as server:
        expected = EndpointTeacher(server.recipe(model="calm"), limits=QUICK).probabilities(QUERIES, PAIRED)
    with llm_server([fault] * 4) as server:
        found = EndpointTeacher(server.recipe(), limits=quicker(useless=5)).probabilities(QUERIES, PAIRED)
        assert len(server.requests) >= len(PAIRS)
    assert (found == expected).all()


def test_a_request_that_hangs_is_given_up_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    """No reply within the timeout counts as a failure, and it is said once what to do about it."""
    with llm_server(["hang"] * 3) as server:
        found = EndpointTeacher(server.recipe(), limits=quicker(timeout_s=0.4)).probabilities(QUERIES, PAIRED)
    assert found.shape == (len(PAIRS), 4)
    assert len(server.requests) == len(PAIRS) + 3
    [told] = caplog.messages
    assert "no whole reply in 0.4 s; a slow endpoint needs a higher llm.timeout_s or a lower llm.concurrency" in told


def test_without_log_probabilities_there_are_samples() -> None:
    """An endpoint that ignores logprobs is found out by one request; then each pair has its samples in one."""
    with llm_server(lambda number, body: "no-logprobs") as server:
        teacher = EndpointTeacher(server.recipe(samples=8), limits=QUICK)
        found = teacher.probabilities(QUERIES, PAIRED)
        assert len(server.requests) == len(PAIRS) + 1
        assert {body.get("n") for body in server.bodies()} == {None, 8}
        teacher.probabilities(QUERIES, PAIRED)
        assert len(server.requests) == len(PAIRS) + 1
    believed = [probabilities_of(grade_of(q, {"t": p.title, "c": p.category})) for q, p in PAIRS]
    assert (found.argmax(1) == np.argmax(believed, 1)).mean() > 0.9
    assert found.sum(1) == pytest.approx(np.ones(len(PAIRS)))


@pytest.mark.parametrize("parameter", ["logprobs", "top_logprobs", "max_tokens", "temperature", "n"])
def test_a_parameter_that_an_endpoint_does_not_know_is_left_out(parameter: str) -> None:
    """A 400 that names a parameter is learnt from."""
    rule = f"no:{parameter}" if parameter != "n" else "no-logprobs"
    known = lambda number, body: f"no:{parameter}" if parameter != "n" or body.get("n") else rule  # noqa: E731
    with llm_server(known) as server:
        found = EndpointTeacher(server.recipe(samples=2), limits=QUICK).probabilities(QUERIES[:6], PAIRED[:6])
        assert len(server.requests) < 30
    assert np.isfinite(found).all()


def test_more_samples_later_are_paid_for_alone() -> None:
    """Raising llm.samples from 2 to 5 asks for 3 more; lowering it asks for nothing."""
    with llm_server(lambda number, body: "no-logprobs") as server:
        EndpointTeacher(server.recipe(samples=2), limits=QUICK).probabilities(QUERIES[:1], PAIRED[:1])
        EndpointTeacher(server.recipe(samples=5), limits=QUICK).probabilities(QUERIES[:1], PAIRED[:1])
        EndpointTeacher(server.recipe(samples=3), limits=QUICK).probabilities(QUERIES[:1], PAIRED[:1])
        assert [body.get("n") for body in server.bodies()] == [None, 2, 3]


def test_a_pair_that_is_not_graded_says_nothing() -> None:
    """A refusal gives NaN, and is not asked about again; many of them are an error that shows one."""
    odd = lambda number, body: "refusal" if "kettle" in str(body["messages"][-1]) else "ok"  # noqa: E731
    with llm_server(odd) as server:
        teacher = EndpointTeacher(server.recipe(), limits=QUICK)
        found = teacher.probabilities(["a"] * 6, PRODUCTS)
        assert np.isnan(found[2]).all()
        before = len(server.requests)
        teacher.probabilities(["a"] * 6, PRODUCTS)
        assert len(server.requests) == before
    with llm_server(lambda number, body: "refusal") as server, pytest.raises(ValueError, match=r"no grade.*sorry"):
        EndpointTeacher(server.recipe(model="shy"), limits=QUICK).probabilities(QUERIES, PAIRED)


def test_a_pair_that_is_too_long_does_not_stop_the_others() -> None:
    """A 400 for one pair leaves that one without a grade."""
    long = lambda number, body: "long" if "kettle" in str(body["messages"][-1]) else "ok"  # noqa: E731
    with llm_server(long) as server:
        found = EndpointTeacher(server.recipe(), limits=QUICK).probabilities(["a"] * 6, PRODUCTS)
    assert np.isnan(found[2]).all()
    assert (found[[0, 1, 3, 4, 5]].max(1) > 0.3).all()


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ("401", "LLM_TEST_KEY is not set"),
        ("404", "Check llm.url"),
        ("quota", "used up"),
        ("429:4000", "wait 4,000 s"),
        ("307", "llm.url"),
        ("500", "nothing but failures"),
        ("garbage", "nothing but failures"),
        ("empty:length", "max_tokens"),
    ],
)
def test_an_endpoint_that_goes_down_ends_the_work_with_a_clear_error(fault: str, says: str) -> None:
    """What was answered before is kept: another run asks for the rest alone."""
    with llm_server(lambda number, body: "ok" if number < 10 else fault) as server:
        limits = quicker(attempts=100, useless=100, concurrency=2)
        with pytest.raises(EndpointError, match=says):
            EndpointTeacher(server.recipe(), limits=limits).probabilities(QUERIES, PAIRED)
        assert len(server.requests) < 60
    with llm_server() as server:
        EndpointTeacher(server.recipe(), limits=QUICK).probabilities(QUERIES, PAIRED)
        assert len(server.requests) == len(PAIRS) - 10


def test_some_that_are_never_answered_leave_the_others_kept() -> None:
    """One pair fails in all attempts: the others are done, the error counts it, and it alone is asked again."""
    odd = lambda number, body: "500" if "kettle" in str(body["messages"][-1]) else "ok"  # noqa: E731
    with llm_server(odd) as server:
        limits = quicker(attempts=3, failures=1000)
        with pytest.raises(UnansweredError, match=r"4 of 24 were not answered.*run again"):
            EndpointTeacher(server.recipe(), limits=limits).probabilities(QUERIES, PAIRED)
    with llm_server() as server:
        EndpointTeacher(server.recipe(), limits=QUICK).probabilities(QUERIES, PAIRED)
        assert len(server.requests) == 4

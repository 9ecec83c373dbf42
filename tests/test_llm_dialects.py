"""Endpoints that take or say things in another way: a real server answers so, and the grades are its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from llm_server import QUICK, Server, grade_of, llm_server

from endcap.distill.llm.endpoint import endpoint_of
from endcap.distill.llm.grading import LOGPROBS, NOTHING, SAMPLES, Grading
from endcap.distill.llm.prompts import product_data
from endcap.distill.llm.streams import parsed_body
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.distill.recipe.settings import LlmRecipe, MemberRecipe, QueriesRecipe, Recipe, TeacherRecipe
from endcap.distill.stages.stage import stages
from endcap.errors import InputError
from endcap.index.product import Product

PRODUCTS = [Product("1", "red lamp"), Product("2", "blue chair")]
QUERIES = ["red lamp", "red lamp"]


def gradings(server: Server, **llm: Any) -> list[Grading]:
    return EndpointTeacher(server.recipe(**llm), limits=QUICK).gradings(QUERIES, PRODUCTS)


def grades(found: list[Grading]) -> list[int | None]:
    return [None if g.probabilities is None else int(np.argmax(g.probabilities)) for g in found]


@pytest.mark.parametrize("word", ["forbid:logprobs", "no:logprobs", "forbid:top_logprobs", "forbid:temperature"])
def test_a_refused_parameter_is_not_a_refused_key(word: str, endcap_home: object) -> None:
    """403 or 400: it is left out from then on, and the work goes on."""
    with llm_server(lambda number, body: word) as server:
        found = gradings(server)
    assert grades(found) == [3, 0]
    assert word.partition(":")[2] not in server.bodies()[-1]


def test_log_probabilities_can_be_left_out(endcap_home: object) -> None:
    with llm_server() as server:
        found = gradings(server, logprobs=False)
    assert {g.source for g in found} == {SAMPLES}
    assert not any("logprobs" in body for body in server.bodies())


def test_extra_parameters_are_sent_and_keep_answers_apart(endcap_home: object) -> None:
    extra = {"chat_template_kwargs": {"enable_thinking": False}, "top_p": 0.9}
    with llm_server() as server:
        gradings(server, extra=extra)
        sent = len(server.requests)
        assert all(body["top_p"] == 0.9 and "chat_template_kwargs" in body for body in server.bodies())
        gradings(server, extra=extra)
        assert len(server.requests) == sent
        gradings(server)
        assert len(server.requests) > sent
    with pytest.raises(InputError, match=r"llm\.extra sets 'model'"):
        endpoint_of(LlmRecipe(url="http://localhost:1/v1", model="m", extra={"model": "other"}))


@pytest.mark.parametrize(
    ("llm", "stale"),
    [
        ({"extra": {"temperature": 0.2}}, {"teacher", "queries"}),
        ({"logprobs": False}, {"teacher"}),
        ({"model": "n"}, {"teacher", "queries"}),
        ({"url": "http://localhost:2/v1", "max_cost": 9.0, "concurrency": 2, "timeout_s": 600.0}, set()),
    ],
)
def test_what_changes_answers_makes_stages_stale(llm: dict[str, Any], stale: set[str]) -> None:
    """And how the endpoint is reached does not."""
    before = Recipe("test", "b", "MIT", teacher=TeacherRecipe((MemberRecipe("endpoint"),)), llm=LlmRecipe(model="m"))
    before = replace(before, queries=QueriesRecipe(10, ("llm",)))
    after = replace(before, llm=replace(before.llm, **llm))
    assert {stage.name for stage in stages().values() if stage.settings(before) != stage.settings(after)} == stale


@pytest.mark.parametrize("word", ["stream", "stream-only"])
def test_an_endpoint_that_only_streams_is_read(word: str, endcap_home: object) -> None:
    """With its log-probabilities, which come in the last event."""
    with llm_server(lambda number, body: word) as server:
        found = gradings(server)
    assert grades(found) == [3, 0]
    assert {g.source for g in found} == {LOGPROBS}


def test_a_stream_that_breaks_off_is_no_answer() -> None:
    """Without the reason of its end nobody knows how it would have gone on."""
    events = b'data: {"choices": [{"index": 0, "delta": {"content": "2"}}]}\n\n'
    assert parsed_body(events)["choices"][0]["finish_reason"] == "broken off: incomplete"
    assert parsed_body(b"data: not json\n\n") is None
    assert parsed_body(b'data: {"error": {"message": "busy"}}\n\n') == {"error": {"message": "busy"}}


@pytest.mark.parametrize("extra", [{}, {"stream": True}])
def test_ollama_s_own_api(extra: dict[str, Any], endcap_home: object) -> None:
    """Options in their table, thoughts beside the answer, one answer a request, whole or as JSON lines."""
    with llm_server() as server:
        url = server.url.removesuffix("/v1") + "/api/chat"
        found = gradings(server, url=url, samples=2, extra=extra)
    assert grades(found) == [3, 0]
    assert server.bodies()[-1]["options"] == {"temperature": 1, "num_predict": 8}
    assert grade_of("red lamp", {"title": product_data(PRODUCTS[0])}) == 3


def test_what_is_no_whole_answer_is_not_known(endcap_home: object) -> None:
    """Cut or broken-off texts give no grade, and the raw reply is there to be shown."""
    for word, said in (("cut:2 would need", "2 would need"), ("say:A 2 would need red.", "A 2 would need red.")):
        with llm_server(lambda number, body, word=word: word) as server:
            found = gradings(server, model=word)
        assert {g.source for g in found} == {NOTHING}
        assert found[0].answers[0] == said


def test_a_broken_answer_is_asked_for_again(endcap_home: object) -> None:
    """``finish_reason`` error: never kept, and the next reply counts."""
    with llm_server(["broke:3", "broke:3"]) as server:
        assert grades(gradings(server, concurrency=1)) == [3, 0]


def test_thoughts_that_hold_the_answer_are_read(endcap_home: object) -> None:
    with llm_server(lambda number, body: "reasoned:A 3 would need it red; here it is 1.") as server:
        found = gradings(server)
    assert grades(found) == [1, 1]
    assert found[0].answers[0].startswith("A 3 would")

"""A search through the middleware with a model that has a learnt blend: its order, and what it says of each hit."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from rerank_parts import BODY, Listed, ReadableStudent, ids, reranker, told

from endcap.errors import InputError
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.blend.window import blend_window
from endcap.plugin.deadline import Deadline

LEARNT = LearntBlend((Term("student", (0.5,)), Term("engine", (0.5,)), Term("negation", (5.0,))))
TEXT = {"query_context": {"query_text": "usb cable without adapter"}}


class Learnt(ReadableStudent):
    """The readable student, with a learnt blend."""

    def __init__(self) -> None:
        super().__init__()
        self.info = SimpleNamespace(**vars(self.info), learnt=LEARNT)


def shop() -> Listed:
    """Four hits: the engine likes those with the adapter, and so does the student."""
    engine = Listed([9.0, 8.0, 7.0, 6.0], [0.9, 0.8, 0.3, 0.2])
    for hit, title in zip(
        engine.hits, ("cable with adapter #0.9", "adapter #0.8", "cable #0.3", "no adapter #0.2"), strict=True
    ):
        hit["_source"] = {"title": title, "description": "long", "price": 3}
    return engine


def search(
    target: Any = None, student: Any = None, settings: dict[str, Any] | None = None, **asked: Any
) -> dict[str, Any]:
    body = {**BODY, "ext": {"rerank": {**TEXT, **asked}}}
    found: dict[str, Any] = reranker(target or shop(), student or Learnt(), **(settings or {})).search(body=body)
    return found


def test_the_learnt_blend_orders() -> None:
    """What the query excludes comes last, though student and engine like it; scores never rise down the page."""
    reply = search()
    assert ids(reply) == ["3", "2", "0", "1"]
    assert reply["ext"]["rerank"]["blend"] == "learnt"
    scores = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)


def test_a_weight_asks_for_the_plain_blend() -> None:
    """In the request or to the re-ranker: who names a weight gets what it weighs, with what is exact."""
    for reply in (search(blend_weight=0.5), search(settings={"blend_weight": 0.5})):
        assert ids(reply) == ["3", "2", "0", "1"]
        assert reply["ext"]["rerank"]["blend"] == "plain"


def test_a_weight_of_nothing_is_the_engines_order() -> None:
    """Who asks for the engine's order gets it, whatever is denied."""
    assert ids(search(blend_weight=0)) == ["0", "1", "2", "3"]


def test_a_model_without_one_blends_as_before() -> None:
    """Old folders have no learnt blend."""
    assert search(student=ReadableStudent())["ext"]["rerank"]["blend"] == "plain"


@pytest.mark.parametrize("asked", [{}, {"blend_weight": 0.25}])
def test_each_hit_is_explained(asked: dict[str, Any]) -> None:
    """Parts sum to the blended score, their order is the hits', and nothing is said where it was not asked for."""
    reply = search(explain=True, **asked)
    before = np.inf
    for hit in reply["hits"]["hits"]:
        said = hit["rerank_explanation"]
        assert sum(part["adds"] for part in said["parts"]) == pytest.approx(said["score"])
        assert said["score"] <= before
        before = said["score"]
        assert said["blend"] == reply["ext"]["rerank"]["blend"]
    if not asked:
        parts = {part["feature"]: part for part in reply["hits"]["hits"][0]["rerank_explanation"]["parts"]}
        assert parts["negation"] == {"feature": "negation", "value": 1.0, "adds": 5.0}
    assert "rerank_explanation" not in search()["hits"]["hits"][0]


def test_explain_is_true_or_false() -> None:
    """Anything else is a mistake in the request."""
    assert told(search(explain="yes")) == ("skipped", "bad_request")
    with pytest.raises(InputError, match="explain is 'yes'; it should be true or false"):
        search(explain="yes", allow_rerank_failures=False)


def test_later_pages_keep_their_explanations() -> None:
    """A page from the remembered order explains its hits as well, and fits the first."""
    shared = reranker(shop(), Learnt())
    body = {**BODY, "size": 2, "ext": {"rerank": {**TEXT, "explain": True}}}
    first, second = (shared.search(body={**body, "from": start}) for start in (0, 2))
    assert ids(first) + ids(second) == ["3", "2", "0", "1"]
    assert all("rerank_explanation" in hit for hit in second["hits"]["hits"])


def test_fields_that_only_the_blend_reads_are_asked_for_and_taken_out() -> None:
    """The student reads title and brand; description and attributes come for the blend, and are not shown."""
    target = shop()
    body = {**BODY, "_source": ["price"], "ext": {"rerank": TEXT}}
    reply = reranker(target, Learnt()).search(body=body)
    assert {"description", "attributes", "category", "title"} <= set(target.asked[0]["_source"]["includes"])
    assert {"description", "attributes"}.isdisjoint(reply["hits"]["hits"][0]["_source"])


def test_what_the_student_has_not_scored_is_neutral() -> None:
    """A hit without a text that the student reads takes part with engine and words; the search is partial."""
    target = shop()
    target.hits[3]["_source"] = {"description": "no adapter"}
    reply = search(target)
    assert told(reply) == ("partial", "no_product_text")
    assert ids(reply)[0] == "3"
    assert reply["hits"]["hits"][0]["student_score"] is None


def test_a_fault_in_the_learnt_part_costs_no_more_than_that(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where features fail, the plain blend orders."""

    def broken(*args: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr("endcap.plugin.blend.window.features", broken)
    reply = search()
    assert told(reply) == ("partial", "plain_blend")
    assert reply["ext"]["rerank"]["blend"] == "plain"
    assert ids(reply) == ["0", "1", "2", "3"]


def test_without_time_for_words_the_plain_blend_orders() -> None:
    """Words are made until the deadline, and remembered: a search that has no time for all of them blends plainly."""
    looks = iter(range(100))
    hits, memory = shop().hits, WordsMemory()
    student, engine = np.array([0.9, 0.8, 0.3, 0.2]), np.array([9.0, 8.0, 7.0, 6.0])
    for wanted, deadline in (
        ("plain", Deadline.start(2_500, lambda: float(next(looks)))),  # a second each look: time for two of four
        ("learnt", Deadline.start(60_000)),
    ):
        found = blend_window("usb cable without adapter", hits, student, engine, 0.5, LEARNT, memory, deadline)
        assert found.kind == wanted


class Near(ReadableStudent):
    """A blend that asks what the window's best have in common; a product's vector says whether it is a cable."""

    def __init__(self) -> None:
        super().__init__()
        learnt = LearntBlend((Term("student", (0.1,)), Term("engine", (0.1,)), Term("near", (5.0,))))
        self.info = SimpleNamespace(**vars(self.info), learnt=learnt)

    def vectors(self, states: Sequence[bytes | None]) -> np.ndarray:
        return np.array([[0, 0] if s is None else [b"cable" in s, b"cable" not in s] for s in states], np.float32)


def test_what_lies_apart_from_the_rest_comes_last() -> None:
    """The vectors are those of the hits, in their order; a hit without a state is neutral."""
    engine = Listed([9.0, 8.0, 7.0, 6.0], [0.9, 0.8, 0.3, 0.2])
    titles = ("lamp #0.9", "cable #0.8", "cable #0.3", "cable #0.2")
    for hit, title in zip(engine.hits, titles, strict=True):
        hit["_source"] = {"title": title}
    reply = search(engine, Near())
    assert ids(reply) == ["1", "2", "3", "0"]
    assert reply["ext"]["rerank"]["blend"] == "learnt"
    engine.hits[0]["_source"] = {"description": "a lamp"}
    reply = search(engine, Near())
    assert told(reply) == ("partial", "no_product_text")
    assert ids(reply) == ["1", "0", "2", "3"], "the lamp has no vector, and the cables are all alike"

"""The re-ranking API: its forms, what it refuses, and what a text that was read before costs."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_parts import DOCUMENTS, QUERY, Running, api
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.plugin import Student
from endcap.plugin.states.document_states import document_states
from endcap.serve.api.replies import score_text

SCORES = Student.load().score(QUERY, DOCUMENTS)
ORDER = np.argsort(-SCORES, kind="stable").tolist()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with api(tmp_path_factory.mktemp("api")) as running:
        yield running


def sigmoid(scores: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-scores.astype(np.float64)))


def test_tei(running: Running) -> None:
    """TEI's body gives a bare list, best first; raw scores are the student's own."""
    reply = running.post(
        "/rerank", {"query": QUERY, "texts": DOCUMENTS, "raw_scores": True, "return_text": True}
    ).json()
    assert [result["index"] for result in reply] == ORDER
    assert [result["text"] for result in reply] == [DOCUMENTS[index] for index in ORDER]
    np.testing.assert_allclose([result["score"] for result in reply], SCORES[ORDER], rtol=1e-6)
    reply = running.post("/rerank", {"query": QUERY, "texts": DOCUMENTS}).json()
    assert all(set(result) == {"index", "score"} for result in reply)
    np.testing.assert_allclose([result["score"] for result in reply], sigmoid(SCORES[ORDER]), rtol=1e-6)


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
def test_cohere(running: Running, path: str) -> None:
    """Cohere's and Jina's body gives an object; documents come back where that is asked for."""
    body = {"model": "rerank-v3.5", "query": QUERY, "documents": DOCUMENTS, "top_n": 2, "return_documents": True}
    reply = running.post(path, body | {"max_tokens_per_doc": 100, "priority": 3}).json()
    assert [result["index"] for result in reply["results"]] == ORDER[:2]
    assert [result["document"]["text"] for result in reply["results"]] == [DOCUMENTS[index] for index in ORDER[:2]]
    scores = [result["relevance_score"] for result in reply["results"]]
    np.testing.assert_allclose(scores, sigmoid(SCORES[ORDER[:2]]), rtol=1e-6)
    assert reply["model"] == "endcap-shops"
    assert {"id", "usage", "meta"} < set(reply)
    assert running.post(path, {"query": QUERY, "documents": [], "top_n": 5}).json()["results"] == []


def test_documents_may_be_objects(running: Running) -> None:
    """Text, a product's fields, or the fields that are named; what comes back is what was sent."""

    def scores(documents: list[Any], **more: Any) -> list[float]:
        body = {"query": QUERY, "documents": documents, "return_documents": True, **more}
        results = sorted(running.post("/v1/rerank", body).json()["results"], key=lambda each: each["index"])
        assert [each["document"] for each in results] == documents
        return [each["relevance_score"] for each in results]

    product = {"title": "USB-C charger 20 W", "brand": "Zen", "price": 20, "attributes": {"colour": "white"}}
    student = Student.load()
    known = sigmoid(student.score(QUERY, [product, "USB-C charger 20 W", "Zen\n20"]))
    np.testing.assert_allclose(scores([product]), known[:1], rtol=1e-6)
    np.testing.assert_allclose(scores([{"text": "USB-C charger 20 W", "title": "hose"}]), known[1:2], rtol=1e-6)
    np.testing.assert_allclose(scores([product], rank_fields=["title"]), known[1:2], rtol=1e-6)
    shop = {"name": "USB-C charger 20 W", "maker": "Zen", "watts": 20}
    np.testing.assert_allclose(scores([shop], rank_fields=["name"]), known[1:2], rtol=1e-6)
    np.testing.assert_allclose(scores([shop], rank_fields=["maker", "watts", "none"]), known[2:], rtol=1e-6)
    np.testing.assert_allclose(scores([{"maker": "Zen", "watts": 20, "id": "k7"}]), known[2:], rtol=1e-6)


def test_embeddings(running: Running) -> None:
    """OpenAI's form: the vectors that the student has of products, and of queries where that is said."""
    student = Student.load()
    expected = student.vectors(student.encode(DOCUMENTS))
    assert expected is not None
    reply = running.post("/v1/embeddings", {"model": "any", "input": DOCUMENTS}).json()
    assert [each["index"] for each in reply["data"]] == [0, 1, 2, 3]
    np.testing.assert_array_equal(np.float32([each["embedding"] for each in reply["data"]]), expected)
    coded = running.post("/v1/embeddings", {"input": DOCUMENTS[1], "encoding_format": "base64"}).json()
    raw = base64.b64decode(coded["data"][0]["embedding"])
    np.testing.assert_array_equal(np.frombuffer(raw, "<f4"), expected[1])
    query = running.post("/v1/embeddings", {"input": [QUERY], "input_type": "query", "dimensions": 384}).json()
    vector = np.float32(query["data"][0]["embedding"])
    np.testing.assert_array_equal(vector, student.query_vector(QUERY))
    np.testing.assert_allclose(expected @ vector, SCORES, atol=1e-5)
    assert running.post("/v1/embeddings", {"input": QUERY, "dimensions": 100}).status == 422


def test_embeddings_for_the_documents_of_an_index(running: Running) -> None:
    """With ``endcap`` each product has what its document is to keep, to the byte what `endcap warm` would write."""
    documents = [{"title": "USB-C charger 20 W", "brand": "Zen", "price": 20}, {"title": "Garden hose"}]
    reply = running.post("/v1/embeddings", {"input": documents, "endcap": True}).json()
    products = [FieldMap().product(document) for document in documents]
    assert [each["endcap"] for each in reply["data"]] == document_states(Student.load(), products)


def test_texts_that_were_read_cost_no_encoding(tmp_path: Path) -> None:
    """A text is read once, in whatever request, form or number it comes; one of the store is never read."""
    from endcap.plugin.states.store import StateStore

    store = StateStore.open(tmp_path / "states")
    with api(tmp_path, store=store) as running:
        student = running.student
        running.post("/rerank", {"query": QUERY, "texts": DOCUMENTS + DOCUMENTS})
        assert student.read == 4
        running.post("/v2/rerank", {"query": "another", "documents": DOCUMENTS[::-1]})
        running.post("/v1/rerank", {"query": "another", "documents": [{"text": text} for text in DOCUMENTS]})
        running.post("/v1/embeddings", {"input": DOCUMENTS})
        assert student.read == 4
        text = student.text("Kettle, 1.7 l")
        store.put([(student.key(text), student.encode(["Kettle, 1.7 l"])[0])])
        before = student.read
        assert running.post("/rerank", {"query": "kettle", "texts": ["Kettle, 1.7 l"]}).status == 200
        assert student.read == before
        assert store.get([student.key(student.text(DOCUMENTS[0]))]) == [None]  # the API's texts are not kept on disk
        assert 'endcap_api_texts_total{was="read"} 4.0' in running.metrics.text().decode()
    store.close()


@given(st.floats(allow_nan=False, allow_infinity=False, width=32))
def test_every_reader_of_json_takes_a_score_for_a_number(score: float) -> None:
    """A point, six to seven digits, no more than 18 characters: for Java's readers it is a double."""
    text = score_text(score).decode()
    assert re.fullmatch(r"-?\d+\.\d+(e[+-]\d+)?", text)
    assert len(text) <= 18
    assert json.loads(text) == pytest.approx(score, rel=1e-6)


REFUSED: list[tuple[str, Any, int]] = [
    ("/rerank", {"texts": ["a"]}, 422),
    ("/rerank", {"query": 7, "texts": ["a"]}, 422),
    ("/rerank", {"query": "a", "texts": "a"}, 422),
    ("/rerank", {"query": "a", "texts": [None]}, 422),
    ("/rerank", {"query": "a", "texts": ["a"], "truncate": "yes"}, 422),
    ("/rerank", {"query": "a", "texts": ["word " * 200], "truncate": False}, 413),
    ("/rerank", b"{", 422),
    ("/rerank", b"[]", 422),
    ("/rerank", b'{"query": "\xff", "texts": []}', 422),
    ("/rerank", b'{"query": "a", "texts": ["\\ud800"]}', 422),
    ("/v1/rerank", {"query": "a", "documents": ["a"], "top_n": 0}, 422),
    ("/v1/rerank", {"query": "a", "documents": ["a"], "top_n": True}, 422),
    ("/v1/rerank", {"query": "a", "documents": ["a"], "rank_fields": []}, 422),
    ("/v2/rerank", {"query": "a", "documents": ["a"] * 1001}, 413),
    ("/v2/rerank", {"query": "a", "documents": [[1]]}, 422),
    ("/v2/rerank", {"query": "", "documents": ["a"]}, 422),
    ("/v1/embeddings", {"input": []}, 422),
    ("/v1/embeddings", {"input": [1, 2]}, 422),
    ("/v1/embeddings", {"input": "a", "encoding_format": "int8"}, 422),
    ("/v1/embeddings", {"input": "a", "encoding_format": ""}, 422),
    ("/v1/embeddings", {"input": "a", "encoding_format": None, "input_type": None}, 200),
    ("/v1/embeddings", {"input": "a", "input_type": []}, 422),
    ("/v1/rerank", {"query": "a", "documents": [{"title": "a", "attributes": {"b": "c" * 300_000}}]}, 413),
    ("/rerank", {"query": "a", "texts": ["<b>&amp;</b>" * 400_000]}, 200),
    ("/v1/embeddings", b'{"input": {"title": ' + b"[" * 900 + b"]" * 900 + b"}}", 422),
    ("/nothing", {}, 404),
    ("/info", {}, 405),
]


@pytest.mark.parametrize(("path", "body", "status"), REFUSED)
def test_what_is_refused_is_said(running: Running, path: str, body: Any, status: int) -> None:
    """A clear status and words, in the form of the API that is spoken."""
    reply = running.post(path, body)
    assert reply.status == status, reply.data
    if status != 200:
        error = reply.json()
        assert isinstance(error["error"] if path == "/rerank" else error["error"]["message"], str)


def test_what_is_known_of_it(running: Running) -> None:
    """Models, limits, OpenAPI, and a page that loads nothing."""
    assert running.get("/v1/models").json()["data"][0]["id"] == "endcap-shops"
    assert running.get("/info").json()["max_client_batch_size"] == 1000
    assert running.get("/health").status == 200
    assert running.get("/openapi.json").json()["openapi"] == "3.1.0"
    page = running.get("/docs").data.decode()
    assert all(path in page for path in ("/rerank", "/v2/rerank", "/v1/embeddings"))
    assert not re.search(r"(src|href)\s*=\s*['\"]?(https?:)?//|@import|url\(", page)

"""``endcap index --vectors``: products are loaded with their states, and found by them, in each engine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from endcap.cli.main import run
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.settings import load_settings
from endcap.plugin import Reranker, Student
from endcap.plugin.states.document_states import model_name, query_numbers, state_in

PRODUCTS = [
    Product("lamp", "Desk lamp", brand="Lux", attributes={"colour": "red"}),
    Product("kettle", "Electric kettle 1.7 l", brand="Boil"),
    Product("cable", "USB-C cable 2 m", brand="Wire", attributes={"length": "2 m"}),
    Product("shoe", "Trail running shoe", category="Sport > Shoes"),
    Product("hose", "Garden hose"),
]
ASKED = "something to boil water in"


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    file = tmp_path / "shop.jsonl"
    file.write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in PRODUCTS))
    return file


@pytest.fixture(params=["embedded", "opensearch_2"])
def engine(request: pytest.FixtureRequest, catalogue: Path) -> Iterator[Engine]:
    yield from loaded(request, request.param, catalogue, "vectors")


@pytest.fixture
def without_knn(request: pytest.FixtureRequest, catalogue: Path) -> Iterator[Engine]:
    yield from loaded(request, "opensearch", catalogue, "states")


def loaded(request: pytest.FixtureRequest, server: str, catalogue: Path, kept: str) -> Iterator[Engine]:
    name = f"vectors-index-{uuid.uuid4().hex[:8]}"
    where = [] if server == "embedded" else ["--url", request.getfixturevalue(server), "--replicas", "0"]
    assert run(["index", str(catalogue), "--name", name, *where, "--vectors", kept]) == 0
    made = open_engine(load_settings(name))
    yield made
    if server != "embedded":
        made.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]
        made.close()  # type: ignore[attr-defined]


def knn(student: Student, **more: Any) -> dict[str, Any]:
    by = {"term": {"endcap.model": model_name(student.info)}}
    return {"knn": {"endcap.vector": {"vector": query_numbers(student, ASKED), "k": 3, "filter": by, **more}}}


def test_the_nearest_are_found(engine: Engine, student: Student) -> None:
    """In both engines the same products with the same scores, to a float's precision; under a filter the nearest of
    those that pass it; one ``_msearch`` brings them beside a search for words."""
    text = {"query": engine.text_query("lamp")}
    near = {"query": knn(student), "size": 3, "_source": False}
    reply = engine.msearch(body=[{}, text, {}, near])
    found = [(hit["_id"], hit["_score"]) for hit in reply["responses"][1]["hits"]["hits"]]
    assert [hit["_id"] for hit in reply["responses"][0]["hits"]["hits"]] == ["lamp"]
    asked, vectors = student.query_vector(ASKED), student.vectors(student.encode(PRODUCTS))
    assert asked is not None
    cosines = dict(zip([p.id for p in PRODUCTS], (vectors @ asked).tolist(), strict=True))
    best = sorted(cosines, key=lambda id: -cosines[id])[:3]
    assert [id for id, _ in found] == best
    assert [score for _, score in found] == pytest.approx([(1 + cosines[id]) / 2 for id in best], abs=2e-3)
    by = {
        "bool": {"filter": [{"term": {"endcap.model": model_name(student.info)}}, {"term": {"brand.keyword": "Wire"}}]}
    }
    [hit] = engine.search(body={"query": knn(student, filter=by)})["hits"]["hits"]
    assert hit["_id"] == "cable"


def test_documents_are_shown_as_they_were_loaded(engine: Engine, student: Student) -> None:
    """Neither a search nor ``products`` shows more than what was loaded, and no ``_source`` carries a vector."""
    assert {p.id: p for p in engine.products()} == {p.id: p for p in PRODUCTS}
    body = {"query": engine.text_query("lamp kettle cable"), "size": 10}
    reply = Reranker(engine, student, deadline_ms=60_000).search(body=body)
    for hit in reply["hits"]["hits"]:
        product = next(p for p in PRODUCTS if p.id == hit["_id"])
        assert hit["_source"] == product.to_mapping()
    assert all("vector" not in hit["_source"].get("endcap", {}) for hit in engine.search(body=body)["hits"]["hits"])


def test_hits_bring_their_states(engine: Engine, student: Student) -> None:
    """Asked for by name, each hit brings the state that the student makes of the product."""
    hits = engine.search(body={"query": {"match_all": {}}, "_source": ["title", "endcap"]})["hits"]["hits"]
    for hit in hits:
        product = next(p for p in PRODUCTS if p.id == hit["_id"])
        key = student.key(student.text(product))
        assert state_in(student.info, hit["_source"], key) == student.encode([product])[0]


def test_states_without_vectors(without_knn: Engine, student: Student) -> None:
    """A cluster without k-NN keeps the states alone, and hits bring them."""
    test_hits_bring_their_states(without_knn, student)
    test_documents_are_shown_as_they_were_loaded(without_knn, student)


def test_an_own_index_is_written_anew_for_another_model(
    request: pytest.FixtureRequest,
    opensearch_2: str,
    catalogue: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """``endcap warm --vectors`` on an index of endcap's own keeps the attributes' text, which is not in ``_source``."""
    from test_document_states import title_only

    for engine in loaded(request, "opensearch_2", catalogue, "vectors"):
        other = Student.load(title_only(Student.load(), tmp_path))
        folder = str(other.info.folder)
        assert run(["warm", "--index", engine.index, "--url", opensearch_2, "--vectors", "--model", folder]) == 0
        assert "to 5 of 5 documents" in capsys.readouterr().out
        assert [hit["_id"] for hit in engine.search(body={"query": knn(other)})["hits"]["hits"]]
        red = engine.search(body={"query": {"match": {"attribute_text": "red"}}})["hits"]["hits"]
        assert [hit["_id"] for hit in red] == ["lamp"]
        assert run(["warm", "--index", engine.index, "--url", opensearch_2, "--vectors", "--model", folder]) == 0
        assert "to 0 of 5 changed documents" in capsys.readouterr().out
        assert run(["warm", "--index", engine.index, "--url", opensearch_2, "--vectors", "states"]) == 2
        assert "outside of _source" in capsys.readouterr().err


def test_a_load_without_the_plugin_is_refused(
    opensearch: str, catalogue: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says what is missing and what else there is; nothing is left behind."""
    name = f"vectors-index-{uuid.uuid4().hex[:8]}"
    assert run(["index", str(catalogue), "--name", name, "--url", opensearch, "--vectors"]) == 2
    said = capsys.readouterr().err
    assert "no k-NN plugin" in said
    assert "--vectors states" in said

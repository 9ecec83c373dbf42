"""The ``knn`` clause of the embedded engine: exact, under filters, and with vectors that go with their load."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.errors import EngineError, InputError
from endcap.index.embedded import knn, neighbours
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product

SIZE = 8
COUNT = 400
BRANDS = ("Acme", "Bolt", "Zen")


def products(count: int = COUNT) -> list[Product]:
    return [Product(f"p{i}", f"lamp {i % 7}", brand=BRANDS[i % 3], price=float(i)) for i in range(count)]


def matrix(count: int = COUNT, seed: int = 0, dtype: str = "int8") -> np.ndarray:
    """Vectors of which each stands there about twice, so that there are ties."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-9, 10, (count // 2, SIZE)) + (np.arange(SIZE) == 0) * 20
    return rows[rng.integers(0, len(rows), count)].astype(dtype)


def keys(count: int = COUNT) -> list[bytes]:
    return [hashlib.sha256(str(i).encode()).digest() for i in range(count)]


def loaded(name: str = "shop", **models: np.ndarray) -> EmbeddedEngine:
    engine = EmbeddedEngine(name)
    engine.load(products())
    for model, vectors in models.items():
        engine.put_vectors(model, [p.id for p in products()], keys(), vectors)
    return engine


def clause(vector: Sequence[float], k: int = 10, **options: Any) -> dict[str, Any]:
    return {"knn": {"endcap.vector": {"vector": list(vector), "k": k, **options}}}


def found(engine: EmbeddedEngine, query: dict[str, Any], **body: Any) -> list[tuple[str, float]]:
    hits = engine.search(body={"query": query, "size": 1000, **body})["hits"]["hits"]
    return [(hit["_id"], hit["_score"]) for hit in hits]


def brute_force(vectors: np.ndarray, vector: np.ndarray, k: int, passes: Sequence[bool]) -> list[tuple[str, float]]:
    """Ids and scores of the k nearest that pass, by exact whole numbers: (1 + cosine) / 2."""
    rows = [[int(x) for x in row] for row in vectors]
    asked = [int(x) for x in vector]
    length = np.sqrt(float(sum(x * x for x in asked)))
    scores = [
        (1 + sum(x * y for x, y in zip(row, asked, strict=True)) / (np.sqrt(float(sum(x * x for x in row))) * length))
        / 2
        for row in rows
    ]
    order = sorted((i for i in range(len(rows)) if passes[i]), key=lambda i: (-round(scores[i], 7), i))
    return [(f"p{i}", scores[i]) for i in order[:k]]


FILTERS: list[tuple[dict[str, Any] | None, Any]] = [
    (None, lambda p: True),
    ({"match_all": {}}, lambda p: True),
    ({"match_none": {}}, lambda p: False),
    ({"term": {"brand.keyword": "Acme"}}, lambda p: p.brand == "Acme"),
    ({"range": {"price": {"gte": 100, "lt": 107}}}, lambda p: 100 <= p.price < 107),
    ({"terms": {"brand.keyword": ["Acme", "Zen"]}}, lambda p: p.brand != "Bolt"),
    ({"bool": {"must_not": [{"term": {"brand.keyword": "Zen"}}]}}, lambda p: p.brand != "Zen"),
    (
        {"bool": {"filter": [{"term": {"endcap.model": "m"}}, {"match": {"title": "3"}}]}},
        lambda p: p.title == "lamp 3",
    ),
]


@pytest.fixture(scope="module", params=["int8", "float32"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[EmbeddedEngine, np.ndarray]:
    engine = EmbeddedEngine("shop", tmp_path_factory.mktemp("knn"))
    engine.load(products())
    vectors = matrix(dtype=request.param)
    engine.put_vectors("m", [p.id for p in products()], keys(), vectors)
    return engine, vectors


@pytest.mark.parametrize("listed", [0, 1000])
@given(
    seed=st.integers(0, 1000),
    k=st.integers(1, 60),
    which=st.integers(0, len(FILTERS) - 1),
)
@settings(max_examples=40, deadline=None)
def test_it_finds_what_brute_force_finds(
    shop: tuple[EmbeddedEngine, np.ndarray], listed: int, seed: int, k: int, which: int
) -> None:
    """Under any filter the same products in the same order with the same scores, ties in the catalogue's order; both
    where a filter's products are listed, and where the nearest are asked whether they pass it."""
    engine, vectors = shop
    by, passes = FILTERS[which]
    vector = np.random.default_rng(seed).integers(-9, 10, SIZE) + (np.arange(SIZE) == 1)
    expected = brute_force(vectors, vector, k, [passes(p) for p in products()])
    before, knn._LISTED = knn._LISTED, listed
    try:
        got = found(engine, clause(vector, k, **({} if by is None else {"filter": by})))
    finally:
        knn._LISTED = before
    assert [id for id, _ in got] == [id for id, _ in expected]
    np.testing.assert_allclose([score for _, score in got], [score for _, score in expected], atol=1e-6)


def test_it_adds_to_the_other_clauses_of_a_bool() -> None:
    """In ``should`` its score is added, in ``filter`` it narrows, and ``boost`` multiplies."""
    engine = loaded(m=matrix())
    near = clause(matrix()[3], 5)
    alone = dict(found(engine, near))
    text = {"match": {"title": "3"}}
    texts = dict(found(engine, text))
    both = dict(found(engine, {"bool": {"should": [text, near]}}))
    assert set(both) == set(alone) | set(texts)
    for id, score in both.items():
        assert score == pytest.approx(alone.get(id, 0) + texts.get(id, 0), rel=1e-5)
    assert set(dict(found(engine, {"bool": {"must": [text], "filter": [near]}}))) == set(alone) & set(texts)
    boosted = dict(found(engine, clause(matrix()[3], 5, boost=3, _name="near", method_parameters={"ef_search": 9})))
    assert boosted == pytest.approx({id: 3 * score for id, score in alone.items()})
    reply = engine.search(body={"query": near, "aggs": {"b": {"terms": {"field": "brand.keyword"}}}})
    assert sum(bucket["doc_count"] for bucket in reply["aggregations"]["b"]["buckets"]) == 5


def test_two_models_side_by_side() -> None:
    """The filter says whose vectors; without one it is those written last. Another model's finds nothing."""
    one, two = matrix(seed=1), matrix(seed=2)
    engine = loaded(one=one, two=two)

    def by(model: str) -> dict[str, Any]:
        return {"filter": {"term": {"endcap.model": {"value": model}}}}

    everything = [True] * COUNT
    for name, vectors in (("one", one), ("two", two)):
        got = [id for id, _ in found(engine, clause(vectors[0], 9, **by(name)))]
        assert got == [id for id, _ in brute_force(vectors, vectors[0], 9, everything)]
    assert found(engine, clause(two[0], 9)) == found(engine, clause(two[0], 9, **by("two")))
    assert found(engine, clause(two[0], 9, **by("three"))) == []
    other = np.hstack([one, one])
    engine.put_vectors("one", [p.id for p in products()], keys(), other)  # another size, in the place of the old ones
    assert len(found(engine, clause(other[0], 9, **by("one")))) == 9
    assert len(found(engine, clause(two[0], 9, **by("two")))) == 9


def test_vectors_go_with_their_load_and_outlive_the_process() -> None:
    """Another engine on the same folder finds them; a new load has none until they are written again."""
    engine = loaded(m=matrix())
    assert found(EmbeddedEngine("shop"), clause(matrix()[0])) == found(engine, clause(matrix()[0]))
    engine.load(products())
    with pytest.raises(EngineError, match=r"no vectors.*--vectors"):
        found(engine, clause(matrix()[0]))
    some = ["p7", "p3"]
    engine.put_vectors("m", some, keys(2), matrix()[:2])
    assert [id for id, _ in found(engine, clause(matrix()[1]))] == ["p3", "p7"]


def test_a_hit_brings_its_state_where_it_is_asked_for(endcap_home: Path) -> None:
    """By default documents are as they were loaded; ``_source`` with its name brings model, key and vector."""
    engine = loaded()
    engine.put_vectors("m", ["p3"], keys(1), matrix()[:1])
    query = {"ids": {"values": ["p3", "p4"]}}
    assert [hit["_source"] for hit in engine.search(body={"query": query})["hits"]["hits"]] == [
        product.to_mapping() for product in products()[3:5]
    ]
    hits = engine.search(body={"query": query, "_source": ["title", "endcap"]})["hits"]["hits"]
    state = {"model": "m", "key": keys(1)[0].hex(), "vector": matrix()[0].tolist()}
    assert [hit["_source"] for hit in hits] == [{"title": "lamp 3", "endcap": state}, {"title": "lamp 4"}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"knn": {"title": {"vector": [1] * SIZE, "k": 1}}}, "'endcap.vector'.*not 'title'"),
        ({"knn": [1]}, "one entry"),
        ({"knn": {"endcap.vector": [1]}}, "should be an object"),
        (clause([1] * 3), f"a vector of {SIZE} numbers, not one of 3"),
        (clause([0] * SIZE), "no direction"),
        (clause([float("nan")] * SIZE), "no direction"),
        (clause(["x"] * SIZE), f"a vector of {SIZE} numbers"),
        (clause([1] * SIZE, 0), "k of knn.*1 to 10000, not 0"),
        (clause([1] * SIZE, 1, boost="x"), "boost"),
        (clause([1] * SIZE, 1, ef=3), "option 'ef' of knn"),
        (clause([1] * SIZE, 1, filter={"fuzzy": {}}), "'fuzzy'"),
    ],
)
def test_what_is_wrong_is_named(query: dict[str, Any], said: str) -> None:
    """Each mistake in a clause is an ``EngineError`` with the value and what should be there."""
    with pytest.raises(EngineError, match=said):
        found(loaded(m=matrix()), query)


def test_vectors_that_do_not_fit_are_refused() -> None:
    """Unknown, repeated or too few products, keys of another length, vectors without direction."""
    engine, vectors = loaded(), matrix()
    for ids, its_keys, rows, said in (
        (["p1", "nobody"], keys(2), vectors[:2], "no product 'nobody'"),
        (["p1", "p1"], keys(2), vectors[:2], "two vectors"),
        (["p1"], keys(2), vectors[:2], "1 ids, 2 keys"),
        (["p1"], [b"short"], vectors[:1], "5 bytes instead of 32"),
        (["p1"], keys(1), np.zeros((1, SIZE), np.int8), "'p1' is zero"),
        (["p1"], keys(1), np.full((1, SIZE), np.nan), "not finite"),
    ):
        with pytest.raises(InputError, match=said):
            engine.put_vectors("m", ids, its_keys, rows)
    with pytest.raises(InputError, match="'a/b'"):
        engine.put_vectors("a/b", ["p1"], keys(1), vectors[:1])


def test_msearch_gives_each_search_a_reply_or_an_error() -> None:
    """Replies come in the order of the bodies; one that fails has an error of OpenSearch's shape in its place."""
    engine = loaded(m=matrix())
    text = {"query": {"match": {"title": "3"}}, "size": 3}
    near = {"query": clause(matrix()[3], 5)}
    reply = engine.msearch(body=[{}, text, {"index": "shop"}, near, {"index": "other"}, near, {}, {"query": {"no": 1}}])
    first, second, third, fourth = reply["responses"]
    assert first["hits"] == engine.search(body=text)["hits"]
    assert second["hits"] == engine.search(body=near)["hits"]
    assert [response["status"] for response in reply["responses"]] == [200, 200, 400, 400]
    assert "'other'" in third["error"]["reason"]
    assert fourth["error"]["root_cause"][0]["type"]
    for wrong in ([], [{}], [text, {}, text], "text"):
        with pytest.raises(EngineError, match="header"):
            engine.msearch(body=wrong)  # type: ignore[arg-type]


def clustered(count: int, seed: int = 0) -> np.ndarray:
    """Vectors of 64 numbers in clusters, as those of products lie."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(20, 64))
    rows = centres[rng.integers(0, 20, count)] + 0.6 * rng.normal(size=(count, 64))
    return np.rint(rows / np.abs(rows).max(axis=1, keepdims=True) * 127).astype(np.int8)


def test_a_graph_of_neighbours_finds_nearly_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are many vectors a graph finds at least 95 of 100 of the nearest, scored and filtered as ever; where
    a filter leaves too few of those, all vectors are compared."""
    pytest.importorskip("usearch")
    monkeypatch.setattr(knn, "_LISTED", 0)
    monkeypatch.setattr(neighbours, "LEAST_ROWS", 1000)
    rows, queries, many = clustered(3000), clustered(20, seed=1), products(3000)
    engine = EmbeddedEngine("shop")
    engine.load(many)
    engine.put_vectors("m", [p.id for p in many], keys(3000), rows)
    assert engine._open().vectors.current()["m"].graph is not None
    for by, passes in ((None, lambda p: True), ({"term": {"brand.keyword": "Acme"}}, lambda p: p.brand == "Acme")):
        shares = []
        for query in queries:
            best = dict(brute_force(rows, query, 20, [passes(p) for p in many]))
            got = dict(found(engine, clause(query.tolist(), 20, **({} if by is None else {"filter": by}))))
            assert len(got) == 20
            for id in got.keys() & best.keys():
                assert got[id] == pytest.approx(best[id], abs=1e-6)
            shares.append(len(got.keys() & best.keys()) / 20)
        assert np.mean(shares) >= 0.95
    few = {"range": {"price": {"gte": 100, "lt": 130}}}
    passed = [100 <= p.price < 130 for p in many if p.price is not None]
    got = found(engine, clause(queries[0].tolist(), 20, filter=few))
    assert [id for id, _ in got] == [id for id, _ in brute_force(rows, queries[0], 20, passed)]


def test_without_the_library_all_are_compared(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A warning says what would be faster, and the search is exact."""
    monkeypatch.setattr(neighbours, "LEAST_ROWS", 100)
    monkeypatch.setattr(neighbours, "_is_installed", lambda: False)
    engine = loaded(m=matrix())
    assert "endcap[neighbours]" in caplog.text
    got = [id for id, _ in found(engine, clause(matrix()[0]))]
    assert got == [id for id, _ in brute_force(matrix(), matrix()[0], 10, [True] * COUNT)]

"""Hybrid search as an evaluation has it is hybrid search as OpenSearch has it."""

from __future__ import annotations

from collections.abc import Iterator

import dense_parts
import numpy as np
import pytest
from dense_parts import catalogue, vector, with_vectors
from opensearchpy import OpenSearch
from rerank_parts import ids, unique

from endcap.evaluate.hybrid import MIN_SCORE, hybrid_order, joined_candidates, min_max
from endcap.evaluate.systems import Candidates
from endcap.index.product import Product

SIZE = 20
PIPELINE = {
    "phase_results_processors": [
        {
            "normalization-processor": {
                "normalization": {"technique": "min_max"},
                "combination": {"technique": "arithmetic_mean", "parameters": {"weights": [0.5, 0.5]}},
            }
        }
    ]
}


@pytest.fixture(scope="module")
def index(opensearch_2: str) -> Iterator[tuple[OpenSearch, str]]:
    """Products whose titles differ, so that no two scores are equal by chance."""
    docs = [{**doc, "title": f"{doc['title']} model {n} {'pro ' * (n % 5)}"} for n, doc in enumerate(catalogue())]
    client, name = OpenSearch(opensearch_2), unique("hybrid")
    dense_parts.fill(client, name, with_vectors(docs))
    yield client, name
    client.indices.delete(index=name)


def hits(client: OpenSearch, name: str, query: object, **body: object) -> list[dict]:
    found: list[dict] = client.search(index=name, body={"query": query, "size": SIZE, **body})["hits"]["hits"]
    return found


@pytest.mark.parametrize("text", ["red usb cable", "wireless headphones pro", "black lead model 9", "sofa"])
def test_it_agrees_with_the_real_one(index: tuple[OpenSearch, str], text: str) -> None:
    """The order and the scores of the normalization-processor of OpenSearch 2.19, min_max and arithmetic_mean."""
    client, name = index
    words = {"match": {"title": text}}
    knn = {"knn": {"endcap.vector": {"vector": vector(text).tolist(), "k": SIZE}}}
    real = hits(client, name, {"hybrid": {"queries": [words, knn]}}, search_pipeline=PIPELINE)
    by_words, by_vectors = hits(client, name, words), hits(client, name, knn)
    candidates = Candidates(
        text, tuple(Product(hit["_id"], "") for hit in by_words), np.array([hit["_score"] for hit in by_words])
    )
    cosines = np.array([2 * hit["_score"] - 1 for hit in by_vectors])
    nearest = [Product(hit["_id"], "") for hit in by_vectors]
    ours = hybrid_order(candidates, nearest, cosines)
    scores = dict.fromkeys(ours, 0.0)
    for products, of in ((candidates.products, candidates.engine_scores), (nearest, cosines)):
        for product, score in zip(products, min_max(of), strict=True):
            scores[product.id] += 0.5 * float(score)
    assert [scores[hit["_id"]] for hit in real] == pytest.approx([hit["_score"] for hit in real], abs=1e-4)
    assert [scores[id] for id in ours[: len(real)]] == pytest.approx([hit["_score"] for hit in real], abs=1e-4)
    assert len(set(ids({"hits": {"hits": real}})) & set(ours[: len(real)])) >= len(real) - 1  # a tie at the end


def test_min_max() -> None:
    """The lowest of a list is not 0, which is for what a list lacks; equal scores are all the highest."""
    assert min_max(np.array([4.0, 3.0, 2.0])).tolist() == [1.0, 0.5, MIN_SCORE]
    assert min_max(np.array([2.0, 2.0])).tolist() == [1.0, 1.0]
    assert min_max(np.array([])).tolist() == []


def test_joined_candidates() -> None:
    """The window keeps its order and scores; what only the vectors found follows, without a score of the engine's."""
    window = Candidates("q", (Product("a", ""), Product("b", "")), np.array([3.0, 2.0]))
    joined = joined_candidates(window, [Product("b", ""), Product("c", "")])
    assert [product.id for product in joined.products] == ["a", "b", "c"]
    assert joined.engine_scores.tolist() == [3.0, 2.0, 0.0]

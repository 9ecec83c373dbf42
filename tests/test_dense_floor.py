"""What is as near to nonsense as to the search is not shown for it; with the shipped student, on a small shop."""

from __future__ import annotations

import numpy as np
import pytest
from rerank_parts import told

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin import Reranker, Student
from endcap.plugin.states.document_states import model_name, states_matrix

TITLES = (
    *("Sony wireless headphones with noise cancelling", "JBL over-ear headset for travel", "Philips earbuds, black"),
    *("Bosch cordless drill 18 V", "Makita circular saw for wood", "Stanley hand saw 500 mm", "Steel claw hammer"),
    *("Women's running shoes, blue", "Men's leather ankle boots", "Kids' rubber boots with frogs"),
    *("Non-stick frying pan 28 cm", "Cast iron casserole with lid", "Espresso machine with milk frother"),
    *("Garden hose 20 m with reel", "Ceramic flower pot", "Trampoline with safety net", "Wooden toy train set"),
    *("USB-C charging cable 2 m", "Laptop sleeve 14 inch", "24 inch office monitor", "Ergonomic vertical mouse"),
)


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture
def shop(student: Student) -> EmbeddedEngine:
    engine = EmbeddedEngine("floor")
    products = [Product(str(i), title) for i, title in enumerate(TITLES)]
    engine.load(products)
    keys = [student.key(student.text(product)) for product in products]
    matrix = states_matrix(student, student.encode(products))
    engine.put_vectors(model_name(student.info), [p.id for p in products], keys, matrix)
    return engine


def searcher(shop: EmbeddedEngine, student: Student) -> Reranker:
    return Reranker(shop, student, dense=5, deadline_ms=60_000)


@pytest.mark.parametrize("text", ["asdfgh", "xkcd qwlp", "pfrt", "qqqqq 88", "brumselig zont"])
def test_nonsense_shows_nothing(shop: EmbeddedEngine, student: Student, text: str) -> None:
    """There is always a nearest product; it is not shown for what means nothing, and the reply says why."""
    reply = searcher(shop, student).search(index="floor", body={"query": {"match": {"title": text}}})
    assert told(reply) == ("skipped", "empty_window")
    assert reply["hits"]["hits"] == []
    assert "no nearer than products are to words without a meaning" in reply["ext"]["rerank"]["detail"]


@pytest.mark.parametrize(
    ("text", "first"), [("earphones", "head"), ("sneakers", "shoes"), ("cookware", "pan"), ("coffeemaker", "Espresso")]
)
def test_other_words_show_the_nearest(shop: EmbeddedEngine, student: Student, text: str, first: str) -> None:
    """What means something has its nearest products, though none has the word."""
    reply = searcher(shop, student).search(index="floor", body={"query": {"match": {"title": text}}})
    assert told(reply) == ("reranked", "nearest")
    titles = [hit["_source"]["title"] for hit in reply["hits"]["hits"]]
    assert any(first in title for title in titles[:2]), titles


def test_it_is_asked_once(shop: EmbeddedEngine, student: Student) -> None:
    """What is known of nonsense is remembered; a short deadline asks for fewer words, or says nothing."""
    asked: list[int] = []

    class Counting:
        def search(self, **request: object) -> object:
            return shop.search(**request)  # type: ignore[arg-type]

        def msearch(self, **request: list[object]) -> object:
            asked.append(len(request["body"]) // 2)
            return shop.msearch(**request)  # type: ignore[arg-type]

    reranker = Reranker(Counting(), student, dense=5, deadline_ms=60_000)
    for _ in range(2):
        reranker.search(index="floor", body={"query": {"match": {"title": "asdfgh"}}})
    assert asked == [2, 16, 2]
    assert np.isfinite(student.query_vector("asdfgh")).all()  # type: ignore[arg-type]

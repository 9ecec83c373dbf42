"""What the tests of a body's rules share: one small shop in three engines, and what its rules mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from opensearchpy import OpenSearch
from rerank_parts import ReadableStudent, fill_index, reranker, score_in, unique

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product

TEXT: dict[str, Any] = {"match": {"title": "usb cable"}}
MAPPING = {
    "properties": {
        "title": {"type": "text"},
        "brand": {"type": "text", "fields": {"keyword": {"type": "keyword"}}},
        "price": {"type": "double"},
        "attributes": {"properties": {"stock": {"type": "keyword"}, "tier": {"type": "keyword"}}},
    }
}
WORDS = ("usb", "cable", "long", "braided", "charger", "hub", "lamp")
COUNT = 40
ENGINES = ["embedded", "opensearch", "opensearch_2"]
ASKED = {"query_context": {"query_text": "usb cable"}}


def constant(boost: float, filter: Any) -> Any:
    """A clause of a rule alone."""
    return {"constant_score": {"filter": filter, "boost": boost}}


def shop_products(seed: int = 4) -> list[Product]:
    """Products of which all match "usb cable"; a title ends with what the student thinks of it."""
    rng = np.random.default_rng(seed)
    opinions = rng.permutation(COUNT) / COUNT
    return [
        Product(
            f"k{i}",
            f"{' '.join(rng.choice(WORDS, rng.integers(1, 9)))} usb cable #{opinions[i]}",
            brand=str(rng.choice(["acme", "zen", "orbit"])),
            price=float(rng.integers(1, 100)),
            attributes={"stock": "no" if i % 7 == 3 else "yes", "tier": str(rng.integers(1, 4))},
        )
        for i in range(COUNT)
    ]


@dataclass(frozen=True)
class Shop:
    """One engine with the shop in it."""

    target: Any
    index: str
    products: Mapping[str, Product]

    def engine(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The engine's own reply."""
        return dict(self.target.search(index=self.index, body=body))

    def reranked(self, body: Mapping[str, Any], weight: float = 1.0, **settings: Any) -> dict[str, Any]:
        """Our reply, at a blend weight."""
        ours = reranker(self.target, ReadableStudent(window=COUNT), blend_weight=weight, **settings)
        return dict(ours.search(index=self.index, body={"size": COUNT, **body}))

    def says(self, id: str) -> float:
        """What the student thinks of a product."""
        return score_in(self.products[id].title)

    def by_student(self, wanted: Callable[[Product], bool]) -> list[str]:
        """The ids of the products that are wanted, best first by the student."""
        return sorted((id for id, product in self.products.items() if wanted(product)), key=lambda id: -self.says(id))

    def put_by_rules(self, body: Mapping[str, Any], text: Any) -> tuple[list[str], np.ndarray]:
        """The engine's window, and whether a rule has put its hit i above hit j: without the rules it would not be."""
        hits = self.engine({**body, "size": COUNT})["hits"]["hits"]
        alone = {hit["_id"]: hit["_score"] for hit in self.engine({"query": text, "size": COUNT})["hits"]["hits"]}
        window = [hit["_id"] for hit in hits]
        scores = np.array([hit["_score"] for hit in hits])
        texts = np.array([alone.get(id, 0.0) for id in window])
        above = scores[:, None] > scores[None, :] * (1 + 1e-6)  # by more than rounding
        return window, above & (texts[:, None] <= texts[None, :])


def turned_back(put: np.ndarray, engine: list[str], ranked: list[str]) -> list[tuple[str, str]]:
    """The pairs that a rule has put so, and that come the other way round."""
    place = np.array([ranked.index(id) for id in engine])
    return [(engine[i], engine[j]) for i, j in np.argwhere(put & (place[:, None] > place[None, :]))]


def embedded_shop() -> Shop:
    """The shop in the embedded engine."""
    products = shop_products()
    engine = EmbeddedEngine(unique("tiers"))
    engine.load(products)
    return Shop(engine, engine.index, {product.id: product for product in products})


def opensearch_shop(url: str) -> Shop:
    """The shop in an OpenSearch; the index is the caller's to delete."""
    products, client, index = shop_products(), OpenSearch(url, timeout=60), unique("tiers")
    fill_index(client, index, [], MAPPING)
    lines: list[Any] = []
    for product in products:
        lines += [{"index": {"_id": product.id}}, product.to_mapping()]
    assert not client.bulk(index=index, body=lines, refresh=True)["errors"]
    return Shop(client, index, {product.id: product for product in products})


def shop_in(engine: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in one of ``ENGINES``."""
    if engine == "embedded":
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ENDCAP_HOME", str(tmp_path_factory.mktemp("home")))
            yield embedded_shop()
        return
    opened = opensearch_shop(request.getfixturevalue(engine))
    yield opened
    opened.target.indices.delete(index=opened.index)

"""What the tests of candidates by meaning share: a student that knows synonyms, and an index that holds its vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from opensearchpy import OpenSearch
from rerank_parts import ReadableStudent, reranker, unique

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product

SIZE = 32
MODEL = "c0ffee0123456789"
SAME = {"headphones": "headset", "earphones": "headset", "cord": "cable", "lead": "cable", "sofa": "couch"}
"""Words that mean what others do."""


def vector(text: str) -> np.ndarray:
    """A text's unit vector, float32 (d,): synonyms are one word."""
    total = np.full(SIZE, 0.01)
    for word in text.lower().split():
        word = SAME.get(word, word)
        total += np.random.default_rng(crc32(word.encode())).normal(size=SIZE)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


class SynonymStudent(ReadableStudent):
    """Scores by the cosine of vectors that know synonyms; a state is such a vector, float32."""

    def __init__(self, window: int = 20, blend_weight: float = 0.8, model: str = MODEL) -> None:
        super().__init__(window, blend_weight)
        self.info.checksum = model + "rest of the checksum"
        self.info.shape, self.info.state_dtype, self.info.state_shape = "bi-encoder", "float32", [SIZE]

    def text(self, product: Any) -> str:
        return str(product.title)

    def query_vector(self, query: str) -> np.ndarray | None:
        return vector(query)

    def encode_batches(self, products: Sequence[Any]) -> Iterator[list[tuple[int, bytes]]]:
        for batch in super().encode_batches(products):
            yield [(i, vector(text.decode()).tobytes()) for i, text in batch]

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        scores = [float(np.frombuffer(item, np.float32) @ vector(query)) for item in items]
        yield np.arange(len(items)), np.asarray(scores, dtype=np.float32)


MAPPING: dict[str, Any] = {
    "properties": {
        "title": {"type": "text"},
        "brand": {"type": "keyword"},
        "colour": {"type": "keyword"},
        "group": {"type": "keyword"},
        "stock": {"type": "integer"},
        "reviews": {"type": "nested", "properties": {"text": {"type": "text"}, "stars": {"type": "integer"}}},
        "endcap": {
            "properties": {
                "model": {"type": "keyword"},
                "key": {"type": "keyword"},
                "vector": {
                    "type": "knn_vector",
                    "dimension": SIZE,
                    "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
                },
            }
        },
    }
}


def with_vectors(docs: Sequence[Mapping[str, Any]], model: str = MODEL) -> list[dict[str, Any]]:
    """The documents with their vectors."""
    return [{**doc, "endcap": state(str(doc["title"]), model)} for doc in docs]


def state(title: str, model: str = MODEL) -> dict[str, Any]:
    """What a document of this title keeps."""
    return {"model": model, "key": SynonymStudent().key(title).hex(), "vector": vector(title).tolist()}


def fill(client: Any, index: str, docs: Sequence[Mapping[str, Any]], shards: int = 1) -> None:
    """Make an index with k-NN; ids are positions."""
    client.indices.delete(index=index, ignore_unavailable=True)
    settings = {"index": {"knn": True, "number_of_shards": shards, "number_of_replicas": 0}}
    client.indices.create(index=index, body={"settings": settings, "mappings": MAPPING})
    lines = [line for i, doc in enumerate(docs) for line in ({"index": {"_id": str(i)}}, doc)]
    answer = client.bulk(index=index, body=lines, refresh=True)
    assert not answer["errors"], answer


def catalogue() -> list[dict[str, Any]]:
    """60 products: cables, of which a third is called cord or lead; headphones, of which half is called headset."""
    kinds = ("usb cable", "usb cord", "usb cable", "usb lead", "wireless headset", "wireless headphones")
    colours, brands = ("red", "blue", "black", "white", "green"), ("acme", "zen", "orbit")
    return [
        {
            "title": f"{colours[n % 5]} {kinds[n % 6]}",
            "colour": colours[n % 5],
            "brand": brands[n % 3 if n % 7 else 0],
            "group": f"g{n // 4}",
            "stock": n % 4,
            "reviews": [{"text": "good" if n % 2 else "bad", "stars": n % 5}],
        }
        for n in range(60)
    ]


class Shop:
    """A client or an engine, and its index. In the embedded engine the stock is the price."""

    def __init__(self, client: Any, index: str) -> None:
        self.client, self.index = client, index
        self.is_cluster = isinstance(client, OpenSearch)

    def search(self, query: Any, dense: int = 20, **body: Any) -> dict[str, Any]:
        with_query = {"query": query, "size": 60, **body}
        return dict(reranker(self.client, SynonymStudent(), dense=dense).search(index=self.index, body=with_query))

    def field(self, name: str) -> str:
        """What the engine calls a field of the catalogue's."""
        return name if self.is_cluster else {"colour": "attributes.colour", "stock": "price"}.get(name, name)

    def colour(self, name: str) -> dict[str, Any]:
        """A clause that lets products of a colour through."""
        return {"term": {self.field("colour"): name}}

    def translated(self, clause: Any, **words: str) -> Any:
        """A clause with the engine's names of fields, and with other words."""
        if isinstance(clause, Mapping):
            return {self.field(name): self.translated(value, **words) for name, value in clause.items()}
        if isinstance(clause, (list, tuple)):
            return [self.translated(each, **words) for each in clause]
        return words.get(clause, clause) if isinstance(clause, str) else clause

    def value(self, hit: Mapping[str, Any], name: str) -> Any:
        """What a hit has in a field of the catalogue's."""
        source = hit["_source"]
        return source[name] if self.is_cluster or name == "brand" else source[self.field(name)]

    def stock(self, hit: Mapping[str, Any]) -> float:
        """How many there are."""
        return float(self.value(hit, "stock"))


def cluster_shop(url: str) -> Iterator[Shop]:
    """The catalogue with its vectors in OpenSearch, in two shards."""
    client, index = OpenSearch(url, timeout=60, pool_maxsize=2), unique("dense")
    fill(client, index, with_vectors(catalogue()), shards=2)
    yield Shop(client, index)
    client.indices.delete(index=index)


def embedded_shop() -> Shop:
    """The same in the embedded engine."""
    engine, student = EmbeddedEngine("dense"), SynonymStudent()
    products = [
        Product(str(i), doc["title"], doc["brand"], attributes={"colour": doc["colour"]}, price=float(doc["stock"]))
        for i, doc in enumerate(catalogue())
    ]
    engine.load(products)
    keys = [student.key(product.title) for product in products]
    matrix = np.stack([vector(product.title) for product in products])
    engine.put_vectors(MODEL, [p.id for p in products], keys, matrix)
    return Shop(engine, "dense")

"""What the tests of candidates by meaning share: a student that knows synonyms, and an index that holds its vectors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from rerank_parts import ReadableStudent

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

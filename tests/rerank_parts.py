"""What the tests of the middleware share: a tiny index, and students whose scores can be read off a product."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import numpy as np

from endcap.index.product import Product
from endcap.plugin import Reranker

QUERY = {"match": {"title": "usb cable"}}
BODY: dict[str, Any] = {"query": QUERY, "size": 5}
WORDS = ("usb", "cable", "charger", "case", "hub", "lamp", "braided", "long")
BRANDS = ("acme", "zen", "orbit")


class ReadableStudent:
    """A student whose score of a product stands in its title, as ``#0.73``; a state is the text."""

    def __init__(self, window: int = 20, blend_weight: float = 0.5) -> None:
        self.info = SimpleNamespace(
            name="readable", checksum="c0ffee", fields=("title", "brand"), window=window, blend_weight=blend_weight
        )
        self.encoded = 0

    def text(self, product: Product) -> str:
        return f"{product.title} {product.brand}"

    def key(self, text: str) -> bytes:
        return blake2b(text.encode(), digest_size=32).digest()  # a store finds it by its last bytes

    def encode_batches(self, products: Sequence[Product]) -> Iterator[list[tuple[int, bytes]]]:
        for start in range(0, len(products), 4):
            batch = [(i, self.text(products[i]).encode()) for i in range(start, min(start + 4, len(products)))]
            self.encoded += len(batch)
            yield batch

    def prepare(self, query: str) -> None:
        pass

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield np.arange(len(items)), np.asarray([score_in(item.decode()) for item in items], dtype=np.float32)


def score_in(text: str) -> float:
    """The score that a title says."""
    found = re.search(r"#(-?[\d.]+)", text)
    return float(found[1]) if found else 0.0


class Broken(ReadableStudent):
    """Raises when it should score."""

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        raise RuntimeError("the graph is broken")


class NotANumber(ReadableStudent):
    """One score is NaN."""

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        scores = np.ones(len(items), dtype=np.float32)
        scores[-1] = np.nan
        yield np.arange(len(items)), scores


class TooFew(ReadableStudent):
    """Scores that lack the last product."""

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        yield np.arange(len(items)), np.ones(len(items) - 1, dtype=np.float32)


class Slow(ReadableStudent):
    """Takes 30 ms to read four products."""

    def encode_batches(self, products: Sequence[Product]) -> Iterator[list[tuple[int, bytes]]]:
        for batch in super().encode_batches(products):
            time.sleep(0.03)
            yield batch


class Memory:
    """States in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[bytes, bytes] = {}

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        return [self.kept.get(key) for key in keys]

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        self.kept.update(items)


def title(rng: np.random.Generator) -> str:
    """A title that says how the student scores it."""
    return f"{' '.join(rng.choice(WORDS, 4))} #{rng.integers(0, 1000) / 1000}"


def documents(count: int, seed: int = 0) -> list[dict[str, Any]]:
    """Documents of a small shop."""
    rng = np.random.default_rng(seed)
    return [
        {
            "title": title(rng),
            "brand": str(rng.choice(BRANDS)),
            "price": float(rng.integers(1, 100)),
            "group": int(rng.integers(0, count // 3 + 1)),
            "stock": {"here": bool(rng.integers(0, 2)), "where": [{"shelf": "a"}, {"shelf": "b", "row": 2}]},
            "reviews": [{"text": str(rng.choice(WORDS)), "stars": int(rng.integers(1, 6))} for _ in range(2)],
        }
        for _ in range(count)
    ]


MAPPING: dict[str, Any] = {
    "properties": {
        "title": {"type": "text", "store": True},
        "brand": {"type": "keyword"},
        "price": {"type": "double"},
        "group": {"type": "integer"},
        "reviews": {
            "type": "nested",
            "properties": {"text": {"type": "text"}, "stars": {"type": "integer"}},
        },
    }
}


def fill_index(
    client: Any, index: str, docs: Sequence[Mapping[str, Any]], mapping: Mapping[str, Any] = MAPPING
) -> None:
    """Make an index with these documents, their ids being their positions."""
    client.indices.delete(index=index, ignore_unavailable=True)
    settings = {"number_of_shards": 1, "number_of_replicas": 0}
    client.indices.create(index=index, body={"settings": settings, "mappings": mapping})
    lines = [line for i, doc in enumerate(docs) for line in ({"index": {"_id": str(i)}}, doc)]
    if not lines:
        return
    answer = client.bulk(index=index, body=lines, refresh=True)
    assert not answer["errors"], answer


def ids(reply: Mapping[str, Any]) -> list[str]:
    """The ids of a page."""
    return [hit["_id"] for hit in reply["hits"]["hits"]]


def unique(name: str) -> str:
    """An index name that no other process uses."""
    return f"rerank-{name}-{os.getpid()}-{time.monotonic_ns()}"


class Listed:
    """An engine in a list: it answers from..size of the hits that it was given, and notes what it was asked."""

    def __init__(self, scores: list[float], students: list[float]) -> None:
        self.hits = [
            {"_index": "i", "_id": str(n), "_score": score, "_source": {"title": f"usb #{student}"}}
            for n, (score, student) in enumerate(zip(scores, students, strict=True))
        ]
        self.asked: list[dict[str, Any]] = []

    def search(self, *, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        found = self.hits
        narrowed = body.get("query", {}).get("bool", {}).get("filter")
        narrowed = [body["post_filter"]] if "post_filter" in body else narrowed
        if narrowed:
            found = [hit for hit in found if hit["_id"] in narrowed[0]["ids"]["values"]]
        start = body.get("from", 0)
        page = [dict(hit) for hit in found[start : start + body.get("size", 10)]]
        total = {"value": len(self.hits), "relation": "eq"}
        return {"took": 1, "hits": {"total": total, "max_score": None, "hits": page}}


def reranker(target: Any, student: Any = None, **settings: Any) -> Reranker:
    """A re-ranker with all the time in the world, unless told otherwise."""
    return Reranker(target, student or ReadableStudent(), **{"deadline_ms": 60_000, "states": Memory(), **settings})


def told(reply: dict[str, Any]) -> tuple[str, str | None]:
    """Status and reason of a reply."""
    return reply["ext"]["rerank"]["status"], reply["ext"]["rerank"]["reason"]

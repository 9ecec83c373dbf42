"""States that come with the hits, or from the store: what a window costs, and what writing and keeping them costs.

    python benchmarks/document_states.py --url http://localhost:9200 --catalogue products.jsonl --queries queries.txt

Makes indexes of its own (removed at the end), each with the same products and random int8 states of 384 numbers, kept
in one way: none (looked up in a store), as a list of numbers in ``_source``, as base64 text in ``_source``, as a binary
field of doc values; and, with the k-NN plugin, as text beside a vector to search by, which is in ``_source`` (whole) or
not (lean). All ways of a query follow each other, so that they meet the same machine. A window's time is from the
request to n states as bytes.
"""

from __future__ import annotations

import base64
import hashlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np
import orjson
from opensearchpy import OpenSearch

from endcap.index.boosts import text_query
from endcap.index.opensearch.client import FastJson
from endcap.index.opensearch.mapping import index_body
from endcap.index.product import Product, attribute_text
from endcap.index.readers.catalogue import read_products
from endcap.plugin.model.vector_states import state_of_numbers
from endcap.plugin.states.store import StateStore

SIZE = 384
VECTOR = {
    "type": "knn_vector",
    "dimension": SIZE,
    "data_type": "byte",
    "method": {"name": "hnsw", "engine": "lucene", "space_type": "cosinesimil"},
}
WORDS = {"model": {"type": "keyword"}, "key": {"type": "keyword"}}
TEXT = {"state": {"type": "binary"}}
LAYOUTS: dict[str, dict[str, Any]] = {
    "none": {},
    "numbers": WORDS,
    "text": {**WORDS, **TEXT},
    "binary": {**WORDS, "state": {"type": "binary", "doc_values": True}},
    "whole": {**WORDS, **TEXT, "vector": VECTOR},
    "lean": {**WORDS, **TEXT, "vector": VECTOR},
}
State = dict[str, Any]


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--catalogue", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--queries", "queries_file", required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--products", "count", default=10_000, show_default=True)
@click.option("--window", default=100, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--max-queries", default=20, show_default=True)
def main(url: str, catalogue: Path, queries_file: str, count: int, window: int, rounds: int, max_queries: int) -> None:
    """Print what each way costs to write, to keep and to fetch."""
    client = OpenSearch(url, serializer=FastJson(), timeout=300)
    products = list(islice(read_products(catalogue), count))
    rng = np.random.default_rng(0)
    states = {p.id: state_of_numbers(rng.integers(-127, 128, SIZE).tolist(), SIZE, "int8") or b"" for p in products}
    queries = [line.strip() for line in Path(queries_file).read_text(encoding="utf-8").splitlines() if line.strip()]
    has_knn = "opensearch-knn" in client.cat.plugins(format="json", h="component").__str__()
    layouts = [layout for layout, fields in LAYOUTS.items() if has_knn or "vector" not in fields]
    names = {layout: f"vectors-bench-{layout}-{time.time_ns()}" for layout in layouts}
    print(f"{len(products)} products, {client.info()['version']['number']}, {'with' if has_knn else 'without'} k-NN")
    with tempfile.TemporaryDirectory() as folder:
        store = StateStore.open(Path(folder))
        began = time.perf_counter()
        store.put([(_key(id), state) for id, state in states.items()])
        store_mb = sum(path.stat().st_blocks * 512 for path in Path(folder).glob("states.db*")) / 1e6
        print(f"store: written in {time.perf_counter() - began:.2f} s, {store_mb:.1f} MB")
        try:
            for layout, name in names.items():
                _write(client, name, layout, products, states)
            _read(client, names, store, queries[:max_queries], window, rounds)
        finally:
            for name in names.values():
                client.indices.delete(index=name, ignore_unavailable=True)
            store.close()


def _write(client: OpenSearch, name: str, layout: str, products: list[Product], states: dict[str, bytes]) -> None:
    """Load the products, then give them their states by partial updates, and print what that took."""
    body = index_body({}, 1, 0)
    if LAYOUTS[layout]:
        body["mappings"]["properties"]["endcap"] = {"properties": LAYOUTS[layout], "dynamic": False}
        body["settings"]["index"] |= {"knn": True} if "vector" in LAYOUTS[layout] else {}
        if layout == "lean":
            body["mappings"] = {**body["mappings"], "_source": {"excludes": ["attribute_text", "endcap.vector"]}}
    client.indices.create(index=name, body=body)
    began = time.perf_counter()
    for chunk in _chunks(products):
        client.bulk(index=name, body=b"".join(_lines("index", p.id, _document(p)) for p in chunk))
    loaded_s, began = time.perf_counter() - began, time.perf_counter()
    client.indices.refresh(index=name)
    if LAYOUTS[layout]:
        for chunk in _chunks(products):
            updates = ({"doc": {"endcap": _state(layout, p.id, states[p.id])}} for p in chunk)
            client.bulk(
                index=name, body=b"".join(_lines("update", p.id, u) for p, u in zip(chunk, updates, strict=True))
            )
    client.indices.refresh(index=name)
    updated_s = time.perf_counter() - began
    client.indices.forcemerge(index=name, max_num_segments=1)
    client.indices.flush(index=name)
    client.indices.refresh(index=name)
    size = client.indices.stats(index=name, metric="store")["_all"]["total"]["store"]["size_in_bytes"]
    print(
        f"{layout:>8}: loaded in {loaded_s:.1f} s, states written in {updated_s:.1f} s, {size / 1e6:.1f} MB", flush=True
    )


def _read(
    client: OpenSearch, names: dict[str, str], store: StateStore, queries: list[str], window: int, rounds: int
) -> None:
    def ask(layout: str, text: str, **body: Any) -> tuple[int, list[dict[str, Any]]]:
        request = {"query": text_query(text), "size": window, "track_total_hits": False, **body}
        _, _, raw = client.transport.get_connection().perform_request(
            "POST",
            f"/{names[layout]}/_search",
            body=orjson.dumps(request),
            headers={"content-type": "application/json"},
        )
        return len(raw), orjson.loads(raw)["hits"]["hits"]

    def store_of(text: str) -> tuple[int, int]:
        size, hits = ask("none", text)
        return size, sum(state is not None for state in store.get([_key(hit["_id"]) for hit in hits]))

    def of(layout: str, state_of: Callable[[Any], bytes | None], **body: Any) -> Callable[[str], tuple[int, int]]:
        def fetch(text: str) -> tuple[int, int]:
            size, hits = ask(layout, text, **body)
            return size, sum(state_of(hit) is not None for hit in hits)

        return fetch

    def text_of(hit: Any) -> bytes:
        return base64.b64decode(hit["_source"]["endcap"]["state"])

    def numbers_of(hit: Any) -> bytes | None:
        return state_of_numbers(hit["_source"]["endcap"]["vector"], SIZE, "int8")

    def binary_of(hit: Any) -> bytes:
        return _decoded(hit["fields"]["endcap.state"][0])

    without: dict[str, Any] = {"_source": {"excludes": ["endcap"]}}
    looked_up = {"docvalue_fields": ["endcap.state", "endcap.key", "endcap.model"], **without}
    ways = {
        "store": store_of,
        "text": of("text", text_of),
        "text beside a hidden vector": of("lean", text_of) if "lean" in names else None,
        "text beside a shown vector": of("whole", text_of) if "whole" in names else None,
        "numbers": of("numbers", numbers_of),
        "doc values": of("binary", binary_of, **looked_up),
        "text, not wanted, cut off": of("text", lambda hit: b"", **without),
    }
    ways = {name: way for name, way in ways.items() if way is not None}
    times: dict[str, list[float]] = {way: [] for way in ways}
    sizes: dict[str, list[int]] = {way: [] for way in ways}
    for number in range(rounds + 1):
        for text in queries:
            counts = {}
            for way, fetch in ways.items():
                began = time.perf_counter()
                size, counts[way] = fetch(text)
                if number:  # the first round warms
                    times[way].append((time.perf_counter() - began) * 1e3)
                    sizes[way].append(size)
            assert len(set(counts.values())) == 1, counts
    print(f"{'way':>28} {'median ms':>10} {'fastest tenth':>14} {'KB':>7}")
    for way, all_ms in times.items():
        fast = sorted(all_ms)[len(all_ms) // 10]
        print(f"{way:>28} {statistics.median(all_ms):10.2f} {fast:14.2f} {statistics.mean(sizes[way]) / 1e3:7.1f}")


def _decoded(value: str) -> bytes:
    """Binary doc values come as base64 for URLs, without its padding."""
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


def _document(product: Product) -> dict[str, Any]:
    return {**product.to_mapping(), "attribute_text": attribute_text(product)}


def _state(layout: str, id: str, state: bytes) -> State:
    parts: State = {"model": "0123456789abcdef", "key": _key(id).hex()}
    if layout != "numbers":
        parts["state"] = base64.b64encode(state).decode()
    if layout in ("numbers", "whole", "lean"):
        parts["vector"] = np.frombuffer(state[4:], np.int8).tolist()
    return parts


def _key(id: str) -> bytes:
    return hashlib.sha256(id.encode()).digest()


def _lines(action: str, id: str, body: dict[str, Any]) -> bytes:
    return orjson.dumps({action: {"_id": id}}) + b"\n" + orjson.dumps(body, default=str) + b"\n"


def _chunks(products: list[Product]) -> Iterator[list[Product]]:
    return (products[at : at + 500] for at in range(0, len(products), 500))


if __name__ == "__main__":
    main()

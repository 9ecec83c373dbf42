"""Does a re-ranked search keep what the body's rules have put above something else? On bodies as shops write them.

    python benchmarks/rules_kept.py --url http://localhost:9200

Makes an index of 130 products of a small shop, and searches it by 33 bodies, each for several texts. The judge asks the
engine itself: once with the whole body, and once with its text alone. Of two hits a and b of a window, a rule has put a
above b where the engine has a first with the rules, and not without. Where b comes first in the re-ranked window, that
is one violation. Printed are the violations in the engine's pairs that a rule has put so, re-ranked as if there were no
rules (``tiers: false``) and re-ranked, how far the student had its say (Kendall's tau between the re-ranked order and
the student's among the pairs that no rule has turned), and what the reply says.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from hashlib import blake2b
from types import SimpleNamespace
from typing import Any

import click
import numpy as np
from opensearchpy import OpenSearch

from endcap.index.opensearch.client import FastJson
from endcap.index.product import Product
from endcap.plugin import Reranker

TEXTS = ("usb cable", "braided usb charger", "long hub")
WORDS = ("usb", "cable", "charger", "case", "hub", "lamp", "braided", "long", "black", "white")
BRANDS = ("acme", "zen", "orbit", "nova", "kite")
MAPPING = {
    "properties": {
        "title": {"type": "text"},
        "description": {"type": "text"},
        "brand": {"type": "keyword"},
        "category": {"type": "keyword"},
        "sku": {"type": "keyword"},
        "price": {"type": "double"},
        "in_stock": {"type": "boolean"},
        "popularity": {"type": "integer"},
        "sales": {"type": "rank_feature"},
        "margin": {"type": "double"},
        "rating": {"type": "double"},
        "released": {"type": "date"},
        "tier": {"type": "integer"},
    }
}


def text_clause(text: str) -> dict[str, Any]:
    return {"multi_match": {"query": text, "fields": ["title^3", "description"], "type": "best_fields"}}


def _functions(*functions: Mapping[str, Any], **options: Any) -> Any:
    return lambda text: {"function_score": {"query": text, "functions": list(functions), **options}}


def _should(*clauses: Any) -> Any:
    return lambda text: {"bool": {"must": [text], "should": list(clauses)}}


def _script(source: str) -> Any:
    return lambda text: {"script_score": {"query": text, "script": {"source": source}}}


def _constant(boost: float, **filter: Any) -> dict[str, Any]:
    return {"constant_score": {"filter": filter, "boost": boost}}


IN_STOCK, SOLD_OUT, BRAND = {"term": {"in_stock": True}}, {"term": {"in_stock": False}}, {"term": {"brand": "acme"}}
POPULAR = {"field_value_factor": {"field": "popularity", "modifier": "log1p", "factor": 0.1, "missing": 0}}
# Each gives the body's query by the clause of its text, or (query, other keys of the body).
BODIES: dict[str, Any] = {
    "pins 1000, 990, 980": _should(*(_constant(b, ids={"values": [i]}) for b, i in ((1000, 7), (990, 20), (980, 3)))),
    "pins by terms": _should({"terms": {"_id": ["5", "9"], "boost": 500}}),
    "sold out x .1": _functions({"filter": SOLD_OUT, "weight": 0.1}),
    "sold out x .5": _functions({"filter": SOLD_OUT, "weight": 0.5}),
    "sold out, boosting .01": lambda t: {"boosting": {"positive": t, "negative": SOLD_OUT, "negative_boost": 0.01}},
    "in stock + 50": _should(_constant(50, term={"in_stock": True})),
    "in stock + 2": _should(_constant(2, term={"in_stock": True})),
    "brand x 1.5, stock x 3": _functions({"filter": BRAND, "weight": 1.5}, {"filter": IN_STOCK, "weight": 3}),
    "brand + 1, stock + 5 (sum)": _functions(
        {"filter": BRAND, "weight": 1}, {"filter": IN_STOCK, "weight": 5}, score_mode="sum", boost_mode="sum"
    ),
    "several should": _should(
        _constant(30, term={"brand": "acme"}), _constant(20, term={"brand": "zen"}), _constant(10, term={"tier": 1})
    ),
    "popularity log1p": _functions(POPULAR),
    "popularity log1p, sum": _functions(POPULAR, boost_mode="sum"),
    "popularity replaces": _functions(POPULAR, boost_mode="replace"),
    "decay by date": _functions({"gauss": {"released": {"origin": "2026-11-01", "scale": "90d", "decay": 0.5}}}),
    "decay and popularity": _functions(
        {"gauss": {"released": {"origin": "2026-11-01", "scale": "90d"}}, "weight": 2},
        POPULAR,
        score_mode="sum",
        boost_mode="multiply",
        max_boost=5,
    ),
    "rank_feature": _should({"rank_feature": {"field": "sales", "boost": 3}}),
    "rank_feature as a tier": _should({"rank_feature": {"field": "sales", "boost": 300, "log": {"scaling_factor": 2}}}),
    "distance_feature": _should(
        {"distance_feature": {"field": "released", "origin": "now", "pivot": "30d", "boost": 4}}
    ),
    "script, product": _script("_score * (1 + Math.log1p(doc['popularity'].value) / 10)"),
    "script, sum": _script("_score + (doc['in_stock'].value ? 100 : 0)"),
    "script with if": _script("if (doc['in_stock'].value) { return _score * 9; } return _score;"),
    "script that can't be read": _script("Math.sqrt(_score) + doc['popularity'].value / 50.0"),
    "nested functions": lambda t: _functions({"filter": SOLD_OUT, "weight": 0.2})(
        _should(_constant(8, term={"brand": "acme"}))(_functions(POPULAR)(t))
    ),
    "dis_max with an exact number": lambda t: {
        "dis_max": {"queries": [t, {"term": {"sku": {"value": "s7", "boost": 20}}}], "tie_breaker": 0.2}
    },
    "rescore by stock": lambda t: (
        t,
        {"rescore": {"window_size": 40, "query": {"rescore_query": _constant(100, **IN_STOCK)}}},
    ),
    "flags and a brand by match": _should(
        {"match": {"in_stock": {"query": "true", "boost": 30}}}, {"match": {"brand": {"query": "acme", "boost": 7}}}
    ),
    "numbers by prefix": _should({"prefix": {"sku": {"value": "s1", "boost": 40}}}),
    "six flags": _should(
        *(_constant(boost, term=term) for boost, term in ((1, {"brand": "acme"}), (0.8, {"in_stock": True}))),
        *(_constant(boost, term=term) for boost, term in ((0.6, {"tier": 1}), (0.5, {"category": "cables"}))),
        *(_constant(boost, range=r) for boost, r in ((0.4, {"price": {"lte": 30}}), (0.3, {"rating": {"gte": 4}}))),
    ),
    "pins under must": _should(*({"bool": {"must": {"ids": {"values": [i]}}, "boost": 90 - i}} for i in (3, 7))),
    "text x 10 in stock": lambda t: _should({"bool": {"must": [t], "filter": [IN_STOCK], "boost": 10}})(t),
    "text by stock, dis_max": lambda t: {
        "dis_max": {"queries": [t, {"bool": {"must": t, "filter": IN_STOCK, "boost": 5}}]}
    },
    "brand + .005": _should(_constant(0.005, term={"brand": "acme"})),
    "sort by tier and score": lambda t: (t, {"sort": [{"tier": "asc"}, "_score"]}),
}


class Opinion:
    """A student that knows what it thinks of each product, whatever the query is."""

    info = SimpleNamespace(name="opinion", checksum="0", fields=("title",), window=100, blend_weight=0.8)

    def text(self, product: Product) -> str:
        """The title."""
        return str(product.title)

    def key(self, text: str) -> bytes:
        """A hash of it."""
        return blake2b(text.encode(), digest_size=32).digest()

    def encode_batches(self, products: Any) -> Any:
        """A state is the title."""
        yield [(i, self.text(product).encode()) for i, product in enumerate(products)]

    def prepare(self, query: str) -> None:
        """Nothing is to be prepared."""

    def score_batches(self, query: str, items: Any) -> Any:
        """What the titles say."""
        yield np.arange(len(items)), np.array([float(item.decode().rpartition("#")[2]) for item in items])

    def vectors(self, states: Any) -> None:
        """There are none."""
        return None


def products(count: int, seed: int) -> list[dict[str, Any]]:
    """Products of a shop; the title ends with what the student thinks of it."""
    rng = np.random.default_rng(seed)
    return [
        {
            "title": " ".join(rng.choice(WORDS, rng.integers(2, 7))) + f" #{rng.normal():.4f}",
            "description": " ".join(rng.choice(WORDS, rng.integers(5, 30))),
            "brand": str(rng.choice(BRANDS)),
            "category": str(rng.choice(["cables", "power"])),
            "sku": f"s{i % 20}",
            "price": float(rng.integers(1, 100)),
            "in_stock": bool(rng.random() < 0.8),
            "popularity": int(rng.pareto(1.0) * 10),
            "sales": int(rng.pareto(1.0) * 10) + 1,
            "margin": float(rng.random()),
            "rating": float(rng.integers(1, 6)),
            "released": f"202{rng.integers(4, 7)}-{rng.integers(1, 11):02}-10",
            "tier": int(rng.integers(1, 4)),
        }
        for i in range(count)
    ]


def fill(client: OpenSearch, index: str, shards: int, count: int) -> None:
    client.indices.delete(index=index, ignore_unavailable=True)
    settings = {"number_of_shards": shards, "number_of_replicas": 0}
    client.indices.create(index=index, body={"settings": settings, "mappings": MAPPING})
    lines = [line for i, doc in enumerate(products(count, 0)) for line in ({"index": {"_id": str(i)}}, doc)]
    assert not client.bulk(index=index, body=lines, refresh=True)["errors"]


def put_by_rules(client: OpenSearch, index: str, body: Mapping[str, Any], text: Any, window: int) -> np.ndarray:
    """Whether a rule has put the engine's hit i above hit j, (n, n)."""
    hits = client.search(index=index, body={**body, "size": window})["hits"]["hits"]
    ids = [hit["_id"] for hit in hits]
    both = {"bool": {"should": [text], "filter": [{"ids": {"values": ids}}]}}
    by_text = {
        h["_id"]: h["_score"] for h in client.search(index=index, body={"query": both, "size": window})["hits"]["hits"]
    }
    alone = np.array([by_text[i] for i in ids])
    key = [tuple(hit["sort"][:-1]) if "sort" in hit else -float(f"{hit['_score']:.6g}") for hit in hits]  # rounded
    above = np.array([[a < b for b in key] for a in key])
    return above & (alone[:, None] <= alone[None, :])


def wrong(put: np.ndarray, engine: list[str], ranked: list[str]) -> int:
    """How many pairs that a rule has put so come the other way round."""
    place = {id: n for n, id in enumerate(ranked)}
    places = np.array([place[id] for id in engine])
    return int((put & (places[:, None] > places[None, :])).sum())


def say(put: np.ndarray, engine: list[str], hits: list[Mapping[str, Any]]) -> float:
    """Kendall's tau between the re-ranked order and the student's, among the pairs that no rule has turned."""
    place = {hit["_id"]: (n, hit.get("student_score")) for n, hit in enumerate(hits)}
    if any(score is None for _, score in place.values()):
        return float("nan")
    places, scores = np.array([place[id] for id in engine]).T
    free = np.triu(~(put | put.T), 1)
    agree = np.sign(places[None, :] - places[:, None]) * np.sign(scores[:, None] - scores[None, :])
    return float(agree[free].mean()) if free.any() else float("nan")


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--shards", default=1, show_default=True)
@click.option("--count", default=130, show_default=True)
@click.option("--rounds", default=0, help="Measure instead what the rules cost, in so many rounds.")
def main(url: str, shards: int, count: int, rounds: int) -> None:
    """Print violations by body, or milliseconds."""
    client, index = OpenSearch(url, serializer=FastJson()), f"rules-kept-{os.getpid()}"
    fill(client, index, shards, count)
    try:
        if rounds:
            print_times(client, index, rounds)
            return
        version = client.info()["version"]["number"]
        print(version, f"{count} products, {shards} shard(s), window 100, {len(TEXTS)} texts")
        print(f"{'body':32}{'pairs put':>10}{'no rules':>10}{'re-ranked':>10}{'say before':>11}{'say':>6}  reply")
        rows = [_row(client, index, name) for name in BODIES]
        for name, row in zip(BODIES, rows, strict=True):
            print(f"{name:32}{row[0]:10}{row[1]:10}{row[2]:10}{row[3]:11.2f}{row[4]:6.2f}  {row[5]}")
        print(f"{'all':32}" + "".join(f"{sum(row[n] for row in rows):10}" for n in range(3)))
    finally:
        client.indices.delete(index=index)


TIMED = ("pins 1000, 990, 980", "sold out x .1", "popularity log1p", "several should", "nested functions")


def print_times(client: OpenSearch, index: str, rounds: int) -> None:
    """What 100 candidates cost with and without keeping the rules, in turns: this process's CPU time, median, and the
    engine's time by the clock, the fastest tenth; in milliseconds."""
    reranker = Reranker(client, Opinion(), deadline_ms=60_000)
    print(f"{'body':32}{'CPU, no rules':>15}{'re-ranked':>11}{'engine, no rules':>18}{'re-ranked':>11}")
    for name in TIMED:
        times: list[list[tuple[float, float]]] = [[], []]
        for _ in range(rounds):
            for text in TEXTS:
                for n, options in enumerate(({"tiers": False}, {})):
                    body = {"query": BODIES[name](text_clause(text)), "size": 10, "ext": {"rerank": options}}
                    began_s = time.process_time()
                    told = reranker.search(index=index, body=body)["ext"]["rerank"]
                    times[n].append(((time.process_time() - began_s) * 1e3, told["stages"]["engine_ms"]))
        cpu = [np.median(np.array(each)[:, 0]) for each in times]
        engine = [np.quantile(np.array(each)[:, 1], 0.1) for each in times]
        print(f"{name:32}{cpu[0]:15.2f}{cpu[1]:11.2f}{engine[0]:18.2f}{engine[1]:11.2f}")


def _row(client: OpenSearch, index: str, name: str) -> list[Any]:
    reranker = Reranker(client, Opinion(), deadline_ms=60_000)
    total, says, reasons = np.zeros(3, dtype=int), [], set()
    for text in TEXTS:
        made = BODIES[name](text_clause(text))
        query, rest = made if isinstance(made, tuple) else (made, {})
        body = {"query": query, **rest}
        hits = client.search(index=index, body={**body, "size": 100})["hits"]["hits"]
        engine, put = [hit["_id"] for hit in hits], put_by_rules(client, index, body, text_clause(text), 100)
        total[0] += put.sum()
        tau = []
        asked = {"query_context": {"query_text": text}}
        for n, options in ((1, {**asked, "tiers": False}), (2, asked)):
            reply = reranker.search(index=index, body={**body, "size": 100, "ext": {"rerank": options}})
            total[n] += wrong(put, engine, [hit["_id"] for hit in reply["hits"]["hits"]])
            tau.append(say(put, engine, reply["hits"]["hits"]))
        says.append(tau)
        told = reply["ext"]["rerank"]
        reasons.add(f"{told['status']} {told['reason'] or ''} {told.get('detail', '')}".strip())
    return [*map(int, total), *np.mean(says, axis=0), "; ".join(sorted(reasons))]


if __name__ == "__main__":
    main()

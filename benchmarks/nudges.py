"""What it costs that nothing is turned back which a body's nudge has put so: nDCG@10 by the strength of the nudge.

    python benchmarks/nudges.py --url http://localhost:9200 [--datasets DATA]

The generated shop, whose popularity is simulated demand, and with ``--datasets`` two real ones, whose popularity is
drawn by chance, as a nudge that knows nothing of relevance. Each query is searched by the tuned BM25 inside a
``function_score``, and its window of 100 ordered by the engine, re-ranked, and re-ranked without minding rules
(``tiers: false``). "Put" is the share of the window's pairs that the nudge has put the other way round.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import click
import numpy as np
from opensearchpy import OpenSearch

from endcap.demo.queries import judgments
from endcap.demo.signals import products_with_signals
from endcap.evaluate.measures import mean, parse, score
from endcap.index.boosts import text_query
from endcap.index.judgments.reader import read_judgments
from endcap.index.opensearch.client import FastJson
from endcap.index.opensearch.mapping import index_body
from endcap.index.product import Product, attribute_text
from endcap.index.readers.catalogue import read_products
from endcap.plugin import Reranker, Student
from endcap.plugin.states.store import StateStore

FILES = {
    "chorus": ("chorus", "chorus/Broad_Query_Set_rated.csv"),
    "esci": ("esci-us/ubi_ecommerce_products.json.gz", "esci-us/esci_us_judgments.json"),
}
POPULAR = {"field": "popularity", "modifier": "log1p", "missing": 0}
LINES = 1000


def _functions(*functions: Mapping[str, Any], **options: Any) -> Callable[[Any], Any]:
    return lambda text: {"function_score": {"query": text, "functions": list(functions), **options}}


NUDGES: Mapping[str, Callable[[Any], Any]] = {
    "none": lambda text: text,
    "x (1 + log1p / 50)": _functions(
        {"weight": 1}, {"field_value_factor": {**POPULAR, "factor": 1}, "weight": 0.02}, score_mode="sum"
    ),
    "x (1 + log1p / 10)": _functions(
        {"weight": 1}, {"field_value_factor": {**POPULAR, "factor": 1}, "weight": 0.1}, score_mode="sum"
    ),
    "gauss, x 1 to .9": _functions(
        {"weight": 0.9},
        {"gauss": {"popularity": {"origin": 300, "scale": 150}}, "weight": 0.1},
        score_mode="sum",
    ),
    "gauss, x 1 to 0": _functions({"gauss": {"popularity": {"origin": 300, "scale": 150}}}),
    "x log1p": _functions({"field_value_factor": {**POPULAR, "factor": 1}}),
}


def shops(datasets: Path | None) -> Iterator[tuple[str, Iterable[Product], Mapping[str, Mapping[str, int]]]]:
    """Name, products with a ``popularity`` each, and grades."""
    yield "generated", products_with_signals(), judgments().grades
    rng = np.random.default_rng(0)
    for name, (catalogue, judged) in FILES.items() if datasets else ():
        products = (
            replace(product, extra={"popularity": float(int(rng.pareto(1.0) * 10))})
            for product in read_products(datasets / catalogue)
        )
        yield name, products, read_judgments(datasets / judged).grades


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--datasets", type=click.Path(path_type=Path))
@click.option("--shop", "only", help="One of the shops alone.")
def main(url: str, datasets: Path | None, only: str | None) -> None:
    """Print a table."""
    client, student = OpenSearch(url, serializer=FastJson(), timeout=60), Student.load()
    print("| shop | nudge | put | engine | re-ranked | rules not minded |\n|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as home:
        os.environ["ENDCAP_HOME"] = home
        states = StateStore.open()
        for name, products, grades in shops(datasets):
            if only not in (None, name):
                continue
            index = f"nudges-{name}-{os.getpid()}"
            try:
                _fill(client, index, products)
                reranker = Reranker(client, student, deadline_ms=600_000, states=states)
                for nudge, body in NUDGES.items():
                    print(
                        f"| {name} | {nudge} | {' | '.join(_row(client, reranker, index, body, grades))} |", flush=True
                    )
                reranker.close()
            finally:
                client.indices.delete(index=index, ignore_unavailable=True)
        states.close()


def _fill(client: OpenSearch, index: str, products: Iterable[Product]) -> None:
    body = index_body({}, 1, 0)
    body["mappings"]["properties"] |= {"popularity": {"type": "double"}}
    client.indices.create(index=index, body=body)
    products = iter(products)
    while some := list(islice(products, LINES)):
        lines: list[Any] = []
        for product in some:
            popular = {"attribute_text": attribute_text(product), "popularity": product.extra["popularity"]}
            lines += [{"index": {"_id": product.id}}, {**product.to_mapping(), "extra": {}, **popular}]
        answer = client.bulk(index=index, body=lines)
        assert not answer["errors"], answer["items"][0]
    client.indices.refresh(index=index)


def _row(
    client: OpenSearch,
    reranker: Reranker,
    index: str,
    body: Callable[[Any], Any],
    grades: Mapping[str, Mapping[str, int]],
) -> list[str]:
    pages: list[dict[str, list[str]]] = [{}, {}, {}]
    put = []
    for query in grades:
        text = text_query(query)
        asked = {"query": body(text), "_source": True}
        hits = client.search(index=index, body={**asked, "size": 100, "_source": False})["hits"]["hits"]
        pages[0][query] = [hit["_id"] for hit in hits[:10]]
        put.append(_put(client, index, text, hits))
        for page, options in ((1, {}), (2, {"tiers": False})):
            ext = {"rerank": {**options, "query_context": {"query_text": query}}}
            reply = reranker.search(index=index, body={**asked, "size": 10, "ext": ext})
            pages[page][query] = [hit["_id"] for hit in reply["hits"]["hits"]]
    measured = [score(page, grades, parse(["nDCG@10"])) for page in pages]
    return [f"{np.mean(put):.3f}", *(f"{mean(next(iter(by_query.values()))):.4f}" for by_query in measured)]


def _put(client: OpenSearch, index: str, text: Any, hits: list[Mapping[str, Any]]) -> float:
    """The share of pairs that the nudge has put the other way round."""
    if len(hits) < 2:
        return 0.0
    ids = [hit["_id"] for hit in hits]
    asked = {"query": {"bool": {"must": [text], "filter": [{"ids": {"values": ids}}]}}, "size": 100, "_source": False}
    alone = {hit["_id"]: hit["_score"] for hit in client.search(index=index, body=asked)["hits"]["hits"]}
    texts = np.array([alone[id] for id in ids])
    scores = np.array([hit["_score"] for hit in hits])
    turned = (scores[:, None] > scores[None, :] * (1 + 1e-6)) & (texts[:, None] < texts[None, :])
    return float(turned.sum() / (len(ids) * (len(ids) - 1) / 2))


if __name__ == "__main__":
    main()

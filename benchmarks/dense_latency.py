"""What candidates by meaning add to a re-ranked search, on an index that is there and holds vectors.

    python benchmarks/dense_latency.py --url http://localhost:9200 --index NAME --queries queries.txt

Each round sends every query re-ranked without and with candidates by meaning, in turns, so that both meet the same
machine. "cold": the text that the student scores is a new one in each search. "hot": it is one whose vector is
remembered, as of most of a shop's searches. "rules": the same with a body that demotes products below a price; such a
body's two searches go at the same time, and not as one. Before that every query is searched once, so that all states
are there. Figures are in milliseconds, over rounds and queries; "added" is the difference of the same query and round.
With --engine embedded the index is one of the embedded engine's.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

import click
from opensearchpy import OpenSearch

from endcap.index.boosts import text_query
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.opensearch.client import FastJson
from endcap.plugin import Reranker, Student
from endcap.plugin.search.page_memory import PageMemory

STAGES = ("query_ms", "engine_ms", "states_ms", "score_ms", "blend_ms")


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--engine", type=click.Choice(["opensearch", "embedded"]), default="opensearch", show_default=True)
@click.option("--index", required=True, help="An index with vectors, as 'endcap index --vectors' loads it.")
@click.option("--queries", "queries_file", required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--dense", default="50", show_default=True, help="Candidates by meaning; several with commas.")
@click.option("--rounds", default=10, show_default=True)
@click.option("--max-queries", default=50, show_default=True)
def main(url: str, engine: str, index: str, queries_file: str, dense: str, rounds: int, max_queries: int) -> None:
    """Print what is added, cold and hot."""
    client: Any = OpenSearch(url, pool_maxsize=4, serializer=FastJson())
    if engine == "embedded":
        client = EmbeddedEngine(index)
    student = Student.load()
    texts = [line.strip() for line in Path(queries_file).read_text(encoding="utf-8").splitlines() if line.strip()]
    given = texts[:max_queries]
    texts = [text for text in given if _is_ordered(client, index, text)]
    click.echo(f"{len(texts)} queries; left out, as they find less than two products: {len(given) - len(texts)}")
    bodies = [{"query": text_query(text), "size": 10} for text in texts]
    # A memory that forgets at once: every search does all of its work.
    ways = {
        n: Reranker(client, student, dense=n, deadline_ms=600_000, memory=PageMemory(ttl_s=0.0))
        for n in (0, *map(int, dense.split(",")))
    }
    ruled = [{**body, "query": _with_rule(body["query"])} for body in bodies]
    for way in ways.values():
        for body in (*bodies, *ruled):
            way.search(index=index, body=body)
            way.wait()
    for name in ("hot", "cold", "rules"):
        samples = _measure(index, texts, ruled if name == "rules" else bodies, ways, rounds, cold=name == "cold")
        for n in ways:
            _print(name, n, samples[n], samples[0])


def _is_ordered(client: Any, index: str, text: str) -> bool:
    """Whether the engine finds products to order: with less, a search without candidates by meaning is skipped."""
    reply = client.search(index=index, body={"query": text_query(text), "size": 2, "_source": False})
    return len(reply["hits"]["hits"]) > 1


def _with_rule(query: dict[str, Any]) -> dict[str, Any]:
    return {
        "function_score": {"query": query, "functions": [{"filter": {"range": {"price": {"lt": 10}}}, "weight": 0.1}]}
    }


def _measure(
    index: str, texts: list[str], bodies: list[dict[str, Any]], ways: dict[int, Reranker], rounds: int, cold: bool
) -> dict[int, list[dict[str, float]]]:
    """A record of milliseconds per search for each way, in the same order for each."""
    samples: dict[int, list[dict[str, float]]] = {n: [] for n in ways}
    for turn in range(rounds):
        for position, body in enumerate(bodies):
            order = list(ways)
            shift = (turn + position) % len(order)
            for n in order[shift:] + order[:shift]:
                text = texts[position] + (f" {turn}{position}{n}" if cold else "")
                context = {"rerank": {"query_context": {"query_text": text}}}
                began = time.perf_counter()
                said = ways[n].search(index=index, body=body | {"ext": context})["ext"]["rerank"]
                total = (time.perf_counter() - began) * 1e3
                if said.get("detail") and not said.get("added"):
                    raise click.ClickException(f"no candidates by meaning: {said}")
                samples[n].append({"total_ms": total, "added": said.get("added", 0), **said["stages"]})
    return samples


def _print(name: str, n: int, samples: list[dict[str, float]], plain: list[dict[str, float]]) -> None:
    totals = [sample["total_ms"] for sample in samples]
    added = [sample["total_ms"] - other["total_ms"] for sample, other in zip(samples, plain, strict=True)]
    stages = ", ".join(f"{s} {statistics.median(x.get(s, 0.0) for x in samples):.2f}" for s in STAGES)
    joined = statistics.mean(sample["added"] for sample in samples)
    median, slow, fast = statistics.median(totals), _part(totals, 95), _part(totals, 10)
    shown = f"median {median:.2f}, 95 % {slow:.2f}, fastest tenth {fast:.2f}"
    print(f"{name}, dense {n}: {shown}; {joined:.1f} joined; {stages}")
    if n:
        before = [sample["total_ms"] for sample in plain]
        fastest = fast - _part(before, 10)
        ratio = median / statistics.median(before)
        shown = f"median {statistics.median(added):+.2f}, 95 % {_part(added, 95):+.2f}, fastest tenth {fastest:+.2f}"
        print(f"    added: {shown}; ratio of the medians {ratio:.2f}")


def _part(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]


if __name__ == "__main__":
    main()

"""What the middleware adds to a search, stage by stage, on an index that is there.

    python benchmarks/middleware_latency.py --url http://localhost:9200 --index NAME --queries queries.txt

Each round sends every query once plain and once re-ranked with each window, in an order that turns, so that all meet
the same machine. The text that the student scores is a new one in each search: it remembers the vectors of recent
queries, and without that all but the first round would measure its memory. Before that every query is searched once
without a deadline, so that all states are there. Figures are medians over rounds and queries; "added" is the median of
(re-ranked minus plain) of the same query and round.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import click
from opensearchpy import OpenSearch

from endcap.index.boosts import text_query
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.client import FastJson
from endcap.plugin import Reranker, Student
from endcap.plugin.search.page_memory import PageMemory

STAGES = ("engine_ms", "states_ms", "encode_ms", "score_ms", "blend_ms", "page_ms")


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--index", required=True)
@click.option("--map", "field_map", default="", help="Field mapping of the index, as in title=name,brand=maker.")
@click.option("--queries", "queries_file", type=click.Path(exists=True, dir_okay=False), help="A query per line.")
@click.option("--model", default=None, help="A model folder; by default the one that is shipped.")
@click.option("--windows", default="100,500", show_default=True)
@click.option("--size", default=10, show_default=True, help="Hits on a page.")
@click.option("--rounds", default=20, show_default=True)
@click.option("--max-queries", default=50, show_default=True)
@click.option("--plain-json", is_flag=True, help="The client's own JSON instead of orjson.")
@click.option("--json", "json_file", default=None, help="Write the figures here as well.")
def main(
    url: str,
    index: str,
    field_map: str,
    queries_file: str | None,
    model: str | None,
    windows: str,
    size: int,
    rounds: int,
    max_queries: int,
    plain_json: bool,
    json_file: str | None,
) -> None:
    """Measure what re-ranking adds to a search, for each window."""
    fields = FieldMap.parse(field_map)
    client = OpenSearch(url, pool_maxsize=4, **({} if plain_json else {"serializer": FastJson()}))
    student = Student.load(model)
    queries = _queries(client, index, fields, queries_file)[:max_queries]
    bodies = [{"query": text_query(text, fields), "size": size} for text in queries]
    ways = {int(window): _reranker(client, student, fields, int(window)) for window in windows.split(",")}
    _warm(index, bodies, ways[max(ways)])
    samples = _measure(client, index, bodies, ways, rounds)
    report = _report(samples, ways)
    report |= {"queries": len(queries), "rounds": rounds, "size": size, "model": student.info.name}
    report |= {"documents": client.count(index=index)["count"], "cores": os.cpu_count(), "orjson": not plain_json}
    _print(report)
    if json_file:
        Path(json_file).write_text(json.dumps(report, indent=2) + "\n")


def _queries(client: OpenSearch, index: str, fields: FieldMap, file: str | None) -> list[str]:
    if file:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if line.strip()]
    # Two or three words of random products' titles: what people type is of that length.
    body = {"query": {"function_score": {"random_score": {"seed": 7, "field": "_seq_no"}}}, "size": 200}
    chance = random.Random(7)
    texts = []
    for hit in client.search(index=index, body=body)["hits"]["hits"]:
        words = fields.product(hit["_source"]).title.split()
        if words:
            texts.append(" ".join(words[: chance.choice((2, 3))]))
    return texts


def _reranker(client: OpenSearch, student: Student, fields: FieldMap, window: int) -> Reranker:
    # A memory that forgets at once: every search does all of its work.
    return Reranker(client, student, window=window, deadline_ms=600_000, fields=fields, memory=PageMemory(ttl_s=0.0))


def _warm(index: str, bodies: list[dict[str, Any]], reranker: Reranker) -> None:
    for done, body in enumerate(bodies, 1):
        reranker.search(index=index, body=body)
        reranker.wait()
        print(f"\rreading products in advance: query {done} of {len(bodies)}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)


def _measure(
    client: OpenSearch, index: str, bodies: list[dict[str, Any]], ways: dict[int, Reranker], rounds: int
) -> dict[int, list[dict[str, float]]]:
    """Per window (0: plain), a record of milliseconds per search, in the same order for each."""
    samples: dict[int, list[dict[str, float]]] = {way: [] for way in (0, *ways)}
    for turn in range(rounds):
        for position, body in enumerate(bodies):
            order = [0, *ways]
            shift = (turn + position) % len(order)
            for way in order[shift:] + order[:shift]:
                began = time.perf_counter()
                if way == 0:
                    client.search(index=index, body=body)
                    stages: dict[str, float] = {}
                else:
                    # In letters: a digit would make each search one for a number, with more to compare.
                    new = "".join("abcdefghij"[int(digit)] for digit in f"{turn}{position}{way}")
                    text = f"{body['query']['multi_match']['query']} {new}"
                    context = {"rerank": {"query_context": {"query_text": text}}}
                    rerank = ways[way].search(index=index, body=body | {"ext": context})["ext"]["rerank"]
                    if rerank["status"] not in ("reranked", "skipped"):
                        raise click.ClickException(f"a search was not re-ranked: {rerank}")
                    stages = rerank["stages"]
                samples[way].append({"total_ms": (time.perf_counter() - began) * 1e3, **stages})
    return samples


def _report(samples: dict[int, list[dict[str, float]]], ways: dict[int, Reranker]) -> dict[str, Any]:
    plain_ms = [sample["total_ms"] for sample in samples[0]]
    rows = {}
    for way in ways:
        totals = [sample["total_ms"] for sample in samples[way]]
        added = [total - before for total, before in zip(totals, plain_ms, strict=True)]
        row = {"total_ms": statistics.median(totals), "added_ms": statistics.median(added), "added_p90_ms": _p90(added)}
        for stage in STAGES:
            row[stage] = statistics.median(sample.get(stage, 0.0) for sample in samples[way])
        row["other_ms"] = statistics.median(
            sample["total_ms"] - sum(sample.get(stage, 0.0) for stage in STAGES) for sample in samples[way]
        )
        rows[str(way)] = {name: round(value, 3) for name, value in row.items()}
    return {"plain_ms": round(statistics.median(plain_ms), 3), "windows": rows}


def _p90(values: list[float]) -> float:
    return sorted(values)[int(0.9 * (len(values) - 1))]


def _print(report: dict[str, Any]) -> None:
    print(
        f"{report['documents']} documents, {report['queries']} queries x {report['rounds']} rounds, page of "
        f"{report['size']}, {report['model']}, {report['cores']} cores; milliseconds, medians"
    )
    names = ["total_ms", "added_ms", "added_p90_ms", *STAGES, "other_ms"]
    print(f"{'window':>8}" + "".join(f"{name.removesuffix('_ms'):>11}" for name in names))
    print(f"{'plain':>8}{report['plain_ms']:11.2f}")
    for window, row in report["windows"].items():
        print(f"{window:>8}" + "".join(f"{row[name]:11.2f}" for name in names))


if __name__ == "__main__":
    main()

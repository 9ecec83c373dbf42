"""One request for the window and the page, or two? The ways side by side, on an index that is there.

    python benchmarks/window_requests.py --url http://localhost:9200 --index NAME --queries queries.txt

For each window and each thing that a body may ask for: the plain search; the window with the student's fields alone
(lean), and a second request for the page's hits; the window with whole sources, and a second request; and everything
in one. All ways of a query follow each other, so that they meet the same machine.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from opensearchpy import OpenSearch

from endcap.index.boosts import text_query
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.client import FastJson

EXTRAS: dict[str, dict[str, Any]] = {
    "_source": {},
    "fields": {"fields": ["brand"]},
    "highlight": {"highlight": {"fields": {"title": {}, "description": {}}}},
    "explain": {"explain": True},
}
LEAN = ["title", "brand", "category", "attributes", "description"]


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--index", required=True, help="An index that endcap has loaded.")
@click.option("--queries", "queries_file", required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--windows", default="100,500", show_default=True)
@click.option("--size", default=10, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option("--max-queries", default=12, show_default=True)
def main(url: str, index: str, queries_file: str, windows: str, size: int, rounds: int, max_queries: int) -> None:
    """Print the median and the fastest tenth of each way, in milliseconds."""
    client = OpenSearch(url, serializer=FastJson())
    queries = [line.strip() for line in Path(queries_file).read_text(encoding="utf-8").splitlines() if line.strip()]
    fields = FieldMap().restrict(LEAN).source_fields()

    def search(**body: Any) -> list[str]:
        return [hit["_id"] for hit in client.search(index=index, body=body)["hits"]["hits"]]

    print(f"{'window':>7} {'asked for':>10}" + "".join(f"{way:>20}" for way in _ways(search, {}, fields, 1, size)))
    for window in map(int, windows.split(",")):
        for name, extras in EXTRAS.items():
            ways = _ways(search, extras, fields, window, size)
            times: dict[str, list[float]] = {way: [] for way in ways}
            for _ in range(rounds):
                for text in queries[:max_queries]:
                    for way, run in ways.items():
                        began = time.perf_counter()
                        run(text_query(text))
                        times[way].append((time.perf_counter() - began) * 1e3)
            cells = [
                f"{statistics.median(all_ms):8.1f} ({sorted(all_ms)[len(all_ms) // 10]:.1f})"
                for all_ms in times.values()
            ]
            print(f"{window:>7} {name:>10}" + "".join(f"{cell:>20}" for cell in cells), flush=True)


def _ways(
    search: Callable[..., list[str]], extras: dict[str, Any], fields: list[str], window: int, size: int
) -> dict[str, Callable[[dict[str, Any]], object]]:
    def page(query: dict[str, Any], ids: list[str]) -> list[str]:
        only = {"filter": [{"ids": {"values": ids[:size]}}]}
        narrowed = {"bool": {"must": [query], **only} if "highlight" in extras or "explain" in extras else only}
        return search(query=narrowed, size=size, track_total_hits=False, **extras)

    return {
        "plain": lambda query: search(query=query, size=size, **extras),
        "lean": lambda query: search(query=query, size=window, _source=fields),
        "lean+page": lambda query: page(query, search(query=query, size=window, _source=fields)),
        "whole+page": lambda query: page(query, search(query=query, size=window)),
        "all in one": lambda query: search(query=query, size=window, **extras),
    }


if __name__ == "__main__":
    main()

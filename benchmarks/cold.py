"""What a search costs whose products are new to the process, beside one that meets them again: CPU, not waiting.

    endcap index products.jsonl --name shop        # states, keys and words are read in advance
    python benchmarks/cold.py --index shop --queries queries.txt

Each figure is milliseconds of CPU a search (``time.process_time``: all threads, and the embedded engine's own work),
the median over rounds of the mean over the queries, each round in a process of its own. There the searches run twice,
after others that begin what begins once: the first time is cold, the second hot. What the student scores is a new text
each time, as it remembers the vectors of recent queries. "nothing kept" is cold with the states alone in the store.
Queries of which the engine finds less than two products are left out: there is nothing to order.
"""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click

from endcap.index.open_engine import open_engine
from endcap.index.settings import list_settings
from endcap.plugin import Reranker, Student
from endcap.plugin.search.page_memory import PageMemory
from endcap.plugin.states.store import StateStore

BEGINNING = 8
"""Searches before those that are measured."""


class StatesAlone:
    """A store of states that takes nothing else."""

    def __init__(self, store: StateStore) -> None:
        self._store = store

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Those of the store."""
        return self._store.get(keys)

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> int:
        """Into the store."""
        return self._store.put(items)


@click.command()
@click.option("--index", required=True, help="An index that endcap knows.")
@click.option("--queries", "queries_file", type=click.Path(exists=True, dir_okay=False), help="A query per line.")
@click.option("--count", default=60, show_default=True, help="Searches.")
@click.option("--window", default=100, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option(
    "--one", type=click.Choice(["kept", "alone"]), help="One round, as JSON: what this script calls itself with."
)
def main(index: str, queries_file: str | None, count: int, window: int, rounds: int, one: str | None) -> None:
    """Measure cold and hot searches."""
    if one:
        click.echo(json.dumps(measured(index, queries_file, count, window, one == "kept")))
        return
    figures = list[tuple[float, float, float]]()
    for number in range(rounds):
        cold, hot, count, left_out = _round("kept")
        nothing, *_ = _round("alone")
        figures.append((cold, hot, nothing))
        click.echo(f"round {number + 1}: cold {cold:.2f}, hot {hot:.2f}, nothing kept {nothing:.2f}", err=True)
    cold, hot, nothing = (statistics.median(column) for column in zip(*figures, strict=True))
    click.echo(f"{index}, window {window}, {count} searches, {rounds} rounds; milliseconds of CPU a search")
    click.echo(f"left out, as they find less than two products: {left_out}")
    click.echo(f"cold {cold:.2f}  hot {hot:.2f}  cold / hot {cold / hot:.2f}  nothing kept {nothing:.2f}")


def _round(store: str) -> tuple[float, float, int, int]:
    run = subprocess.run([sys.executable, *sys.argv, "--one", store], check=True, capture_output=True, text=True)
    cold, hot, count, left_out = json.loads(run.stdout)
    return cold, hot, count, left_out


def measured(
    index: str, queries_file: str | None, count: int, window: int, kept: bool
) -> tuple[float, float, int, int]:
    """Milliseconds of CPU a search, cold and hot; of how many searches, and how many queries were left out."""
    settings = next(each for each in list_settings() if each.name == index)
    engine, store = open_engine(settings), StateStore.open()
    states = store if kept else StatesAlone(store)
    reranker = Reranker(
        engine, Student.load(), window, deadline_ms=600_000, states=states, memory=PageMemory(ttl_s=0.0)
    )
    index_name = settings.index or settings.name
    given = _queries(engine, queries_file)[: count + BEGINNING]
    texts = [text for text in given if _is_ordered(engine, index_name, text)]
    if len(texts) <= BEGINNING:
        raise click.ClickException(f"{len(texts)} of {len(given)} queries find two products or more: give others.")
    count, left_out = len(texts) - BEGINNING, len(given) - len(texts)

    def searched(texts: Sequence[str], turn: str) -> float:
        began = time.process_time()
        for text in texts:
            context = {"rerank": {"query_context": {"query_text": f"{text} {turn}"}}}
            body = {"query": engine.text_query(text), "size": 10, "ext": context}
            told = reranker.search(index=index_name, body=body)["ext"]["rerank"]
            if told["status"] != "reranked":
                raise click.ClickException(f"a search was not re-ranked: {told}. Run 'endcap index' first.")
        return (time.process_time() - began) * 1e3 / len(texts)

    searched(texts[count:], "xa")
    return searched(texts[:count], "xb"), searched(texts[:count], "xc"), count, left_out


def _is_ordered(engine: Any, index: str, text: str) -> bool:
    """Whether the engine finds products to order; no ``_source``, so that none is met before its time."""
    reply = engine.search(index=index, body={"query": engine.text_query(text), "size": 2, "_source": False})
    return len(reply["hits"]["hits"]) > 1


def _queries(engine: Any, file: str | None) -> list[str]:
    if file:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
        return [line.strip() for line in lines if line.strip()]
    # Two words of products' titles: what people type is of that length.
    titles = [product.title.split()[:2] for product in engine.products()]
    return [" ".join(words) for words in random.Random(7).sample(titles, min(len(titles), 500))]


if __name__ == "__main__":
    main()

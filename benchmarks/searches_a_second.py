"""Searches a second of one process and of several, plain and re-ranked, on an index that is there.

    python benchmarks/searches_a_second.py --url http://localhost:9200 --index NAME --queries queries.txt

Each process asks from so many threads, or from so many tasks of one event loop (``--asyncio``), for ``--seconds``. All
products were read before, and the texts are those of the file, in turn: the student remembers their vectors, as for a
shop's frequent searches. CPU is that of the asking processes, without the cluster's.
"""

from __future__ import annotations

import asyncio
import itertools
import multiprocessing
import resource
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
from opensearchpy import AsyncOpenSearch, OpenSearch

from endcap.index.boosts import text_query
from endcap.index.field_map import FieldMap
from endcap.plugin import Reranker, Student

WARM_S = 1.0
Told = tuple[Counter[str], float, float]
"""How searches went, seconds, and CPU seconds."""


@click.command()
@click.option("--url", default="http://localhost:9200", show_default=True)
@click.option("--index", required=True)
@click.option("--map", "field_map", default="", help="Field mapping of the index, as in title=name,brand=maker.")
@click.option("--queries", "queries_file", type=click.Path(exists=True, dir_okay=False), required=True)
@click.option("--processes", default="1,2", show_default=True)
@click.option("--at-once", default="1,4", show_default=True, help="Searches at once in each process.")
@click.option("--asyncio", "in_loop", is_flag=True, help="From tasks of one event loop in the place of threads.")
@click.option("--seconds", default=4.0, show_default=True)
def main(
    url: str, index: str, field_map: str, queries_file: str, processes: str, at_once: str, in_loop: bool, seconds: float
) -> None:
    """Measure searches a second."""
    queries = [line.strip() for line in Path(queries_file).read_text().splitlines() if line.strip()]
    fields = FieldMap.parse(field_map)
    bodies = [{"query": text_query(query, fields), "size": 10} for query in queries]
    read_all(url, index, fields, bodies)
    print("| processes | at once in each | plain, a second | re-ranked, a second | CPU ms a search | not re-ranked |")
    print("|---|---|---|---|---|---|")
    for n_processes, n_at_once in itertools.product(map(int, processes.split(",")), map(int, at_once.split(","))):
        setting = (url, index, fields, bodies, n_at_once, in_loop, seconds)
        plain, _, _ = of_processes(n_processes, setting, False)
        rate, cpu_ms, others = of_processes(n_processes, setting, True)
        print(f"| {n_processes} | {n_at_once} | {plain:.0f} | {rate:.0f} | {cpu_ms:.1f} | {others:.1%} |", flush=True)


def read_all(url: str, index: str, fields: FieldMap, bodies: list[dict[str, Any]]) -> None:
    """Search for each text once, and wait until all that was found is read."""
    reranker = Reranker(OpenSearch(url), Student.load(), fields=fields)
    for body in bodies:
        reranker.search(index=index, body=body)
    reranker.wait(600)
    reranker.close()


def of_processes(n_processes: int, setting: Any, is_reranked: bool) -> tuple[float, float, float]:
    """Searches a second of all processes, CPU milliseconds a search, and the share that was not re-ranked."""
    context = multiprocessing.get_context("spawn")
    start, told = context.Barrier(n_processes, timeout=60), context.Queue()
    about = (start, told, setting, is_reranked)
    running = [context.Process(target=one_process, args=about, daemon=True) for _ in range(n_processes)]
    for process in running:
        process.start()
    found: list[Told] = [told.get(timeout=90 + setting[-1]) for _ in running]
    for process in running:
        process.join()
    counts = sum((counter for counter, _, _ in found), Counter[str]())
    rate = sum(counter.total() / took_s for counter, took_s, _ in found)
    cpu_ms = 1e3 * sum(cpu_s for _, _, cpu_s in found) / counts.total()
    return rate, cpu_ms, 1 - counts["reranked"] / counts.total()


def one_process(start: Any, told: Any, setting: Any, is_reranked: bool) -> None:
    """What a process does: warm up, wait for the others, search, tell."""
    url, index, fields, bodies, n_at_once, in_loop, seconds = setting
    run = in_tasks if in_loop else in_threads
    student = Student.load()

    def searcher(client: Any) -> Any:
        return Reranker(client, student, fields=fields).search if is_reranked else client.search

    run(url, index, bodies, n_at_once, WARM_S, searcher)
    start.wait()
    began_s, cpu_s = time.perf_counter(), _cpu_s()
    counts = run(url, index, bodies, n_at_once, seconds, searcher)
    told.put((counts, time.perf_counter() - began_s, _cpu_s() - cpu_s))


def in_threads(url: str, index: str, bodies: Any, n_at_once: int, seconds: float, searcher: Any) -> Counter[str]:
    """How searches from threads went."""
    search, counts = searcher(OpenSearch(url, pool_maxsize=n_at_once)), Counter[str]()
    end_s, turn = time.perf_counter() + seconds, itertools.cycle(bodies)

    def work() -> None:
        while time.perf_counter() < end_s:
            counts[_status(search(index=index, body=next(turn)))] += 1

    threads = [threading.Thread(target=work) for _ in range(n_at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return counts


def in_tasks(url: str, index: str, bodies: Any, n_at_once: int, seconds: float, searcher: Any) -> Counter[str]:
    """How searches from tasks went."""
    counts, turn = Counter[str](), itertools.cycle(bodies)

    async def all_of_them() -> None:
        async with AsyncOpenSearch(url, maxsize=n_at_once) as client:
            search, end_s = searcher(client), time.perf_counter() + seconds

            async def work() -> None:
                while time.perf_counter() < end_s:
                    counts[_status(await search(index=index, body=next(turn)))] += 1

            await asyncio.gather(*(work() for _ in range(n_at_once)))

    asyncio.run(all_of_them())
    return counts


def _status(reply: Any) -> str:
    return str(reply.get("ext", {}).get("rerank", {}).get("status", "plain"))


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


if __name__ == "__main__":
    main()

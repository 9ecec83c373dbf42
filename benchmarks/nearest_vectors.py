"""How long the embedded engine's knn clause takes, by the number of vectors: comparing all, and by usearch's graph.

    python benchmarks/nearest_vectors.py --counts 10000,100000,1000000 --graph-up-to 100000

Made int8 vectors of 384 numbers, in clusters and of few dimensions, as products' lie. Printed are the milliseconds of
a search for 100 neighbours: CPU (what it takes of a core, whatever else runs), median and fastest; of a graph also what
making it takes, and how many of the 100 it finds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import numpy as np

from endcap.index.embedded import knn, neighbours

SIZE, DIMENSIONS, CLUSTERS, K = 384, 48, 2000, 100


@click.command()
@click.option("--counts", default="10000,100000,1000000", show_default=True)
@click.option("--graph-up-to", default=100_000, show_default=True, help="Of how many vectors a graph is made at most.")
@click.option("--searches", default=15, show_default=True)
def main(counts: str, graph_up_to: int, searches: int) -> None:
    """Print a row for each number of vectors, and each way."""
    rng = np.random.default_rng(0)
    basis, centres = rng.normal(size=(DIMENSIONS, SIZE)), rng.normal(size=(CLUSTERS, DIMENSIONS))

    def vectors(count: int) -> np.ndarray:
        inner = centres[rng.integers(0, CLUSTERS, count)] + 0.5 * rng.normal(size=(count, DIMENSIONS))
        rows = (inner @ basis).astype(np.float32)
        return np.rint(rows / np.abs(rows).max(axis=1, keepdims=True) * 127).astype(np.int8)

    asked = vectors(searches).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    print(f"{'vectors':>9} {'way':>6} {'CPU ms':>8} {'median ms':>10} {'fastest ms':>11}")
    for count in map(int, counts.split(",")):
        matrix = np.concatenate([vectors(min(50_000, count - at)) for at in range(0, count, 50_000)])
        norms = [np.linalg.norm(matrix[at : at + 50_000].astype(np.float32), axis=1) for at in range(0, count, 50_000)]
        rows: Any = SimpleNamespace(matrix=matrix, inverse_norms=(1 / np.concatenate(norms)).astype(np.float32))

        def exact(vector: np.ndarray, rows: Any = rows) -> np.ndarray:
            every = np.arange(len(rows.matrix))
            return knn._best_near(rows, vector, every, knn._cosines(rows, vector, None), K)[0]

        best = _measure(f"{count:>9} {'all':>6}", exact, asked)
        if count > graph_up_to:
            continue
        with tempfile.TemporaryDirectory() as folder:
            neighbours.LEAST_ROWS, began = 0, time.process_time()
            neighbours.write_graph(Path(folder), matrix)
            made_s = time.process_time() - began
            graph = neighbours.read_graph(Path(folder), matrix)
            size_mb = (Path(folder) / neighbours.FILE).stat().st_size / 1e6

            def near(vector: np.ndarray, rows: Any = rows, graph: Any = graph) -> np.ndarray:
                found = neighbours.probably_nearest(graph, rows.matrix, vector, K)
                return knn._best(rows, vector, found, K)[0]

            got = _measure(f"{count:>9} {'graph':>6}", near, asked)
            share = statistics.mean(len(set(a) & set(b)) / K for a, b in zip(got, best, strict=True))
            print(f"          made in {made_s:.0f} s of CPU, {size_mb:.0f} MB, finds {share:.3f} of the {K} nearest")


def _measure(name: str, search: Callable[[np.ndarray], np.ndarray], asked: np.ndarray) -> list[list[int]]:
    found, wall, cpu = [], [], []
    for vector in asked:
        began, cpu_began = time.perf_counter(), time.process_time()
        found.append(search(vector).tolist())
        wall.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - cpu_began) * 1e3)
    print(f"{name} {statistics.median(cpu):8.1f} {statistics.median(wall):10.1f} {min(wall):11.1f}", flush=True)
    return found


if __name__ == "__main__":
    main()

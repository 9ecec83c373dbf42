"""A graph of neighbours (HNSW, by usearch) for catalogues so large that comparing all vectors outlasts a search.

It is optional: ``pip install 'endcap[neighbours]'``. Written beside at least ``LEAST_ROWS`` vectors, it gives the rows
that are probably nearest; these are then compared exactly. Without it, or where it gives too few, all are.
"""

from __future__ import annotations

import importlib.util
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from usearch.index import Index

LOG = logging.getLogger("endcap.embedded")

LEAST_ROWS = 200_000
FILE = "neighbours.usearch"
_LINKS, _LOOKED_AT_ADDING, _LOOKED_AT = 16, 64, 200
_SHARE = 4
"""Of a graph so many times as many are asked for as are wanted: the more, the surer the nearest are among them."""


def write_graph(folder: Path, matrix: np.ndarray) -> None:
    """Make the graph of the vectors, int8 or float32 (n, d), where there are enough and usearch is installed."""
    if len(matrix) < LEAST_ROWS:
        return
    if not _is_installed():
        LOG.warning(
            "%d vectors are compared one by one at each search. A graph of neighbours makes that faster: "
            "pip install 'endcap[neighbours]', then write them again.",
            len(matrix),
        )
        return
    graph = _empty(matrix)
    graph.add(np.arange(len(matrix)), matrix)
    graph.save(str(folder / FILE))


def read_graph(folder: Path, matrix: np.ndarray) -> Index | None:
    """The graph, mapped; None where there is none, or it can't be read here."""
    if not (folder / FILE).exists() or not _is_installed():
        return None
    graph = _empty(matrix)
    graph.view(str(folder / FILE))
    return graph


def probably_nearest(graph: Index, matrix: np.ndarray, vector: np.ndarray, count: int) -> np.ndarray:
    """Rows, int64 (at most ``4 * count``,), among which the ``count`` nearest to a unit vector probably are, rising."""
    if matrix.dtype == np.int8:
        vector = np.rint(vector * (127 / np.abs(vector).max()))
    found = graph.search(vector.astype(matrix.dtype), min(_SHARE * count, len(matrix)))
    return np.sort(np.asarray(found.keys).astype(np.int64))


def _is_installed() -> bool:
    return importlib.util.find_spec("usearch") is not None


def _empty(matrix: np.ndarray) -> Index:
    from usearch.index import Index

    return Index(
        ndim=matrix.shape[1],
        metric="cos",
        dtype="i8" if matrix.dtype == np.int8 else "f32",
        connectivity=_LINKS,
        expansion_add=_LOOKED_AT_ADDING,
        expansion_search=_LOOKED_AT,
    )

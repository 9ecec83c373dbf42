"""The ``knn`` clause: exact search for the nearest vectors, under a filter (of very many, see ``neighbours.py``).

    {"knn": {"endcap.vector": {"vector": [...], "k": 10, "filter": {...}, "boost": 1.0}}}

finds the ``k`` products whose vectors have the highest cosine with this one, among those that ``filter`` lets through,
and scores them as OpenSearch's Lucene engine does in the space ``cosinesimil``: (1 + cosine) / 2. Equal ones come in
the order of the catalogue. A ``term`` on ``endcap.model`` in the filter says whose vectors; without one, those that
were written last. ``method_parameters`` are of no use to an exact search, and ignored.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.clause_options import refuse_unknown
from endcap.index.embedded.neighbours import probably_nearest
from endcap.index.embedded.query import translate
from endcap.index.embedded.schema import KEYWORD_FIELDS, ORDER, schema
from endcap.index.embedded.vectors import Vectors
from endcap.index.state_field import MODEL_FIELD
from endcap.index.state_field import VECTOR_FIELD as FIELD

MAX_K = 10_000

_LISTED = 20_000
"""So many products of a filter are listed outright; of more, the nearest are asked whether they pass it."""
_BLOCK_ROWS = 512
"""What is widened to float32 at once: it has to stay in a core's cache, else this takes ten times as long."""
_ROUNDING = 1e-5
"""More than two float32 cosines of the same vectors can differ by."""
_OPTIONS = {"vector", "k", "filter", "method_parameters", "boost", "_name", "ignore_unmapped"}


@dataclass(frozen=True, slots=True)
class Knn:
    """What resolves the ``knn`` clauses of a search: an open load, and its vectors by model, the last written first."""

    searcher: tantivy.Searcher
    vectors: Mapping[str, Vectors]

    def resolved(self, query: Any) -> Any:
        """The query with each ``knn`` clause in it replaced by a query of the products that it finds."""
        if isinstance(query, Mapping):
            if len(query) == 1 and "knn" in query:
                return self._found(query["knn"])
            return {name: self.resolved(value) for name, value in query.items()}
        return [self.resolved(item) for item in query] if isinstance(query, (list, tuple)) else query

    def _found(self, clause: Any) -> tantivy.Query:
        options = _knn_options(clause)
        if not self.vectors:
            raise EngineError(f"there are no vectors for {FIELD!r}. Write them with 'endcap index --vectors'.")
        k, boost, by = _k(options), _boost(options), options.get("filter")
        model = _model_in(by)
        last = next(iter(self.vectors.values()))
        vectors = last if model is None else self.vectors.get(model)
        vector = _vector(options.get("vector"), vectors or last)
        by = None if by is None else translate(_without_model(by, model))
        if vectors is None:
            return tantivy.Query.empty_query()
        rows, scores = _nearest(self.searcher, vectors, vector, k, by)
        parts = [
            _scored(vectors.id(row), boost * score) for row, score in zip(rows.tolist(), scores.tolist(), strict=True)
        ]
        return tantivy.Query.boolean_query(parts) if parts else tantivy.Query.empty_query()


def _nearest(
    searcher: tantivy.Searcher, vectors: Vectors, vector: np.ndarray, k: int, by: tantivy.Query | None
) -> tuple[np.ndarray, np.ndarray]:
    """Rows, int64 (at most k,), and scores, float32, best first."""
    n_rows = len(vectors.matrix)
    n_matches = n_rows if by is None else _count(searcher, by)
    if n_matches == searcher.num_docs:
        by = None
    if by is not None and n_matches <= max(_LISTED, k):
        return _best(vectors, vector, vectors.rows_of(_places(searcher, by, n_matches)), k)
    n_asked = min(n_rows, 2 * k * n_rows // n_matches + 1000)
    if vectors.graph is not None:
        rows = probably_nearest(vectors.graph, vectors.matrix, vector, k if by is None else n_asked)
        passed = rows if by is None else rows[_passes(searcher, vectors, rows, by)]
        if len(passed) >= k:
            return _best(vectors, vector, passed, k)
    cosines = _cosines(vectors, vector, None)
    if by is None:
        return _best_near(vectors, vector, np.arange(n_rows), cosines, k)
    # Ask the nearest, more and more of them, whether they pass the filter.
    while True:
        farthest, near = _near(cosines, n_asked)
        passed = near[_passes(searcher, vectors, near, by)]
        # Where k of them are surely nearer than all that were not asked, the best are among them.
        if n_asked == n_rows or np.count_nonzero(cosines[passed] >= farthest) >= k:
            return _best_near(vectors, vector, passed, cosines[passed], k)
        n_asked = min(n_rows, 4 * n_asked)


def _best(vectors: Vectors, vector: np.ndarray, rows: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k best of these rows, and their scores."""
    return _best_near(vectors, vector, rows, _cosines(vectors, vector, rows), k)


def _best_near(
    vectors: Vectors, vector: np.ndarray, rows: np.ndarray, cosines: np.ndarray, k: int
) -> tuple[np.ndarray, np.ndarray]:
    """The same, of which the ``cosines`` are known up to rounding.

    A float32 product of matrices may differ in its last bit by where a row lies. So what may be among the best is
    scored again, row by row in float64: the same vector has the same score.
    """
    rows = rows[_near(cosines, k)[1]]
    products = (vectors.matrix[rows] * vector.astype(np.float64)).sum(axis=1) * vectors.inverse_norms[rows]
    scores = ((1 + np.clip(products, -1, 1)) / 2).astype(np.float32)
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


def _cosines(vectors: Vectors, vector: np.ndarray, rows: np.ndarray | None) -> np.ndarray:
    """The cosines of these rows, or of all, float32 (n,), up to ``_ROUNDING``."""
    matrix, norms = vectors.matrix, vectors.inverse_norms
    cosines = np.empty(len(matrix if rows is None else rows), np.float32)
    floats = np.empty((min(_BLOCK_ROWS, len(cosines)), matrix.shape[1]), np.float32)  # one for all: a new one is dear
    for at in range(0, len(cosines), _BLOCK_ROWS):
        block = slice(at, at + _BLOCK_ROWS) if rows is None else rows[at : at + _BLOCK_ROWS]
        found = cosines[at : at + _BLOCK_ROWS]
        floats[: len(found)] = matrix[block]
        np.dot(floats[: len(found)], vector, out=found)
        found *= norms[block]
    return cosines


def _near(cosines: np.ndarray, n: int) -> tuple[float, np.ndarray]:
    """The n-th highest cosine, and where the n highest are, and all that rounding may have kept from being there."""
    if n >= len(cosines):
        return -np.inf, np.arange(len(cosines))
    farthest = float(np.partition(cosines, len(cosines) - n)[len(cosines) - n])
    return farthest, np.flatnonzero(cosines >= farthest - _ROUNDING)


def _passes(searcher: tantivy.Searcher, vectors: Vectors, rows: np.ndarray, by: tantivy.Query) -> np.ndarray:
    """Which of these rows the filter lets through, bool (n,)."""
    ids = [vectors.id(int(row)) for row in rows]
    these = tantivy.Query.term_set_query(schema(), KEYWORD_FIELDS["_id"], ids)
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, by), (tantivy.Occur.Must, these)])
    passed = np.zeros(len(rows), bool)
    passed[np.searchsorted(vectors.places[rows], _places(searcher, both, len(rows)))] = True
    return passed


def _places(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> np.ndarray:
    """The places in the catalogue of what a query matches, int64 (m,)."""
    hits = searcher.search(query, max(limit, 1), count=False).hits if limit else []
    values = searcher.fast_field_values(ORDER, [address for _, address in hits])
    return np.array(values, dtype=np.int64)


def _count(searcher: tantivy.Searcher, query: tantivy.Query) -> int:
    return int(searcher.search(query, 1, count=True).count)  # type: ignore[attr-defined]  # not in the stubs of 0.27


def _scored(id: str, score: float) -> tuple[tantivy.Occur, tantivy.Query]:
    term = tantivy.Query.term_query(schema(), KEYWORD_FIELDS["_id"], id, "basic")
    return tantivy.Occur.Should, tantivy.Query.const_score_query(term, score)


def _knn_options(clause: Any) -> Mapping[str, Any]:
    if not isinstance(clause, Mapping) or len(clause) != 1:
        raise EngineError(f"knn should be an object with one entry, {FIELD!r}, not {_short(clause)}.")
    ((field, options),) = clause.items()
    if field != FIELD:
        raise EngineError(f"knn searches the field {FIELD!r} in the embedded engine, not {field!r}.")
    if not isinstance(options, Mapping):
        raise EngineError(f"knn on {FIELD!r} should be an object with a vector and k, not {_short(options)}.")
    refuse_unknown(options, _OPTIONS, "knn")
    return options


def _boost(options: Mapping[str, Any]) -> float:
    boost = options.get("boost", 1.0)
    if isinstance(boost, bool) or not isinstance(boost, (int, float)) or not 0 <= boost < math.inf:
        raise EngineError(f"the boost of knn should be a number from 0 up, not {boost!r}.")
    return float(boost)


def _k(options: Mapping[str, Any]) -> int:
    k = options.get("k")
    if isinstance(k, bool) or not isinstance(k, int) or not 0 < k <= MAX_K:
        raise EngineError(f"k of knn should be a whole number from 1 to {MAX_K}, not {k!r}.")
    return k


def _vector(value: Any, vectors: Vectors) -> np.ndarray:
    """The unit vector, float32 (d,), in the direction that was asked for."""
    size = vectors.matrix.shape[1]
    try:
        vector = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        vector = np.empty(0)
    if vector.shape != (size,):
        given = f"one of {len(value)}" if isinstance(value, (list, tuple, np.ndarray)) else _short(value)
        raise EngineError(f"knn needs a vector of {size} numbers, not {given}.")
    norm = float(np.linalg.norm(vector))
    if not np.isfinite(norm) or norm == 0:
        raise EngineError("the vector of knn is zero or not finite, so it has no direction.")
    return (vector / norm).astype(np.float32)


def _model_in(by: Any) -> str | None:
    """The model that a filter asks for: by a ``term``, which may stand in ``bool`` under ``filter`` or ``must``."""
    if not isinstance(by, Mapping):
        return None
    if (term := _model_term(by)) is not None:
        return term
    options = by.get("bool")
    if not isinstance(options, Mapping):
        return None
    for kind in ("filter", "must"):
        inner = options.get(kind)
        for clause in inner if isinstance(inner, (list, tuple)) else [inner]:
            if (model := _model_in(clause)) is not None:
                return model
    return None


def _without_model(by: Any, model: str | None) -> Any:
    """The filter, in which a ``term`` on the model holds for all rows of that model's matrix, or for none."""
    if isinstance(by, Mapping):
        if (term := _model_term(by)) is not None:
            return {"match_all": {}} if term == model else {"match_none": {}}
        return {name: _without_model(value, model) for name, value in by.items()}
    return [_without_model(item, model) for item in by] if isinstance(by, (list, tuple)) else by


def _model_term(clause: Mapping[str, Any]) -> str | None:
    term = clause.get("term") if len(clause) == 1 else None
    if not isinstance(term, Mapping) or set(term) != {MODEL_FIELD}:
        return None
    value = term[MODEL_FIELD]
    return str(value.get("value") if isinstance(value, Mapping) else value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."

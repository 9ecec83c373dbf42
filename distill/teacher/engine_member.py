"""The embedded engine's BM25 as a member: what the engine knows, a student that reads vectors may not."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.teacher.pairs import FloatArray, Pairs
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.embedded.store import live
from endcap.index.product import Product

INDEX = "products"
CHUNK = 1_000


def fit_engine(products: Iterable[Product], folder: Path) -> None:
    """Load all products, of all shops together, into the member's own catalogue; one that is whole is kept."""
    if live(folder / "catalogues" / INDEX) is None:
        EmbeddedEngine(INDEX, folder).load({_key(p): replace(p, id=_key(p)) for p in products}.values())


@dataclass(slots=True)
class EngineMember:
    """Its signals are the pair's BM25 score beside the best one that the query has in the whole catalogue (0 to 1), and
    ``log(1 + score)``. 0 is "no word in common"; NaN, a product that is not in the catalogue."""

    name: str
    folder: Path
    _engine: EmbeddedEngine | None = None
    _best: dict[str, float] = field(default_factory=dict)
    _keys: dict[int, tuple[Product, str]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Share of the best, and score."""
        return (f"{self.name} share", f"{self.name} score")

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2); the same for all folds."""
        rows: dict[str, list[int]] = {}
        for i, query in enumerate(pairs.queries):
            rows.setdefault(query, []).append(i)
        keys = [self._key(product) for product in pairs.products]
        known = self._scores({"match_all": {}}, sorted(set(keys)))
        result = np.full((len(pairs), 2), np.nan)
        for query, of in rows.items():
            clause = self._opened().text_query(query)
            found = self._scores(clause, [keys[i] for i in of])
            best = self._best_of(query, clause)
            for i in of:
                if keys[i] in known:
                    value = found.get(keys[i], 0.0)
                    result[i] = (value / best if best > 0 else 0.0, np.log1p(value))
        return result

    def _opened(self) -> EmbeddedEngine:
        if self._engine is None:
            self._engine = EmbeddedEngine(INDEX, self.folder)
        return self._engine

    def _scores(self, clause: Any, keys: list[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            body = {"query": {"bool": {"must": [clause], "filter": [{"ids": {"values": part}}]}}}
            reply = self._opened().search(body=body | {"size": len(part), "_source": False, "track_total_hits": False})
            found |= {hit["_id"]: float(hit["_score"]) for hit in reply["hits"]["hits"]}
        return found

    def _best_of(self, query: str, clause: Any) -> float:
        if query not in self._best:
            hits = self._opened().search(body={"query": clause, "size": 1, "_source": False})["hits"]["hits"]
            self._best[query] = float(hits[0]["_score"]) if hits else 0.0
        return self._best[query]

    def _key(self, product: Product) -> str:
        # The product is kept beside its key: an id() may be given out again once its owner is gone.
        known = self._keys.get(id(product))
        if known is None or known[0] is not product:
            known = self._keys[id(product)] = (product, _key(product))
        return known[1]


def _key(product: Product) -> str:
    """A product's content as an id: two shops may use the same ids."""
    said = json.dumps(product.to_mapping(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()[:24]

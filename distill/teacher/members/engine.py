"""The embedded engine's BM25 as a member: what the engine knows, a student that reads vectors may not."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.member import FitData, Member
from endcap.distill.teacher.pairs import Pairs, ProductMemo
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.embedded.store import live
from endcap.index.product import Product

INDEX = "products"
CHUNK = 1_000


def content_key(product: Product) -> str:
    """A product's content as an id: two shops may use the same ids."""
    content = json.dumps(product.to_mapping(), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(content.encode()).hexdigest()[:24]


@dataclass(slots=True)
class EngineMember(Member):
    """Its signals are the pair's share of the query's best BM25 score in the whole catalogue, and ``log(1 + score)``.

    0 is "no word in common"; NaN is a product that is not in the catalogue.
    """

    signal_names = ("share", "score")
    _engine: EmbeddedEngine | None = None
    _best: dict[str, float] = field(default_factory=dict)
    _keys: ProductMemo[str] = field(default_factory=lambda: ProductMemo(content_key))

    def fit(self, data: FitData) -> None:
        """Load all products, of all shops together, into the member's own catalogue; one that is whole is kept."""
        if live(self.spec.folder / "catalogues" / INDEX) is None:
            keyed = {content_key(product): product for product in data.products}
            self._opened().load(replace(product, id=key) for key, product in keyed.items())

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2); the same for all folds."""
        keys = [self._keys[product] for product in pairs.products]
        listed = self._scores({"match_all": {}}, sorted(set(keys)))
        result = np.full((len(pairs), 2), np.nan)
        for query, rows in pairs.rows_by_query().items():
            clause = self._opened().text_query(query)
            scores = self._scores(clause, [keys[i] for i in rows])
            best = self._best_score(query, clause)
            for i in rows:
                if keys[i] in listed:
                    value = scores.get(keys[i], 0.0)
                    result[i] = (value / best if best > 0 else 0.0, np.log1p(value))
        return result

    def _opened(self) -> EmbeddedEngine:
        if self._engine is None:
            self._engine = EmbeddedEngine(INDEX, self.spec.folder)
        return self._engine

    def _scores(self, clause: Any, keys: list[str]) -> dict[str, float]:
        scores: dict[str, float] = {}
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            body = {"query": {"bool": {"must": [clause], "filter": [{"ids": {"values": part}}]}}}
            reply = self._opened().search(body=body | {"size": len(part), "_source": False, "track_total_hits": False})
            scores |= {hit["_id"]: float(hit["_score"]) for hit in reply["hits"]["hits"]}
        return scores

    def _best_score(self, query: str, clause: Any) -> float:
        if query not in self._best:
            hits = self._opened().search(body={"query": clause, "size": 1, "_source": False})["hits"]["hits"]
            self._best[query] = float(hits[0]["_score"]) if hits else 0.0
        return self._best[query]


MEMBER = EngineMember

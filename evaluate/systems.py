"""The four ways to order a query's candidates that an evaluation sets side by side.

What scores, standardises, blends and orders is the middleware's own code; here it only meets a list of candidates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from endcap.index.engine import Engine
from endcap.index.fields import FieldMap
from endcap.index.product import Product
from endcap.plugin.blend import blend, order
from endcap.plugin.states import StateStore, fill
from endcap.plugin.student import Student

ENGINE, COSINE, STUDENT, BLEND = "engine", "cosine", "student", "blend"
LABELS: Mapping[str, str] = {
    ENGINE: "engine's order",
    COSINE: "zero-shot cosine",
    STUDENT: "student alone",
    BLEND: "student + engine",
}

FloatArray = npt.NDArray[np.float64]
Watch = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""Shows how far long work is: ``with watch("Searching", 90) as advance: advance(n_done)``."""


@contextmanager
def unwatched(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A ``Watch`` that shows nothing."""
    yield lambda done: None


@dataclass(frozen=True, slots=True)
class Shop:
    """A searchable catalogue: its engine, and which field of its documents is which field of a product."""

    engine: Engine
    fields: FieldMap = field(default_factory=FieldMap)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What there is to be ordered for a query: products in the engine's order, and its scores, float64 (n,)."""

    query: str
    products: tuple[Product, ...]
    engine_scores: FloatArray

    def head(self, size: int) -> Candidates:
        """The first ``size`` of them."""
        return Candidates(self.query, self.products[:size], self.engine_scores[:size])


@dataclass(frozen=True, slots=True)
class Scorer:
    """A student with the store that keeps what it has read."""

    student: Student
    states: StateStore

    def read(self, candidates: Sequence[Candidates], watch: Watch = unwatched, title: str = "Reading products") -> None:
        """Encode what was not read before of all these products, each once."""
        products = {product.id: product for each in candidates for product in each.products}
        with watch(title, len(products)) as advance:
            fill(self.states, self.student, products.values(), progress=advance)

    def scores(self, candidates: Candidates) -> FloatArray:
        """The student's scores, float64 (n,), from kept states; what has none is encoded on the spot."""
        products = candidates.products
        if not products:
            return np.empty(0)
        states = self.states.get([self.student.key(self.student.text(product)) for product in products])
        items = [product if state is None else state for product, state in zip(products, states, strict=True)]
        return self.student.score(candidates.query, items).astype(np.float64)


def ranked(candidates: Candidates, scores: FloatArray, weight: float) -> list[str]:
    """Product ids, best first, by ``weight`` of the student's score (1: alone) and the rest of the engine's."""
    return [candidates.products[i].id for i in order(blend(scores, candidates.engine_scores, weight))]


def search(shop: Shop, query: Mapping[str, object], size: int) -> tuple[list[Product], list[float]]:
    """The products that match a query clause, at most ``size``, in the engine's order, and their scores."""
    body = {"query": query, "size": size, "_source": shop.fields.source_fields(), "track_total_hits": False}
    hits = shop.engine.search(body=body)["hits"]["hits"]
    products = [shop.fields.product(hit.get("_source") or {}, id=str(hit["_id"])) for hit in hits]
    return products, [float(hit["_score"] or 0.0) for hit in hits]

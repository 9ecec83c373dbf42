"""The ways to order a query's candidates that an evaluation sets side by side.

What scores, standardises, blends and orders is the middleware's own code; here it only meets a list of candidates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from endcap.errors import EngineError, InputError
from endcap.index.engine import Engine
from endcap.index.field_map import FieldMap
from endcap.index.own_query import OwnQuery, check_whole, search_body
from endcap.index.product import Product
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray, blend, order
from endcap.plugin.blend.window import Vectors, blend_window
from endcap.plugin.deadline import Deadline
from endcap.plugin.model.student import Student
from endcap.plugin.search.scoring import score_hits
from endcap.plugin.source_keys import SourceKeys
from endcap.plugin.states.fill import fill
from endcap.plugin.states.store import StateStore
from endcap.plugin.tiers.sort_keys import keys_before_score, score_of
from endcap.progress import Watch, unwatched

ENGINE, COSINE, STUDENT, BLEND = "engine", "cosine", "student", "blend"
RULES = "rules"
"""As searches are answered, by all that the shop has decided: end to end alone."""
HYBRID_COSINE, HYBRID, DENSE = "hybrid-cosine", "hybrid", "dense"
"""Orders that find candidates by meaning, too: end to end alone."""
LABELS: Mapping[str, str] = {
    ENGINE: "engine's order",
    COSINE: "zero-shot cosine",
    STUDENT: "student alone",
    BLEND: "student + engine",
    RULES: "what searches are answered with",
    HYBRID_COSINE: "hybrid search, zero-shot",
    HYBRID: "hybrid search, student",
    DENSE: "student + engine, with candidates by meaning",
}
MODEL = "model "
"""So begins the name of an order by another model's own blend; its name follows."""


def label_of(system: str) -> str:
    """What people call an order: ours by what they are, another model's and another system's by their names."""
    return LABELS.get(system) or (f"student + engine, {system}" if system.startswith(MODEL) else f"run {system}")


@dataclass(frozen=True, slots=True)
class Shop:
    """A searchable catalogue: its engine, and which field of its documents is which field of a product."""

    engine: Engine
    fields: FieldMap = field(default_factory=FieldMap)
    index: str | None = None
    """What a search is sent to; None: the engine's own."""
    also: tuple[str, ...] = ()
    """Source paths that are read besides those of ``fields``: they are in the products' ``extra``."""
    own: OwnQuery | None = None
    """The shop's own query; None: endcap's."""

    def body(self, query: str) -> dict[str, Any]:
        """What is searched for a text: ``query`` and whatever else the own query has."""
        return search_body(self.engine, self.own, query)


@dataclass(frozen=True, slots=True)
class Candidates:
    """What there is to be ordered for a query: products in the engine's order, and its scores, float64 (n,)."""

    query: str
    products: tuple[Product, ...]
    engine_scores: FloatArray
    refused: str = ""
    """The engine's words where it refuses the shop's own query with these words in it; there are no products then."""

    def head(self, size: int) -> Candidates:
        """The first ``size`` of them."""
        return replace(self, products=self.products[:size], engine_scores=self.engine_scores[:size])


View = tuple[FloatArray, Vectors]
"""What a student makes of candidates: scores float64 (n,), and the products' vectors where it has such."""


@dataclass(frozen=True, slots=True)
class StudentWithStates:
    """A student with the store that keeps what it has read."""

    student: Student
    states: StateStore

    def read(self, candidates: Sequence[Candidates], watch: Watch = unwatched, title: str = "Reading products") -> None:
        """Encode what was not read before of all these products, each once."""
        products = {product.id: product for hits in candidates for product in hits.products}
        with watch(title, len(products)) as advance:
            fill(self.states, self.student, products.values(), progress=advance, memories=())

    def scores(self, candidates: Candidates) -> FloatArray:
        """The student's scores, float64 (n,), as the middleware gets them; NaN for a product without text."""
        return self.view(candidates)[0]

    def view(self, candidates: Candidates) -> View:
        """The same scores, and the products' vectors where the student has such."""
        hits = [{"_id": product.id, "_source": product.to_mapping()} for product in candidates.products]
        sources, unhurried = SourceKeys(self.student, FieldMap()), Deadline.start(math.inf)
        scored = score_hits(self.student, self.states, sources, candidates.query, hits, unhurried)
        return scored.scores, self.student.vectors(scored.states)


def ranked(candidates: Candidates, scores: FloatArray, weight: float) -> list[str]:
    """Product ids, best first, by ``weight`` of the student's score (1: alone) and the rest of the engine's."""
    return [candidates.products[i].id for i in order(blend(scores, candidates.engine_scores, weight))]


def ranked_by_blend(
    candidates: Candidates, view: View, weight: float, learnt: LearntBlend | None, words: WordsMemory
) -> list[str]:
    """Product ids, best first, as the middleware orders them: by a model's learnt blend, else the plain one of this
    weight, with what is exact."""
    scores, vectors = view
    hits = [{"_source": product.to_mapping()} for product in candidates.products]
    engine, unhurried = candidates.engine_scores, Deadline.start(math.inf)
    blended = blend_window(candidates.query, hits, scores, engine, weight, learnt, words, unhurried, lambda: vectors)
    return [candidates.products[i].id for i in order(blended.scores)]


def refuses(shop: Shop, error: EngineError) -> bool:
    """Whether a cluster refuses the shop's own query for what was typed, as a ``query_string`` its syntax."""
    return shop.own is not None and getattr(error.__cause__, "status_code", None) == 400


def search(shop: Shop, asked: Mapping[str, object], size: int) -> tuple[list[Product], list[float]]:
    """The products that match a body, at most ``size``, in the engine's order, and their scores.

    ``InputError`` where the own query's hits have no scores.
    """
    source = [*shop.fields.source_fields(), *shop.also]
    body = {**asked, "size": size, "_source": source, "track_total_hits": False}
    sorted_before = keys_before_score(asked.get("sort"))
    if shop.own is not None and sorted_before is None:
        raise InputError(f"{shop.own.name} has a 'sort' without _score: what is sorted is not re-ranked. Leave it out.")
    reply = shop.engine.search(index=shop.index, body=body)
    check_whole(reply, shop.own)
    hits = reply["hits"]["hits"]
    products = [shop.fields.product(hit.get("_source") or {}, id=str(hit["_id"])) for hit in hits]
    return products, [float(score_of(hit, sorted_before or 0) or 0.0) for hit in hits]

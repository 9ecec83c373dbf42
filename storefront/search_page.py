"""A search, twice: the engine's own reply and the middleware's on the same body, side by side in the API's words."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any
from urllib.parse import quote, urlsplit

from endcap.evaluate.measures import NamedMeasure, parse, score
from endcap.index.product import Product
from endcap.plugin.blend.features import MEANINGS
from endcap.storefront.search_request import MAX_DEPTH, Asked
from endcap.storefront.shop import MEASURE, Grades, Shop

SHOWN_FIELDS = ("title", "brand", "category", "price", "image")
MEASURED = 10
"""The measure looks at so many products."""

Hit = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """Both replies to a search, whole windows, and how long the engine's took, in milliseconds.

    ``given`` are the query's grades that people gave in this storefront, product to grade.
    """

    asked: Asked
    engine: Mapping[str, Any]
    endcap: Mapping[str, Any]
    engine_ms: float
    given: Grades = field(default_factory=dict)

    @property
    def rerank(self) -> Mapping[str, Any]:
        """What ``ext.rerank`` says."""
        told: Mapping[str, Any] = self.endcap["ext"]["rerank"]
        return told

    @property
    def total(self) -> int:
        """How many products match."""
        return int(self.engine["hits"]["total"]["value"])

    @property
    def columns(self) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """The engine's hits and endcap's, from the first on."""
        return self.engine["hits"]["hits"], self.endcap["hits"]["hits"]


def search(shop: Shop, asked: Asked) -> Found:
    """Search the shop both ways. Raises what the engine raises; what goes wrong in re-ranking is in the reply.

    Both lists reach from the first product to the end of the window, or of the page where that is deeper: only so it
    can be said where a product of one column stands in the other.
    """
    body = {
        "query": shop.engine.text_query(asked.query),
        "size": min(MAX_DEPTH, max(asked.stop, shop.reranker.options.window)),
        "track_total_hits": True,
        "_source": shop.fields.restrict(SHOWN_FIELDS).source_fields(),
        **shop.facets.body(asked.chosen),
    }
    told: dict[str, Any] = {"explain": True}
    if asked.weight is not None:
        told["blend_weight"] = asked.weight
    began = time.perf_counter()
    engine = shop.engine.search(index=shop.index, body=body)
    engine_ms = 1000 * (time.perf_counter() - began)
    endcap = shop.reranker.search(index=shop.index, body={**body, "ext": {"rerank": told}})
    return Found(asked, engine, endcap, engine_ms)


def page_json(shop: Shop, found: Found, origin: str) -> dict[str, Any]:
    """A page of both columns, as the API has it; ``origin`` is that of the storefront, as in http://localhost:8080."""
    part = slice(found.asked.start, found.asked.stop)
    columns = {"engine": engine_hits(shop, found, origin, part), "endcap": endcap_hits(shop, found, origin, part)}
    return head_json(shop, found) | {"columns": columns}


def window_json(shop: Shop, found: Found, origin: str) -> dict[str, Any]:
    """The whole window in endcap's order, as the API has it."""
    whole = slice(0, int(found.rerank["window"]))
    return head_json(shop, found) | {"hits": endcap_hits(shop, found, origin, whole)}


def product_json(shop: Shop, id: str, origin: str) -> dict[str, Any] | None:
    """All that is known of one product; None where there is none of this id."""
    product = product_of(shop, id)
    if product is None:
        return None
    known = {name: getattr(product, name) for name in ("id", "title", "brand", "category", "description", "price")}
    return known | {
        "attributes": dict(product.attributes),
        "picture": picture_address(shop, product, origin),
        "extra": dict(product.extra),
    }


def product_of(shop: Shop, id: str) -> Product | None:
    """The product of this id, asked of the engine."""
    reply = shop.engine.search(index=shop.index, body={"query": {"ids": {"values": [id]}}, "size": 1})
    hits = reply["hits"]["hits"]
    return shop.fields.product(hits[0].get("_source") or {}, id=str(hits[0]["_id"])) if hits else None


def hit_ids(hits: Sequence[Hit]) -> list[str]:
    """The products' ids, in order."""
    return [str(hit["_id"]) for hit in hits]


def picture_address(shop: Shop, product: Product, origin: str) -> str | None:
    """Where the page gets the product's picture: from this storefront, or not at all."""
    if shop.draw is not None or (shop.pictures is not None and shop.pictures.find(product.image) is not None):
        return "/pictures/" + quote(product.id, safe="")
    try:
        parts = urlsplit(product.image)
        return product.image if f"{parts.scheme}://{parts.netloc}" == origin else None
    except ValueError:
        return None


def head_json(shop: Shop, found: Found) -> dict[str, Any]:
    """What a page says beside its hits."""
    told, asked = found.rerank, found.asked
    stages = {name: float(ms) for name, ms in told["stages"].items()}
    # what the window's request would have taken anyway is not added by re-ranking
    added = float(told["took_ms"]) - stages.get("engine_ms", 0.0)
    return {
        "query": asked.query,
        "page": asked.page,
        "size": asked.size,
        "total": found.total,
        "window": int(told["window"]),
        "pages": math.ceil(min(found.total, MAX_DEPTH) / asked.size),
        "rerank": {name: told.get(name) for name in ("status", "reason", "detail", "blend", "scored")},
        "took": {"engine_ms": round(found.engine_ms, 3), "added_ms": round(max(0.0, added), 3), "stages": stages},
        "measure": {"name": MEASURE, **asdict(values)} if (values := measured(shop, found)) else None,
        "facets": shop.facets.read(found.endcap, asked.chosen),
    }


def engine_hits(shop: Shop, found: Found, origin: str, part: slice) -> list[dict[str, Any]]:
    """A part of the engine's hits, as the API has them."""
    engine, endcap = found.columns
    students = {str(hit["_id"]): hit.get("student_score") for hit in endcap}
    hits = _hits(shop, engine, endcap, grades_of(shop, found), origin, range(len(engine))[part])
    for hit in hits:
        hit["student_score"] = students.get(hit["id"])
    return hits


def endcap_hits(shop: Shop, found: Found, origin: str, part: slice) -> list[dict[str, Any]]:
    """A part of endcap's hits, as the API has them, with the reasons why each is where it is."""
    return endcap_hits_at(shop, found, origin, range(len(found.columns[1]))[part])


def endcap_hits_at(shop: Shop, found: Found, origin: str, at: Sequence[int]) -> list[dict[str, Any]]:
    """Those of endcap's hits that stand at these places, from 0."""
    engine, endcap = found.columns
    hits = _hits(shop, endcap, engine, grades_of(shop, found), origin, at)
    return [hit | {"reasons": _reasons(endcap[n])} for n, hit in zip(at, hits, strict=True)]


def _hits(
    shop: Shop, hits: Sequence[Hit], others: Sequence[Hit], grades: Grades, origin: str, at: Sequence[int]
) -> list[dict[str, Any]]:
    places = {id: rank for rank, id in enumerate(hit_ids(others), 1)}
    return [_hit(shop, hits[n], n + 1, places, grades, origin) for n in at]


def _hit(shop: Shop, hit: Hit, rank: int, others: Mapping[str, int], grades: Grades, origin: str) -> dict[str, Any]:
    product = shop.fields.product(hit.get("_source") or {}, id=str(hit["_id"]))
    return {
        "id": product.id,
        "title": product.title,
        "brand": product.brand,
        "category": product.category,
        "price": product.price,
        "picture": picture_address(shop, product, origin),
        "rank": rank,
        "other_rank": others.get(product.id),
        "engine_score": hit.get("previous_score", hit.get("_score")),
        "student_score": hit.get("student_score"),
        "grade": grades.get(product.id),
    }


def _reasons(hit: Hit) -> list[dict[str, Any]]:
    parts = hit.get("rerank_explanation", {}).get("parts", ())
    return [{**part, "meaning": MEANINGS.get(part["feature"], "")} for part in parts]


@dataclass(frozen=True, slots=True)
class Measured:
    """The measure of both orders, 0 to 1. Of the ``shown`` products at the top of either, so many were ``judged``."""

    engine: float
    endcap: float
    judged: int
    shown: int


def measured(shop: Shop, found: Found) -> Measured | None:
    """The measure of both orders by the known grades; None where there are none that could tell them apart.

    Also None where something is chosen: the ideal order is that of the whole shop. And where all grades were given
    here, until they are those of both first pages: a few say more of who began where than of the orders.
    """
    query, grades = found.asked.query, grades_of(shop, found)
    gained = {query: {id: grade for id, grade in grades.items() if grade}}
    if not gained[query] or found.asked.chosen:
        return None
    pages = [hit_ids(hits)[:MEASURED] for hits in found.columns]
    engine, endcap = (score({query: page}, gained, [_measure_named()])[MEASURE][query] for page in pages)
    shown = {*pages[0], *pages[1]}
    if not shop.grades_of(query) and not shown <= grades.keys():
        return None
    return Measured(engine, endcap, sum(id in grades for id in shown), len(shown))


def grades_of(shop: Shop, found: Found) -> Grades:
    """The known grades, product to 0, 1, 2 or 3: those given here, else those of the shop's judgments."""
    return {**shop.grades_of(found.asked.query), **found.given}


@cache
def _measure_named() -> NamedMeasure:
    return parse([MEASURE])[0]

"""A search, twice: the engine's own reply and the middleware's on the same body, side by side in the API's words."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from endcap.evaluate.measures import parse, score
from endcap.index.own_query import search_body
from endcap.index.product import Product
from endcap.plugin.blend.features import MEANINGS, SHOP_WORDS
from endcap.storefront.search_request import MAX_DEPTH, SearchRequest
from endcap.storefront.shop import MEASURE, Grades, Shop

SHOWN_FIELDS = ("title", "brand", "category", "price", "image")
MEASURES = parse([MEASURE])
MEASURED_DEPTH = 10
"""The measure looks at so many products."""

Hit = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SearchReplies:
    """Both replies to a search, whole windows, and how long the engine's took, in milliseconds.

    ``given_grades`` are the query's grades that people gave in this storefront, product to grade.
    """

    request: SearchRequest
    engine: Mapping[str, Any]
    endcap: Mapping[str, Any]
    engine_ms: float
    given_grades: Grades = field(default_factory=dict)

    @property
    def rerank(self) -> Mapping[str, Any]:
        """What ``ext.rerank`` says."""
        report: Mapping[str, Any] = self.endcap["ext"]["rerank"]
        return report

    @property
    def total(self) -> int:
        """How many products match."""
        return int(self.engine["hits"]["total"]["value"])

    @property
    def columns(self) -> tuple[Sequence[Hit], Sequence[Hit]]:
        """The engine's hits and endcap's, from the first on."""
        return self.engine["hits"]["hits"], self.endcap["hits"]["hits"]


def search_shop(shop: Shop, request: SearchRequest) -> SearchReplies:
    """Search the shop both ways. Raises what the engine raises; what goes wrong in re-ranking is in the reply.

    Both lists reach from the first product to the end of the window, or of the page where that is deeper. Only so can
    it be said where a product of one column stands in the other.
    """
    asked = search_body(shop.engine, shop.own, request.query)
    body = {
        **asked,
        "size": min(MAX_DEPTH, max(request.stop, shop.reranker.options.window)),
        "track_total_hits": True,
        "_source": shop.fields.restrict(SHOWN_FIELDS).source_fields(),
        **shop.facets.body(request.chosen),
    }
    if "post_filter" in asked and body["post_filter"] is not asked["post_filter"]:
        body["post_filter"] = {"bool": {"filter": [asked["post_filter"], body["post_filter"]]}}
    options: dict[str, Any] = {"explain": True} | ({} if request.weight is None else {"blend_weight": request.weight})
    if shop.own is not None:  # its texts may be more than what was typed
        options["query_context"] = {"query_text": request.query}
    began = time.perf_counter()
    engine = shop.engine.search(index=shop.index, body=body)
    engine_ms = 1000 * (time.perf_counter() - began)
    endcap = shop.reranker.search(index=shop.index, body={**body, "ext": {**body.get("ext", {}), "rerank": options}})
    return SearchReplies(request, engine, endcap, engine_ms)


def page_json(shop: Shop, replies: SearchReplies, origin: str) -> dict[str, Any]:
    """A page of both columns, as the API has it; ``origin`` is that of the storefront, as in http://localhost:8080."""
    on_page = slice(replies.request.start, replies.request.stop)
    engine, endcap = (range(len(hits))[on_page] for hits in replies.columns)
    columns = {
        "engine": engine_hits(shop, replies, origin, engine),
        "endcap": endcap_hits(shop, replies, origin, endcap),
    }
    return head_json(shop, replies) | {"columns": columns}


def window_json(shop: Shop, replies: SearchReplies, origin: str) -> dict[str, Any]:
    """The whole window in endcap's order, as the API has it."""
    places = range(len(replies.columns[1]))[: int(replies.rerank["window"])]
    return head_json(shop, replies) | {"hits": endcap_hits(shop, replies, origin, places)}


def product_json(shop: Shop, id: str, origin: str) -> dict[str, Any] | None:
    """All that is known of one product; None where there is none of this id."""
    product = product_of(shop, id)
    if product is None:
        return None
    return {
        **{name: getattr(product, name) for name in ("id", "title", "brand", "category", "description", "price")},
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


def head_json(shop: Shop, replies: SearchReplies) -> dict[str, Any]:
    """What a page says beside its hits."""
    report, request = replies.rerank, replies.request
    stages = {name: float(ms) for name, ms in report["stages"].items()}
    # what the window's request would have taken anyway is not added by re-ranking
    added = float(report["took_ms"]) - stages.get("engine_ms", 0.0)
    return {
        "query": request.query,
        "page": request.page,
        "size": request.size,
        "total": replies.total,
        "window": int(report["window"]),
        "pages": math.ceil(min(replies.total, MAX_DEPTH) / request.size),
        "rerank": {name: report.get(name) for name in ("status", "reason", "detail", "blend", "scored")},
        "took": {"engine_ms": round(replies.engine_ms, 3), "added_ms": round(max(0.0, added), 3), "stages": stages},
        "measure": {"name": MEASURE, **asdict(values)} if (values := measure_orders(shop, replies)) else None,
        "facets": shop.facets.read(replies.endcap, request.chosen),
    }


def engine_hits(shop: Shop, replies: SearchReplies, origin: str, places: Sequence[int]) -> list[dict[str, Any]]:
    """The engine's hits at these places (from 0), as the API has them."""
    engine, endcap = replies.columns
    student_scores = {str(hit["_id"]): hit.get("student_score") for hit in endcap}
    hits = _hits(shop, engine, endcap, grades_of(shop, replies), origin, places)
    return [hit | {"student_score": student_scores.get(hit["id"])} for hit in hits]


def endcap_hits(shop: Shop, replies: SearchReplies, origin: str, places: Sequence[int]) -> list[dict[str, Any]]:
    """Endcap's hits at these places (from 0), as the API has them, with the reasons why each is where it is."""
    engine, endcap = replies.columns
    hits = _hits(shop, endcap, engine, grades_of(shop, replies), origin, places)
    for place, hit in zip(places, hits, strict=True):
        explanation = endcap[place].get("rerank_explanation", {})
        parts = explanation.get("parts", ())
        if notes := explanation.get("shop_rules"):
            hit["rules"] = [{"rule": note["rule"], "action": note["action"]} for note in notes]
        hit["reasons"] = [
            part | {"meaning": MEANINGS.get(name := part["feature"], ""), "words": SHOP_WORDS.get(name, "")}
            for part in parts
        ]
    return hits


def _hits(
    shop: Shop, hits: Sequence[Hit], others: Sequence[Hit], grades: Grades, origin: str, places: Sequence[int]
) -> list[dict[str, Any]]:
    other_ranks = {id: rank for rank, id in enumerate(hit_ids(others), 1)}
    products = [shop.fields.product(hits[place].get("_source") or {}, id=str(hits[place]["_id"])) for place in places]
    return [
        {
            **{name: getattr(product, name) for name in ("id", "title", "brand", "category", "price")},
            "picture": picture_address(shop, product, origin),
            "rank": place + 1,
            "other_rank": other_ranks.get(product.id),
            "engine_score": hits[place].get("previous_score", hits[place].get("_score")),
            "student_score": hits[place].get("student_score"),
            "grade": grades.get(product.id),
        }
        for place, product in zip(places, products, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class OrderMeasures:
    """The measure of both orders, 0 to 1. Of the ``shown`` products at the top of either, so many were ``judged``."""

    engine: float
    endcap: float
    judged: int
    shown: int


def measure_orders(shop: Shop, replies: SearchReplies) -> OrderMeasures | None:
    """The measure of both orders by the known grades; None where there are none that could tell them apart.

    Also None where something is chosen: the ideal order is that of the whole shop. Where all grades were given here,
    None until both first pages are graded: a few grades say more of who began where than of the orders.
    """
    query, grades = replies.request.query, grades_of(shop, replies)
    gained = {query: {id: grade for id, grade in grades.items() if grade}}
    if not gained[query] or replies.request.chosen:
        return None
    pages = [hit_ids(hits)[:MEASURED_DEPTH] for hits in replies.columns]
    engine, endcap = (score({query: page}, gained, MEASURES)[MEASURE][query] for page in pages)
    shown = {*pages[0], *pages[1]}
    if not shop.grades_of(query) and not shown <= grades.keys():
        return None
    return OrderMeasures(engine, endcap, sum(id in grades for id in shown), len(shown))


def grades_of(shop: Shop, replies: SearchReplies) -> Grades:
    """The known grades, product to 0, 1, 2 or 3: those given here, else those of the shop's judgments."""
    return {**shop.grades_of(replies.request.query), **replies.given_grades}

"""The API's routes that search: the shop, a page, a window, a product and its picture."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import replace
from typing import Any

from aiohttp import web

from endcap.errors import EndcapError, InputError
from endcap.evaluate.measure_words import GRADES
from endcap.plugin.blend.features import MEANINGS
from endcap.storefront.behaviour import BEHAVIOUR
from endcap.storefront.judging_routes import JUDGED
from endcap.storefront.picture_files import Picture
from endcap.storefront.responses import METRICS, PICTURE_POLICY, NotFound, at_disk, in_thread, json_answer
from endcap.storefront.search_page import Found, page_json, product_json, product_of, search, window_json
from endcap.storefront.search_request import Asked, read_asked
from endcap.storefront.shop import Grades, Shop

SHOP = web.AppKey("shop", Shop)
MAX_ID = 512
MAX_JUDGED = 500
"""Of so many judged queries the page is told."""
PICTURE_AGE_S = 300
GIVEN_S = 0.5
"""So long a search waits at most for the grades that were given here."""

logger = logging.getLogger("endcap.storefront")

routes = web.RouteTableDef()


@routes.get("/api/shop")
async def shop(request: web.Request) -> web.Response:
    """What the storefront shows, and by what."""
    shown, info = request.app[SHOP], request.app[SHOP].student.info
    return json_answer(
        {
            "name": shown.name,
            "products": shown.products,
            "engine": {"kind": shown.settings.engine, "url": shown.settings.url or None, "index": shown.index},
            "model": {
                "name": info.name,
                "checksum": info.checksum,
                "window": shown.reranker.options.window,
                "blend": "learnt" if shown.reranker.options.learnt else "plain",
                "weight": info.blend_weight,
            },
            "telling": [{"query": query, "note": note} for query, note in shown.telling.items()],
            "judged": list(shown.judged[:MAX_JUDGED]),
            "features": dict(MEANINGS),
            "facets": list(shown.facets.fields),
            "grades": list(GRADES),
            "ubi": request.app[BEHAVIOUR].kept,
            "interleaving": request.app[BEHAVIOUR].compared,
        }
    )


@routes.get("/api/search")
async def page(request: web.Request) -> web.Response:
    """A page of both columns."""
    asked = read_asked(request.query)
    found = await searched(request, asked)
    answer = await in_thread(request, page_json, request.app[SHOP], found, origin_of(request))
    return json_answer({"query_id": _noted(request, answer), **answer})


@routes.get("/api/window")
async def window(request: web.Request) -> web.Response:
    """The whole window in endcap's order."""
    asked = read_asked(request.query)
    found = await searched(request, Asked(asked.query, 1, asked.size, asked.weight, asked.chosen))
    return json_answer(await in_thread(request, window_json, request.app[SHOP], found, origin_of(request)))


@routes.get("/api/product")
async def product(request: web.Request) -> web.Response:
    """One product."""
    id = request.query.get("id", "")
    if not 0 < len(id) <= MAX_ID:
        raise InputError(f"id is {id!r:.80}; give the id of a product, of at most {MAX_ID} characters.")
    found = await in_thread(request, product_json, request.app[SHOP], id, origin_of(request))
    if found is None:
        raise NotFound(f"there is no product {id!r:.80}.")
    return json_answer(found)


@routes.get("/pictures/{id}")
async def picture(request: web.Request) -> web.Response:
    """A product's picture."""
    id = request.match_info["id"]
    found = await in_thread(request, _picture, request.app[SHOP], id) if 0 < len(id) <= MAX_ID else None
    if found is None:
        raise NotFound(f"there is no picture of {id!r:.80}.")
    answer = web.Response(
        body=found.content,
        content_type=found.media_type,
        headers={
            "Cache-Control": f"private, max-age={PICTURE_AGE_S}",
            "Content-Security-Policy": PICTURE_POLICY,
        },
    )
    answer.etag = tag = hashlib.sha256(found.content).hexdigest()[:32]
    if any(known.value in (tag, "*") for known in request.if_none_match or ()):
        return web.Response(status=304, headers=answer.headers)
    return answer


def _picture(shop: Shop, id: str) -> Picture | None:
    if shop.draw is None and shop.pictures is None:
        return None
    known = product_of(shop, id)
    if known is None:
        return None
    if shop.draw is not None:
        return shop.draw(known)
    return shop.pictures.read(known.image) if shop.pictures is not None else None


async def searched(request: web.Request, asked: Asked) -> Found:
    """The search, both ways, off the event loop, and counted; with the grades that were given here."""
    found, given = await asyncio.gather(
        in_thread(request, search, request.app[SHOP], asked), _given(request, asked.query)
    )
    request.app[METRICS].searched(found)
    return replace(found, given=given)


async def _given(request: web.Request, query: str) -> Grades:
    """Grades given in this storefront; none where they can't be read in time, since a search needs none."""
    try:
        async with asyncio.timeout(GIVEN_S):
            return await at_disk(request, request.app[JUDGED].medians, query.strip())
    except (EndcapError, TimeoutError, web.HTTPServiceUnavailable) as error:
        logger.warning("a search is shown without the grades given here: %s", error or f"no answer in {GIVEN_S} s")
        return {}


def origin_of(request: web.Request) -> str:
    """Where the page believes that it comes from, as in http://localhost:8080."""
    return f"{request.scheme}://{request.host}"


def _noted(request: web.Request, answer: dict[str, Any]) -> str | None:
    """The search as User Behaviour Insights have it, where they are kept; its id."""
    ids = [hit["id"] for hit in answer["columns"]["endcap"]]
    about = {"page": answer["page"], "status": str(answer["rerank"]["status"])}
    return request.app[BEHAVIOUR].searched(request, answer["query"], ids, about)

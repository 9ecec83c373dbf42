"""The API's routes that search: the shop, a page, a window, a product and its picture."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace

from aiohttp import web

from endcap.errors import EndcapError, InputError
from endcap.evaluate.measure_words import GRADE_WORDS
from endcap.index.own_query import query_words
from endcap.plugin.blend.features import MEANINGS
from endcap.plugin.search.decided_words import decided_words
from endcap.storefront.access import Refusal
from endcap.storefront.behaviour import BEHAVIOUR
from endcap.storefront.judging_routes import JUDGMENTS
from endcap.storefront.picture_files import MEDIA_TYPES, Picture
from endcap.storefront.responses import LOG, METRICS, PICTURE_POLICY, at_disk, in_thread, json_response
from endcap.storefront.search_page import (
    SearchReplies,
    page_json,
    product_json,
    product_of,
    search_shop,
    window_json,
)
from endcap.storefront.search_request import SearchRequest, read_search_request
from endcap.storefront.shop import Grades, Shop

SHOP = web.AppKey("shop", Shop)
MAX_ID = 512
MAX_JUDGED = 500
"""Of so many judged queries the page is told."""
PICTURE_AGE_S = 300
GRADES_WAIT_S = 0.5
"""So long a search waits at most for the grades that were given here."""

routes = web.RouteTableDef()


@routes.get("/api/shop")
async def shop(request: web.Request) -> web.Response:
    """What the storefront shows, and by what."""
    shown, info = request.app[SHOP], request.app[SHOP].student.info
    rules = shown.reranker.rules.current() if shown.reranker.rules is not None else None
    numbers, dense = shown.settings.numbers, shown.settings.dense
    return json_response(
        {
            "name": shown.name,
            "products": shown.products,
            "engine": {"kind": shown.settings.engine, "url": shown.settings.url or None, "index": shown.index},
            "searched_by": query_words(shown.own, shown.fields if shown.fields.paths else None),
            "decided_by": list(decided_words(rules, info.signals, shown.own, dense, numbers)),
            "model": {
                "name": info.name,
                "checksum": info.checksum,
                "window": shown.reranker.options.window,
                "blend": "learnt" if shown.reranker.options.learnt else "plain",
                "weight": info.blend_weight,
            },
            "telling": [{"query": query, "note": note} for query, note in shown.example_searches.items()],
            "judged": list(shown.judged_queries[:MAX_JUDGED]),
            "features": dict(MEANINGS),
            "facets": list(shown.facets.fields),
            "grades": list(GRADE_WORDS),
            "ubi": request.app[BEHAVIOUR].is_kept,
            "interleaving": request.app[BEHAVIOUR].has_mixed_list,
        }
    )


@routes.get("/api/search")
async def search_page(request: web.Request) -> web.Response:
    """A page of both columns."""
    replies = await search_both(request, read_search_request(request.query))
    page = await in_thread(request, page_json, request.app[SHOP], replies, origin_of(request))
    # note it as User Behaviour Insights have it
    ids = [hit["id"] for hit in page["columns"]["endcap"]]
    attributes = {"page": page["page"], "status": str(page["rerank"]["status"])}
    query_id = request.app[BEHAVIOUR].note_search(request, page["query"], ids, attributes)
    return json_response({"query_id": query_id, **page})


@routes.get("/api/window")
async def window(request: web.Request) -> web.Response:
    """The whole window in endcap's order."""
    replies = await search_both(request, replace(read_search_request(request.query), page=1))
    return json_response(await in_thread(request, window_json, request.app[SHOP], replies, origin_of(request)))


@routes.get("/api/product")
async def product(request: web.Request) -> web.Response:
    """One product."""
    id = request.query.get("id", "")
    if not 0 < len(id) <= MAX_ID:
        raise InputError(f"id is {id!r:.80}; give the id of a product, of at most {MAX_ID} characters.")
    fields = await in_thread(request, product_json, request.app[SHOP], id, origin_of(request))
    if fields is None:
        raise Refusal(404, f"there is no product {id!r:.80}.")
    return json_response(fields)


@routes.get("/pictures/{id}")
async def picture(request: web.Request) -> web.Response:
    """A product's picture."""
    id = request.match_info["id"]
    image = await in_thread(request, _picture, request.app[SHOP], id) if 0 < len(id) <= MAX_ID else None
    if image is None:
        raise Refusal(404, f"there is no picture of {id!r:.80}.")
    headers = {"Cache-Control": f"private, max-age={PICTURE_AGE_S}", "Content-Security-Policy": PICTURE_POLICY}
    response = web.Response(body=image.content, content_type=image.media_type, headers=headers)
    response.etag = tag = hashlib.sha256(image.content).hexdigest()[:32]
    if any(cached.value in (tag, "*") for cached in request.if_none_match or ()):
        return web.Response(status=304, headers=response.headers)
    return response


def _picture(shop: Shop, id: str) -> Picture | None:
    has_pictures = shop.draw is not None or shop.pictures is not None
    product = product_of(shop, id) if has_pictures else None
    if product is not None and shop.draw is not None:
        return Picture(shop.draw(product).encode(), MEDIA_TYPES[".svg"])
    return shop.pictures.read(product.image) if product is not None and shop.pictures is not None else None


async def search_both(request: web.Request, search_request: SearchRequest) -> SearchReplies:
    """The search, both ways, off the event loop, and counted; with the grades that were given here."""
    replies, given_grades = await asyncio.gather(
        in_thread(request, search_shop, request.app[SHOP], search_request),
        _given_grades(request, search_request.query),
    )
    request.app[METRICS].count_search(replies)
    return replace(replies, given_grades=given_grades)


async def _given_grades(request: web.Request, query: str) -> Grades:
    """Grades given in this storefront; none where they can't be read in time, since a search needs none."""
    try:
        async with asyncio.timeout(GRADES_WAIT_S):
            return await at_disk(request, request.app[JUDGMENTS].medians, query.strip())
    except (EndcapError, TimeoutError, web.HTTPServiceUnavailable) as error:
        reason = error or f"no answer in {GRADES_WAIT_S} s"
        LOG.warning("a search is shown without the grades given here: %s", reason)
        return {}


def origin_of(request: web.Request) -> str:
    """Where the page believes that it comes from, as in http://localhost:8080."""
    return f"{request.scheme}://{request.host}"

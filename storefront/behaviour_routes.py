"""The API's routes for what visitors do: events, the mixed list, and what its clicks say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from endcap.errors import InputError
from endcap.evaluate.interleaving.team_draft import Drafted
from endcap.storefront.behaviour import BEHAVIOUR
from endcap.storefront.responses import in_thread, json_body, json_response
from endcap.storefront.search_page import SearchReplies, endcap_hits, head_json, hit_ids
from endcap.storefront.search_request import read_search_request
from endcap.storefront.search_routes import SHOP, origin_of, search_both
from endcap.storefront.shop import Shop

routes = web.RouteTableDef()


@routes.post("/api/events")
async def event(request: web.Request) -> web.Response:
    """Take an event of the page."""
    team = request.app[BEHAVIOUR].note_event(await json_body(request))
    return json_response({"taken": 1, "team": team or None}, 202)


@routes.get("/api/interleaved")
async def interleaved(request: web.Request) -> web.Response:
    """Both orders as one list, each product with the team that brought it."""
    behaviour, shop = request.app[BEHAVIOUR], request.app[SHOP]
    search_request = read_search_request(request.query)
    if not behaviour.has_mixed_list:
        raise InputError("a mixed list needs clicks: start the storefront with --ubi, or with --replay.")
    if search_request.weight is not None:  # clicks on lists of several weights would be added up as if they were of one
        raise InputError(
            f"blend is {request.query['blend']!r:.80}; the mixed list compares the engine with the model's own blend. "
            "Leave it out."
        )
    # draft the list from both orders, and take the page's part
    replies = await search_both(request, search_request)
    engine, endcap = (hit_ids(hits) for hits in replies.columns)
    mixed = behaviour.mixed_list(request, search_request, endcap, engine)
    page = mixed.shown[search_request.start :]
    hits = await in_thread(request, _mixed_hits, shop, replies, origin_of(request), page)
    # note whose each product was, for who reads the clicks later
    teams = [drafted.team for drafted in page]
    attributes = {"index": shop.index, "page": search_request.page, "mixed": True, "teams": teams}
    ids = [drafted.id for drafted in page]
    behaviour.note_search(request, search_request.query, ids, attributes, mixed.query_id)
    head = await in_thread(request, head_json, shop, replies)
    return json_response({"query_id": mixed.query_id, **head, "hits": hits})


@routes.get("/api/interleaving")
async def interleaving(request: web.Request) -> web.Response:
    """What the clicks say so far."""
    return json_response(request.app[BEHAVIOUR].summary())


def _mixed_hits(shop: Shop, replies: SearchReplies, origin: str, page: Sequence[Drafted]) -> list[dict[str, Any]]:
    """The drafted products as hits, with their place in the mixed list and in both orders."""
    ids = {drafted.id for drafted in page}
    places = [place for place, id in enumerate(hit_ids(replies.columns[1])) if id in ids]
    by_id = {hit["id"]: hit for hit in endcap_hits(shop, replies, origin, places)}
    return [
        hit | {"rank": rank, "endcap_rank": hit["rank"], "engine_rank": hit["other_rank"], "team": drafted.team or None}
        for rank, drafted in enumerate(page, replies.request.start + 1)
        if (hit := by_id.get(drafted.id)) is not None
    ]

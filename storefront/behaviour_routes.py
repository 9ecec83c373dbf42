"""The API's routes for what visitors do: events, the mixed list, and what its clicks say."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aiohttp import web

from endcap.errors import InputError
from endcap.evaluate.interleaving.team_draft import Drafted
from endcap.storefront.behaviour import BEHAVIOUR
from endcap.storefront.responses import in_thread, json_answer, json_body
from endcap.storefront.search_page import Found, endcap_hits_at, head_json, hit_ids
from endcap.storefront.search_request import read_asked
from endcap.storefront.search_routes import SHOP, origin_of, searched
from endcap.storefront.shop import Shop

routes = web.RouteTableDef()


@routes.post("/api/events")
async def event(request: web.Request) -> web.Response:
    """Take an event of the page."""
    team = request.app[BEHAVIOUR].event(await json_body(request))
    return json_answer({"taken": 1, "team": team or None}, 202)


@routes.get("/api/interleaved")
async def interleaved(request: web.Request) -> web.Response:
    """Both orders as one list, each product with the team that brought it."""
    behaviour, shop, asked = request.app[BEHAVIOUR], request.app[SHOP], read_asked(request.query)
    if not behaviour.compared:
        raise InputError("a mixed list needs clicks: start the storefront with --ubi, or with --replay.")
    if asked.weight is not None:  # clicks on lists of several weights would be added up as if they were of one
        raise InputError(
            f"blend is {request.query['blend']!r:.80}; the mixed list compares the engine with the model's own blend. "
            "Leave it out."
        )
    found = await searched(request, asked)
    engine, endcap = (hit_ids(hits) for hits in found.columns)
    mixed = behaviour.mixed(request, asked, endcap, engine)
    shown = mixed.shown[asked.start :]
    hits = await in_thread(request, _mixed_hits, shop, found, origin_of(request), shown)
    about = {"index": shop.index, "page": asked.page, "mixed": True, "teams": [each.team for each in shown]}
    behaviour.searched(request, asked.query, [each.id for each in shown], about, mixed.query_id)
    head = await in_thread(request, head_json, shop, found)
    return json_answer({"query_id": mixed.query_id, **head, "hits": hits})


@routes.get("/api/interleaving")
async def interleaving(request: web.Request) -> web.Response:
    """What the clicks say so far."""
    return json_answer(request.app[BEHAVIOUR].told())


def _mixed_hits(shop: Shop, found: Found, origin: str, shown: Sequence[Drafted]) -> list[dict[str, Any]]:
    """The drafted products as hits, with their place in the mixed list and in both orders."""
    wanted = {each.id for each in shown}
    places = [n for n, id in enumerate(hit_ids(found.columns[1])) if id in wanted]
    by_id = {hit["id"]: hit for hit in endcap_hits_at(shop, found, origin, places)}
    return [
        hit | {"rank": rank, "endcap_rank": hit["rank"], "engine_rank": hit["other_rank"], "team": each.team or None}
        for rank, each in enumerate(shown, found.asked.start + 1)
        if (hit := by_id.get(each.id)) is not None
    ]

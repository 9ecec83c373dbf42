"""The API's routes for judging: a judge's grades, giving and taking back, and the file of all of them."""

from __future__ import annotations

from aiohttp import web

from endcap.errors import InputError
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.responses import at_disk, json_body, json_response
from endcap.storefront.search_request import MAX_QUERY

JUDGMENTS = web.AppKey("judgments", JudgmentStore)

routes = web.RouteTableDef()


@routes.get("/api/judgments")
async def judge_grades(request: web.Request) -> web.Response:
    """The judge's own grades of a query: product to grade."""
    query, judge = request.query.get("q", "").strip(), request.query.get("judge", "")
    return json_response(await at_disk(request, request.app[JUDGMENTS].grades_of, query, judge))


@routes.post("/api/judgments")
async def give(request: web.Request) -> web.Response:
    """Give a grade, or take it back."""
    body = await json_body(request)
    for name in ("query", "product", "grade", "judge"):
        if name not in body:
            raise InputError(f"{name!r} is missing; send query, product, grade (0 to 3, or null) and judge.")
    if len(str(body["query"])) > MAX_QUERY:
        raise InputError(f"query has {len(str(body['query'])):,} characters; at most {MAX_QUERY:,} are searched for.")
    # blanks around a query are no part of it, as in a search
    query = body["query"].strip() if isinstance(body["query"], str) else body["query"]
    judgment = (query, body["product"], body["grade"], body["judge"])
    count = await at_disk(request, request.app[JUDGMENTS].give, *judgment)
    return json_response({"saved": True, "count": count})


@routes.post("/api/judgments/undo")
async def undo(request: web.Request) -> web.Response:
    """Take back the judge's last change."""
    body = await json_body(request)
    event = await at_disk(request, request.app[JUDGMENTS].undo, body.get("judge", ""))
    undone = None if event is None else {"query": event.query, "product": event.product, "grade": event.grade}
    return json_response({"undone": undone})


@routes.get("/api/judgments/export")
async def export(request: web.Request) -> web.Response:
    """All judgments as a file."""
    file = await at_disk(request, request.app[JUDGMENTS].export, request.query.get("format", "quepid"))
    return web.Response(
        body=file.content,
        headers={
            "Content-Type": file.media_type,
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Cache-Control": "no-store",
        },
    )

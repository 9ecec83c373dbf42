"""The storefront as an ``aiohttp`` application: the API, the page's files, and whether it is well."""

from __future__ import annotations

import importlib.resources
from collections.abc import Collection
from pathlib import Path

from aiohttp import web

from endcap.http_guard import body_in_time
from endcap.storefront import behaviour_routes, judging_routes, search_routes
from endcap.storefront.access import Refusal, access_check
from endcap.storefront.behaviour import BEHAVIOUR, Behaviour
from endcap.storefront.judging_routes import JUDGMENTS
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.metrics import CONTENT_TYPE, Metrics
from endcap.storefront.responses import (
    DISK_KEY,
    METRICS,
    WORKERS_KEY,
    Workers,
    add_safe_headers,
    errors,
    in_thread,
    json_response,
)
from endcap.storefront.search_routes import SHOP
from endcap.storefront.shop import Shop

MAX_BODY_BYTES = 64 * 1024
MAX_LINE_BYTES = 32 * 1024
"""Of an address with its parameters, and of a header."""
STATIC = Path(str(importlib.resources.files("endcap.storefront"))) / "static"
COLOURS = Path(str(importlib.resources.files("endcap.evaluate.report"))) / "templates" / "look.css"
"""The reports' own, so that both have one look."""
FILES = web.AppKey("files", dict[str, Path])


def make_app(
    shop: Shop, judgments: JudgmentStore, behaviour: Behaviour | None = None, hosts: Collection[str] = ()
) -> web.Application:
    """The application. It closes the behaviour's log at its end; the shop is closed by who has opened it.

    ``hosts`` are the names that it is reached by, beside localhost and addresses in numbers; ``InputError`` names one
    that can't be a name.
    """
    app = web.Application(
        middlewares=[errors, access_check(hosts), body_in_time],
        client_max_size=MAX_BODY_BYTES,
        handler_args={"max_line_size": MAX_LINE_BYTES, "max_field_size": MAX_LINE_BYTES},
    )
    app[SHOP], app[JUDGMENTS], app[BEHAVIOUR] = shop, judgments, behaviour or Behaviour(None)
    app[FILES], app[METRICS], app[WORKERS_KEY], app[DISK_KEY] = page_files(), Metrics(shop), Workers(), Workers()
    app.on_response_prepare.append(add_safe_headers)
    app.on_cleanup.append(_close)
    app.add_routes([web.get("/health", _health), web.get("/ready", _ready), web.get("/metrics", _metrics)])
    for routes in (search_routes.routes, judging_routes.routes, behaviour_routes.routes):
        app.add_routes(routes)
    app.add_routes(web.get(path, _file) for path in ("/", "/static/{path:.+}", "/{path:.+}"))
    return app


def page_files() -> dict[str, Path]:
    """The page's files, by the names that they are served under."""
    files = {path.relative_to(STATIC).as_posix(): path for path in sorted(STATIC.rglob("*")) if path.is_file()}
    return files | {"colours.css": COLOURS}


async def _file(request: web.Request) -> web.StreamResponse:
    """One of the page's files, with its type and an ETag; at ``/`` the page, which reads its own parameters."""
    name = request.match_info.get("path", "index.html")
    # Looked up among the names that there are, so that no name leads anywhere else.
    path = request.app[FILES].get(name)
    if path is None:
        raise Refusal(404, f"there is no {name[:200]!r} here.")
    response = web.FileResponse(path)
    # Kept by the browser, and asked for with its ETag each time: after an update nobody has half of the old page.
    response.headers["Cache-Control"] = "no-cache"
    if path.suffix in TYPES:
        response.headers["Content-Type"] = TYPES[path.suffix]
    return response


TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
"""Not the system's, which differ; a script of a wrong type is not run."""


async def _health(request: web.Request) -> web.Response:
    return json_response({"status": "ok"})


async def _ready(request: web.Request) -> web.Response:
    """Whether a search would be answered: the model is loaded before anything is, the engine is asked."""
    products = await in_thread(request, request.app[SHOP].engine.count)
    return json_response({"status": "ready", "products": products, "model": request.app[SHOP].student.info.name})


async def _metrics(request: web.Request) -> web.Response:
    return web.Response(body=request.app[METRICS].text(), headers={"Content-Type": CONTENT_TYPE})


async def _close(app: web.Application) -> None:
    app[DISK_KEY].close()
    app[WORKERS_KEY].close()
    app[BEHAVIOUR].close()

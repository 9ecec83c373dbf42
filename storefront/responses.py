"""How the storefront answers: JSON, errors in one shape, what every reply's head says, and work off the event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import orjson
from aiohttp import web

from endcap.errors import EndcapError, EngineError, InputError
from endcap.storefront.access import Refusal
from endcap.storefront.metrics import Metrics

LOG = logging.getLogger("endcap.storefront")

WORKERS = 4
"""Searches that run at once; the student has threads of its own."""
MAX_WAITING = 64
"""Requests that may wait for a worker before others are turned away."""
PAGE_POLICY = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture may be drawn, and do nothing, even where somebody opens it as a page of its own."""
API_POLICY = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
KINDS = {400: "bad_request", 403: "forbidden", 404: "not_found", 503: "engine_unreachable"}

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Workers:
    """A few threads for what takes a while, and a bounded line in front of them."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="endcap-storefront")
        self._running = 0

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """The work's result, computed in a thread. Raises ``web.HTTPServiceUnavailable`` where too many wait."""
        if self._running >= WORKERS + MAX_WAITING:
            raise web.HTTPServiceUnavailable(text="too many searches at once; try again in a second.")
        self._running += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        # Counted until it is done: who asked may be gone before that.
        future.add_done_callback(self._done)
        return await asyncio.shield(future)

    def _done(self, future: asyncio.Future[Any]) -> None:
        self._running -= 1
        if not future.cancelled():
            future.exception()  # seen, also where nobody waits for it any more

    def close(self) -> None:
        """Wait for what runs, and drop what waits."""
        self._pool.shutdown(wait=True, cancel_futures=True)


METRICS = web.AppKey("metrics", Metrics)
WORKERS_KEY = web.AppKey("workers", Workers)
DISK_KEY = web.AppKey("disk", Workers)
"""For what waits for the disk alone: searches that wait for an engine must not hold up who judges."""


async def in_thread(request: web.Request, work: Callable[..., T], *arguments: Any) -> T:
    """The work's result, computed off the event loop."""
    return await request.app[WORKERS_KEY].run(work, *arguments)


async def at_disk(request: web.Request, work: Callable[..., T], *arguments: Any) -> T:
    """The work's result, computed off the event loop and beside the searches."""
    return await request.app[DISK_KEY].run(work, *arguments)


def json_response(data: Any, status: int = 200) -> web.Response:
    """A response in JSON; numbers that do not exist are null."""
    try:
        body = orjson.dumps(data)
    except TypeError:  # an engine hands out what was put in
        body = orjson.dumps(_writable(data))
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


def _writable(data: Any) -> Any:
    """The data without what strict JSON has no place for: halves of characters, numbers of more than 64 bits."""
    if isinstance(data, str):
        return data.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(data, int) and not -(2**63) <= data < 2**64:
        return str(data)
    if isinstance(data, Mapping):
        return {str(_writable(name)): _writable(value) for name, value in data.items()}
    if isinstance(data, list | tuple):
        return [_writable(value) for value in data]
    return data


def error_response(status: int, message: str, kind: str | None = None) -> web.Response:
    """An error in the API's shape."""
    kind = kind or KINDS.get(status) or ("bad_request" if status < 500 else "internal")
    return json_response({"error": {"kind": kind, "message": " ".join(message.split())}}, status)


def engine_error(error: EngineError) -> web.Response:
    """What the engine, or the way to it, is to blame for: it does not answer, has too much to do, or refuses."""
    status = getattr(error.__cause__, "status_code", None)
    if status == 429:
        return overloaded(str(error))
    # a number where the engine has answered, else words
    refused = isinstance(status, int) and 400 <= status < 500
    return error_response(502, str(error), "engine_refused") if refused else error_response(503, str(error))


def overloaded(message: str) -> web.Response:
    """Too many ask at once, of us or of the engine."""
    response = error_response(503, message, "overloaded")
    response.headers["Retry-After"] = "1"
    return response


async def json_body(request: web.Request) -> Mapping[str, Any]:
    """The object that a request carries. Raises ``InputError`` where it is none."""
    try:
        data = orjson.loads(await request.read())
    except ValueError as error:
        raise InputError(f"the body is no JSON: {error}.") from error
    if not isinstance(data, dict):
        raise InputError(f"the body is of type {type(data).__name__}; send an object.")
    return data


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as an answer in the API's shape, counted by route and status."""
    response = await _response(request, handler)
    resource = request.match_info.route.resource
    # by the route's own name: an address that anybody can make up would be a label for each
    request.app[METRICS].count_request(resource.canonical if resource else "none", response.status)
    return response


async def _response(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except InputError as error:
        return error_response(400, str(error))
    except Refusal as error:
        return error_response(error.status, str(error))
    except EngineError as error:
        return engine_error(error)
    except EndcapError as error:  # on our side, as a full disk: in words, since who asks may be who can mend it
        LOG.error("%s %s failed: %s", request.method, request.path, error)
        return error_response(500, str(error))
    except web.HTTPServiceUnavailable as error:
        return overloaded(error.text or "too busy")
    except web.HTTPRequestEntityTooLarge:
        return error_response(413, "the body is too large.")
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = error_response(error.status, f"{request.method} {request.path[:200]}: {error.reason}.")
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    except Exception as error:
        LOG.error("%s %s failed", request.method, request.path, exc_info=error)
        return error_response(500, "the storefront failed; its log says why.")


async def add_safe_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What every reply says of what a browser may do with it."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    page = response.content_type == "text/html"
    response.headers.setdefault("Content-Security-Policy", PAGE_POLICY if page else API_POLICY)

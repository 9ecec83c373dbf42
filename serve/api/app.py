"""The API's door: who may come in, what is asked for, within which limits, and how long it may take."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from aiohttp import ClientPayloadError, hdrs, web
from aiohttp.web_protocol import RequestPayloadError

from endcap.plugin.faults import log_fault
from endcap.plugin.model.student import Student
from endcap.serve.address import target_of
from endcap.serve.api.api_metrics import ApiMetrics
from endcap.serve.api.bodies import (
    RerankRequest,
    read_cohere,
    read_embeddings,
    read_object,
    read_tei,
)
from endcap.serve.api.docs_page import docs_page
from endcap.serve.api.embedding import embedded
from endcap.serve.api.openapi import openapi
from endcap.serve.api.reading import Reading, Scored
from endcap.serve.api.refusals import Refusal, malformed, overloaded, too_large
from endcap.serve.api.replies import cohere_reply, json_response, refused, tei_reply
from endcap.serve.api_settings import ApiSettings
from endcap.serve.keys import Keys
from endcap.serve.metrics import CONTENT_TYPE
from endcap.serve.request_body import Unread, plain_bytes, read_body

B = TypeVar("B")
Handler = Callable[["Api", bytes], Awaitable[web.Response]]
AGAIN_S, ARRIVING, LONGEST, BODY_S = 1, 8, 32, 20.0
"""When to come again; bodies on their way for each request that may be worked on, of the longest ones; their time."""


@dataclass(frozen=True, slots=True)
class Route:
    """A path: its method, what answers it, the form of its errors, and whether it is open to all."""

    method: str
    handler: Handler
    form: str = "cohere"
    is_open: bool = False


@dataclass(slots=True)
class Api:
    """Answers requests; ``draining`` says that connections are to end with the answer under way."""

    settings: ApiSettings
    reading: Reading
    keys: Keys
    metrics: ApiMetrics
    draining: bool = False
    under_way: int = field(default=0)
    arriving: dict[int, web.BaseRequest] = field(default_factory=dict)
    """Requests whose bodies are on their way. They have no slot: who sends slowly keeps nobody out."""

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        began = time.perf_counter()
        path = (target_of(request.raw_path) or "").partition("?")[0]
        route = ROUTES.get(path)
        form = route.form if route else "cohere"
        try:
            response = await self._answer(request, path, route)
        except Refusal as refusal:
            response = refused(refusal, form)
        except (ClientPayloadError, RequestPayloadError, ConnectionError) as error:
            response = refused(Refusal(400, "body", f"the body can't be read: {error}."), form)
        except Exception as error:
            log_fault("an API request failed", error)
            response = refused(Refusal(500, "internal_error", "a fault of the server; its log says more."), form)
        if self.draining or (request.can_read_body and not request.content.is_eof()):
            response.force_close()
        kind = path if route else "other"
        self.metrics.requests.labels(kind, str(response.status)).inc()
        self.metrics.seconds.labels(kind).observe(time.perf_counter() - began)
        return response

    async def _answer(self, request: web.BaseRequest, path: str, route: Route | None) -> web.Response:
        if route is None:
            raise Refusal(404, "not_found", f"there is no {path!r:.200}; /docs names all there is.")
        if request.method != route.method and (request.method, route.method) != ("HEAD", "GET"):
            allowed = "GET, HEAD" if route.method == "GET" else route.method
            raise Refusal(405, "method", f"{path} is for {allowed}.", {"Allow": allowed})
        if not route.is_open:
            self._check_key(request)
        if route.method == "GET":
            return await route.handler(self, b"")
        self._check_room()
        self.arriving[id(request)] = request
        try:
            raw = await self._body(request)
        finally:
            del self.arriving[id(request)]
        self._check_room()
        self.under_way += 1
        try:
            return await self._in_time(route.handler, raw)
        finally:
            self.under_way -= 1

    def _check_room(self) -> None:
        most = self.settings.max_requests
        if self.under_way >= most:
            raise overloaded(f"{self.under_way} requests are being answered, which is too many.", AGAIN_S)
        if len(self.arriving) >= ARRIVING * most:
            raise overloaded(f"the bodies of {len(self.arriving)} requests are on their way: too many.", AGAIN_S)
        come = sum(request.content.total_bytes for request in self.arriving.values())
        if come >= LONGEST * self.settings.max_body_bytes:
            raise overloaded(f"{come:,} bytes of other bodies are here already, which is too many.", AGAIN_S)

    def _check_key(self, request: web.BaseRequest) -> None:
        if self.settings.no_keys or not self.keys.needs_one():
            return
        scheme, _, text = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or self.keys.name_of(text.strip()) is None:
            why = "the API key is not known" if text else "an API key is needed"
            raise Refusal(
                401, "key", f"{why}: send Authorization: Bearer KEY.", {"WWW-Authenticate": 'Bearer realm="endcap"'}
            )

    async def _body(self, request: web.BaseRequest) -> bytes:
        kind = request.headers.get(hdrs.CONTENT_TYPE, "").partition(";")[0].strip().lower()
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise Refusal(415, "content_type", f"the content type is {kind!r:.80}; send application/json.")
        most = self.settings.max_body_bytes
        if (request.content_length or 0) > most:
            raise too_large(f"the body has {request.content_length:,} bytes; at most {most:,} are read.")
        try:
            async with asyncio.timeout(BODY_S):
                body = await read_body(request, most)
        except TimeoutError:
            raise Refusal(408, "timeout", f"the body has not come within {BODY_S:g} s.") from None
        if not body.whole:
            raise too_large(f"the body has more than {most:,} bytes, which is all that is read.")
        encoding = request.headers.get(hdrs.CONTENT_ENCODING, "")
        return await self.reading.light.take(lambda: _plain(body.raw, encoding, most)) if encoding else body.raw

    async def _in_time(self, handler: Handler, raw: bytes) -> web.Response:
        try:
            async with asyncio.timeout(self.settings.deadline_ms / 1e3):
                return await handler(self, raw)
        except TimeoutError:
            raise overloaded(
                f"it took longer than {self.settings.deadline_ms:g} ms. What was read is kept: asked again, it gets "
                "further.",
                self.settings.most_seconds(),
            ) from None

    async def body(self, read: Callable[[Mapping[str, Any], int], B], raw: bytes) -> B:
        """The body as a record; a long one takes a while, and so a turn."""
        most = self.settings.max_documents
        return await self.reading.light.take(lambda: read(read_object(raw), most))

    async def scored(self, request: RerankRequest) -> tuple[Student, Scored]:
        """The student in use, and its scores."""
        student = self.reading.pinned()
        scored = await self.reading.scored(student, request.query, request.documents, request.may_cut)
        self.metrics.tokens.inc(scored.tokens)
        return student, scored


def _plain(raw: bytes, encoding: str, most: int) -> bytes:
    """A body without its content encoding. Raises ``Refusal``."""
    try:
        return plain_bytes(raw, encoding, most)
    except Unread as unread:
        reason = str(unread)
    if reason == "content_encoding":
        words = f"the content encoding is {encoding!r:.80}; send gzip or deflate, or none."
        raise Refusal(415, reason, words, {"Accept-Encoding": "gzip, deflate"})
    if reason == "long_body":
        raise too_large(f"the body has more than {most:,} bytes without its encoding, which is all that is read.")
    raise Refusal(400, "body", f"the body is not what its content encoding says, {encoding!r:.80}.")


async def rerank_tei(api: Api, raw: bytes) -> web.Response:
    """``/rerank``."""
    request = await api.body(read_tei, raw)
    _, scored = await api.scored(request)
    return json_response(tei_reply(request, scored), headers={"x-compute-tokens": str(scored.tokens)})


async def rerank_cohere(api: Api, raw: bytes, version: str) -> web.Response:
    """``/v1/rerank`` and ``/v2/rerank``."""
    request = await api.body(read_cohere, raw)
    student, scored = await api.scored(request)
    return json_response(cohere_reply(request, scored, student.info.name, version))


async def embeddings(api: Api, raw: bytes) -> web.Response:
    """``/v1/embeddings``."""
    request, student = await api.body(read_embeddings, raw), api.reading.pinned()
    if student.info.shape == "cross-encoder":
        raise malformed(f"the model {student.info.name} is a cross-encoder, which has no vectors.")
    [size] = student.info.state_shape
    if request.dimensions not in (None, size):
        raise malformed(f"dimensions is {request.dimensions}; vectors of {student.info.name} have {size}.")
    return json_response(await embedded(api.reading, student, request))


async def models(api: Api, _: bytes) -> web.Response:
    """``/v1/models``: the one in use."""
    name = api.reading.pinned().info.name
    model = {"id": name, "object": "model", "created": 0, "owned_by": "endcap"}
    return json_response({"object": "list", "data": [model]})


async def info(api: Api, _: bytes) -> web.Response:
    """``/info``: the model and the limits, in TEI's words where it has some."""
    from endcap import __version__

    about, settings = api.reading.pinned().info, api.settings
    return json_response(
        {
            "model_id": about.name,
            "model_sha": about.checksum,
            "model_dtype": about.precision,
            "model_type": {
                "reranker": {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}, "shape": about.shape}
            },
            "languages": list(about.languages),
            "max_input_length": about.text.max_product_tokens,
            "max_batch_tokens": about.text.max_product_tokens * settings.max_documents,
            "max_batch_requests": None,
            "auto_truncate": True,
            "max_concurrent_requests": settings.max_requests,
            "max_client_batch_size": settings.max_documents,
            "max_body_bytes": settings.max_body_bytes,
            "deadline_ms": settings.deadline_ms,
            "tokenization_workers": api.reading.turns.threads,
            "version": __version__,
        }
    )


async def health(api: Api, _: bytes) -> web.Response:
    """``/health``: it answers; the port of health says more."""
    return json_response({"live": True})


async def ready(api: Api, _: bytes) -> web.Response:
    """``/ready``: whether more should be sent here."""
    return json_response({"ready": not api.draining}, 503 if api.draining else 200)


async def metrics(api: Api, _: bytes) -> web.Response:
    """``/metrics``, as at the port of health, which answers also where this one has too much to do."""
    api.metrics.ready.set(not api.draining)
    return web.Response(body=api.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


async def specification(api: Api, _: bytes) -> web.Response:
    """``/openapi.json``."""
    return json_response(openapi(api.settings))


async def docs(api: Api, _: bytes) -> web.Response:
    """``/docs``: the specification as a page."""
    headers = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"}
    return web.Response(text=docs_page(openapi(api.settings)), content_type="text/html", headers=headers)


ROUTES = {
    "/rerank": Route("POST", rerank_tei, "tei"),
    "/v1/rerank": Route("POST", partial(rerank_cohere, version="1")),
    "/v2/rerank": Route("POST", partial(rerank_cohere, version="2")),
    "/v1/embeddings": Route("POST", embeddings),
    "/v1/models": Route("GET", models),
    "/info": Route("GET", info),
    "/health": Route("GET", health, is_open=True),
    "/ready": Route("GET", ready, is_open=True),
    "/metrics": Route("GET", metrics),
    "/openapi.json": Route("GET", specification, is_open=True),
    "/docs": Route("GET", docs, is_open=True),
}

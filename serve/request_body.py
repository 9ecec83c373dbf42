"""A search's body as it came, and as it is read: decompressed and parsed, within limits, or not at all."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from aiohttp import web

from endcap.plugin.search.bodies import MAX_DEPTH

SENT = "endcap_sent"
"""Of a request: its body as far as it was read."""
SILENT_S = 60.0
"""So long the next bytes of a body may take."""
_CHECKED_BYTES = 64 * 1024
_KEPT = 64
"""Headers' values that were looked at: clients send few."""
MAX_MEMBERS = 1_000
"""Of a gzip body, so many are read."""
_PART_BYTES = 256 * 1024
"""So much is unpacked at once: what is left behind a member is copied."""
_WINDOW_BITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class Unread(Exception):
    """A body that is not read, and so goes on as it is; its text is the reason."""


@dataclass(frozen=True, slots=True)
class Body:
    """What has come of a body: all of it, or its first part where it is longer than what is read."""

    raw: bytes
    whole: bool


async def begin_body(request: web.BaseRequest) -> None:
    """Tell a client that waits for it that its body is welcome."""
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")


async def read_body(request: web.BaseRequest, limit: int) -> Body:
    """The body, up to a limit of bytes."""
    request[SENT] = body = await _read_body(request, limit)
    return body


async def _read_body(request: web.BaseRequest, limit: int) -> Body:
    if not request.can_read_body:
        return Body(b"", True)
    if request.content.is_eof() and request.content.total_bytes <= limit:  # it is here, as most searches are
        return Body(request.content.read_nowait(), True)
    await begin_body(request)
    parts, size = [], 0
    async for chunk in chunks_of(request):
        parts.append(chunk)
        size += len(chunk)
        if size > limit:
            return Body(b"".join(parts), False)
    return Body(b"".join(parts), True)


async def chunks_of(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """A request's body as it comes. Raises ``TimeoutError`` where nothing comes for too long."""
    while True:
        async with asyncio.timeout(SILENT_S):
            chunk = await request.content.readany()
        if not chunk:
            return
        yield chunk


async def rest_of(body: Body, request: web.BaseRequest) -> AsyncIterator[bytes]:
    """All of a body that was read in part."""
    yield body.raw
    async for chunk in chunks_of(request):
        yield chunk


def plain_bytes(raw: bytes, encoding: str, limit: int) -> bytes:
    """The body without its content encoding. Raises ``Unread``.

    gzip may have several members, one behind the other (RFC 1952, 2.2), as clusters take it, too.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return raw
    if name not in _WINDOW_BITS:
        raise Unread("content_encoding")
    bare = name == "deflate" and raw[:1] and raw[0] & 15 != zlib.DEFLATED  # without zlib's head, as some send it
    try:
        return _unpacked(
            raw, -zlib.MAX_WBITS if bare else _WINDOW_BITS[name], limit, 1 if name == "deflate" else MAX_MEMBERS
        )
    except zlib.error:
        raise Unread("body") from None


def _unpacked(raw: bytes, window_bits: int, limit: int, members: int) -> bytes:
    plain, at, packed = bytearray(), 0, memoryview(raw)
    for _ in range(members):
        unpacker = zlib.decompressobj(window_bits)
        while not unpacker.eof:
            part = packed[at : at + _PART_BYTES]
            if not part:
                raise Unread("body")  # cut off
            plain += unpacker.decompress(part, limit - len(plain) + 1)
            if len(plain) > limit:
                raise Unread("long_body")
            at += len(part) - len(unpacker.unused_data)
        if at == len(raw):
            return bytes(plain)
    raise Unread("body")


def json_object(text: bytes) -> dict[str, Any]:
    """A body's object; nothing is the empty one. Raises ``Unread``, also for a key that stands twice, as engines do."""
    if not text.strip():
        return {}
    try:
        value = orjson.loads(text)
        if not isinstance(value, dict):
            raise Unread("body")
        n_keys = _n_keys(value)
        # Each key that stands in the text has a colon. Where there are as many as keys, none stands twice; where there
        # are more, a colon in a text may be why.
        if len(text) <= _CHECKED_BYTES and text.count(b":") > n_keys:
            json.loads(text, object_pairs_hook=_without_twice)
    except (ValueError, RecursionError):
        raise Unread("body") from None
    return value


def _n_keys(body: dict[str, Any]) -> int:
    """How many keys there are in a body. Raises ``Unread`` where it is nested deeper than ``MAX_DEPTH``."""
    count, level = 0, list[Any]((body,))
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for item in level:
            if type(item) is dict:
                count += len(item)
                item = item.values()
            inner += [value for value in item if type(value) is dict or type(value) is list]
        if not inner:
            return count
        level = inner
    raise Unread("body")


def _without_twice(pairs: list[tuple[str, Any]]) -> None:
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a key stands twice")


def check_json(content_type: str | None, accept: str, body: bytes, lines: bool = False) -> None:
    """Raise ``Unread`` where the body is no JSON by its own word, or the answer should be none."""
    if body and not _is_body(content_type or "", lines):
        raise Unread("content_type")
    if accept and not _takes_json(accept):
        raise Unread("accept")


@lru_cache(_KEPT)
def _is_body(content_type: str, lines: bool) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return _is_json(kind) or (lines and kind == "application/x-ndjson")


@lru_cache(_KEPT)
def _takes_json(accept: str) -> bool:
    wanted = [part.partition(";")[0].strip().lower() for part in accept.split(",") if part.strip()]
    return not wanted or any(_is_json(part) or part in ("*/*", "application/*") for part in wanted)


def _is_json(kind: str) -> bool:
    return kind == "application/json" or (kind.startswith("application/vnd.") and kind.endswith("json"))

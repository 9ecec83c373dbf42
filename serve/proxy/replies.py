"""The proxy's own replies: a re-ranked search's, and an error where the cluster has given none."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import hdrs, web
from multidict import CIMultiDict

from endcap.plugin.unread_source import UnreadSource
from endcap.serve.headers import OWN
from endcap.serve.proxy.raw_response import answer

COMPRESSED_BYTES = 1024
"""Replies from this length on are compressed, where the client takes that."""
JSON = "application/json; charset=UTF-8"


class Unwritable(Exception):
    """A reply that is nested too deeply to be written."""


def json_bytes(value: Any, pretty: bool = False) -> bytes:
    """A reply as JSON. Raises ``Unwritable``."""
    option = orjson.OPT_INDENT_2 if pretty else 0
    try:
        return orjson.dumps(value, _document, option)
    except TypeError:
        pass  # whole numbers above 64 bits, as ``Call.exact`` has them; or more than 254 levels
    indent, separators = (2, None) if pretty else (None, (",", ":"))
    try:
        return json.dumps(value, indent=indent, separators=separators, default=_document).encode()
    except RecursionError:
        raise Unwritable("a document is nested too deeply to be written") from None


def _document(value: Any) -> Any:
    if isinstance(value, UnreadSource):
        return value.read
    raise TypeError(f"{type(value).__name__} is no JSON")


async def answer_json(
    request: web.BaseRequest, body: bytes, headers: CIMultiDict[str] | None, said: str
) -> web.StreamResponse:
    """Send a re-ranked reply, with the headers of the cluster's own."""
    sent = CIMultiDict(headers) if headers is not None else CIMultiDict[str]()
    sent.setdefault(hdrs.CONTENT_TYPE, JSON)
    sent[OWN] = said
    if len(body) >= COMPRESSED_BYTES and takes_gzip(request.headers.get(hdrs.ACCEPT_ENCODING, "")):
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        body = packer.compress(body) + packer.flush()
        sent[hdrs.CONTENT_ENCODING] = "gzip"
        sent.add(hdrs.VARY, "Accept-Encoding")
    return await answer(request, 200, None, sent, body)


def malformed(status: int, why: str) -> web.Response:
    """The answer to what is no request by HTTP's rules, as OpenSearch has it."""
    kind = "too_long_http_line_exception" if status in (414, 431) else "bad_http_request_exception"
    response = web.Response(status=status, body=_error_bytes(status, kind, why), headers={hdrs.CONTENT_TYPE: JSON})
    response.headers[OWN] = f"error; reason={kind}"
    return response


def _error_bytes(status: int, kind: str, why: str) -> bytes:
    cause = {"type": kind, "reason": why}
    return orjson.dumps({"error": {"root_cause": [cause], **cause}, "status": status})


async def answer_error(request: web.BaseRequest, status: int, kind: str, why: str) -> web.StreamResponse:
    """Send an error in the shape of OpenSearch's own."""
    body = _error_bytes(status, kind, why)
    headers = CIMultiDict({hdrs.CONTENT_TYPE: JSON, OWN: f"error; reason={kind}"})
    return await answer(request, status, None, headers, body)


def takes_gzip(accepted: str) -> bool:
    """Whether an ``Accept-Encoding`` takes gzip."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() in ("gzip", "x-gzip", "*"):
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def is_pretty(params: Mapping[str, Any]) -> bool:
    """Whether a reply is to be read by people."""
    return str(params.get("pretty", "false")) == "true"

"""The cluster, by connections that are kept: raw bytes both ways, to one address that no request can change."""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import AsyncIterable, Awaitable, Iterable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import hdrs
from aiohttp.web_protocol import RequestPayloadError

from endcap.errors import InputError
from endcap.serve.headers import Headers
from endcap.serve.settings import ServeSettings
from endcap.serve.wire.connection import Ended
from endcap.serve.wire.pool import Address, Pool
from endcap.serve.wire.reply import BrokenOff, Reply
from endcap.serve.wire.request_head import NotSendable, request_head

T = TypeVar("T")
MAX_LINE_BYTES = 64 * 1024
"""Of an address with its parameters, and of a header; OpenSearch's own limits are below."""
IDLE_S = 30.0
"""So long a connection is kept that nobody uses."""
_OF_BODY = frozenset(("content-length", "transfer-encoding"))
_WITHOUT_BODY = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
"""Methods whose requests say no length where they have no body. Nothing is changed by them."""


class Unreachable(Exception):
    """The cluster has not answered; says why."""


class Upstream:
    """Sends requests to the cluster. To be made in a running event loop, and closed."""

    def __init__(self, settings: ServeSettings) -> None:
        url = urlsplit(settings.opensearch_url)
        tls = _tls(settings)
        port = url.port or (443 if tls else 80)
        self._prefix = url.path.rstrip("/")
        self._host = (hdrs.HOST, url.netloc.removesuffix(":443" if tls else ":80"))
        self._own = own_credentials(settings)
        self._add_own = settings.use_own_credentials
        self._pool = Pool(Address(url.hostname or "", port, tls, settings.connect_s), IDLE_S)

    async def send(
        self, method: str, target: str, headers: Headers, body: bytes | AsyncIterable[bytes] | None
    ) -> Reply:
        """The cluster's answer as soon as its head is there; its body is to be read, or the answer closed.

        A short one is whole. ``target`` is the path with its parameters, percent-encoded as it was sent; ``headers``
        are those to pass on. A body of bytes, a search's, is sent once more where a kept connection turns out to be
        closed, and so is a request that changes nothing and has no body; nothing else is, since the cluster may have
        done it. Raises ``Unreachable``, ``BrokenOff``, and ``TimeoutError`` where a body that streams does.
        """
        again = method in _WITHOUT_BODY if body is None else isinstance(body, bytes)
        body = b"" if body is None else body
        length = len(body) if isinstance(body, bytes) else _length(headers)
        try:
            head = request_head(method, self._prefix + target, self._headers(method, headers, length))
        except NotSendable as error:
            raise Unreachable(f"the request can't be sent on: {error}") from None
        try:
            connection, is_new = await self._reached(self._pool.taken())
            if again and not is_new:
                try:
                    return await connection.ask(head, body, length, method == "HEAD")
                except Ended:
                    connection = await self._reached(self._pool.made())
            return await connection.ask(head, body, length, method == "HEAD")
        except (Ended, BrokenOff, RequestPayloadError) as error:
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    async def _reached(self, way: Awaitable[T]) -> T:
        try:
            return await way
        except OSError as error:  # TimeoutError and ssl.SSLError are two
            raise Unreachable(f"{type(error).__name__}: {error}") from error

    def _headers(self, method: str, headers: Headers, length: int | None) -> Iterable[tuple[str, str]]:
        """The headers as they are sent: the host and the body's length are ours to say."""
        yield self._host
        for name, value in headers.items():
            if name.lower() not in _OF_BODY:
                yield name, value
        if self._add_own and self._own and hdrs.AUTHORIZATION not in headers:
            yield hdrs.AUTHORIZATION, self._own
        if length is None:
            yield hdrs.TRANSFER_ENCODING, "chunked"
        elif length or method not in _WITHOUT_BODY:
            yield hdrs.CONTENT_LENGTH, str(length)

    async def close(self) -> None:
        """Close all connections."""
        self._pool.close()


def _length(headers: Headers) -> int | None:
    """The length that a body is said to have; None where none is said."""
    said = headers.get(hdrs.CONTENT_LENGTH, "")
    return int(said) if said.isascii() and said.isdigit() else None


def own_credentials(settings: ServeSettings) -> str:
    """The ``Authorization`` of our own, or empty. Raises ``InputError`` where a variable is not set."""
    if settings.api_key_env:
        return f"ApiKey {_secret(settings.api_key_env)}"
    if settings.username_env or settings.password_env:
        pair = f"{_secret(settings.username_env)}:{_secret(settings.password_env)}"
        return f"Basic {base64.b64encode(pair.encode()).decode()}"
    return ""


def _secret(variable: str) -> str:
    value = os.environ.get(variable, "").strip("\r\n") if variable else ""
    if not value or min(value) < " ":
        raise InputError(
            f"the environment variable {variable or '(none is named)'!r} should hold a credential; it is not set, or "
            "has a line break in it. A user name needs a password, too."
        )
    return value


def _tls(settings: ServeSettings) -> ssl.SSLContext | None:
    """How the cluster's certificate is checked; None where it has none. Raises ``InputError``."""
    if settings.opensearch_url.startswith("http://"):
        return None
    if settings.ca_file and not settings.insecure and not Path(settings.ca_file).is_file():
        raise InputError(f"there is no CA file {settings.ca_file!r}.")
    try:
        context = ssl.create_default_context(cafile=(not settings.insecure and settings.ca_file) or None)
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"the CA file {settings.ca_file!r} has no certificate that can be read: {error}.") from None
    context.set_alpn_protocols(["http/1.1"])
    if settings.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context

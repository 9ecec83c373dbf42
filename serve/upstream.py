"""The cluster, as a shared session reaches it: raw bytes both ways, to one address that no request can change."""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import AsyncIterable
from functools import lru_cache
from pathlib import Path

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, hdrs
from aiohttp.client_exceptions import ClientOSError, ServerDisconnectedError
from multidict import CIMultiDict
from yarl import URL

from endcap.errors import InputError
from endcap.serve.headers import Headers
from endcap.serve.settings import ServeSettings

MAX_LINE_BYTES = 64 * 1024
"""Of an address with its parameters, and of a header; OpenSearch's own limits are below."""
IDLE_S = 30.0
"""So long a connection is kept that nobody uses."""


KEPT_ADDRESSES, MAX_KEPT_CHARACTERS = 512, 256
"""Searches are sent to few addresses; so many are kept as they were made, none that is longer."""


class Unreachable(Exception):
    """The cluster has not answered; says why."""


class Upstream:
    """Sends requests to the cluster. To be made in a running event loop, and closed."""

    def __init__(self, settings: ServeSettings) -> None:
        self._base = URL(settings.opensearch_url)
        self._prefix = self._base.raw_path.rstrip("/")
        self._url = lru_cache(KEPT_ADDRESSES)(self._made)
        self._own = own_credentials(settings)
        self._add_own = settings.use_own_credentials
        connector = TCPConnector(limit=0, keepalive_timeout=IDLE_S, ssl=_tls(settings), enable_cleanup_closed=False)
        self._session = ClientSession(
            connector=connector,
            auto_decompress=False,
            cookie_jar=DummyCookieJar(),
            skip_auto_headers=(hdrs.USER_AGENT, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE),
            timeout=ClientTimeout(total=None, sock_connect=settings.connect_s or None),
            trust_env=False,
            max_line_size=MAX_LINE_BYTES,
            max_field_size=MAX_LINE_BYTES,
            read_bufsize=2**18,
        )

    async def send(
        self, method: str, target: str, headers: Headers, body: bytes | AsyncIterable[bytes] | None
    ) -> ClientResponse:
        """The cluster's answer as soon as its head is there; its body is to be read, or the response closed.

        ``target`` is the path with its parameters, percent-encoded as it was sent; ``headers`` are those to pass on.
        A body of bytes, a search's, is sent once more where a kept connection turns out to be closed; nothing else is,
        since the cluster may have done it. Raises ``Unreachable``.
        """
        url = self._url(target) if len(target) <= MAX_KEPT_CHARACTERS else self._made(target)
        if self._add_own and self._own and hdrs.AUTHORIZATION not in headers:
            headers = CIMultiDict(headers)
            headers[hdrs.AUTHORIZATION] = self._own
        again = isinstance(body, bytes)
        while True:
            try:
                return await self._session.request(
                    method, url, headers=headers, data=body or None, allow_redirects=False
                )
            except (ServerDisconnectedError, ClientOSError) as error:
                if not again or (isinstance(error, ClientError) and _never_connected(error)):
                    raise Unreachable(f"{type(error).__name__}: {error}") from error
                again = False
            except (ClientError, OSError, TimeoutError) as error:
                raise Unreachable(f"{type(error).__name__}: {error}") from error

    def _made(self, target: str) -> URL:
        """The address of a path with its parameters, which stay encoded as they are."""
        path, _, query = target.partition("?")
        return URL.build(
            scheme=self._base.scheme,
            authority=self._base.raw_authority,
            path=self._prefix + path,
            query_string=query,
            encoded=True,
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._session.close()


def _never_connected(error: ClientError) -> bool:
    from aiohttp import ClientConnectorError

    return isinstance(error, ClientConnectorError)


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


def _tls(settings: ServeSettings) -> ssl.SSLContext | bool:
    if settings.opensearch_url.startswith("http://"):
        return True
    if settings.insecure:
        return False
    if settings.ca_file and not Path(settings.ca_file).is_file():
        raise InputError(f"there is no CA file {settings.ca_file!r}.")
    try:
        return ssl.create_default_context(cafile=settings.ca_file or None)
    except OSError as error:  # ssl.SSLError is one
        raise InputError(f"the CA file {settings.ca_file!r} has no certificate that can be read: {error}.") from None

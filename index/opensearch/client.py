"""A client of the cluster that an index's settings describe."""

import base64
import os
import ssl
from pathlib import Path
from typing import Any

import orjson
from opensearchpy import OpenSearch
from opensearchpy.serializer import JSONSerializer

from endcap.errors import EngineError
from endcap.index.settings import IndexSettings

POOL_SIZE = 16
"""Connections kept open to a node; the library's own default of one serialises every thread behind it."""

TIMEOUT_S = 30.0


class FastJson(JSONSerializer):
    """The client's JSON, by orjson: a window of hundreds of hits is decoded in a fraction of the time."""

    def loads(self, s: Any) -> Any:
        """JSON text as plain data."""
        try:
            return orjson.loads(s)
        except ValueError:
            return super().loads(s)

    def dumps(self, data: Any) -> Any:
        """Plain data as JSON text; text and bytes are taken for JSON already."""
        if isinstance(data, (str, bytes)):
            return data
        try:
            return orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY).decode()
        except TypeError:
            return super().dumps(data)


def connect(settings: IndexSettings, *, timeout_s: float = TIMEOUT_S) -> OpenSearch:
    """A client with connections for many threads. Nothing is sent yet.

    Raises ``EngineError`` where an environment variable that should hold a secret is empty, or the CA file is missing.
    """
    options: dict[str, Any] = {}
    if settings.api_key_env:
        options["headers"] = {"Authorization": f"ApiKey {_secret(settings.api_key_env, settings.name)}"}
    elif settings.username_env or settings.password_env:
        user, password = (_secret(name, settings.name) for name in (settings.username_env, settings.password_env))
        # Not by the library's http_auth, which writes Latin-1; the cluster reads UTF-8.
        pair = base64.b64encode(f"{user}:{password}".encode()).decode()
        options["headers"] = {"Authorization": f"Basic {pair}"}
    if settings.ca_file:
        if not Path(settings.ca_file).is_file():
            raise EngineError(f"index {settings.name!r}: there is no CA file {settings.ca_file!r}.")
        try:
            ssl.create_default_context(cafile=settings.ca_file)
        except OSError as error:  # ssl.SSLError is one
            words = f"the CA file {settings.ca_file!r} has no certificate that can be read: {error}."
            raise EngineError(f"index {settings.name!r}: {words}") from None
        options["ca_certs"] = settings.ca_file
    if settings.url.startswith("https:"):
        options |= {"verify_certs": settings.verify_certs, "ssl_show_warn": False}
    return OpenSearch(
        hosts=[settings.url],
        pool_maxsize=POOL_SIZE,
        timeout=timeout_s,
        # One retry is for a kept connection that the server has closed in the meantime; what a status means is ours.
        max_retries=1,
        retry_on_timeout=False,
        retry_on_status=(),
        serializer=FastJson(),
        **options,
    )


def _secret(variable: str, name: str) -> str:
    value = os.environ.get(variable, "").strip("\r\n") if variable else ""  # a secret's file mostly ends its line
    if not value:
        fault = f"the environment variable {variable} is not set" if variable else "a user name needs a password, too"
        raise EngineError(f"index {name!r}: {fault}. Set the variables that its credentials are read from.")
    if min(value) < " ":  # the library would show the header that it can't send
        raise EngineError(
            f"index {name!r}: the environment variable {variable} holds a control character or line break."
        )
    return value

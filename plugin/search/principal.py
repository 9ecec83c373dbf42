"""Who asks: what a search says of its caller, as a digest. No caller's page is cut from another one's window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import blake2b
from typing import Any

Principal = Callable[[Mapping[str, Any]], str]
"""Gives who asks, by the parameters of a search (``headers`` and the like): what a caller's requests have in common."""

_OF_ONE_REQUEST = frozenset(
    (
        *("x-opaque-id", "traceparent", "tracestate", "baggage", "b3", "sentry-trace", "uber-trace-id", "traceid"),
        *("x-request-id", "x-correlation-id", "request-id", "correlation-id", "x-amzn-trace-id", "x-transaction-id"),
        *("x-cloud-trace-context", "elastic-apm-traceparent", "user-agent", "accept", "accept-encoding", "date"),
        *("content-type", "content-length", "content-encoding", "connection", "host", "cache-control", "x-amz-date"),
        *("accept-language", "pragma", "referer", "x-elastic-client-meta", "idempotency-key", "cf-ray", "x-amz-cf-id"),
        *("x-request-start", "x-queue-start", "x-vercel-id"),
    )
)
_OF_TRACES = ("x-b3-", "x-datadog-", "ot-tracer-", "newrelic", "x-ot-span", "x-envoy-", "sec-")


def principal_of(params: Mapping[str, Any]) -> str:
    """A digest of the credentials and headers that go with a search; of headers, all that do not belong to one request
    alone. Empty where there are none."""
    said = sorted(_said(params), key=repr)
    return digest(said) if said else ""


def says_who(name: str) -> bool:
    """Whether a header, in small letters, may say who asks: those that belong to one request alone don't."""
    return name not in _OF_ONE_REQUEST and not name.startswith(_OF_TRACES)


def client_principal(client: Any) -> str:
    """A digest of what a client says with every request: its hosts and credentials."""
    try:
        transport = getattr(client, "client", client).transport
        return digest((transport.hosts, sorted(transport.kwargs.items())))
    except Exception:  # it is no client of a cluster
        return ""


def digest(value: Any) -> str:
    """A short digest of a value, by its ``repr``."""
    return blake2b(repr(value).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _said(params: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((name, params[name]) for name in ("http_auth", "api_key") if params.get(name) is not None)
    headers = params.get("headers")
    for name, value in headers.items() if isinstance(headers, Mapping) else ():
        lowered = str(name).lower()
        if says_who(lowered):
            yield lowered, value

"""One line for each request, where the settings ask for them."""

from __future__ import annotations

import logging

from aiohttp import hdrs, web

from endcap.serve.headers import OWN
from endcap.serve.request_body import SENT
from endcap.serve.settings import ServeSettings

LOG = logging.getLogger("endcap.serve.requests")
MAX_QUERY_CHARACTERS = 1_000


class RequestLog:
    """One line for each request, where the settings ask for them."""

    def __init__(self, settings: ServeSettings) -> None:
        self._asked, self._queries = settings.log_requests, settings.log_queries
        if self._asked:
            LOG.setLevel(logging.INFO)

    def note(self, request: web.BaseRequest, response: web.StreamResponse, took_s: float) -> None:
        """Write the line of a request that was answered."""
        if not self._asked:
            return
        path, _, query = request.raw_path.partition("?")
        fields = {
            "method": request.method,
            "path": path,
            "status": response.status,
            "endcap": response.headers.get(OWN, ""),
            "took_ms": round(took_s * 1e3, 3),
            "opaque_id": request.headers.get("X-Opaque-Id", ""),
            "user_agent": request.headers.get(hdrs.USER_AGENT, ""),
        }
        if self._queries:
            fields["parameters"] = query[:MAX_QUERY_CHARACTERS]
            sent = request.get(SENT)
            fields["query"] = sent.raw[:MAX_QUERY_CHARACTERS].decode("utf-8", "replace") if sent is not None else ""
        words = f"{request.method} {path} {response.status} {fields['endcap']} {fields['took_ms']} ms"
        LOG.info("%s", words, extra={"fields": fields})

"""Chat completions of an OpenAI-compatible endpoint (vLLM, llama.cpp, a vendor), asked with patience, within bounds."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import ssl
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp

from endcap.distill.llm.backoff import Circuit, Limits, back_off, retry_after
from endcap.distill.llm.dialect import Dialect
from endcap.distill.llm.endpoint import Endpoint
from endcap.distill.llm.errors import EndpointError, RefusedError, UnansweredError
from endcap.distill.llm.ollama import OLLAMA_PATHS, as_ollama
from endcap.distill.llm.reply import Reply, read_reply, why_empty
from endcap.distill.llm.streams import parsed_body

MOST_BYTES = 4 << 20
"""A reply longer than this is no answer to what is asked here."""

WAITS_FOR_ATTEMPT = 8
"""So many times a request may be told to wait for each attempt that it has."""

RETRIED = {408, 409, 425, 429}

TOLD = 5
"""So many different failures are told of while the work goes on."""

LOG = logging.getLogger("endcap.distill")


@dataclass(frozen=True, slots=True)
class _Failure:
    """An attempt that failed: what happened, whether it may have been paid for, and the wait that was asked for."""

    reason: str
    paid: bool = False
    useless: bool = False
    wait_s: float | None = None


class Client:
    """Asks one endpoint; used as an async context, by as many tasks at once as ``limits.concurrency`` allows.

    Retried with growing random waits are 408, 409, 425, 429 and 5xx, broken connections and timeouts. So are replies
    that are not whole, no JSON or empty. A Retry-After holds back all requests. Nothing is retried for ever.
    """

    def __init__(self, endpoint: Endpoint, limits: Limits | None = None, dialect: Dialect | None = None) -> None:
        self.endpoint = endpoint
        self.limits = limits or Limits()
        self.dialect = dialect or Dialect()
        self._circuit = Circuit(self.limits)
        self._slots = asyncio.Semaphore(self.limits.concurrency)
        self._not_before = 0.0
        self._stopped = asyncio.Event()
        self._told = set[str]()
        self._session: aiohttp.ClientSession | None = None
        proxy = getproxies().get(urlsplit(endpoint.url).scheme)
        self._proxy = None if proxy_bypass(urlsplit(endpoint.url).hostname or "") else proxy

    async def __aenter__(self) -> Client:
        headers = {"Authorization": f"Bearer {self.endpoint.key.reveal()}"} if self.endpoint.key else {}
        # Certificates are verified, by the system's authorities or those in SSL_CERT_FILE; there is no way around that.
        trusted = ssl.create_default_context() if self.endpoint.url.startswith("https:") else True
        self._session = aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0, ssl=trusted))
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._session is not None:
            await self._session.close()

    def stop(self) -> None:
        """Let requests that are under way end, but make no more attempts."""
        self._stopped.set()

    async def chat(self, body: Mapping[str, Any], lost: Callable[[], None] = lambda: None) -> Reply:
        """The reply, with at least one choice, to a chat completion's body (``model`` is added).

        ``lost`` is called for each attempt that may have been paid for and gave nothing. Raises ``RefusedError`` where
        the request is refused for what it holds, ``UnansweredError`` after the last attempt, and ``EndpointError``
        where going on makes no sense.
        """
        attempt = useless = ordered_waits = 0
        while True:
            try:
                async with self._slots:
                    await self._pause(self._not_before - time.monotonic())
                    outcome = await self._attempt(body)
            except RefusedError as error:
                if self._circuit.failure(useless=True):
                    self._fatal(f"refuses {self.limits.failures} requests in a row, the last one so: {error}")
                raise
            if isinstance(outcome, Reply):
                self._circuit.success()
                return outcome
            if outcome is None:  # the same request, in the endpoint's dialect
                continue
            if outcome.paid:
                lost()
            # Who is told to wait is not failing: under a tight rate limit that happens to a request again and again.
            if outcome.wait_s:
                ordered_waits += 1
            else:
                attempt += 1
            useless += outcome.useless
            if self._circuit.failure(useless=outcome.useless):
                self._fatal(f"gives nothing but failures, the last one: {outcome.reason}. What it answered is kept")
            most = self.limits.attempts
            if attempt >= most or useless >= self.limits.useless or ordered_waits >= WAITS_FOR_ATTEMPT * most:
                times = attempt + ordered_waits
                raise UnansweredError(f"{self.endpoint.url}: no answer in {times} attempts: {outcome.reason}.")
            self._tell(outcome.reason)
            await self._wait(max(attempt - 1, 0), outcome.wait_s)

    def _tell(self, reason: str) -> None:
        """Say once what goes wrong: who sees nothing for minutes can't know what to change."""
        kind = reason.partition("request ")[0]
        if kind not in self._told and len(self._told) < TOLD:
            self._told.add(kind)
            LOG.warning("%s: %s. The request is made again.", self.endpoint.url, reason)

    async def _wait(self, attempt: int, ordered_s: float | None) -> None:
        if not ordered_s:
            await self._pause(back_off(attempt, self.limits))
            return
        if ordered_s > self.limits.retry_after_s:
            self._fatal(f"asks to wait {ordered_s:,.0f} s before the next request")
        self._circuit.excuse(ordered_s)
        self._not_before = max(self._not_before, time.monotonic() + ordered_s)
        # Not all at the same moment when the wait is over.
        await self._pause(ordered_s + random.uniform(0, min(1.0, 0.1 * ordered_s)))

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond the moment when the work stops."""
        if not self._stopped.is_set() and seconds > 0:
            try:
                await asyncio.wait_for(self._stopped.wait(), seconds)
            except TimeoutError:
                return
        if self._stopped.is_set():
            raise UnansweredError(f"{self.endpoint.url}: the work was stopped before this request was answered.")

    async def _attempt(self, body: Mapping[str, Any]) -> Reply | _Failure | None:
        """One attempt: a reply, a failure that may be tried again, or None where the dialect was learnt from it."""
        if self._session is None:
            raise RuntimeError("Client is used outside `async with`")
        sent = self.dialect.adapted({"model": self.endpoint.model, **body})
        posted = as_ollama(sent) if self.endpoint.url.endswith(OLLAMA_PATHS) else sent
        identity = uuid.uuid4().hex
        timeout = aiohttp.ClientTimeout(total=self.limits.timeout_s, sock_connect=min(20.0, self.limits.timeout_s))
        try:
            async with self._session.post(
                self.endpoint.url,
                json=posted,
                headers={"X-Request-Id": identity},
                timeout=timeout,
                allow_redirects=False,  # a key is for the address that the recipe names
                proxy=self._proxy,
            ) as response:
                identity = response.headers.get("X-Request-Id", identity)[:100]
                status, headers = response.status, response.headers
                raw = bytearray()
                async for chunk in response.content.iter_chunked(1 << 16):
                    raw += chunk
                    if len(raw) > MOST_BYTES:
                        return _Failure(f"a reply of more than {MOST_BYTES:,} bytes", paid=True, useless=True)
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError) as error:
            self._fatal(f"can't be trusted: {error}. A private authority's certificate goes into SSL_CERT_FILE")
        except aiohttp.ClientConnectorError as error:
            return _Failure(self._clean(f"it can't be reached ({error})"))
        except TimeoutError:
            slow = "a slow endpoint needs a higher llm.timeout_s or a lower llm.concurrency"
            return _Failure(f"no whole reply in {self.limits.timeout_s:g} s; {slow} (request {identity})", paid=True)
        except (aiohttp.ClientError, ConnectionError) as error:
            reason = self._clean(str(error)) or type(error).__name__
            return _Failure(f"the connection broke ({reason}; request {identity})", paid=True)
        return self._outcome(sent, status, headers.get("Retry-After"), headers.get("Location"), bytes(raw), identity)

    def _outcome(
        self, sent: Mapping[str, Any], status: int, after: str | None, location: str | None, raw: bytes, identity: str
    ) -> Reply | _Failure | None:
        data = parsed_body(raw)
        error = data.get("error") if isinstance(data, Mapping) else None
        reference = f"(request {identity})"
        if status == 200 and not error:
            limit = sent.get("max_tokens", sent.get("max_completion_tokens"))
            reply = read_reply(data, limit if isinstance(limit, int) else None)
            if reply.choices:
                return reply
            reason = why_empty(data) if data is not None else "a reply that is no JSON"
            return _Failure(f"{reason} {reference}", paid=True, useless=True)
        message, code, parameter = _error_parts(data, raw)
        message = self._clean(message)
        if status == 429 and "insufficient_quota" in code:
            self._fatal(f"says that the account is used up: {message} {reference}")
        if status == 200 or status in RETRIED or status >= 500:
            return _Failure(f"{status} {message} {reference}", wait_s=retry_after(after))
        # A refused parameter is not a refused key, whatever the status says.
        if status in (400, 403, 404, 405, 422) and self.dialect.learn(sent, message, parameter):
            return None
        if status in (401, 403):
            key = self.endpoint
            with_key = f"the key in {key.key_env}" if key.key else f"to answer without a key ({key.key_env} is not set)"
            self._fatal(f"refuses {with_key}: {status} {message} {reference}")
        if 300 <= status < 400:
            self._fatal(f"sends us to {self._clean(location or 'another address')}; put the right one into llm.url")
        if status in (402, 404, 405):
            self._fatal(f"answers {status} {message} {reference}. Check llm.url, llm.model and the account")
        raise RefusedError(f"{self.endpoint.url} refuses a request: {status} {message} {reference}.")

    def _fatal(self, reason: str) -> NoReturn:
        self.stop()
        raise EndpointError(f"The endpoint {self.endpoint.url} {reason}.")

    def _clean(self, text: str) -> str:
        """A text from outside as one short line, without the key."""
        return " ".join(self.endpoint.key.masked(text).split())[:300].rstrip(".")


def _error_parts(data: Any, raw: bytes) -> tuple[str, str, str | None]:
    """The message, code and parameter in an error's body, whatever its shape."""
    error = data.get("error", data) if isinstance(data, Mapping) else data
    if isinstance(error, Mapping):
        parameter = error.get("param")
        message = error.get("message") or error.get("detail") or json.dumps(error)
        code = f"{error.get('code')} {error.get('type')}"
        return str(message), code, parameter if isinstance(parameter, str) and parameter else None
    return (error if isinstance(error, str) else raw[:300].decode("utf-8", "replace")), "", None

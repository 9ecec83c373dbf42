"""The engine or client that a re-ranker searches through, sync or asyncio: one coroutine of a search serves both.

With a sync target nothing in that coroutine ever waits, so one ``send`` runs it to its end.
"""

from __future__ import annotations

import asyncio
import inspect
import math
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from endcap.errors import EngineError, InputError
from endcap.plugin.search.multi_search import MultiSearch, multi_search

T = TypeVar("T")


class Target:
    """An engine or client that answers at once; the student computes in the caller's thread."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def search(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """The engine's reply to a body, with the parameters that go beside it."""
        return self._client.search(index=index, body=body, **params)

    def naming_scores(
        self, body: Mapping[str, Any], params: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Body and parameters that ask for the scores of named queries: OpenSearch reads that in the URL alone."""
        asked = {"include_named_queries_score": True}
        search = inspect.signature(self._client.search, follow_wrapped=False)
        if any(parameter.kind is parameter.VAR_KEYWORD for parameter in search.parameters.values()):
            return body, {**params, **asked}
        return {**body, **asked}, params

    async def search_both(
        self,
        index: Any,
        bodies: tuple[Any, Any],
        params: Mapping[str, Any],
        second: Mapping[str, Any],
        patience_ms: float = math.inf,
    ) -> tuple[Any, Any]:
        """The replies to two bodies, in one round trip where the client and the parameters allow it.

        ``second`` are the parameters of the second body where it goes alone; the engine is told to give it up after
        ``patience_ms``. Raises what the first one's request
        raises, also where both went together; what the second's raises is returned in the place of its reply.
        """
        together = (
            multi_search(bodies, params, patience_ms) if callable(getattr(self._client, "msearch", None)) else None
        )
        if together is not None:
            return _two_replies(await self._msearch(index, together))
        first = await self.search(index, bodies[0], params)
        try:
            return first, await self.search(index, bodies[1], second)
        except Exception as error:
            return first, error

    async def _msearch(self, index: Any, searches: MultiSearch) -> Any:
        return self._client.msearch(body=searches.lines, index=index, **searches.params)

    async def run(self, work: Callable[[], T]) -> T:
        """The result of some computing."""
        return work()


class AsyncTarget(Target):
    """An asyncio client; the student computes in a thread of its own, so that the event loop goes on."""

    async def search(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """As ``Target.search``, awaited."""
        return await self._client.search(index=index, body=body, **params)

    async def _msearch(self, index: Any, searches: MultiSearch) -> Any:
        return await self._client.msearch(body=searches.lines, index=index, **searches.params)

    async def run(self, work: Callable[[], T]) -> T:
        """As ``Target.run``, awaited."""
        return await asyncio.to_thread(work)


def _two_replies(reply: Any) -> tuple[Any, Any]:
    """The two replies of an ``_msearch``. Raises ``EngineError`` where the first is an error, or there are not two."""
    replies = reply.get("responses") if isinstance(reply, Mapping) else None
    if not isinstance(replies, list) or len(replies) != 2:
        raise EngineError(f"the engine's answer to _msearch is no two replies, but {str(reply)[:200]}")
    first, second = replies
    if not isinstance(first, dict) or "error" in first:
        raise EngineError(f"the engine refused the search: {str(first)[:400]}")
    first.pop("status", None)  # what a search alone does not have
    return first, second


def is_answer(error: Exception) -> bool:
    """Whether the engine refused this request. Otherwise it can't be reached: asking again would be waiting twice."""
    from opensearchpy.exceptions import SerializationError

    cause = error.__cause__ if isinstance(error, EngineError) and error.__cause__ is not None else error
    if isinstance(cause, SerializationError):  # something on the way has cut the window's long reply, or put its own
        return True
    return isinstance(getattr(cause, "status_code", None), int) or isinstance(cause, EngineError)


def target_of(engine_or_client: Any) -> Target:
    """The target for an engine or client; ``InputError`` where it can't search."""
    search = getattr(engine_or_client, "search", None)
    if not callable(search):
        raise InputError(f"{engine_or_client!r} has no search(); give an endcap engine or an OpenSearch client.")
    asynchronous = inspect.iscoroutinefunction(inspect.unwrap(search))
    return AsyncTarget(engine_or_client) if asynchronous else Target(engine_or_client)


def completed(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits; ``RuntimeError`` where it does."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError(f"{coroutine!r} waits for something; only an asyncio client's search may.")

"""The engine or client that a re-ranker searches through, sync or asyncio: one coroutine of a search serves both.

With a sync target nothing in that coroutine ever waits, so one ``send`` runs it to its end.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, TypeVar

from endcap.errors import InputError

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

    async def run(self, work: Callable[[], T]) -> T:
        """The result of some computing."""
        return work()


class AsyncTarget(Target):
    """An asyncio client; the student computes in a thread of its own, so that the event loop goes on."""

    async def search(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """As ``Target.search``, awaited."""
        return await self._client.search(index=index, body=body, **params)

    async def run(self, work: Callable[[], T]) -> T:
        """As ``Target.run``, awaited."""
        return await asyncio.to_thread(work)


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

"""The asyncio way through the middleware, without a cluster: what it gives, raises, and leaves when it is cancelled."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from rerank_parts import BODY, Broken, Listed, Slow, ids, reranker, told

from endcap.plugin.search.target import completed

SCORES = [float(n) for n in range(20, 0, -1)], [n / 20 for n in range(20)]


class AsyncListed:
    """The engine in a list behind an asyncio client."""

    def __init__(self, *, pause_s: float = 0.0, error: Exception | None = None) -> None:
        self.engine, self.pause_s, self.error = Listed(*SCORES), pause_s, error

    async def search(self, *, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(self.pause_s)
        if self.error is not None:
            raise self.error
        return self.engine.search(index=index, body=body)


@pytest.mark.parametrize("extra", [{}, {"highlight": {}, "size": 3}, {"size": 0}])
@pytest.mark.parametrize("student", [None, Broken()])
def test_both_ways_give_the_same(extra: dict[str, Any], student: Any) -> None:
    """Re-ranked, by two requests, passed through, or fallen back: as without asyncio."""
    body = {**BODY, **extra}
    sync = reranker(Listed(*SCORES), student).search(body=body)
    awaited = asyncio.run(reranker(AsyncListed(), student).search(body=body))
    assert (ids(awaited), told(awaited)) == (ids(sync), told(sync))


def test_the_engines_errors_are_its_own() -> None:
    """What the client raises comes through the await as it is."""
    with pytest.raises(ConnectionError, match="refused"):
        asyncio.run(reranker(AsyncListed(error=ConnectionError("refused"))).search(body=BODY))


@pytest.mark.parametrize(("pause_s", "student"), [(5.0, None), (0.0, Slow())])
def test_a_cancelled_search_ends(pause_s: float, student: Any) -> None:
    """While the engine searches or the student reads: the task ends and is counted, the next search goes on."""
    client = AsyncListed(pause_s=pause_s)
    shared = reranker(client, student)

    async def cancelled() -> None:
        task = asyncio.ensure_future(shared.search(body=BODY))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert dict(shared.outcomes) == {"failed:cancelled": 1}
        client.pause_s = 0.0
        assert told(await shared.search(body=BODY)) == ("reranked", None)

    asyncio.run(cancelled())


def test_a_sync_search_never_waits() -> None:
    """A coroutine that waits has no place there, and says so."""
    with pytest.raises(RuntimeError, match="waits for something; only an asyncio client's search may"):
        completed(asyncio.sleep(0))

"""The engine or client that a re-ranker searches through, sync or asyncio: one coroutine of a search serves both.

With a sync target nothing in that coroutine ever waits, so one ``send`` runs it to its end.
"""

from __future__ import annotations

import asyncio
import inspect
import math
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from endcap.errors import EngineError, InputError
from endcap.plugin.deadline import Deadline
from endcap.plugin.search.multi_search import MultiSearch, multi_search, patience, two_replies
from endcap.plugin.search.workers import SHARED, Workers
from endcap.plugin.tiers.named_queries import asks_for_scores

T = TypeVar("T")
_Search = tuple[Any, Any, Mapping[str, Any]]
"""Index, body and parameters."""
# Parameters of whatever request goes to the same indexes for the same caller.
_OF_ANY_REQUEST = (
    *("preference", "routing", "ignore_unavailable", "allow_no_indices", "expand_wildcards"),
    *("request_timeout", "headers", "opaque_id", "http_auth", "api_key"),
)
MAX_SAMPLED = 50_000
"""A sample is drawn from so many documents of each shard: a large one takes no longer."""


class PassingClient:
    """The base of asyncio clients that need not read what is passed through: ``endcap serve`` sends it on as it is."""

    async def search_unread(self, index: Any = None, body: Any = None, **params: Any) -> Any:
        """The reply to a search that is not re-ranked: a dictionary, which is given ``ext.rerank``, and not read."""
        raise NotImplementedError


class ComesLater(BaseException):
    """The client has given an awaitable, so it is an asyncio client. No ``Exception``: it is no failure of a search."""


def _now(found: Any) -> Any:
    """What a client has given, where that is no awaitable: that is dropped unbegun, and ``ComesLater`` raised."""
    if not inspect.isawaitable(found):
        return found
    for end in ("close", "cancel"):
        if callable(getattr(found, end, None)):
            getattr(found, end)()
            break
    raise ComesLater


class Target:
    """An engine or client that answers at once; the student computes in the caller's thread."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def search(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """The engine's reply to a body, with the parameters that go beside it."""
        return _now(self._client.search(index=index, body=body, **params))

    async def search_unread(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """The engine's reply to a search that is passed through."""
        if isinstance(self._client, PassingClient):
            return await self._client.search_unread(index=index, body=body, **params)
        return await self.search(index, body, params)

    def naming_scores(
        self, body: Mapping[str, Any], params: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Body and parameters that ask for the scores of named queries: OpenSearch reads that in the URL alone."""
        asked = {"include_named_queries_score": True}
        return (body, {**params, **asked}) if self._takes_params() else ({**body, **asked}, params)

    def asks_for_scores(self, body: Mapping[str, Any], params: Mapping[str, Any]) -> bool:
        """Whether a caller asks for the scores of named queries."""
        return asks_for_scores({} if self._takes_params() else body, params)

    def _takes_params(self) -> bool:
        """Whether a search takes parameters of a URL."""
        try:
            search = inspect.signature(self._client.search, follow_wrapped=False)
        except (TypeError, ValueError):  # a function that does not say
            return True
        return any(parameter.kind is parameter.VAR_KEYWORD for parameter in search.parameters.values())

    async def alias_filter(self, index: Any, params: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The filter of the aliases that an index is searched by, as a clause; None where there is none.

        Raises what the client raises.
        """
        search_shards = getattr(getattr(self._client, "client", self._client), "search_shards", None)
        if search_shards is None:
            return None
        kept = {name: params[name] for name in _OF_ANY_REQUEST if name in params}
        index = index if index is not None else getattr(self._client, "index", None)
        return _alias_clause(await self._answer(search_shards(index=index, **kept)))

    async def _answer(self, found: Any) -> Any:
        return _now(found)

    async def search_both(
        self,
        index: Any,
        bodies: tuple[Any, Any],
        params: Mapping[str, Any],
        second: Mapping[str, Any],
        patience_ms: float = math.inf,
    ) -> tuple[Any, Any]:
        """The replies to two bodies, in the time of one round trip where the client allows it.

        They go as one ``_msearch``, or at the same time where a parameter has no place in that. ``second`` are the
        parameters of the second body where it goes alone; the engine is told to give it up after ``patience_ms``.
        Raises what the first one's request raises, also where both went together (``WindowRefused`` where the engine
        has read both, and refused that one); what the second's raises is returned in the place of its reply.
        """
        has_msearch = callable(getattr(self._client, "msearch", None))
        together = multi_search(bodies, params, patience_ms) if has_msearch else None
        if together is not None:
            return two_replies(await self._msearch(index, together))
        if has_msearch and self._takes_params():
            second = {**patience(patience_ms), **second}
            first, other = await self._at_once((index, bodies[0], params), (index, bodies[1], second))
            if isinstance(first, Exception):
                raise first
            return first, other
        first = await self.search(index, bodies[0], params)
        try:
            return first, await self.search(index, bodies[1], second)
        except Exception as error:
            return first, error

    async def search_all(self, index: Any, bodies: Sequence[Any], params: Mapping[str, Any]) -> list[Any]:
        """The replies to several bodies, in one round trip where the client allows it."""
        together = multi_search(bodies, params) if callable(getattr(self._client, "msearch", None)) else None
        if together is not None:
            return list((await self._msearch(index, together))["responses"])
        return [await self.search(index, body, params) for body in bodies]

    async def sample(
        self, index: Any, size: int, paths: Sequence[str], params: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        """So many hits from all over an index, fewer where it is smaller, with these paths of their sources."""
        if callable(draw := getattr(type(self._client), "sample_hits", None)):  # the embedded engine
            return list(draw(self._client, size))
        random: Mapping[str, Any] = {"function_score": {"query": {"match_all": {}}, "random_score": {}}}
        body = {
            "query": random,
            "size": size,
            "_source": list(paths),
            "track_total_hits": False,
            "terminate_after": MAX_SAMPLED,
        }
        kept = {name: params[name] for name in _OF_ANY_REQUEST if name in params and name != "routing"}
        reply = await self.search(index, body, {**kept, "search_pipeline": "_none"} if self._takes_params() else {})
        return list(reply["hits"]["hits"])

    def load(self) -> str:
        """What changes when another catalogue takes the place of an embedded one; "" for a cluster."""
        return str(getattr(self._client, "load_name", "")) if hasattr(type(self._client), "load_name") else ""

    def beside(self, work: Coroutine[Any, Any, None], done: Future[None]) -> None:
        """Let a coroutine run while the search goes on; ``done`` is done when it has ended."""

        def run() -> None:
            try:
                completed(work)
            finally:
                done.set_result(None)

        threading.Thread(target=run, name="endcap-beside", daemon=True).start()

    async def wait(self, done: Future[None], patience_ms: float) -> None:
        """Wait for the end of such work, so many milliseconds at most."""
        wait([done], patience_ms / 1e3)

    async def _at_once(self, first: _Search, second: _Search) -> tuple[Any, Any]:
        """The replies to two searches, or what they raise."""
        found: list[Any] = [None]

        def search_second() -> None:
            found[0] = self._tried(second)

        beside = threading.Thread(target=search_second, daemon=True)
        beside.start()
        try:
            reply = self._tried(first)
        finally:
            beside.join()
        return _now(reply), _now(found[0])

    def _tried(self, search: _Search) -> Any:
        index, body, params = search
        try:
            return self._client.search(index=index, body=body, **params)
        except Exception as error:
            return error

    async def _msearch(self, index: Any, searches: MultiSearch) -> Any:
        return _now(self._client.msearch(body=searches.lines, index=index, **searches.params))

    async def run(self, work: Callable[[], T], workers: Workers = SHARED, deadline: Deadline | None = None) -> T:
        """The result of some computing. Raises ``NoPlace`` or ``NoTime`` where there is none for it."""
        return workers.run(work, deadline or Deadline.start(math.inf))


class AsyncTarget(Target):
    """An asyncio client; the student computes in a thread of its own, so that the event loop goes on."""

    def __init__(self, client: Any) -> None:
        super().__init__(client)
        self._tasks = set[asyncio.Task[None]]()

    async def search(self, index: Any, body: Any, params: Mapping[str, Any]) -> Any:
        """As ``Target.search``, awaited."""
        return await self._client.search(index=index, body=body, **params)

    async def _msearch(self, index: Any, searches: MultiSearch) -> Any:
        return await self._client.msearch(body=searches.lines, index=index, **searches.params)

    async def _answer(self, found: Any) -> Any:
        return await found

    def beside(self, work: Coroutine[Any, Any, None], done: Future[None]) -> None:
        """As ``Target.beside``, in a task of the running event loop."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)  # a loop itself does not keep its tasks

        def end(ended: asyncio.Task[None]) -> None:
            self._tasks.discard(ended)
            done.set_result(None)

        task.add_done_callback(end)

    async def wait(self, done: Future[None], patience_ms: float) -> None:
        """As ``Target.wait``, awaited, from whatever event loop."""
        await asyncio.wait([asyncio.wrap_future(done)], timeout=patience_ms / 1e3)

    async def _at_once(self, first: _Search, second: _Search) -> tuple[Any, Any]:
        searches = (self.search(index, body, params) for index, body, params in (first, second))
        one, other = await asyncio.gather(*searches, return_exceptions=True)
        for found in (one, other):
            if isinstance(found, BaseException) and not isinstance(found, Exception):
                raise found
        return one, other

    async def run(self, work: Callable[[], T], workers: Workers = SHARED, deadline: Deadline | None = None) -> T:
        """As ``Target.run``, awaited."""
        return await workers.run_beside(work, deadline or Deadline.start(math.inf))


def _alias_clause(shards: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The aliases' filters in a reply of ``_search_shards``, each for its own index."""
    by_index = {name: about.get("filter") for name, about in (shards.get("indices") or {}).items()}
    if not any(by_index.values()):
        return None
    either = [
        {"bool": {"filter": [{"term": {"_index": name}}, *([clause] if clause else [])]}}
        for name, clause in by_index.items()
    ]
    return {"bool": {"should": either, "minimum_should_match": 1}}


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
    return AsyncTarget(engine_or_client) if inspect.iscoroutinefunction(search) else Target(engine_or_client)


def completed(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never waits; ``RuntimeError`` where it does."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        result: T = end.value
        return result
    coroutine.close()
    raise RuntimeError(f"{coroutine!r} waits for something; only an asyncio client's search may.")

"""Read an index that endcap did not load, as a stream of products: every document once, as it was when reading began.

Each shard has a point in time of its own and is read in the order in which its documents lie (``_doc``). It is read
page by page, each after the last document of the one before. Over several shards ``_doc`` is not unique, and pages
that go by it lose documents. Within one shard it is, and no sort key is needed that a version or a mapping may lack.
A shard can be read in several slices at once. A killed reading goes on from its checkpoint while its points in time
live.
"""

import random
import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import closing, suppress
from dataclasses import replace
from typing import Any, TypeVar

from opensearchpy import OpenSearch
from opensearchpy.exceptions import ConnectionError as NotConnected
from opensearchpy.exceptions import OpenSearchException, TransportError

from endcap.errors import EngineError
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.checkpoint import Checkpoint, Part
from endcap.index.opensearch.errors import explained
from endcap.index.product import Product
from endcap.progress import Advance

KEEP_ALIVE = "10m"
"""How long a point in time lives after each page: how long a killed reading can wait to be continued."""

TRIES = 6
FIRST_WAIT_S = 0.5
LEAST_PAGE = 10
BUSY = frozenset({408, 429, 502, 503, 504})
Hits = list[Mapping[str, Any]]
Since = Mapping[tuple[str, int], int]
"""By an index's name and a shard's number: up to which sequence number it has been read before."""

T = TypeVar("T")


class PointInTimeGone(EngineError):
    """The cluster has let go of the state that was being read: start again. States that were kept are not lost."""


def stream_index(
    client: OpenSearch,
    index: str,
    fields: FieldMap,
    *,
    url: str = "the cluster",
    slices: int = 1,
    page_size: int = 500,
    checkpoint: Checkpoint | None = None,
    progress: Advance | None = None,
    since: Since | None = None,
) -> Generator[Product, None, None]:
    """All products of an index, an alias or a pattern; documents that come or change while this runs are not seen.

    Fetches only the source fields that ``fields`` reads. ``slices`` parts are read at once. A busy or unreachable
    cluster is tried again with growing waits and smaller pages. With a ``checkpoint``, goes on where that stands;
    whoever consumes the products says with ``checkpoint.committed`` what need not come again. The points in time are
    deleted when the stream ends, however it ends. With ``since``, only primary shards are read, and of those that it
    names only what was written after that number.

    Raises ``EngineError``: the index is not there or was deleted, the cluster stayed busy, rights are missing; and
    ``PointInTimeGone`` where a point in time expired: forget the checkpoint and start again.
    """
    hits = stream_hits(
        client,
        index,
        fields.source_fields(),
        url=url,
        slices=slices,
        page_size=page_size,
        checkpoint=checkpoint,
        progress=progress,
        since=since,
    )
    with closing(hits):
        for hit in hits:
            yield fields.product(hit.get("_source") or {}, id=hit["_id"])


def stream_hits(
    client: OpenSearch,
    index: str,
    source: list[str],
    *,
    url: str = "the cluster",
    slices: int = 1,
    page_size: int = 500,
    checkpoint: Checkpoint | None = None,
    progress: Advance | None = None,
    since: Since | None = None,
) -> Generator[Mapping[str, Any], None, None]:
    """As ``stream_index``, the documents as hits: with the paths ``source`` of them, ``_seq_no``, ``_primary_term``."""
    reading = _Reading(client, index, url, source, page_size, since)
    parts = checkpoint.parts if checkpoint is not None else []
    if not parts:
        parts = reading.parts(slices)
        if checkpoint is not None:
            checkpoint.begin(parts)
    done = 0
    with closing(reading.pages(parts, slices, checkpoint)) as pages:
        for number, part, hits in pages:
            for place, hit in enumerate(hits, 1):
                done += 1
                if checkpoint is not None:
                    reached = part if place == len(hits) else replace(part, after=hit["sort"][0], done=False)
                    checkpoint.reached(done, number, reached)
                yield hit
                if progress is not None:
                    progress(done)


class _Reading:
    def __init__(
        self, client: OpenSearch, index: str, url: str, source: list[str], page_size: int, since: Since | None
    ) -> None:
        self.client, self.index, self.url, self.since = client, index, url, since
        self.source, self.page_size = source, page_size

    def parts(self, slices: int) -> list[Part]:
        """The shards of all indexes that the name stands for, in slices where there are fewer shards than slices."""
        reply = self.ask(lambda _: self.client.search_shards(index=self.index))
        if not all(reply["shards"]):
            raise EngineError(
                f"index {self.index!r} at {self.url} has shards that no node holds. See GET _cluster/health: is it red?"
            )
        shards = sorted((copies[0]["index"], int(copies[0]["shard"])) for copies in reply["shards"])
        if not shards:
            raise EngineError(f"there is no index {self.index!r} at {self.url}. Check the name and the url.")
        per_shard = -(-max(1, slices) // len(shards))
        filters = {name: (about or {}).get("filter") for name, about in reply.get("indices", {}).items()}
        return [
            Part(name, shard, i, per_shard, _later(filters.get(name), (self.since or {}).get((name, shard))))
            for name, shard in shards
            for i in range(per_shard)
        ]

    def pages(
        self, parts: list[Part], at_once: int, checkpoint: Checkpoint | None
    ) -> Generator[tuple[int, Part, Hits], None, None]:
        """(number of the part, the part after the page, the page's hits), ``at_once`` parts side by side.

        Each part that is being read has its next page fetched while the last one is consumed. The point in time of a
        finished part is kept until the checkpoint says that a killed reading would not come back to it.
        """
        todo = deque((number, part) for number, part in enumerate(parts) if not part.done)
        running: dict[Future[tuple[Part, Hits]], int] = {}
        opened = {number: part.point_in_time for number, part in todo if part.point_in_time}
        finished: list[int] = []
        pool = ThreadPoolExecutor(max(1, at_once), thread_name_prefix="endcap-read")
        try:
            while todo or running:
                while todo and len(running) < max(1, at_once):
                    number, part = todo.popleft()
                    running[pool.submit(self.page, self.open(number, part, opened))] = number
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    number = running.pop(future)
                    part, hits = future.result()
                    opened[number] = part.point_in_time
                    if part.done:
                        finished.append(number)
                    else:
                        running[pool.submit(self.page, part)] = number
                    yield number, part, hits
                for number in [n for n in finished if checkpoint is None or checkpoint.parts[n].done]:
                    finished.remove(number)
                    self.delete([opened.pop(number)])
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
            self.delete(list(opened.values()))

    def open(self, number: int, part: Part, opened: dict[int, str]) -> Part:
        """The part with a point in time, noted in ``opened``, so that it is deleted whatever comes."""
        if not part.point_in_time:
            # A replica that copies segments may be behind what its primary has refreshed.
            copies = "" if self.since is None else "|_primary"
            params = {"keep_alive": KEEP_ALIVE, "preference": f"_shards:{part.shard}{copies}"}
            try:
                reply = self.ask(lambda _: self.client.create_pit(index=part.index, params=params))
            except EngineError as error:
                if getattr(error.__cause__, "status_code", None) in (400, 405, 501):
                    raise EngineError(
                        f"OpenSearch at {self.url} can't hold a point in time of {part.index!r}. That needs OpenSearch "
                        f"2.4 or newer. It said: {error}"
                    ) from error
                raise
            part = replace(part, point_in_time=reply["pit_id"])
            opened[number] = part.point_in_time
        return part

    def page(self, part: Part) -> tuple[Part, Hits]:
        """The next page of a part, and the part after it."""
        body: dict[str, Any] = {
            "pit": {"id": part.point_in_time, "keep_alive": KEEP_ALIVE},
            "sort": [{"_doc": "asc"}],
            "_source": self.source,
            "track_total_hits": False,
            "seq_no_primary_term": True,
            "query": part.filter or {"match_all": {}},
        }
        if part.slices > 1:
            body["slice"] = {"id": part.slice, "max": part.slices}
        if part.after is not None:
            body["search_after"] = [part.after]

        def search(attempt: int) -> tuple[Part, Hits]:
            size = max(LEAST_PAGE, self.page_size >> attempt)
            reply = self.client.search(body={**body, "size": size}, params={"allow_partial_search_results": "false"})
            hits = reply["hits"]["hits"]
            after = hits[-1]["sort"][0] if hits else part.after
            pit = reply.get("pit_id") or part.point_in_time
            return replace(part, after=after, point_in_time=pit, done=len(hits) < size), hits

        try:
            return self.ask(search)
        except EngineError as error:
            if part.slices > 1 and "field _id not found" in str(error):  # a shard in which nothing has ever been
                return replace(part, done=True), []
            raise

    def ask(self, request: Callable[[int], T]) -> T:
        """The answer to a request, tried again while the cluster is busy; the request is told how often it failed."""
        attempt = 0
        while True:
            try:
                return request(attempt)
            except OpenSearchException as error:
                attempt += 1
                reason = str(getattr(error, "info", ""))
                if "search_context_missing_exception" in reason:
                    raise PointInTimeGone(
                        f"OpenSearch at {self.url} no longer holds the point in time at which index {self.index!r} was "
                        "being read. Run this again: products that have been read are skipped."
                    ) from error
                if "index_not_found_exception" in reason:
                    raise EngineError(f"there is no index {self.index!r} at {self.url}, or not any more.") from error
                if not _is_busy(error) or attempt >= TRIES:
                    raise explained(error, self.url, self.index) from error
            time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1) * random.uniform(0.5, 1.0))

    def delete(self, points_in_time: list[str]) -> None:
        """Let the cluster forget them, one by one, as one that is gone keeps it from the rest; what is left expires."""
        for point_in_time in points_in_time:
            with suppress(OpenSearchException):
                self.client.delete_pit(body={"pit_id": [point_in_time]})


def _later(filter: Mapping[str, Any] | None, number: int | None) -> Mapping[str, Any] | None:
    if number is None:
        return filter
    written_after = {"range": {"_seq_no": {"gt": number}}}
    return {"bool": {"filter": [written_after, *([filter] if filter else [])]}}


def _is_busy(error: OpenSearchException) -> bool:
    is_refusal = isinstance(error, TransportError) and error.status_code in BUSY
    return is_refusal or isinstance(error, NotConnected)  # also a timeout

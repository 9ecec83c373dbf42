"""Where User Behaviour Insights go: files, or the indices of a cluster; written by a thread of its own.

A search never waits for this, and never fails by it: records go through a queue that holds so many and no more. What
finds it full, and what can't be written, is counted and logged.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthorizationException, OpenSearchException, RequestError
from opensearchpy.helpers import scan

from endcap.errors import EndcapError, EngineError
from endcap.files import append_records, record_file
from endcap.index.home import home
from endcap.index.opensearch.bulk import BulkLimits, bulk
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.errors import explained, reason_of
from endcap.index.settings import IndexSettings
from endcap.storefront.ubi import EVENTS, QUERIES
from endcap.storefront.ubi_mappings import MAPPINGS

logger = logging.getLogger("endcap.storefront")

CAPACITY = 10_000
BATCH = 500
GATHER_S = 0.5
"""So long a first record waits for others, to be written with them."""
LOG_EVERY_S = 30.0
FILES: Mapping[str, str] = {QUERIES: "queries.jsonl", EVENTS: "events.jsonl"}
LIMITS = BulkLimits(attempts=3, longest_pause_s=2.0, request_timeout_s=10.0)
"""Less patient than a load: what waits too long costs the records behind it."""

Record = tuple[str, Mapping[str, Any]]
"""``ubi_queries`` or ``ubi_events``, and what goes there."""


class Sink(Protocol):
    """Writes records. Raises ``EndcapError`` or ``OSError`` where none of them was written."""

    def write(self, kind: str, records: Sequence[Mapping[str, Any]]) -> int:
        """Write records of ``ubi_queries`` or ``ubi_events``; returns how many were refused for good."""
        ...


class UbiLog:
    """Takes records from any thread at once, and has them written in batches. ``close`` it, or the last may be lost."""

    def __init__(self, sink: Sink, *, capacity: int = CAPACITY) -> None:
        self._sink = sink
        self._queue: queue.Queue[Record | None] = queue.Queue(capacity)
        self._counts: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._logged = -LOG_EVERY_S
        self._thread = threading.Thread(target=self._work, name="endcap-ubi", daemon=True)
        self._thread.start()

    def query(self, record: Mapping[str, Any]) -> None:
        """Note a search (``ubi.query_record``). Never waits and never raises."""
        self._put(QUERIES, record)

    def event(self, record: Mapping[str, Any]) -> None:
        """Note an event (``ubi.event_record``). Never waits and never raises."""
        self._put(EVENTS, record)

    @property
    def counts(self) -> dict[str, int]:
        """How many records were ``taken``, ``written``, ``dropped`` (the queue was full) and ``failed``."""
        with self._changed:
            return {name: self._counts[name] for name in ("taken", "written", "dropped", "failed")}

    def flush(self, timeout_s: float = 10.0) -> bool:
        """Wait until all that was taken is written or failed; whether that was so in time."""
        with self._changed:
            return self._changed.wait_for(self._is_done, timeout_s)

    def close(self, timeout_s: float = 10.0) -> None:
        """Write what is left, as far as the time allows, and stop."""
        until = time.monotonic() + timeout_s
        self.flush(timeout_s)
        with suppress(queue.Full):
            self._queue.put(None, timeout=max(0.0, until - time.monotonic()))
            self._thread.join(max(0.0, until - time.monotonic()))

    def _is_done(self) -> bool:
        return self._counts["written"] + self._counts["failed"] >= self._counts["taken"]

    def _put(self, kind: str, record: Mapping[str, Any]) -> None:
        # Counted before it is queued, so that a flush can't miss it.
        self._count(taken=1)
        try:
            self._queue.put_nowait((kind, record))
        except queue.Full:
            self._count(taken=-1)
            self._lost(f"the queue of {self._queue.maxsize:,} records is full.", dropped=1)

    def _count(self, **more: int) -> None:
        with self._changed:
            self._counts.update(more)
            self._changed.notify_all()

    def _lost(self, why: object, **more: int) -> None:
        """Count a loss, and log it, but not each of thousands."""
        now = time.monotonic()
        with self._changed:
            due = now - self._logged >= LOG_EVERY_S
            self._logged = now if due else self._logged
            lost = self._counts["dropped"] + self._counts["failed"] + sum(more.values())
        if due:  # before it is counted: who waits for the count finds the line
            logger.warning("User Behaviour Insights: %s Lost so far: %d records.", why, lost)
        self._count(**more)

    def _work(self) -> None:
        while True:
            batch, last = self._gather()
            for kind in FILES:  # searches before their events
                if records := [record for of, record in batch if of == kind]:
                    self._write(kind, records)
            if last:
                return

    def _gather(self) -> tuple[list[Record], bool]:
        first = self._queue.get()
        if first is None:
            return [], True
        batch, until = [first], time.monotonic() + GATHER_S
        while len(batch) < BATCH:
            try:
                record = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if record is None:
                return batch, True
            batch.append(record)
        return batch, False

    def _write(self, kind: str, records: list[Mapping[str, Any]]) -> None:
        try:
            refused = self._sink.write(kind, records)
        except Exception as error:  # whatever it is, the next batch must be tried
            expected = isinstance(error, EndcapError | OSError)
            self._lost(error if expected else repr(error), failed=len(records))
            return
        self._count(written=len(records) - refused)
        if refused:
            self._lost("the cluster refused some.", failed=refused)


def ubi_folder(name: str) -> Path:
    """Where the records of an index are kept as files: ``HOME/ubi/NAME``."""
    return home() / "ubi" / name


def kept_files(folder: Path, kind: str) -> list[Path]:
    """The files with records of a kind: the one that is written, and those that were put aside, ``queries.jsonl-…``."""
    found = sorted(folder.glob(f"{FILES[kind]}*"))
    return [path for path in found if path.is_file() and path.suffix != ".lock"]


class FileSink:
    """Writes ``queries.jsonl`` and ``events.jsonl`` in a folder; several processes may.

    They are opened anew for each batch: one that was renamed, as logrotate does, is followed by a new one.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def write(self, kind: str, records: Sequence[Mapping[str, Any]]) -> int:
        """Append the records, and wait until they are on the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with record_file(self.folder / FILES[kind]) as descriptor:
            append_records(descriptor, b"".join(map(_ascii, records)))
        return 0


class ClusterSink:
    """Writes the indices ``ubi_queries`` and ``ubi_events`` of a cluster, in bulk; makes them where there are none.

    ``prefix`` stands before their names, as where several shops share a cluster.
    """

    def __init__(self, client: OpenSearch, url: str = "the cluster", prefix: str = "") -> None:
        self.client, self.url, self.prefix = client, url, prefix
        self._ready: set[str] = set()

    @classmethod
    def from_settings(cls, settings: IndexSettings, prefix: str = "") -> ClusterSink:
        """The sink for the cluster that the settings describe; nothing is sent yet."""
        return cls(connect(settings, timeout_s=LIMITS.request_timeout_s), settings.url, prefix)

    def write(self, kind: str, records: Sequence[Mapping[str, Any]]) -> int:
        """Send the records, to an index that is made first where there is none."""
        refused: dict[str, str] = {}
        index = self.prefix + kind
        try:
            self._make(index, MAPPINGS[kind])
            for _ in bulk(self.client, index, map(_document, records), refused, limits=LIMITS):
                pass
        except OpenSearchException as error:
            self._ready.discard(index)
            raise explained(error, self.url, index) from error
        if refused:
            logger.warning("User Behaviour Insights: the cluster refused a record: %s", next(iter(refused.values())))
        return len(refused)

    def ready(self) -> None:
        """See to it that both indices are there.

        Raises ``EngineError`` where one is not, and the user may not make it, and where the cluster can't be asked.
        """
        for kind in MAPPINGS:
            try:
                self._make(self.prefix + kind, MAPPINGS[kind])
            except OpenSearchException as error:
                raise explained(error, self.url, self.prefix + kind) from error

    def drafted(self, index: str) -> list[Record]:
        """What was kept of an index's interleaved searches, and all clicks there are: what ``Clicks.count`` takes.

        Nothing, and a warning, where the user may write but not read. Raises ``EngineError`` where the cluster can't
        be asked.
        """
        mixed = [{"term": {"query_attributes.index": index}}, {"term": {"query_attributes.mixed": "true"}}]
        wanted = {QUERIES: {"bool": {"filter": mixed}}, EVENTS: {"term": {"action_name": "click"}}}
        try:
            return [
                (kind, hit["_source"])
                for kind, query in wanted.items()
                for hit in scan(self.client, {"query": query}, index=self.prefix + kind, ignore_unavailable=True)
            ]
        except AuthorizationException as error:
            logger.warning(
                "User Behaviour Insights: the user may not read %s, so the comparison begins anew: %s. Give it the "
                "right 'read' there, and the cluster's 'indices:data/read/scroll*', to go on with what was clicked.",
                self._names,
                reason_of(error),
            )
            return []
        except OpenSearchException as error:
            raise explained(error, self.url, self.prefix + EVENTS) from error

    def _make(self, index: str, mapping: Mapping[str, Any]) -> None:
        if index in self._ready:
            return
        # Not left to the first document, which would have the cluster guess the types.
        if (exists := self._exists(index)) is not True:
            settings = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-2"}}
            try:
                self.client.indices.create(index=index, body={"settings": settings, "mappings": mapping})
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
            except AuthorizationException as error:
                # Who may neither look nor make may still write, where it is there: what is written will tell.
                if exists is False:
                    raise self._missing(index, error) from error
        self._ready.add(index)

    def _exists(self, index: str) -> bool | None:
        """Whether the index is there; None where the user may not know."""
        try:
            return bool(self.client.indices.exists(index=index))
        except AuthorizationException:
            return None

    @property
    def _names(self) -> str:
        return " and ".join(self.prefix + kind for kind in MAPPINGS)

    def _missing(self, index: str, error: AuthorizationException) -> EngineError:
        return EngineError(
            f"there is no index {index!r} at {self.url}, and the cluster lets this user not make it: "
            f"{reason_of(error)}. Give the user the right 'create_index' for {self._names}, or have them made by "
            "somebody who may (POST _plugins/ubi/initialize, where that plugin is installed); the user then needs "
            "'write' there, and 'read' to go on with earlier clicks. Or start without --ubi."
        )


def _document(record: Mapping[str, Any]) -> tuple[str, bytes]:
    """A document under an id of its own, so that what is sent twice is kept once."""
    id = uuid.uuid4().hex
    action = orjson.dumps({"index": {"_id": id}}, option=orjson.OPT_APPEND_NEWLINE)
    return id, action + orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _ascii(record: Mapping[str, Any]) -> bytes:
    """A line of ASCII alone, one line to every reader: some divide text at other characters than line feeds."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"

"""User Behaviour Insights on their way to a file or a cluster: queued, and written by a thread of their own.

A search never waits for this, and never fails by it: records go through a queue that holds so many and no more. What
finds it full, and what can't be written, is counted and logged.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from endcap.errors import EndcapError
from endcap.storefront.ubi import EVENTS, QUERIES
from endcap.storefront.ubi_sinks import Record, Sink

logger = logging.getLogger("endcap.storefront")

CAPACITY = 10_000
BATCH = 500
GATHER_S = 0.5
"""So long a first record waits for others, to be written with them."""
LOG_EVERY_S = 30.0


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

    def _lost(self, reason: object, **more: int) -> None:
        """Count a loss, and log it, but not each of thousands."""
        now = time.monotonic()
        with self._changed:
            due = now - self._logged >= LOG_EVERY_S
            self._logged = now if due else self._logged
            lost = self._counts["dropped"] + self._counts["failed"] + sum(more.values())
        if due:  # before it is counted: who waits for the count finds the line
            logger.warning("User Behaviour Insights: %s Lost so far: %d records.", reason, lost)
        self._count(**more)

    def _work(self) -> None:
        while True:
            batch, last = self._gather()
            for kind in (QUERIES, EVENTS):  # searches before their events
                if records := [record for its_kind, record in batch if its_kind == kind]:
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

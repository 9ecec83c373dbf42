"""The storefront's interleaved searches and their clicks, and what they say so far."""

from __future__ import annotations

import gzip
import json
import logging
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from endcap.evaluate.interleaving.tally import SETTLE_S, Comparison, as_json
from endcap.evaluate.interleaving.team_draft import Drafted, interleave, seed_of
from endcap.storefront.ubi import EVENTS, QUERIES, new_id
from endcap.storefront.ubi_sinks import Record, ubi_files

logger = logging.getLogger("endcap.storefront")

MAX_CLIENTS = 10_000
"""Of so many the last search is remembered, for its later pages."""


@dataclass(frozen=True, slots=True)
class InterleavedSearch:
    """One interleaved search: the id that its events have, what was searched, and all that was shown so far."""

    query_id: str
    query: str
    shown: tuple[Drafted, ...]


class Clicks:
    """Drafts lists and counts their clicks: people's, or where ``simulated`` those of simulated users; never both.

    Safe from several threads. ``clock`` gives seconds since 1970.
    """

    def __init__(
        self, *, simulated: bool = False, settle_s: float = SETTLE_S, clock: Callable[[], float] = time.time
    ) -> None:
        self.simulated = simulated
        self._comparison = Comparison(settle_s=settle_s)
        self._clock = clock
        self._lock = threading.Lock()
        self._latest: dict[str, InterleavedSearch] = {}

    def search(
        self, client: str, query: str, better: Sequence[str], base: Sequence[str], *, page: int = 1, size: int = 10
    ) -> InterleavedSearch:
        """An interleaved list up to the end of a page (from 1), and the id that its events are to have.

        A later page goes on with the client's last list for the query, and so does a first one while that is still
        open. Else the coins are tossed anew: to search again is another trial, not the same one counted twice.
        """
        with self._lock:
            now, last = self._clock(), self._latest.pop(client, None)
            if last is None or last.query != query or (page == 1 and not self._comparison.is_open(last.query_id, now)):
                last = InterleavedSearch(new_id(), query, ())
            shown = _continued_list(last.shown, interleave(better, base, seed=seed_of(last.query_id)), page * size)
            search = InterleavedSearch(last.query_id, query, shown[: page * size])
            self._comparison.shown(search.query_id, client, search.shown, now)
            self._latest[client] = InterleavedSearch(last.query_id, query, shown)
            if len(self._latest) > MAX_CLIENTS:
                del self._latest[next(iter(self._latest))]
            return search

    def event(self, record: Mapping[str, Any]) -> str:
        """Count an event (``ubi.event_record``) if it is a click on an interleaved list; returns the product's team."""
        click = _click(record)
        if click is None or _is_simulated(record.get("event_attributes")) != self.simulated:
            return ""
        with self._lock:
            return self._comparison.clicked(*click, self._clock())

    def summary(self) -> Mapping[str, object]:
        """What the clicks say so far, as ``GET /api/interleaving`` has it."""
        with self._lock:
            return as_json(self._comparison.tally(self._clock()), simulated=self.simulated)

    def read(self, folder: Path) -> None:
        """Count what was written before (``FileSink``), so that a restart forgets nothing. Odd records are left out."""
        self.count(_records(folder))

    def count(self, records: Iterable[Record]) -> None:
        """Count records of searches and events that were kept before, in whichever order they come.

        What was not over when it was kept, and still is not, stays open: its clicks may come.
        """
        with self._lock:
            for at, kind, record in _sorted_by_time(records):
                if kind == QUERIES:
                    self._count_search(record, at)
                elif (click := _click(record)) is not None:
                    self._comparison.clicked(*click, at)
            self._comparison.tally(self._clock())

    def _count_search(self, record: Mapping[str, Any], at: float) -> None:
        """Count a search that was kept, if it was an interleaved one."""
        attributes = _object(record.get("query_attributes"))
        teams, ids = attributes.get("teams"), record.get("query_response_hit_ids")
        if isinstance(teams, list) and isinstance(ids, list) and _is_simulated(attributes) == self.simulated:
            shown = [Drafted(str(id), str(team or "")) for id, team in zip(ids, teams, strict=False)]
            self._comparison.shown(str(record.get("query_id")), str(record.get("client_id")), shown, at)


def _continued_list(before: tuple[Drafted, ...], drafted: Iterable[Drafted], length: int) -> tuple[Drafted, ...]:
    """What was shown before, and behind it what is new, to ``length``.

    The orders may be others than a moment ago, as where the time was too short to re-rank: nothing that was seen moves
    or goes to the other team, and nothing is seen twice.
    """
    shown_ids = {hit.id for hit in before}
    new = (hit for hit in drafted if hit.id not in shown_ids)
    return (*before, *islice(new, max(0, length - len(before))))


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _is_simulated(attributes: Any) -> bool:
    return _object(attributes).get("simulated") is True


def _click(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The query's id and the product's of a click; None for other events."""
    product = _object(_object(record.get("event_attributes")).get("object"))
    if record.get("action_name") != "click" or "query_id" not in record or "object_id" not in product:
        return None
    return str(record["query_id"]), str(product["object_id"])


def _records(folder: Path) -> Iterator[Record]:
    """The records of a folder, also of files that were put aside; a line that is none is passed over."""
    for kind, sign in ((QUERIES, b'"teams"'), (EVENTS, b'"click"')):
        for path in ubi_files(folder, kind):
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                try:
                    # Looked for in the bytes first: most of what is kept are other searches, and need not be parsed.
                    for line in file:
                        with suppress(ValueError):
                            if sign in line:
                                yield kind, json.loads(line)
                except (EOFError, OSError, zlib.error) as error:
                    logger.warning("%s can't be read to its end: %s", path, error)


def _sorted_by_time(records: Iterable[Record]) -> list[tuple[float, str, Mapping[str, Any]]]:
    """Time, kind and content of records, the oldest first; at one moment a search is before its clicks.

    What is no record is passed over.
    """
    times = []
    for kind, record in records:
        try:
            times.append((datetime.fromisoformat(record["timestamp"]).timestamp(), kind, record))
        except (ValueError, KeyError, TypeError, OverflowError):
            continue
    return sorted(times, key=lambda item: (item[0], item[1] != QUERIES))

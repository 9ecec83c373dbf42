"""What visitors do: their searches and clicks as User Behaviour Insights, and what clicks say in a mixed list."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from endcap.demo.storefront.answers import LOG
from endcap.demo.storefront.ubi import event_record, new_id, query_record
from endcap.demo.storefront.ubi_log import UbiLog
from endcap.errors import InputError
from endcap.evaluate.interleaving import Comparison, Drafted, Tally, as_json, interleave, seed_of

MAX_CLIENT = 100


class Behaviour:
    """Keeps what visitors do in ``log``; without one, nothing is kept.

    ``simulated`` is what a replay of simulated users has come to. Then that is told, and not what people click: the two
    are never added up.
    """

    def __init__(self, log: UbiLog | None, simulated: Tally | None = None) -> None:
        self._log, self._replayed = log, simulated
        self._comparison, self._lock = Comparison(), threading.Lock()
        self._simulated = False

    @property
    def kept(self) -> bool:
        """Whether searches and events are kept."""
        return self._log is not None

    @property
    def compared(self) -> bool:
        """Whether there is a mixed list, with something to say of its clicks."""
        return self._log is not None or self._replayed is not None

    def searched(
        self, request: web.Request, query: str, ids: Sequence[str], about: Mapping[str, Any], query_id: str = ""
    ) -> str | None:
        """Note a search and what was shown for it; returns its id, None where nothing is kept."""
        if self._log is None:
            return None
        query_id = query_id or new_id()
        try:
            record = query_record(query, ids, query_id=query_id, client_id=client_of(request), attributes=about)
        except InputError as error:  # words that the schema has no place for must not cost the search
            LOG.info("a search is not noted: %s", error)
            return query_id
        self._log.query(record)
        return query_id

    def event(self, data: Any) -> str:
        """Note an event; returns the team that a click is a point for. Raises ``InputError`` for what is no event."""
        if self._log is None:
            raise InputError("events are not kept here; start the storefront with --ubi.")
        record = event_record(data)
        self._log.event(record)
        about = record.get("event_attributes", {})
        shown, query_id = about.get("object", {}).get("object_id"), record.get("query_id")
        if record["action_name"] != "click" or shown is None or query_id is None:
            return ""
        with self._lock:
            team = self._comparison.clicked(query_id, shown, time.monotonic())
            # one simulated click makes the whole comparison one of simulated clicks
            self._simulated = self._simulated or (bool(team) and bool(about.get("simulated")))
        return team

    def mixed(
        self, request: web.Request, query: str, better: Sequence[str], base: Sequence[str], stop: int
    ) -> tuple[str, tuple[Drafted, ...]]:
        """The two orders as one list up to place ``stop``, the same again for the same visitor, and its query id."""
        client = client_of(request)
        seed = seed_of(client, query)
        drafted = interleave(better, base, seed=seed, length=stop)
        query_id = f"mixed-{seed:016x}"
        with self._lock:
            self._comparison.shown(query_id, client, drafted, time.monotonic())
        return query_id, drafted

    def told(self) -> Mapping[str, object]:
        """What the clicks say so far."""
        if self._replayed is not None:
            return as_json(self._replayed, simulated=True)
        with self._lock:
            return as_json(self._comparison.tally(time.monotonic()), simulated=self._simulated)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many records were taken, written, dropped and failed."""
        return self._log.counts if self._log is not None else {}

    def close(self) -> None:
        """Write what is left."""
        if self._log is not None:
            self._log.close()


BEHAVIOUR = web.AppKey("behaviour", Behaviour)


def client_of(request: web.Request) -> str:
    """A name for the visitor's tab: the one that its page gives, else a hash of what the request says of itself."""
    given = request.query.get("client", "").strip()
    if 0 < len(given) <= MAX_CLIENT and given.isprintable():
        return given
    said = f"{request.remote}\0{request.headers.get('User-Agent', '')}"
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:32]

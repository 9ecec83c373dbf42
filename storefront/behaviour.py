"""What visitors do: their searches and clicks as User Behaviour Insights, and what clicks say in a mixed list."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from endcap.errors import InputError
from endcap.evaluate.interleaving.tally import Tally, as_json
from endcap.storefront.clicks import Clicks, Search
from endcap.storefront.responses import LOG
from endcap.storefront.search_request import Asked
from endcap.storefront.ubi import event_record, new_id, query_record
from endcap.storefront.ubi_log import UbiLog

MAX_CLIENT = 100


class Behaviour:
    """Keeps what visitors do in ``log``; without one, nothing is kept. ``clicks`` are those that were read of before.

    ``simulated`` is what a replay of simulated users has come to. Then that is told, and not what people click: the two
    are never added up.
    """

    def __init__(self, log: UbiLog | None, simulated: Tally | None = None, clicks: Clicks | None = None) -> None:
        self._log, self._replayed = log, simulated
        self._clicks = clicks or Clicks()

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
        return self._clicks.event(record)

    def mixed(self, request: web.Request, asked: Asked, better: Sequence[str], base: Sequence[str]) -> Search:
        """The two orders as one list to the end of the page, the same again while the visitor's search is open."""
        # another weight or filter gives other orders, which must not go on with the list of these
        what = repr((asked.query, asked.weight, asked.chosen))
        return self._clicks.search(client_of(request), what, better, base, page=asked.page, size=asked.size)

    def told(self) -> Mapping[str, object]:
        """What the clicks say so far."""
        if self._replayed is not None:
            return as_json(self._replayed, simulated=True)
        return self._clicks.told()

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

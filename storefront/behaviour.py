"""What visitors do: their searches and clicks as User Behaviour Insights, and what clicks say in a mixed list."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from endcap.errors import InputError
from endcap.evaluate.interleaving.tally import Tally, as_json
from endcap.storefront.clicks import Clicks, InterleavedSearch
from endcap.storefront.responses import LOG
from endcap.storefront.search_request import SearchRequest
from endcap.storefront.shop import Shop
from endcap.storefront.ubi import event_record, new_id, query_record
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import ClusterSink, FileSink, ubi_folder

MAX_CLIENT = 100


class Behaviour:
    """Keeps what visitors do in ``log``; without one, nothing is kept. ``clicks`` are those that were kept before.

    ``simulated`` is what a replay of simulated users has come to. Where it is given, ``summary`` is of it, and not of
    what people click: the two are never added up.
    """

    def __init__(self, log: UbiLog | None, simulated: Tally | None = None, clicks: Clicks | None = None) -> None:
        self._log, self._simulated = log, simulated
        self._clicks = clicks or Clicks()

    @property
    def is_kept(self) -> bool:
        """Whether searches and events are kept."""
        return self._log is not None

    @property
    def has_mixed_list(self) -> bool:
        """Whether both orders are also shown as one list, whose clicks are counted."""
        return self._log is not None or self._simulated is not None

    def note_search(
        self, request: web.Request, query: str, ids: Sequence[str], attributes: Mapping[str, Any], query_id: str = ""
    ) -> str | None:
        """Note a search and what was shown for it; returns its id, None where nothing is kept."""
        if self._log is None:
            return None
        query_id = query_id or new_id()
        try:
            record = query_record(query, ids, query_id=query_id, client_id=client_of(request), attributes=attributes)
        except InputError as error:  # words that the schema has no place for must not cost the search
            LOG.info("a search is not noted: %s", error)
            return query_id
        self._log.query(record)
        return query_id

    def note_event(self, data: Any) -> str:
        """Note an event; returns the team that a click is a point for. Raises ``InputError`` for what is no event."""
        if self._log is None:
            raise InputError("events are not kept here; start the storefront with --ubi.")
        record = event_record(data)
        self._log.event(record)
        return self._clicks.event(record)

    def mixed_list(
        self, request: web.Request, search: SearchRequest, better: Sequence[str], base: Sequence[str]
    ) -> InterleavedSearch:
        """The two orders as one list to the end of the page, the same again while the visitor's search is open."""
        # another weight or filter gives other orders, which must not go on with the list of these
        key = repr((search.query, search.weight, search.chosen))
        return self._clicks.search(client_of(request), key, better, base, page=search.page, size=search.size)

    def summary(self) -> Mapping[str, object]:
        """What the clicks say so far."""
        if self._simulated is not None:
            return as_json(self._simulated, simulated=True)
        return self._clicks.summary()

    def close(self) -> None:
        """Write what is left."""
        if self._log is not None:
            self._log.close()


BEHAVIOUR = web.AppKey("behaviour", Behaviour)


def open_ubi(shop: Shop, name: str) -> tuple[UbiLog, Clicks]:
    """Where visitors' searches and clicks go, and what the clicks there say so far.

    That is the shop's cluster, or for the embedded engine files under ``name``. Raises ``EngineError`` where the
    cluster can't be asked, or has no place for them.
    """
    clicks = Clicks()
    if shop.settings.engine == "opensearch":
        sink = ClusterSink.from_settings(shop.settings)
        sink.make_indices()
        clicks.count(sink.interleaved_records(shop.index))
        return UbiLog(sink), clicks
    clicks.read(ubi_folder(name))
    return UbiLog(FileSink(ubi_folder(name))), clicks


def client_of(request: web.Request) -> str:
    """A name for the visitor's tab: the one that its page gives, else a hash of the address and the browser's name."""
    client = request.query.get("client", "").strip()
    if 0 < len(client) <= MAX_CLIENT and client.isprintable():
        return client
    browser = f"{request.remote}\0{request.headers.get('User-Agent', '')}"
    return hashlib.sha256(browser.encode("utf-8", "surrogatepass")).hexdigest()[:32]

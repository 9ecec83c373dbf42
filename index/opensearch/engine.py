"""OpenSearch, 2.19 and 3: a catalogue is an alias on the newest load, and a search is the cluster's own."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException, TransportError
from opensearchpy.helpers import scan

from endcap.errors import EngineError
from endcap.index import boosts
from endcap.index.engine import LoadReport
from endcap.index.field_map import FieldMap
from endcap.index.load_filter import loadable_products, nothing_loaded_reason
from endcap.index.opensearch.bulk import BulkLimits, Document, bulk
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.errors import explained
from endcap.index.opensearch.mapping import bulk_lines, index_body
from endcap.index.opensearch.state_mapping import no_knn, with_state_field
from endcap.index.opensearch.versions import Load, check_alias, held, new_load, remove_leftovers, swap, write_mark
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.index.state_field import NAME, StateSource
from endcap.index.stemming import ENGLISH, checked_stemming
from endcap.progress import Advance

ALLOCATION_WAIT_S = 30
_PAGE = 1000
_STATES_AT_ONCE = 512
_SCROLL = "5m"
_ADMIN_TIMEOUT_S = 120.0


class OpenSearchEngine:
    """One index of a cluster: loaded by endcap under an alias, or somebody's own, read through ``fields``.

    Safe to use from several threads. Failures are ``EngineError``, raised from the client's own error.
    """

    def __init__(
        self,
        client: OpenSearch,
        index: str,
        *,
        fields: FieldMap | None = None,
        url: str = "the cluster",
        shards: int = 1,
        replicas: int | None = None,
        language: str = ENGLISH,
        limits: BulkLimits = BulkLimits(),  # noqa: B008 (frozen)
    ) -> None:
        """``shards`` and ``replicas`` (None: the cluster's default) and ``language`` (whose endings they know) are
        those of the indexes that ``load`` makes."""
        self.client = client
        self.index = index
        self.fields = fields or FieldMap()
        self.url = url
        self._shards, self._replicas, self._limits = shards, replicas, limits
        self._language = checked_stemming(language)

    @classmethod
    def from_settings(
        cls, settings: IndexSettings, *, shards: int = 1, replicas: int | None = None
    ) -> OpenSearchEngine:
        """The engine that the settings describe; nothing is sent to the cluster yet."""
        index = settings.index or settings.name
        return cls(
            connect(settings),
            index,
            fields=settings.fields,
            url=settings.url,
            shards=shards,
            replicas=replicas,
            language=settings.language or ENGLISH,
        )

    def load(
        self, products: Iterable[Product], *, progress: Advance | None = None, states: StateSource | None = None
    ) -> LoadReport:
        """Put a whole catalogue in the place of the one that is there, at once or not at all.

        The products go into a new index; the alias is turned to it when all are searchable and counted. ``states``
        gives each document its ``endcap``; ``InputError`` where the cluster has no field for it.
        """
        began = time.monotonic()
        failed: dict[str, str] = {}
        with self._errors():
            check_alias(self.client, self.index)
            remove_leftovers(self.client, self.index)
            load = new_load(self.index)
            with held(self.client, load):
                try:
                    loaded = self._fill(load, products, failed, progress, states)
                except BaseException:
                    with suppress(OpenSearchException):
                        self.client.indices.delete(index=load.index, ignore_unavailable=True)
                    raise
                # Outside of the above: where the answer to this is lost the index may be live, and must stay.
                swap(self.client, load)
            write_mark(self.client, load, "live")
            remove_leftovers(self.client, self.index, keep=load.index)
        return LoadReport(loaded, failed, time.monotonic() - began)

    def _create(self, load: Load, states: StateSource | None) -> Any:
        body = index_body(load.mark("loading"), self._shards, self._replicas, self._language)
        try:
            return self.client.indices.create(
                index=load.index,
                body=body if states is None else with_state_field(body, states.field),
                params={"timeout": f"{ALLOCATION_WAIT_S}s", "wait_for_active_shards": 1},
                request_timeout=_ADMIN_TIMEOUT_S,
            )
        except TransportError as error:
            if states is not None and "index.knn" in str(error.info):
                raise no_knn(self.url) from error
            raise

    def _fill(
        self,
        load: Load,
        products: Iterable[Product],
        failed: dict[str, str],
        progress: Advance | None,
        states: StateSource | None,
    ) -> int:
        created = self._create(load, states)
        if not created.get("shards_acknowledged"):
            raise EngineError(
                f"the cluster at {self.url} found no node for the shards of a new index within {ALLOCATION_WAIT_S} s "
                "(it is red). GET _cluster/allocation/explain says why."
            )
        loaded = 0
        for sent in bulk(self.client, load.index, _documents(products, failed, states), failed, limits=self._limits):
            loaded += sent
            if progress is not None:
                progress(loaded)
        if not loaded:
            raise EngineError(nothing_loaded_reason(failed))
        self.client.indices.put_settings(
            index=load.index, body={"index": {"refresh_interval": None}}, request_timeout=_ADMIN_TIMEOUT_S
        )
        self.client.indices.refresh(index=load.index, request_timeout=_ADMIN_TIMEOUT_S)
        count = self.client.count(index=load.index)["count"]
        meta = self.client.indices.get_mapping(index=load.index)[load.index]["mappings"].get("_meta", {})
        if count != loaded or meta.get("endcap", {}).get("load") != load.id:
            raise EngineError(
                f"the new index {load.index!r} at {self.url} holds {count} products of {loaded}: somebody else changed "
                "it. The old catalogue stays; load again."
            )
        return loaded

    def search(self, *, index: str | None = None, body: Mapping[str, Any], **params: Any) -> dict[str, Any]:
        """The cluster's reply to a ``_search`` body; ``params`` are those of the URL, such as ``preference``."""
        with self._errors(index):
            reply = self.client.search(index=index or self.index, body=dict(body), **params)
        if not isinstance(reply, dict):
            raise EngineError(
                f"what answers at {self.url} is no OpenSearch: its reply to a search is {str(reply)[:100]!r}."
            )
        return reply

    def msearch(self, *, body: Sequence[Mapping[str, Any]], index: str | None = None, **params: Any) -> dict[str, Any]:
        """The cluster's reply to an ``_msearch`` body; a header without an index means this engine's."""
        with self._errors(index):
            reply: dict[str, Any] = self.client.msearch(body=list(body), index=index or self.index, **params)
        return reply

    def text_query(self, text: str) -> dict[str, Any]:
        """The query clause of the tuned multi-field BM25, over the index's own names of ``Product``'s fields."""
        return boosts.text_query(text, self.fields)

    def render_template(self, template: Mapping[str, Any]) -> dict[str, Any]:
        """The ``_search`` body that the cluster makes of a search template: ``id`` or ``source``, and ``params``."""
        with self._errors():
            reply = self.client.render_search_template(body=dict(template))
        body = reply.get("template_output") if isinstance(reply, dict) else None
        if not isinstance(body, dict):
            raise EngineError(f"the cluster at {self.url} made no body of the search template: {str(reply)[:200]}")
        return body

    def products(self) -> Iterator[Product]:
        """All products, as a stream, in no particular order; one state of the index, whoever writes to it meanwhile."""
        whole = ("extra", ()) not in self.fields.paths
        source: Any = {"excludes": [NAME]} if whole else self.fields.source_fields()
        body: dict[str, Any] = {"query": {"match_all": {}}, "_source": source}
        with self._errors():
            for hit in scan(self.client, body, index=self.index, size=_PAGE, scroll=_SCROLL, raise_on_error=False):
                yield self.fields.product(hit.get("_source", {}), id=hit["_id"])

    def count(self) -> int:
        """How many products are searchable."""
        with self._errors():
            return int(self.client.count(index=self.index)["count"])

    def mappings(self) -> list[dict[str, Any]]:
        """The mapping of each index that the name stands for."""
        with self._errors():
            indexes = self.client.indices.get_mapping(index=self.index)
        return [about["mappings"] for about in indexes.values()]

    def refresh(self) -> None:
        """Let searches see all that has been written."""
        with self._errors():
            self.client.indices.refresh(index=self.index, request_timeout=_ADMIN_TIMEOUT_S)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    @contextmanager
    def _errors(self, index: str | None = None) -> Iterator[None]:
        try:
            yield
        except OpenSearchException as error:
            raise explained(error, self.url, index or self.index) from error


def _documents(
    products: Iterable[Product], failed: dict[str, str], states: StateSource | None = None
) -> Iterator[Document]:
    for product, state in _with_states(loadable_products(products, failed), states):
        try:
            lines = bulk_lines(product, state)
        except (TypeError, ValueError) as error:
            failed[product.id] = f"can't be written as a document: {error}"
        else:
            yield product.id, lines


def _with_states(
    products: Iterator[Product], states: StateSource | None
) -> Iterator[tuple[Product, Mapping[str, Any] | None]]:
    if states is None:
        yield from ((product, None) for product in products)
        return
    while chunk := list(islice(products, _STATES_AT_ONCE)):
        yield from zip(chunk, states.of(chunk), strict=True)

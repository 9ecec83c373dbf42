"""Where User Behaviour Insights are kept: in files, or in the indices of a cluster."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthorizationException, OpenSearchException, RequestError
from opensearchpy.helpers import scan

from endcap.errors import EngineError
from endcap.files import append_records, record_file
from endcap.index.home import home
from endcap.index.opensearch.bulk import BulkLimits, bulk
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.errors import explained, reason_of
from endcap.index.settings import IndexSettings
from endcap.storefront.ubi import EVENTS, QUERIES
from endcap.storefront.ubi_mappings import MAPPINGS

logger = logging.getLogger("endcap.storefront")

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


def ubi_folder(name: str) -> Path:
    """Where the records of an index are kept as files: ``HOME/ubi/NAME``."""
    return home() / "ubi" / name


def ubi_files(folder: Path, kind: str) -> list[Path]:
    """The files with records of a kind: the one that is written, and those that were put aside, ``queries.jsonl-…``."""
    paths = sorted(folder.glob(f"{FILES[kind]}*"))
    return [path for path in paths if path.is_file() and path.suffix != ".lock"]


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
            append_records(descriptor, b"".join(map(_json_line, records)))
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
            self._make_index(index, MAPPINGS[kind])
            for _ in bulk(self.client, index, map(_document, records), refused, limits=LIMITS):
                pass
        except OpenSearchException as error:
            self._ready.discard(index)
            raise explained(error, self.url, index) from error
        if refused:
            logger.warning("User Behaviour Insights: the cluster refused a record: %s", next(iter(refused.values())))
        return len(refused)

    def make_indices(self) -> None:
        """See to it that both indices are there.

        Raises ``EngineError`` where one is not, and the user may not make it, and where the cluster can't be asked.
        """
        for kind in MAPPINGS:
            try:
                self._make_index(self.prefix + kind, MAPPINGS[kind])
            except OpenSearchException as error:
                raise explained(error, self.url, self.prefix + kind) from error

    def interleaved_records(self, index: str) -> list[Record]:
        """What was kept of an index's interleaved searches, and all clicks there are: what ``Clicks.count`` takes.

        Nothing, and a warning, where the user may write but not read. Raises ``EngineError`` where the cluster can't
        be asked.
        """
        mixed = [{"term": {"query_attributes.index": index}}, {"term": {"query_attributes.mixed": "true"}}]
        filters = {QUERIES: {"bool": {"filter": mixed}}, EVENTS: {"term": {"action_name": "click"}}}
        try:
            return [
                (kind, hit["_source"])
                for kind, query in filters.items()
                for hit in scan(self.client, {"query": query}, index=self.prefix + kind, ignore_unavailable=True)
            ]
        except AuthorizationException as error:
            logger.warning(
                "User Behaviour Insights: the user may not read %s, so the comparison begins anew: %s. Give it the "
                "right 'read' there, and the cluster's 'indices:data/read/scroll*', to go on with what was clicked.",
                self._index_names,
                reason_of(error),
            )
            return []
        except OpenSearchException as error:
            raise explained(error, self.url, self.prefix + EVENTS) from error

    def _make_index(self, index: str, mapping: Mapping[str, Any]) -> None:
        if index in self._ready:
            return
        exists: bool | None = None  # None: the user may not know
        with suppress(AuthorizationException):
            exists = bool(self.client.indices.exists(index=index))
        # Not left to the first document, which would have the cluster guess the types.
        if not exists:
            settings = {"index": {"number_of_shards": 1, "auto_expand_replicas": "0-2"}}
            try:
                self.client.indices.create(index=index, body={"settings": settings, "mappings": mapping})
            except RequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise
            except AuthorizationException as error:
                # Who may neither look nor make may still write, where it is there: what is written will tell.
                if exists is False:
                    raise self._no_index_error(index, error) from error
        self._ready.add(index)

    @property
    def _index_names(self) -> str:
        return " and ".join(self.prefix + kind for kind in MAPPINGS)

    def _no_index_error(self, index: str, error: AuthorizationException) -> EngineError:
        return EngineError(
            f"there is no index {index!r} at {self.url}, and the cluster lets this user not make it: "
            f"{reason_of(error)}. Give the user the right 'create_index' for {self._index_names}, or have them made by "
            "somebody who may (POST _plugins/ubi/initialize, where that plugin is installed); the user then needs "
            "'write' there, and 'read' to go on with earlier clicks. Or start without --ubi."
        )


def _document(record: Mapping[str, Any]) -> tuple[str, bytes]:
    """A document under an id of its own, so that what is sent twice is kept once."""
    id = uuid.uuid4().hex
    action = orjson.dumps({"index": {"_id": id}}, option=orjson.OPT_APPEND_NEWLINE)
    return id, action + orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def _json_line(record: Mapping[str, Any]) -> bytes:
    """A line of ASCII alone, one line to every reader: some divide text at other characters than line feeds."""
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"

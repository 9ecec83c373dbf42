"""Partial updates of documents that others may be writing to at the same time.

Each is guarded by the document's ``_seq_no`` and ``_primary_term`` as they were read: where somebody has written the
document since, the update is refused, and the document is to be read again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from endcap.index.opensearch.bulk import BulkLimits, bulk
from endcap.index.opensearch.errors import explained

Hit = Mapping[str, Any]
"""A document as it was read, with ``_index``, ``_id``, ``_seq_no``, ``_primary_term`` and perhaps ``_routing``."""


class Fate(StrEnum):
    """What became of an update."""

    WRITTEN = "written"
    CHANGED = "changed"
    """Somebody else has written the document since it was read."""
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents of a cluster, to be updated in part; ``source`` are the paths that are read of them."""

    client: OpenSearch
    url: str
    source: Sequence[str]
    limits: BulkLimits = BulkLimits()  # noqa: RUF009 (frozen)

    def update(self, changes: Sequence[tuple[Hit, Mapping[str, Any]]]) -> tuple[list[Fate], dict[str, str]]:
        """Write parts of documents; gives what became of each, and the cluster's reasons for what it refused, by id.

        Raises ``EngineError`` where the cluster is gone or takes nothing.
        """
        if not changes:
            return [], {}
        failed: dict[str, str] = {}
        index = str(changes[0][0]["_index"])
        try:
            for _ in bulk(self.client, index, _requests(changes), failed, limits=self.limits):
                pass
        except OpenSearchException as error:
            raise explained(error, self.url, index) from error
        fates = [_fate(failed.get(str(number), "")) for number in range(len(changes))]
        refused = {
            str(hit["_id"]): failed[str(number)]
            for number, (hit, _) in enumerate(changes)
            if fates[number] is Fate.REFUSED
        }
        return fates, refused

    def read_again(self, hits: Sequence[Hit]) -> list[Hit]:
        """The documents as they are now, of those that are still there."""
        docs = [
            {"_index": hit["_index"], "_id": hit["_id"], "_source": list(self.source)}
            | ({"routing": hit["_routing"]} if "_routing" in hit else {})
            for hit in hits
        ]
        try:
            reply = self.client.mget(body={"docs": docs}) if docs else {"docs": []}
        except OpenSearchException as error:
            raise explained(error, self.url, str(hits[0]["_index"])) from error
        return [doc for doc in reply["docs"] if doc.get("found")]


def _requests(changes: Sequence[tuple[Hit, Mapping[str, Any]]]) -> Iterator[tuple[str, bytes]]:
    """The lines of each update, named by its number: ids are unique only within an index."""
    for number, (hit, part) in enumerate(changes):
        action = {
            "_index": hit["_index"],
            "_id": hit["_id"],
            "if_seq_no": hit["_seq_no"],
            "if_primary_term": hit["_primary_term"],
            **({"routing": hit["_routing"]} if "_routing" in hit else {}),
        }
        lines = orjson.dumps({"update": action}) + b"\n" + orjson.dumps({"doc": part}) + b"\n"
        yield str(number), lines


def _fate(reason: str) -> Fate:
    if not reason:
        return Fate.WRITTEN
    if reason.startswith("version_conflict_engine_exception"):
        return Fate.CHANGED
    return Fate.GONE if reason.startswith("document_missing_exception") else Fate.REFUSED

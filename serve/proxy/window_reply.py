"""A window's reply, read as far as it is needed: the hits' documents stay as they came, until somebody reads them."""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from endcap.index.state_field import NAME
from endcap.plugin.unread_source import UnreadSource


class _Hit(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """What a hit has that was found by a score, where nothing more was asked for."""

    _index: str
    _id: str
    _score: float | int | None
    _source: msgspec.Raw


class _Hits(msgspec.Struct, forbid_unknown_fields=True):
    hits: list[_Hit]
    total: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    max_score: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class _Reply(msgspec.Struct, forbid_unknown_fields=True):
    """What most replies have, in the order in which OpenSearch writes it."""

    took: int
    timed_out: bool
    _shards: msgspec.Raw
    hits: _Hits
    aggregations: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_STATE = f'"{NAME}"'.encode()
_REPLY = msgspec.json.Decoder(_Reply)


def read_window(text: bytes) -> Any:
    """A reply as ``orjson.loads`` reads it, but for the ``_source`` of plain hits, which are ``UnreadSource``.

    Where hits have more than index, id, score and document, where these bring states, or where the reply has more than
    hits and aggregations, all is read. Raises ``ValueError`` where it is no JSON.
    """
    if _STATE in text:
        return orjson.loads(text)
    try:
        if not text.isascii():
            text.decode()  # documents that nobody reads must be as whole as the others
        reply = _REPLY.decode(text)
    except (ValueError, RecursionError):
        return orjson.loads(text)
    found = reply.hits
    if any(bytes(memoryview(hit._source)[:1]) != b"{" for hit in found.hits):  # no object: a fault, which is seen
        return orjson.loads(text)
    hits = [
        {"_index": hit._index, "_id": hit._id, "_score": hit._score, "_source": UnreadSource(hit._source)}
        for hit in found.hits
    ]
    read: dict[str, Any] = {"took": reply.took, "timed_out": reply.timed_out, "_shards": _read(reply._shards)}
    about = {"total": found.total, "max_score": found.max_score}
    read["hits"] = {**{name: _read(part) for name, part in about.items() if part is not msgspec.UNSET}, "hits": hits}
    if reply.aggregations is not msgspec.UNSET:
        read["aggregations"] = _read(reply.aggregations)
    return read


def _read(part: Any) -> Any:
    return orjson.loads(memoryview(part))

"""What has changed in an index since it was last read: each write to a shard gets the shard's next sequence number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from opensearchpy import OpenSearch
from opensearchpy.exceptions import OpenSearchException

from endcap.files import write_text

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ShardState:
    """How far a shard has come: all writes up to ``number`` are in all its copies, and can be found.

    ``history`` differs where numbers can't be compared: another index or filter of the same name, one restored.
    """

    history: str
    number: int


Shards = Mapping[tuple[str, int], ShardState]
"""By the index's name and the shard's number."""


def shard_states(client: OpenSearch, index: str) -> Shards:
    """How far the shards of an index, an alias or a pattern have come; none where the caller has not the rights.

    Refreshes the index behind, so that whoever reads the primary shards now finds all writes up to these numbers.
    """
    try:
        stats = client.indices.stats(index=index, metric="docs", params={"level": "shards"})
        shards = client.search_shards(index=index)
        if client.indices.refresh(index=index)["_shards"]["failed"]:
            return {}
    except OpenSearchException:
        return {}
    filters = {name: (about or {}).get("filter") for name, about in shards.get("indices", {}).items()}
    return {
        (name, int(number)): ShardState(_history(about.get("uuid", ""), copy, filters.get(name)), int(reached))
        for name, about in stats["indices"].items()
        for number, copies in about.get("shards", {}).items()
        for copy in copies
        if copy["routing"]["primary"] and (reached := copy.get("seq_no", {}).get("global_checkpoint")) is not None
    }


def _history(uuid: str, copy: Mapping[str, Any], filter: Any) -> str:
    parts = [uuid, copy.get("commit", {}).get("user_data", {}).get("history_uuid"), filter]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


class ReadMarks:
    """How far the shards had come when the last whole reading began, in a small file; and when this one began.

    ``identity`` says what is read, for what; a file of another identity, or one that can't be read, counts as none.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self._done: dict[str, int] = {}
        self._begun: dict[str, int] = {}
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["schema"] == SCHEMA and data["identity"] == identity:
                self._done = {str(name): int(number) for name, number in data["done"].items()}
                self._begun = {str(name): int(number) for name, number in data["begun"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            self._done, self._begun = {}, {}

    @property
    def exist(self) -> bool:
        """Whether the index was read whole before."""
        return bool(self._done)

    def begin(self, shards: Shards) -> dict[tuple[str, int], int]:
        """A reading begins at ``shards``. Gives the numbers up to which they were read before."""
        self._begun = {f"{state.history}/{shard}": state.number for (_, shard), state in shards.items()}
        self._write()
        before = {place: self._done.get(f"{state.history}/{place[1]}") for place, state in shards.items()}
        return {
            place: number for place, number in before.items() if number is not None and number <= shards[place].number
        }

    def finish(self, identity: str) -> None:
        """The reading that began last is done: all that it began with has been read, for what ``identity`` says now."""
        self.identity = identity
        self._done, self._begun = self._begun, {}
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        data = {"schema": SCHEMA, "identity": self.identity, "done": self._done, "begun": self._begun}
        write_text(self.path, json.dumps(data))

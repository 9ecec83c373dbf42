"""How far the reading of an existing index has come, in a small file, so that a killed one goes on."""

import json
from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from endcap.files import write_text

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Part:
    """A shard, or one slice of it, and how far it has been read: up to the document ``after`` of its point in time."""

    index: str
    shard: int
    slice: int
    slices: int
    filter: Mapping[str, Any] | None
    point_in_time: str = ""
    after: int | None = None
    done: bool = False


class Checkpoint:
    """Where a reading stands in ``path``. What has been consumed is written only once ``committed`` says it is kept.

    ``identity`` says what is being read, for what; a file of another identity, or one that can't be read, counts as
    none. ``note`` is the consumer's own, as it was at the last commit.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self.path, self.identity = path, identity
        self.parts: list[Part] = []
        self.note: Mapping[str, Any] = {}
        self._reached: deque[tuple[int, int, Part]] = deque()
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["schema"] == SCHEMA and data["identity"] == identity:
                self.parts = [Part(**part) for part in data["parts"]]
                self.note = dict(data["note"])
        except (OSError, ValueError, KeyError, TypeError):
            self.parts, self.note = [], {}

    def begin(self, parts: list[Part]) -> None:
        """Start with these parts, none of them read."""
        self.parts, self.note = list(parts), {}
        self._reached.clear()

    def reached(self, count: int, number: int, part: Part) -> None:
        """With its ``count``-th product this reading comes to where ``part``, with number ``number``, says."""
        self._reached.append((count, number, part))

    def committed(self, count: int, note: Mapping[str, Any]) -> None:
        """The first ``count`` products of this reading need not come again; kept in the file, with the note."""
        while self._reached and self._reached[0][0] <= count:
            _, number, part = self._reached.popleft()
            self.parts[number] = part
        self.note = note
        self.path.parent.mkdir(parents=True, exist_ok=True)
        parts = [asdict(part) for part in self.parts]
        write_text(self.path, json.dumps({"schema": SCHEMA, "identity": self.identity, "parts": parts, "note": note}))

    def forget(self) -> None:
        """Start from nothing next time."""
        self.begin([])
        self.path.unlink(missing_ok=True)

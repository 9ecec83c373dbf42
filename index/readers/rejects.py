"""What was skipped of a catalogue: counted by reason, and written to a file that is there whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

import orjson

from endcap.errors import InputError
from endcap.files import whole_file
from endcap.index.readers.record import Fault

MAX_RAW_CHARACTERS = 2000
"""Of a skipped record, so much is written."""


class Rejects:
    """A reject file, JSON lines of ``file``, ``line`` (or ``row``), ``reason``, ``detail`` and ``record``.

    Without a path the faults are only counted. As a context manager: the file appears when the block ends well; when
    it does not, what was at ``path`` before stays.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.counts: Counter[str] = Counter()
        self.rows = self.products = self.merged = self.left_out = 0
        self._stack = ExitStack()
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Rejects:
        self.counts.clear()
        self.rows = self.products = self.merged = self.left_out = 0
        if self.path:
            with self._refused():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._stack.enter_context(whole_file(self.path))
        return self

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InputError(
                f"{self.path}: the reject file can't be written ({error.strerror or error}). Make room there, or give "
                "another ENDCAP_HOME."
            ) from error

    def add(self, fault: Fault) -> None:
        """Count a fault and write it down."""
        self.counts[fault.reason] += 1
        if self._file:
            text = fault.raw[: MAX_RAW_CHARACTERS * 4].decode(errors="replace")
            row = {
                "file": fault.place.file,
                fault.place.unit: fault.place.number or None,
                "reason": fault.reason,
                "detail": fault.detail,
                "record": text[:MAX_RAW_CHARACTERS],
            }
            with self._refused():
                self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

    def account(self) -> str:
        """Where all rows went: ``5 rows = 2 products + 1 rejected + 2 merged``."""
        parts = [f"{self.products:,} products", f"{self.counts.total():,} rejected", f"{self.merged:,} merged"]
        if self.left_out:
            parts.append(f"{self.left_out:,} not asked for")
        return f"{self.rows:,} rows = {' + '.join(parts)}"

    def summary(self) -> str:
        """How many were skipped and why, as in ``3 skipped: 2 missing title, 1 duplicate id``."""
        if not self.counts:
            return "0 skipped"
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in self.counts.most_common())
        return f"{self.counts.total():,} skipped: {reasons}"

    def __exit__(self, *error: Any) -> None:
        self._file = None
        with self._refused():
            self._stack.__exit__(*error)

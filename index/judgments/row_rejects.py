"""Rows of a source that are no judgments: counted and shown where they are few, refused where they are many."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.judgments import RowError, ScaleError

MOST_BROKEN = 1 / 3
"""Where a larger share of the rows can't be read, the file is not what it was taken for."""
MOST_OFF_SCALE = 0.01
"""A rating off the scale is a slip where it is so rare; else the scale is another one, and every grade is wrong."""
SHOWN = 3


class RowRejects:
    """What was rejected, by its reason, and the first few with their lines."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self._shown: list[str] = []
        self._off_scale: list[str] = []
        self._n_off_scale = 0

    def add(self, error: RowError) -> None:
        """Count a row."""
        self.counts[error.reason] += 1
        if isinstance(error, ScaleError):
            self._n_off_scale += 1
            self._off_scale = self._off_scale or [str(error)]
        if len(self._shown) < SHOWN:
            self._shown.append(str(error))

    def check(self, path: Path, used: int) -> tuple[str, ...]:
        """What there is to say, beside the ``used`` rows. Raises ``InputError`` where too many were rejected."""
        if not self.counts:
            return ()
        broken = self.counts.total()
        if self._n_off_scale > MOST_OFF_SCALE * (used + self._n_off_scale):
            raise InputError(self._refusal(path, self._n_off_scale, used + broken, "off the scale", self._off_scale[0]))
        if broken > MOST_BROKEN * (used + broken):
            raise InputError(self._refusal(path, broken, used + broken, "no judgments", self._shown[0]))
        more = "; ".join(each.removesuffix(".") for each in self._shown)
        return (f"{broken:,} of {used + broken:,} rows are no judgments and were left out, such as: {more}",)

    def _refusal(self, path: Path, count: int, rows: int, what: str, first: str) -> str:
        if rows == 1:
            return first
        return f"{first} So it is with {count:,} of {rows:,} rows of {path.name}: {what}, too many to leave out."

"""Which searches are re-ranked: not while the switch is off, nor those left alone for comparison, nor the system's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from hashlib import blake2b
from pathlib import Path
from typing import Any

import orjson

from endcap.serve.headers import Headers
from endcap.serve.settings import SearchSettings, share_of

LOOKED_AT_S = 0.5
"""So old may be what is known of the switch."""
_OF_PAGES = ("from", "size", "ext", "track_total_hits")


class Switch:
    """The kill switch: a file. While it is there nothing is re-ranked; lines in it name the indexes that are meant."""

    def __init__(self, file: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.file, self._clock = file, clock
        self._until, self._patterns = -1.0, tuple[str, ...]()

    def is_off(self, index: str) -> bool:
        """Whether searches of the index are left alone now."""
        now = self._clock()
        if now >= self._until:
            self._until, self._patterns = now + LOOKED_AT_S, self._read()
        names = index.split(",") if index else [""]
        return any(fnmatchcase(name, pattern) for name in names for pattern in self._patterns)

    def turn(self, off: bool) -> None:
        """Make the file, or remove it. Raises ``OSError``."""
        if off:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text("")
        else:
            self.file.unlink(missing_ok=True)
        self._until = -1.0

    def _read(self) -> tuple[str, ...]:
        try:
            text = self.file.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ()
        except OSError:
            return ("*",)  # it is there
        return tuple(line.strip() for line in text.splitlines() if line.strip()) or ("*",)


def left_alone(settings: SearchSettings, headers: Headers, index: str, body: Mapping[str, Any]) -> bool:
    """Whether a search is of the share that is left alone: always the same for one header's value, or for one search.

    What pages of one search differ in does not count.
    """
    share = share_of(settings.share)
    if share <= 0:
        return False
    drawn = headers.get(settings.share_header) if settings.share_header else None
    if drawn is None:
        rest = {name: value for name, value in body.items() if name not in _OF_PAGES}
        drawn = orjson.dumps([index, rest], option=orjson.OPT_SORT_KEYS).decode()
    digest = blake2b(drawn.encode("utf-8", "surrogateescape"), digest_size=8, person=b"endcap").digest()
    return int.from_bytes(digest) < share * 2**64


def is_of_system(index: str) -> bool:
    """Whether an index expression names indexes of the cluster's own, as ``.kibana``."""
    return any(name.startswith(".") for name in index.split(","))

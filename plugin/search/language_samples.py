"""Asks an index for some of its products, so that a process knows from its first search on what language it is in.

One small request for each index and process, once an hour, when the first window is there. Nothing of it is kept on
disk: so it holds for indexes that others have made, for aliases and for several indexes, and is never older than that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from endcap.plugin.deadline import Clock
from endcap.plugin.faults import LOG
from endcap.plugin.search.languages import Languages
from endcap.plugin.search.target import Target

SIZE = 120
"""So many products are asked for."""
REMEMBERED_S, RETRY_S = 3600.0, 60.0
"""A sample is drawn anew after so long; so is one that failed, or that knows nothing of the indexes of a window."""
LOST_S = 5.0
"""Where no answer has come by then, searches wait for it no more."""
MAX_INDEXES = 1_000


_Key = tuple[str, str, tuple[str, ...]]


@dataclass(slots=True)
class _Asked:
    at_s: float
    done: Future[None]
    has_learnt: bool
    is_awaited: bool
    """Searches wait for the first answer alone: an engine that gives none must not cost them their time again."""


class LanguageSamples:
    """What was asked of which index. Safe between threads and event loops; nothing here fails a search."""

    def __init__(self, noticed: Languages, clock: Clock = time.monotonic) -> None:
        self._noticed, self._clock = noticed, clock
        self._asked: dict[_Key, _Asked] = {}
        self._lock = threading.Lock()

    async def known(
        self,
        target: Target,
        index: Any,
        params: Mapping[str, Any],
        hits: Sequence[Mapping[str, Any]],
        languages: tuple[str, ...],
        patience_ms: float,
    ) -> bool:
        """Whether there is a sample of what these hits are from; asks for one, and waits so long for the first."""
        key = (str(index), target.load(), languages)
        knows = self._noticed.knows(index, hits, languages)
        asked, is_new = self._asking(key, knows)
        if is_new:
            target.beside(self._ask(target, index, params, languages, asked), asked.done)
        if asked.is_awaited and self._clock() - asked.at_s < LOST_S and patience_ms > 0 and not asked.done.done():
            await target.wait(asked.done, min(patience_ms, 1e3 * LOST_S))
        return asked.has_learnt and self._noticed.knows(index, hits, languages)

    def _asking(self, key: _Key, knows: bool) -> tuple[_Asked, bool]:
        """What was asked of an index of late, or is to be asked now."""
        with self._lock:
            asked, now = self._asked.get(key), self._clock()
            # What an alias finds is unknown when it has turned to another index.
            remembered_s = REMEMBERED_S if asked is not None and asked.has_learnt and knows else RETRY_S
            if asked is not None and now - asked.at_s < remembered_s:
                return asked, False
            if len(self._asked) >= MAX_INDEXES:
                self._asked.clear()
            is_awaited = asked is None or (asked.has_learnt and not knows)
            # What was learnt holds until there is something newer.
            new = _Asked(now, Future(), asked is not None and asked.has_learnt, is_awaited)
            self._asked[key] = new
            return new, True

    async def _ask(
        self, target: Target, index: Any, params: Mapping[str, Any], languages: tuple[str, ...], asked: _Asked
    ) -> None:
        try:
            hits = await target.sample(index, SIZE, self._noticed.paths, params)
            if hits:
                self._noticed.learn(index, hits, languages)
                asked.has_learnt = True
        except Exception as error:  # windows are judged by themselves, then
            LOG.info("no sample of index %s, to tell its language by: %r", index, error)

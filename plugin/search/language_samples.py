"""Asks an index for some of its products, so that a process knows from its first search on what language it is in.

One small request for each index and process, once an hour, beside the first search. Nothing of it is kept on disk: so
it holds for indexes that others have made, for aliases and for several indexes, and can't be older than an hour.
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

SIZE = 200
"""So many products are asked for."""
REMEMBERED_S, RETRY_S = 3600.0, 60.0
"""A sample is drawn anew after so long; so is one that failed, or that knows nothing of the indexes of a window."""
LOST_S = 5.0
"""Where no answer has come by then, searches wait for it no more."""
MAX_INDEXES = 1_000


@dataclass(slots=True)
class _Asked:
    at_s: float
    done: Future[None]
    learnt: bool = False
    is_first: bool = True
    """Searches wait for the first answer alone: an engine that gives none must not cost them their time again."""


class LanguageSamples:
    """What was asked of which index. Safe between threads and event loops; nothing here fails a search."""

    def __init__(self, noticed: Languages, clock: Clock = time.monotonic) -> None:
        self._noticed, self._clock = noticed, clock
        self._asked: dict[tuple[str, str, tuple[str, ...]], _Asked] = {}
        self._lock = threading.Lock()

    def begin(
        self, target: Target, index: Any, params: Mapping[str, Any], languages: tuple[str, ...], again: bool = False
    ) -> None:
        """Ask for a sample of an index, where there is none of late; returns at once.

        ``again``: the last one says nothing of what a search has found.
        """
        key, now = _key(target, index, languages), self._clock()
        asked = self._asked.get(key)
        if asked is not None and now - asked.at_s < (REMEMBERED_S if asked.learnt and not again else RETRY_S):
            return
        with self._lock:
            if self._asked.get(key) is not asked:  # another search was faster
                return
            if len(self._asked) >= MAX_INDEXES:
                self._asked.clear()
            self._asked[key] = new = _Asked(now, Future())
            new.learnt = asked is not None and asked.learnt  # what was learnt holds until there is something newer
            new.is_first = asked is None
        target.beside(self._ask(target, index, params, languages, new), new.done)

    async def known(
        self,
        target: Target,
        index: Any,
        params: Mapping[str, Any],
        hits: Sequence[Mapping[str, Any]],
        languages: tuple[str, ...],
        patience_ms: float,
    ) -> bool:
        """Whether there is a sample of what these hits are from; waits so long for one that is on its way."""
        key = _key(target, index, languages)
        asked = self._asked.get(key)
        if asked is not None and not asked.learnt:
            await self._wait(target, asked, patience_ms if asked.is_first else 0.0)
        elif not self._noticed.knows(index, hits, languages):  # an alias that has turned to another index
            self.begin(target, index, params, languages, again=True)
            if (newer := self._asked.get(key)) is not None and newer is not asked:
                await self._wait(target, newer, patience_ms)
        asked = self._asked.get(key)
        return asked is not None and asked.learnt and self._noticed.knows(index, hits, languages)

    async def _wait(self, target: Target, asked: _Asked, patience_ms: float) -> None:
        if patience_ms > 0 and not asked.done.done() and self._clock() - asked.at_s < LOST_S:
            await target.wait(asked.done, patience_ms)

    async def _ask(
        self, target: Target, index: Any, params: Mapping[str, Any], languages: tuple[str, ...], asked: _Asked
    ) -> None:
        try:
            hits = await target.sample(index, SIZE, self._noticed.paths, params)
            if hits:
                self._noticed.learn(index, hits, languages)
                asked.learnt = True
        except Exception as error:  # windows are judged by themselves, then
            LOG.info("no sample of index %s, to tell its language by: %r", index, error)


def _key(target: Target, index: Any, languages: tuple[str, ...]) -> tuple[str, str, tuple[str, ...]]:
    return str(index), target.load(), languages

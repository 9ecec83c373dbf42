"""The rules of now: a file that is read again when it has changed, while searches go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.plugin.deadline import Clock
from endcap.plugin.faults import LOG
from endcap.plugin.rules.file import read_rules
from endcap.plugin.rules.query_match import searched_text, searched_words
from endcap.plugin.rules.rule import Rule, ShopRules

LOOK_EVERY_S = 1.0
"""How often a file is looked at, at most."""


def local_now() -> datetime:
    """This moment, with the machine's zone."""
    return datetime.now().astimezone()


class LiveRules:
    """Rules from a file (or as they are), safe between threads.

    Raises ``InputError`` where the file is wrong to begin with. Later a wrong file is refused: the last good rules
    stay, ``fault`` says what is wrong, and ``refused`` counts.
    """

    def __init__(
        self, rules: ShopRules | str | Path, clock: Clock = time.monotonic, now: Callable[[], datetime] = local_now
    ) -> None:
        if not isinstance(rules, (ShopRules, str, Path)):
            raise InputError(f"rules is {rules!r}; give the path of a rules file, or ShopRules.")
        self._path = None if isinstance(rules, ShopRules) else Path(rules)
        self._clock, self._now = clock, now
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._seen = self._state()
        self._rules = rules if isinstance(rules, ShopRules) else read_rules(rules)
        self.fault = ""
        self.refused = 0

    def current(self) -> ShopRules:
        """The rules of now."""
        if self._path is not None and self._clock() - self._looked_at >= LOOK_EVERY_S and self._lock.acquire(False):
            try:
                self._look()
            finally:
                self._lock.release()
        return self._rules

    def applying(self, rules: ShopRules, text: str) -> tuple[Rule, ...]:
        """Those that hold for a search now, in their order."""
        if not rules.rules:
            return ()
        words, plain, now = searched_words(text), searched_text(text), self._now()
        return tuple(rule for rule in rules.rules if rule.applies(words, plain, now))

    def _look(self) -> None:
        self._looked_at = self._clock()
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        try:
            assert self._path is not None
            self._rules, self.fault = read_rules(self._path), ""
            LOG.info("the rules in %s have changed, and hold from now on", self._path)
        except Exception as error:  # whatever is wrong with the file, searches go on
            self.refused += 1
            self.fault = f"the rules file was not taken over, the last good one holds: {error}"
            LOG.warning("%s", self.fault)

    def _state(self) -> Any:
        """What differs when the file has changed; None where there is none."""
        if self._path is None:
            return None
        try:
            status = os.stat(self._path)  # noqa: PTH116 - half the time of Path.stat
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

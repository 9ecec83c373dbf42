"""The rules of now: a file that is read again when it has changed, while searches go on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from endcap.errors import InputError
from endcap.plugin.deadline import Clock
from endcap.plugin.faults import LOG
from endcap.plugin.rules.file import read_rules
from endcap.plugin.rules.query_match import searched_text, searched_words
from endcap.plugin.rules.rule import Rule, ShopRules

LOOK_EVERY_S = 1.0
"""How often a file is looked at, at most."""
SETTLED_S = 1.0
"""A file that was written later is not read yet: it may be only half there, and half of a TOML file can be one."""
PATIENCE_S = 0.02
"""So long a search waits for a changed file to be read. A large one is read while searches follow the old one."""


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
        self._reading: threading.Thread | None = None
        self.fault = ""
        self.refused = 0

    def current(self) -> ShopRules:
        """The rules of now."""
        if self._path is not None and self._clock() - self._looked_at >= LOOK_EVERY_S and self._lock.acquire(False):
            try:
                self._look(self._path)
            finally:
                self._lock.release()
            self.wait(PATIENCE_S)
        return self._rules

    def wait(self, seconds: float | None = None) -> None:
        """Until a changed file that was noticed has been read."""
        if (reading := self._reading) is not None:
            reading.join(seconds)

    def applying(self, rules: ShopRules, text: str) -> tuple[Rule, ...]:
        """Those that hold for a search now, in their order."""
        if not rules.rules:
            return ()
        now = self._now()
        found = (rules.rules[n] for n in rules.index.found(searched_words(text), searched_text(text)))
        return tuple(rule for rule in found if rule.holds_at(now))

    def _look(self, path: Path) -> None:
        """Begin to read the file where it has changed, and is not being read or written."""
        self._looked_at = self._clock()
        state = self._state()
        busy = self._reading is not None and self._reading.is_alive()
        if state == self._seen or busy or (state is not None and 0 <= time.time() - state[0] / 1e9 < SETTLED_S):
            return
        self._seen = state
        self._reading = threading.Thread(target=self._read, args=(path,), name="endcap-rules", daemon=True)
        self._reading.start()

    def _read(self, path: Path) -> None:
        try:
            self._rules, self.fault = read_rules(path), ""
            LOG.info("the rules in %s have changed, and hold from now on", path)
        except Exception as error:  # whatever is wrong with the file, searches go on
            self.refused += 1
            self.fault = f"the rules file was not taken over, the last good one holds: {error}"
            LOG.warning("%s", self.fault)

    def _state(self) -> tuple[int, int, int] | None:
        """What differs when the file has changed, first when it was written, in ns; None where there is none."""
        if self._path is None:
            return None
        try:
            status = os.stat(self._path)  # noqa: PTH116 - half the time of Path.stat
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

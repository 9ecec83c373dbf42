"""Progress of long work: how a function tells of it, and how a terminal shows it."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import IO

Advance = Callable[[int], None]
"""Takes how many are done so far (not how many more); cheap, and may be called from any thread."""

Watch = Callable[[str, int | None], AbstractContextManager[Advance]]
"""Shows how far long work is: ``with watch("Searching", 90) as advance: advance(n_done)``."""

QUIET_S = 1.0
"""Work that is over sooner shows nothing."""

BAR_EVERY_S = 0.1
LINE_EVERY_S = 5.0
"""Where stderr is no terminal, a line is printed at most this often."""


@contextmanager
def unwatched(title: str, total: int | None) -> Iterator[Advance]:
    """A ``Watch`` that shows nothing."""
    yield lambda done: None


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Advance]:
    """A ``Watch`` on stderr: a bar at a terminal, a plain line now and then elsewhere, nothing if it is quick.

    ``total=None`` is for work whose end is not known; where it reads files, their readers say how far they have come
    (``tell_share``), and percent and time left are shown. A count above ``total`` is shown as it is.
    """
    stream = sys.stderr
    is_terminal = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    display = _Bar(title, total, stream) if is_terminal else _Lines(title, total, stream)
    _SHOWN.append(display)
    try:
        yield display.advance
    finally:
        _SHOWN.remove(display)
        display.close()


def tell_share(share: float) -> None:
    """Say how much of what is read has been read, 0 to 1, to the work that is shown, if any is."""
    if _SHOWN:
        _SHOWN[-1].read(share)


def tell_rows(rows: int) -> None:
    """Say how many rows have been read, while there is nothing yet that the shown work counts."""
    if _SHOWN:
        _SHOWN[-1].advance(rows)


@contextmanager
def reading_step(words: str) -> Iterator[None]:
    """What is read in this block is a step of the shown work, with a share of its own: "unpacked", "put together"."""
    display = _SHOWN[-1] if _SHOWN else None
    before = display.begin(words) if display else ""
    try:
        yield
    finally:
        if display:
            display.begin(before)


class _Display:
    """What is known of the work: how many are done, and of the step at hand how much is read, and since when."""

    def __init__(self, title: str, total: int | None, stream: IO[str]) -> None:
        self._title, self._total, self._stream = title, total, stream
        self._lock = threading.Lock()
        self._done, self._words = 0, "read"
        self._share: float | None = None
        self._first = self._first_share = 0.0
        self._began = self._step_began = time.monotonic()

    def begin(self, words: str) -> str:
        """Begin a step, and give the words of the one before."""
        before, self._words = self._words, words
        self._share, self._first, self._step_began = None, self._done, time.monotonic()
        return before

    def read(self, share: float) -> None:
        """Note how much is read, and show it."""
        if self._share is None:
            self._first_share = share
        self._share = min(max(share, self._share or 0.0), 1.0)
        self.advance(self._done)

    def _count(self, done: int) -> None:
        if done < self._first:  # of another thing, as products after rows
            self._first = 0
        self._done = done

    def advance(self, done: int) -> None:
        raise NotImplementedError

    def rate(self) -> str:
        """How many a second, since the step began."""
        seconds = time.monotonic() - self._step_began
        more = self._done - self._first
        if more <= 0 or seconds <= 0:
            return ""
        return f"{more / seconds:,.0f} a second" if more >= seconds else f"{60 * more / seconds:.1f} a minute"

    def percent(self) -> str:
        """How much of the step is read, where only that is known of its end."""
        return f"{self._share:.0%} {self._words}" if self._total is None and self._share is not None else ""

    def left(self) -> str:
        """How long the step will still take, if it goes on as it went; "" where nothing can be said."""
        first, share = (
            (self._first_share, self._share) if self._total is None else (0.0, self._done / (self._total or 1))
        )
        if share is None or not first < share < 1:
            return ""
        seconds = (time.monotonic() - self._step_began) * (1 - share) / (share - first)
        return f"{_duration(seconds)} left"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 100 * 60 else f"{seconds / 3600:.1f} h"


class _Bar(_Display):
    """A rich bar, begun by a timer so that it also shows for work that does not advance for long."""

    def __init__(self, title: str, total: int | None, stream: IO[str]) -> None:
        super().__init__(title, total, stream)
        self._next = 0.0
        self._update: Callable[[], None] | None = None
        self._stop: Callable[[], None] | None = None
        self._closed = False
        self._timer = threading.Timer(QUIET_S, self._show)
        self._timer.daemon = True
        self._timer.start()

    def _show(self) -> None:
        # rich takes a tenth of a second to import, so only work that is long enough pays for it.
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
        )
        with self._lock:
            if self._closed:
                return
            bar = Progress(*columns, console=Console(file=self._stream))
            task = bar.add_task(self._title, total=None, said="")

            def update() -> None:
                known = self._total is not None or self._share is not None
                at = self._done if self._total is not None else self._share or 0.0
                bar.update(task, total=(self._total or 1) if known else None, completed=at, said=self._said())

            update()
            bar.start()
            self._update, self._stop = update, bar.stop

    def _said(self) -> str:
        total = f"/{self._total:,}" if self._total is not None else "" if self._share is not None else "/?"
        return "  ".join(filter(None, (f"{self._done:,}{total}", self.percent(), self.rate(), self.left())))

    def advance(self, done: int) -> None:
        self._count(done)
        if self._update is not None and time.monotonic() >= self._next:
            self._next = time.monotonic() + BAR_EVERY_S
            self._update()

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._closed = True
            if self._update is not None and self._stop is not None:
                self._update()  # what was done while the bar was being made
                self._stop()


class _Lines(_Display):
    """Plain lines, for logs and pipes."""

    def __init__(self, title: str, total: int | None, stream: IO[str]) -> None:
        super().__init__(title, total, stream)
        self._next = self._began + QUIET_S
        self._printed = 0
        self._shown = False

    def advance(self, done: int) -> None:
        self._count(done)
        if time.monotonic() >= self._next:
            with self._lock:
                if time.monotonic() >= self._next:
                    self._print()

    def close(self) -> None:
        if self._shown and self._done != self._printed:
            self._print()

    def _print(self) -> None:
        now = time.monotonic()
        self._next, self._shown, self._printed = now + LINE_EVERY_S, True, self._done
        total = "" if self._total is None else f" of {self._total:,}"
        share = f" ({100 * self._done / self._total:.0f}%)" if self._total else ""
        parts = (
            f"{self._done:,}{total}{share}",
            f"{now - self._began:.0f} s",
            self.rate(),
            self.percent(),
            self.left(),
        )
        print(f"{self._title}: {', '.join(filter(None, parts))}", file=self._stream, flush=True)


_SHOWN: list[_Bar | _Lines] = []
"""What is shown on stderr now, the innermost last."""

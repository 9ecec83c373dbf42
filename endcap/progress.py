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

LINE_EVERY_S = 5.0
"""Where stderr is no terminal, a line is printed at most this often."""


@contextmanager
def unwatched(title: str, total: int | None) -> Iterator[Advance]:
    """A ``Watch`` that shows nothing."""
    yield lambda done: None


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Advance]:
    """A ``Watch`` on stderr: a bar at a terminal, a plain line now and then elsewhere, nothing if it is quick.

    ``total=None`` is for work whose end is not known; a count above ``total`` is shown as it is.
    """
    stream = sys.stderr
    is_terminal = stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    display = _Bar(title, total, stream) if is_terminal else _Lines(title, total, stream)
    try:
        yield display.advance
    finally:
        display.close()


class _Bar:
    """A rich bar, begun by a timer so that it also shows for work that does not advance for long."""

    def __init__(self, title: str, total: int | None, stream: IO[str]) -> None:
        self._title, self._total, self._stream = title, total, stream
        self._done = 0
        self._update: Advance | None = None
        self._stop: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._closed = False
        self._timer = threading.Timer(QUIET_S, self._show)
        self._timer.daemon = True
        self._timer.start()

    def _show(self) -> None:
        # rich takes a tenth of a second to import, so only work that is long enough pays for it.
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.progress import TimeRemainingColumn as Remaining
        from rich.text import Text

        class Rate(ProgressColumn):
            """How many a second, since the beginning."""

            def render(self, task: Task) -> Text:
                """Nothing before there is a rate to tell."""
                per_second = task.completed / task.elapsed if task.elapsed else 0.0
                rate = f"{per_second:,.0f}/s" if per_second >= 1 else f"{60 * per_second:.1f}/min"
                return Text(rate if per_second else "")

        columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeElapsedColumn()]
        if self._total is not None:
            columns.append(Remaining(elapsed_when_finished=False))
        with self._lock:
            if self._closed:
                return
            bar = Progress(*columns, console=Console(file=self._stream))
            task = bar.add_task(self._title, total=self._total, completed=self._done)
            bar.start()
            self._update = lambda done: bar.update(task, completed=done)
            self._stop = bar.stop

    def advance(self, done: int) -> None:
        self._done = done
        if self._update is not None:
            self._update(done)

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            self._closed = True
            if self._update is not None and self._stop is not None:
                self._update(self._done)  # what was done while the bar was being made
                self._stop()


class _Lines:
    """Plain lines, for logs and pipes."""

    def __init__(self, title: str, total: int | None, stream: IO[str]) -> None:
        self._title, self._total, self._stream = title, total, stream
        self._began = time.monotonic()
        self._next = self._began + QUIET_S
        self._done = self._printed = 0
        self._shown = False
        self._lock = threading.Lock()

    def advance(self, done: int) -> None:
        self._done = done
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
        seconds = now - self._began
        per_second = self._done / seconds
        rate = f"{per_second:,.0f} a second" if per_second >= 1 else f"{60 * per_second:.1f} a minute"
        shown = f", {rate}" if self._done else ""
        print(f"{self._title}: {self._done:,}{total}{share}, {seconds:.0f} s{shown}", file=self._stream, flush=True)

"""Judgments collected in the storefront: a file of events that is only ever appended to, and what follows from it."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from endcap.errors import EndcapError, InputError
from endcap.files import append_records, read_from, record_file
from endcap.index.home import home
from endcap.index.judgments.events import (
    Event,
    check_text,
    checked,
    collected,
    event_of,
    grades_by_judge,
)
from endcap.storefront.judgment_exports import Export, export_judgments
from endcap.storefront.ubi import timestamp_now

logger = logging.getLogger("endcap.storefront")

Grades = Mapping[str, Mapping[str, float]]
BOM = b"\xef\xbb\xbf"
"""What some editors put before a file's first line."""


def judgments_path(name: str) -> Path:
    """Where the judgments of an index are kept: ``HOME/judged/NAME.jsonl``."""
    return home() / "judged" / f"{name}.jsonl"


class JudgmentStore:
    """The judgments of a file, kept in step with it: several threads, stores and processes may share the file.

    Every method takes the file's lock, reads what others have added, and waits for the disk where it writes: call it
    in a thread where there is an event loop. An event is on the disk before ``give`` or ``undo`` returns.
    """

    def __init__(self, path: Path) -> None:
        """The file need not exist yet. Raises ``EndcapError`` where its folder can't be made."""
        self.path = path
        self.damaged = 0
        """Lines that are no judgments, left alone and passed over."""
        self._events: list[Event] = []
        self._changes: dict[str, list[tuple[Event, int | None]]] = {}
        self._grades: dict[str, dict[str, dict[str, int]]] = {}  # judge, query, product
        self._read, self._digest, self._state = 0, hashlib.blake2b(), (0, 0, 0, 0)
        with self._refused():
            path.parent.mkdir(parents=True, exist_ok=True)

    def give(self, query: str, product: str, grade: int | None, judge: str) -> int:
        """Note a grade, 0 to 3, or None to take it back; returns how many judgments the judge now has.

        What changes nothing is not noted, so that ``undo`` takes back something that can be seen. Raises
        ``InputError`` where it is no judgment, ``EndcapError`` where it can't be written.
        """
        event = checked(query, product, grade, judge, timestamp_now())
        with self._open() as descriptor:
            if self._grades.get(event.judge, {}).get(query, {}).get(product) != grade:
                self._append(descriptor, event)
            return self._count(event.judge)

    def undo(self, judge: str) -> Event | None:
        """Take back the judge's last change that was not taken back yet: the pair has again the grade it had before.

        Returns the event that says so, or None where there is nothing left to take back.
        """
        check_text("judge", judge)
        judge = judge.strip()
        with self._open() as descriptor:
            if not self._changes.get(judge):
                return None
            last, before = self._changes[judge][-1]
            event = replace(last, grade=before, time=timestamp_now(), undo=True)
            self._append(descriptor, event)
            return event

    def grades_of(self, query: str, judge: str) -> dict[str, int]:
        """The judge's grades of a query: product to grade."""
        check_text("query", query, allowed="\n\t")
        check_text("judge", judge)
        with self._open():
            return dict(self._grades.get(judge.strip(), {}).get(query, {}))

    def count(self, judge: str) -> int:
        """How many judgments the judge has given and not taken back."""
        check_text("judge", judge)
        with self._open():
            return self._count(judge.strip())

    def events(self) -> list[Event]:
        """All events, oldest first."""
        with self._open():
            return list(self._events)

    def medians(self, query: str) -> Mapping[str, float]:
        """A query's grades, product to grade: the median of its judges, of two middle ones the lower."""
        with self._open():
            by_judge = dict[tuple[str, str], dict[str, int]]()
            for judge, queries in self._grades.items():
                for product, grade in queries.get(query, {}).items():
                    by_judge.setdefault((query, product), {})[judge] = grade
        return collected(by_judge, self.path).grades.get(query, {})

    def grades(self) -> Grades:
        """All judges' grades together, query to product to grade: the median, of two middle ones the lower."""
        return collected(grades_by_judge(self.events()), self.path).grades

    def export(self, format: str) -> Export:
        """The judgments as a file; formats and errors are those of ``export_judgments``."""
        return export_judgments(self.events(), self.path.stem, format)

    def _count(self, judge: str) -> int:
        return sum(map(len, self._grades.get(judge, {}).values()))

    @contextmanager
    def _open(self) -> Iterator[int]:
        """The file's descriptor, with its lock held and all that others have added read."""
        with self._refused(), record_file(self.path) as descriptor:
            self._catch_up(descriptor)
            yield descriptor

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise EndcapError(
                f"{self.path}: judgments can't be kept there ({error.strerror or error}). Nothing was saved. Free "
                "space or mend its rights, then try again."
            ) from error

    def _catch_up(self, descriptor: int) -> None:
        if self._state == _state_of(descriptor):
            return
        content = read_from(descriptor, 0)
        if hashlib.blake2b(content[: self._read]).digest() != self._digest.digest():
            # Another file under the same name, or one that an editor has changed: what is known is of the old one.
            self._events, self._changes, self._grades = [], {}, {}
            self._read, self._digest, self.damaged = 0, hashlib.blake2b(), 0
        added = content[self._read :]
        for line in (added if self._read else added.removeprefix(BOM)).split(b"\n"):
            self._take_line(line)
        self._advance(descriptor, added)

    def _take_line(self, line: bytes) -> None:
        if not line.strip(b" \r\t\0"):
            return
        try:
            self._take(event_of(line))
        except InputError as error:
            self.damaged += 1
            logger.warning("%s: a line is no judgment and passed over: %s", self.path, error)

    def _take(self, event: Event) -> None:
        grades = self._grades.setdefault(event.judge, {}).setdefault(event.query, {})
        changes = self._changes.setdefault(event.judge, [])
        if not event.undo:
            changes.append((event, grades.get(event.product)))
        elif changes:
            changes.pop()
        self._events.append(event)
        if event.grade is None:
            grades.pop(event.product, None)
        else:
            grades[event.product] = event.grade

    def _append(self, descriptor: int, event: Event) -> None:
        line = event.line()
        append_records(descriptor, line)
        self._advance(descriptor, line)
        self._take(event)

    def _advance(self, descriptor: int, added: bytes) -> None:
        self._read += len(added)
        self._digest.update(added)
        self._state = _state_of(descriptor)


def _state_of(descriptor: int) -> tuple[int, int, int, int]:
    """Which file it is, and what changes where it is written."""
    state = os.fstat(descriptor)
    return state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns

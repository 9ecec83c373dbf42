"""Judgments as they are given: a line of JSON for each grade given or taken back; the last one of a pair counts.

    {"query": "kettle", "product": "p7", "grade": 3, "judge": "anna", "time": "2026-11-28T09:30:00.000Z"}

``grade`` is null where it was taken back. ``undo`` (true) marks a line that brought back what was before.
"""

import os
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.collector import Collector
from endcap.index.judgments.judgments import GRADES
from endcap.index.readers.files import Damaged, Source, damaged, lines

MAX_QUERY_CHARACTERS = 1000
MAX_ID_BYTES = 512
"""What OpenSearch takes as an ``_id``."""
MAX_JUDGE_CHARACTERS = 100
FIELDS = ("query", "product", "grade", "judge", "time")


@dataclass(frozen=True, slots=True)
class Event:
    """A grade that a judge gave to a product for a query (None: took back), and when (ISO 8601, UTC)."""

    query: str
    product: str
    grade: int | None
    judge: str
    time: str
    undo: bool = False

    @property
    def pair(self) -> tuple[str, str]:
        """Query and product."""
        return self.query, self.product

    def line(self) -> bytes:
        """The event as a line of JSON, with its line feed."""
        record: dict[str, Any] = {name: getattr(self, name) for name in FIELDS}
        return orjson.dumps(record | ({"undo": True} if self.undo else {}), option=orjson.OPT_APPEND_NEWLINE)


def checked(query: Any, product: Any, grade: Any, judge: Any, time: str, undo: bool = False) -> Event:
    """An event of what somebody sent. Raises ``InputError`` for what can't be kept, or not be written to every format.

    A query may have line feeds and tabs, but no other control character; an id and a judge's name have none.
    """
    if grade is not None and (isinstance(grade, bool) or not isinstance(grade, int) or grade not in GRADES):
        raise InputError(f"the grade is {grade!r:.80}. Give 0, 1, 2 or 3, or null to take the grade back.")
    check_text("query", query, allowed="\n\t")
    if len(query) > MAX_QUERY_CHARACTERS:
        raise InputError(f"the query has {len(query):,} characters; at most {MAX_QUERY_CHARACTERS:,} are allowed.")
    check_text("product", product)
    if len(product.encode()) > MAX_ID_BYTES:
        raise InputError(f"the product's id has {len(product.encode()):,} bytes; at most {MAX_ID_BYTES} are allowed.")
    check_text("judge", judge)
    if len(judge) > MAX_JUDGE_CHARACTERS:
        raise InputError(f"the judge's name has {len(judge):,} characters; at most {MAX_JUDGE_CHARACTERS} are allowed.")
    return Event(query, product, grade, judge.strip(), time, undo)


def check_text(name: str, value: Any, *, allowed: str = "", empty: bool = False) -> None:
    """Raises ``InputError`` where a value is no text, blank, or has a control character that is not ``allowed``."""
    if not isinstance(value, str):
        raise InputError(f"{name!r} is {value!r:.80}. Give a text.")
    if not empty and not value.strip():
        raise InputError(f"{name!r} is empty. Give a text.")
    for character in value:
        # Cc: control characters, Cs: halves of surrogate pairs, which no file can hold.
        if unicodedata.category(character) in ("Cc", "Cs") and character not in allowed:
            raise InputError(f"{name!r} has the character U+{ord(character):04X} in it: {value!r:.80}. Leave it out.")


def event_of(line: bytes) -> Event:
    """The event of a line. Raises ``InputError`` where it is none."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(f"not valid JSON: {error.msg}.") from error
    missing = [name for name in FIELDS if not isinstance(record, dict) or name not in record]
    if missing:
        raise InputError(f"there is no {missing[0]!r}; a judgment has {', '.join(FIELDS)}.")
    time = record["time"]
    try:
        datetime.fromisoformat(time)
    except (TypeError, ValueError) as error:
        raise InputError(f"'time' is {time!r:.80}; it should be as in 2026-11-28T09:30:00Z.") from error
    undo = record.get("undo") is True
    return checked(record["query"], record["product"], record["grade"], record["judge"], time, undo)


def read_events(path: Path) -> list[Event]:
    """All events of a file, oldest first.

    Raises ``InputError`` with the line of the first that is none; half a line at the end is what a crash or a writer
    at work leaves, and passed over.
    """
    events: list[Event] = []
    broken: InputError | None = None
    try:
        for number, raw, whole in lines(Source(path)):
            if broken:
                raise broken
            try:
                if raw.strip():
                    events.append(event_of(raw))
            except InputError as error:
                broken = InputError(f"{path}, line {number}: {error if whole else 'the line is too long.'}")
    except Damaged as damage:
        raise damaged(Source(path), damage) from damage
    if broken and _ends_a_line(path):
        raise broken
    return events


def grades_by_judge(events: Iterable[Event]) -> dict[tuple[str, str], dict[str, int]]:
    """What counts of the events: query and product to judge to grade, in the order of the first grades given."""
    grades: dict[tuple[str, str], dict[str, int]] = {}
    for event in events:
        if event.grade is not None:
            grades.setdefault(event.pair, {})[event.judge] = event.grade
        elif event.pair in grades:
            grades[event.pair].pop(event.judge, None)
            if not grades[event.pair]:
                del grades[event.pair]
    return grades


def collected(grades: Mapping[tuple[str, str], Mapping[str, int]], place: object) -> Collector:
    """The grades of all judges as votes: of several the median, of an even number the lower of the middle ones."""
    collector = Collector()
    for (query, product), judges in grades.items():
        for judge, grade in judges.items():
            collector.add(place, query, product, grade, judge)
    return collector


def _ends_a_line(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"

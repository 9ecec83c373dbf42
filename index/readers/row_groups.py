"""Puts the rows of one product together, wherever they stand in a catalogue; the rows wait on the disk."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import groupby
from tempfile import gettempdir
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.readers.record import Fault, Place, Record
from endcap.progress import reading_step, tell_rows, tell_share

Key = Callable[[Mapping[str, Any]], tuple[str, tuple[str, ...]]]
"""A row's group ("": it has none), and the groups that are put into this one, too."""

_TABLES = """
create table rows(n integer primary key, key text, file text, number int, unit text, value blob, raw blob);
create table links(child text primary key, parent text) without rowid;
"""
_GROUPED = """
with placed as (
    select n, coalesce(parent, key) as own, file, number, unit, value, raw
    from rows left join links on child = key and parent != key
)
select case when own = '' then n else min(n) over (partition by own) end as first, n, file, number, unit, value, raw
from placed order by first, n
"""


@contextmanager
def _room_for_rows() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise InputError(
            f"the rows of a product wait in a temporary file until all are read, and it can't be written ({error}). "
            f"Make room in {gettempdir()}, or set TMPDIR to a folder with as much room as the catalogue has."
        ) from error


def groups(items: Iterable[Record | Fault], key: Key) -> Iterator[list[Record] | Fault]:
    """The faults as they come, then the rows of each group in their order; groups in that of their first rows."""
    with _room_for_rows(), closing(sqlite3.connect("")) as store:  # a file of SQLite's own, deleted when it is closed
        store.executescript(_TABLES)
        count = given = 0
        with reading_step("read (step 1 of 2)"):
            for item in items:
                if isinstance(item, Fault):
                    yield item
                    continue
                own, children = key(item.value)
                row = (own, *item.place, orjson.dumps(item.value, default=str), item.raw)
                store.execute("insert into rows(key, file, number, unit, value, raw) values (?, ?, ?, ?, ?, ?)", row)
                store.executemany("insert or ignore into links values (?, ?)", [(child, own) for child in children])
                count += 1
                tell_rows(count)
        with reading_step("put together (step 2 of 2)"):
            tell_share(0.0)
            rows = store.execute(_GROUPED)
            for _, several in groupby(rows, key=lambda row: row[0]):
                yield (group := [Record(Place(*row[2:5]), orjson.loads(row[5]), row[6]) for row in several])
                given += len(group)
                tell_share(given / count)

"""States that nothing needs any more: on which day each was last needed, and what is older deleted."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Sequence

from endcap.plugin.states.state_file import StateFile

ROWS_A_STEP = 2_000
PAGES_A_STEP = 1_000
FIRST_ID = -(1 << 63)


def identity(connection: sqlite3.Connection) -> int:
    """The file's number."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def set_day(connection: sqlite3.Connection, ids: Sequence[int], day: int) -> None:
    """Rows whose day is an earlier one get this one."""
    connection.executemany("UPDATE states SET day = ? WHERE id = ? AND day < ?", [(day, id, day) for id in ids])


def prune(file: StateFile, oldest: int) -> int:
    """Delete the rows whose day is before ``oldest``, some at a time, and give the room back; returns how many."""
    gone, first = 0, FIRST_ID

    def step(connection: sqlite3.Connection) -> tuple[int, int | None]:
        query = "SELECT id, day FROM states WHERE id >= ? ORDER BY id LIMIT ?"
        rows = connection.execute(query, (first, ROWS_A_STEP)).fetchall()
        old = [(id,) for id, day in rows if day < oldest]
        connection.executemany("DELETE FROM states WHERE id = ?", old)
        if old:  # who has read an index before can't know that its states are there
            connection.execute(f"PRAGMA user_version = {1 + secrets.randbelow((1 << 31) - 1)}")
        return len(old), rows[-1][0] if len(rows) == ROWS_A_STEP else None

    while True:
        deleted, last = file.change(step)
        gone += deleted
        if last is None or last + 1 >= 1 << 63:
            break
        first = last + 1
    while file.change(_give_back):
        pass
    return gone


def _give_back(connection: sqlite3.Connection) -> bool:
    """Whether there is more to give back, after some pages."""
    free: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    connection.execute(f"PRAGMA incremental_vacuum({PAGES_A_STEP})").fetchall()
    left: int = connection.execute("PRAGMA freelist_count").fetchone()[0]
    return 0 < left < free

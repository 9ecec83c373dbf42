"""One SQLite file of states, for all threads of a process and beside other processes; nothing of it is mapped.

A rollback journal, since a write-ahead log has its index mapped into memory: the file cut short, the process is ended
by SIGBUS. What a rollback journal costs is that nobody reads while a commit is being written, some 20 ms. A search does
not wait for that: it reads without locks then. That may meet half a commit, so it takes only what proves itself, as
each state does by its checksum, and never judges the file by it.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from stat import S_ISREG
from typing import Any, TypeVar

from endcap.files import locked
from endcap.plugin.states.gate import Gate

NAME = "states.db"
APPLICATION = 0x656E6463
"""Says that a database is a store of states, and how its table looks."""

READ_WAITS_MS = (0, 20)
"""How long reading waits for a commit of others: at first not at all, and for what was not found without locks."""

WRITE_TRY_MS = 10
WRITE_WAIT_S = 5.0
IDLE_CONNECTIONS = 16
IDS_A_QUERY = 500
IDS_STEP = 50
"""Queries are padded to multiples of it, so that few different ones have to be compiled."""

SETTINGS = (
    "PRAGMA mmap_size = 0",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA cell_size_check = ON",
    "PRAGMA cache_spill = OFF",  # else a large transaction keeps readers out before its commit
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_mode = DELETE",
)
TABLE = "CREATE TABLE states (id INTEGER PRIMARY KEY, day INTEGER NOT NULL, value BLOB NOT NULL)"
PUT = "INSERT OR REPLACE INTO states (id, day, value) VALUES (?, ?, ?)"

LOG = logging.getLogger(__name__)

Rows = dict[int, Any]
T = TypeVar("T")


class StateFile:
    """Rows (id, day, value) in ``folder``. Made, and made again after it was deleted or found broken, when next used.

    Whoever has it calls ``before_fork``, ``after_fork_in_parent`` and ``after_fork_in_child`` at every fork.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._identity: tuple[int, int] | None = None
        self._idle: list[sqlite3.Connection] = []
        self._is_closed = False
        self._gate = Gate()

    @property
    def writable(self) -> bool:
        """Whether this process may write."""
        return os.access(self.path.parent, os.W_OK | os.X_OK) and os.access(self.path, os.W_OK)

    def rows(self, ids: Sequence[int]) -> Rows:
        """The values by id, as far as they are there, and anything at all where the file is damaged.

        Takes no longer for a commit of others than ``READ_WAITS_MS``. Raises ``sqlite3.Error``, ``OSError``.
        """
        found: Rows = {}
        if self._is_closed:
            return found
        for wait_ms in READ_WAITS_MS:
            try:
                return self._run(lambda connection: _select(connection, ids), wait_ms)
            except sqlite3.OperationalError as error:
                found |= self._rows_without_locks(ids, error)
            if len(found) == len(set(ids)):
                break
        return found

    def put(self, rows: Sequence[tuple[int, int, bytes]]) -> None:
        """Keep rows (id, day, value), all or none. Raises ``sqlite3.Error``, ``OSError``."""
        values = {id: value for id, _, value in rows}

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(PUT, rows)
            # A damaged tree may lead astray without an error, so that states would be lost for ever.
            if _select(connection, list(values)) != values:
                raise sqlite3.DatabaseError("it loses what is written")

        self.change(work)

    def change(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do ``work`` in one transaction, kept whole or not at all. Raises ``sqlite3.Error``, ``OSError``."""

        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            return result

        end = time.monotonic() + WRITE_WAIT_S
        while True:  # not SQLite's own waiting: it asks too seldom, and a fork would have to wait for it
            try:
                return self._run(transaction, WRITE_TRY_MS)
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                    raise
            time.sleep(random.uniform(0.001, 0.01))

    def check(self) -> None:
        """Open the file now. Raises ``sqlite3.Error``, ``OSError`` that say why that can't be done."""
        try:
            self._run(lambda _: None, READ_WAITS_MS[0])
        except sqlite3.OperationalError as error:  # others' commits hold up nobody who reads
            if _code(error) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_READONLY):
                raise

    def close(self) -> None:
        """Close for good, once no thread is inside."""
        self._gate.shut()
        self._is_closed = True
        self._drop()
        self._gate.open()

    def before_fork(self) -> None:
        """Close all, since no connection may be open across a fork, nor a thread be inside SQLite."""
        self._gate.shut()
        self._drop()

    def after_fork_in_parent(self) -> None:
        """Let the threads go on."""
        self._gate.open()

    def after_fork_in_child(self) -> None:
        """Begin anew, with new locks: those of the parent are held by threads that are not there any more."""
        self._gate = Gate()

    def _run(self, work: Callable[[sqlite3.Connection], T], wait_ms: int) -> T:
        """``work`` with a connection; once more with a new file where this one turns out to be broken."""
        identity = _identity(self.path)
        try:
            with self._connection(identity, wait_ms) as connection:
                return work(connection)
        except sqlite3.Error as error:
            is_another = _identity(self.path) != identity  # somebody else has moved it aside meanwhile
            if not is_another and not (_is_broken(error) and self._move_aside(identity, str(error))):
                raise
        with self._connection(_identity(self.path), wait_ms) as connection:
            return work(connection)

    @contextmanager
    def _connection(self, identity: tuple[int, int] | None, wait_ms: int) -> Iterator[sqlite3.Connection]:
        with self._gate.inside():
            if identity != self._identity:  # deleted, or moved aside
                self._drop()
            idle = self._idle
            try:
                connection = idle.pop()
            except IndexError:
                connection = self._open(wait_ms)
            is_well = False
            try:
                connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
                yield connection
                is_well = True
            finally:
                if is_well and idle is self._idle and len(idle) < IDLE_CONNECTIONS:
                    idle.append(connection)
                else:  # also rolls back
                    connection.close()

    def _open(self, wait_ms: int) -> sqlite3.Connection:
        if self._is_closed:
            raise sqlite3.OperationalError("the store is closed")
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and not S_ISREG(self.path.stat().st_mode):
            raise sqlite3.DatabaseError("it is not a file")
        connection = sqlite3.connect(self.path, timeout=wait_ms / 1000, isolation_level=None, check_same_thread=False)
        try:
            connection.text_factory = bytes  # of a damaged row; text that is none would raise
            for setting in SETTINGS:
                connection.execute(setting)
            if _value(connection, "PRAGMA application_id") != APPLICATION:
                _make(connection)
                if (earlier := self.path.with_name("data.mdb")).exists():
                    LOG.warning("%s is the store of an earlier version. It is not read, and may be deleted.", earlier)
            self._identity = _identity(self.path)
        except BaseException:
            connection.close()
            raise
        return connection

    def _rows_without_locks(self, ids: Sequence[int], error: sqlite3.Error) -> Rows:
        """What can be read all the same after an error: somebody is writing, or was killed at it in a folder that is
        read-only, or the file system has no locks. Raises the error where nothing can be read."""
        uri = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with self._gate.inside(), closing(sqlite3.connect(uri, uri=True)) as connection:
                connection.text_factory = bytes
                return _select(connection, ids)
        except sqlite3.Error:
            if _code(error) == sqlite3.SQLITE_BUSY:  # half a commit
                return {}
            raise error from None

    def _move_aside(self, identity: tuple[int, int] | None, reason: str) -> bool:
        """Whether the way is free for a new file; an earlier one that was moved aside is deleted."""
        aside = self.path.with_name(f"{NAME}.broken-{time.strftime('%Y%m%dT%H%M%S')}")
        try:
            with locked(self.path.with_name("states.lock")):
                if _identity(self.path) != identity:
                    return True  # somebody else has done it
                for earlier in self.path.parent.glob(f"{NAME}.broken-*"):
                    shutil.rmtree(earlier) if earlier.is_dir() else earlier.unlink()
                self.path.rename(aside)
                self.path.with_name(f"{NAME}-journal").unlink(missing_ok=True)
        except OSError:
            return False
        LOG.warning(
            "%s was broken (%s). It was moved to %s; states are made again as products are read.",
            self.path,
            reason,
            aside.name,
        )
        return True

    def _drop(self) -> None:
        """Close what is idle; what is in use is closed when it comes back."""
        idle, self._idle, self._identity = self._idle, [], None
        for connection in idle:
            connection.close()


def _select(connection: sqlite3.Connection, ids: Sequence[int]) -> Rows:
    rows: Rows = {}
    for first in range(0, len(ids), IDS_A_QUERY):
        some = list(ids[first : first + IDS_A_QUERY])
        some += some[:1] * (-len(some) % IDS_STEP)
        marks = ",".join("?" * len(some))
        rows.update(connection.execute(f"SELECT id, value FROM states WHERE id IN ({marks})", some).fetchall())
    return rows


def _make(connection: sqlite3.Connection) -> None:
    """Make the table, unless another process was first. Raises ``sqlite3.DatabaseError`` for another's database."""
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # room that is not needed any more can be given back
    connection.execute("BEGIN IMMEDIATE")
    application = _value(connection, "PRAGMA application_id")
    if application != APPLICATION:
        if application or _value(connection, "SELECT count(*) FROM sqlite_master"):
            raise sqlite3.DatabaseError("it is the database of something else")
        connection.execute(TABLE)
        connection.execute(f"PRAGMA user_version = {1 + secrets.randbelow((1 << 31) - 1)}")
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute("COMMIT")


def _value(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _code(error: sqlite3.Error) -> int:
    return getattr(error, "sqlite_errorcode", -1) & 0xFF  # the extended code has the rest in higher bits


def _is_broken(error: sqlite3.Error) -> bool:
    """The file is damaged or something else, or its table is not there."""
    is_ours = type(error) is sqlite3.DatabaseError
    return is_ours or _code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) or "no such" in str(error)

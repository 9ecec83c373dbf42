"""Every answer that was ever paid for, and what it cost: one SQLite file in endcap's home, for all recipes and runs.

It lies in the home, not in a work folder, so that another recipe or work folder, or one that was deleted and made anew,
does not pay again. A row is written in one transaction with its cost, in SQLite's write-ahead mode. After kill -9 every
answer that was written is there, after a power cut all but those of the last seconds, and nothing is half there.
Several processes may use it at once.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

from endcap.distill.llm.reply import Reply
from endcap.distill.recipe.settings import LlmRecipe
from endcap.errors import InputError
from endcap.index.home import home

SCHEMA = 1

SYNC_EVERY_S = 5.0
"""Answers are brought to the disk for good at least this often, while some come."""

_TABLES = """
CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, reply BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent (
    recipe TEXT PRIMARY KEY, requests INTEGER, tokens_in INTEGER, tokens_out INTEGER, cost REAL
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a recipe has cost so far: requests, tokens, and money in the prices' unit."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0


def answer_key(*parts: str | int) -> bytes:
    """The SHA-256 of what an answer depends on: what is asked, model, prompt version, query, product text."""
    content = json.dumps(parts, ensure_ascii=False)
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()


def extra_key(llm: LlmRecipe) -> tuple[str, ...]:
    """The part of a key for ``llm.extra``: nothing where there is none, so that answers kept before it are found."""
    return (json.dumps(llm.extra, sort_keys=True, default=str),) if llm.extra else ()


class AnswerCache:
    """Answers by key. ``path`` is by default ``HOME/llm-cache/answers.sqlite``.

    All methods raise ``InputError`` where the file can't be read or written (a full disk, a file that is no cache):
    going on would mean to pay for answers that can't be kept.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home() / "llm-cache" / "answers.sqlite"
        self._lock = threading.Lock()
        with self._guarded():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(self.path, timeout=60, check_same_thread=False, isolation_level=None)
            self._db.execute("PRAGMA journal_mode = WAL")
            # FULL would wait for the disk at each answer, and all requests with it: 45 ms on a busy machine.
            self._db.execute("PRAGMA synchronous = NORMAL")
            self._next_sync = time.monotonic() + SYNC_EVERY_S
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA:
                raise InputError(f"{self.path} is of schema {version}; this endcap reads {SCHEMA}. Update endcap.")
            self._db.executescript(_TABLES)
            self._db.execute(f"PRAGMA user_version = {SCHEMA}")

    def get(self, key: bytes) -> Reply | None:
        """The reply under a key, or None."""
        with self._guarded():
            row = self._db.execute("SELECT reply FROM answers WHERE key = ?", (key,)).fetchone()
            return Reply.from_json(json.loads(zlib.decompress(row[0]))) if row else None

    def put(self, key: bytes, reply: Reply, recipe: str, spent: Spent) -> None:
        """Keep a reply and what it cost; both or neither."""
        raw = zlib.compress(json.dumps(reply.to_json(), ensure_ascii=False).encode())
        with self._guarded():
            with self._transaction():
                self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, raw))
                self._add(recipe, spent)
            if time.monotonic() >= self._next_sync:
                self._next_sync = time.monotonic() + SYNC_EVERY_S
                self._db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def add(self, recipe: str, spent: Spent) -> None:
        """Count what was paid for without an answer."""
        with self._guarded(), self._transaction():
            self._add(recipe, spent)

    def spent(self, recipe: str) -> Spent:
        """What a recipe has cost so far, in all runs and processes."""
        query = "SELECT requests, tokens_in, tokens_out, cost FROM spent WHERE recipe = ?"
        with self._guarded():
            row = self._db.execute(query, (recipe,)).fetchone()
        return Spent(*row) if row else Spent()

    def __len__(self) -> int:
        with self._guarded():
            return int(self._db.execute("SELECT count(*) FROM answers").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _add(self, recipe: str, spent: Spent) -> None:
        self._db.execute(
            "INSERT INTO spent VALUES (?, ?, ?, ?, ?) ON CONFLICT (recipe) DO UPDATE SET requests = requests + "
            "excluded.requests, tokens_in = tokens_in + excluded.tokens_in, tokens_out = tokens_out + "
            "excluded.tokens_out, cost = cost + excluded.cost",
            (recipe, *astuple(spent)),
        )

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._db:  # commits at the end, or rolls back
            self._db.execute("BEGIN IMMEDIATE")
            yield

    @contextlib.contextmanager
    def _guarded(self) -> Iterator[None]:
        """One thread at a time, and its errors as ``InputError``."""
        try:
            with self._lock:
                yield
        except (sqlite3.Error, zlib.error, OSError, KeyError, TypeError) as error:
            raise InputError(
                f"The answers that were paid for are kept in {self.path}, which can't be used: {error}. "
                "Free its disk or mend its rights; a broken file can be moved away, but its answers are paid again."
            ) from error

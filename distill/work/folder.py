"""The work folder: what each stage has done, by content, so that nothing is done twice and nothing stale is used."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from endcap.distill.work.files import read_record, write_json
from endcap.errors import InputError
from endcap.files import PART
from endcap.plugin.model.folder import file_checksum

MODEL_FILES = ("config.json", "model.json")
"""What makes a folder a model."""
STARTED, DONE, CACHE, SPEED = "started.json", "done.json", "cache", "speed.json"
"""``speed.json`` is what a stage says of the time it took: no output, since it is never twice the same."""


@dataclass(frozen=True, slots=True)
class Work:
    """A folder with one folder a stage (docs/work-folder.md)."""

    folder: Path

    def stage(self, name: str) -> Path:
        """A stage's folder."""
        return self.folder / name

    @contextmanager
    def locked(self, make: bool = True) -> Iterator[None]:
        """Keep other processes out. Raises ``InputError`` where one is at work."""
        if make:
            self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | (os.O_CREAT if make else 0), 0o644)
        try:
            _lock(descriptor, self.folder, 5 if make else 1)
            yield
        finally:
            os.close(descriptor)

    def is_locked(self) -> bool:
        """Whether a process works in this folder now."""
        try:
            with self.locked(make=False):
                return False
        except InputError:
            return True
        except OSError:
            return False

    def begin(self, name: str, fingerprint: str, inputs: Mapping[str, Any] | None = None) -> Path:
        """A stage's folder, ready for work under this fingerprint.

        What was begun under another is thrown away, but for its ``cache``, and so is what has changed since it was
        written. ``inputs`` is what the fingerprint is a hash of; it says later what has changed.
        """
        folder = self.stage(name)
        folder.mkdir(parents=True, exist_ok=True)
        before, done = self.record(name)
        again = before.get("fingerprint") == fingerprint
        if not again:
            _empty(folder)
        elif done.get("fingerprint") == fingerprint:
            for file in changed_files(done.get("outputs"), checksums(folder)):
                _remove(folder, file, done.get("outputs") or {})
        (folder / DONE).unlink(missing_ok=True)  # only now: until then it says which files can't be trusted
        _remove_parts(folder)
        goes = before.get("goes", 0) + 1 if again else 1
        record = {"fingerprint": fingerprint, "goes": goes, "started": now(), "made_of": inputs or {}}
        write_json(folder / STARTED, record)
        return folder

    def finish(self, name: str, fingerprint: str, seconds: float = 0.0) -> None:
        """Record that a stage is done, with the checksums of all that it wrote."""
        folder = self.stage(name)
        outputs = checksums(folder)
        record = {"fingerprint": fingerprint, "outputs": outputs, "finished": now(), "seconds": round(seconds, 1)}
        write_json(folder / DONE, record)

    def record(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is known of a stage's last begin and last end; empty where there is nothing, or nothing readable."""
        return read_record(self.stage(name) / STARTED), read_record(self.stage(name) / DONE)

    def result(self, name: str) -> str:
        """A hash of what a finished stage wrote; the empty text where it is not finished."""
        outputs = self.record(name)[1].get("outputs")
        return digest(outputs) if isinstance(outputs, dict) else ""


def _empty(folder: Path) -> None:
    """Remove all but the cache; the records first, so that no half-emptied folder passes for one to go on with."""
    (folder / DONE).unlink(missing_ok=True)
    (folder / STARTED).unlink(missing_ok=True)
    for path in folder.iterdir():
        if path.name != CACHE:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _remove_parts(folder: Path) -> None:
    """Remove what a process left that was killed while it wrote."""
    for path in sorted(folder.rglob(".*")):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        elif path.name.endswith(PART):
            path.unlink(missing_ok=True)


def _remove(folder: Path, name: str, outputs: Mapping[str, Any]) -> None:
    """Remove a file that is not as it was written; where it is part of a model, the whole model.

    A model appears whole or not at all, and is made again only where it is missing.
    """
    path = folder / name
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        if any(str(parent / file) in outputs for file in MODEL_FILES):
            path = folder / parent
            break
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _lock(descriptor: int, folder: Path, tries: int) -> None:
    """Several tries: who only asks whether the folder is locked holds the lock for a moment."""
    for attempt in range(1, tries + 1):
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if attempt == tries:
                raise InputError(f"Another process works in {folder}. Wait for it, or name another --work.") from None
            time.sleep(0.1)


def digest(content: object) -> str:
    """SHA-256, in hex, of something that JSON can say."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def checksums(folder: Path) -> Mapping[str, str]:
    """SHA-256 of every file of a stage that later stages may read: not of its records, checkpoints and cache."""
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    names = {str(p.relative_to(folder)): p for p in files}
    return {
        name: file_checksum(path)
        for name, path in names.items()
        if name not in (STARTED, DONE, SPEED)
        and name.split("/")[0] not in (CACHE, "checkpoints")
        and "/." not in f"/{name}"
    }


def changed_files(outputs: object, present: Mapping[str, str]) -> list[str]:
    """The names of files that are not as a record's ``outputs`` says: changed, missing, or not in it."""
    known = outputs if isinstance(outputs, dict) else {}
    return sorted(name for name in {*known, *present} if known.get(name) != present.get(name))


def now() -> str:
    """This moment, UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")

"""The work folder: what each stage has done, by content, so that nothing is done twice and nothing stale is used."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.distill.files import read_json, write_json
from endcap.errors import InputError
from endcap.plugin.model import file_checksum

STARTED, DONE, CACHE, SPEED = "started.json", "done.json", "cache", "speed.json"
"""``speed.json`` is what a stage says of the time it took: no output, since it is never twice the same."""


@dataclass(frozen=True, slots=True)
class Work:
    """A folder with one folder a stage (docs/distillation.md)."""

    folder: Path

    def stage(self, name: str) -> Path:
        """A stage's folder."""
        return self.folder / name

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes out. Raises ``InputError`` where one is at work."""
        self.folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise InputError(
                    f"Another process works in {self.folder}. Wait for it, or name another --work."
                ) from None
            yield
        finally:
            os.close(descriptor)

    def begin(self, name: str, fingerprint: str) -> Path:
        """A stage's folder, ready for work under this fingerprint: what was begun under another is thrown away, but for
        its ``cache``."""
        folder = self.stage(name)
        folder.mkdir(parents=True, exist_ok=True)
        if not _says(folder / STARTED, fingerprint):
            for path in folder.iterdir():
                if path.name != CACHE:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
            write_json(folder / STARTED, {"fingerprint": fingerprint})
        return folder

    def finish(self, name: str, fingerprint: str) -> None:
        """Record that a stage is done, with the checksums of all that it wrote."""
        folder = self.stage(name)
        write_json(folder / DONE, {"fingerprint": fingerprint, "outputs": checksums(folder)})

    def is_done(self, name: str, fingerprint: str) -> bool:
        """Whether a stage was finished under this fingerprint, and all that it wrote is there unchanged."""
        folder = self.stage(name)
        return _says(folder / DONE, fingerprint) and read_json(folder / DONE)["outputs"] == checksums(folder)

    def result(self, name: str) -> str:
        """A hash of what a finished stage wrote; the empty text where it is not finished."""
        try:
            outputs = read_json(self.stage(name) / DONE)["outputs"]
        except (InputError, KeyError, TypeError):
            return ""
        return digest(outputs)


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


def _says(path: Path, fingerprint: str) -> bool:
    try:
        content: Any = json.loads(path.read_bytes())
        return bool(content["fingerprint"] == fingerprint)
    except (OSError, ValueError, KeyError, TypeError):
        return False

"""The registry's files: ``HOME/models/NAME/`` with its versions, the pointer to the one in use, and the history.

HOME/models/NAME/0007-1a2b3c4d/   a model folder: the seventh, and the first digits of its identity
HOME/models/NAME/current.json     the pointer, replaced atomically; it alone says what is in use
HOME/models/NAME/history.jsonl    a line each time that it changed
HOME/models/NAME/lock             held by whoever changes something
"""

from __future__ import annotations

import getpass
import json
import os
import re
import shutil
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from endcap.errors import InputError, ModelError
from endcap.files import append_records, locked, record_file, remove_parts, whole_folder, write_text
from endcap.index.home import home
from endcap.plugin.model.folder import ModelInfo, read_model

SCHEMA = 1
SHIPPED = "shipped"
"""The word for the model that comes with the package; no registry name."""
POINTER, HISTORY, LOCK = "current.json", "history.jsonl", "lock"
VERSION = re.compile(r"\d{4,}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Pointer:
    """Which version is in use, and those that were before it, the latest first; ``flip`` counts the changes."""

    current: str
    before: tuple[str, ...]
    when: str
    why: str
    what: str
    """``promote`` or ``rollback``."""
    flip: int

    @property
    def previous(self) -> str | None:
        """The version that a rollback would go to."""
        return self.before[0] if self.before else None

    def history_record(self) -> dict[str, Any]:
        """The change that made this pointer, as a line of the history has it."""
        names = ("flip", "when", "what", "current", "why", "previous")
        return {name: getattr(self, name) for name in names}


def models_home() -> Path:
    """``HOME/models``; it need not exist."""
    return home() / "models"


def name_folder(name: str) -> Path:
    """The folder of a registry name, which need not exist. Raises ``InputError`` where it can't be a name."""
    if name == SHIPPED or len(name) > 100 or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
        raise InputError(
            f"{name!r} can't be a model's name in the registry. Use letters, digits, '-', '_' and '.', at most 100, "
            f"beginning with a letter or digit; {SHIPPED!r} is the model that comes with endcap."
        )
    return models_home() / name


def registry_names() -> list[str]:
    """The names under which something was promoted, sorted."""
    try:
        return sorted(path.name for path in models_home().iterdir() if (path / POINTER).exists())
    except OSError:
        return []


def read_pointer(name: str) -> Pointer | None:
    """The pointer; None where nothing was promoted yet. Raises ``ModelError`` where it is broken."""
    path = name_folder(name) / POINTER
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} can't be read: {error}. Promote a model under {name!r} again.") from None
    try:
        if raw.pop("schema") != SCHEMA:
            raise ValueError("it has another schema")
        raw.pop("previous")
        pointer = Pointer(**{**raw, "before": tuple(raw["before"])})
        for version in (pointer.current, *pointer.before):
            if not VERSION.fullmatch(version):
                raise ValueError(f"{version!r} is no version")
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{path} is no pointer to a model: {error}. Promote a model under {name!r} again.") from None
    return pointer


def flip_pointer(folder: Path, version: str, before: tuple[str, ...], reason: str, action: str) -> None:
    """Point to a version, then put a line into the history; a history that misses a line is mended the next time.

    A broken pointer costs no number of a change.
    """
    # 1. Write the line of a change whose process was killed before it could.
    try:
        last = read_pointer(folder.name)
    except ModelError:
        last = None
    flip = max((record["flip"] for record in _history_records(folder)), default=0)
    if last is not None and flip < last.flip:
        _append_history(folder, last)
        flip = last.flip
    # 2. Replace the pointer.
    pointer = Pointer(version, before, datetime.now(UTC).isoformat(timespec="seconds"), reason, action, flip + 1)
    content = {"schema": SCHEMA, **asdict(pointer), "previous": pointer.previous}
    write_text(folder / POINTER, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    # 3. Write the line of this change.
    _append_history(folder, pointer, by())


def read_history(name: str) -> list[Mapping[str, Any]]:
    """All changes of the pointer, the first first; a line that a kill has cut is left out, the last never is."""
    records = _history_records(name_folder(name))
    pointer = read_pointer(name)
    if pointer is not None and (not records or records[-1]["flip"] < pointer.flip):
        records.append(pointer.history_record())
    return records


def _history_records(folder: Path) -> list[Mapping[str, Any]]:
    try:
        text = (folder / HISTORY).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    records = list[Mapping[str, Any]]()
    for line in text.splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(record, dict) and isinstance(record.get("flip"), int):
            records.append(record)
    return records


def by() -> str:
    """Who changes something, as the system knows it: user and machine."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        user = str(os.getuid()) if hasattr(os, "getuid") else "unknown"
    return f"{user}@{socket.gethostname()}"


def _append_history(folder: Path, pointer: Pointer, who: str = "") -> None:
    record = pointer.history_record() | ({"by": who} if who else {})
    with record_file(folder / HISTORY, keep_half=True) as descriptor:
        append_records(descriptor, json.dumps(record, ensure_ascii=False).encode("utf-8", "replace") + b"\n")


@contextmanager
def name_lock(name: str) -> Iterator[Path]:
    """The name's folder, for the one process that may change it; what a killed one left half done is taken away.

    Raises ``InputError`` where it can't be written; what is in use stays in use.
    """
    folder = name_folder(name)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder / LOCK):
            remove_parts(folder)
            yield folder
    except OSError as error:
        raise InputError(
            f"{error.filename or folder} can't be written: {error.strerror or error}. The model in use stays in use."
        ) from error


def list_versions(folder: Path) -> list[str]:
    """The versions in a name's folder, the oldest first."""
    return sorted((path.name for path in folder.iterdir() if VERSION.fullmatch(path.name)), key=version_number)


def version_number(version: str) -> int:
    """The number that a version begins with."""
    return int(version.split("-")[0])


def copy_version(info: ModelInfo, folder: Path) -> None:
    """Copy a model folder into the registry, as ``folder``, whole or not at all, and check the copy."""
    with whole_folder(folder) as copy:
        for name in ("model.json", "README.md", *info.raw["files"]):
            if Path(name).is_absolute() or ".." in Path(name).parts:
                raise ModelError(f"{info.folder / 'model.json'} names the file {name!r}, which is not in the folder.")
            if name == "README.md" and not (info.folder / name).exists():
                continue
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(info.folder / name, copy / name)
        read_model(copy)

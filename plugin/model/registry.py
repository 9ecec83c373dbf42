"""The registry of models: what is promoted is what a ``--model NAME`` and a running service use (docs/models.md).

Versions are model folders that never change; one small pointer, replaced atomically, says which is in use. A kill at
any moment leaves the old pointer or the new one, and at worst a version that nothing points to.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from endcap.errors import InputError, ModelError
from endcap.plugin.model.folder import ModelInfo, default_folder, read_model
from endcap.plugin.model.identity import identity
from endcap.plugin.model.registry_files import (
    SHIPPED,
    Pointer,
    changing,
    copy_in,
    folder_of,
    known_names,
    last_flip,
    models_home,
    number_of,
    read_history,
    read_pointer,
    versions_in,
    write_pointer,
)

__all__ = ["SHIPPED", "Version", "current", "list_models", "promote", "read_history", "resolve", "rollback"]

VARIABLE = "ENDCAP_MODEL"
"""The environment variable with the model to use where none is named."""
MOST_BEFORE = 50


@dataclass(frozen=True, slots=True)
class Version:
    """One version under a registry name.

    ``use`` is ``current``, ``previous`` or empty; ``problem`` says what is wrong with it.
    """

    name: str
    version: str
    folder: Path
    use: str
    model: str
    precision: str
    checksum: str
    when: str
    why: str
    problem: str = ""


def promote(folder: str | Path, name: str, reason: str) -> Path:
    """Copy a model folder into the registry, whole or not at all, check the copy, and put it into use under ``name``.

    Returns the folder in the registry. A model that is there already, in use or not, is not copied again. Raises
    ``ModelError`` where the folder is broken and ``InputError`` where nothing can be written; what was in use then
    stays in use.
    """
    if not reason.strip():
        raise InputError("Say why the model is promoted: the reason is kept in the history.")
    folder_of(name)  # a wrong name is told before any work
    info = read_model(folder)
    with changing(name) as home:
        pointer = _pointer_or_none(name)
        version = _same(home, info)
        if version is None:
            numbers = [number_of(each) for each in (*versions_in(home), *_all(pointer))]
            version = f"{max(numbers, default=0) + 1:04d}-{info.checksum[:8]}"
            copy_in(info, home, version)
        if pointer is None or pointer.current != version:
            before = tuple(each for each in _all(pointer) if each != version)[:MOST_BEFORE]
            write_pointer(home, _pointer(name, version, before, reason, "promote"))
        return home / version


def rollback(name: str, reason: str = "", to: str | None = None) -> Path:
    """Put the version before the one in use back into use, or the version ``to``; return its folder.

    Rolling back twice goes back two versions. Raises ``InputError`` where there is nothing to go back to and
    ``ModelError`` where that version is broken; what is in use then stays in use.
    """
    current(name)
    with changing(name) as home:
        pointer = read_pointer(name)
        assert pointer is not None
        version = to or pointer.previous
        if version is None:
            raise InputError(f"{name!r} has no version before {pointer.current}: there is nothing to go back to.")
        if version not in pointer.before:
            raise InputError(
                f"{name!r} never used {version!r} before {pointer.current}. Before it: {', '.join(pointer.before)}. "
                f"To put another version into use, promote it: endcap models promote {name}@VERSION --name {name}."
            )
        read_model(home / version)
        before = pointer.before[pointer.before.index(version) + 1 :]
        write_pointer(home, _pointer(name, version, before, reason or "rolled back", "rollback"))
        return home / version


def current(name: str) -> Path:
    """The folder of the version in use. Raises ``InputError``, naming what there is, where nothing was promoted."""
    pointer = read_pointer(name)
    if pointer is None:
        known = known_names()
        there = f"Known: {', '.join(known)}." if known else "Nothing was promoted yet: 'endcap models promote' does it."
        raise InputError(f"no model named {name!r} in {models_home()}. {there}")
    return folder_of(name) / pointer.current


def list_models(name: str | None = None) -> list[Version]:
    """All versions of all names, or of one; by name, the oldest first. Files' checksums are not looked at."""
    return [version for each in (known_names() if name is None else [name]) for version in _listed(each)]


def resolve(word: str | Path | None = None) -> Path:
    """The model folder that a ``--model`` means: a registry name, ``NAME@VERSION``, ``shipped``, or a folder.

    Without a word, the environment's ``ENDCAP_MODEL``; without that, the model that comes with the package. A name of
    the registry goes before a folder of the same name (``./NAME`` is always the folder). Raises ``InputError`` where
    the word is none of these.
    """
    word = word or os.environ.get(VARIABLE) or SHIPPED
    if word == SHIPPED:
        return default_folder()
    if isinstance(word, Path) and word.parent != Path():
        return word
    word = str(word)
    if os.sep in word or word.startswith((".", "~")):
        return Path(word).expanduser()
    name, at, version = word.partition("@")
    if name in known_names():
        return _version(name, version) if at else current(name)
    if Path(word).is_dir():
        return Path(word)
    known = known_names()
    raise InputError(
        f"{word!r} is neither a model folder here nor a name in the registry {models_home()}. "
        + (f"Known: {', '.join(known)}." if known else "Nothing was promoted yet.")
    )


def _version(name: str, version: str) -> Path:
    there = versions_in(folder_of(name))
    found = [each for each in there if each == version or each.split("-")[0].lstrip("0") == version.lstrip("0")]
    if not found:
        raise InputError(f"{name!r} has no version {version!r}. There are {', '.join(there) or 'none'}.")
    return folder_of(name) / found[0]


def _listed(name: str) -> list[Version]:
    try:
        pointer, problem = read_pointer(name), ""
    except ModelError as error:
        pointer, problem = None, str(error)
    told = {line["current"]: line for line in (read_history(name) if not problem else ())}
    found = list[Version]()
    for version in versions_in(folder_of(name)):
        folder, wrong = folder_of(name) / version, problem
        try:
            raw = json.loads((folder / "model.json").read_bytes())
        except (OSError, ValueError) as error:
            raw, wrong = {}, f"{folder / 'model.json'} can't be read: {error}"
        use = {pointer.previous: "previous", pointer.current: "current"}.get(version, "") if pointer else ""
        line: Any = told.get(version, {})
        found.append(
            Version(
                name=name,
                version=version,
                folder=folder,
                use=use,
                model=str(raw.get("name", "")),
                precision=str(raw.get("precision", "")),
                checksum=version.split("-")[1],
                when=str(line.get("when", "")),
                why=str(line.get("why", "")),
                problem=wrong,
            )
        )
    return found


def _same(home: Path, info: ModelInfo) -> str | None:
    """The version that is this model already, and whole."""
    for version in reversed(versions_in(home)):
        try:
            if identity(json.loads((home / version / "model.json").read_bytes())) == identity(info.raw):
                read_model(home / version)
                return version
        except (OSError, ValueError, ModelError, AttributeError):
            continue
    return None


def _all(pointer: Pointer | None) -> tuple[str, ...]:
    return () if pointer is None else (pointer.current, *pointer.before)


def _pointer_or_none(name: str) -> Pointer | None:
    """A broken pointer is written anew by a promotion."""
    try:
        return read_pointer(name)
    except ModelError:
        return None


def _pointer(name: str, version: str, before: tuple[str, ...], why: str, what: str) -> Pointer:
    return Pointer(version, before, datetime.now(UTC).isoformat(timespec="seconds"), why, what, last_flip(name) + 1)

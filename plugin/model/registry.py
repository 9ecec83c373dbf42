"""The registry of models: what is promoted is what a ``--model NAME`` and a running service use (docs/models.md).

Versions are model folders that never change; one small pointer, replaced atomically, says which is in use. A kill at
any moment leaves the old pointer or the new one, and at worst a version that nothing points to.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError, ModelError
from endcap.plugin.model.folder import ModelInfo, default_folder, identity, read_model
from endcap.plugin.model.registry_files import (
    SHIPPED,
    copy_version,
    flip_pointer,
    list_versions,
    models_home,
    name_folder,
    name_lock,
    read_history,
    read_pointer,
    registry_names,
    version_number,
)

VARIABLE = "ENDCAP_MODEL"
"""The environment variable with the model to use where none is named."""
MAX_BEFORE = 50
"""Earlier versions that a pointer keeps for rolling back."""


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
    name_folder(name)  # a wrong name is reported before any work
    info = read_model(folder)
    with name_lock(name) as home:
        try:
            pointer = read_pointer(name)
        except ModelError:  # a broken pointer is written anew
            pointer = None
        used = () if pointer is None else (pointer.current, *pointer.before)
        # 1. Find the model among the versions, or copy it beside them.
        version = _equal_version(home, info)
        if version is None:
            number = 1 + max(map(version_number, (*list_versions(home), *used)), default=0)
            version = f"{number:04d}-{identity(info.raw)[:8]}"
            copy_version(info, home / version)
        # 2. Put it into use.
        if pointer is None or pointer.current != version:
            before = tuple(earlier for earlier in used if earlier != version)[:MAX_BEFORE]
            flip_pointer(home, version, before, reason, "promote")
        return home / version


def rollback(name: str, reason: str = "", to: str | None = None) -> Path:
    """Put the version before the one in use back into use, or the version ``to``; return its folder.

    Rolling back twice goes back two versions. Raises ``InputError`` where there is nothing to go back to and
    ``ModelError`` where that version is broken; what is in use then stays in use.
    """
    current_folder(name)
    with name_lock(name) as home:
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
        flip_pointer(home, version, before, reason or "rolled back", "rollback")
        return home / version


def current_folder(name: str) -> Path:
    """The folder of the version in use. Raises ``InputError``, naming what there is, where nothing was promoted."""
    pointer = read_pointer(name)
    if pointer is None:
        names = ", ".join(registry_names())
        hint = f"Known: {names}." if names else "Nothing was promoted yet: 'endcap models promote' does it."
        raise InputError(f"no model named {name!r} in {models_home()}. {hint}")
    return name_folder(name) / pointer.current


def list_models(name: str | None = None) -> list[Version]:
    """All versions of all names, or of one; by name, the oldest first. Files' checksums are not looked at."""
    names = registry_names() if name is None else [name]
    return [version for one_name in names for version in _versions_of(one_name)]


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
    names = registry_names()
    if name in names:
        return _version_folder(name, version) if at else current_folder(name)
    if Path(word).is_dir():
        return Path(word)
    raise InputError(
        f"{word!r} is neither a model folder here nor a name in the registry {models_home()}. "
        + (f"Known: {', '.join(names)}." if names else "Nothing was promoted yet.")
    )


def _version_folder(name: str, word: str) -> Path:
    """The folder of a version that is named in full, or by its number, with or without zeros before it."""
    versions = list_versions(name_folder(name))
    for version in versions:
        if version == word or version.split("-")[0].lstrip("0") == word.lstrip("0"):
            return name_folder(name) / version
    raise InputError(f"{name!r} has no version {word!r}. There are {', '.join(versions) or 'none'}.")


def _versions_of(name: str) -> list[Version]:
    try:
        pointer, problem = read_pointer(name), ""
        history = {record["current"]: record for record in read_history(name)}
    except ModelError as error:
        pointer, problem, history = None, str(error), {}
    uses = {pointer.previous: "previous", pointer.current: "current"} if pointer else {}
    folder = name_folder(name)
    return [
        _version(name, folder / version, uses.get(version, ""), history.get(version, {}), problem)
        for version in list_versions(folder)
    ]


def _version(name: str, folder: Path, use: str, change: Mapping[str, Any], problem: str) -> Version:
    """A version with what its ``model.json`` says, and the last change that put it into use."""
    try:
        raw = json.loads((folder / "model.json").read_bytes())
    except (OSError, ValueError) as error:
        raw, problem = {}, f"{folder / 'model.json'} can't be read: {error}"
    return Version(
        name=name,
        version=folder.name,
        folder=folder,
        use=use,
        model=str(raw.get("name", "")),
        precision=str(raw.get("precision", "")),
        checksum=folder.name.split("-")[1],
        when=str(change.get("when", "")),
        why=str(change.get("why", "")),
        problem=problem,
    )


def _equal_version(home: Path, info: ModelInfo) -> str | None:
    """The version that is this model already, and whole."""
    for version in reversed(list_versions(home)):
        try:
            if identity(json.loads((home / version / "model.json").read_bytes())) == identity(info.raw):
                read_model(home / version)
                return version
        except (OSError, ValueError, ModelError, AttributeError):
            continue
    return None

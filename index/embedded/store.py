"""An embedded catalogue on disk: one folder per load, and a pointer to the live one.

    CATALOGUE/live          the name of the load that answers, swapped by rename
    CATALOGUE/load-.../     one load: tantivy's files and catalogue.json, never changed once it is live
    CATALOGUE/lock          held while a load runs; the system lets go of it when the process dies

A load that is killed leaves a folder that nothing points at; the next load removes it.
"""

import json
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from endcap.errors import EngineError
from endcap.files import locked, remove_parts, sync_folder, sync_tree, write_text
from endcap.index.stemming import ENGLISH

FORMAT = 3
POINTER = "live"


@contextmanager
def new_load_folder(catalogue: Path) -> Iterator[Path]:
    """A folder to fill; it goes live at the end of the block, and is removed if the block fails.

    Raises ``EngineError`` while another load of the same catalogue runs.
    """
    catalogue.mkdir(parents=True, exist_ok=True)
    with locked(catalogue / "lock", wait=False) as free:
        if not free:
            raise EngineError(f"another load of {catalogue.name!r} is running. Wait for it to end, then try again.")
        _remove_all_but(catalogue, live(catalogue))
        folder = catalogue / f"load-{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}"
        folder.mkdir()
        try:
            yield folder
            sync_tree(folder)
            sync_folder(catalogue)
            write_text(catalogue / POINTER, folder.name)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _remove_all_but(catalogue, folder)


def live(catalogue: Path) -> Path | None:
    """The folder that the pointer names, or None where nothing was ever loaded."""
    try:
        name = (catalogue / POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return catalogue / name


def version(catalogue: Path) -> tuple[int, int]:
    """Two numbers that change when another load goes live; cheap enough to ask at every search."""
    try:
        status = os.stat(catalogue / POINTER)  # noqa: PTH116 - half the time of Path.stat, and asked at every search
    except FileNotFoundError:
        return (0, 0)
    return (status.st_ino, status.st_mtime_ns)


def write_manifest(folder: Path, count: int, language: str) -> None:
    """Say in the folder what it holds."""
    (folder / "catalogue.json").write_text(
        json.dumps({"format": FORMAT, "products": count, "language": language}), encoding="utf-8"
    )


def check_manifest(folder: Path) -> int:
    """How many products the folder holds; ``EngineError`` where it is missing, broken or of another format."""
    try:
        manifest = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
        format, count = manifest["format"], int(manifest["products"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise EngineError(
            f"the catalogue in {folder} is broken ({error}). Load it again with 'endcap index'."
        ) from error
    if format != FORMAT:
        raise EngineError(f"the catalogue in {folder} has format {format}, not {FORMAT}. Load it again.")
    return count


def manifest_language(folder: Path) -> str:
    """The language of the endings that the folder's index knows, of a folder whose manifest is right."""
    manifest = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    return str(manifest.get("language", ENGLISH))


def _remove_all_but(catalogue: Path, kept: Path | None) -> None:
    for path in catalogue.glob("load-*"):
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)
    remove_parts(catalogue)

"""Folders that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def put_folder(folder: Path, write: Callable[[Path], object]) -> None:
    """Let ``write`` fill a hidden folder beside ``folder``, sync it, and rename it; what a killed run left goes."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    for left in folder.parent.glob(f".{folder.name}.*"):
        shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        write(made)
        made.chmod(0o755)
        for path in [*made.rglob("*"), made]:
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.close(descriptor)
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)

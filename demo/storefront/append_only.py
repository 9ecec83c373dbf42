"""Files of lines that are only ever appended to, by several threads and processes, and survive a crash."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from endcap.index.home import locked, sync_folder

logger = logging.getLogger("endcap.storefront")


@contextmanager
def opened(path: Path) -> Iterator[int]:
    """The file's descriptor, to read and to append, while its lock is held; the file is made where there is none.

    What is written next must not be glued to a last line without a line feed. With the lock held nobody is at work on
    it: half a record is what a crash has left of a write that nobody was told was done, and is dropped; a whole one, as
    editors leave it, gets its line feed.
    """
    with locked(path.with_name(f"{path.name}.lock")):
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            if is_new:
                sync_folder(path.parent)
            _end_last_line(descriptor, path)
            yield descriptor
        finally:
            os.close(descriptor)


def append(descriptor: int, content: bytes) -> None:
    """Write whole lines and wait until they are on the disk; where that fails, none of them is in the file."""
    before = os.fstat(descriptor).st_size
    try:
        written = 0
        while written < len(content):
            written += os.write(descriptor, content[written:])
        os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(descriptor, before)
        raise


def read(descriptor: int, start: int) -> bytes:
    """All from byte ``start`` to the end."""
    parts = []
    while part := os.pread(descriptor, 1 << 20, start):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _end_last_line(descriptor: int, path: Path) -> None:
    size = end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 65536)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            end = start + found + 1
            break
        end = start
    if end == size:
        return
    if _is_whole(read(descriptor, end)):
        append(descriptor, b"\n")
    else:
        logger.warning("%s: half a line at its end (%d bytes) is dropped.", path, size - end)
        os.ftruncate(descriptor, end)


def _is_whole(line: bytes) -> bool:
    """Whether a line is a record: no beginning of a JSON object is one."""
    try:
        return isinstance(orjson.loads(line), dict)
    except ValueError:
        return False

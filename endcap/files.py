"""Durable files and folders: there whole or not at all, also after a crash; and locks that end with their process."""

import errno
import logging
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import orjson

LOG = logging.getLogger("endcap.files")

PART = ".part"
"""How the hidden names of files and folders end that are still being written."""


@contextmanager
def whole_file(path: Path, *, durable: bool = True) -> Iterator[IO[bytes]]:
    """A file to write beside ``path``, which takes its place when the block ends well; on any error ``path`` stays.

    ``durable`` waits for the disk, which thousands of small files that can be made again need not. Raises ``OSError``
    that names ``path`` where it can't be written, as on a full disk.
    """
    part = _part_of(path)
    try:
        with part.open("xb") as file:
            yield file
            file.flush()
            if durable:
                os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        if error.filename not in (None, str(part)):  # another file's
            raise
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Write a text, in UTF-8: a reader, also after a power cut, sees the old one or the new one, never half."""
    with whole_file(path) as file:
        file.write(text.encode())


@contextmanager
def whole_folder(folder: Path) -> Iterator[Path]:
    """A hidden folder to fill, which takes the place of ``folder`` when the block ends well.

    What was at ``folder`` is gone only once the new one is in place; what a killed process left is taken away.
    """
    remove_parts(folder.parent, folder.name)
    part, old = _part_of(folder), _part_of(folder)
    part.mkdir()
    try:
        yield part
        sync_tree(part)
        if folder.exists():
            folder.rename(old)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(folder.parent)


def remove_parts(folder: Path, name: str = "*") -> None:
    """Take away what killed processes left of ``name``, or of all names, in a folder that nobody else writes to."""
    for path in folder.glob(f".{name}.*{PART}"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, where the system can."""
    with suppress(OSError):
        _sync(folder)


def sync_tree(folder: Path) -> None:
    """Make all files and names below a folder durable."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


@contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a file's lock, which ends with the process however that ends; gives False if it is taken and not waited for.

    On a system without ``fcntl`` nothing is locked.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        yield True
        return
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True


@contextmanager
def record_file(path: Path, *, keep_half: bool = False) -> Iterator[int]:
    """The descriptor of a file of JSON lines, to read and to append, while its lock is held; made where there is none.

    With the lock held nobody is at work on it, so half a record at its end is what a crash has left: it is dropped, or
    kept as a line of its own. A whole one without a line feed, as editors leave it, gets its line feed.
    """
    with locked(path.with_name(f"{path.name}.lock")):
        is_new = not path.exists()
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        try:
            if is_new:
                sync_folder(path.parent)
            _end_last_record(descriptor, path, keep_half)
            yield descriptor
        finally:
            os.close(descriptor)


def append_records(descriptor: int, content: bytes) -> None:
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


def read_from(descriptor: int, start: int) -> bytes:
    """All from byte ``start`` to the end."""
    parts = []
    while part := os.pread(descriptor, 1 << 20, start):
        parts.append(part)
        start += len(part)
    return b"".join(parts)


def _part_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_last_record(descriptor: int, path: Path, keep_half: bool) -> None:
    size = end = os.fstat(descriptor).st_size
    while end:
        start = max(0, end - 65536)
        line_feed = os.pread(descriptor, end - start, start).rfind(b"\n")
        if line_feed >= 0:
            end = start + line_feed + 1
            break
        end = start
    if end == size:
        return
    if keep_half or _is_record(read_from(descriptor, end)):
        append_records(descriptor, b"\n")
    else:
        LOG.warning("%s: half a line at its end (%d bytes) is dropped.", path, size - end)
        os.ftruncate(descriptor, end)


def _is_record(line: bytes) -> bool:
    """Whether a line is whole: no beginning of a JSON object is one."""
    try:
        return isinstance(orjson.loads(line), dict)
    except ValueError:
        return False

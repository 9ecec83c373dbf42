"""What a file is packed with, by its first bytes; and the stream of what is in it."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from endcap.errors import InputError

_ZSTD = b"\x28\xb5\x2f\xfd"


PORTIONS, LEAST_PORTION = 200, 2048
"""A packed file is read in so many portions, or more, so that its position tells how much of it has been used."""


class _Portions:
    """A file that gives no more than a portion at once."""

    def __init__(self, file: IO[bytes], most: int) -> None:
        self._file, self._most = file, most

    def read(self, size: int) -> bytes:
        return self._file.read(min(size, self._most))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


def is_packed(file: IO[bytes]) -> bool:
    """Whether a file is packed with one of them; it is read from its beginning afterwards."""
    magic = file.read(6)
    file.seek(0)
    return magic.startswith((b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", _ZSTD))


@contextmanager
def unpacked(file: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """What is in a file that is packed with gzip, bzip2, xz or Zstandard; any other file itself."""
    magic = file.read(6)
    whole = file.seek(0, os.SEEK_END) if file.seekable() else 0
    file.seek(0)
    if is_packed(file):
        file = cast("IO[bytes]", _Portions(file, max(LEAST_PORTION, whole // PORTIONS)))
    if magic.startswith(b"\x1f\x8b"):
        with gzip.GzipFile(fileobj=file) as stream:
            yield cast("IO[bytes]", stream)
    elif magic.startswith(b"BZh"):
        with bz2.BZ2File(file) as stream:
            yield cast("IO[bytes]", stream)
    elif magic == b"\xfd7zXZ\0":
        with lzma.LZMAFile(file) as stream:
            yield cast("IO[bytes]", stream)
    elif magic.startswith(_ZSTD):
        try:
            import pyarrow  # type: ignore[import-untyped]
        except ImportError as error:
            raise InputError(f"{name}: Zstandard needs pyarrow. Install it: pip install 'endcap[parquet]'.") from error
        with pyarrow.CompressedInputStream(pyarrow.PythonFile(file, "r"), "zstd") as stream:
            yield stream
    else:
        yield file

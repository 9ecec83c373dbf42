"""A hit's ``_source`` that is not read until somebody looks into it, and a bounded memory.

Of a window's hundred documents a page shows ten. What is known of the others is found by a hash of their bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import orjson

V = TypeVar("V")

_EMPTY = 20
"""Bytes of an object that may hold nothing."""


class UnreadSource(Mapping[str, Any]):
    """A document as the engine has sent it: ``raw`` is a JSON object, something that has its bytes. It brings no state:
    documents that do are read at once."""

    __slots__ = ("_digest", "_raw", "_read")

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._digest: bytes | None = None
        self._read: dict[str, Any] | None = None

    @property
    def digest(self) -> bytes:
        """A hash of all of it: who knows this one has seen the document as it is now."""
        if self._digest is None:
            self._digest = blake2b(self._raw, digest_size=16).digest()
        return self._digest

    @property
    def read(self) -> dict[str, Any]:
        """The document. Raises ``ValueError`` where it is no JSON."""
        if self._read is None:
            self._read = orjson.loads(memoryview(self._raw))
        return self._read

    def __bool__(self) -> bool:
        # ``{}`` with blanks in it is read to be told.
        return memoryview(self._raw).nbytes > _EMPTY or bool(self.read)

    def __getitem__(self, name: str) -> Any:
        return self.read[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value of a key."""
        return self.read.get(name, default)

    def __contains__(self, name: object) -> bool:
        return name in self.read

    def __iter__(self) -> Iterator[str]:
        return iter(self.read)

    def __len__(self) -> int:
        return len(self.read)


class Recent(Generic[V]):
    """The last values by key, at most ``size``, in two generations: when the young one is full, it becomes the old one.
    Safe between threads, which may lose an entry."""

    def __init__(self, size: int) -> None:
        self._young_size = size // 2
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}

    def get(self, key: bytes) -> V | None:
        """The value of a key; None where there is none."""
        found = self._young.get(key)
        if found is None and (found := self._old.get(key)) is not None:
            self.put(key, found)
        return found

    def put(self, key: bytes, value: V) -> None:
        """Remember a value."""
        if len(self._young) >= self._young_size:
            self._old, self._young = self._young, {}
        self._young[key] = value

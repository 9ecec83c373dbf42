"""A memory of what was made of documents, by what they say and not by their ids: a changed document is another one.

What is made of a document takes far longer than looking it up. So it can be kept with the states, too, and a process
that is new to a product reads it from there (``Packing``, ``Records``).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from orjson import dumps

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.bounded_source import MAX_BYTES, bounded, bounded_source, is_large, is_vast
from endcap.plugin.faults import log_fault
from endcap.plugin.protocols import States
from endcap.plugin.unread_source import Recent, UnreadSource

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Packing(Generic[V]):
    """How a value is kept in a store: ``unpack`` gives back what was packed, or raises.

    ``version`` differs where the same document would give another value.
    """

    version: Callable[[], str]
    pack: Callable[[V], bytes]
    unpack: Callable[[bytes], V]


@dataclass(slots=True)
class Records:
    """A store in which values are looked up, and what was made because it lacked them: to be kept after the reply."""

    store: States | None = None
    fresh: list[tuple[bytes, bytes]] = field(default_factory=list)
    """(key, packed value) pairs."""
    found: list[bytes] = field(default_factory=list)
    """The keys of what it had."""


class ContentMemory(Generic[V]):
    """The values that ``make`` gives for products, by the content of the fields ``names`` of them, ``size`` values.

    ``fields`` says how documents name what is read. Two generations: when the young one is full, it becomes the old
    one. Safe between threads: they may make the same value twice, and lose no more than an entry.
    """

    def __init__(
        self,
        fields: FieldMap,
        names: Collection[str],
        make: Callable[[Product], V],
        size: int,
        packing: Packing[V] | None = None,
    ) -> None:
        # "id" without a path is not read, and so not in the hash: it comes with each hit.
        restricted = (pair for pair in fields.restrict(names).paths if pair[0] != "id")
        self._fields = FieldMap((("id", ()), *restricted))
        self.paths = self._fields.source_fields()
        """The source paths that are read."""
        self._make, self._young_size, self._packing = make, size // 2, packing
        self._salt: bytes | None = None
        # A path may be a name with dots, or lead into an object: any part of it from the left may be a name.
        inner = {path.partition(".")[0]: list[str]() for path in self.paths if "." in path}
        inner = {root: below for root, below in inner.items() if root not in self.paths}
        for path in self.paths:
            root, _, rest = path.partition(".")
            if root in inner:
                inner[root] += _beginnings(rest)
        self._names = sorted({name for path in self.paths for name in _beginnings(path)} - inner.keys())
        self._inner = [(root, sorted({*below})) for root, below in sorted(inner.items())]
        self._roots = [*self._names, *inner]
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}
        self._unread = Recent[bytes](size)
        """What is read of a document by all of it, both hashed: it need not be read to know that it is the same."""

    @property
    def fields(self) -> FieldMap:
        """How documents name what is read."""
        return self._fields

    def product(self, source: Mapping[str, Any], identifier: str = "") -> Product:
        """The product that a hit's ``_source`` describes, of a huge document its beginning."""
        values = [source.get(name) for name in self._roots]
        if is_large(values) or is_vast(values):
            source = bounded_source(source, self.paths)
        return self._fields.product(source, id=identifier)

    def value(self, source: Mapping[str, Any]) -> V:
        """The value of a hit's ``_source``."""
        return self.values([source])[0]

    def values(
        self,
        sources: Iterable[Mapping[str, Any]],
        records: Records | None = None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> list[V]:
        """The values of the first ``_source``s, of as many as there is time for: ``is_over`` is asked after each.

        What is not remembered is looked up in ``records`` with one request, and what is not there is made.
        """
        # 1. What is remembered.
        documents = list[tuple[Mapping[str, Any], bytes | None]]()
        found, missing = dict[bytes, V](), dict[bytes, None]()
        young, add, digest_of = self._young, documents.append, self._digest
        for source in sources:
            digest = digest_of(source)
            add((source, digest))
            if digest in young:
                found[digest] = young[digest]
            elif digest is not None and digest in (old := self._old):
                found[digest] = self._remembered(digest, old[digest])
            elif digest is not None:
                missing[digest] = None
            if is_over():
                break
        if len(found) == len(documents):
            return [*found.values()]
        # 2. What is kept.
        keys = dict[bytes, bytes]()
        if missing and records is not None and records.store is not None and self._packing is not None:
            keys = {digest: self._key(digest) for digest in missing}
            kept = self._kept(keys, records.store, self._packing)
            records.found += [keys[digest] for digest in kept]
            found |= kept
        # 3. What is neither.
        values = list[V]()
        for source, digest in documents:
            if digest in found:
                values.append(found[digest])
                continue
            if digest is None:
                values.append(self._make(self.product(source)))
            else:
                found[digest] = self._remembered(digest, self._make(self.product(source)))
                values.append(found[digest])
                if digest in keys and records is not None and self._packing is not None:
                    records.fresh.append((keys[digest], self._packing.pack(found[digest])))
            if is_over():
                break
        return values

    def _digest(self, source: Mapping[str, Any]) -> bytes | None:
        """A hash of what is read of a document; None where it can't be written as JSON."""
        if type(source) is UnreadSource:
            known = self._unread.get(source.digest)
            if known is None and (known := self._digest(source.read)) is not None:
                self._unread.put(source.digest, known)
            return known
        content = [*map(source.get, self._names)]
        for root, below in self._inner:
            value = source.get(root)
            content.append([*map(value.get, below)] if type(value) is dict else value)
        if is_large(content):
            content = [bounded(value) for value in content]
        try:
            written = dumps(content)
            if len(written) > MAX_BYTES:
                written = dumps([bounded(value) for value in content])
        except TypeError:  # a number of more than 64 bits
            return None
        return blake2b(written, digest_size=16).digest()

    def _remembered(self, digest: bytes, value: V) -> V:
        young = self._young
        if len(young) >= self._young_size:
            self._old, self._young = young, {}
        self._young[digest] = value
        return value

    def _key(self, digest: bytes) -> bytes:
        """The 32 bytes under which a store has the value."""
        if self._salt is None:
            assert self._packing is not None
            said = f"{self._packing.version()}\0{self._fields}\0{self._names}\0{self._inner}"
            self._salt = blake2b(said.encode("utf-8", "surrogatepass"), digest_size=32).digest()
        return blake2b(digest, key=self._salt, digest_size=32).digest()

    def _kept(self, keys: Mapping[bytes, bytes], store: States, packing: Packing[V]) -> dict[bytes, V]:
        """What a store has of these digests (digest: key); a broken record is none."""
        found = dict[bytes, V]()
        try:
            for digest, packed in zip(keys, store.get(list(keys.values())), strict=True):
                if packed is not None:
                    found[digest] = self._remembered(digest, packing.unpack(packed))
        except Exception as error:  # it costs time, and never a search
            log_fault("what is kept of products could not be read, it is made again", error)
        return found


def keep(memories: Sequence[ContentMemory[Any]], store: States, sources: Sequence[Mapping[str, Any]]) -> int:
    """Make what a store lacks of documents, and keep it; returns how many values were made."""
    records = Records(store)
    for memory in memories:
        memory.values(sources, records)
    if records.fresh:
        store.put(records.fresh)
    # A store that deletes what nothing needs is told what is needed.
    if records.found and callable(needed := getattr(store, "needed", None)):
        needed(records.found)
    return len(records.fresh)


def _beginnings(path: str) -> list[str]:
    """All beginnings of a dotted path that end where a name may."""
    names = path.split(".")
    return [".".join(names[:n]) for n in range(1, len(names) + 1)]

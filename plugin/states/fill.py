"""Read products in advance: encode what has no state yet, and keep it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from endcap.index.product import Product
from endcap.plugin.model.student import Student
from endcap.plugin.states.read_ahead import Memories, document_memories, kept_along
from endcap.plugin.states.store import StateStore
from endcap.progress import Advance

CHUNK_PRODUCTS = 512
"""Products per commit: what a kill can lose, and what is held in memory."""

Encode = Callable[[Sequence[str]], Iterator[Sequence[tuple[int, bytes]]]]
"""Gives the states of texts as (position, state) pairs, in parts and in any order."""


@dataclass(frozen=True, slots=True)
class TextEncoder:
    """What encodes texts, and how many texts it is given at once."""

    encode: Encode
    chunk_texts: int


@dataclass(frozen=True, slots=True)
class FillReport:
    """``read`` products, of which ``already`` had a state, ``encoded`` got one and ``not_kept`` could not be given one.

    Products of the same text share one state: they count as ``already``. ``without_title`` have an empty title, the
    text of ``cut`` is longer than the model reads.
    """

    read: int = 0
    encoded: int = 0
    already: int = 0
    not_kept: int = 0
    without_title: int = 0
    cut: int = 0
    seconds: float = 0.0

    def __add__(self, other: FillReport) -> FillReport:
        """The report of both, one after the other."""
        return FillReport(*(getattr(self, name) + getattr(other, name) for name in FillReport.__slots__))


def fill(
    store: StateStore,
    student: Student,
    products: Iterable[Product],
    progress: Advance | None = None,
    *,
    on_commit: Callable[[FillReport], None] | None = None,
    encoder: TextEncoder | None = None,
    memories: Memories | None = None,
) -> FillReport:
    """Give each product a state, a chunk at a time: constant memory, and a kill loses 512 products at most.

    A second run skips what is there. ``progress`` is told how many products are done, and ``on_commit`` the report so
    far, once a chunk's states are kept. ``encoder`` works in the student's place (see ``ray_encoder.py``). ``memories``
    are what searches read of documents beside their states: kept as well, where None for documents as endcap writes
    them.
    """
    encoder = encoder or TextEncoder(student.encode_texts, CHUNK_PRODUCTS)
    start = time.monotonic()
    report = FillReport()
    advance = progress or (lambda _: None)
    memories = document_memories(student) if memories is None else memories
    stream = kept_along(products, Product.to_mapping, memories, store) if memories else iter(products)
    while chunk := list(islice(stream, encoder.chunk_texts)):
        report += _fill_chunk(store, student, chunk, encoder.encode, report.read, advance)
        advance(report.read)
        if on_commit is not None:
            on_commit(replace(report, seconds=time.monotonic() - start))
    return replace(report, seconds=time.monotonic() - start)


def _fill_chunk(
    store: StateStore, student: Student, chunk: list[Product], encode: Encode, before: int, advance: Advance
) -> FillReport:
    """``before`` is how many products were read before this chunk."""
    # 1. Find out which texts have no state yet.
    texts = [student.text(product) for product in chunk]
    keys = [student.key(text) for text in texts]
    states = store.get(keys, state_bytes=student.info.state_bytes)
    missing = {key: text for key, text, state in zip(keys, texts, states, strict=True) if state is None}
    missing_keys = list(missing)
    store.needed([key for key, state in zip(keys, states, strict=True) if state is not None])
    # 2. Encode these, and keep their states as they come.
    encoded = kept = 0
    pending: list[tuple[bytes, bytes]] = []
    for batch in encode(list(missing.values())):
        pending += [(missing_keys[position], state) for position, state in batch]
        encoded += len(batch)
        if len(pending) >= CHUNK_PRODUCTS:
            kept += store.put(pending)
            pending = []
        advance(before + len(chunk) - len(missing) + encoded)
    kept += store.put(pending)
    # 3. Count.
    return FillReport(
        read=len(chunk),
        encoded=kept,
        already=len(chunk) - len(missing),
        not_kept=encoded - kept,
        without_title=sum(not product.title.strip() for product in chunk),
        cut=sum(student.is_cut(text) for text in texts),
    )

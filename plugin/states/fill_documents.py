"""Write states into the documents of an index that is there, beside others who write to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.opensearch.documents import Documents, Fate, Hit
from endcap.index.opensearch.state_mapping import ATTRIBUTE_TEXT
from endcap.index.product import Product, attribute_text
from endcap.index.state_field import NAME
from endcap.plugin.model.student import Student
from endcap.plugin.states.document_states import document_state, has_text, state_in
from endcap.plugin.states.fill import CHUNK_PRODUCTS, TextEncoder
from endcap.plugin.states.store import StateStore

TRIES = 5
"""How often a document is read again that others keep writing to; then it is left to the next run."""


@dataclass(frozen=True, slots=True)
class WriteReport:
    """``read`` documents, of which ``already`` had this state and ``written`` got it.

    ``encoded`` states were not in the store. Documents ``without_text`` have nothing to read, ``gone`` were deleted
    meanwhile, ``busy`` changed all the time, and ``refused`` the cluster did not take.
    """

    read: int = 0
    already: int = 0
    written: int = 0
    encoded: int = 0
    without_text: int = 0
    gone: int = 0
    busy: int = 0
    refused: int = 0
    seconds: float = 0.0

    def __add__(self, other: WriteReport) -> WriteReport:
        """The report of both, one after the other."""
        return WriteReport(*(getattr(self, name) + getattr(other, name) for name in WriteReport.__slots__))


@dataclass(frozen=True, slots=True)
class StateWriter:
    """Gives documents the states of their texts as they are: in ``kept``, one of ``KEPT``.

    ``own`` says that endcap made the index: an update then brings the text of the attributes again, which is not in
    ``_source``. ``hides_vectors`` says that vectors are not either: what has its state is taken to have its vector.
    ``per_second`` bounds the documents written a second.
    """

    documents: Documents
    store: StateStore
    student: Student
    fields: FieldMap
    kept: str
    own: bool = False
    hides_vectors: bool = False
    encoder: TextEncoder | None = None
    per_second: float | None = None
    reasons: dict[str, str] = field(default_factory=dict)
    """Why documents were refused, by id; of the first hundred."""

    def write(
        self,
        hits: Iterable[Hit],
        progress: Callable[[int], None],
        on_commit: Callable[[WriteReport], None] = lambda report: None,
    ) -> WriteReport:
        """Write to all documents that lack the state, a chunk at a time; what has it is not touched.

        ``on_commit`` is told the report so far, once a chunk is written: it need not come again.
        """
        start = time.monotonic()
        report = WriteReport()
        stream = iter(hits)
        size = CHUNK_PRODUCTS if self.encoder is None else self.encoder.chunk_texts
        while chunk := list(islice(stream, size)):
            report += self._write_chunk(chunk)
            progress(report.read)
            on_commit(replace(report, seconds=time.monotonic() - start))
            if self.per_second:
                time.sleep(max(0.0, report.written / self.per_second - (time.monotonic() - start)))
        return replace(report, seconds=time.monotonic() - start)

    def _write_chunk(self, hits: list[Hit]) -> WriteReport:
        report, waiting = WriteReport(read=len(hits)), hits
        for attempt in range(TRIES):
            if attempt:
                now = self.documents.read_again(waiting)
                report += WriteReport(gone=len(waiting) - len(now))
                waiting = now
            done, waiting = self._write_once(waiting)
            report += done
            if not waiting:
                return report
        return report + WriteReport(busy=len(waiting))

    def _write_once(self, hits: Sequence[Hit]) -> tuple[WriteReport, list[Hit]]:
        """Write what lacks its state; also the documents that somebody else has written since they were read."""
        # 1. What do the documents say, and which of them lack the state of that?
        products = [self.fields.product(hit.get("_source") or {}, id=str(hit["_id"])) for hit in hits]
        texts = [self.student.text(product) for product in products]
        keys = [self.student.key(text) for text in texts]
        readable = [has_text(self.student, product) for product in products]
        lacking = [
            n for n, hit in enumerate(hits) if readable[n] and not self._has_state(hit.get("_source") or {}, keys[n])
        ]
        # 2. The states, from the store or made now.
        states, encoded = states_of(
            self.store, self.student, [keys[n] for n in lacking], [texts[n] for n in lacking], self.encoder
        )
        # 3. Write them, each into the document as it was read.
        changes = [(hits[n], self._part(hits[n], products[n], keys[n], states[keys[n]])) for n in lacking]
        fates, refused = self.documents.update(changes)
        for id, reason in list(refused.items())[: 100 - len(self.reasons)]:
            self.reasons[id] = reason
        report = WriteReport(
            already=sum(readable) - len(lacking),
            written=fates.count(Fate.WRITTEN),
            encoded=encoded,
            without_text=len(hits) - sum(readable),
            gone=fates.count(Fate.GONE),
            refused=fates.count(Fate.REFUSED),
        )
        return report, [hit for (hit, _), fate in zip(changes, fates, strict=True) if fate is Fate.CHANGED]

    def _has_state(self, source: Mapping[str, Any], key: bytes) -> bool:
        found = source.get(NAME)
        is_seen = self.kept == "vectors" and not self.hides_vectors
        lacks_vector = is_seen and not (isinstance(found, Mapping) and found.get("vector"))
        return not lacks_vector and state_in(self.student.info, source, key) is not None

    def _part(self, hit: Hit, product: Product, key: bytes, state: bytes) -> dict[str, Any]:
        """What the update says of the document."""
        part: dict[str, Any] = {NAME: document_state(self.student, key, state, self.kept)}
        before = (hit.get("_source") or {}).get(NAME)
        if isinstance(before, Mapping) and "vector" in before:
            # An update is merged into what is there: another text's vector must not stay beside the new key.
            part[NAME].setdefault("vector", None)
        if self.own and (text := attribute_text(product)):
            part[ATTRIBUTE_TEXT] = text
        return part


def states_of(
    store: StateStore, student: Student, keys: Sequence[bytes], texts: Sequence[str], encoder: TextEncoder | None = None
) -> tuple[dict[bytes, bytes], int]:
    """The states of texts by their keys, from the store or encoded and kept there; and how many were encoded."""
    found = zip(keys, texts, store.get(keys, state_bytes=student.info.state_bytes), strict=True)
    states: dict[bytes, bytes] = {}
    missing: dict[bytes, str] = {}
    for key, text, state in found:
        if state is None:
            missing[key] = text
        else:
            states[key] = state
    store.needed(list(states))
    missing_keys = list(missing)
    encode = student.encode_texts if encoder is None else encoder.encode
    for batch in encode(list(missing.values())) if missing else ():
        states.update((missing_keys[position], state) for position, state in batch)
    store.put((key, states[key]) for key in missing_keys)
    return states, len(missing)

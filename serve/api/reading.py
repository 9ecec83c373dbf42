"""Reads and scores texts in fair turns; what was read before is remembered, or lies in the store of states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np

from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.student import Student
from endcap.plugin.protocols import States
from endcap.plugin.states.memory_states import MemoryStates
from endcap.serve.api.api_metrics import ApiMetrics
from endcap.serve.api.documents import Documents
from endcap.serve.api.flights import Flights
from endcap.serve.api.refusals import Refusal, too_large
from endcap.serve.api.turns import Turns

SCORED = {"bi-encoder": 32, "cross-encoder": 4}
LOOKED_UP = 16
"""Texts of one turn: some milliseconds. Encoding is the longest by far, so one text is a turn."""
COUNTED = 4
"""Bytes behind a state that is remembered: how many tokens were read."""


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read: the key of its text, its state, and how many tokens were read for it."""

    key: bytes
    state: bytes
    tokens: int


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores, float32 (n,), and how many tokens of the query and of all documents they are made of."""

    scores: np.ndarray
    tokens: int


@dataclass(frozen=True, slots=True)
class Reading:
    """The student, its threads, and what it has read: in memory, and in the store of ``endcap warm`` (not written)."""

    student: Student | LiveStudent
    turns: Turns
    """For what the model does."""
    light: Turns
    """For what takes a millisecond: so a small request has two heavy turns to wait for."""
    memory: MemoryStates
    store: States
    metrics: ApiMetrics
    flights: Flights[Read] = field(default_factory=Flights)

    def pinned(self) -> Student:
        """The student of now; a request has one from beginning to end."""
        student = self.student.pinned() if isinstance(self.student, LiveStudent) else self.student
        self.metrics.note_model(student.info.name)
        return student

    async def scored(self, student: Student, query: str, documents: Documents, may_cut: bool) -> Scored:
        """The student's scores of documents. Raises ``Refusal`` where one is no number.

        ``may_cut`` false: also where a document is longer than the student reads.
        """
        read = await self.read(student, documents, may_cut)
        # Each state once: the last digit of a score may depend on its place, and equal documents are to score alike.
        places = {key: place for place, key in enumerate(dict.fromkeys(each.state for each in read))}
        states, size = list(places), SCORED[student.info.shape]
        parts = [states[start : start + size] for start in range(0, len(states), size)]
        scored = await self.turns.each([partial(_score, student, query, part) for part in parts])
        joined = np.concatenate([np.zeros(0, np.float32), *(scores for scores, _ in scored)])
        if not np.isfinite(joined).all():
            raise Refusal(500, "model_error", f"the model {student.info.name} gave a score that is no number.")
        # A bi-encoder reads the query once, a cross-encoder beside each document.
        times = 1 if student.info.shape == "bi-encoder" else len(read)
        in_query = max((tokens for _, tokens in scored), default=0)
        tokens = times * in_query + sum(each.tokens for each in read)
        return Scored(joined[[places[each.state] for each in read]], tokens)

    async def read(self, student: Student, documents: Documents, may_cut: bool = True) -> list[Read]:
        """Documents as they are read; one text is read once, however often and in how many requests it comes.

        Raises ``Refusal``.
        """
        starts = range(0, len(documents), LOOKED_UP)
        looked_up = [partial(self._look_up, student, documents, start, may_cut) for start in starts]
        found = [entry for part in await self.light.each(looked_up) for entry in part]
        missing = {key: text for key, text, read in found if read is None}
        self.metrics.texts.labels("kept").inc(sum(read is not None for _, _, read in found))
        # Short texts first, as the student itself takes them.
        order = sorted(missing.items(), key=lambda pair: len(pair[1]))
        encoded = await self.turns.side_by_side([partial(self._read, student, *pair) for pair in order])
        by_key = {read.key: read for read in encoded}
        return [by_key[key] if read is None else read for key, _, read in found]

    async def _read(self, student: Student, key: bytes, text: str) -> Read:
        """A text that was not read, as far as one knew: by this request, or by the one that has it under way."""
        return await self.flights.get(
            key, lambda: self._remembered([key])[0], lambda: self.turns.take(partial(self._encode, student, key, text))
        )

    def _look_up(
        self, student: Student, documents: Documents, start: int, may_cut: bool
    ) -> list[tuple[bytes, str, Read | None]]:
        """Key, text, and what was read of it, if anything was, of a part of the documents."""
        texts = [student.text(item) for item in documents.read(start, start + LOOKED_UP)]
        for place, text in enumerate(texts if not may_cut else ()):
            if student.is_cut(text):
                raise too_large(
                    f"{documents.name}[{start + place}] is longer than the model reads "
                    f"({student.info.text.max_product_tokens} tokens). Send truncate: true, or a shorter one."
                )
        keys = [student.key(text) for text in texts]
        found = self._remembered(keys)
        missing = [place for place, read in enumerate(found) if read is None]
        if missing:
            size = student.info.state_bytes
            for place, state in zip(missing, self.store.get([keys[place] for place in missing]), strict=True):
                if state is not None and size in (None, len(state)):
                    found[place] = self._remember(student, keys[place], texts[place], state)
        return list(zip(keys, texts, found, strict=True))

    def _encode(self, student: Student, key: bytes, text: str) -> Read:
        [[(_, state)]] = student.encode_texts([text])
        self.metrics.texts.labels("read").inc()
        return self._remember(student, key, text, state)

    def _remember(self, student: Student, key: bytes, text: str, state: bytes) -> Read:
        read = Read(key, state, student.tokens(text))
        self.memory.put([(key, state + read.tokens.to_bytes(COUNTED, "big"))])
        return read

    def _remembered(self, keys: Sequence[bytes]) -> list[Read | None]:
        return [
            None if kept is None else Read(key, kept[:-COUNTED], int.from_bytes(kept[-COUNTED:], "big"))
            for key, kept in zip(keys, self.memory.get(keys), strict=True)
        ]


def _score(student: Student, query: str, states: Sequence[bytes]) -> tuple[np.ndarray, int]:
    """Scores, and how many tokens the query has; in one turn, since each costs a small request a place in the line."""
    return student.score(query, states), student.query_tokens(query)

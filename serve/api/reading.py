"""Reads and scores texts in fair turns; what was read before is remembered, or lies in the store of states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.student import Student
from endcap.plugin.protocols import States
from endcap.plugin.states.memory_states import MemoryStates
from endcap.serve.api.documents import Documents
from endcap.serve.api.refusals import Refusal, too_large
from endcap.serve.api.turns import Turns
from endcap.serve.metrics import Metrics

ENCODED, SCORED, LOOKED_UP = 1, 32, 16
"""Texts of one turn: some milliseconds. Encoding is the longest by far, so one text is a turn."""


@dataclass(frozen=True, slots=True)
class Read:
    """A document as it was read: the key of its text, and its state."""

    key: bytes
    state: bytes


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
    metrics: Metrics

    def pinned(self) -> Student:
        """The student of now; a request has one from beginning to end."""
        return self.student.pinned() if isinstance(self.student, LiveStudent) else self.student

    async def scores(self, student: Student, query: str, documents: Documents, may_cut: bool) -> np.ndarray:
        """The student's scores of documents, float32 (n,). Raises ``Refusal`` where one is no number.

        ``may_cut`` false: also where a document is longer than the student reads.
        """
        states = [read.state for read in await self.read(student, documents, may_cut)]
        parts = [states[start : start + SCORED] for start in range(0, len(states), SCORED)]
        scores = await self.turns.each([partial(student.score, query, part) for part in parts])
        joined = np.concatenate([np.zeros(0, np.float32), *scores])
        if not np.isfinite(joined).all():
            raise Refusal(500, "model_error", f"the model {student.info.name} gave a score that is no number.")
        return joined

    async def read(self, student: Student, documents: Documents, may_cut: bool = True) -> list[Read]:
        """Documents as they are read; one text is read once, however often it comes. Raises ``Refusal``."""
        starts = range(0, len(documents), LOOKED_UP)
        looked_up = [partial(self._look_up, student, documents, start, may_cut) for start in starts]
        found = [entry for part in await self.light.each(looked_up) for entry in part]
        missing = {key: text for key, text, state in found if state is None}
        self.metrics.texts.labels("kept").inc(sum(state is not None for _, _, state in found))
        self.metrics.texts.labels("read").inc(len(missing))
        # Short texts first, as the student itself takes them.
        order = sorted(missing.items(), key=lambda pair: len(pair[1]))
        parts = [order[start : start + ENCODED] for start in range(0, len(order), ENCODED)]
        encoded = await self.turns.each([partial(self._encode, student, part) for part in parts])
        states = dict(pair for part in encoded for pair in part)
        return [Read(key, states[key] if state is None else state) for key, _, state in found]

    def _look_up(
        self, student: Student, documents: Documents, start: int, may_cut: bool
    ) -> list[tuple[bytes, str, bytes | None]]:
        """Key, text and state, if there is one, of a part of the documents."""
        texts = [student.text(item) for item in documents.read(start, start + LOOKED_UP)]
        for place, text in enumerate(texts if not may_cut else ()):
            if student.is_cut(text):
                raise too_large(
                    f"{documents.name}[{start + place}] is longer than the model reads "
                    f"({student.info.text.max_product_tokens} tokens). Send truncate: true, or a shorter one."
                )
        keys = [student.key(text) for text in texts]
        states = self.memory.get(keys)
        missing = [place for place, state in enumerate(states) if state is None]
        if missing:
            size = student.info.state_bytes
            for place, state in zip(missing, self.store.get([keys[place] for place in missing]), strict=True):
                if state is not None and size in (None, len(state)):
                    states[place] = state
        return list(zip(keys, texts, states, strict=True))

    def _encode(self, student: Student, pairs: Sequence[tuple[bytes, str]]) -> list[tuple[bytes, bytes]]:
        """Keys and states of texts, which are remembered."""
        read: list[Any] = [None] * len(pairs)
        for batch in student.encode_texts([text for _, text in pairs]):
            for place, state in batch:
                read[place] = (pairs[place][0], state)
        self.memory.put(read)
        return read

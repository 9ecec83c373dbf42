"""Reads and scores texts in fair turns; what was read before is remembered, or lies in the store of states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from endcap.index.product import Product
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.student import Student
from endcap.plugin.protocols import States
from endcap.plugin.states.memory_states import MemoryStates
from endcap.serve.api.refusals import Refusal, too_large
from endcap.serve.api.turns import Turns
from endcap.serve.metrics import Metrics

READ_TEXTS = 2
"""Of a turn: some milliseconds."""
SCORED, LOOKED_UP = 32, 64


@dataclass(frozen=True, slots=True)
class Reading:
    """The student, its threads, and what it has read: in memory, and in the store of ``endcap warm`` (not written)."""

    student: Student | LiveStudent
    turns: Turns
    memory: MemoryStates
    store: States
    metrics: Metrics

    def pinned(self) -> Student:
        """The student of now; a request has one from beginning to end."""
        return self.student.pinned() if isinstance(self.student, LiveStudent) else self.student

    async def scores(self, student: Student, query: str, items: Sequence[Product | str]) -> np.ndarray:
        """The student's scores of documents, float32 (n,). Raises ``Refusal`` where one is no number."""
        states = await self.states(student, items)
        await self.turns.take(partial(student.query_vector, query))
        pieces = [partial(_scores, student, query, part) for part in _parts(states, SCORED)]
        scores = np.concatenate([np.zeros(0, np.float32), *await self.turns.each(pieces)])
        if not np.isfinite(scores).all():
            raise Refusal(500, "model_error", f"the model {student.info.name} gave a score that is no number.")
        return scores

    async def states(self, student: Student, items: Sequence[Product | str]) -> list[bytes]:
        """The states of documents; one text is read once, however often it comes."""
        looked_up = [partial(self._look_up, student, part) for part in _parts(items, LOOKED_UP)]
        found = [entry for part in await self.turns.each(looked_up) for entry in part]
        missing = {key: text for key, text, state in found if state is None}
        self.metrics.texts.labels("kept").inc(len(found) - sum(state is None for _, _, state in found))
        self.metrics.texts.labels("read").inc(len(missing))
        # Short texts first, as the student itself takes them.
        order = sorted(missing.items(), key=lambda pair: len(pair[1]))
        pieces = [partial(self._read, student, part) for part in _parts(order, READ_TEXTS)]
        read = {key: state for part in await self.turns.each(pieces) for key, state in part}
        return [read[key] if state is None else state for key, _, state in found]

    async def check_whole(self, student: Student, items: Sequence[Product | str]) -> None:
        """Raise ``Refusal`` where a document is longer than the student reads."""
        pieces = [partial(_first_cut, student, part) for part in _parts(items, LOOKED_UP)]
        for number, place in enumerate(await self.turns.each(pieces)):
            if place is not None:
                raise too_large(
                    f"text {number * LOOKED_UP + place} is longer than the model reads "
                    f"({student.info.text.max_product_tokens} tokens). Send truncate: true, or a shorter one."
                )

    def _look_up(self, student: Student, items: Sequence[Product | str]) -> list[tuple[bytes, str, bytes | None]]:
        texts = [student.text(item) for item in items]
        keys = [student.key(text) for text in texts]
        states = self.memory.get(keys)
        missing = [place for place, state in enumerate(states) if state is None]
        if missing:
            size = student.info.state_bytes
            for place, state in zip(missing, self.store.get([keys[place] for place in missing]), strict=True):
                if state is not None and size in (None, len(state)):
                    states[place] = state
        return list(zip(keys, texts, states, strict=True))

    def _read(self, student: Student, pairs: Sequence[tuple[bytes, str]]) -> list[tuple[bytes, bytes]]:
        states = [b""] * len(pairs)
        for batch in student.encode_texts([text for _, text in pairs]):
            for place, state in batch:
                states[place] = state
        read = [(key, state) for (key, _), state in zip(pairs, states, strict=True)]
        self.memory.put(read)
        return read


def _scores(student: Student, query: str, states: Sequence[bytes]) -> np.ndarray:
    return student.score(query, states)


def _first_cut(student: Student, items: Sequence[Product | str]) -> int | None:
    return next((place for place, item in enumerate(items) if student.is_cut(student.text(item))), None)


def _parts(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]

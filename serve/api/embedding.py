"""The vectors of products and queries, for a pipeline of one's own."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

import numpy as np

from endcap.plugin.model.student import Student
from endcap.plugin.states.document_states import document_state
from endcap.serve.api.bodies import EmbeddingsRequest
from endcap.serve.api.reading import LOOKED_UP, Read, Reading
from endcap.serve.api.replies import embeddings_reply


async def embedded(reading: Reading, student: Student, request: EmbeddingsRequest) -> Any:
    """OpenAI's reply: a vector of unit length, float32 (d,), for each input. Raises ``Refusal``."""
    if request.queries:
        starts = range(0, len(request.documents))
        pieces = [partial(_query_vector, student, request, start) for start in starts]
        asked = await reading.turns.each(pieces)
        vectors, tokens, read = np.stack([each[0] for each in asked]), sum(each[1] for each in asked), list[Read]()
    else:
        read = await reading.read(student, request.documents)
        tokens = sum(each.tokens for each in read)
        vectors = await reading.light.take(partial(_vectors, student, read))
    reading.metrics.tokens.inc(tokens)
    rows: Any = vectors
    if request.base64:
        rows = [base64.b64encode(row.astype("<f4").tobytes()).decode() for row in vectors]
    reply = embeddings_reply(rows, student.info.name, tokens)
    if request.states:
        parts = [read[start : start + LOOKED_UP] for start in range(0, len(read), LOOKED_UP)]
        values = await reading.light.each([partial(_document_states, student, part) for part in parts])
        for entry, value in zip(reply["data"], (value for part in values for value in part), strict=False):
            entry["endcap"] = value
    return reply


def _query_vector(student: Student, request: EmbeddingsRequest, place: int) -> tuple[np.ndarray, int]:
    """A query's vector, and how many tokens were read for it."""
    [item] = request.documents.read(place, place + 1)
    query = item if isinstance(item, str) else student.text(item)
    vector = student.query_vector(query)
    assert vector is not None  # no cross-encoder
    return vector, student.query_tokens(query)


def _vectors(student: Student, read: list[Read]) -> np.ndarray:
    vectors = student.vectors([each.state for each in read])
    assert vectors is not None  # no cross-encoder
    return vectors


def _document_states(student: Student, read: list[Read]) -> list[dict[str, Any]]:
    return [document_state(student, each.key, each.state) for each in read]

"""A state as a part of its product's document: the object ``endcap``, as a search engine keeps and finds it.

    {"endcap": {"model": "bbee295c88157b28", "key": "9f…", "vector": [12, -127, …]}}

``model`` is the first 16 hex digits of the model's checksum, ``key`` says what the state was made from
(``Student.key``, in hex), ``vector`` has the numbers of the state: whole numbers from -127 to 127 where it is int8,
else floats. Its direction is the product's vector, its length means nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endcap.errors import InputError
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.model.student import Student
from endcap.plugin.model.vector_states import pack, state_numbers, state_of_numbers

NAME = "endcap"
"""The document's object."""
FIELD = "endcap.vector"
"""The field that a ``knn`` clause searches."""
MODEL_FIELD = "endcap.model"


def model_name(info: Any) -> str:
    """What ``endcap.model`` says of a student's model."""
    return str(info.checksum)[:16]


def query_numbers(student: Student, query: str) -> list[int] | list[float] | None:
    """A query's vector for a ``knn`` clause on ``endcap.vector``; None for a student that has no vectors.

    Whole numbers where the states are int8: a field of bytes takes no others, and a field of floats takes them too.
    """
    vector = student.query_vector(query)
    if vector is None:
        return None
    numbers: list[int] | list[float] = _numbers(student.info, [pack(vector, student.info.state_dtype)])[0].tolist()
    return numbers


def states_matrix(student: Student, states: Sequence[bytes]) -> np.ndarray:
    """The numbers of states, int8 or float32 (n, d), as ``EmbeddedEngine.put_vectors`` takes them."""
    return _numbers(student.info, states)


def document_state(student: Student, key: bytes, state: bytes) -> dict[str, Any]:
    """The value of a document's ``endcap``."""
    vector = _numbers(student.info, [state])[0].tolist()
    return {"model": model_name(student.info), "key": key.hex(), "vector": vector}


def state_in(info: Any, document: Mapping[str, Any], key: bytes) -> bytes | None:
    """The state that a document brings with it, for a product whose text has this key now.

    None where it has none, or one of another model or of a text that has changed since.
    """
    found = document.get(NAME)
    if not isinstance(found, Mapping) or found.get("key") != key.hex() or found.get("model") != model_name(info):
        return None
    return state_of_numbers(found.get("vector", ()), info.state_shape[0], info.state_dtype)


def _numbers(info: ModelInfo, states: Sequence[bytes]) -> np.ndarray:
    if info.shape != "bi-encoder":
        raise InputError(f"{info.name} is a cross-encoder: its states are token ids, and no vectors to search by.")
    return state_numbers(states, info.state_shape[0], info.state_dtype)

"""A state as a part of its product's document: the object ``endcap``, as a search engine keeps and finds it.

    {"endcap": {"model": "bbee295c88157b28", "key": "9f…", "state": "0Zg5PP…", "vector": [12, -127, …]}}

``model`` is the first 16 hex digits of the model's checksum, ``key`` says what the state was made from
(``Student.key``, in hex). ``state`` is the state with its checksum (``seal.py``) as base64: read from a hit in a
hundredth of the time that a list of numbers takes. ``vector``, to search by, has the same numbers: whole ones from -127
to 127 where the state is int8, else floats. Its direction is the product's vector, its length means nothing.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from endcap.errors import InputError
from endcap.index.product import Product
from endcap.index.state_field import KEPT, MODEL_FIELD, NAME, StateField
from endcap.index.state_field import VECTOR_FIELD as FIELD
from endcap.plugin.model.vector_states import pack, state_numbers, state_of_numbers
from endcap.plugin.states.seal import sealed, unsealed

if TYPE_CHECKING:
    from endcap.plugin.model.student import Student

__all__ = ["FIELD", "MODEL_FIELD", "NAME"]


def model_name(info: Any) -> str:
    """What ``endcap.model`` says of a student's model."""
    return str(info.checksum)[:16]


def query_numbers(student: Any, query: str) -> list[int] | list[float] | None:
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


def state_field(student: Student, kept: str = "vectors") -> StateField:
    """What an index has to keep of this student's states, as ``vectors`` or only as ``states``.

    Raises ``InputError`` for vectors of a cross-encoder, which has none.
    """
    if kept == "states":
        return StateField(kept)
    _check_vectors(student.info)
    return StateField(kept, student.info.state_shape[0], student.info.state_dtype == "int8")


def document_states(
    student: Student, products: Sequence[Product], kept: str = "vectors"
) -> list[dict[str, Any] | None]:
    """The values of ``endcap`` for documents of these products, which are encoded; None for one without any text.

    For a pipeline of one's own, which writes ``{**document, "endcap": value}``.
    """
    having = [product for product in products if has_text(student, product)]
    states = iter(student.encode(having))
    return [
        document_state(student, student.key(student.text(product)), next(states), kept)
        if has_text(student, product)
        else None
        for product in products
    ]


def document_state(student: Student, key: bytes, state: bytes, kept: str = "vectors") -> dict[str, Any]:
    """The value of a document's ``endcap``, of a state and its key."""
    if kept not in KEPT:
        raise InputError(f"a document keeps {' or '.join(KEPT)}, not {kept!r}.")
    words = {"model": model_name(student.info), "key": key.hex()}
    whole: dict[str, Any] = {**words, "state": base64.b64encode(sealed(key, state)).decode()}
    return whole if kept == "states" else whole | {"vector": _numbers(student.info, [state])[0].tolist()}


def has_text(student: Student, product: Product) -> bool:
    """Whether a product has any of the fields that the student reads."""
    return any(getattr(product, name, None) for name in student.info.fields)


def state_in(info: Any, document: Mapping[str, Any], key: bytes) -> bytes | None:
    """The state that a document brings with it, for a product whose text has this key now.

    None where it has none, or one of another model or of a text that has changed since.
    """
    found = document.get(NAME)
    if not isinstance(found, Mapping) or found.get("key") != key.hex() or found.get("model") != model_name(info):
        return None
    try:
        state = unsealed(key, base64.b64decode(found.get("state") or "", validate=True))
    except (binascii.Error, TypeError, ValueError):
        state = None
    if state is not None and info.state_bytes in (None, len(state)):  # None: of a cross-encoder, of any length
        return state
    # Who writes documents may have written the vector alone.
    vector = found.get("vector")
    return None if vector is None else state_of_numbers(vector, info.state_shape[0], info.state_dtype)


def _numbers(info: Any, states: Sequence[bytes]) -> np.ndarray:
    _check_vectors(info)
    return state_numbers(states, info.state_shape[0], info.state_dtype)


def _check_vectors(info: Any) -> None:
    if info.shape != "bi-encoder":
        raise InputError(
            f"{info.name} is a cross-encoder: its states are token ids, and no vectors to search by. "
            "They can come with the hits: --vectors states."
        )

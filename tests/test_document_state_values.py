"""A state as a document's ``endcap``: through JSON and back to the same bytes, or not at all."""

from __future__ import annotations

import hashlib
from types import SimpleNamespace
from typing import Any

import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.plugin.model.vector_states import pack, state_bytes, unit_vector
from endcap.plugin.states.document_states import document_state, query_numbers, state_in

SIZE = 24
KEY = hashlib.sha256(b"text").digest()


def student(dtype: str, checksum: str = "c0ffee" * 10) -> Any:
    """What is asked of a student here: its model's shape, and a query's vector."""
    length = None if dtype == "int32" else state_bytes(dtype, SIZE)
    shape = "cross-encoder" if dtype == "int32" else "bi-encoder"
    info = SimpleNamespace(
        name="m", checksum=checksum, shape=shape, state_dtype=dtype, state_shape=(SIZE,), state_bytes=length
    )
    return SimpleNamespace(info=info, query_vector=lambda query: unit(7) if length else None)


def unit(seed: int) -> np.ndarray:
    return unit_vector(np.random.default_rng(seed).normal(size=SIZE).astype(np.float32))


@given(st.sampled_from(["int8", "float16", "float32"]), st.integers(0, 1000), st.sampled_from(["vectors", "states"]))
def test_what_is_written_is_read(dtype: str, seed: int, kept: str) -> None:
    """The same bytes, from the state and from the vector alone, which has the state's direction."""
    state = pack(unit(seed), dtype)
    written = orjson.loads(orjson.dumps({"endcap": document_state(student(dtype), KEY, state, kept)}))
    assert state_in(student(dtype).info, written, KEY) == state
    if kept == "vectors":
        vector = written["endcap"]["vector"]
        assert unit_vector(np.array(vector, np.float32)) @ unit(seed) == pytest.approx(1, abs=2e-3)
        assert all(isinstance(number, int) and abs(number) <= 127 for number in vector) == (dtype == "int8")
        del written["endcap"]["state"]
        assert state_in(student(dtype).info, written, KEY) == state
    assert state_in(student(dtype, "another").info, written, KEY) is None
    assert state_in(student(dtype).info, written, hashlib.sha256(b"changed").digest()) is None


@given(st.binary(max_size=80), st.sampled_from(["int8", "int32"]))
def test_what_is_broken_is_none(junk: bytes, dtype: str) -> None:
    """Bytes that are not a sealed state of this key are no state, nor is another text's state under this key."""
    info = student(dtype).info
    words = {"model": info.checksum[:16], "key": KEY.hex()}
    assert state_in(info, {"endcap": {**words, "state": junk.hex()}}, KEY) is None
    other = document_state(student(dtype), hashlib.sha256(b"other").digest(), junk, "states")
    assert state_in(info, {"endcap": {**words, "state": other["state"]}}, KEY) is None


@pytest.mark.parametrize(
    "vector", [[], [1] * (SIZE - 1), [0] * SIZE, [128] * SIZE, [0.5] * SIZE, ["x"] * SIZE, [None] * SIZE, "text", 3]
)
def test_a_vector_that_no_state_has_is_none(vector: Any) -> None:
    """Another size, no direction, or numbers that int8 has not."""
    info = student("int8").info
    assert state_in(info, {"endcap": {"model": info.checksum[:16], "key": KEY.hex(), "vector": vector}}, KEY) is None


def test_a_cross_encoders_states_are_no_vectors() -> None:
    """Its token ids come with the hit, of any length, and can't be searched by: the sentence says what to do."""
    cross = student("int32")
    for state in (b"\1\0\0\0", b"\1\0\0\0\2\0\0\0"):
        written = document_state(cross, KEY, state, "states")
        assert state_in(cross.info, {"endcap": written}, KEY) == state
    with pytest.raises(InputError, match="--vectors states"):
        document_state(cross, KEY, b"\1\0\0\0")
    assert query_numbers(cross, "lamp") is None


def test_a_querys_numbers() -> None:
    """Whole ones where the states are int8, so that a field of bytes takes them, in the query's direction."""
    whole = query_numbers(student("int8"), "lamp")
    assert whole is not None
    assert all(isinstance(number, int) for number in whole)
    assert unit_vector(np.array(whole, np.float32)) @ unit(7) == pytest.approx(1, abs=2e-3)
    assert query_numbers(student("float32"), "lamp") == pytest.approx(unit(7).tolist())

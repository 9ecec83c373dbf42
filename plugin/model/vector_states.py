"""Vectors as states, and their cosines with a query: float16, float32, or int8 with one scale a vector.

An int8 state is a little-endian float32 and then d numbers q in int8: q = round(127 v / max|v|), and the float32 is
1 / |q|. So the vector that it stands for has unit length exactly, and what quantisation costs is a small turn of it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SCALE_BYTES = 4
LEVELS = 127
ITEM_BYTES = {"float16": 2, "float32": 4, "int8": 1}
"""Bytes of a number, by ``state.dtype`` of the model folder."""


def state_bytes(dtype: str, size: int) -> int:
    """The length of a state of ``size`` numbers."""
    return ITEM_BYTES[dtype] * size + (SCALE_BYTES if dtype == "int8" else 0)


def unit_vector(vector: np.ndarray) -> np.ndarray:
    """The float32 vector (d,) brought to unit length; zeros stay zeros."""
    return vector / np.float32(max(float(np.linalg.norm(vector)), 1e-12))


def pack(vector: np.ndarray, dtype: str) -> bytes:
    """The state of a unit vector, float32 (d,)."""
    if dtype != "int8":
        return vector.astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    numbers = np.rint(vector * (LEVELS / max(float(np.abs(vector).max()), 1e-12))).astype(np.int8)
    return _with_scale(numbers)


def state_numbers(states: Sequence[bytes], size: int, dtype: str) -> np.ndarray:
    """The numbers of n states, int8 or float32 (n, size), in the directions of their vectors, not of unit length."""
    joined = b"".join(states)
    if dtype == "int8":
        return np.frombuffer(joined, _packed(size))["numbers"]
    return np.frombuffer(joined, np.dtype(dtype).newbyteorder("<")).reshape(-1, size).astype(np.float32)


def state_of_numbers(numbers: Sequence[float], size: int, dtype: str) -> bytes | None:
    """The state that has these numbers, to the byte; None where they can't be those of a state."""
    try:
        values = np.asarray(numbers, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        return None
    if values.shape != (size,) or not np.isfinite(values).all() or not values.any():
        return None
    if dtype != "int8":
        return values.astype(np.dtype(dtype).newbyteorder("<")).tobytes()
    if np.abs(values).max() > LEVELS or (values != np.rint(values)).any():
        return None
    return _with_scale(values.astype(np.int8))


def state_vectors(states: Sequence[bytes | None], size: int, dtype: str) -> np.ndarray:
    """The vectors of states, float32 (n, size); zeros where there is no state, or one of another length."""
    length = state_bytes(dtype, size)
    valid = [(row, state) for row, state in enumerate(states) if state is not None and len(state) == length]
    vectors = np.zeros((len(states), size), dtype=np.float32)
    numbers, scales = _unpack([state for _, state in valid], size, dtype)
    vectors[[row for row, _ in valid]] = numbers * scales[:, None]
    return vectors


def cosines(states: Sequence[bytes], query: np.ndarray, dtype: str) -> np.ndarray:
    """The cosines, float32 (n,), of n states with the query's unit vector, float32 (d,); the states have their length.

    Nothing is copied but the joined bytes, widened to float32 for the one matrix product. numpy has no fast product of
    int8, but its cast from int8 takes a tenth of the time of that from float16.
    """
    numbers, scales = _unpack(states, query.size, dtype)
    scores: np.ndarray = (numbers @ query) * scales
    return scores


def _unpack(states: Sequence[bytes], size: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of n states, float32 (n, size), and what each row is to be multiplied by, float32 (n,)."""
    joined = b"".join(states)
    if dtype != "int8":
        numbers = np.frombuffer(joined, np.dtype(dtype).newbyteorder("<")).reshape(-1, size)
        return numbers.astype(np.float32), np.ones(len(states), dtype=np.float32)
    packed = np.frombuffer(joined, _packed(size))
    return packed["numbers"].astype(np.float32), packed["scale"]


def _packed(size: int) -> np.dtype[np.void]:
    return np.dtype([("scale", "<f4"), ("numbers", "i1", (size,))])


def _with_scale(numbers: np.ndarray) -> bytes:
    scale = 1 / max(float(np.linalg.norm(numbers.astype(np.float32))), 1e-12)
    return np.array(scale, dtype="<f4").tobytes() + numbers.tobytes()

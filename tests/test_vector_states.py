"""States of vectors: how many bytes, what they hold, and what int8 does to a cosine."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.errors import ModelError
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.vector_states import cosines, pack, state_bytes, state_vectors, unit_vector

TEXTS = ["Norvik trail running shoe", "Electric kettle 1.7 l, steel", "USB-C cable, 2 m", "", "Größe ü ✓"]


def units(count: int, size: int, seed: int = 0) -> np.ndarray:
    """Random unit vectors, float32 (count, size)."""
    vectors = np.random.default_rng(seed).normal(size=(count, size)).astype(np.float32)
    return np.stack([unit_vector(vector) for vector in vectors])


def test_an_int8_state_by_hand() -> None:
    """(3, 4) / 5 is 95, 127 after 1 / |(95, 127)|, little-endian."""
    state = pack(np.array([0.6, 0.8], dtype=np.float32), "int8")
    assert state[4:] == bytes([95, 127])
    assert np.frombuffer(state[:4], "<f4")[0] == np.float32(1 / np.hypot(95, 127))
    assert cosines([state], np.array([0.0, -1.0], dtype=np.float32), "int8")[0] == pytest.approx(-0.80076, abs=1e-5)


@pytest.mark.parametrize(("dtype", "most"), [("float32", 1e-6), ("float16", 5e-4), ("int8", 3e-3)])
def test_cosines_stay_near(dtype: str, most: float) -> None:
    """A thousand cosines differ from the exact ones by no more than the number's precision allows."""
    products, queries = units(1000, 384), units(5, 384, seed=1) * np.float32(0.5) + units(1, 384) * np.float32(0.5)
    states = [pack(product, dtype) for product in products]
    assert {len(state) for state in states} == {state_bytes(dtype, 384)}
    for query in queries:
        asked = unit_vector(query)
        np.testing.assert_allclose(cosines(states, asked, dtype), products @ asked, atol=most)


@pytest.mark.parametrize("dtype", ["float32", "float16", "int8"])
def test_vectors_of_states(dtype: str) -> None:
    """Row by row what the cosines see; zeros where there is no state, or one of another length."""
    products = units(5, 16)
    states = [pack(product, dtype) for product in products]
    found = state_vectors([states[0], None, *states[1:], b"short"], 16, dtype)
    assert (found.shape, found.dtype) == ((7, 16), np.float32)
    assert not found[[1, 6]].any()
    there = found[[0, 2, 3, 4, 5]]
    np.testing.assert_allclose(there @ products[0], cosines(states, products[0], dtype), atol=1e-6)
    assert state_vectors([], 16, dtype).shape == (0, 16)


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_vector_has_a_finite_state(numbers: list[float]) -> None:
    """Zeros and very small numbers too: a state of the right length, and with itself a cosine of 1 (or 0 for zeros)."""
    vector = unit_vector(np.array(numbers, dtype=np.float32))
    state = pack(vector, "int8")
    assert len(state) == state_bytes("int8", len(numbers))
    [found] = cosines([state], vector, "int8")
    norm = float(vector @ vector)
    # A number is off by half a step of max/127 at most, and max is at most 1.
    assert found == pytest.approx(norm, abs=np.sqrt(len(numbers)) / 254 + 1e-6)


@pytest.mark.parametrize("size", [384, 128, 1])
def test_a_folder_with_int8_states(tmp_path: Path, size: int) -> None:
    """At most 400 bytes; the scores are those of float16 but for rounding, of a part of the vector as well."""
    folder = Path(shutil.copytree(default_folder(), tmp_path / "model"))
    scores = {}
    for dtype in ("float32", "int8"):
        raw = json.loads((folder / "model.json").read_text())
        (folder / "model.json").write_text(json.dumps({**raw, "state": {"dtype": dtype, "shape": [size]}}))
        student = Student.load(folder, threads=1)
        states = student.encode(TEXTS)
        assert {len(state) for state in states} == {student.info.state_bytes}
        scores[dtype] = student.score("shoes to run in", states)
    assert student.info.state_bytes == size + 4
    np.testing.assert_allclose(scores["int8"], scores["float32"], atol=4e-3)
    if size > 1:
        assert scores["int8"].argmax() == 0


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"dtype": "int8", "shape": [385]}, r"385 numbers; the graph's vectors have 384"),
        ({"dtype": "int8", "shape": []}, r"state.shape \[\]"),
        ({"dtype": "int8", "shape": [0]}, r"state.shape \[0\]"),
        ({"dtype": "int8", "shape": [2, 192]}, r"state.shape \[2, 192\]"),
    ],
)
def test_states_that_the_graph_can_not_fill_are_refused(tmp_path: Path, state: dict[str, object], message: str) -> None:
    """When the student is loaded, not when the first product is read."""
    folder = Path(shutil.copytree(default_folder(), tmp_path / "model"))
    raw = json.loads((folder / "model.json").read_text())
    (folder / "model.json").write_text(json.dumps({**raw, "state": state}))
    with pytest.raises(ModelError, match=message):
        Student(read_model(folder))

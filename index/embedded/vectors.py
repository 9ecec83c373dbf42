"""Products' vectors beside a load of the embedded engine: one folder for each model, written whole, read by mapping.

    LOAD/vectors/MODEL.TIME/  matrix.npy (n, d), inverse_norms.npy (n,), keys.npy (n, 32), places.npy (n,), and
                              ids.bin with id_ends.npy (n,): the products' ids one behind the other, and their ends

Rows lie in the order of the catalogue. They go with the load: the next one has none until they are written again.
"""

import re
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from endcap.errors import EngineError, InputError
from endcap.files import locked, whole_folder
from endcap.index.embedded.neighbours import read_graph, write_graph
from endcap.index.state_field import NAME

FOLDER = "vectors"
KEY_BYTES = 32
_BLOCK_ROWS = 1 << 15


@dataclass(frozen=True, slots=True)
class Vectors:
    """What one model made of a load's products; n rows, not all products need have one."""

    model: str
    matrix: np.ndarray
    """int8 or float32 (n, d), not of unit length."""
    inverse_norms: np.ndarray
    """float32 (n,): 1 / |row|."""
    keys: np.ndarray
    """uint8 (n, 32)."""
    places: np.ndarray
    """int64 (n,), rising: each row's place in the catalogue."""
    id_bytes: np.ndarray
    id_ends: np.ndarray
    graph: Any = None
    """Of neighbours, where there are many rows and usearch is installed (``neighbours.py``)."""

    def id(self, row: int) -> str:
        """The id of a row's product."""
        start = int(self.id_ends[row - 1]) if row else 0
        return bytes(self.id_bytes[start : int(self.id_ends[row])]).decode()

    def document(self, row: int) -> dict[str, Any]:
        """What a document says of its vector, as OpenSearch has it."""
        return {"model": self.model, "key": bytes(self.keys[row]).hex(), "vector": self.matrix[row].tolist()}

    def rows_of(self, places: np.ndarray) -> np.ndarray:
        """The rows, int64 (m,), of the products at these places, of those that have one."""
        rows: np.ndarray = np.searchsorted(self.places, places)
        rows[rows == len(self.places)] = 0
        found: np.ndarray = rows[self.places[rows] == places]
        return found


def write_vectors(
    load: Path, ids: Sequence[str], model: str, chosen: Sequence[str], keys: Sequence[bytes], matrix: np.ndarray
) -> None:
    """Keep the vectors of the products ``chosen``, in the place of any that this model has there.

    ``ids`` are those of all products of the load, in its order; ``matrix`` is int8 or float (n, d), ``keys`` are n
    of 32 bytes. Raises ``InputError`` where these do not fit each other, or a vector has no direction.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", model):
        raise InputError(f"a model is named by letters and digits, such as its checksum's first 16, not {model!r}.")
    matrix = np.asarray(matrix)
    if matrix.dtype != np.int8:
        matrix = matrix.astype(np.float32)
    if matrix.ndim != 2 or not len(matrix) == len(chosen) == len(keys) or not matrix.size:
        raise InputError(f"{len(chosen)} ids, {len(keys)} keys and vectors {matrix.shape}; give one of each a product.")
    place_of = {id: place for place, id in enumerate(ids)}
    if missing := next((id for id in chosen if id not in place_of), None):
        raise InputError(f"there is no product {missing!r} in the catalogue. Was it loaded anew? Write vectors again.")
    places = np.array([place_of[id] for id in chosen], dtype=np.int64)
    if len(np.unique(places)) != len(places):
        raise InputError("a product has two vectors. Give one for each.")
    if wrong := next((key for key in keys if len(key) != KEY_BYTES), None):
        raise InputError(f"a key has {len(wrong)} bytes instead of {KEY_BYTES}: {wrong!r}. Use Student.key.")
    norms = _norms(matrix)
    if not (np.isfinite(norms) & (norms > 0)).all():
        row = int(np.argmin(np.isfinite(norms) & (norms > 0)))
        raise InputError(f"the vector of product {chosen[row]!r} is zero or not finite, so it has no direction.")
    order = np.argsort(places)
    names = [chosen[row].encode() for row in order]
    parent, now = load / FOLDER, time.time_ns()
    parent.mkdir(exist_ok=True)
    with locked(load / "vectors.lock"):
        with whole_folder(parent / f"{model}.{now:020d}") as folder:
            _save_rows(folder / "matrix.npy", matrix, order)
            np.save(folder / "inverse_norms.npy", (1 / norms[order]).astype(np.float32))
            np.save(folder / "keys.npy", np.frombuffer(b"".join(keys), np.uint8).reshape(-1, KEY_BYTES)[order])
            np.save(folder / "places.npy", places[order])
            np.save(folder / "id_ends.npy", np.cumsum([len(name) for name in names]))
            (folder / "ids.bin").write_bytes(b"".join(names))
            write_graph(folder, np.load(folder / "matrix.npy", mmap_mode="r"))
        for path in parent.glob(f"{model}.*"):
            if path.name < f"{model}.{now:020d}":
                shutil.rmtree(path, ignore_errors=True)


class VectorFiles:
    """The vectors of a load, as they are now."""

    def __init__(self, load: Path) -> None:
        self.load = load
        self._read: tuple[int, dict[str, Vectors]] = (0, {})

    def current(self) -> Mapping[str, Vectors]:
        """The vectors by model, the last written first; empty where there are none."""
        for _ in range(5):  # between listing and opening, a model's new vectors may take the place of its old ones
            try:
                now = (self.load / FOLDER).stat().st_mtime_ns
                if self._read[0] != now:
                    self._read = now, read_vectors(self.load)
                return self._read[1]
            except FileNotFoundError:
                if not self.load.exists() or not (self.load / FOLDER).exists():
                    break
            except (OSError, ValueError) as error:
                raise EngineError(f"the vectors in {self.load} can't be read: {error}. Write them again.") from error
        return {}


def read_vectors(load: Path) -> dict[str, Vectors]:
    """The vectors of a load, by model, the last written first."""
    folders = sorted((load / FOLDER).glob("[!.]*"), key=lambda path: path.suffix)
    found = {path.stem: path for path in folders}  # of one model the last
    return {model: _read(model, path) for model, path in sorted(found.items(), key=lambda item: item[1].suffix)[::-1]}


def with_states(
    vectors: Mapping[str, Vectors], places: Sequence[Any], sources: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Documents at these places of the catalogue with what the last written model made of them, where it did."""
    last = next(iter(vectors.values()), None)
    if last is None:
        return [dict(source) for source in sources]
    rows = np.minimum(np.searchsorted(last.places, np.asarray(places, np.int64)), len(last.places) - 1)
    return [
        {**source, NAME: last.document(row)} if last.places[row] == place else dict(source)
        for row, place, source in zip(rows.tolist(), places, sources, strict=True)
    ]


def _read(model: str, folder: Path) -> Vectors:
    names = ("matrix", "inverse_norms", "keys", "places", "id_ends")
    # Views of the maps: a memmap takes longer over a slice than its numbers do.
    arrays = {name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in names}
    id_bytes = np.asarray(np.memmap(folder / "ids.bin", np.uint8, "r"))
    return Vectors(model, **arrays, id_bytes=id_bytes, graph=read_graph(folder, arrays["matrix"]))


def _norms(matrix: np.ndarray) -> np.ndarray:
    """float64 (n,)."""
    blocks = (matrix[at : at + _BLOCK_ROWS].astype(np.float64) for at in range(0, len(matrix), _BLOCK_ROWS))
    return np.concatenate([np.linalg.norm(block, axis=1) for block in blocks])


def _save_rows(path: Path, matrix: np.ndarray, order: np.ndarray) -> None:
    """The rows in this order, written block by block: a million of them need not be in memory twice."""
    header = {"descr": np.lib.format.dtype_to_descr(matrix.dtype), "fortran_order": False, "shape": matrix.shape}
    with path.open("wb") as file:  # not through a map, which on a full disk ends the process
        np.lib.format.write_array_header_1_0(file, header)
        for at in range(0, len(matrix), _BLOCK_ROWS):
            file.write(matrix[order[at : at + _BLOCK_ROWS]].tobytes())

"""A bi-encoder: one tied tower for queries and products; a state is the product's vector, a score a dot product."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from endcap.errors import InputError, ModelError
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.model.query_vectors import QueryVectors
from endcap.plugin.model.session import Session
from endcap.plugin.model.vector_states import cosines, pack, state_vectors, unit_vector

MAX_QUERY_VECTORS = 1_000
"""How many are cached: most searches of a shop are of few queries."""


class BiEncoder:
    """Vectors of unit length; the score is their cosine."""

    def __init__(self, info: ModelInfo, threads: int | None) -> None:
        self._info = info
        self._dtype, [self._size] = info.state_dtype, info.state_shape
        self._session = Session(info, threads)
        if self._session.width is not None and self._session.width < self._size:
            raise ModelError(
                f"{info.folder / 'model.json'} says that a state has {self._size} numbers; the graph's vectors have "
                f"{self._session.width}. Export the model again."
            )
        self._query_vectors = QueryVectors(MAX_QUERY_VECTORS)

    def encode(self, texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
        """States of product texts, short ones first.

        Each text is run alone, so nothing is spent on padding. Dynamic int8 takes its scales over a whole batch, and a
        state must not depend on what it happened to be read beside.
        """
        limit = self._info.text.max_product_tokens
        # By characters and not by tokens: splitting a whole window into tokens first could outlast a deadline.
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        encoded = self._session.map(lambda i: self._vector(self._ids(texts[i], limit)), order)
        for position, vector in zip(order, encoded, strict=True):
            yield [(position, pack(vector, self._dtype))]

    def tokens(self, text: str) -> int:
        """How many tokens a text has, also those that are not read."""
        return len(self._session.encode(text).ids)

    def score(self, query: str, states: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Positions and cosines of all states, in one go."""
        size = self._info.state_bytes
        if {*map(len, states)} - {size}:
            position, length = next((place, n) for place, n in enumerate(map(len, states)) if n != size)
            raise InputError(f"State {position} has {length} bytes; {self._info.name} makes states of {size}.")
        yield np.arange(len(states)), cosines(states, self.query_vector(query), self._dtype)

    def vectors(self, states: Sequence[bytes | None]) -> np.ndarray:
        """The products' vectors, float32 (n, d); zeros where there is no state."""
        return state_vectors(states, self._size, self._dtype)

    def prepare(self, query: str) -> None:
        """Begin to encode a query in the background, so that ``score`` finds it done or under way."""
        if query not in self._query_vectors:
            self._session.begin(lambda: self.query_vector(query))

    def query_vector(self, query: str) -> np.ndarray:
        """A query's vector, float32 (d,), of unit length."""
        return self._query_vectors.get(query, lambda: self._vector(self._ids(query, self._info.text.max_query_tokens)))

    def _ids(self, text: str, limit: int) -> list[int]:
        ids: list[int] = self._session.encode(text).ids
        return ids if len(ids) <= limit else [*ids[: limit - 1], ids[-1]]  # the last is the closing special token

    def _vector(self, ids: list[int]) -> np.ndarray:
        """One text's vector: float32 (d,), of unit length, where d is the state's.

        The graph's output is (1, tokens, d or more): a smaller state keeps the first numbers of queries and products.
        """
        row = np.array([ids], dtype=np.int64)
        hidden = self._session.run(row, np.ones_like(row))[0]
        pooled: np.ndarray = hidden[0] if self._info.pooling == "cls" else hidden.mean(axis=0)
        return unit_vector(pooled[: self._size])

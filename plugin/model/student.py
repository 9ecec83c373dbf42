"""The student: reads products in advance and scores them for a query. Nothing outside this file asks its shape."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from endcap.errors import InputError
from endcap.index.product import FIELDS, Product
from endcap.plugin.model.bi_encoder import BiEncoder
from endcap.plugin.model.cross_encoder import CrossEncoder
from endcap.plugin.model.folder import ModelInfo, read_model
from endcap.plugin.model.text import product_text, query_text

ProductLike = Product | Mapping[str, Any] | str
"""A product as itself, as a mapping with the names of its fields, or as a text (its title)."""


class Student:
    """A model folder, ready to score. Safe to share between threads.

    A *state* is what was read of a product in advance, as ``bytes``: to be kept and given back, not looked into.
    """

    def __init__(self, info: ModelInfo, *, threads: int | None = None) -> None:
        self.info = info
        self._model = BiEncoder(info, threads) if info.shape == "bi-encoder" else CrossEncoder(info, threads)

    @classmethod
    def load(cls, folder: str | Path | None = None, *, threads: int | None = None) -> Student:
        """The student of a model folder; without one, the student that comes with the package.

        ``threads`` bounds the threads that encode products; by default, what the machine or its container allows.
        Raises ``ModelError`` where the folder is missing, broken, or of an unknown schema.
        """
        return cls(read_model(folder), threads=threads)

    def text(self, product: ProductLike) -> str:
        """The product's canonical text: what the model reads of it."""
        return product_text(product, self.info.text)

    def key(self, text: str) -> bytes:
        """The 32 bytes under which a text's state is kept: a hash of the model's checksum and the text."""
        return hashlib.sha256(self.info.checksum.encode() + b"\0" + text.encode("utf-8", "surrogatepass")).digest()

    def is_cut(self, text: str) -> bool:
        """Whether a canonical text is longer than the model reads."""
        return self._model.tokens(text) > self.info.text.max_product_tokens

    def tokens(self, text: str) -> int:
        """How many tokens the model reads of a canonical text."""
        return min(self._model.tokens(text), self.info.text.max_product_tokens)

    def query_tokens(self, query: str) -> int:
        """How many tokens it reads of a query."""
        recipe = self.info.text
        return min(self._model.tokens(query_text(query, recipe)), recipe.max_query_tokens)

    def encode(self, products: Sequence[ProductLike]) -> list[bytes]:
        """The states of products, in their order."""
        states = [b""] * len(products)
        for batch in self.encode_batches(products):
            for position, state in batch:
                states[position] = state
        return states

    def encode_batches(self, products: Sequence[ProductLike]) -> Iterator[list[tuple[int, bytes]]]:
        """The same states as (position, state) pairs, in micro-batches, short products first.

        Between two of them the caller can look at its deadline and stop.
        """
        yield from self.encode_texts([self.text(product) for product in products])

    def encode_texts(self, texts: Sequence[str]) -> Iterator[list[tuple[int, bytes]]]:
        """As ``encode_batches``, of texts as ``text`` builds them: what a worker elsewhere is sent of a product."""
        yield from self._model.encode(texts)

    def score(self, query: str, items: Iterable[ProductLike | bytes]) -> np.ndarray:
        """The relevance of products to a query, float32 (n,): the higher, the better.

        An item is a state, or a product that is encoded on the spot, in any mix. Raises ``InputError`` for anything
        else, also for a mapping that has fields but none that a product has: all such would score alike.
        """
        items = _as_sequence(items)
        scores = np.zeros(len(items), dtype=np.float32)
        for positions, batch in self.score_batches(query, items):
            scores[positions] = batch
        return scores

    def vectors(self, states: Sequence[bytes | None]) -> np.ndarray | None:
        """The vectors that states hold, float32 (n, d), zeros where there is none; None for a cross-encoder."""
        return self._model.vectors(states)

    def query_vector(self, query: str) -> np.ndarray | None:
        """A query's vector, float32 (d,), of unit length, beside those of ``vectors``; None for a cross-encoder."""
        return self._model.query_vector(query_text(query, self.info.text))

    def prepare(self, query: str) -> None:
        """Say that a query will be scored soon: what can be computed without products begins in the background.

        A search engine takes a few milliseconds to find candidates, about as long as a query takes to encode.
        """
        self._model.prepare(query_text(query, self.info.text))

    def score_batches(
        self, query: str, items: Sequence[ProductLike | bytes]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """The same scores in micro-batches of (positions int64 (k,), scores float32 (k,)).

        A bi-encoder has one, a cross-encoder many; between two of them the caller can look at its deadline.
        """
        if not isinstance(query, str):
            raise InputError(f"A query must be a text; got {type(query).__name__} {query!r}.")
        items = _as_sequence(items)
        if len(items) == 0:
            return
        # 1. Encode what is not a state yet.
        states = [item for item in items if isinstance(item, bytes)]
        if len(states) < len(items):
            states = [item if isinstance(item, bytes) else b"" for item in items]
            products = {i: _checked_item(item, i) for i, item in enumerate(items) if not isinstance(item, bytes)}
            for position, state in zip(products, self.encode(list(products.values())), strict=True):
                states[position] = state
        # 2. Score the states, on the model folder's scale.
        scale, offset = self.info.score_scale, self.info.score_offset
        for positions, scores in self._model.score(query_text(query, self.info.text), states):
            yield positions, np.float32(scale) * scores + np.float32(offset)


def _as_sequence(items: Iterable[ProductLike | bytes]) -> Sequence[ProductLike | bytes]:
    if isinstance(items, (str, bytes, Mapping, Product)) or not isinstance(items, Iterable):
        raise InputError(f"Products must be a list; got one {type(items).__name__}. Put it in a list.")
    return items if isinstance(items, Sequence) else list(items)


def _checked_item(item: ProductLike | bytes, position: int) -> ProductLike:
    if isinstance(item, (Product, str)):
        return item
    if not isinstance(item, Mapping):
        raise InputError(
            f"Product {position} is a {type(item).__name__}; give a Product, a mapping, a text, or a state."
        )
    if item and not any(name in item for name in FIELDS):
        names = ", ".join(map(str, list(item)[:5]))
        raise InputError(
            f"Product {position} has none of the fields {', '.join(FIELDS)}; it has {names}. "
            "Rename its fields, or read it with FieldMap.from_json({'title': 'name'}).product(it)."
        )
    return item

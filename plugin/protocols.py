"""What the rooms of the plugin ask of each other, as a type checker sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from endcap.index.product import Product


class ScorerInfo(Protocol):
    """What the middleware reads of a student's model; of a ``ModelInfo`` also ``learnt``, ``languages`` and ``raw``."""

    @property
    def name(self) -> str:
        """The model's name."""

    @property
    def checksum(self) -> str:
        """A text that differs where states differ."""

    @property
    def fields(self) -> Sequence[str]:
        """The fields of a product that its text reads."""

    @property
    def window(self) -> int:
        """How many candidates are re-ranked, by default."""

    @property
    def blend_weight(self) -> float:
        """The plain blend's weight, by default."""


class Scorer(Protocol):
    """What the middleware asks of a student (``endcap.plugin.Student`` is one)."""

    @property
    def info(self) -> ScorerInfo:
        """What is known of its model."""

    def text(self, product: Product) -> str:
        """The product's canonical text."""

    def key(self, text: str) -> bytes:
        """The key of the text's state."""

    def encode_batches(self, products: Sequence[Product]) -> Iterator[list[tuple[int, bytes]]]:
        """States in micro-batches of (position, state)."""

    def prepare(self, query: str) -> None:
        """Begin what can be done for a query before its products are there."""

    def query_vector(self, query: str) -> npt.NDArray[np.float32] | None:
        """The vector to which a product's is near that fits the query, float32 (d,); None for a student without."""

    def score_batches(
        self, query: str, items: Sequence[bytes]
    ) -> Iterator[tuple[npt.NDArray[np.integer], npt.NDArray[np.floating]]]:
        """Scores of states in micro-batches of (positions (k,), scores (k,))."""

    def vectors(self, states: Sequence[bytes | None]) -> npt.NDArray[np.float32] | None:
        """The vectors that states hold, float32 (n, d), zeros where there is none; None for a student without."""


@runtime_checkable
class ScorerSource(Protocol):
    """Gives the student of now, another one after a promotion (``LiveStudent`` is one)."""

    def pinned(self) -> Scorer:
        """The student in use, which itself never changes."""


class States(Protocol):
    """What the middleware asks of a state store (``endcap.plugin.states.store.StateStore`` is one)."""

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The states that are there, in the order of the keys."""

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> object:
        """Keep (key, state) pairs."""

"""What the rooms of the plugin ask of each other, as a type checker sees it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol


class Scorer(Protocol):
    """What the middleware asks of a student (``endcap.plugin.Student`` is one)."""

    @property
    def info(self) -> Any:
        """With ``name``, ``checksum``, ``fields``, ``window`` and ``blend_weight``."""
        ...

    def text(self, product: Any) -> str:
        """The product's canonical text."""
        ...

    def key(self, text: str) -> bytes:
        """The key of the text's state."""
        ...

    def encode_batches(self, products: Sequence[Any]) -> Iterator[list[tuple[int, bytes]]]:
        """States in micro-batches of (position, state)."""
        ...

    def prepare(self, query: str) -> None:
        """Begin what can be done for a query before its products are there."""
        ...

    def score_batches(self, query: str, items: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Scores in micro-batches of (positions, scores)."""
        ...

    def vectors(self, states: Sequence[bytes | None]) -> Any:
        """The vectors that states hold, if they hold such."""
        ...


class States(Protocol):
    """What the middleware asks of a state store (``endcap.plugin.states.store.StateStore`` is one)."""

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The states that are there, in the order of the keys."""
        ...

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> object:
        """Keep (key, state) pairs."""
        ...

"""The object ``endcap`` of a document: what a model made of the product, beside the product's own fields.

    {"endcap": {"model": "bbee295c88157b28", "key": "9f…", "state": "0Zg5PP…", "vector": [12, -127, …]}}

``model`` names the model, ``key`` what it was made from, ``state`` comes with a hit. ``vector`` can be searched by; an
index without k-NN has none.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.index.product import Product

NAME = "endcap"
VECTOR_FIELD = "endcap.vector"
"""What a ``knn`` clause searches."""
MODEL_FIELD = "endcap.model"
KEY_FIELD = "endcap.key"
KEPT = ("vectors", "states")
"""What documents may keep: vectors to search by, beside the states that come with hits, or these alone."""


@dataclass(frozen=True, slots=True)
class StateField:
    """What is kept in each document, one of ``KEPT``; a vector has ``size`` numbers, whole ones of a byte or floats."""

    kept: str
    size: int = 0
    whole_numbers: bool = True


@dataclass(frozen=True, slots=True)
class StateSource:
    """Gives products' values of ``endcap``, None for a product that has nothing to read."""

    field: StateField
    of: Callable[[Sequence[Product]], Sequence[Mapping[str, Any] | None]]

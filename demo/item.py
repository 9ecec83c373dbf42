"""An item of the demo shop: a product with the facts that it was made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from endcap.index.product import Product


@dataclass(frozen=True, slots=True)
class Item:
    """A product with its facts by name; judgments follow from these, never from its words."""

    product: Product
    type: str
    facts: Mapping[str, str]

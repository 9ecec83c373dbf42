"""The pictograms of the demo shop and their colours, from ``pictures.toml``, which says how they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from endcap.demo.data_file import read_data
from endcap.index.product import Product


@dataclass(frozen=True, slots=True)
class Drawings:
    """``colours`` are ``#rrggbb`` by the word for them, ``icons`` shapes by name.

    ``parts`` are shapes of accessories by words of their titles, by the icon of what they fit and the last part of
    their category.
    """

    colours: Mapping[str, str]
    icons: Mapping[str, str]
    parts: Mapping[tuple[str, str], Mapping[str, str]]


@cache
def drawings() -> Drawings:
    """All that the pictures are drawn from."""
    tables = read_data("pictures.toml")
    icons = tables["icons"]
    parts = {
        (part["icon"], part["category"]): {words: icons.get(shapes, shapes) for words, shapes in part["shapes"].items()}
        for part in tables["part"]
    }
    return Drawings(tables["colours"], icons, parts)


def part_icon(icon: str, product: Product) -> str | None:
    """The shapes for an accessory that would else be drawn as what it fits; None for all other products."""
    title = product.title.lower()
    parts = drawings().parts.get((icon, product.category.split(" > ")[-1]), {})
    return next((shapes for words, shapes in parts.items() if words in title), None)

"""A drawn picture for each product of the demo shop: its type's pictogram in its own colour, as an SVG."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from endcap.demo.data_file import read_data
from endcap.index.product import Product

_PALETTE = ("#4a78b8", "#c0694a", "#5a9a5f", "#99416b", "#c9923a", "#3b8f92", "#7a62a8", "#c8453f", "#6b7f94")
LIGHT = 480
"""Red, green and blue together, from which on a colour needs a darker ground than white."""
_FIXED = {"w": "#ffffff", "k": "#33363d", "g": "#aeb4bc", "b": "#b98a5a", "y": "#e0b552", "leaf": "#5f9156"}
_PICTURE = re.compile(r"pictures/([a-z0-9]+)-[A-Z0-9]+\.svg")


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
    """All that the pictures are drawn from, ``pictures.toml``, which says how it is written."""
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


def picture_svg(product: Product) -> str:
    """The picture as an SVG document, square, under 2 KB, made of plain shapes; any product gets one."""
    match = _PICTURE.fullmatch(product.image)
    name = match[1] if match else ""
    icons = drawings().icons
    icon = part_icon(name, product) or icons.get(name, icons["box"])
    colour = colour_of(product)
    light = sum(int(colour[at : at + 2], 16) for at in (1, 3, 5)) > LIGHT
    back = "#dde3ea" if light else _mixed(colour, "#ffffff", 84)
    paint = _FIXED | {"m": colour, "d": _mixed(colour, "#000000", 28), "t": _mixed(colour, "#ffffff", 45), "bg": back}
    shapes = "".join(_shape(shape.split(), paint) for shape in icon.split(";"))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 120" width="240" height="240">'
        f'<rect width="120" height="120" rx="10" fill="{back}"/><g transform="translate(10 10)">{shapes}</g></svg>'
    )


def colour_of(product: Product) -> str:
    """The colour that a product says it has, as ``#rrggbb``; without one, a colour of its brand."""
    for name in ("colour", "ink colour", "cover", "material"):
        value = product.attributes.get(name, "").lower()
        for word, code in drawings().colours.items():
            if re.search(rf"\b{word}\b", value):
                return code
    return _PALETTE[zlib.crc32(product.brand.encode()) % len(_PALETTE)]


def _shape(parts: list[str], paint: dict[str, str]) -> str:
    kind, *numbers, colour = parts
    fill = f'fill="{paint[colour]}"'
    if kind == "r":
        x, y, width, height, radius = numbers
        return f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" {fill}/>'
    if kind == "c":
        return f'<circle cx="{numbers[0]}" cy="{numbers[1]}" r="{numbers[2]}" {fill}/>'
    if kind == "e":
        x, y, rx, ry = numbers
        return f'<ellipse cx="{x}" cy="{y}" rx="{rx}" ry="{ry}" {fill}/>'
    if kind == "p":
        return f'<polygon points="{" ".join(numbers)}" {fill}/>'
    line = f'fill="none" stroke="{paint[colour]}" stroke-width="{numbers[0]}"'
    if kind == "a":
        return f'<circle cx="{numbers[1]}" cy="{numbers[2]}" r="{numbers[3]}" {line}/>'
    return f'<polyline points="{" ".join(numbers[1:])}" {line} stroke-linecap="round" stroke-linejoin="round"/>'


def _mixed(colour: str, other: str, percent: int) -> str:
    """``percent`` of the other colour in the first."""
    pairs = ((int(colour[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5))
    return "#" + "".join(f"{(one * (100 - percent) + two * percent) // 100:02x}" for one, two in pairs)

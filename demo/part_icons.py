# ruff: noqa: E501 - an icon is one line
"""What goes with a thing has a picture of its own: a rain cover isn't drawn as the pushchair that it is for."""

from __future__ import annotations

from collections.abc import Mapping

from endcap.demo.icons import ICONS
from endcap.index.product import Product

PARTS: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("pram", "Accessories"): {
        "rain cover": "p 18,78 24,34 56,14 82,40 82,78 t; l 4 18,78 24,34 56,14 82,40 82,78 18,78 m; l 3 36,66 42,38 w; l 3 48,66 54,34 w",
        "footmuff": "r 28 10 44 80 20 m; r 35 16 30 26 13 w; l 3 50,46 50,84 d; r 28 58 44 5 0 d",
        "cup holder": "p 38,14 62,14 58,50 42,50 g; r 35 10 30 7 3 k; p 30,42 70,42 65,82 35,82 m; r 27 38 46 9 4 d; l 6 27,58 12,58 k; a 5 12 58 8 k",
        "mosquito net": "p 30,16 70,16 84,84 16,84 t; l 2 40,16 34,84 m; l 2 50,16 50,84 m; l 2 60,16 66,84 m; l 2 27,32 73,32 m; l 2 23,48 77,48 m; l 2 20,66 80,66 m; l 4 30,16 70,16 84,84 16,84 30,16 d",
        "changing bag": ICONS["bag"],
    },
    ("blender", "Spare parts"): {
        "glass jug": "p 26,16 72,16 64,84 34,84 t; a 6 74 46 14 m; r 32 78 34 8 3 k; l 2 36,34 50,34 w; l 2 38,48 50,48 w",
        "blade unit": "r 34 60 32 20 5 k; r 46 40 8 22 2 g; p 50,46 14,30 22,44 m; p 50,46 86,30 78,44 m; p 50,40 30,60 26,50 d; p 50,40 70,60 74,50 d",
        "lid": "r 18 48 64 18 6 m; r 26 64 48 10 3 d; r 40 34 20 16 5 k",
        "dough hook": "r 42 8 16 18 3 k; l 8 50,26 50,42 66,52 62,70 46,78 34,68 g",
    },
    ("bbq", "Accessories"): {
        "grill cover": "p 14,86 22,34 50,16 78,34 86,86 m; l 2 36,30 32,80 d; l 2 64,30 68,80 d; l 3 15,80 85,80 d",
        "grill brush": ICONS["brush"],
        "grill tongs": "l 6 38,88 46,16 g; l 6 62,88 54,16 g; l 7 38,88 46,84 m; l 7 62,88 54,84 m; c 50 14 7 m",
        "lump charcoal": "p 28,22 72,22 80,88 20,88 m; r 28 12 44 10 3 d; c 40 66 10 k; c 60 68 11 k; c 50 50 10 k",
        "meat thermometer": "c 50 28 20 m; c 50 28 14 w; l 3 50,28 58,20 k; l 5 50,48 50,92 g",
    },
    ("tent", "Tent accessories"): {
        "pegs": "l 5 28,20 28,86 m; l 5 28,20 38,20 m; l 5 50,20 50,86 m; l 5 50,20 60,20 m; l 5 72,20 72,86 m; l 5 72,20 82,20 m",
        "footprint": ICONS["mat"],
        "groundsheet": ICONS["mat"],
        "spare pole": "l 6 12,84 38,60 m; l 6 42,56 60,40 m; l 6 64,36 88,14 m; l 3 38,60 42,56 g; l 3 60,40 64,36 g",
        "guy lines": "a 5 48 46 28 m; a 4 48 46 20 d; l 4 66,66 90,86 m; r 72 68 12 8 2 k",
    },
    ("chair", "Chair accessories"): {
        "chair mat": "p 10,78 28,34 90,34 78,78 t; l 3 10,78 28,34 90,34 78,78 10,78 m",
        "lumbar cushion": ICONS["cushion"],
        "back support": ICONS["cushion"],
        "armrest pads": "r 16 28 68 18 9 m; r 16 62 68 18 9 m; l 2 24,37 76,37 t; l 2 24,71 76,71 t",
    },
    ("saw", "Saw blades"): {
        "": "c 50 50 36 g; p 50,8 58,18 44,16 g; p 92,50 82,58 84,44 g; p 50,92 42,82 56,84 g; p 8,50 18,42 16,56 g; c 50 50 24 m; c 50 50 7 bg"
    },
    ("headphones", "Ear pads and tips"): {"": "a 13 28 50 18 m; a 13 72 50 18 d"},
    ("watch", "Watch straps"): {
        "": "r 40 6 20 42 5 m; r 40 54 20 40 5 m; r 36 42 28 10 3 g; c 50 66 2 k; c 50 75 2 k; c 50 84 2 k"
    },
    ("toothbrush", "Brush heads"): {
        "": "r 26 12 20 26 5 m; r 33 38 6 50 2 w; r 54 12 20 26 5 m; r 61 38 6 50 2 w; l 2 30,20 42,20 w; l 2 30,28 42,28 w; l 2 58,20 70,20 w; l 2 58,28 70,28 w"
    },
}
"""By the icon of a thing and the last part of its accessories' category: words of a title, and what is drawn."""


def part_icon(icon: str, product: Product) -> str | None:
    """The shapes for an accessory that would else be drawn as what it fits; None for all other products."""
    title = product.title.lower()
    parts = PARTS.get((icon, product.category.split(" > ")[-1]), {})
    return next((shapes for words, shapes in parts.items() if words in title), None)

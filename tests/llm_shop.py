"""A small shop on disk: a catalogue, and people's grades of some of its products."""

from __future__ import annotations

import csv
import json
from pathlib import Path

COLOURS = ["red", "blue", "green", "black"]
NOUNS = ["kettle", "lamp", "chair", "drill", "phone", "bottle"]


def write_shop(folder: Path) -> None:
    """``shop.jsonl`` with 48 products, ``judgments.csv`` with 24 queries and twelve graded products for each."""
    products = [
        {"id": f"{noun}-{colour}", "title": f"{colour} {noun}", "brand": "Acme", "category": f"Home > {noun}s",
         "description": f"A {noun} for every day."}
        for noun in NOUNS for colour in COLOURS
    ] + [
        {"id": f"{noun}-case-{colour}", "title": f"Case for your {noun}", "attributes": {"colour": colour}}
        for noun in NOUNS for colour in COLOURS
    ]  # fmt: skip
    lines = [json.dumps(product) for product in products]
    (folder / "shop.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    with (folder / "judgments.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["query", "docid", "rating"])
        for at, noun in enumerate(NOUNS):
            for colour in COLOURS:
                writer.writerow([f"{colour} {noun}", f"{noun}-{colour}", 3])
                others = [other for other in COLOURS if other != colour]
                writer.writerows([f"{colour} {noun}", f"{noun}-{other}", 2] for other in others)
                writer.writerows([f"{colour} {noun}", f"{noun}-case-{other}", 1] for other in COLOURS)
                far = NOUNS[(at + 2) % len(NOUNS)]
                writer.writerows([f"{colour} {noun}", f"{far}-{other}", 0] for other in COLOURS)

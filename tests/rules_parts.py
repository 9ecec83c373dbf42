"""A small shop for the tests of rules: an embedded catalogue with stock, brands and groups, and rules files for it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rerank_parts import WORDS

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product

BRANDS = ("Acme", "Zen", "Orbit", "Kite")


def shop_products(count: int, seed: int = 0) -> list[Product]:
    """Products whose titles say how the student scores them; every third has no stock, every seventh no brand."""
    rng = np.random.default_rng(seed)
    return [
        Product(
            f"p{n}",
            f"usb {rng.choice(WORDS)} {rng.choice(WORDS)} #{rng.integers(0, 1000) / 1000}",
            brand="" if n % 7 == 0 else str(rng.choice(BRANDS)),
            category=str(rng.choice(["Office > Cables", "Office > Lamps", "Home > Lamps"])),
            price=float(rng.integers(1, 100)),
            extra={"stock": 0 if n % 3 == 0 else int(rng.integers(1, 9)), "popularity": int(rng.integers(0, 500))},
        )
        for n in range(count)
    ]


def small_shop(count: int = 40, seed: int = 0) -> EmbeddedEngine:
    """The shop, in a catalogue of the test's home."""
    engine = EmbeddedEngine("shop")
    engine.load(shop_products(count, seed))
    return engine


def rules_file(folder: Path, rules: Any, **others: Any) -> Path:
    """A rules file in JSON."""
    path = folder / "rules.json"
    path.write_text(json.dumps({"rules": rules, **others}), encoding="utf-8")
    return path

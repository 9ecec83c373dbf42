"""The demo shop: some three thousand products, the same bytes every time.

Departments are written by hand, in ``departments/*.toml``; from them this module makes the products.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import orjson

from endcap.demo.department_files import departments
from endcap.demo.item import Item
from endcap.demo.stock import stock
from endcap.demo.wording import Draw
from endcap.index.product import Product


def products() -> Iterator[Product]:
    """All products of the shop."""
    return (item.product for item in items())


@cache
def items() -> tuple[Item, ...]:
    """All products with the facts behind them, shuffled, so that no order of theirs helps a search engine."""
    by_type: dict[str, list[Item]] = {}
    for prefix, types in departments().items():
        for number, product_type in enumerate(types, start=1):
            targets = [item for rule in product_type.fits for item in by_type[rule.type] if rule.met(item)]
            by_type[product_type.key] = stock(product_type, f"{prefix}{number}", targets)
    return tuple(Draw("endcap demo order").shuffled([item for stocked in by_type.values() for item in stocked]))


def jsonl() -> Iterator[bytes]:
    """The catalogue as lines of JSON, each with its line feed."""
    return (orjson.dumps(product.to_mapping(), option=orjson.OPT_APPEND_NEWLINE) for product in products())

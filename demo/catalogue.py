"""The demo shop: some three thousand products, the same bytes every time.

Departments are written by hand, in ``departments/*.toml``; from them this module makes the products. Their order is
that of ``departments.toml``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import orjson

from endcap.demo.data_file import read_data, read_entries
from endcap.demo.item import Item
from endcap.demo.product_type import ProductType, read_type
from endcap.demo.stock import stock
from endcap.demo.wording import Draw
from endcap.index.product import Product


@cache
def departments() -> Mapping[str, tuple[ProductType, ...]]:
    """The types of each department, by the prefix of its products' ids.

    Raises InputError with the file, the type, the field and the value that is wrong.
    """
    types: dict[str, ProductType] = {}
    by_prefix: dict[str, tuple[ProductType, ...]] = {}
    for prefix, names in read_data("departments.toml").items():
        first = len(types)
        for name in names:
            # an accessory may fit the types that were read before it
            for product_type in read_entries(f"departments/{name}.toml", "type", lambda table: read_type(table, types)):
                types[product_type.key] = product_type
        by_prefix[prefix] = tuple(types.values())[first:]
    return by_prefix


@cache
def product_types() -> Mapping[str, ProductType]:
    """All types by their keys, in the order of the departments."""
    return {product_type.key: product_type for types in departments().values() for product_type in types}


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


def json_lines(shop: Iterable[Product] | None = None) -> Iterator[bytes]:
    """The catalogue, or products like it, as lines of JSON, each with its line feed."""
    shop = products() if shop is None else shop
    return (orjson.dumps(product.to_mapping(), option=orjson.OPT_APPEND_NEWLINE) for product in shop)

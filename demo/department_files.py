"""The departments of the demo shop, from ``departments/*.toml``; ``departments.toml`` has their order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from endcap.demo.data_file import read_data, read_entries
from endcap.demo.product_type import ProductType, read_type


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

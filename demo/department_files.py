"""The departments of the demo shop, from ``departments/*.toml``; ``departments.toml`` has their order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from endcap.demo.data_file import read_data
from endcap.demo.product_type import ProductType, read_type
from endcap.errors import InputError


@cache
def departments() -> Mapping[str, tuple[ProductType, ...]]:
    """The types of each department, by the prefix of its products' ids.

    Raises InputError with the file, the type, the field and the value that is wrong.
    """
    types: dict[str, ProductType] = {}
    found: dict[str, tuple[ProductType, ...]] = {}
    for prefix, names in read_data("departments.toml").items():
        before = len(types)
        for file in (f"departments/{name}.toml" for name in names):
            for table in read_data(file)["type"]:
                try:
                    product_type = read_type(table, types)
                except InputError as error:
                    raise InputError(f"{file}, type {table.get('key')!r}: {error}") from error
                types[product_type.key] = product_type
        found[prefix] = tuple(types.values())[before:]
    return found


@cache
def product_types() -> Mapping[str, ProductType]:
    """All types by their keys, in the order of the departments."""
    return {product_type.key: product_type for types in departments().values() for product_type in types}

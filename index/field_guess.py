"""Guesses which field of an index's documents is a product's title, brand, price, ..."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from endcap.errors import InputError
from endcap.index.field_map import FieldMap

USUAL_NAMES = {
    "title": "title name product_name product_title item_name display_name label heading",
    "brand": "brand brand_name manufacturer manufacturer_name maker vendor product_brand supplier",
    "category": "category categories category_path category_name product_type product_class department",
    "description": "description product_description long_description short_description summary body text",
    "attributes": "attributes attrs specs specifications features properties product_attributes",
    "price": "price sale_price list_price product_price amount",
    "image": "image image_url img img_url img_500x500 thumbnail picture product_image",
}
"""For each field of a product, what it is called elsewhere, the likeliest first."""

_OPAQUE = frozenset({"flat_object", "flattened", "nested", "object"})


def mapped_fields(mapping: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, bool]]:
    """(path, whether anything may lie below it) of each field of a mapping that a document's source can have."""
    for name, about in (mapping.get("properties") or {}).items():
        path = f"{prefix}{name}"
        if about.get("type") == "alias":
            continue
        below = "properties" in about or about.get("type") in _OPAQUE
        yield path, below and (about.get("type") == "flat_object" or not about.get("properties"))
        yield from mapped_fields(about, f"{path}.")


def check_fields(fields: FieldMap, paths_below: Mapping[str, bool], index: str) -> None:
    """Raise ``InputError`` where the map names a path that no document of the index has; lists near names.

    ``paths_below`` is each path, and whether anything may lie below it.
    """
    for name, paths in fields.paths:
        for path in paths:
            parts = path.split(".")
            above = (".".join(parts[:i]) for i in range(1, len(parts)))
            if path in paths_below or any(paths_below.get(parent) for parent in above):
                continue
            near = difflib.get_close_matches(path, paths_below, n=5, cutoff=0.4)
            listed = ", ".join(sorted(paths_below)[:20]) or "no fields"
            names = f"Near: {', '.join(near)}." if near else f"It has {listed}."
            raise InputError(f"index {index!r} has no field {path!r} (for {name}). {names}")


def likely_map(known_paths: Iterable[str]) -> FieldMap:
    """The map that the usual names suggest; without ``title`` where nothing is called like one."""
    paths = sorted(known_paths, key=lambda path: (path.count("."), path))
    whole = {_letters(path): path for path in reversed(paths)}
    last = {_letters(path.rpartition(".")[2]): path for path in reversed(paths)}
    pairs = []
    for field, names in USUAL_NAMES.items():
        usual = [_letters(name) for name in names.split()]
        path = next((places[name] for places in (whole, last) for name in usual if name in places), None)
        if path is None:
            continue
        if field != "attributes" and f"{path}.name" in paths:  # the field is an object that has a name
            path = f"{path}.name"
        pairs.append((field, (path,)))
    return FieldMap(tuple(pairs))


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())

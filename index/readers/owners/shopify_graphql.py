"""Shopify's products as GraphQL gives them: as pages, or as a bulk operation's lines, where children follow."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, objects

_READ = (
    *("title", "description", "descriptionHtml", "bodyHtml", "vendor", "productType", "category", "productCategory"),
    *("tags", "variants", "images", "media", "featuredImage", "featuredMedia", "metafields", "priceRangeV2"),
    *("priceRange", "options"),
)


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The product's id, which a child names as its parent; a child takes its own children along."""
    parent, id = words(row.get("__parentId")), words(row.get("id"))
    return (parent, (id,) if id else ()) if parent else (id, ())


def family(records: Sequence[Record]) -> Family:
    """A product with its variants, images and metafields, whether they are in it or in lines of their own."""
    rows = [record.value for record in records]
    first = next((row for row in rows if "__parentId" not in row), rows[0])
    children = [row for row in rows if row is not first]
    sold = [*nodes(first.get("variants")), *(row for row in children if _is_variant(row))]
    pictures = [row for row in children if not _is_variant(row) and not {"key", "namespace"} & set(row)]
    fields = [*nodes(first.get("metafields")), *(row for row in children if "key" in row)]
    tags = words(first.get("tags"))
    category = first.get("category") or (first.get("productCategory") or {}).get("productTaxonomyNode")
    if isinstance(category, Mapping):
        category = category.get("fullName") or category.get("name")
    shared = {
        **{name: value for name, value in first.items() if name not in _READ},
        "title": words(first.get("title")),
        "description": first.get("descriptionHtml") or first.get("bodyHtml") or first.get("description"),
        "brand": first.get("vendor"),
        "category": category or first.get("productType"),
        "attributes": {
            **{words(field["key"]): words(field.get("value")) for field in fields if field.get("key")},
            **({"Tags": tags} if tags else {}),
        },
        "price": _amount(first.get("priceRangeV2") or first.get("priceRange")),
        "image": _images([first.get("featuredImage"), first.get("featuredMedia"), *nodes(first.get("images")),
                          *nodes(first.get("media")), *pictures]),
    }  # fmt: skip
    return Family(shared, [_variant(row) for row in sold])


def nodes(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a connection: in ``edges``, in ``nodes``, or a list of them."""
    if isinstance(value, Mapping):
        edges = value.get("edges")
        value = (
            [e.get("node") for e in edges if isinstance(e, Mapping)] if isinstance(edges, list) else value.get("nodes")
        )
    return objects(value)


def _is_variant(row: Mapping[str, Any]) -> bool:
    return "/ProductVariant/" in words(row.get("id")) or bool({"sku", "price", "selectedOptions"} & set(row))


def _variant(row: Mapping[str, Any]) -> Variant:
    pairs = {words(o.get("name")): words(o.get("value")) for o in nodes(row.get("selectedOptions"))}
    options = {name: value for name, value in pairs.items() if name and value not in ("", "Default Title")}
    number = {"gtin": words(row["barcode"])} if row.get("barcode") else {}
    images, id = tuple(_images([row.get("image")])), words(row.get("id") or row.get("sku"))
    return Variant(id, words(row.get("sku")), options, _amount(row.get("price")), images, numbers=number)


def _amount(price: Any) -> Any:
    if isinstance(price, Mapping):
        return _amount(price.get("amount") or price.get("minVariantPrice"))
    return price


def _images(values: Sequence[Any]) -> list[str]:
    found: list[str] = []
    for value in values:
        image = value if not isinstance(value, Mapping) else value.get("image") or value.get("preview") or value
        inner = image.get("image") if isinstance(image, Mapping) and isinstance(image.get("image"), Mapping) else image
        several = (inner.get("url"), inner.get("originalSrc"), inner.get("src")) if isinstance(inner, Mapping) else ()
        found += next((addresses(address) for address in several if address), [])
    return list(dict.fromkeys(found))


FORMATS = (
    OwnerFormat(
        "shopify-graphql",
        marks=("id title descriptionHtml", "id title productType", "id title vendor handle"),
        ids="gid://shopify/",
        never=("body_html", "product_type", "brand", "price", "image", "sku"),
        order=66,
        family=family,
        key=key,
    ),
)

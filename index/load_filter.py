"""Which products of a stream can be loaded at all, by the same rules for both engines."""

from collections.abc import Iterable, Iterator, Mapping

from endcap.index.product import Product

MAX_ID_BYTES = 512
"""OpenSearch's limit for an ``_id``."""


def loadable_products(products: Iterable[Product], failed: dict[str, str]) -> Iterator[Product]:
    """The products that have an id of their own; the others go to ``failed`` with the reason.

    Of several products with one id the first is kept.
    """
    ids: set[str] = set()
    for product in products:
        reason = _refusal(product.id, ids)
        if reason:
            failed[product.id] = reason
        else:
            ids.add(product.id)
            yield product


def _refusal(id: str, earlier: set[str]) -> str:
    if not id:
        return "the product has no id"
    if id in earlier:
        return "repeated id: only the first product that has it was loaded"
    try:
        size = len(id.encode())
    except UnicodeEncodeError:
        return "the id is not valid Unicode"
    return f"the id has {size} bytes, over {MAX_ID_BYTES}" if size > MAX_ID_BYTES else ""


def nothing_loaded_reason(failed: Mapping[str, str]) -> str:
    """Why a load that put nothing in changes nothing."""
    if not failed:
        return "the catalogue has no products. Nothing was changed."
    id, reason = next(iter(failed.items()))
    return f"none of the {len(failed)} products could be loaded; {id!r}: {reason}. Nothing was changed."

"""Numbers that a shop keeps of its products: popularity, stock, rating, margin and age, the same ones every time.

Popularity is simulated demand: shoppers search as in ``query_maker``, and each takes one of the products that are just
what they want, the more appealing ones oftener. So it says something of what people want, and nothing of the
hand-written searches, which are none of the made ones. All else is drawn by the product's id alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from endcap.demo.catalogue import items, products
from endcap.demo.judge import grade
from endcap.demo.query_maker import generate_queries
from endcap.demo.wording import Draw
from endcap.index.product import Product

SEARCHES, SEED = 600, 7
SHOPPERS = 300
"""Who search for the same."""


@cache
def signals() -> Mapping[str, Mapping[str, float]]:
    """The numbers of each product, by its id: ``popularity`` (products sold), ``stock`` (pieces; none of one in eight),
    ``rating`` (1 to 5), ``margin`` (share of the price) and ``age`` (days in the shop)."""
    sold = _sold()
    numbers = {}
    for product in products():
        draw = Draw(f"endcap demo signals {product.id}")
        numbers[product.id] = {
            "popularity": sold.get(product.id, 0) + draw.below(10),
            "stock": 0 if draw.once_in(8) else 1 + draw.below(60),
            "rating": (25 + draw.below(14) + draw.below(13)) / 10,
            "margin": (5 + draw.below(28) + draw.below(28)) / 100,
            "age": 1 + draw.below(900),
        }
    return numbers


def products_with_signals(shop: Iterable[Product] | None = None) -> Iterator[Product]:
    """Products, the shop's own where None, with their numbers in ``extra``."""
    listed = products() if shop is None else shop
    return (replace(product, extra={**product.extra, **signals()[product.id]}) for product in listed)


def _sold() -> Mapping[str, int]:
    """How many of each product the simulated shoppers have taken."""
    of_type = defaultdict[str, list[str]](list)
    by_id = {item.product.id: item for item in items()}
    for item in items():
        of_type[item.type].append(item.product.id)
    appeal = {id: 1 + Draw(f"endcap demo appeal {id}").below(100) ** 2 // 100 for id in by_id}
    sold = defaultdict[str, int](int)
    for query in generate_queries(SEARCHES, SEED):
        wanted = [id for name in query.types() for id in of_type[name] if grade(query, by_id[id]) == 3]
        total = sum(appeal[id] for id in wanted)
        for id in wanted:
            sold[id] += SHOPPERS * appeal[id] // total
    return sold

"""What of a shop's data is used, by hashes: always the same for a seed, whatever else is judged or sold."""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from itertools import zip_longest
from typing import TypeVar

from endcap.distill.leaks.normal_form import normal_form
from endcap.index.product import Product
from endcap.progress import Advance

Of = TypeVar("Of")


def drawn_number(purpose: str, query: str, seed: int) -> float:
    """A number in [0, 1) that looks random but is always the same for a query's normal form."""
    return _number(purpose, normal_form(query), seed)


def _number(purpose: str, text: str, seed: int) -> float:
    hashed = hashlib.sha256(f"{purpose}\0{seed}\0{text}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(hashed[:6]) / 2**48


def drawn_queries(queries: Mapping[str, Of], most: int, seed: int) -> dict[str, Of]:
    """At most ``most`` queries (0: all), in their order."""
    if not most or len(queries) <= most:
        return dict(queries)
    taken = set(heapq.nsmallest(most, queries, key=lambda query: drawn_number("used", query, seed)))
    return {query: value for query, value in queries.items() if query in taken}


def drawn_grades(query: str, grades: Mapping[str, float], most: int, seed: int) -> dict[str, float]:
    """At most ``most`` judged products of a query (0: all), from each grade by turns, the best grade first."""
    if not most or len(grades) <= most:
        return dict(grades)
    of_grade: dict[float, list[str]] = {}
    for product in sorted(grades, key=lambda product: _number(f"judged {query}", product, seed)):
        of_grade.setdefault(grades[product], []).append(product)
    turns = zip_longest(*(of_grade[grade] for grade in sorted(of_grade, reverse=True)))
    taken = [product for turn in turns for product in turn if product is not None][:most]
    return {product: grades[product] for product in taken}


def drawn_products(
    products: Iterable[Product], judged: Collection[str], most: int, seed: int, advance: Advance
) -> dict[str, Product]:
    """All judged products, and so many others that there are ``most`` (0: all). No more than these are held at once."""
    kept, others = dict[str, Product](), list[tuple[float, str, Product]]()
    room = max(0, most - len(judged)) if most else -1
    for n, product in enumerate(products, 1):
        if room < 0 or product.id in judged:
            kept[product.id] = product
        elif room:
            entry = (-_number("product", product.id, seed), product.id, product)
            push: Callable[[list[tuple[float, str, Product]], tuple[float, str, Product]], object]
            push = heapq.heappush if len(others) < room else heapq.heappushpop
            push(others, entry)
        advance(n)
    return kept | {id: product for _, id, product in sorted(others, key=lambda entry: (-entry[0], entry[1]))}

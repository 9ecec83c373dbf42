"""What the tests of a query's intent share: products, and their grades by a query."""

from __future__ import annotations

from endcap.distill.generate.product_facts import CatalogueWords, ProductFacts
from endcap.distill.generate.query_intent import QueryIntent
from endcap.index.product import Product


def product(id: str, title: str, category: str = "", brand: str = "", **attributes: str) -> Product:
    named = {name.replace("_", " "): value for name, value in attributes.items()}
    return Product(id=id, title=title, brand=brand, category=category, attributes=named)


def graded(query: str, *shop: Product) -> dict[str, int]:
    """Grades by a query that the first product of a shop answers."""
    catalogue = CatalogueWords.of(shop)
    intent = QueryIntent.of(query, ProductFacts.of(shop[0], catalogue), catalogue)
    assert intent is not None, query
    return {each.id: intent.grade(ProductFacts.of(each, catalogue)) for each in shop}

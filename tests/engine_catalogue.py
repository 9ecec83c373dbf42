"""A small catalogue for the tests of both engines, and what queries find in it."""

from __future__ import annotations

from typing import Any

from endcap.index.product import Product

LAMP = Product(
    "lamp-1",
    "Desk Lamp with USB-C",
    brand="Acme",
    category="Home > Lighting > Lamps",
    description="A lamp for the desk; 3.5mm arm.",
    attributes={"colour": "red", "Max. power": "8 W", "": "no name"},
    price=19.5,
    image="https://shop.example/lamp.png",
    extra={"stock": 3, "tags": ["new"], "deep": {"": {"a.b": None}}},
)
SHOES = Product("shoes", "Men's running shoes", brand="Bolt", category="Sport > Shoes", price=80.0)
CREAM = Product("creme", "Crème brûlée", brand="Patisserie Été", category="Food", attributes={"colour": "white"})
CABLE = Product("cable", "USB-C cable for Acme lamps", brand="Bolt", category="Electronics > Cables", price=5.0)
BARE = Product("bare", "x")
CATALOGUE = [LAMP, SHOES, CREAM, CABLE, BARE]

QUERIES: list[tuple[dict[str, Any], set[str]]] = [
    ({"match_all": {}}, {p.id for p in CATALOGUE}),
    ({"match": {"title": "usb lamp"}}, {"lamp-1", "cable"}),
    ({"match": {"title": {"query": "usb lamp desk", "operator": "and"}}}, {"lamp-1"}),
    ({"match": {"title": {"query": "usb cable zeppelin", "minimum_should_match": "2"}}}, {"cable"}),
    ({"match": {"title": {"query": "usb cable zeppelin", "minimum_should_match": "-1"}}}, {"cable"}),
    ({"match": {"title": {"query": "usb cable desk", "minimum_should_match": "2<-1"}}}, {"cable", "lamp-1"}),
    ({"multi_match": {"query": "bolt", "fields": ["title", "brand^3"]}}, {"shoes", "cable"}),
    (
        {"multi_match": {"query": "bolt usb", "fields": ["title", "brand"], "type": "cross_fields", "operator": "and"}},
        {"cable"},
    ),
    ({"multi_match": {"query": "bolt usb", "fields": ["title", "brand"], "operator": "and"}}, set()),
    (
        {"multi_match": {"query": "bolt desk", "fields": ["title", "brand"], "type": "most_fields"}},
        {"lamp-1", "shoes", "cable"},
    ),
    ({"ids": {"values": ["cable", "nobody"]}}, {"cable"}),
    ({"term": {"brand.keyword": "Bolt"}}, {"shoes", "cable"}),
    ({"term": {"brand.keyword": {"value": "bolt"}}}, set()),
    ({"term": {"category.keyword": "Sport > Shoes"}}, {"shoes"}),
    ({"term": {"attributes.colour": "red"}}, {"lamp-1"}),
    ({"term": {"attributes.Max. power": "8 W"}}, {"lamp-1"}),
    ({"term": {"price": 80}}, {"shoes"}),
    ({"terms": {"attributes.colour": ["red", "white"]}}, {"lamp-1", "creme"}),
    ({"terms": {"brand.keyword": []}}, set()),
    ({"range": {"price": {"gte": 5, "lt": 80}}}, {"lamp-1", "cable"}),
    ({"range": {"price": {"gt": 5}}}, {"lamp-1", "shoes"}),
    ({"range": {"price": {"gt": 90}}}, set()),
    ({"bool": {"must": {"match": {"title": "lamp"}}, "filter": {"range": {"price": {"lte": 10}}}}}, {"cable"}),
    ({"bool": {"filter": [{"term": {"brand.keyword": "Bolt"}}], "must_not": [{"match": {"title": "usb"}}]}}, {"shoes"}),
    ({"bool": {"must_not": {"term": {"brand.keyword": "Bolt"}}}}, {"lamp-1", "creme", "bare"}),
    ({"bool": {"should": [{"match": {"title": "desk"}}, {"match": {"title": "shoes"}}]}}, {"lamp-1", "shoes"}),
    (
        {"bool": {"should": [{"match": {"title": "desk"}}, {"match": {"title": "usb"}}], "minimum_should_match": 2}},
        {"lamp-1"},
    ),
    ({"bool": {"must": [{"match": {"title": "usb"}}], "should": [{"match": {"title": "desk"}}]}}, {"lamp-1", "cable"}),
    ({"bool": {}}, {p.id for p in CATALOGUE}),
    (
        {"dis_max": {"queries": [{"match": {"title": "desk"}}, {"match": {"brand": "bolt"}}]}},
        {"lamp-1", "shoes", "cable"},
    ),
    ({"constant_score": {"filter": {"match": {"title": "desk"}}}}, {"lamp-1"}),
]


def numbered(n: int, title: str = "lamp") -> list[Product]:
    """Products that a search can't tell apart but for their ids and prices."""
    return [Product(f"p{i}", title, brand="Acme", price=float(i)) for i in range(n)]

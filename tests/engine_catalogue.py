"""A small catalogue for the tests of both engines."""

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


def numbered(n: int, title: str = "lamp") -> list[Product]:
    """Products that a search can't tell apart but for their ids and prices."""
    return [Product(f"p{i}", title, brand="Acme", price=float(i)) for i in range(n)]

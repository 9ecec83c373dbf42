"""The demo's drawn pictures."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

from endcap.demo.catalogue import items, product_types, products
from endcap.demo.pictures import colour_of, drawings, part_icon, picture_svg
from endcap.index.product import Product

SHAPES = {"svg", "g", "rect", "circle", "ellipse", "polygon", "polyline"}


def test_every_product_has_a_small_and_harmless_picture() -> None:
    """Each picture is well-formed, under 2 KB, and made of shapes alone: no script, link, style or text."""
    for product in products():
        picture = picture_svg(product)
        assert len(picture.encode()) < 2000
        for element in ElementTree.fromstring(picture).iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in SHAPES
            assert not [name for name in element.attrib if name.lower().startswith("on") or "href" in name]


def test_every_icon_is_used_and_there() -> None:
    """Each product's pictogram exists, and none is drawn for nothing."""
    used = {product.image.removeprefix("pictures/").split("-")[0] for product in products()}
    assert used == set(drawings().icons)


def test_what_goes_with_a_thing_is_not_drawn_as_it() -> None:
    """A rain cover is no pushchair: where an accessory shares the icon of what it fits, its part is drawn instead."""
    types = product_types()
    drawn: set[str] = set()
    for item in items():
        kind = types[item.type]
        if not kind.fits or kind.icon != types[kind.fits[0].type].icon:
            continue
        if kind.key == "phone-bundle":  # the phone is in it
            continue
        shapes = part_icon(kind.icon, item.product)
        assert shapes is not None, item.product.title
        drawn.add(shapes)
    assert drawn == {shapes for parts in drawings().parts.values() for shapes in parts.values()}


def test_a_picture_has_the_products_colour() -> None:
    """What a product says of its colour is what is painted; without a word its brand decides."""
    red = Product(id="1", title="x", attributes={"colour": "red"}, image="pictures/kettle-KI1.svg")
    assert colour_of(red) in picture_svg(red)
    assert colour_of(red) != colour_of(Product(id="2", title="x", attributes={"colour": "navy"}))
    assert colour_of(Product(id="3", title="x", brand="A")) == colour_of(Product(id="4", title="y", brand="A"))


def test_a_foreign_product_gets_a_box() -> None:
    """A product of another catalogue, or with a name made to break out, still gets a safe picture."""
    for image in ("", "photo.jpg", 'pictures/"><script>-X1.svg', "pictures/nothing-X1.svg"):
        assert picture_svg(Product(id="1", title="x", brand="<b>", image=image)).count("<polygon") == 3

"""The grades that follow from a query, in small shops whose products have to be told apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from intent_parts import graded, product

from endcap.index.product import Product

MIRA_4, MIRA_9 = {"compatible_with": "Aurelo Mira 4, Aurelo Mira 5"}, {"compatible_with": "Aurelo Mira 9"}
PHONE = product("phone", "Aurelo Mira 4 phone", "Phones", "Aurelo")


@pytest.mark.parametrize(
    ("query", "shop", "expected"),
    [
        (  # a brand alone is what is looked for, whatever the shelf
            "larkspur",
            (
                product("socks", "Larkspur socks", "Socks", "Larkspur"),
                product("other", "Strideon socks", "Socks", "Strideon"),
                product("hat", "Larkspur hat", "Hats", "Larkspur"),
            ),
            [3, 0, 3],
        ),
        (  # also where it is misspelt
            "hair maask",
            (
                product("a", "Hair mask", "Care"),
                product("b", "Clay mask", "Care"),
                product("c", "Hair brush", "Care"),
            ),
            [3, 2, 1],
        ),
        (
            "lexmark",
            (product("a", "Lexmark toner", brand="Lexmark"), product("b", "Braun shaver", brand="Braun")),
            [3, 0],
        ),
        (  # a model's own number is no value that may differ, wherever it is told
            "hp toner q6001a",
            (
                product("a", "HP toner Q6001A", "Toner", "HP", oem_code="Q6001A"),
                product("b", "HP toner Q6002A", "Toner", "HP", oem_code="Q6002A"),
            ),
            [3, 1],
        ),
        (  # what a part is made for counts where it is told, in the title's head or in an attribute
            "case aurelo mira 4",
            (
                product("a", "Aurelo Mira 4 case", "Cases", "Aurelo", **MIRA_4),
                product("b", "Aurelo Mira 9 case, pack of 4", "Cases", "Aurelo", **MIRA_9),
                replace(
                    product("c", "Aurelo case", "Cases", "Aurelo", **MIRA_9), description="Not for the Aurelo Mira 4."
                ),
                product("neo", "Case", "Cases", "Shellwick", compatible_with="Aurelo Mira 4 Neo"),
                product("both", "Case", "Cases", "Shellwick", compatible_with="Aurelo Mira 3 and Aurelo Mira 4"),
                PHONE,
            ),
            [3, 0, 0, 0, 3, 0],
        ),
        (  # a colour that some brand is called by is no such thing
            "blue recovery collar",
            (
                product("a", "Komg recovery collar for dogs, blue", "Collars", "Komg", colour="blue"),
                product("b", "Midog recovery collar for dogs", "Collars", "Midog"),
                product("food", "Blue Buffalo food for dogs", "Food", "Blue"),
                *(product(f"blue{n}", f"Midog bowl {n}, blue", "Bowls", "Midog") for n in range(20)),
            ),
            [3, 2, *[0] * 21],
        ),
        (  # of two words, one that the product is called by is not denied
            "no frills pasta",
            (
                product("a", "Pasta without frills", "Pasta"),
                product("b", "Pasta with frills", "Pasta"),
                product("c", "Pasta", "Pasta"),
                product("d", "Frills", "Ribbons"),
            ),
            [3, 0, 0, 0],  # where the product says that it is without, one that says nothing may have it
        ),
        (
            "tent not orange",
            (product("a", "Tent", "Tents"), product("b", "Tent, orange", "Tents"), product("c", "Tent, blue", "Tents")),
            [3, 0, 3],
        ),
        (  # a web address's ending is no part of a brand's name, nor are small words
            "startech cable",
            (
                product("a", "StarTech.com cable", "Cables", "StarTech.com"),
                product("b", "Other cable", "Cables", "Other"),
            ),
            [3, 2],
        ),
        (
            "north face jacket",
            (
                product("a", "The North Face jacket", "Jackets", "The North Face"),
                product("b", "Wolden jacket", "Jackets", "Wolden"),
            ),
            [3, 2],
        ),
        (  # a word of buying that the product is called by
            "shop vacuum",
            (product("a", "Shop vacuum 20 l", "Vacuums"), product("b", "Handheld vacuum", "Vacuums")),
            [3, 2],
        ),
        (  # what an attribute calls the thing is no wish beside it
            "castorra frying pan",
            (
                product("a", "Castorra frying pan", "Pans", "Castorra", type="frying pan"),
                product("b", "Ironmoor frying pan", "Pans", "Ironmoor", type="frying pan"),
                product("c", "Castorra kettle", "Kettles", "Castorra", type="kettle"),
            ),
            [3, 2, 0],
        ),
        (  # a colour at the end of a title is not what the product is
            "red pan",
            (
                product("a", "Castorra pan red", "Cookware", colour="red"),
                product("b", "Castorra pan blue", "Cookware", colour="blue"),
                product("c", "Red pot", "Cookware", colour="red"),
            ),
            [3, 2, 1],
        ),
        (  # a model's number in the title is met by no other number elsewhere, nor by what is made for the model
            "iphone 12",
            (
                product("a", "Apple iPhone 12 64GB", "Phones", "Apple", camera="12 MP"),
                product("b", "Apple iPhone 12 128GB", "Phones", "Apple", camera="12 MP"),
                product("c", "Apple iPhone 13 64GB", "Phones", "Apple", camera="12 MP"),
                product("case", "Shellwick iPhone 12 case black", "Cases", "Shellwick"),
            ),
            [3, 3, 1, 1],
        ),
        (  # with the brand's name it is the same phone
            "case mira 4",
            (
                product("a", "Case", "Cases", compatible_with="Mira 4"),
                product("b", "Case", "Cases", compatible_with="Aurelo Mira 4"),
                product("c", "Case", "Cases", compatible_with="Mira 4 Neo"),
                PHONE,
            ),
            [3, 3, 0, 0],
        ),
        (
            "women's levis jeans",
            (
                product("a", "Levi's women's jeans", "Jeans", "Levi's"),
                product("b", "Jeans for women by Levi", "Jeans", "Levi's"),
                product("c", "Wrangler women's jeans", "Jeans", "Wrangler"),
            ),
            [3, 3, 2],
        ),
        (  # a brand before a dash is not the whole of what a product is
            "brake pad",
            (
                product("a", "Bosch - Brake pad, front", brand="Bosch"),
                product("b", "TRW Brake pad", brand="TRW"),
                product("c", "Cleaner for brake pads"),
            ),
            [3, 3, 1],
        ),
        (  # shops say no in several ways
            "waterproof jacket",
            (
                product("a", "Jacket", "Jackets", Waterproof="Yes"),
                *(product(said, "Jacket", "Jackets", Waterproof=said) for said in ("No", "false", "N", "no")),
            ),
            [3, 2, 2, 2, 2],
        ),
        (
            "smart tv",
            (
                product("a", "Samsung smart TV", "Electronics"),
                product("b", "LG TV", "Electronics"),
                product("c", "Smart plug", "Electronics"),
            ),
            [3, 2, 1],
        ),
        (  # a pack's size is an amount, however it is said
            "tea towels pack of 6",
            (
                product("a", "Tea towels, 6 pack", "Linen"),
                product("b", "Tea towels, set of 6", "Linen"),
                product("c", "Tea towels, 12 pack", "Linen"),
                product("d", "Tea cups, pack of 6", "Linen"),
            ),
            [3, 3, 2, 1],
        ),
        (  # for a brand, another maker's part for it is no such product
            "aurelo",
            (
                PHONE,
                product("a", "Shellwick case for Aurelo", "Cases", "Shellwick"),
                product("b", "Aurelo case", "Cases", "Aurelo"),
            ),
            [3, 1, 3],
        ),
        (  # sharing a word is not enough: a hair mask is a mask
            "hair mask",
            (
                product("a", "Hair mask for coloured hair", "Care"),
                product("b", "Velwyn mask for hair", "Care"),
                product("c", "Clay mask", "Care"),
                product("d", "Hair brush", "Care"),
            ),
            [3, 3, 2, 1],
        ),
    ],
)
def test_what_is_told_apart(query: str, shop: tuple[Product, ...], expected: list[int]) -> None:
    assert list(graded(query, *shop).values()) == expected

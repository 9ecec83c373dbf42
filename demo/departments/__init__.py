"""The departments of the demo shop, one or two files each: product types written by hand.

A type that is an accessory stands after the type that it fits.
"""

from endcap.demo.departments import (
    audio_tv,
    baby,
    beauty,
    clothing,
    coffee,
    computers,
    garden,
    groceries,
    home,
    kitchen,
    office,
    peripherals,
    pets,
    phones,
    photo,
    sports,
    table,
    tablets,
    textiles,
    tools,
)
from endcap.demo.shelf import ProductType

DEPARTMENTS: tuple[tuple[str, tuple[ProductType, ...]], ...] = (
    ("PH", (*phones.TYPES, *tablets.TYPES)),
    ("CO", (*computers.TYPES, *peripherals.TYPES)),
    ("AV", audio_tv.TYPES),
    ("FO", photo.TYPES),
    ("KI", (*kitchen.TYPES, *table.TYPES)),
    ("CT", coffee.TYPES),
    ("GR", groceries.TYPES),
    ("HO", (*home.TYPES, *textiles.TYPES)),
    ("TO", tools.TYPES),
    ("GA", garden.TYPES),
    ("SP", sports.TYPES),
    ("BA", baby.TYPES),
    ("BE", beauty.TYPES),
    ("PE", pets.TYPES),
    ("OF", office.TYPES),
    ("CL", clothing.TYPES),
)
"""The prefix of the product ids, and the product types, of each department."""

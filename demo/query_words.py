"""How searchers put a product's facts: where a value stands, other words for it, the same size in other units."""

from __future__ import annotations

import re
from collections.abc import Mapping

BEFORE, AFTER, WITH, FOR, IN, OF = "{v} {n}", "{n} {v}", "{n} with {v}", "{n} for {v}", "{n} in {v}", "{n} of {v}"

PLACES: Mapping[str, tuple[str, ...]] = {
    "colour": (BEFORE, BEFORE, AFTER, IN),
    "material": (BEFORE, BEFORE, AFTER, "{n} made of {v}"),
    "cover": (BEFORE, AFTER),
    "_cover": (BEFORE, AFTER),
    "use": (FOR, BEFORE, AFTER),
    "_use": (FOR, AFTER),
    "_shoe": (FOR,),
    "_cloth": (FOR, AFTER),
    "_floor": (FOR, AFTER),
    "_food": ("{n} to go with {v}", FOR),
    "_plants": (FOR, AFTER),
    "_animal": (FOR, BEFORE),
    "_skin": (FOR, AFTER),
    "skin": ("{n} for {v} skin", "{n} {v} skin"),
    "hair": ("{n} for {v} hair", "{n} {v} hair"),
    "feature": (WITH, AFTER, BEFORE),
    "extra": (WITH, AFTER),
    "_extra": (WITH, AFTER),
    "_jug": (WITH, AFTER),
    "_taste": (BEFORE, WITH, AFTER),
    "_fruit": (BEFORE, WITH, AFTER),
    "_handle": ("{n} with {v} handle", "{n} {v} handle"),
    "origin": ("{n} from {v}", BEFORE),
    "_origin": ("{n} from {v}", AFTER),
    "roast": ("{v} roast {n}", "{n} {v} roast"),
    "system": (FOR, AFTER),
    "layout": ("{v} layout {n}", "{n} {v} layout"),
    "camera": ("{n} {v} camera", "{n} with {v}"),
    "battery": ("{n} {v} battery", "{n} with {v}"),
    "memory": ("{n} {v} ram", "{n} with {v} memory"),
    "processor": ("{n} {v}", WITH),
    "_theme": ("{v} {n}", AFTER),
    "age": ("{n} for {v}s", "{v} {n}"),
}
"""Where the value ``{v}`` stands beside the name ``{n}``, by the name of the fact; others stand before or after."""

SKIPPED = frozenset("brand model cents _kind _noun _name _aside _number _note _year _who _base _top _dim _free".split())  # noqa: SIM905
"""Facts that nobody asks for, or that the name of the thing says already."""

YES_NO: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("waterproof", "yes"): ("waterproof {n}", "water resistant {n}", "{n} that can get wet", "{n} rain proof"),
    ("headphone jack", "yes"): ("{n} with headphone jack", "{n} 3.5 mm socket", "{n} with audio jack"),
    ("touch", "yes"): ("touchscreen {n}", "{n} with touch screen"),
    ("curved", "yes"): ("curved {n}", "{n} curved screen"),
    ("lit", "yes"): ("backlit {n}", "{n} with lights", "illuminated {n}"),
    ("pen included", "yes"): ("{n} with stylus", "{n} with pen", "{n} to draw on"),
    ("cable included", "yes"): ("{n} with cable", "{n} cable included"),
    ("colour print", "yes"): ("colour {n}", "{n} that prints colour"),
    ("induction", "yes"): ("induction {n}", "{n} for induction hob"),
    ("organic", "yes"): ("organic {n}", "bio {n}", "{n} organically grown"),
    ("vegan", "yes"): ("vegan {n}", "{n} without animal products", "plant based {n}"),
    ("dimmable", "yes"): ("dimmable {n}", "{n} with dimmer"),
    ("bulb included", "yes"): ("{n} with bulb", "{n} bulb included"),
}
"""Wishes that are met or not; the key is the fact and the value that meets them."""

WITHOUT: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("caffeine", "no"): ("decaf", "decaffeinated", "caffeine free", "no caffeine", "without caffeine"),
    ("sugar", "no"): ("sugar free", "sugarless", "no sugar", "unsweetened", "without sugar"),
    ("gluten", "no"): ("gluten free", "no gluten", "without gluten", "coeliac safe"),
    ("grain", "no"): ("grain free", "no cereals", "without grain"),
    ("lactose", "no"): ("lactose free", "no lactose", "without lactose"),
    ("alcohol", "no"): ("alcohol free", "non alcoholic", "0% alcohol", "without alcohol"),
    ("salt", "no"): ("unsalted", "salt free", "no salt", "without salt"),
    ("scent", "none"): ("unscented", "fragrance free", "no perfume", "without scent", "odourless"),
    ("silicone", "no"): ("silicone free", "no silicone", "without silicone"),
    ("sulphate", "no"): ("sulphate free", "sls free", "without sulphates"),
    ("fluoride", "no"): ("fluoride free", "no fluoride", "without fluoride"),
    ("peat", "no"): ("peat free", "no peat", "without peat"),
    ("phosphate", "no"): ("phosphate free", "no phosphates", "without phosphate"),
    ("solvent", "no"): ("solvent free", "no solvents", "water based", "without solvents"),
    ("coating", "none"): ("uncoated", "no coating", "without teflon"),
    ("bag", "no"): ("bagless", "no bag", "without bags"),
    ("number pad", "no"): ("compact", "tenkeyless", "without numpad", "no number pad"),
    ("system", "none"): ("without windows", "no operating system", "no os"),
    ("bpa", "no"): ("bpa free", "no bpa", "without bisphenol"),
}
"""What must not be in it; the words stand before or after the name."""

ALIKE: Mapping[str, Mapping[str, str]] = {
    "colour": {
        "blue": "blue|sky blue|navy|midnight blue|cobalt blue|night blue|dusty blue|ice blue|indigo|speckled blue",
        "dark blue": "navy|midnight blue|night blue|indigo",
        "light blue": "sky blue|ice blue|dusty blue",
        "green": "green|sage green|sage|forest green|forest|moss green|moss|bottle green|sea green|olive|mint",
        "dark green": "forest green|forest|bottle green|moss green|moss",
        "red": "red|coral|burgundy|clay red|rust|berry|terracotta",
        "pink": "pink|dusty pink|rose|rose gold|coral|neon coral",
        "beige": "beige|sand|cream|oatmeal|natural|stone|khaki|off-white",
        "grey": "grey|graphite|anthracite|charcoal|silver|pebble grey",
        "brown": "brown|tan|cognac|walnut|rust",
        "yellow": "yellow|mustard|ochre|neon yellow",
        "white": "white|off-white|cream",
        "purple": "lavender|violet|berry|burgundy",
        "dark": "black|graphite|navy|anthracite|charcoal|midnight blue",
    },
    "material": {
        "wooden": "oak|pine|walnut|bamboo|beech|teak|walnut veneer",
        "metal": "steel|aluminium|brass|zinc|cast iron|coated steel",
        "wool": "wool|lambswool|merino|cashmere",
        "cotton": "cotton|organic cotton|cotton fleece",
        "iron": "cast iron",
        "stainless": "steel|stainless steel",
        "plastic": "plastic|clear plastic|recycled plastic|melamine|polypropylene",
        "china": "porcelain",
        "recycled": "recycled plastic|recycled",
    },
    "_animal": {"cats": "cat", "dogs": "dog"},
    "who": {"men": "men", "man": "men", "women": "women", "ladies": "women", "kids": "kids", "children": "kids"},
    "use": {
        "gamers": "gaming",
        "students": "study",
        "the office": "office work",
        "jogging": "running",
        "school": "school",
    },
    "resolution": {"ultra hd": "4K", "1080p": "Full HD", "uhd": "4K"},
    "hand": {"left handed": "left", "lefty": "left"},
    "link": {
        "wireless": "wireless|Bluetooth",
        "cordless": "wireless|Bluetooth",
        "bt": "Bluetooth",
        "with cable": "wired",
    },
    "feature": {"anc": "noise cancelling", "pulse": "heart rate sensor", "noise cancellation": "noise cancelling"},
    "people": {"2 people": "two-person", "families": "four-person", "one": "one-person", "couples": "two-person"},
    "age": {"puppies": "puppy", "kittens": "kitten"},
}
"""Other words for values, each with all values that it covers, by the name of the fact."""

_NUMBER = r"(\d+(?:\.\d+)?)"
_STEPS: tuple[tuple[str, str, float], ...] = (
    ("l", "ml", 1000), ("kg", "g", 1000), ("m", "cm", 100), ("cm", "mm", 10), ("TB", "GB", 1000), ('"', "cm", 2.54),
)  # fmt: skip
_SPELT: Mapping[str, tuple[str, ...]] = {
    '"': ("inch", "in", "inches"),
    "l": ("litre", "liter", "l"),
    "ml": ("ml", "millilitres"),
    "kg": ("kg", "kilo", "kilos"),
    "g": ("g", "gram", "grams"),
    "m": ("m", "metre", "meters"),
    "cm": ("cm", "centimetres"),
    "W": ("w", "watt"),
    "V": ("v", "volt"),
    "GB": ("gb", "gigabyte"),
    "TB": ("tb", "terabyte"),
}


def units(value: str) -> tuple[str, ...]:
    """Other ways to write a quantity: ``0.8 l`` as ``800 ml``, ``0.8 litre``, ``0.8l``; none where it is none."""
    if sides := re.fullmatch(rf"{_NUMBER} x {_NUMBER}( cm)?", value):
        return (f"{sides[1]}x{sides[2]}", f"{sides[1]} by {sides[2]}", f"{sides[1]}x{sides[2]}cm")
    match = re.fullmatch(rf'{_NUMBER} ?(\w+|")', value)
    if not match or match[2] not in {unit for step in _STEPS for unit in step[:2]} | _SPELT.keys():
        return ()
    number, unit = match[1], match[2]
    found = [f"{number} {word}" for word in _SPELT.get(unit, (unit,))] + [f"{number}{_SPELT.get(unit, (unit,))[0]}"]
    for large, small, times in _STEPS:
        if unit == large:
            found.append(f"{float(number) * times:.{0 if times != 2.54 else 1}f} {small.lower()}")
        elif unit == small and large != '"' and float(number) >= times / 4:
            found.append(f"{float(number) / times:g} {large.lower()}")
    return tuple(dict.fromkeys(found))

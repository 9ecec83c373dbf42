"""From a product type, written by hand, to the products that stand on its shelf."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from endcap.demo.wording import Draw, Line, expand, headline, read_lines
from endcap.index.product import Product

MAX_TRIES = 40
MAX_OVERLAP_PERCENT = 74
FREE_OF = {
    name: ("none" if name == "scent" else "no", "fragrance" if name == "scent" else name)
    for name in ["scent", "caffeine", "sugar", "gluten", "grain", "silicone", "sulphate", "lactose", "peat", "fluoride", "alcohol", "salt", "phosphate", "solvent"]
} | {"bpa": ("no", "BPA")}
"""Facts that a shop states as what is not in it: the fact's value then, and the word."""
_MODEL_SIGN = re.compile(r"[#@]")
_LETTERS = "ABCDEFGHKLMNPRSTVX"


@dataclass(frozen=True, slots=True)
class ProductType:
    """What a kind of product is like.

    ``brands`` is ``"Brand: Model #, Model @## | Brand"`` (``#`` a digit, ``@`` a letter); ``price`` whole units
    ``"from-to"``, or ``"attribute: value from-to, value from-to"``; ``values`` maps an attribute to ``"fact|fact=spelling~spelling|..."`` (one whose name begins with ``_``
    is a fact that only the texts tell), a value may stand behind a condition on the attributes before it; ``dear`` names the attribute whose values go from cheap to dear; ``fits`` the
    types that this one is an accessory to; ``varies`` the attributes (dashes for spaces) that two products of the same
    model may differ in; ``stuffing`` is the list of catchwords that a careless seller adds.
    """

    key: str
    category: str
    count: int
    price: str
    brands: str
    titles: str
    text: str
    values: Mapping[str, str] = field(default_factory=dict)
    dear: str = ""
    fits: str = ""
    varies: str = "colour storage memory size pack layout _noun _set"
    icon: str = "box"
    stuffing: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """A product with the facts that it was made from; judgments follow from these, never from its words."""

    product: Product
    type: str
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Value:
    """A value that an attribute may have: when, the fact, and how it may be spelt."""

    when: Line
    fact: str
    forms: tuple[str, ...]


def stock(kind: ProductType, prefix: str, targets: Sequence[Item]) -> list[Item]:
    """The products of one type; their ids begin with ``prefix``; ``targets`` is what an accessory may be made for."""
    draw = Draw(f"endcap demo {kind.key}")
    brands = [_brand(entry) for entry in kind.brands.split("|")]
    values = {name: [_value(entry) for entry in text.split("|")] for name, text in kind.values.items()}
    varies = set(kind.varies.split())
    title_lines, text_lines = read_lines(kind.titles), read_lines(kind.text)
    shelf: list[Item] = []
    seen: list[frozenset[str]] = []
    tries = 0
    while len(shelf) < kind.count and tries < kind.count * MAX_TRIES:
        tries += 1
        brand, models = brands[(len(shelf) + draw.below(3)) % len(brands)]
        model = (
            _MODEL_SIGN.sub(
                lambda m: str(2 + draw.below(8)) if m.group() == "#" else draw.pick(_LETTERS), draw.pick(models)
            )
            if models
            else ""
        )
        # what makes a model is the same wherever that model turns up again
        same = Draw(f"endcap demo {kind.key} {brand} {model}") if model else draw
        facts, spellings = {"brand": brand, "model": model}, {"brand": [brand], "model": [model]}
        for name, options in values.items():
            source = draw if name.replace(" ", "-") in varies else same
            choice = source.pick([option for option in options if option.when.holds(facts)])
            facts[name], spellings[name] = choice.fact, list(choice.forms)
        if kind.fits:
            # a maker's own accessories fit the maker's own products
            target = draw.pick([t for t in targets if t.facts["brand"] == brand] or targets)
            others = [o for o in targets if o.facts["model"] != target.facts["model"]]
            facts |= {f"for {name}": target.facts[name] for name in ("brand", "model")} | {"for type": target.type}
            spellings |= {
                "for": [_name(target)],
                "for brand": [target.facts["brand"]],
                "for model": [target.facts["model"] or target.facts["brand"]],
                "other": [_name(draw.pick(others or targets))],
            }

        def slot(name: str, forms: Mapping[str, list[str]] = spellings) -> str:
            return draw.pick(forms.get(f"_{name}") or forms[name])

        title = expand(draw.pick([line for line in title_lines if line.holds(facts)]).template, slot, draw)
        words = title_words(title)
        if any(len(words & other) * 100 > MAX_OVERLAP_PERCENT * len(words | other) for other in seen):
            continue
        seen.append(words)
        spoken = [line for line in text_lines if line.holds(facts)]
        told = [line for line in spoken if line.always]
        free = draw.some([line for line in spoken if not line.always], 3 if draw.once_in(4) and not told else 2)
        description = " ".join(expand(line.template, slot, draw) for line in spoken if line in told or line in free)
        if kind.stuffing and draw.once_in(5):
            description += " " + expand(kind.stuffing, slot, draw)
        attributes = {
            name: fact
            for name, fact in facts.items()
            if name in values and not name.startswith("_") and name not in FREE_OF and fact not in ("", "no", "none")
        }
        if free := [named for name, (fact, named) in FREE_OF.items() if facts.get(name) == fact]:
            attributes["free from"] = ", ".join(free)
        if kind.fits and not draw.once_in(4):
            attributes["compatible with"] = spellings["for"][0]
        cents = _price(kind, facts, values, draw)
        identifier = f"{prefix}{len(shelf) + 1:02d}"
        product = Product(
            id=identifier,
            title=headline(title) if zlib.crc32(brand.encode()) % 6 == 0 else title,
            brand=brand,
            category=kind.category,
            description=description,
            attributes=attributes,
            price=cents / 100,
            image=f"pictures/{kind.icon}-{identifier}.svg",
        )
        shelf.append(Item(product, kind.key, facts | {"cents": str(cents)}))
    return shelf


def title_words(title: str) -> frozenset[str]:
    """The different words of a title in small letters, without its numbers."""
    return frozenset(re.findall(r"[^\W\d_]+", title.lower()))


def _brand(entry: str) -> tuple[str, list[str]]:
    name, _, models = entry.partition(":")
    return name.strip(), [model.strip() for model in models.split(",") if model.strip()]


def _value(entry: str) -> Value:
    (line,) = read_lines(entry)
    fact, equals, forms = line.template.partition("=")
    spellings = (forms if equals else fact).split("~")
    return Value(line, fact if equals else spellings[0], tuple(spellings))


def _name(item: Item) -> str:
    return f"{item.facts['brand']} {item.facts['model']}".strip()


def _price(kind: ProductType, facts: Mapping[str, str], values: Mapping[str, Sequence[Value]], draw: Draw) -> int:
    low, high = (int(edge) * 100 for edge in _range(kind.price, facts).split("-"))
    place = draw.below(1000)
    if kind.dear:
        steps = list(dict.fromkeys(value.fact for value in values[kind.dear]))
        place = (steps.index(facts[kind.dear]) * 1000 // max(1, len(steps) - 1) * 2 + place) // 3
    # squared, so that a shelf has more cheap products than dear ones
    cents = low + (high - low) * place * place // 1_000_000
    if cents < 2000:
        return cents // 10 * 10 + 9
    return cents // 100 * 100 + draw.pick((0, 90, 95, 99, 99))


def _range(price: str, facts: Mapping[str, str]) -> str:
    name, by_value, ranges = price.partition(": ")
    if not by_value:
        return price
    return dict(entry.rsplit(" ", 1) for entry in ranges.split(", "))[facts[name]]

"""From a product type to the products that the demo shop has of it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from endcap.demo.item import Item
from endcap.demo.product_type import ProductType
from endcap.demo.wording import Draw, Line, expand, headline
from endcap.index.product import Product

MAX_TRIES = 40
MAX_OVERLAP_PERCENT = 74
FREE_OF = {
    "scent": ("none", "fragrance"),
    "bpa": ("no", "BPA"),
    **{name: ("no", name) for name in ("caffeine", "sugar", "gluten", "grain", "lactose", "alcohol", "salt")},
    **{name: ("no", name) for name in ("silicone", "sulphate", "fluoride", "peat", "phosphate", "solvent")},
}
"""Facts that a shop states as what is not in it: the fact's value then, and the word."""
_MODEL_SIGN = re.compile(r"[#@]")
_LETTERS = "ABCDEFGHKLMNPRSTVX"


def stock(product_type: ProductType, prefix: str, targets: Sequence[Item]) -> list[Item]:
    """The products of one type; their ids begin with ``prefix``; ``targets`` is what an accessory may be made for."""
    draw = Draw(f"endcap demo {product_type.key}")
    items: list[Item] = []
    titles: list[frozenset[str]] = []
    for _ in range(product_type.count * MAX_TRIES):
        if len(items) == product_type.count:
            break
        # facts first: brand and model, values, and what an accessory fits
        brand = product_type.brands[(len(items) + draw.below(3)) % len(product_type.brands)]
        model = _numbered(draw.pick(brand.models), draw) if brand.models else ""
        facts = _drawn_facts(product_type, brand.name, model, draw)
        if targets:
            _add_target(facts, targets, draw)
        # a title unlike those of the others
        title = facts.expand(draw.pick([line for line in product_type.titles if line.holds(facts.values)]), draw)
        in_title = title_words(title)
        if any(len(in_title & other) * 100 > MAX_OVERLAP_PERCENT * len(in_title | other) for other in titles):
            continue
        titles.append(in_title)
        # all else that a product has
        description = _description(product_type, facts, draw)
        attributes = _attributes(product_type, facts)
        if targets and not draw.once_in(4):
            attributes["compatible with"] = facts.spelling("for", draw)
        cents = _cents(product_type, facts.values, draw)
        identifier = f"{prefix}{len(items) + 1:02d}"
        product = Product(
            id=identifier,
            title=headline(title) if zlib.crc32(brand.name.encode()) % 6 == 0 else title,
            brand=brand.name,
            category=product_type.category,
            description=description,
            attributes=attributes,
            price=cents / 100,
            image=f"pictures/{product_type.icon}-{identifier}.svg",
        )
        stated = facts.stated() | {"brand": brand.name, "model": model, "cents": str(cents)}
        items.append(Item(product, product_type.key, stated))
    return items


@dataclass(slots=True)
class _Facts:
    """The facts of a product in the making, their spellings, and the names of those that a text mentions."""

    values: dict[str, str]
    spellings: dict[str, Sequence[str]]
    mentions: set[str] = field(default_factory=set)

    def spelling(self, name: str, draw: Draw) -> str:
        """One spelling of a fact; a hidden one, ``_name``, goes before one that the attributes show."""
        name = f"_{name}" if f"_{name}" in self.spellings else name
        self.mentions.add(name)
        return draw.pick(self.spellings[name])

    def expand(self, line: Line, draw: Draw) -> str:
        """A line of a grammar in words."""
        self.mentions.add(line.fact)
        return expand(line.template, lambda name: self.spelling(name, draw), draw)

    def stated(self) -> dict[str, str]:
        """The facts that a reader of the product can know: what no text mentions is none."""
        fits = bool(self.mentions & {"for", "for brand", "for model"})
        return {
            name: value
            for name, value in self.values.items()
            if (fits if name.startswith("for ") else not name.startswith("_") or name in self.mentions)
        }


def _numbered(model: str, draw: Draw) -> str:
    return _MODEL_SIGN.sub(lambda m: str(2 + draw.below(8)) if m.group() == "#" else draw.pick(_LETTERS), model)


def _drawn_facts(product_type: ProductType, brand: str, model: str, draw: Draw) -> _Facts:
    # what makes a model is the same wherever that model turns up again
    of_model = Draw(f"endcap demo {product_type.key} {brand} {model}") if model else draw
    facts = _Facts({"brand": brand, "model": model}, {"brand": [brand], "model": [model]})
    for name, options in product_type.values.items():
        source = draw if name in product_type.varies else of_model
        choice = source.pick([option for option in options if option.condition.holds(facts.values)])
        facts.values[name], facts.spellings[name] = choice.fact, choice.spellings
    return facts


def _add_target(facts: _Facts, targets: Sequence[Item], draw: Draw) -> None:
    # a maker's own accessories fit the maker's own products
    target = draw.pick([t for t in targets if t.facts["brand"] == facts.values["brand"]] or targets)
    others = [other for other in targets if other.facts["model"] != target.facts["model"]]
    facts.values |= {f"for {name}": target.facts[name] for name in ("brand", "model")}
    facts.spellings |= {
        "for": [_name(target)],
        "for brand": [target.facts["brand"]],
        "for model": [target.facts["model"] or target.facts["brand"]],
        "other": [_name(draw.pick(others or targets))],
    }


def _description(product_type: ProductType, facts: _Facts, draw: Draw) -> str:
    lines = [line for line in product_type.text if line.holds(facts.values)]
    always = [line for line in lines if line.always]
    more = draw.some([line for line in lines if not line.always], 3 if draw.once_in(4) and not always else 2)
    sentences = [facts.expand(line, draw) for line in lines if line in always or line in more]
    if product_type.stuffing and draw.once_in(5):
        # catchwords mention nothing: a reader learns no fact from them
        sentences.append(expand(product_type.stuffing, lambda name: draw.pick(facts.spellings[name]), draw))
    return " ".join(sentences)


def _attributes(product_type: ProductType, facts: _Facts) -> dict[str, str]:
    shown = [name for name in product_type.values if not name.startswith("_") and name not in FREE_OF]
    attributes = {name: facts.values[name] for name in shown if facts.values[name] not in ("", "no", "none")}
    if free := [word for name, (fact, word) in FREE_OF.items() if facts.values.get(name) == fact]:
        attributes["free from"] = ", ".join(free)
    return attributes


def title_words(title: str) -> frozenset[str]:
    """The different words of a title in small letters, without its numbers."""
    return frozenset(re.findall(r"[^\W\d_]+", title.lower()))


def _name(item: Item) -> str:
    return f"{item.facts['brand']} {item.facts['model']}".strip()


def _cents(product_type: ProductType, facts: Mapping[str, str], draw: Draw) -> int:
    low, high = (100 * edge for edge in product_type.price.ranges[facts.get(product_type.price.fact, "")])
    place = draw.below(1000)
    if product_type.dear:
        steps = list(dict.fromkeys(value.fact for value in product_type.values[product_type.dear]))
        place = (steps.index(facts[product_type.dear]) * 1000 // max(1, len(steps) - 1) * 2 + place) // 3
    # squared, so that there are more cheap products than dear ones
    cents = low + (high - low) * place * place // 1_000_000
    if cents < 2000:
        return cents // 10 * 10 + 9
    return cents // 100 * 100 + draw.pick((0, 90, 95, 99, 99))

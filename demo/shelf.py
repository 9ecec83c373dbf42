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
    "scent": ("none", "fragrance"),
    "bpa": ("no", "BPA"),
    **{
        name: ("no", name)
        for name in (
            *("caffeine", "sugar", "gluten", "grain", "lactose", "alcohol", "salt"),
            *("silicone", "sulphate", "fluoride", "peat", "phosphate", "solvent"),
        )
    },
}
"""Facts that a shop states as what is not in it: the fact's value then, and the word."""
_MODEL_SIGN = re.compile(r"[#@]")
_LETTERS = "ABCDEFGHKLMNPRSTVX"


@dataclass(frozen=True, slots=True)
class ProductType:
    """What a kind of product is like.

    ``brands`` is ``"Brand: Model #, Model @## | Brand"`` (``#`` a digit, ``@`` a letter); ``price`` whole units
    ``"from-to"``, or ``"attribute: value from-to, value from-to"``. ``values`` maps an attribute to its values,
    ``"fact|fact=spelling~spelling|(condition) fact"``; one whose name begins with ``_`` is told by the texts alone.
    ``dear`` names the attribute whose values go from cheap to dear; ``fits`` is a rule (``rules``) for the products
    that this one is an accessory to; ``varies`` lists the attributes (dashes for spaces) that two products of the same
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
    values = {name: [read_value(entry) for entry in text.split("|")] for name, text in kind.values.items()}
    title_lines, text_lines = read_lines(kind.titles), read_lines(kind.text)
    shelf: list[Item] = []
    seen: list[frozenset[str]] = []
    for _ in range(kind.count * MAX_TRIES):
        if len(shelf) == kind.count:
            break
        brand, models = brands[(len(shelf) + draw.below(3)) % len(brands)]
        model = _numbered(draw.pick(models), draw) if models else ""
        words = _chosen(kind, brand, model, values, draw)
        if targets:
            _fit(words, targets, draw)
        title_line = draw.pick([line for line in title_lines if line.holds(words.facts)])
        title = words.say(title_line, draw)
        in_title = title_words(title)
        if any(len(in_title & other) * 100 > MAX_OVERLAP_PERCENT * len(in_title | other) for other in seen):
            continue
        seen.append(in_title)
        description = _description(kind, text_lines, words, draw)
        attributes = _attributes(words, values)
        if targets and not draw.once_in(4):
            attributes["compatible with"] = words.slot("for", draw)
        cents = _price(kind, words.facts, values, draw)
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
        shelf.append(Item(product, kind.key, words.known() | {"brand": brand, "model": model, "cents": str(cents)}))
    return shelf


@dataclass(slots=True)
class _Words:
    """The facts of a product in the making, how they may be spelt, and which of them a text has told."""

    facts: dict[str, str]
    spellings: dict[str, Sequence[str]]
    told: set[str] = field(default_factory=set)

    def slot(self, name: str, draw: Draw) -> str:
        """One spelling of a fact; a hidden one, ``_name``, goes before one that the attributes show."""
        name = f"_{name}" if f"_{name}" in self.spellings else name
        self.told.add(name)
        return draw.pick(self.spellings[name])

    def say(self, line: Line, draw: Draw) -> str:
        """A line of a grammar, said."""
        self.told.add(line.fact)
        return expand(line.template, lambda name: self.slot(name, draw), draw)

    def known(self) -> dict[str, str]:
        """The facts that a reader of the product can know: what no text tells is none."""
        fits = bool(self.told & {"for", "for brand", "for model"})
        return {
            name: fact
            for name, fact in self.facts.items()
            if (fits if name.startswith("for ") else not name.startswith("_") or name in self.told)
        }


def _numbered(model: str, draw: Draw) -> str:
    return _MODEL_SIGN.sub(lambda m: str(2 + draw.below(8)) if m.group() == "#" else draw.pick(_LETTERS), model)


def _chosen(kind: ProductType, brand: str, model: str, values: Mapping[str, Sequence[Value]], draw: Draw) -> _Words:
    varies = set(kind.varies.split())
    # what makes a model is the same wherever that model turns up again
    same = Draw(f"endcap demo {kind.key} {brand} {model}") if model else draw
    facts = {"brand": brand, "model": model}
    spellings: dict[str, Sequence[str]] = {"brand": [brand], "model": [model]}
    for name, options in values.items():
        source = draw if name.replace(" ", "-") in varies else same
        choice = source.pick([option for option in options if option.when.holds(facts)])
        facts[name], spellings[name] = choice.fact, choice.forms
    return _Words(facts, spellings)


def _fit(words: _Words, targets: Sequence[Item], draw: Draw) -> None:
    # a maker's own accessories fit the maker's own products
    target = draw.pick([t for t in targets if t.facts["brand"] == words.facts["brand"]] or targets)
    others = [other for other in targets if other.facts["model"] != target.facts["model"]]
    words.facts |= {f"for {name}": target.facts[name] for name in ("brand", "model")}
    words.spellings |= {
        "for": [_name(target)],
        "for brand": [target.facts["brand"]],
        "for model": [target.facts["model"] or target.facts["brand"]],
        "other": [_name(draw.pick(others or targets))],
    }


def _description(kind: ProductType, lines: Sequence[Line], words: _Words, draw: Draw) -> str:
    spoken = [line for line in lines if line.holds(words.facts)]
    always = [line for line in spoken if line.always]
    more = draw.some([line for line in spoken if not line.always], 3 if draw.once_in(4) and not always else 2)
    said = [words.say(line, draw) for line in spoken if line in always or line in more]
    if kind.stuffing and draw.once_in(5):
        said.append(expand(kind.stuffing, lambda name: draw.pick(words.spellings[name]), draw))
    return " ".join(said)


def _attributes(words: _Words, values: Mapping[str, Sequence[Value]]) -> dict[str, str]:
    shown = [name for name in values if not name.startswith("_") and name not in FREE_OF]
    attributes = {name: words.facts[name] for name in shown if words.facts[name] not in ("", "no", "none")}
    if free := [word for name, (fact, word) in FREE_OF.items() if words.facts.get(name) == fact]:
        attributes["free from"] = ", ".join(free)
    return attributes


def title_words(title: str) -> frozenset[str]:
    """The different words of a title in small letters, without its numbers."""
    return frozenset(re.findall(r"[^\W\d_]+", title.lower()))


def _brand(entry: str) -> tuple[str, list[str]]:
    name, _, models = entry.partition(":")
    return name.strip(), [model.strip() for model in models.split(",") if model.strip()]


def read_value(entry: str) -> Value:
    """A value from its entry in ``ProductType.values``."""
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

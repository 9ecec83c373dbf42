"""Thousands of searches whose meaning is known: made from a product's facts, put as people put them.

Each is a ``Query`` with its rules, so ``judge.grade`` grades any product for it. None is one of the hand-written
searches (``queries``), nor nearly one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from endcap.demo.catalogue import items
from endcap.demo.department_files import product_types
from endcap.demo.item import Item
from endcap.demo.judge import Query
from endcap.demo.queries import QUERIES
from endcap.demo.query_words import AFTER, ALIKE, BEFORE, PLACES, SKIPPED, WITHOUT, YES_NO, units
from endcap.demo.rules import Condition, Rule
from endcap.demo.things import Thing, things
from endcap.demo.wording import Draw

KINDS = Counter(
    {"plain": 3, "brand": 3, "attribute": 8, "unit": 3, "negation": 3, "model-number": 3, "accessory": 4, "generic": 1}
)
"""How often each kind is drawn; a sixth of all are misspelt, and are of kind ``misspelling`` then."""
NEAR = 0.6
"""From this similarity of letter trigrams on (Jaccard), a search is nearly one of the hand-written."""
_SMALL = frozenset("a and are by fit fits for free from in no not of on that the to with without".split())  # noqa: SIM905
_TRIES = 60
_TWICE = re.compile(r"\b(\w+) \1\b")


@dataclass(frozen=True, slots=True)
class Ask:
    """A search in the making: its words, and the conditions that they stand for."""

    text: str
    must: tuple[Condition, ...] = ()
    wish: tuple[Condition, ...] = ()


def made_queries(n: int, seed: int = 0) -> tuple[Query, ...]:
    """So many different searches, always the same ones for a seed; a longer list begins with the shorter one.

    Each has a product of grade 3. Raises ``ValueError`` where the shop does not give so many.
    """
    draw = Draw(f"endcap demo made queries {seed}")
    bag = list(KINDS.elements())
    seen = _Seen(query.text for query in QUERIES)
    made = list[Query]()
    tries = 0
    while len(made) < n:
        kind, before = draw.pick(bag), len(made)
        for _ in range(_TRIES):
            found = _made(kind, draw.pick(items()), draw)
            if found and seen.add(found.text):
                made.append(found)
                break
        tries = tries + 1 if len(made) == before else 0
        if tries == _TRIES:
            raise ValueError(f"{n} different searches can't be made; only {len(made)} were found. Ask for fewer.")
    return tuple(made)


def _made(kind: str, item: Item, draw: Draw) -> Query | None:
    fitting = [thing for thing in _by_type().get(item.type, ()) if thing.rule.met(item)]
    if not fitting:
        return None
    thing = draw.pick(fitting)
    query = _MAKERS[kind](thing, draw.pick(thing.names), item, draw)
    if query is None:
        return None
    text = _loosened(query.text, draw)
    if draw.once_in(6) and (wrong := misspelt(text, draw)) != text:
        return replace(query, text=wrong, kind="misspelling")
    return replace(query, text=text)


@cache
def _by_type() -> Mapping[str, Sequence[Thing]]:
    found = defaultdict[str, list[Thing]](list)
    for thing in things():
        found[thing.rule.type].append(thing)
    return found


def _plain(thing: Thing, name: str, item: Item, draw: Draw) -> Query:
    return _query("plain", thing, Ask(name))


def _generic(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    # what is spelt out in words: "machine that does the dishes"
    spelt = [each for each in thing.names if len(each.split()) > 2]
    return _query("generic", thing, Ask(draw.pick(spelt))) if spelt else None


def _brand(thing: Thing, name: str, item: Item, draw: Draw) -> Query:
    brand = item.facts["brand"]
    ask = Ask(draw.pick((f"{brand} {name}", f"{brand} {name}", f"{name} {brand}", f"{name} by {brand}")))
    ask = replace(ask, wish=(_is("brand", brand),))
    return _query("brand", thing, _asked(ask, thing, item, draw, 1) if draw.once_in(2) else ask)


def _attribute(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    ask = _asked(Ask(name), thing, item, draw, draw.pick((1, 1, 2, 2, 3)))
    return _query("attribute", thing, ask) if ask.wish else None


def _unit(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    sizes = [(fact, forms) for fact, value in item.facts.items() if fact not in SKIPPED and (forms := units(value))]
    if not sizes:
        return None
    fact, forms = draw.pick(sizes)
    template = draw.pick((AFTER, AFTER, BEFORE))
    ask = Ask(template.format(n=name, v=draw.pick(forms)), wish=(_is(fact, item.facts[fact]),))
    if draw.once_in(3):
        ask = _asked(ask, thing, item, draw, 1)
    return _query("unit", thing, ask)


def _negation(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    told = [(key, words) for key, words in WITHOUT.items() if item.facts.get(key[0]) == key[1]]
    if told:
        (fact, value), words = draw.pick(told)
        said = draw.pick(words)
        text = f"{name} {said}" if said.startswith(("no ", "without ")) or draw.once_in(3) else f"{said} {name}"
        ask = Ask(text, must=(_is(fact, value),))
    else:
        facts = [fact for fact in ("material", "cover", "colour") if fact in item.facts]
        others = sorted({v for fact in facts for v in _values(item.type, fact)} - set(item.facts.values()))
        if not others:
            return None
        other = draw.pick(others)
        (fact,) = [fact for fact in facts if other in _values(item.type, fact)][:1]
        ask = Ask(draw.pick(("{n} not {v}", "{n} but not {v}", "{n} no {v}")).format(n=name, v=other))
        ask = replace(ask, must=(Condition(fact, "!=", (other,)),))
    return _query("negation", thing, _asked(ask, thing, item, draw, 1) if draw.once_in(3) else ask)


def _model(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    brand, model = item.facts["brand"], item.facts["model"]
    if not model:
        return None
    written = draw.pick((model, model, model.replace(" ", ""), model.replace(" ", "-")))
    text = draw.pick((f"{brand} {written}", f"{brand} {written} {name}", f"{written} {name}", f"{name} {written}"))
    also = (Rule(item.type, (_is("brand", brand),)), *_fitting(item.type, _is("for model", model)))
    return Query(text, "model-number", (Rule(item.type, (_is("model", model),)),), (), (), (), also)


def _accessory(thing: Thing, name: str, item: Item, draw: Draw) -> Query | None:
    model, brand = item.facts.get("for model"), item.facts.get("for brand")
    if brand is None:
        return None
    names = "for model" if model else "for brand"
    fits = f"{brand} {model}" if model and not draw.once_in(5) else (model or brand)
    text = draw.pick(
        ("{n} for {f}", "{n} for {f}", "{n} {f}", "{f} {n}", "{n} compatible with {f}", "{n} that fits {f}")
    )
    ask = Ask(text.format(n=name, f=fits), must=(_is(names, item.facts[names]),))
    if draw.once_in(3):
        ask = _asked(ask, thing, item, draw, 1)
    targets = [
        replace(rule, conditions=(*rule.conditions, _is(names[4:], item.facts[names]))) for rule in _fits(item.type)
    ]
    query = _query("accessory", thing, ask)
    others = [rule for target in targets for rule in _fitting(target.type, _is(names, item.facts[names]))]
    return replace(query, also=(*targets, *(rule for rule in others if rule.type != item.type)))


_MAKERS: dict[str, Callable[[Thing, str, Item, Draw], Query | None]] = {
    "plain": _plain,
    "generic": _generic,
    "brand": _brand,
    "attribute": _attribute,
    "unit": _unit,
    "negation": _negation,
    "model-number": _model,
    "accessory": _accessory,
}


def _query(kind: str, thing: Thing, ask: Ask) -> Query:
    also = (*thing.also, *_fitting(thing.rule.type))
    return Query(ask.text, kind, (thing.rule,), ask.must, ask.wish, thing.near, also)


def _asked(ask: Ask, thing: Thing, item: Item, draw: Draw, how_many: int) -> Ask:
    """The search with so many of the item's facts asked for as well."""
    said = {condition.fact for condition in (*thing.rule.conditions, *ask.must, *ask.wish)} | SKIPPED
    facts = [fact for fact in item.facts if fact not in said and not fact.startswith("for ")]
    for fact in draw.shuffled(facts):
        if how_many == 0:
            break
        if phrase := _phrase(item, fact, draw):
            template, word, values = phrase
            text = template.format(n=ask.text, v=word)
            ask = Ask(text, ask.must, (*ask.wish, Condition(fact, "=", values)))
            how_many -= 1
    return ask


def _phrase(item: Item, fact: str, draw: Draw) -> tuple[str, str, tuple[str, ...]] | None:
    """A place, words, and the values that they cover."""
    value = item.facts[fact]
    if whole := YES_NO.get((fact, value)):
        return draw.pick(whole), "", (value,)
    if value in ("", "yes", "no", "none"):
        return None
    place = draw.pick(PLACES.get(fact, (BEFORE, AFTER)))
    wide = [(word, tuple(all_.split("|"))) for word, all_ in ALIKE.get(fact, {}).items() if value in all_.split("|")]
    if fact == "who":
        place = draw.pick(("{n} for {v}", "{n} {v}", "{v} {n}"))
    if wide and (fact == "who" or draw.once_in(2)):
        word, covered = draw.pick(wide)
        return place, word, tuple(v for v in covered if v in _values(item.type, fact))
    if fact == "size" and item.product.category.startswith("Clothing"):
        return draw.pick(("{n} size {v}", "{n} {v}", "{n} in size {v}")), value, (value,)
    forms = (*_forms(item.type, fact, value), *units(value))
    return place, draw.pick(forms), (value,)


def _loosened(text: str, draw: Draw) -> str:
    """As it is typed: small letters, with or without dots and hyphens, now and then with a word about buying."""
    text = _TWICE.sub(r"\1", " ".join(text.lower().replace(",", " ").split()))
    if draw.once_in(8):
        text = text.replace("-", " ")
    if draw.once_in(14):
        text = draw.pick(
            ("buy {}", "cheap {}", "best {}", "good {}", "{} online", "{} offer", "looking for {}", "i need a {}")
        ).format(text)
    elif draw.once_in(10):
        kept = [word for word in text.split() if word not in ("for", "with", "in", "of", "made", "by", "that", "a")]
        text = " ".join(kept)
    return text


def misspelt(text: str, draw: Draw) -> str:
    """One of the longer words with a slip of the finger: a letter lost, doubled, swapped, or a blank lost."""
    words = text.split()
    long = [place for place, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    place = draw.pick(long)
    word = words[place]
    at = 1 + draw.below(len(word) - 2)
    how = draw.below(4)
    if how == 0:
        word = word[:at] + word[at + 1 :]
    elif how == 1:
        word = word[:at] + word[at] + word[at:]
    elif how == 2:
        word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    elif place + 1 < len(words):
        word += words.pop(place + 1)
    words[place] = word
    return " ".join(words)


def _is(fact: str, value: str) -> Condition:
    return Condition(fact, "=", (value,))


def _fits(type: str) -> Sequence[Rule]:
    return product_types()[type].fits


def _fitting(type: str, *conditions: Condition) -> Iterable[Rule]:
    """Rules for the accessories of a type."""
    return [
        Rule(accessory.key, conditions)
        for accessory in product_types().values()
        if any(rule.type == type for rule in accessory.fits)
    ]


def _values(type: str, fact: str) -> Sequence[str]:
    return _known().get((type, fact), ())


@cache
def _known() -> Mapping[tuple[str, str], Sequence[str]]:
    """The values that the products of a type have, by type and fact."""
    found = defaultdict[tuple[str, str], dict[str, None]](dict)
    for item in items():
        for name, value in item.facts.items():
            found[item.type, name][value] = None
    return {key: tuple(values) for key, values in found.items()}


def _forms(type: str, fact: str, value: str) -> Sequence[str]:
    options = product_types()[type].values.get(fact, ())
    return [spelling for option in options if option.fact == value for spelling in option.spellings] or [value]


class _Seen:
    """Searches that there are already; nothing that is nearly a hand-written one gets in."""

    def __init__(self, written: Iterable[str]) -> None:
        self._written = [_trigrams(_form(text)) for text in written]
        self._forms = set[str]()

    def add(self, text: str) -> bool:
        """Whether the search is new; it is known from then on."""
        form = _form(text)
        if not form or form in self._forms:
            return False
        self._forms.add(form)
        mine = _trigrams(form)
        return not any(len(mine & other) >= NEAR * len(mine | other) for other in self._written)


def _form(text: str) -> str:
    """The words that tell what is meant, sorted: neither plurals nor small words nor the place of words counts."""
    words = re.findall(r"\d+(?:\.\d+)?|[^\W\d_]+", text.lower())
    return " ".join(sorted({word.removesuffix("s") for word in words if word not in _SMALL}))


def _trigrams(form: str) -> frozenset[str]:
    return frozenset(f" {word} "[i : i + 3] for word in form.split() for i in range(len(word)))

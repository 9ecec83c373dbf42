"""One search of each kind, from a concept, one of its names and a product; rules say what its words stand for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from endcap.demo.catalogue import items, product_types
from endcap.demo.item import Item
from endcap.demo.judge import Query
from endcap.demo.query_words import AFTER, BEFORE, query_words, unit_spellings
from endcap.demo.rules import Condition, Rule
from endcap.demo.synonyms import Concept
from endcap.demo.wording import Draw


@dataclass(frozen=True, slots=True)
class Draft:
    """A search in the making: its words, and the conditions that they stand for."""

    text: str
    must: tuple[Condition, ...] = ()
    wish: tuple[Condition, ...] = ()


def _name_alone(concept: Concept, name: str, item: Item, draw: Draw) -> Query:
    return _query("plain", concept, Draft(name))


def _generic(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    # what is spelt out in words: "machine that does the dishes"
    long_names = [name for name in concept.names if len(name.split()) > 2]
    return _query("generic", concept, Draft(draw.pick(long_names))) if long_names else None


def _brand(concept: Concept, name: str, item: Item, draw: Draw) -> Query:
    brand = item.facts["brand"]
    text = draw.pick((f"{brand} {name}", f"{brand} {name}", f"{name} {brand}", f"{name} by {brand}"))
    draft = Draft(text, wish=(_is("brand", brand),))
    return _query("brand", concept, _with_wishes(draft, concept, item, draw, 1) if draw.once_in(2) else draft)


def _attribute(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    draft = _with_wishes(Draft(name), concept, item, draw, draw.pick((1, 1, 2, 2, 3)))
    return _query("attribute", concept, draft) if draft.wish else None


def _unit(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    spellings = {fact: unit_spellings(value) for fact, value in item.facts.items()}
    sizes = [(fact, forms) for fact, forms in spellings.items() if forms and fact not in query_words().skipped]
    if not sizes:
        return None
    fact, forms = draw.pick(sizes)
    template = draw.pick((AFTER, AFTER, BEFORE))
    draft = Draft(template.format(n=name, v=draw.pick(forms)), wish=(_is(fact, item.facts[fact]),))
    return _query("unit", concept, _with_wishes(draft, concept, item, draw, 1) if draw.once_in(3) else draft)


def _negation(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    conditions = [(key.partition("="), phrases) for key, phrases in query_words().without.items()]
    absent = [(fact, value, phrases) for (fact, _, value), phrases in conditions if item.facts.get(fact) == value]
    if absent:
        # what the product is free from
        fact, value, phrases = draw.pick(absent)
        phrase = draw.pick(phrases)
        after = phrase.startswith(("no ", "without ")) or draw.once_in(3)
        draft = Draft(f"{name} {phrase}" if after else f"{phrase} {name}", must=(_is(fact, value),))
    else:
        # a value that others of its type have
        facts = [fact for fact in ("material", "cover", "colour") if fact in item.facts]
        others = sorted({v for fact in facts for v in _values(item.type, fact)} - set(item.facts.values()))
        if not others:
            return None
        other = draw.pick(others)
        fact = next(fact for fact in facts if other in _values(item.type, fact))
        text = draw.pick(("{n} not {v}", "{n} but not {v}", "{n} no {v}")).format(n=name, v=other)
        draft = Draft(text, must=(Condition(fact, "!=", (other,)),))
    return _query("negation", concept, _with_wishes(draft, concept, item, draw, 1) if draw.once_in(3) else draft)


def _model(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    brand, model = item.facts["brand"], item.facts["model"]
    if not model:
        return None
    spelling = draw.pick((model, model, model.replace(" ", ""), model.replace(" ", "-")))
    text = draw.pick((f"{brand} {spelling}", f"{brand} {spelling} {name}", f"{spelling} {name}", f"{name} {spelling}"))
    also = (Rule(item.type, (_is("brand", brand),)), *_accessories(item.type, _is("for model", model)))
    return Query(text, "model-number", (Rule(item.type, (_is("model", model),)),), (), (), (), also)


def _accessory(concept: Concept, name: str, item: Item, draw: Draw) -> Query | None:
    model, brand = item.facts.get("for model"), item.facts.get("for brand")
    if brand is None:
        return None
    fact = "for model" if model else "for brand"
    target = f"{brand} {model}" if model and not draw.once_in(5) else (model or brand)
    templates = ("{n} for {f}", "{n} for {f}", "{n} {f}", "{f} {n}", "{n} compatible with {f}", "{n} that fits {f}")
    text = draw.pick(templates)
    draft = Draft(text.format(n=name, f=target), must=(_is(fact, item.facts[fact]),))
    query = _query("accessory", concept, _with_wishes(draft, concept, item, draw, 1) if draw.once_in(3) else draft)
    # what it fits, and what else fits that, goes with it
    fitted = _is(fact.removeprefix("for "), item.facts[fact])
    targets = [replace(rule, conditions=(*rule.conditions, fitted)) for rule in product_types()[item.type].fits]
    others = [rule for target in targets for rule in _accessories(target.type, _is(fact, item.facts[fact]))]
    return replace(query, also=(*targets, *(rule for rule in others if rule.type != item.type)))


MAKERS: Mapping[str, Callable[[Concept, str, Item, Draw], Query | None]] = {
    "plain": _name_alone,
    "generic": _generic,
    "brand": _brand,
    "attribute": _attribute,
    "unit": _unit,
    "negation": _negation,
    "model-number": _model,
    "accessory": _accessory,
}
"""What makes a search of each kind; None where the product gives none."""


def _query(kind: str, concept: Concept, draft: Draft) -> Query:
    also = (*concept.also, *_accessories(concept.rule.type))
    return Query(draft.text, kind, (concept.rule,), draft.must, draft.wish, concept.near, also)


def _with_wishes(draft: Draft, concept: Concept, item: Item, draw: Draw, count: int) -> Draft:
    """The search with so many more of the item's facts."""
    present = {condition.fact for condition in (*concept.rule.conditions, *draft.must, *draft.wish)}
    present.update(query_words().skipped)
    facts = [fact for fact in item.facts if fact not in present and not fact.startswith("for ")]
    for fact in draw.shuffled(facts):
        if count == 0:
            break
        if phrase := _phrase(item, fact, draw):
            template, word, values = phrase
            text = template.format(n=draft.text, v=word)
            draft = Draft(text, draft.must, (*draft.wish, Condition(fact, "=", values)))
            count -= 1
    return draft


def _phrase(item: Item, fact: str, draw: Draw) -> tuple[str, str, tuple[str, ...]] | None:
    """A template, a word for its place, and the values that the word covers."""
    words, value = query_words(), item.facts[fact]
    if templates := words.wishes.get(f"{fact}={value}"):
        return draw.pick(templates), "", (value,)
    if value in ("", "yes", "no", "none"):
        return None
    template = draw.pick(words.places.get(fact, (BEFORE, AFTER)))
    wide = [(word, values) for word, values in words.alike.get(fact, {}).items() if value in values]
    if fact == "who":
        template = draw.pick(("{n} for {v}", "{n} {v}", "{v} {n}"))
    if wide and (fact == "who" or draw.once_in(2)):
        word, values = draw.pick(wide)
        return template, word, tuple(v for v in values if v in _values(item.type, fact))
    if fact == "size" and item.product.category.startswith("Clothing"):
        return draw.pick(("{n} size {v}", "{n} {v}", "{n} in size {v}")), value, (value,)
    return template, draw.pick((*_spellings(item.type, fact, value), *unit_spellings(value))), (value,)


def _is(fact: str, value: str) -> Condition:
    return Condition(fact, "=", (value,))


def _accessories(type: str, *conditions: Condition) -> Iterable[Rule]:
    """Rules for the accessories of a type."""
    types = product_types().values()
    return [Rule(kind.key, conditions) for kind in types if any(rule.type == type for rule in kind.fits)]


def _values(type: str, fact: str) -> Sequence[str]:
    return _values_by_fact().get((type, fact), ())


@cache
def _values_by_fact() -> Mapping[tuple[str, str], Sequence[str]]:
    """The values that the products of a type have, by type and fact."""
    values = defaultdict[tuple[str, str], dict[str, None]](dict)
    for item in items():
        for name, value in item.facts.items():
            values[item.type, name][value] = None
    return {key: tuple(of_key) for key, of_key in values.items()}


def _spellings(type: str, fact: str, value: str) -> Sequence[str]:
    options = product_types()[type].values.get(fact, ())
    return [spelling for option in options if option.fact == value for spelling in option.spellings] or [value]

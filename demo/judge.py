"""From what a searcher wants to the grade of each product, by rules over facts.

3  the right thing, with all that was asked for
2  the right thing with one wish missed, or a near substitute with all that was asked for
1  the right thing with two wishes or more missed, or a substitute with one; or a complement: what goes with it
0  everything else, and whatever breaks a condition that can't be given up (another phone's case, coffee with
   caffeine for who wants none)
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from endcap.demo.item import Item
from endcap.demo.rules import Condition, Rule
from endcap.index.number_spellings import number_spellings


@dataclass(frozen=True, slots=True)
class Query:
    """A search with what its author means.

    ``want`` is what is looked for, ``near`` what does nearly as well, ``also`` what goes with it (rules);
    ``must`` can't be given up in ``want`` and ``near``, ``wish`` can (conditions).
    """

    text: str
    kind: str
    want: tuple[Rule, ...]
    must: tuple[Condition, ...]
    wish: tuple[Condition, ...]
    near: tuple[Rule, ...]
    also: tuple[Rule, ...]

    def types(self) -> list[str]:
        """The types of products that any rule names."""
        return sorted({rule.type for rule in (*self.want, *self.near, *self.also)})


def grade(query: Query, item: Item) -> int:
    """How well an item answers the query, 0 to 3."""
    best = 3 if any(rule.met(item) for rule in query.want) else 2 if any(rule.met(item) for rule in query.near) else 0
    if best and all(condition.met(item) for condition in query.must):
        return max(1, best - sum(not condition.met(item) for condition in query.wish))
    return int(any(rule.met(item) for rule in query.also))


def grade_all(queries: Iterable[Query], items: Sequence[Item]) -> dict[str, dict[str, int]]:
    """For each query the grades of all products that a system might bring.

    These are all products of the departments that a rule names, and all others that share a word with the query. What
    is left out has grade 0 by the same rules.
    """
    of_type = defaultdict[str, list[Item]](list)
    of_department, with_stem = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for item in items:
        product = item.product
        of_type[item.type].append(item)
        of_department[_department(item)].add(product.id)
        for stem in item_stems(item) | stems(" ".join(number_spellings(product.title))):
            with_stem[stem].add(product.id)
    grades = {}
    for query in queries:
        touched = [item for name in query.types() for item in of_type[name]]
        pool = set[str]().union(*(of_department[_department(item)] for item in touched))
        pool.update(*(with_stem.get(stem, ()) for stem in stems(query.text)))
        grades[query.text] = dict.fromkeys(sorted(pool), 0) | {item.product.id: grade(query, item) for item in touched}
    return grades


def item_stems(item: Item) -> frozenset[str]:
    """The stems of all words of an item that an engine searches."""
    product = item.product
    attributes = (f"{name} {value}" for name, value in product.attributes.items())
    return stems(" ".join((product.title, product.brand, product.category, product.description, *attributes)))


def _department(item: Item) -> str:
    return item.product.category.split(" > ")[0]


def stems(text: str) -> frozenset[str]:
    """The beginnings of the words of a text: words that a search engine may take for the same have the same one."""
    return frozenset(
        word.rstrip("s").removesuffix("ing")[:3].replace("y", "i") for word in re.findall(r"\w+", text.lower())
    )

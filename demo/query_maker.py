"""Thousands of searches whose meaning is known: made from a product's facts, put as people put them.

Each is a ``Query`` with its rules, so ``judge.grade`` grades any product for it. None is one of the hand-written
searches (``queries``), nor nearly one.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from endcap.demo.catalogue import items
from endcap.demo.item import Item
from endcap.demo.judge import Query
from endcap.demo.queries import demo_queries
from endcap.demo.query_kinds import MAKERS
from endcap.demo.query_words import query_words
from endcap.demo.synonyms import Concept, concepts
from endcap.demo.wording import Draw
from endcap.language.misspellings import DOUBLED, DROPPED, SWAPPED, long_words, slip
from endcap.language.plurals import without_s
from endcap.language.small_words import DEMO_WORDS

KINDS = Counter(
    {"plain": 3, "brand": 3, "attribute": 8, "unit": 3, "negation": 3, "model-number": 3, "accessory": 4, "generic": 1}
)
"""How often each kind is drawn; a sixth of all are misspelt, and are of kind ``misspelling`` then."""
NEAR = 0.6
"""From this similarity of letter trigrams on (Jaccard), a search is nearly one of the hand-written."""
_LOST_BLANK = "lost blank"
_TRIES = 60
_TWICE = re.compile(r"\b(\w+) \1\b")


def generate_queries(count: int, seed: int = 0) -> tuple[Query, ...]:
    """So many different searches, always the same ones for a seed; a longer list begins with the shorter one.

    Each has a product of grade 3. Raises ``ValueError`` where the shop does not give so many.
    """
    draw = Draw(f"endcap demo made queries {seed}")
    bag = list(KINDS.elements())
    novelty = _Novelty(query.text for query in demo_queries())
    queries = list[Query]()
    failures = 0
    while len(queries) < count:
        kind = draw.pick(bag)
        if query := _new_query(kind, novelty, draw):
            queries.append(query)
        failures = 0 if query else failures + 1
        if failures == _TRIES:
            raise ValueError(
                f"{count} different searches can't be made; only {len(queries)} were found. Ask for fewer."
            )
    return tuple(queries)


def _new_query(kind: str, novelty: _Novelty, draw: Draw) -> Query | None:
    for _ in range(_TRIES):
        query = _query(kind, draw.pick(items()), draw)
        if query and novelty.add(query.text):
            return query
    return None


def _query(kind: str, item: Item, draw: Draw) -> Query | None:
    fitting = [concept for concept in _concepts_by_type().get(item.type, ()) if concept.rule.met(item)]
    if not fitting:
        return None
    concept = draw.pick(fitting)
    query = MAKERS[kind](concept, draw.pick(concept.names), item, draw)
    if query is None:
        return None
    text = _loosened(query.text, draw)
    if draw.once_in(6) and (wrong := misspelling(text, draw)) != text:
        return replace(query, text=wrong, kind="misspelling")
    return replace(query, text=text)


@cache
def _concepts_by_type() -> Mapping[str, Sequence[Concept]]:
    by_type = defaultdict[str, list[Concept]](list)
    for concept in concepts():
        by_type[concept.rule.type].append(concept)
    return by_type


def _loosened(text: str, draw: Draw) -> str:
    """As it is typed: small letters, with or without dots and hyphens, now and then with a word about buying."""
    text = _TWICE.sub(r"\1", " ".join(text.lower().replace(",", " ").split()))
    if draw.once_in(8):
        text = text.replace("-", " ")
    if draw.once_in(14):
        text = draw.pick(query_words().around).format(text)
    elif draw.once_in(10):
        small_words = ("for", "with", "in", "of", "made", "by", "that", "a")
        text = " ".join(word for word in text.split() if word not in small_words)
    return text


def misspelling(text: str, draw: Draw) -> str:
    """One of the longer words with a slip of the finger: a letter lost, doubled, swapped, or a blank lost."""
    words = text.split()
    places = long_words(words)
    if not places:
        return text
    place = draw.pick(places)
    at = 1 + draw.below(len(words[place]) - 2)
    kind = draw.pick((DROPPED, DOUBLED, SWAPPED, _LOST_BLANK))
    if kind != _LOST_BLANK:
        words[place] = slip(words[place], kind, at)
    elif place + 1 < len(words):
        words[place] += words.pop(place + 1)
    return " ".join(words)


class _Novelty:
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
    return " ".join(sorted({without_s(word) for word in words if word not in DEMO_WORDS}))


def _trigrams(form: str) -> frozenset[str]:
    return frozenset(f" {word} "[i : i + 3] for word in form.split() for i in range(len(word)))

"""The demo's searches and their judgments, which follow from the products' facts by rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from endcap.demo.catalogue import items, products
from endcap.demo.example_searches import EXAMPLE_SEARCHES
from endcap.demo.item import Item
from endcap.demo.judge import Query, grade
from endcap.demo.queries import demo_queries, judgments, read_query
from endcap.demo.rules import read_conditions, read_rules
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product


def made(type: str, **facts: str) -> Item:
    return Item(Product(id="1", title="x"), type, {name.replace("_", " "): value for name, value in facts.items()})


DECAF = read_query(
    {
        **{"text": "decaf coffee, light", "kind": "negation", "want": "coffee"},
        **{"must": "caffeine=no", "wish": "roast=light", "near": "tea", "also": "cup"},
    }
)


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (made("coffee", caffeine="no", roast="light"), 3),
        (made("coffee", caffeine="no", roast="dark"), 2),
        (made("coffee", caffeine="yes", roast="light"), 0),
        (made("tea", caffeine="no", roast="light"), 2),
        (made("tea", caffeine="no"), 1),
        (made("tea", caffeine="yes"), 0),
        (made("cup"), 1),
        (made("sofa"), 0),
    ],
)
def test_grades(item: Item, expected: int) -> None:
    """3 all that was asked, 2 a wish missed or a substitute, 1 more missed or a complement, 0 what can't be."""
    assert grade(DECAF, item) == expected


def test_missing_many_wishes_is_still_hardly_relevant() -> None:
    """However many wishes the right thing misses, it keeps grade 1."""
    many = read_query({"text": "x", "kind": "attribute", "want": "mouse", "wish": "a=1; b=1; c=1; d=1"})
    assert grade(many, made("mouse")) == 1


def test_rules_are_read() -> None:
    """Rules and conditions are read as their module says."""
    phone, case = read_rules('phone[colour=red or blue; screen size!=6"; cents<9900] | case')
    assert phone.met(made("phone", colour="blue", screen_size='5"', cents="9899"))
    assert not phone.met(made("phone", colour="green", cents="1"))
    assert not phone.met(made("phone", colour="red", cents="9900"))
    assert case.met(made("case"))
    assert read_conditions("") == ()


def test_there_are_enough_queries_of_each_kind() -> None:
    """Some 150 queries or more, all different; at least a fifth are plain ones that BM25 answers well."""
    kinds = Counter(each.kind for each in demo_queries())
    assert len({each.text for each in demo_queries()}) == len(demo_queries()) >= 150
    assert min(kinds.values()) >= 8
    assert sum(kinds[kind] for kind in ("plain", "model-number", "brand")) >= len(demo_queries()) / 5
    assert set(EXAMPLE_SEARCHES) <= {each.text for each in demo_queries()}


@pytest.mark.parametrize("each", demo_queries(), ids=lambda each: each.text)
def test_every_rule_speaks_of_what_there_is(each: Query) -> None:
    """Each type, fact and value that a query's rules name occurs in the shop, so that no slip of the pen hides."""
    facts: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for item in items():
        for name, value in item.facts.items():
            facts[item.type][name].add(value)
    for rule in (*each.want, *each.near, *each.also):
        for condition in rule.conditions:
            assert set(condition.values) <= facts[rule.type][condition.fact], (rule.type, condition)
    wanted = {rule.type for rule in each.want}
    for condition in (*each.must, *each.wish):
        assert set(condition.values) & set().union(*(facts[type][condition.fact] for type in wanted)), condition


def test_every_query_has_a_right_answer_and_wrong_ones() -> None:
    """Each query has a product of grade 3, and products of grade 0 that a system might bring."""
    for text, grades in judgments().grades.items():
        assert 3 in grades.values(), text
        assert 0 in grades.values(), text


def test_what_bm25_brings_is_judged(tmp_path: Path) -> None:
    """Nothing among the first hundred hits of any query is unjudged, so neither is anything that re-ranking shows."""
    engine = EmbeddedEngine("shop", tmp_path)
    engine.load(products())
    grades = judgments().grades
    for each in demo_queries():
        body = {"query": engine.text_query(each.text), "size": 100, "_source": False}
        hits = {hit["_id"] for hit in engine.search(body=body)["hits"]["hits"]}
        assert hits <= grades[each.text].keys(), each.text

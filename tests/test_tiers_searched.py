"""What matches words is the search where its words are the searched ones; else it is a rule of the shop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rerank_parts import ids, told
from tiers_parts import ASKED, COUNT, ENGINES, TEXT, Shop, opensearch_shop, shop_in, turned_back

from endcap.plugin.search.searched_text import searched_text
from endcap.plugin.tiers.clauses import TEXT_KINDS, By, scored_by, searched_by
from endcap.plugin.tiers.parts import body_rules
from endcap.plugin.tiers.script import script_use
from endcap.plugin.tiers.searched import Searched, _share

Q = "usb cable"
TITLE = {"match": {"title": Q}}
BY_WORDS: list[Any] = [
    {"match": {"title.exact": {"query": "USB Cable", "boost": 100}}},
    {"match_phrase": {"title": {"query": Q, "boost": 50, "slop": 2}}},
    {"match": {"brand": {"query": "usb cable", "boost": 9}}},
    {"match": {"title": "cable"}},
    {"match": {"title": "usb cable lead wire"}},
    {"match_bool_prefix": {"title": "usb cab"}},
    {"multi_match": {"query": Q, "fields": ["title^3", "sponsored"]}},
    {"query_string": {"query": "title:(usb AND cable)^3 OR brand:cable^2"}},
    {"match": {"title.stems": "usb cord"}},
    {"query_string": {"query": "usb cable AND in_stock:true"}},
    {"simple_query_string": {"query": "usb +cable -tester", "fields": ["title"]}},
    {"prefix": {"title": {"value": "cab"}}},
    {"wildcard": {"title": "*cabl*"}},
    {"regexp": {"title.keyword": ".*usb.*"}},
    {"fuzzy": {"title": {"value": "cable"}}},
    {"span_near": {"clauses": [{"span_term": {"title": "usb"}}, {"span_term": {"title": {"value": "cable"}}}]}},
    {"span_first": {"match": {"span_term": {"title": "usb"}}, "end": 1, "boost": 9}},
    {"span_multi": {"match": {"wildcard": {"title": {"value": "cable"}}}}},
    {"intervals": {"title": {"all_of": {"intervals": [{"match": {"query": Q, "ordered": True}}]}}}},
    {"more_like_this": {"fields": ["title"], "like": Q}},
    {"neural": {"vector": {"query_text": Q, "model_id": "m", "k": 9}}},
    {"neural": {"vector": {"query_image": "aGFsbG8=", "model_id": "m", "k": 9}}},
    {"knn": {"vector": {"vector": [1.0], "k": 3, "filter": {"term": {"brand": {"value": "x"}}}}}},
    {"nested": {"path": "offers", "query": TITLE}},
    {"sltr": {"model": "m", "params": {"keywords": Q}}},
]
BY_RULE: list[Any] = [
    {"match": {"sponsored": {"query": "true", "boost": 1000}}},
    {"match": {"sponsored": True}},
    {"match": {"rating": 5}},
    {"match": {"brand": "usb"}},
    {"prefix": {"sku": "usb"}},
    {"match": {"brand": {"query": "Anker", "boost": 50}}},
    {"match_phrase": {"sku": {"query": "PROMO 1", "boost": 100}}},
    {"match_phrase_prefix": {"sku": "PROMO"}},
    {"match": {"category": {"query": "usb cables", "boost": 9}}},
    {"match": {"category": {"query": "phone accessories", "boost": 9}}},
    {"prefix": {"sku": {"value": "PROMO", "boost": 100}}},
    {"wildcard": {"sku": "promo*"}},
    {"regexp": {"sku": {"value": "promo.*"}}},
    {"fuzzy": {"brand": "anker"}},
    {"query_string": {"query": "sponsored:true^1000"}},
    {"simple_query_string": {"query": "anker", "fields": ["brand^50"]}},
    {"multi_match": {"query": "true", "fields": ["sponsored", "promoted"]}},
    {"more_like_this": {"fields": ["title"], "like": [{"_id": "k1"}]}},
    {"span_term": {"badge": "bestseller"}},
    {"intervals": {"badge": {"match": {"query": "best seller"}}}},
    {"nested": {"path": "offers", "query": {"match": {"offers.kind": "promo"}}}},
    {"terms": {"brand": ["usb", "cable"], "boost": 7}},
]


def content(clause: Any, text: str = Q, *others: Any) -> By:
    """What a clause scores by in a search by it and others."""
    return scored_by(clause, searched_by(text, [clause, *others]))


@pytest.mark.parametrize("clause", BY_WORDS, ids=str)
def test_what_searches_for_the_words_is_text(clause: Any) -> None:
    """The searched text, a part of it and more than it are text, whatever field and boost."""
    assert content(clause, Q, TITLE) is By.TEXT


@pytest.mark.parametrize("clause", BY_RULE, ids=str)
def test_what_looks_for_other_words_is_a_rule(clause: Any) -> None:
    """Flags, brands, numbers and the like that were not searched for are lifted by a rule."""
    assert content(clause, Q, TITLE) is By.RULE
    if not any(word in str(clause) for word in Q.split()):
        assert content(clause, Q, {"knn": {"vector": {"vector": [1.0], "k": 3}}}) is By.RULE


def test_a_text_that_was_changed_is_the_search() -> None:
    """Where no clause has the text as it was given, the nearest one is the search: corrected, cut, or translated."""
    flag = {"match": {"sponsored": "true"}}
    for given_text, written in [
        ("usb cabel", "usb cable"),
        ("a usb cable for my car", "usb cable car"),
        ("USB-Kabel für das Auto", "usb cable car"),
        ("kabel", "usb cable"),
    ]:
        clause = {"match": {"title": written}}
        assert content(clause, given_text, flag) is By.TEXT
        assert content(flag, given_text, clause) is By.RULE
    split = [{"match": {field: word}} for field, word in (("color", "red"), ("brand", "nike"), ("title", "shoes"))]
    assert [content(each, "red nike shoes", *split) for each in split] == [By.TEXT] * 3


def test_a_part_of_the_search_elsewhere_is_a_rule() -> None:
    """What a shop lifts may be called as a word of the search: flags, conditions, brands that were taken out of it."""
    for text, clause in [
        ("true wireless earbuds", {"match": {"sponsored": {"query": "true", "boost": 100}}}),
        ("true wireless earbuds", {"query_string": {"query": "true", "fields": ["title", "sponsored"]}}),
        ("new balance shoes", {"match": {"condition": "new"}}),
        ("acme usb cable", {"match": {"brand": {"query": "acme", "boost": 50}}}),
    ]:
        assert content(clause, text, {"match": {"title": text}}) is By.RULE
    product = {"match": {"product.title": "new balance"}}
    assert content({"match": {"product.condition": "new"}}, "new balance", product) is By.RULE
    assert content({"match": {"product.title.exact": "new"}}, "new balance", product) is By.TEXT
    looked_into = {"multi_match": {"query": "acme usb cable", "fields": ["title", "brand"]}}
    assert content({"match": {"brand": "acme"}}, "acme usb cable", looked_into) is By.TEXT


def test_a_rescorer_looks_once_more_at_what_was_found() -> None:
    """In the search's own fields any words are text there; what looks elsewhere is a rule as ever."""
    for rescore, is_text in (({"match": {"title": "long"}}, True), ({"match": {"badge": "long"}}, False)):
        rules = body_rules({"query": TITLE, "rescore": {"query": {"rescore_query": rescore}}}, Q)
        assert (rules is None) == is_text


def test_a_query_string_that_lifts_something_else_cannot_be_told() -> None:
    """A field with a boost inside the text itself is a rule that has no clause of its own."""
    for text in (
        *("usb cable sponsored:true^1000", 'usb cable OR brand:"acme one"^20', "usb cable (brand:(a b)^3)"),
        *("(usb cable) (brand:acme)^20", "usb cable price:[1 TO 30]^9", "usb cable brand:acme", "cable usb price:<30"),
    ):
        clause = {"query_string": {"query": text, "fields": ["title"]}}
        assert content(clause) == By.TEXT | By.RULE, text
    for text in ("+usb +cable +in_stock:true", "(title:usb title:cable)^3", "usb title:black", "usb brand:cable -a:b"):
        assert content({"query_string": {"query": text, "fields": ["title"]}}) is By.TEXT, text
    required = {"query_string": {"query": "usb cable brand:acme", "fields": ["title"], "default_operator": "AND"}}
    assert content(required) is By.TEXT


def test_what_a_hit_need_not_match_is_a_rule() -> None:
    """Parts that not all hits have, and exact words of a text, which long and short texts score by."""
    for must, by in (({"term": {"title": "black"}}, By.TEXT | By.RULE), ({"term": {"brand": "acme"}}, By.TEXT)):
        assert content({"bool": {"must": [TITLE, must]}}) == by
    stock = {"path": "offers", "query": {"match_all": {}}}
    assert content({"bool": {"must": [TITLE], "should": [{"nested": stock}]}}) == By.TEXT | By.RULE


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda x: st.lists(x, max_size=3) | st.dictionaries(st.sampled_from(["title", "query", "value", "match"]), x),
)


@given(st.sampled_from(sorted(TEXT_KINDS)), anything, st.text(max_size=8))
def test_no_clause_breaks_it(kind: str, options: Any, text: str) -> None:
    """Any JSON at all is text, a rule or nothing."""
    assert isinstance(content({kind: options}, text), By)


def test_a_flag_is_no_second_text() -> None:
    """A body that searches for one text, and matches a flag, searches for that text."""
    body = {"query": {"bool": {"must": [TITLE], "should": [{"match": {"sponsored": {"query": "true", "boost": 9}}}]}}}
    assert getattr(searched_text(body), "text", None) == Q
    assert getattr(searched_text({"query": {"match": {"title": "True"}}}), "text", None) == "True"


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in each engine."""
    yield from shop_in(request.param, request, tmp_path_factory)


def test_what_a_match_lifts_stays_above(shop: Shop) -> None:
    """A brand and a flag that are lifted by a match stay above, and the student orders both tiers."""
    for clause in ({"match": {"brand": {"query": "acme", "boost": 200}}}, {"match": {"brand": "acme"}}):
        body = {"query": {"bool": {"must": [TEXT], "should": [clause]}}, "ext": {"rerank": ASKED}}
        reply = shop.reranked(body)
        assert told(reply) == ("reranked", None)
        lifted = shop.by_student(lambda p: p.brand == "acme")
        assert ids(reply) == [*lifted, *shop.by_student(lambda p: p.brand != "acme")]


def test_what_a_match_on_words_demotes_stays_below(shop: Shop) -> None:
    """Boosting by a text that was not searched for."""
    query = {"boosting": {"positive": TEXT, "negative": {"match": {"title": "lamp"}}, "negative_boost": 0.02}}
    lamps = {id for id, product in shop.products.items() if "lamp" in product.title}
    shown = ids(shop.reranked({"query": query}))
    assert shown == [*shop.by_student(lambda p: p.id not in lamps), *shop.by_student(lambda p: p.id in lamps)]


def test_the_student_may_order_what_the_searched_text_has_put_first(shop: Shop) -> None:
    """A boost of the searched words, on whatever field, is text: one tier."""
    query = {"bool": {"must": [TEXT], "should": [{"match": {"title": {"query": "usb cable", "boost": 100}}}]}}
    assert ids(shop.reranked({"query": query})) == shop.by_student(lambda p: True)


def test_a_query_string_with_a_lifted_flag_leaves_the_engines_order(opensearch: str) -> None:
    """What can't be told is said."""
    shop = opensearch_shop(opensearch)
    try:
        query = {"query_string": {"query": "usb cable attributes.tier:1^9", "default_field": "title"}}
        reply = shop.reranked({"query": query})
        assert told(reply) == ("skipped", "rules_unknown")
        assert reply["ext"]["rerank"]["detail"] == "query.query_string"
        assert ids(reply) == ids(shop.engine({"query": query, "size": COUNT}))
        prefix = {"bool": {"must": [TEXT], "should": [{"prefix": {"brand": {"value": "zen", "boost": 90}}}]}}
        engine, put = shop.put_by_rules({"query": prefix}, TEXT)
        assert turned_back(put, engine, ids(shop.reranked({"query": prefix}))) == []
    finally:
        shop.target.indices.delete(index=shop.index)


NAMES = st.frozensets(st.sampled_from(["a", "a.b", "a.b.c", "ab", "b", "b.", ".b", "a..b", "*", ""]), max_size=4)


@given(NAMES, NAMES)
def test_fields_and_what_is_within_them(fields: frozenset[str], others: frozenset[str]) -> None:
    """As looking at each pair of them says, which takes the square of the time."""
    pairs = [(f"{one}.", f"{other}.") for one in fields for other in others]
    expected = any("*." in (a, b) or a.startswith(b) or b.startswith(a) for a, b in pairs)
    assert _share(fields, others) == expected


@pytest.mark.parametrize("n", [3_000])
def test_thousands_of_fields_are_read_in_a_moment(n: int) -> None:
    """A body that the engine refuses must not hold up everybody's event loop for seconds before."""
    queries = [{"match": {f"title{i}": "usb cable"}} for i in range(n)]
    several = {"multi_match": {"query": "usb cable", "fields": [f"title{i}^2" for i in range(n)]}}
    began_s = time.process_time()
    body_rules({"query": {"dis_max": {"queries": [*queries, several]}}}, "usb cable")
    assert time.process_time() - began_s < 4


def test_a_script_with_thousands_of_brackets_cannot_be_told() -> None:
    assert script_use({"source": "(" * 5_000 + "_score" + ")" * 5_000}) is None


@pytest.mark.parametrize(
    "text", ["(" + "a" * 16_000 + ")", "a:[" * 5_000, "(" + "a:" * 8_000, 'a:"' * 5_000, "a:/" * 5_000]
)
def test_a_long_text_takes_no_square_of_its_length(text: str) -> None:
    """Of what a query_string may hold: 32,000 characters, read in the event loop."""
    began_s = time.process_time()
    assert Searched.read("usb cable", []).lifts_others("query_string", {"query": text}) in (False, True)
    assert time.process_time() - began_s < 1.0


@pytest.mark.parametrize("kind", ["hybrid", "dis_max"])
def test_filters_of_all_alternatives_are_no_rule(kind: str) -> None:
    """Each part has the search's filter, as hybrid queries have to; one that a part alone has is a rule of dis_max."""
    match, in_stock = {"match": {"title": "usb cable"}}, {"term": {"stock": True}}
    part = {"bool": {"must": [match], "filter": [in_stock]}}
    assert body_rules({"query": {kind: {"queries": [part, part]}}}, "usb cable") is None
    alone = body_rules({"query": {kind: {"queries": [part, match]}}}, "usb cable")
    assert (alone is None) == (kind == "hybrid")

"""What a body demands of a product besides its text, told apart from the text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.plugin.search.body_filters import UnclearBody, demands, own_texts

TEXT = "usb cable"
MATCH = {"match": {"title": TEXT}}
RED, ACME, NEW = ({"term": {"tag": tag}} for tag in ("red", "acme", "new"))


def demand(query: Any, **body: Any) -> list[dict[str, Any]]:
    return demands({"query": query, **body}, [TEXT])


def test_what_is_text_is_dropped() -> None:
    """Clauses that search for the text demand nothing, however it is written, and in whatever they are wrapped."""
    for query in (
        MATCH,
        {"match_all": {}},
        {"match": {"title": {"query": " USB  cable", "operator": "and"}}},
        {"multi_match": {"query": TEXT, "fields": ["title^3", "brand"]}},
        {"simple_query_string": {"query": TEXT}},
        {"constant_score": {"filter": MATCH, "boost": 3}},
        {"boosting": {"positive": MATCH, "negative": RED, "negative_boost": 0.1}},
        {"function_score": {"query": MATCH, "functions": [{"filter": RED, "weight": 0.1}]}},
        {"script_score": {"query": MATCH, "script": {"source": "_score"}}},
        {"nested": {"path": "reviews", "query": {"match": {"reviews.text": TEXT}}}},
        {"dis_max": {"queries": [MATCH, RED]}},
        {"bool": {"must": MATCH, "should": [RED]}},
        {"bool": {"should": [MATCH, RED]}},
        {"bool": {"should": [MATCH, MATCH, RED], "minimum_should_match": 2}},
    ):
        assert demand(query) == [], query
    assert demands({}, [TEXT]) == []


def test_what_is_no_text_stays() -> None:
    """Filters, exclusions and clauses on other things that must hold are kept as they are, also deep inside."""
    filters = {"bool": {"must": [MATCH, RED], "filter": ACME, "must_not": [NEW]}}
    kept = {"bool": {"filter": [RED, ACME], "must_not": [NEW]}}
    assert demand(filters) == [kept]
    assert demand({"function_score": {"query": {"boosting": {"positive": filters}}}}) == [kept]
    assert demand({"bool": {"must": [filters]}}) == [{"bool": {"filter": [kept]}}]
    assert demand({"constant_score": {"filter": RED}}) == [RED]
    assert demand(MATCH, post_filter=RED) == [RED]
    nested = {"nested": {"path": "r", "query": {"bool": {"must": MATCH, "filter": RED}}, "inner_hits": {}}}
    assert demand(nested) == [{"nested": {"path": "r", "query": {"bool": {"filter": [RED]}}}}]
    two_of_four = {"bool": {"should": [MATCH, RED, ACME, NEW], "minimum_should_match": "50%"}}
    assert demand(two_of_four) == [
        {"bool": {"filter": [{"bool": {"should": [RED, ACME, NEW], "minimum_should_match": 1}}]}}
    ]


def test_another_text_is_a_demand() -> None:
    """A match on something else than the searched text is not dropped; nor is one that filters or excludes."""
    other = {"match": {"category": "cables"}}
    assert demand({"bool": {"must": [MATCH, other]}}) == [{"bool": {"filter": [other]}}]
    assert demand({"bool": {"must": [MATCH, {"match": {"in_stock": True}}]}}) == [
        {"bool": {"filter": [{"match": {"in_stock": True}}]}}
    ]
    assert demand({"bool": {"filter": [MATCH], "must_not": [MATCH]}}) == [
        {"bool": {"filter": [MATCH], "must_not": [MATCH]}}
    ]


def test_the_text_in_further_fields_is_a_demand() -> None:
    """Where the text must stand in several fields, one of them is the search's text; the others say what is wanted."""
    brand, both = {"match": {"brand": TEXT}}, {"multi_match": {"query": TEXT, "fields": ["title^2", "description"]}}
    assert demand({"bool": {"must": [MATCH, brand]}}) == [{"bool": {"filter": [brand]}}]
    assert demand({"bool": {"must": [brand, both]}}) == [{"bool": {"filter": [brand]}}]
    assert demand({"bool": {"must": [{"bool": {"should": [MATCH]}}, brand]}}) == [{"bool": {"filter": [brand]}}]
    assert demand({"bool": {"should": [MATCH, brand], "minimum_should_match": 2}}) == [
        {"bool": {"filter": [{"bool": {"should": [brand], "minimum_should_match": 1}}]}}
    ]
    assert demand({"bool": {"must": [MATCH], "should": [brand, RED], "minimum_should_match": 1}}) == [
        {"bool": {"filter": [{"bool": {"should": [brand, RED], "minimum_should_match": 1}}]}}
    ]
    everywhere = {"simple_query_string": {"query": TEXT}}
    assert demand({"bool": {"must": [brand, everywhere]}}) == [{"bool": {"filter": [brand]}}]
    for any_of in ({"should": [MATCH, brand]}, {"should": [MATCH, brand], "minimum_should_match": 1}):
        assert demand({"bool": any_of}) == []
    assert demand({"bool": {"must": [MATCH, {"match_phrase": {"title": TEXT}}]}}) == []


def test_the_bodys_own_wording() -> None:
    """A text that is given beside the body is also what the clause on the title says; one on a colour is a filter."""
    title, colour = {"match": {"name": "usb cables"}}, {"match": {"colour": "red"}}
    assert own_texts(TEXT, {"query": title}, ["name"]) == [TEXT, "usb cables"]
    assert own_texts("red shoes", {"query": colour}, ["name"]) == ["red shoes"]
    assert own_texts("red shoes", {"query": {"bool": {"must": [title, colour]}}}, ["name"]) == ["red shoes"]
    assert own_texts(TEXT, {"query": {"match": {"name.english": "cable"}}}, ["name"]) == [TEXT, "cable"]


def test_an_unknown_clause_is_a_demand() -> None:
    """What is not known here is kept whole: that never shows what the body excludes."""
    odd = {"geo_shape": {"place": {"relation": "within"}}}
    assert demand({"bool": {"must": [MATCH, odd]}}) == [{"bool": {"filter": [odd]}}]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"query": {"simple_query_string": {"query": "usb cable -tester"}}}, "operators"),
        ({"query": {"query_string": {"query": "title:usb AND cable"}}}, "operators"),
        ({"query": {"query_string": {"query": "usb NOT cable"}}}, "operators"),
        ({"query": {"query_string": {"query": '"usb cable"'}}}, "operators"),
        ({"query": {"hybrid": {"queries": [MATCH]}}}, "by vectors (hybrid)"),
        ({"query": {"bool": {"should": [MATCH], "must": [{"knn": {"v": {"vector": [1], "k": 3}}}]}}}, "vectors (knn)"),
        ({"query": {"neural": {"v": {"query_text": TEXT}}}}, "by vectors (neural)"),
        ({"query": MATCH, "min_score": 2}, "min_score"),
        ({"query": {"function_score": {"query": MATCH, "min_score": 2}}}, "min_score"),
        ({"query": {"bool": {"should": [MATCH], "minimum_should_match": 2}}}, "more clauses than there are"),
        ({"query": {"bool": {"should": [MATCH, RED], "minimum_should_match": "x"}}}, "minimum_should_match"),
        ({"query": {"bool": [MATCH]}}, "bool is no object"),
        ({"query": ["match"]}, "no object with one key"),
    ],
)
def test_what_is_not_clear_is_said(body: dict[str, Any], why: str) -> None:
    """Where text and demands can't be told apart for certain, the reason says so."""
    with pytest.raises(UnclearBody, match=re.escape(why)):
        demands(body, [TEXT])


def test_a_query_without_end_is_refused() -> None:
    """A body may be nested deeper than Python's stack."""
    query: dict[str, Any] = MATCH
    for _ in range(3000):
        query = {"bool": {"must": [query]}}
    with pytest.raises(UnclearBody, match="nested deeper"):
        demand(query)


TAGS = ("red", "acme", "new")
LEAVES = st.sampled_from([MATCH, RED, ACME, NEW, {"match_all": {}}])


def bools(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.lists(inner, max_size=3)
    plain = st.fixed_dictionaries({}, optional={"must": lists, "should": lists, "filter": lists, "must_not": lists})
    counted = st.builds(
        lambda parts, n: {**parts, "minimum_should_match": min(n, len(parts.get("should", [])))},
        plain,
        st.integers(0, 3),
    )
    return st.one_of(plain, counted).map(lambda parts: {"bool": parts})


QUERIES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        bools(inner),
        st.lists(inner, min_size=1, max_size=3).map(lambda queries: {"dis_max": {"queries": queries}}),
        inner.map(lambda query: {"constant_score": {"filter": query}}),
        inner.map(lambda query: {"function_score": {"query": query}}),
        inner.map(lambda query: {"boosting": {"positive": query, "negative": RED, "negative_boost": 0.2}}),
    ),
    max_leaves=12,
)


def matches(query: dict[str, Any], tags: frozenset[str], words: bool, free: bool) -> bool:
    """Whether a product matches a query; its text matches if ``words``, and where it scores also if ``free``."""
    ((kind, value),) = query.items()
    if kind == "match":
        return words or free
    if kind == "match_all":
        return True
    if kind == "term":
        return value["tag"] in tags
    if kind == "dis_max":
        return any(matches(part, tags, words, free) for part in value["queries"])
    if kind != "bool":
        return matches(next(iter(value.values())), tags, words, free)
    must, should = value.get("must", []), value.get("should", [])
    needed = value.get("minimum_should_match", 0 if must or value.get("filter") else min(1, len(should)))
    return (
        all(matches(part, tags, words, free) for part in must)
        and all(matches(part, tags, words, False) for part in value.get("filter", []))
        and not any(matches(part, tags, words, False) for part in value.get("must_not", []))
        and sum(matches(part, tags, words, free) for part in should) >= needed
    )


@given(QUERIES, st.frozensets(st.sampled_from(TAGS)), st.booleans())
@settings(max_examples=400, deadline=None)
def test_demands_are_the_body_without_its_text(query: dict[str, Any], tags: frozenset[str], words: bool) -> None:
    """A product fulfils the demands exactly where the body would find it if only its text matched."""
    wanted = matches(query, tags, words, free=True)
    assert all(matches(clause, tags, words, free=False) for clause in demand(query)) == wanted

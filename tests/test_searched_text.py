"""The text that a body searches for."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.plugin.blend.denied import Phrase
from endcap.plugin.search.query_syntax import SearchedText
from endcap.plugin.search.searched_text import searched_text, text_at, with_denials
from endcap.plugin.search.status import Outcome, Reason

LACE = (Phrase("lace"),)
A, B = {"match": {"title": "red shoes"}}, {"match": {"title": "blue hat"}}
NEURAL = {"neural": {"vector": {"query_text": "red shoes", "model_id": "m", "k": 5}}}

FOUND: list[dict[str, Any]] = [
    A,
    {"match": {"title": {"query": "red shoes", "operator": "and"}}},
    {"match_phrase": {"title": "red shoes"}},
    {"match_phrase_prefix": {"title": {"query": "red shoes"}}},
    {"match_bool_prefix": {"title": "red shoes"}},
    {"multi_match": {"query": "red shoes", "fields": ["title^2", "brand"]}},
    {"combined_fields": {"query": "red shoes", "fields": ["title"]}},
    {"query_string": {"query": "red shoes"}},
    {"simple_query_string": {"query": "red shoes"}},
    NEURAL,
    {"bool": {"must": A, "filter": [B], "must_not": B}},
    {"bool": {"must": [A], "should": [{"match_phrase": {"title": "Red  SHOES"}}]}},
    {"dis_max": {"queries": [A, {"term": {"brand": "x"}}]}},
    {"function_score": {"query": A, "functions": [{"filter": B, "weight": 2}]}},
    {"constant_score": {"filter": A}},
    {"boosting": {"positive": A, "negative": B}},
    {"nested": {"path": "p", "query": A}},
    {"hybrid": {"queries": [A, NEURAL]}},
    {"script_score": {"query": A, "script": {"source": "1"}}},
    {
        "bool": {
            "should": [{"bool": {"must": [{"nested": {"path": "p", "query": A}}]}}, {"knn": {"v": {"vector": [1]}}}]
        }
    },
]


def reason(body: dict[str, Any]) -> Reason | None:
    """Why a body has no text."""
    found = searched_text(body)
    return found.reason if isinstance(found, Outcome) else None


@pytest.mark.parametrize("query", FOUND, ids=lambda query: next(iter(query)))
def test_the_one_text_is_found(query: dict[str, Any]) -> None:
    """Each kind of clause that adds to the score gives its text, as first written; filters and exclusions give none."""
    assert searched_text({"query": query}) == SearchedText("red shoes")


@pytest.mark.parametrize(
    "query",
    [
        None,
        {},
        {"match_all": {}},
        {"term": {"title": "red"}},
        {"ids": {"values": ["1"]}},
        {"bool": {"filter": [A]}},
        {"bool": {"must_not": [A]}},
        {"match": {"title": ""}},
        {"match": {"title": " \t"}},
        {"query_string": {"query": "*"}},
        {"knn": {"v": {"vector": [1.0], "k": 3, "filter": A}}},
        {"match": "broken"},
        {"match": {"title": None}},
        {"match": {"title": {"query": {"a": 1}}}},
        {"multi_match": {"fields": ["title"]}},
        [1, "x"],
        "text",
    ],
)
def test_no_text(query: Any) -> None:
    """Where nothing is searched for, or the body is broken, there is no text, and no exception."""
    assert reason({"query": query}) is Reason.NO_QUERY_TEXT


@pytest.mark.parametrize("query", [{"bool": {"must": [A, B]}}, {"bool": {"must": A, "should": B}}])
def test_several_texts(query: dict[str, Any]) -> None:
    """Different texts are never guessed between."""
    assert reason({"query": query}) is Reason.SEVERAL_QUERY_TEXTS


def test_a_number_is_a_text() -> None:
    """A model number may be written without quotes."""
    assert searched_text({"query": {"match": {"sku": 4711}}}) == SearchedText("4711")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["bool", "must", "should", "match", "title", "query", "nested", "dis_max", "queries"]),
                x,
            )
        ),
    )
)
def test_no_body_breaks_it(query: Any) -> None:
    """Any JSON at all gives a text or a reason."""
    assert isinstance(searched_text({"query": query}), (SearchedText, Outcome))


def test_a_body_deeper_than_the_stack() -> None:
    """A body may be nested deeper than Python's stack."""
    query: Any = A
    for _ in range(5000):
        query = {"bool": {"must": [query]}}
    assert searched_text({"query": query}) == SearchedText("red shoes")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("query.bool.must.0.match.title", "red shoes"),
        ("query.bool.must.0.match.title.query", "red shoes"),
        ("query.bool.should.0.match.name.en.query", "blue hat"),
        ("query.bool.must.1.match.title", None),
        ("query.bool", None),
        ("", None),
        ("query.bool.must.-1", None),
        ("size", None),
        ("ext.text", "given"),
        ("query.bool.filter.query_string.query", "red shoes"),
        ("query.bool.filter.0.query_string.query", "red shoes"),
    ],
)
def test_a_path_into_the_body(path: str, text: str | None) -> None:
    """A path goes through lists by number, through lone clauses as lists of one, and through names with dots."""
    body = {
        "query": {
            "bool": {
                "must": [A],
                "should": {"match": {"name.en": {"query": "blue hat"}}},
                "filter": {"query_string": {"query": "red AND shoes -lace"}},
            }
        },
        "size": 3,
        "ext": {"text": "given"},
    }
    denied = (LACE,) if "query_string" in path else ()
    assert text_at(body, path) == (None if text is None else SearchedText(text, denied))


def test_clauses_say_the_same_in_different_syntaxes() -> None:
    """Texts are compared for what they search for, and what one of them excludes is excluded."""
    simple = {"simple_query_string": {"query": "red shoes -lace"}}
    query = {"bool": {"must": [A], "should": [simple, {"query_string": {"query": "title:(Red AND shoes) NOT blue"}}]}}
    assert searched_text({"query": query}, ("title",)) == SearchedText("red shoes", (LACE, (Phrase("blue"),)))


def test_a_clause_that_only_filters_is_no_other_text() -> None:
    """A query_string may hold nothing but filters; where there is another text, these are not words."""
    only_filters = {"query_string": {"query": "in_stock:true AND price:[1 TO 5] AND status:active"}}
    assert searched_text({"query": {"bool": {"must": [A, only_filters]}}}) == SearchedText("red shoes")


def test_a_given_text_is_no_syntax_but_the_body_still_excludes() -> None:
    """What somebody typed is given beside the body; its signs are left alone, and the body's exclusions count."""
    body = {"query": {"simple_query_string": {"query": "red shoes -lace"}}}
    given = with_denials(SearchedText("red -shoes"), body, ())
    assert given == SearchedText("red -shoes", (LACE,))


@pytest.mark.parametrize(
    ("clause", "detail"),
    [
        ({"query_string": {"query": "usb AND"}}, "the text of query_string is not understood: its end, at character 8"),
        ({"query_string": {"query": "wi-fi 4/5"}}, "'/5' at character 8"),
        ({"query_string": {"query": '"usb'}}, "'\"usb' at character 1"),
        ({"query_string": {"query": "(" * 500 + "usb" + ")" * 500}}, "more than 100 parentheses in each other"),
        ({"query_string": {"query": "usb " * 10_000}}, "it has 40,000 characters, more than 32,000"),
        ({"simple_query_string": {"query": "usb", "flags": "AND|MAYBE"}}, "flags 'AND|MAYBE'"),
    ],
)
def test_a_syntax_that_is_not_understood(clause: dict[str, Any], detail: str) -> None:
    """The search is skipped, and the reply says what was not understood, and where."""
    found = searched_text({"query": {"bool": {"must": [A, clause]}}})
    assert isinstance(found, Outcome)
    assert (found.status, found.reason) == ("skipped", "query_syntax")
    assert detail in found.detail


def test_a_path_of_thousands_of_parts_is_read_in_a_moment() -> None:
    """No body is nested so deeply, and what each part may mean takes long to find out."""
    began_s = time.process_time()
    assert text_at({"query": {"match": {"title": "usb"}}}, ".".join(["0"] * 5_000)) is None
    assert time.process_time() - began_s < 1

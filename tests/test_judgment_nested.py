"""Judgments in JSON of any names: by query, by product, in lists; and what of it is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_judgment_layouts import FLAT, GRADES, IDS, RATINGS, account, read, rows

from endcap.errors import InputError
from endcap.index.judgments.formats.nested import WRAPPERS, ratings_in
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.reader import format_of, read_judgments

BULK = rows('{{"index": {{"_id": "{id}"}}}}\n{{"query": "{q}", "docid": "{p}", "rating": {g}}}\n')
FILES = [
    ("ranx.json", "nested", json.dumps(GRADES)),
    ("ids.json", "nested", json.dumps({IDS[q]: judged for q, judged in GRADES.items()}, indent=1)),
    ("list.json", "nested", json.dumps({"judgments": [{"query": q, "docid": p, "rating": g} for q, p, g in FLAT]})),
    (
        "nested.jsonl",
        "nested",
        "".join(f"{json.dumps({'query': q, 'docs': judged})}\n" for q, judged in GRADES.items()),
    ),
    (
        "hits.json",
        "nested",
        json.dumps({"hits": {"hits": [{"_source": {"query": q, "docid": p, "rating": g}} for q, p, g in FLAT]}}),
    ),
    (
        "bulk.ndjson",
        "nested",
        BULK,
    ),
    ("lists.jsonl", "search-relevance", "".join(f"{json.dumps(rated)}\n" for rated in RATINGS)),
    ("map.json", "search-relevance", json.dumps({"judgmentRatings": GRADES})),
    ("wrapped.json", "search-relevance", json.dumps({"judgments": [{"id": "b8a6", "judgmentRatings": RATINGS}]})),
]


@pytest.mark.parametrize(("name", "format", "text"), FILES, ids=[name for name, _, _ in FILES])
def test_each_layout_is_recognised_and_read(name: str, format: str, text: str, tmp_path: Path) -> None:
    found = read(tmp_path, name, text)
    assert (found.grades, found.format) == (GRADES, format)
    account(found)


@pytest.mark.parametrize(
    "text",
    [
        '[{"id": "1", "title": "Lamp", "rating": 4.5, "keywords": ["red"]}]',
        '{"id": "1", "title": "Lamp", "attributes": {"height": 3}}\n',
        '{"products": [{"product_id": 7, "name": "Lamp", "score": 3}]}',
        '{"count": 3, "hits": []}',
        '{"101": {"price": 9.5, "title": "Lamp"}}',
    ],
)
def test_a_catalogue_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    assert format_of(tmp_path / "x.json") == ""
    with pytest.raises(InputError, match=r"no judgments that are known.*It begins with"):
        read_judgments(tmp_path / "x.json")


def test_what_is_no_judgment_of_nested_json_is_counted(tmp_path: Path) -> None:
    """A label without its scale, a product without a rating, a broken line; null is no rating."""
    lines = [json.dumps({"query": f"q{n}", "ratings": {"1": 3, "2": 0}}) for n in range(6)]
    lines += [
        '{"query": "q", "ratings": {"1": "Exact", "2": null}}',
        '{"query": "q", "ratings": [{"docid": "1"}]}',
        "{",
    ]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    found = read_judgments(tmp_path / "x.jsonl")
    expected = {"no number as rating": 1, "no rating": 1, "broken JSON": 1, "without a rating": 1}
    assert (found.n_judgments, found.left_out) == (12, expected)
    assert "x.jsonl, line 7.ratings.1: the rating 'Exact' is no number" in found.warnings[0]
    account(found)


def test_nan_of_python_s_json_is_no_rating(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('{"lamp": {"1": 3, "2": NaN}}')
    assert read_judgments(tmp_path / "x.json").left_out == {"without a rating": 1}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([*sorted(WRAPPERS), "kettle", "red shoes"]),
        st.dictionaries(st.sampled_from(["p1", "p2", "p3"]), st.integers(0, 3), min_size=1),
        min_size=1,
    )
)
def test_a_query_that_is_called_like_a_wrapper_is_a_query(grades: dict[str, dict[str, int]]) -> None:
    found = list(ratings_in(grades, "x", {}))
    assert not any(isinstance(rating, RowError) for rating in found)
    read = {(r.query, r.product, r.value) for r in found if not isinstance(r, RowError)}
    assert read == {(q, p, g) for q, judged in grades.items() for p, g in judged.items()}


def test_grades_without_a_query_are_rejected_and_never_lost() -> None:
    (found,) = ratings_in({"labels": {"p1": "good"}}, "x", {})
    assert isinstance(found, RowError)
    assert "no query" in str(found)
    (rating,) = ratings_in({"kettle": {"labels": {"p1": 3}}}, "x", {})
    assert not isinstance(rating, RowError)
    assert rating.query == "kettle"


@pytest.mark.parametrize("key", ["product", "document"])
def test_a_product_may_be_an_object_with_its_id(key: str, tmp_path: Path) -> None:
    record = {"query": "shoe", key: {"id": "p1", "title": "Shoe"}, "grade": 3}
    for name, text in (("a.jsonl", json.dumps(record) + "\n"), ("a.json", json.dumps({"judgments": [record]}))):
        assert read(tmp_path, name, text).grades == {"shoe": {"p1": 3}}

"""Judgments in JSON of any names: by query, by product, in lists; and what of it is none."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet  # type: ignore[import-untyped]
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


MORE = {
    "objects": '{"version": 2, "lamp": {"a": {"grade": 3}, "b": {"grade": 0, "rater": "x"}}}',
    "beside objects": '{"lamp": {"a": 3, "b": {"grade": 0}}}',
    "by grade": '{"lamp": {"3": ["a"], "0": ["b"]}}',
    "rows": '[["lamp", "a", 3], ["lamp", "b", 0]]',
    "pairs": '[{"query": "lamp", "results": [["a", 3], ["b", 0]]}]',
    "wrapped": '{"version": 1, "queries": {"lamp": {"a": 3, "b": 0}}}',
    "empty before": '{"kettle": {}, "lamp": {"a": 3, "b": 0}}',
    "a book of Quepid": '{"name": "b", "query_doc_pairs": [{"query_text": "lamp", "doc_id": "a", "document_fields": '
    '{"title": "Lamp", "price": 3}, "judgements": [{"rating": 3.0, "user": {"name": "Anna", "email": "a@x"}}]}, '
    '{"query_text": "lamp", "doc_id": "b", "judgements": [{"rating": 0.0}]}]}',
    "in docs": '[{"query": "lamp", "synonyms": ["light"], "docs": {"a": 3, "b": {"grade": 0}}}]',
}


@pytest.mark.parametrize("layout", MORE)
def test_further_layouts_are_recognised(layout: str, tmp_path: Path) -> None:
    found = read(tmp_path, "x.json", MORE[layout])
    assert (found.grades, found.format) == ({"lamp": {"a": 3, "b": 0}}, "nested")
    account(found)


def test_what_stands_beside_judgments_is_named(tmp_path: Path) -> None:
    """Values about a file or a query, by their names; what stands where a grade should is counted as rejected."""
    (tmp_path / "x.json").write_text('{"version": 1, "lamp": {"a": 3, "b": 0, "c": 1, "tags": ["x"]}}')
    found = read_judgments(tmp_path / "x.json")
    assert (found.n_judgments, found.left_out) == (3, {"no rating": 1})
    assert "values that are no ratings are not read: version" in found.notes
    (tmp_path / "y.json").write_text(
        '[{"query": "lamp", "ratings": [{"doc": "a", "grade": 3}, {"doc": "b", "grade": 1}, 7]}]'
    )
    found = read_judgments(tmp_path / "y.json")
    assert (found.n_judgments, found.left_out) == (2, {"no rating": 1})
    assert "'7' stands alone in a list" in found.warnings[0]


GIVEN = st.one_of(
    st.integers(0, 3),
    st.integers(0, 3).map(lambda grade: {"grade": grade}),
    st.integers(0, 3).map(lambda grade: {"grade": grade, "by": "x"}),
)
NOT_GIVEN = st.one_of(st.none(), st.just("good"), st.just({"grade": None}), st.just(["x"]), st.just({"other": "x"}))
PRODUCTS = st.dictionaries(st.sampled_from(["p1", "p2", "p3", "p4", "p5", "p6"]), GIVEN, min_size=1)


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(["kettle", "red shoes", "lamp"]), PRODUCTS, min_size=1),
    NOT_GIVEN,
    st.booleans(),
    st.sampled_from(["{}", '{{"queries": {}, "version": 1}}', '{{"judgments": [{}]}}', '[{{"created": "x"}}, {}]']),
)
def test_rows_in_are_judgments_rejects_and_merged(
    tmp_path_factory: pytest.TempPathFactory, judged: dict, odd: object, twice: bool, around: str
) -> None:
    """Through the reader: every grade is used, and what is none, somewhere among them, is counted."""
    path = tmp_path_factory.getbasetemp() / "property.json"
    listed = {**judged, "odd": {"p0": 1, "p1": 2, "p2": 3, "none": odd}}
    text = json.dumps([listed, listed] if twice else listed)
    path.write_text(
        around.format(text).replace('[{"created": "x"}, ', "[") if "created" in around else around.format(text)
    )
    found = read_judgments(path, "nested")
    plain = {
        q: {p: g["grade"] if isinstance(g, dict) else g for p, g in products.items()} for q, products in judged.items()
    }
    assert found.grades == {**plain, "odd": {"p0": 1, "p1": 2, "p2": 3}}
    copies = 2 if twice else 1
    assert sum(found.left_out.values()) == copies
    assert found.rows == copies * found.n_judgments
    assert found.merged == found.rows - found.n_judgments


def test_parquet_with_lists_is_read_and_with_another_format_refused(tmp_path: Path) -> None:
    rows = [{"query": "lamp", "ratings": [{"docId": "a", "rating": 3}, {"docId": "b", "rating": 0}]}]
    parquet.write_table(pa.Table.from_pylist(rows), tmp_path / "x.parquet")
    found = read_judgments(tmp_path / "x.parquet")
    assert (found.grades, found.format) == ({"lamp": {"a": 3, "b": 0}}, "nested")
    for format in ("trec", "rank-eval", "ltr"):
        with pytest.raises(InputError, match="the file is Parquet, which this format is not written in"):
            read_judgments(tmp_path / "x.parquet", format)


def test_a_query_that_stands_twice_loses_no_product(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"shoe": {"a": 3, "b": 1}, "boot": {"d": 2}, "shoe": {"c": 2, "b": 1}}')
    assert read_judgments(path).grades == {"shoe": {"a": 3, "b": 1, "c": 2}, "boot": {"d": 2}}
    path.write_text('{"shoe": {"3": ["a"]}, "shoe": {"3": ["b"]}}')
    assert read_judgments(path).grades == {"shoe": {"a": 3, "b": 3}}
    path.write_text('{"shoe": {"a": 3, "b": 1, "a": 0}}')
    with pytest.raises(InputError, match="the key 'a' stands twice in one object, with different values"):
        read_judgments(path)

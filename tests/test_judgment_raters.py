"""Tables with a column for each rater, and judgments in Parquet."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from test_judgment_layouts import account, read

from endcap.index.judgments.reader import read_judgments


def test_numbered_ratings_are_those_of_several_raters(tmp_path: Path) -> None:
    found = read(tmp_path, "two.csv", "query,docid,Rating 1,Rating 2\nlamp,201,3,1\nlamp,202,2,2\n")
    assert found.format == "raters"
    assert found.votes == {"lamp": {"201": (0, 1, 0, 1), "202": (0, 0, 2, 0)}}
    account(found)


def test_two_columns_of_one_name_are_two_raters_and_it_is_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What the reader of tables says of them is true of judgments, too: none is left out."""
    found = read(tmp_path, "same.csv", "query,docid,rating,rating\nlamp,201,3,1\nlamp,202,0,3\n")
    assert found.votes == {"lamp": {"201": (0, 1, 0, 1), "202": (1, 0, 0, 1)}}
    assert "a column for each of 2 raters: rating, rating.2" in found.notes
    assert "'rating'; the first keeps that name, the next is called rating.2 here" in caplog.text
    account(found)


def test_a_decimal_comma_costs_no_votes_and_figures_are_no_raters(tmp_path: Path) -> None:
    text = 'query,docid,ann,bob,time_s,mean,stock,ctr\nlamp,201,3,"2,0",1,2,3,0\nlamp,202,1,1,2,1,0,1\n'
    found = read(tmp_path, "book.csv", text)
    assert found.votes == {"lamp": {"201": (0, 0, 1, 1), "202": (0, 2, 0, 0)}}


def test_a_column_that_is_mostly_ratings_is_not_dropped_in_a_note(tmp_path: Path) -> None:
    text = "query,docid,ann,bob\nlamp,201,3,2\nlamp,202,1,1\nlamp,203,1,good\n"
    found = read(tmp_path, "book.csv", text)
    assert any("'bob' is not read as a rater's: 1 of its 3" in warning for warning in found.warnings)


def test_judgments_in_parquet_are_read(tmp_path: Path) -> None:
    table = pa.table({"query": ["lamp", "lamp"], "product_id": [201, 202], "grade": [3.0, 1.5]})
    pq.write_table(table, tmp_path / "j.parquet")
    assert read_judgments(tmp_path / "j.parquet").grades == {"lamp": {"201": 3, "202": 1.5}}


def test_a_column_of_numbers_that_is_left_out_by_its_name_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text("query,docid,anna,weight,day\nlamp,a,3,1,2026-01-01\nlamp,b,0,2,2026-01-02\n")
    found = read_judgments(tmp_path / "book.csv")
    (warning,) = found.warnings
    assert "columns 'weight' hold numbers alone, but by their names no rater's" in warning
    assert "columns that are no ratings: weight, day" in found.notes


def test_columns_in_other_languages(tmp_path: Path) -> None:
    for head in ("Suchbegriff,Produkt-ID,Bewertung", "Requ\u00eate,ID produit,Pertinence"):
        (tmp_path / "x.csv").write_text(f"{head}\nlamp,a,3\nlamp,b,0\n")
        assert read_judgments(tmp_path / "x.csv").grades == {"lamp": {"a": 3, "b": 0}}

"""Judgments in every format become grades from 0 to 3, by a stated mapping."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from judgment_parts import search_relevance

from endcap.errors import InputError
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.catalogue import read_products

AS_THEY_ARE = {"0": 0, "1": 1, "2": 2, "3": 3}


def test_quepid(tmp_path: Path) -> None:
    """query,docid,rating; rows that Quepid leaves unrated are counted and left out."""
    path = tmp_path / "rated.csv"
    path.write_text('query,docid,rating\nusb c,1,3\n"a, b",2,0.0\nusb c,7,\nusb c,1,3\n')
    found = read_judgments(path)
    assert found.grades == {"usb c": {"1": 3}, "a, b": {"2": 0}}
    assert (found.name, found.format, found.mapping) == ("rated", "quepid", AS_THEY_ARE)
    assert (found.n_unrated, found.n_judgments) == (1, 2)


@pytest.mark.parametrize("head", ["Query,Doc ID,Rating", "Team,Case ID,Query Text,Doc ID,Doc Position,Rating"])
def test_quepids_other_exports(tmp_path: Path, head: str) -> None:
    """However Quepid's export spells and arranges the three columns, they are found."""
    row = {"Query": "usb c", "Query Text": "usb c", "Doc ID": "7", "Rating": "2"}
    path = tmp_path / "case.csv"
    path.write_text(f"\ufeff{head}\n" + ",".join(row.get(name, "x") for name in head.split(",")) + "\n")
    found = read_judgments(path)
    assert (found.grades, found.format) == ({"usb c": {"7": 2}}, "quepid")


def test_a_table_that_is_no_judgments_is_told_its_columns(tmp_path: Path) -> None:
    """What was found, and which columns would do."""
    path = tmp_path / "shop.csv"
    path.write_text("sku;name\n1;lamp\n")
    with pytest.raises(InputError, match=r"its columns are sku, name\. Name the columns query,docid,rating, or"):
        read_judgments(path)


def test_trec_with_queries_beside_or_given(tmp_path: Path) -> None:
    """Query ids are replaced by texts, from a file beside the qrels or the one given; without one it says so."""
    path = tmp_path / "set.qrels"
    path.write_text("q1 0 d1 3\nq1\t0\td2\t0\n\nq2 0 d1 1\n")
    with pytest.raises(InputError, match=r"queries are named by id.*queries\.jsonl or queries\.tsv"):
        read_judgments(path)
    elsewhere = tmp_path / "topics.txt"
    elsewhere.write_text("q1\tusb cable\nq2\tphone, red\n")
    expected = {"usb cable": {"d1": 3, "d2": 0}, "phone, red": {"d1": 1}}
    assert read_judgments(path, queries=elsewhere).grades == expected
    (tmp_path / "queries.tsv").write_text("qid\tquery\nq1\tusb cable\nq2\tphone, red\n")
    found = read_judgments(path)
    assert (found.grades, found.format, found.mapping) == (expected, "trec", AS_THEY_ARE)


def test_beir_folder_file_and_splits(tmp_path: Path) -> None:
    """qrels/SPLIT.tsv with queries.jsonl beside the folder; with several splits one has to be chosen."""
    (tmp_path / "qrels").mkdir()
    (tmp_path / "corpus.jsonl").write_text('{"_id": "d1", "title": "t", "text": "x"}\n')
    (tmp_path / "queries.jsonl").write_text('{"_id": "1", "text": "claim one"}\n{"_id": "2", "text": "claim two"}\n')
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\n1\td1\t1\n")
    assert read_judgments(tmp_path).grades == {"claim one": {"d1": 1}}
    (tmp_path / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n2\td1\t2\n")
    with pytest.raises(InputError, match=r"which split.*beir:test, beir:train"):
        read_judgments(tmp_path)
    assert read_judgments(tmp_path, "beir:train").grades == {"claim two": {"d1": 2}}
    assert read_judgments(tmp_path / "qrels" / "test.tsv").grades == {"claim one": {"d1": 1}}


def test_search_relevance_scales(tmp_path: Path) -> None:
    """Ratings of 100, 10, 1, 0 are grades 3, 2, 1, 0; other ratings must be grades already; the record says which."""
    path = tmp_path / "judgments.json"
    path.write_bytes(search_relevance(("q", "a", "100.000"), ("q", "b", "10.000"), ("q", "c", "1.000"), ("r", "a", 0)))
    found = read_judgments(path)
    assert found.grades == {"q": {"a": 3, "b": 2, "c": 1}, "r": {"a": 0}}
    assert (found.format, found.mapping) == ("search-relevance", {"100": 3, "10": 2, "1": 1, "0": 0})
    path.write_bytes(search_relevance(("q", "a", "3.0"), ("q", "b", 2), ("q", "c", "0")))
    found = read_judgments(path)
    assert (found.grades, found.mapping) == ({"q": {"a": 3, "b": 2, "c": 0}}, AS_THEY_ARE)
    path.write_bytes(json.dumps([{"query": "q", "ratings": [{"docId": "a", "rating": "1.000"}]}]).encode())
    assert read_judgments(path).grades == {"q": {"a": 1}}  # the bare list, as OpenSearch's own samples have it
    path.write_bytes(search_relevance(("q", "a", "100.0"), ("q", "b", "3")))
    with pytest.raises(InputError, match=r"judgmentRatings\[0\]\.ratings\[0\]: the rating '100.0' is out of range"):
        read_judgments(path)


def test_esci_and_its_options(tmp_path: Path) -> None:
    """Labels E, S, C, I; locale, split and version can be chosen, and different labels across locales are refused."""
    row = {"query": "lamp", "product_id": "B1", "product_locale": "us", "esci_label": "E", "split": "test"}
    row |= {"query_id": "1"}
    rows: list[dict[str, Any]] = [
        row | {"small_version": 1, "large_version": 1},
        row | {"product_id": "B2", "esci_label": "S", "split": "train", "small_version": 0, "large_version": 1},
        row | {"product_id": "B3", "esci_label": "C", "small_version": 0, "large_version": 1},
        row | {"product_locale": "es", "esci_label": "I", "small_version": 1, "large_version": 1},
    ]
    path = tmp_path / "shopping_queries_dataset_examples.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    found = read_judgments(tmp_path, "esci:us")
    assert found.grades == {"lamp": {"B1": 3, "B2": 2, "B3": 1}}
    assert (found.format, found.mapping) == ("esci:us", {"E": 3, "S": 2, "C": 1, "I": 0})
    assert read_judgments(path, "esci:us:test").grades == {"lamp": {"B1": 3, "B3": 1}}
    assert read_judgments(path, "esci:small:us:test").grades == {"lamp": {"B1": 3}}
    mixed = read_judgments(path)
    assert (mixed.grades["lamp"]["B1"], mixed.votes["lamp"]["B1"]) == (0, (1, 0, 0, 1))
    assert "row 4: 'B1' has 0 for 'lamp', but had 3 before" in mixed.warnings[0]
    with pytest.raises(InputError, match="no judgment in it"):
        read_judgments(path, "esci:jp")


def test_wands(tmp_path: Path) -> None:
    """label.csv and query.csv between tabs; Exact is 3, Partial 1, Irrelevant 0, and the record says so."""
    (tmp_path / "query.csv").write_text("query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n")
    rows = "\n".join(f"{n}\t0\t{n}\t{label}" for n, label in enumerate(("Exact", "Irrelevant", "Partial")))
    (tmp_path / "label.csv").write_text(f"id\tquery_id\tproduct_id\tlabel\n{rows}\n")
    for path in (tmp_path, tmp_path / "label.csv"):
        found = read_judgments(path)
        assert found.grades == {"salon chair": {"0": 3, "1": 0, "2": 1}}
        assert (found.format, found.mapping) == ("wands", {"Exact": 3, "Partial": 1, "Irrelevant": 0})
    (tmp_path / "label.csv").write_text("id\tquery_id\tproduct_id\tlabel\n0\t0\t0\tGood\n")
    with pytest.raises(InputError, match="line 2: the label 'Good' is not one of Exact, Partial, Irrelevant"):
        read_judgments(tmp_path)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("q,1,4\n", "line 2: the rating '4' is out of range"),
        ("q,1,-1\n", "line 2: the rating '-1' is out of range"),
        ("q,1,0.5\n", "all ratings are decimals from 0 to 1"),
        ("q,1,nan\n", r"there is no judgment in it \(1 rows without a rating\)"),
        ("q,1,good\n", "line 2: the rating 'good' is no number"),
        (",1,3\n", "line 2: the query is empty"),
        ("q,,3\n", "line 2: the product's id is empty"),
        ("q,1\n", "line 2: 2 values for 3 columns"),
        ("", "there is no judgment in it"),
        ("q,1,\n", r"there is no judgment in it \(1 rows without a rating\)"),
    ],
)
def test_faults_are_named_with_their_line(rows: str, said: str, tmp_path: Path) -> None:
    """A grade that is none, a contradiction, an empty file: each is an InputError with its place."""
    path = tmp_path / "rated.csv"
    path.write_text("query,docid,rating\n" + rows)
    with pytest.raises(InputError, match=said):
        read_judgments(path, "quepid")


def test_faults_of_qrels(tmp_path: Path) -> None:
    """Wrong columns, unknown queries and negative grades are named with their line."""
    (tmp_path / "queries.tsv").write_text("q1\tcable\n")
    path = tmp_path / "set.qrels"
    path.write_text("q1 0 d1 3\nq1 0 d2 -2\n")
    assert read_judgments(path).grades == {"cable": {"d1": 3, "d2": 0}}
    assert "negative grades count as 0" in read_judgments(path).warnings[0]
    for text, said in (
        ("q1 0 d1 3\nq1 d2 3\n", "line 2: 3 columns"),
        ("q1 0 d1 3\nq2 0 d2 3\n", "line 2: query 'q2' is not in the file of queries"),
        ("q1 0 d1 4\n", "line 1: the rating '4' is out of range"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read_judgments(path)
    (tmp_path / "queries.tsv").write_text("q1\tcable\nq1\tother\n")
    with pytest.raises(InputError, match="line 2: query 'q1' was given another text before"):
        read_judgments(path)


def test_faults_of_json(tmp_path: Path) -> None:
    """Broken JSON is named by line, a wrong shape by its place in the document."""
    path = tmp_path / "judgments.json"
    for text, said in (
        ('{"judgmentRatings": [\n{"query": "q",\n]}', "line 3: not valid JSON"),
        ('{"judgmentRatings": {}}', "a list 'judgmentRatings', or that list alone"),
        ('{"judgmentRatings": [{"query": "q"}]}', r"judgmentRatings\[0\]: an object with 'query' and a list 'ratings'"),
        (
            '{"judgmentRatings": [{"query": "q", "ratings": [{"docId": null}]}]}',
            r"ratings\[0\]: an object with 'docId'",
        ),
        ('{"judgmentRatings": [{"query": "q", "ratings": [{"docId": "5"}]}]}', r"ratings\[0\]: the rating is missing"),
        ('{"judgmentRatings": []}', "there is no judgment in it"),
    ):
        path.write_text(text)
        with pytest.raises(InputError, match=said):
            read_judgments(path)


def test_wrong_requests_say_what_would_be_right(tmp_path: Path) -> None:
    """Unknown formats, missing files and folders with none or several are InputErrors that name the choices."""
    with pytest.raises(InputError, match=r"format 'csv' is not known\. Use one of trec, beir, quepid"):
        read_judgments(tmp_path, "csv")
    with pytest.raises(InputError, match="no such file or folder"):
        read_judgments(tmp_path / "nothing")
    with pytest.raises(InputError, match="no judgments here"):
        read_judgments(tmp_path)
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("query,docid,rating\nq,1,3\n")
    with pytest.raises(InputError, match=r"more than one file holds judgments \(a\.csv: quepid; b\.csv: quepid\)"):
        read_judgments(tmp_path)
    with pytest.raises(InputError, match="takes no option"):
        read_judgments(tmp_path / "a.csv", "quepid:us")
    (tmp_path / "x.txt").write_text("hello\n")
    with pytest.raises(InputError, match="no judgments that are known"):
        read_judgments(tmp_path / "x.txt")


def test_real_judgments(datasets: Path) -> None:
    """The public judgments are read whole, by folder or file, and every judged product is in its catalogue."""
    for folder, file, format, n_queries, n_judgments in (
        ("chorus", "Broad_Query_Set_rated.csv", "quepid", 90, 2_330),
        ("esci-us", "", "search-relevance", 75, 3_355),
        ("esci-sample", "", "esci", 2_814, 2_966),
    ):
        found = read_judgments(datasets / folder / file)
        assert (found.format, len(found.grades), found.n_judgments) == (format, n_queries, n_judgments)
        ids = {product.id for product in read_products(datasets / folder)}
        assert all(id in ids for products in found.grades.values() for id in products)


def test_several_raters_vote(tmp_path: Path) -> None:
    """A pair's grade is the median, of two middle ones the lower; pairs of one rater have no votes."""
    path = tmp_path / "rated.csv"
    rows = "lamp,1,3,ann\nlamp,1,2,bob\nlamp,1,2,cy\nlamp,2,0,ann\nlamp,2,3,bob\nlamp,3,1,ann\nlamp,3,1,ann\n"
    path.write_text("query,docid,rating,Rater\n" + rows)
    found = read_judgments(path)
    assert found.grades == {"lamp": {"1": 2, "2": 0, "3": 1}}
    assert found.votes == {"lamp": {"1": (0, 0, 2, 1), "2": (1, 0, 0, 1)}}


@pytest.mark.parametrize("rows", [(3, 2, 3), (2, 3, 3), (3, 3, 2)])
def test_several_grades_of_a_pair_are_votes(rows: tuple[int, ...], tmp_path: Path) -> None:
    """Whoever gave them, in whatever order: the median counts, and the first contradiction is shown."""
    path = tmp_path / "rated.csv"
    path.write_text("query,docid,rating\n" + "".join(f"lamp,1,{grade}\n" for grade in rows))
    found = read_judgments(path)
    assert (found.grades, found.votes) == ({"lamp": {"1": 3}}, {"lamp": {"1": (0, 0, 1, 2)}})
    assert "1 pairs of query and product have several grades" in found.warnings[0]
    path.write_text("query,docid,rating,rater\n" + "".join(f"lamp,1,{grade},ann\n" for grade in rows))
    found = read_judgments(path)
    assert (found.grades, found.votes) == ({"lamp": {"1": 2}}, {"lamp": {"1": (0, 0, 1, 1)}})
    assert "by 'ann' for 'lamp', but had" in found.warnings[0]


def test_few_broken_rows_are_left_out_and_shown(tmp_path: Path) -> None:
    """Rows in are used, merged and rejected; of the rejected the first lines are shown."""
    path = tmp_path / "rated.csv"
    good = "".join(f"lamp,{n},{n % 4}\n" for n in range(20))
    path.write_text(f"query,docid,rating\n{good}lamp,21\nlamp,22,good\n,23,1\nlamp,,1\nlamp,19,3\nlamp,25,\n")
    found = read_judgments(path)
    assert (found.n_judgments, found.merged, sum(found.left_out.values())) == (20, 1, 5)
    assert "26 rows read: 20 used, 1 merged (a pair judged again), 5 rejected" in found.account()
    assert "4 of 25 rows are no judgments and were left out, such as:" in found.warnings[0]
    assert "line 22: 2 values for 3 columns" in found.warnings[0]
    assert "line 23: the rating 'good' is no number" in found.warnings[0]


@pytest.mark.parametrize(("slips", "refused"), [(1, False), (2, False), (3, True)])
def test_a_rating_off_the_scale_is_a_slip_only_where_it_is_rare(slips: int, refused: bool, tmp_path: Path) -> None:
    """Where it is not, the scale is another one, and no grade would be right."""
    path = tmp_path / "rated.csv"
    rows = [f"lamp,{n},{n % 4}\n" for n in range(200)] + [f"lamp,9{n},7\n" for n in range(slips)]
    path.write_text("query,docid,rating\n" + "".join(rows))
    if refused:
        with pytest.raises(InputError, match=r"line 202: the rating '7' is out of range.*with 3 of 203 rows"):
            read_judgments(path)
    else:
        assert read_judgments(path).left_out == {"off the scale": slips}


def test_a_file_of_broken_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rated.csv"
    path.write_text("query,docid,rating\nlamp,1,3\nlamp,2,x\nlamp,3\n")
    with pytest.raises(InputError, match=r"line 3: the rating 'x' is no number.*So it is with 2 of 3 rows of rated"):
        read_judgments(path)

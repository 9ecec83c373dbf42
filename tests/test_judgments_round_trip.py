"""Judgments of any content: what is written is read, and hostile input is an InputError."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judgment_parts import search_relevance

from endcap.errors import InputError
from endcap.index.judgments.reader import FORMATS, read_judgments

QUERY = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1, max_size=12).filter(str.strip)
ID = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=1, max_size=8)
GRADES = st.dictionaries(QUERY, st.dictionaries(ID, st.integers(0, 3), min_size=1, max_size=3), min_size=1, max_size=3)
IN_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@IN_FOLDER
@given(GRADES, st.sampled_from(["quepid", "search-relevance", "esci", "trec", "beir", "wands"]))
def test_what_is_written_is_read(tmp_path: Path, grades: dict[str, dict[str, int]], format: str) -> None:
    """Any queries and ids survive every format."""
    import csv

    rows = [(query, id, grade) for query, products in grades.items() for id, grade in products.items()]
    number = {query: str(n) for n, query in enumerate(grades)}
    queries = tmp_path / "queries.jsonl"
    queries.write_text("".join(json.dumps({"_id": number[query], "text": query}) + "\n" for query in grades))
    path, expected = tmp_path / f"file.{format}", grades
    with path.open("w", newline="", encoding="utf-8") as file:
        if format == "quepid":
            csv.writer(file, lineterminator="\n").writerows([("query", "docid", "rating"), *rows])
        elif format == "search-relevance":
            file.write(search_relevance(*((query, id, str(grade)) for query, id, grade in rows)).decode())
        elif format == "trec":
            file.writelines(f"{number[query]} 0 {id} {grade}\n" for query, id, grade in rows)
        elif format in ("beir", "wands"):
            names = ("query-id", "corpus-id", "score") if format == "beir" else ("query_id", "product_id", "label")
            labels = {0: "Irrelevant", 1: "Partial", 2: "Exact", 3: "Exact"}
            writer = csv.writer(file, delimiter="\t", lineterminator="\n")
            writer.writerow(names)
            writer.writerows((number[q], id, grade if format == "beir" else labels[grade]) for q, id, grade in rows)
    if format == "wands":
        expected = {query: {id: {2: 3}.get(grade, grade) for id, grade in p.items()} for query, p in grades.items()}
    if format == "esci":
        labelled = [{"query": query, "product_id": id, "esci_label": "ICSE"[grade]} for query, id, grade in rows]
        path = tmp_path / "file.parquet"
        pq.write_table(pa.Table.from_pylist(labelled), path)
    if format in ("quepid", "wands"):
        path = path.rename(tmp_path / f"{format}.csv")
    if format == "beir":
        path = path.rename(tmp_path / "beir.tsv")
    assert read_judgments(path, format, queries if format in ("trec", "beir", "wands") else None).grades == expected


PIECES = [
    b"q,1,3\n",
    b"query,docid,rating\n",
    b"q1 0 d1 3\n",
    b"query-id\tcorpus-id\tscore\n",
    b'"',
    b"\xff",
    b"\n",
    b"{",
]
HOSTILE = st.one_of(
    st.binary(max_size=200),
    st.lists(st.sampled_from(PIECES), max_size=8).map(b"".join),
    st.recursive(st.none() | st.integers() | st.text(max_size=5), st.lists, max_leaves=5).map(
        lambda value: json.dumps({"judgmentRatings": value}).encode()
    ),
)


@IN_FOLDER
@given(
    HOSTILE, st.sampled_from(["a.csv", "a.tsv", "a.json", "a.qrels", "a.parquet"]), st.sampled_from([None, *FORMATS])
)
def test_hostile_input_raises_input_error_only(tmp_path: Path, content: bytes, name: str, format: str | None) -> None:
    """Whatever bytes a file holds, the answer is judgments or an InputError; so it is for a file of queries."""
    path = tmp_path / name
    path.write_bytes(content)
    qrels = tmp_path / "good.qrels"
    qrels.write_text("q1 0 d1 3\n")
    for judgments, queries in ((path, None), (path, path), (qrels, path)):
        try:
            found = read_judgments(judgments, format if judgments == path else "trec", queries)
        except InputError:
            continue
        assert {grade for products in found.grades.values() for grade in products.values()} <= {0, 1, 2, 3}

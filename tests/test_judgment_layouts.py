"""Judgments in the layouts of those who make them: each file here is written as its owner writes it."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.judgments.judgments import Judgments
from endcap.index.judgments.reader import FORMATS, read_judgments

GRADES = {"red shoes": {"101": 3, "102": 0}, "lamp": {"201": 2}}
FLAT = [(query, product, grade) for query, judged in GRADES.items() for product, grade in judged.items()]
IDS = {"red shoes": "1", "lamp": "2"}
RATINGS = [
    {"query": q, "ratings": [{"docId": p, "rating": f"{g}.000"} for p, g in judged.items()]}
    for q, judged in GRADES.items()
]
WORKBENCH = {
    "took": 3,
    "timed_out": False,
    "hits": {
        "total": {"value": 1, "relation": "eq"},
        "hits": [
            {
                "_index": ".plugins-search-relevance-judgment",
                "_id": "b8a6",
                "_source": {"id": "b8a6", "status": "COMPLETED", "type": "IMPORT_JUDGMENT", "judgmentRatings": RATINGS},
            }
        ],
    },
}
RANK_EVAL = {
    "requests": [
        {
            "id": f"r{n}",
            "request": {
                "query": {"bool": {"must": {"match": {"title": {"query": q}}}, "filter": {"term": {"a": "b"}}}}
            },
            "ratings": [{"_index": "shop", "_id": p, "rating": g} for p, g in judged.items()],
        }
        for n, (q, judged) in enumerate(GRADES.items())
    ],
    "metric": {"dcg": {"k": 10}},
}
TEMPLATES = {
    "templates": [{"id": "t", "template": {"source": {"query": {"match": {"title": "{{words}}"}}}}}],
    "requests": [
        {
            "id": f"r{n}",
            "template_id": "t",
            "params": {"words": q},
            "ratings": [{"_index": "shop", "_id": p, "rating": g} for p, g in judged.items()],
        }
        for n, (q, judged) in enumerate(GRADES.items())
    ],
}
RRE = {
    "index": "shop",
    "id_field": "id",
    "topics": [
        {
            "description": "things",
            "query_groups": [
                {
                    "name": f"group {q}",
                    "queries": [{"template": "only_q.json", "placeholders": {"$query": q}}],
                    "relevant_documents": {str(g): [p for p in judged if judged[p] == g] for g in set(judged.values())},
                }
                for q, judged in GRADES.items()
            ],
        }
    ],
}
RRE_GAINS = {
    "query_groups": [
        {"name": q, "relevant_documents": {p: {"gain": g} for p, g in judged.items()}} for q, judged in GRADES.items()
    ]
}


def rows(template: str, **more: str) -> str:
    return "".join(template.format(q=q, id=IDS[q], p=p, g=g, **more) for q, p, g in FLAT)


LTR = "# grade (0-3) query features docId\n# qid:1: red shoes*1\n# qid:2: lamp\n" + rows(
    "{g} qid:{id} 1:0.5 2:7 # {p} name\n"
)
LETOR = rows("{g} qid:{id} 1:0.5 #docid = {p} inc = 1 prob = 0.2\n")
TABLES = [
    ("quepid.csv", "quepid", "query,docid,rating\n" + rows("{q},{p},{g}\n")),
    ("other.csv", "quepid", "Search Term;Product ID;Relevance\n" + rows("{q};{p};{g}\n")),
    ("other.tsv", "quepid", "keyword\tsku\tgrade\n" + rows("{q}\t{p}\t{g}\n")),
    (
        "commented.csv",
        "quepid",
        "# judged in November\n\n# by Ann\nquery,docid,rating\n# the end,\n" + rows("{q},{p},{g}\n"),
    ),
    ("lines.jsonl", "records", rows('{{"query": "{q}", "docid": {p}, "rating": {g}}}\n')),
    ("floats.jsonl", "records", rows('{{"user_query": "{q}", "product_id": {p}.0, "rating": {g}.0}}\n')),
    ("array.json", "records", json.dumps([{"query": q, "docid": p, "rating": g} for q, p, g in FLAT], indent=1)),
    ("qrels.tsv", "trec", rows("{id}\t0\t{p}\t{g}\n")),
    ("qrels.csv", "trec", "2,0,201,2\n1,0,101,3\n1,0,102,0\n"),
    ("equal.tsv", "trec", "1\t0\t102\t0\n1\t0\t101\t3\n2\t0\t201\t2\n"),
    ("equal.csv", "trec", "1,0,102,0\n1,0,101,3\n2,0,201,2\n"),
    ("commented.qrels", "trec", "# graded by 3\n" + rows("{id} 0 {p} {g}\n")),
    ("ids.csv", "by-id", "topic_id,doc_id,relevance\n" + rows("{id},{p},{g}\n")),
    ("excel.csv", "quepid", "sep=;\r\nquery;docid;rating\r\nlamp;999;NaN\r\n" + rows("{q};{p};{g}\r\n")),
    ("document.json", "search-relevance", json.dumps({"found": True, "_source": {"judgmentRatings": RATINGS}})),
    ("ltr.txt", "ltr", LTR),
    ("letor.txt", "ltr", LETOR),
    ("import.json", "search-relevance", json.dumps({"name": "x", "judgmentRatings": RATINGS})),
    ("answer.json", "search-relevance", json.dumps(WORKBENCH)),
    ("rank_eval.json", "rank-eval", json.dumps(RANK_EVAL, indent=2)),
    ("templates.json", "rank-eval", json.dumps(TEMPLATES)),
    ("rre.json", "rre", json.dumps(RRE)),
    ("gains.json", "rre", json.dumps(RRE_GAINS)),
    ("trailing.csv", "quepid", "query,docid,rating,\n" + rows("{q},{p},{g}\n")),
    ("trailing rows.csv", "quepid", "query;docid;rating\n" + rows("{q};{p};{g};\n")),
    ("index.csv", "quepid", ",query,docid,rating\n" + rows("7,{q},{p},{g}.0\n")),
    ("ended.tsv", "trec", rows("{id}\t0\t{p}\t{g}\t\n")),
]


def read(folder: Path, name: str, text: str, encoding: str = "utf-8", **options: Any) -> Judgments:
    (folder / "queries.tsv").write_text("".join(f"{id}\t{query}\n" for query, id in IDS.items()))
    (folder / name).write_bytes(text.encode(encoding))
    return read_judgments(folder / name, **options)


def account(found: Judgments) -> None:
    """Nothing is lost in silence: each row that was read is used, merged or rejected."""
    rejected = sum(found.left_out.values())
    assert found.rows == found.n_judgments + found.merged
    assert f"{found.rows + rejected:,} rows read: {found.n_judgments:,} used" in found.account()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
@pytest.mark.parametrize(("name", "format", "text"), TABLES, ids=[name for name, _, _ in TABLES])
def test_each_layout_is_recognised_and_read(name: str, format: str, text: str, encoding: str, tmp_path: Path) -> None:
    found = read(tmp_path, name, text, encoding)
    assert (found.grades, found.format) == (GRADES, format)
    account(found)


def test_cp1252_is_read_as_windows_wrote_it(tmp_path: Path) -> None:
    found = read(tmp_path, "windows.csv", "query;docid;rating\nétagère 20 €;a;3\n", "cp1252")
    assert found.grades == {"étagère 20 €": {"a": 3}}


def test_a_column_for_each_rater_gives_votes(tmp_path: Path) -> None:
    """Quepid's book: votes are kept, a column of texts is named, and a row that nobody rated is counted."""
    text = "query,docid,title,ann@example.com,Bob\nlamp,201,Desk lamp,3,1\nlamp,202,Lamp shade,,2\nlamp,203,Bulb,,\n"
    found = read(tmp_path, "book.csv", text)
    assert (found.format, found.grades) == ("raters", {"lamp": {"201": 1, "202": 2}})
    assert found.votes == {"lamp": {"201": (0, 1, 0, 1)}}
    assert found.left_out == {"without a rating": 1}
    assert "a column for each of 2 raters: ann@example.com, Bob; columns that are no ratings: title" in found.account()
    account(found)


def test_qrels_may_hold_the_texts_themselves(tmp_path: Path) -> None:
    (tmp_path / "texts.tsv").write_text(rows("{q}\t0\t{p}\t{g}\n"))
    found = read_judgments(tmp_path / "texts.tsv")
    assert found.grades == GRADES
    assert found.notes == ("the first column holds the queries' texts",)


def test_signs_in_ids_part_no_columns(tmp_path: Path) -> None:
    """A TREC file between blanks may have any sign of a table in its ids."""
    (tmp_path / "qrels.txt").write_text("q1 0 sku|us|1 2\nq1 0 a,b;c 0\n")
    (tmp_path / "queries.tsv").write_text("q1\tusb cable\n")
    found = read_judgments(tmp_path / "qrels.txt", queries=tmp_path / "queries.tsv")
    assert found.grades == {"usb cable": {"sku|us|1": 2, "a,b;c": 0}}


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    found = read(tmp_path, "quepid.csv", "# a, b\nquery,docid,rating\nlamp,1,3\nlamp,1,3\n# note\nlamp,2,\n")
    assert (found.rows, found.merged, found.left_out) == (2, 1, {"comment lines": 1, "without a rating": 1})
    assert found.account() == (
        "4 rows read: 1 used, 1 merged (a pair judged again), 2 rejected (1 comment lines, 1 without a rating)"
    )


def test_a_file_that_is_none_is_shown_with_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        read(tmp_path, "log.txt", "GET /search?q=lamp 200\n")
    assert "It begins with 'GET /search?q=lamp 200'. Looked for were: trec: lines of query id" in str(error.value)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("x.txt", "3 qid:1 1:2 # a\nlamp 3\n", "line 2: a row should be as in '3 qid:1"),
        ("x.txt", "3 qid:1 1:2\n", "line 1: no product's id behind '#'"),
        (
            "x.json",
            '{"requests": [{"ratings": [{"rating": 3}]}]}',
            r"requests\[0\]\.ratings\[0\]: an object with '_id'",
        ),
        ("x.json", '{"query_groups": [{"name": "a"}]}', "neither 'relevant_documents' nor groups"),
        ("x.json", '{"query_groups": [{"name": "a", "relevant_documents": {"3": 1}}]}', "of '3' a list of products"),
        ("x.csv", "query,docid,title\nlamp,1,Lamp\n", "no column holds ratings"),
        ("x.csv", "query,docid,rating\nlamp,1,Exact\n", 'labels need theirs: --grades "Exact=3'),
        ("x.csv", "query,docid,rating\nlamp,1,.5\n", "Decimals need their range: say --grades 0-1"),
    ],
)
def test_faults_say_where_and_what(name: str, text: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=says):
        read(tmp_path, name, text)


PIECES = [
    *(
        "query",
        "docid",
        "rating",
        "qid:1",
        "#",
        "# qid:1: lamp",
        "lamp",
        "red shoes",
        "é",
        "101",
        "101.0",
        "3",
        "2.5",
        "-1",
    ),
    *("0", ",", ";", "\t", " ", "\n", '"', "'", "{", "}", "[", "]", ":", '"query": "a"', '"docid": 1', '"rating": 2'),
    *('{"lamp": {"1": 3', '"judgments": ['),
    *(
        '"ratings"',
        '"requests"',
        '"relevant_documents"',
        '"judgmentRatings"',
        '"hits"',
        "null",
        "\r\n",
        "\x00",
        "\ufeff",
    ),
]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=80),
    st.sampled_from(["utf-8", "cp1252", "utf-16", "latin-1"]),
    st.sampled_from(["x.csv", "x.tsv", "x.json", "x.jsonl", "x.qrels", "x.txt"]),
    st.sampled_from([None, *FORMATS]),
)
def test_any_file_is_read_or_refused(tmp_path: Path, text: str, encoding: str, name: str, format: str | None) -> None:
    """Never anything but judgments that account for each row, or an ``InputError``."""
    (tmp_path / "queries.tsv").write_text("1\tlamp\n")
    (tmp_path / name).write_bytes(text.encode(encoding, "replace"))
    for grades in ("", "0-10", "3=3,0=0"):
        try:
            account(read_judgments(tmp_path / name, format, grades=grades))
        except InputError:
            continue


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b c", "d,e", 'f"g']), st.sampled_from(["1", "x y", "7.0"]), st.integers(0, 3)),
        min_size=1,
        max_size=8,
        unique_by=lambda row: row[:2],
    ),
    st.sampled_from(",;\t|"),
    st.integers(0, 3),
)
def test_no_row_of_a_table_is_lost(tmp_path: Path, table: list[tuple[str, str, int]], sign: str, comments: int) -> None:
    """However it is quoted, parted and commented."""
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        file.write("# made by hand\n" * comments)
        writer = csv.writer(file, delimiter=sign)
        writer.writerows([("query", "docid", "rating"), *table])
    found = read_judgments(tmp_path / "t.csv")
    assert {(q, p, g) for q, judged in found.grades.items() for p, g in judged.items()} == set(table)
    account(found)


def test_columns_after_the_fourth_of_qrels_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "queries.tsv").write_text("q1\tlamp\n")
    for text in ("q1 0 a 3 anna\nq1 0 b 0 bob\n", "q1\tQ0\ta\t3\t1.0\tx\nq1\tQ0\tb\t0\t0.5\tx\n"):
        (tmp_path / "x.qrels").write_text(text)
        found = read_judgments(tmp_path / "x.qrels")
        assert (found.grades, found.format) == ({"lamp": {"a": 3, "b": 0}}, "trec")
        assert found.notes == ("columns after the fourth are not read",)

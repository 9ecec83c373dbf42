"""Exports of judgments: every tool reads them, and they are enough to evaluate and to distil."""

from __future__ import annotations

import csv
import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from documents import blocks
from evaluation_parts import TITLES, write_catalogue
from hypothesis import given, settings
from hypothesis import strategies as st
from judgment_parts import GRADE, read_back, store
from opensearchpy import OpenSearch
from stand_in_stages import QUERIES, write_shop

from endcap.cli.main import run as endcap
from endcap.errors import InputError
from endcap.index.judgments.events import read_events
from endcap.index.judgments.reader import read_judgments
from endcap.storefront.judgment_exports import EXPORTS
from endcap.storefront.judgment_store import JudgmentStore, judgments_path

TEXT = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
QUERY = st.one_of(
    st.text(st.one_of(TEXT, st.sampled_from("\n\t,;\"'|{}[]\\ ")), min_size=1, max_size=12).filter(str.strip),
    st.sampled_from(
        ["kettle", " kettle", "kettle ", 'a, "b"\nc', "=1+1", "#", "'", '"', "\ufeffkettle", "è\u0300", "🫖"]
    ),
)
BLANKS_IN = st.text(TEXT, min_size=1, max_size=8).filter(str.strip)
ID = st.text(TEXT, min_size=1, max_size=8).filter(lambda id: id.split() == [id])
JUDGE = st.sampled_from(["anna", "bob", "Čeněk, der Dritte", '"q"'])


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(QUERY, ID, st.none() | GRADE, JUDGE), min_size=1, max_size=12))
def test_every_export_is_read_to_the_same_grades(given_: list[tuple[str, str, int | None, str]]) -> None:
    """Whatever is judged, by whomever, all formats are read to one set of grades, and Quepid's and ours keep votes."""
    made = store()
    expected: dict[tuple[str, str, str], int] = {}
    for query, product, grade, judge in given_:
        made.give(query, product, grade, judge)
        expected.pop((query, product, judge), None)
        if grade is not None:
            expected[query, product, judge] = grade
    if not expected:
        for format in EXPORTS:
            with pytest.raises(InputError, match="no judgment yet"):
                made.export(format)
        return
    for query, product, judge in expected:
        assert made.grades_of(query, judge)[product] == expected[query, product, judge]
    votes: dict[str, dict[str, list[int]]] = {}
    for (query, product, _), grade in expected.items():
        votes.setdefault(query, {}).setdefault(product, []).append(grade)
    medians = {
        query: {product: sorted(grades)[(len(grades) - 1) // 2] for product, grades in products.items()}
        for query, products in votes.items()
    }
    assert made.grades() == medians
    counted = {
        query: found
        for query, products in votes.items()
        if (found := {id: tuple(map(grades.count, range(4))) for id, grades in products.items() if len(grades) > 1})
    }
    for format in EXPORTS:
        found = read_back(made, format)
        assert found.grades == medians, format
        assert found.votes == (counted if format in ("quepid", "jsonl") else {}), format
    assert read_judgments(made.path).grades == medians, "the file itself is read, too"


@settings(deadline=None, max_examples=30)
@given(QUERY, BLANKS_IN, GRADE)
def test_ids_with_blanks_go_to_every_format_but_qrels(query: str, product: str, grade: int) -> None:
    """Qrels divide by blanks: an id that has some is named, with what to do; the other formats keep it."""
    made = store()
    made.give(query, product, grade, "anna")
    for format in ("quepid", "search-relevance", "jsonl"):
        assert read_back(made, format).grades == {query: {product: grade}}
    if product.split() != [product]:
        with pytest.raises(InputError, match=r"has a blank in it.*Export as quepid or search-relevance"):
            made.export("qrels")


def test_an_export_has_the_columns_that_its_tool_knows(tmp_path: Path) -> None:
    """Quepid's CSV with the rater, the body of search-relevance's import, qrels with the queries' texts beside."""
    made = store()
    made.give("kettle", "k1", 3, "anna")
    made.give("kettle", "k1", 1, "bob")
    assert made.export("quepid").content.decode() == "query,docid,rating,rater\nkettle,k1,3,anna\nkettle,k1,1,bob\n"
    body = json.loads(made.export("search-relevance").content)
    assert body["type"] == "IMPORT_JUDGMENT"
    assert body["judgmentRatings"] == [{"query": "kettle", "ratings": [{"docId": "k1", "rating": "1"}]}]
    with zipfile.ZipFile(io.BytesIO(made.export("qrels").content)) as archive:
        assert archive.read("judgments.qrels") == b"1 0 k1 1\n"
        assert json.loads(archive.read("queries.jsonl")) == {"_id": "1", "text": "kettle"}
        archive.extractall(tmp_path)
    assert read_judgments(tmp_path).format == "trec", "the folder says by itself what it is"
    with pytest.raises(InputError, match=r"'xml'.*quepid, search-relevance, qrels, jsonl"):
        made.export("xml")


def a_hundred_judgments(made: JudgmentStore, ids: Mapping[str, str] | None = None) -> None:
    """Ten searches of ten products each, judged by what their titles say, as a person would."""
    searches = ["phone", "coffee", "monitor", "kettle", "leather shoes", "hdmi cable", "mug", "usb", "beans", "screen"]
    for query in searches:
        for id, title in (
            list(TITLES.items())[:10]
            if query in "phone monitor hdmi cable usb screen"
            else [*list(TITLES.items())[10:]]
        ):
            words = query.split()
            found = sum(word.rstrip("s") in title.lower() for word in words)
            made.give(
                query,
                (ids or {}).get(id, id),
                3 if title.lower().startswith(words[-1]) else 2 * found // len(words),
                "anna",
            )


@pytest.mark.parametrize("format", ["quepid", "search-relevance", "jsonl"])
def test_a_hundred_judgments_are_enough_to_evaluate(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str
) -> None:
    """A hundred grades given in the storefront, exported, are all that 'endcap evaluate' needs for its report."""
    made = JudgmentStore(judgments_path("shop"))
    a_hundred_judgments(made)
    assert made.count("anna") == 100
    export = made.export(format)
    (tmp_path / export.name).write_bytes(export.content)
    catalogue, report = write_catalogue(tmp_path), tmp_path / "report.json"
    assert endcap(["evaluate", str(catalogue), "--judgments", str(tmp_path / export.name), "--json", str(report)]) == 0
    told = json.loads(report.read_text())
    assert told["about"]["judged_pairs"] == 100
    assert told["settings"][0]["queries"]
    assert told["settings"][0]["differences"]
    assert "nDCG@10" in capsys.readouterr().out


@pytest.mark.parametrize("format", ["quepid", "jsonl"])
def test_distillation_takes_what_was_judged(tmp_path: Path, format: str) -> None:
    """An export is a recipe's judgments, and two judges are votes."""
    made = store()
    for n, query in enumerate(QUERIES):
        for i in range(6):
            made.give(query, f"p{i}", (n + i) % 4, "anna")
            made.give(query, f"p{i}", min((n + i) % 4 + 1, 3), "bob")
    recipe = write_shop(tmp_path)
    export = made.export(format)
    (tmp_path / export.name).write_bytes(export.content)
    recipe.write_text(recipe.read_text().replace("ratings.csv", export.name))
    assert endcap(["distill", "split", str(recipe), "--work", str(tmp_path / "work")]) == 0
    from endcap.distill.work.files import read_rows

    rows = read_rows(next((tmp_path / "work" / "split").glob("*judg*.parquet")))
    assert len(rows) == 6 * len(QUERIES)
    assert any(row.get("votes") or row.get("shares") for row in rows)


def test_rows_of_an_export_open_in_a_table(tmp_path: Path) -> None:
    """A query of several lines is one row of the CSV."""
    made = store()
    made.give('red "phone",\ncheap', "p1", 2, "anna")
    rows = list(csv.reader(io.StringIO(made.export("quepid").content.decode(), newline="")))
    assert rows[1] == ['red "phone",\ncheap', "p1", "2", "anna"]


def test_the_documents_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The program in docs/judging.md runs as it stands, and the lines that it shows are read."""
    page = (Path(__file__).parent.parent / "docs" / "judging.md").read_text(encoding="utf-8")
    (program,) = (block.text for block in blocks("docs/judging.md") if block.language == "python")
    monkeypatch.chdir(tmp_path)
    exec(compile(program, "judging.md", "exec"), {})
    (shown,) = (block.text for block in blocks("docs/judging.md") if block.language == "json")
    (tmp_path / "shown.jsonl").write_text(shown, encoding="utf-8")
    assert [event.undo for event in read_events(tmp_path / "shown.jsonl")] == [False, True]
    for format in EXPORTS:
        assert f"| `{format}` |" in page


def test_an_index_of_ones_own_is_evaluated_by_what_was_judged_on_it(
    opensearch: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Products of a cluster's index, whose ids are as they like, are judged, exported and evaluated on that index."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    odd = dict(zip(TITLES, ['a,"b" c', "ü/1", "=1+1", " x", "'", *list(TITLES)[5:]], strict=True))
    client = OpenSearch(opensearch)
    made = JudgmentStore(judgments_path(name))
    a_hundred_judgments(made, odd)
    try:
        for id, title in TITLES.items():
            client.index(index=name, id=odd[id], body={"name": title})
        client.indices.refresh(index=name)
        assert endcap(["warm", "--url", opensearch, "--index", name, "--fields", "title=name"]) == 0
        told = []
        for format in ("quepid", "search-relevance", "jsonl"):
            export = made.export(format)
            (tmp_path / export.name).write_bytes(export.content)
            given = ["--judgments", str(tmp_path / export.name), "--setting", "end-to-end"]
            assert endcap(["evaluate", name, *given, "--json", str(tmp_path / "report.json")]) == 0
            told.append(json.loads((tmp_path / "report.json").read_text())["settings"][0])
        assert told[0]["queries"]
        assert told[0]["differences"] == told[1]["differences"] == told[2]["differences"]
    finally:
        client.indices.delete(index=name, ignore_unavailable=True)
        client.close()
    assert "nDCG@10" in capsys.readouterr().out

"""Judgments collected in the storefront: nothing is lost, all can be undone, and every tool reads what is exported."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import tempfile
import uuid
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from documents import blocks
from evaluation_parts import TITLES, write_catalogue
from hypothesis import given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from stand_in_stages import QUERIES, write_shop

from endcap.cli.main import run as endcap
from endcap.errors import EndcapError, InputError
from endcap.index.judgments.events import Event, read_events
from endcap.index.judgments.judgments import Judgments
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
GRADE = st.integers(0, 3)


def store(path: Path | None = None) -> JudgmentStore:
    return JudgmentStore(path or Path(tempfile.mkdtemp()) / "shop.jsonl")


def read_back(made: JudgmentStore, format: str) -> Judgments:
    """The export, read as a user would: the format is found out where the content can say it."""
    export = made.export(format)
    folder = Path(tempfile.mkdtemp())
    if format == "qrels":
        with zipfile.ZipFile(io.BytesIO(export.content)) as archive:
            archive.extractall(folder)
        return read_judgments(folder / "judgments.qrels", "trec")
    (folder / export.name).write_bytes(export.content)
    return read_judgments(folder / export.name)


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


CHANGES = st.lists(
    st.one_of(
        st.tuples(
            st.just("give"), st.sampled_from("ab"), st.sampled_from("xy"), st.none() | GRADE, st.sampled_from("jk")
        ),
        st.tuples(st.just("undo"), st.sampled_from("jk")),
        st.just(("reopen",)),
    ),
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(CHANGES)
def test_undo_goes_back_change_by_change(changes: list[Any]) -> None:
    """Undo restores what was before a judge's last change, again and again, whoever else judges and whoever reopens."""
    made = store()
    history: dict[str, list[dict[tuple[str, str], int]]] = {"j": [{}], "k": [{}]}
    for change in changes:
        if change[0] == "reopen":
            made = JudgmentStore(made.path)
        elif change[0] == "give":
            _, query, product, grade, judge = change
            now = {pair: value for pair, value in history[judge][-1].items() if pair != (query, product)}
            now |= {} if grade is None else {(query, product): grade}
            if now != history[judge][-1]:
                history[judge].append(now)
            assert made.give(query, product, grade, judge) == len(now)
        else:
            undone = made.undo(change[1])
            assert (undone is None) == (len(history[change[1]]) == 1)
            if undone:
                before, now = history[change[1]].pop(), history[change[1]][-1]
                assert undone.grade == now.get(undone.pair)
                assert before.get(undone.pair) != undone.grade
        for judge, states in history.items():
            assert made.count(judge) == len(states[-1])
            for query in "ab":
                assert made.grades_of(query, judge) == {p: grade for (q, p), grade in states[-1].items() if q == query}


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        (("", "p", 1, "anna"), "'query' is empty"),
        (("  \n", "p", 1, "anna"), "'query' is empty"),
        (("a\x00b", "p", 1, "anna"), r"'query' has the character U\+0000"),
        (("a\rb", "p", 1, "anna"), r"'query' has the character U\+000D"),
        (("a\x85b", "p", 1, "anna"), r"'query' has the character U\+0085"),
        (("half \ud83d", "p", 1, "anna"), r"'query' has the character U\+D83D"),
        (("q" * 1001, "p", 1, "anna"), "the query has 1,001 characters; at most 1,000"),
        ((7, "p", 1, "anna"), "'query' is 7. Give a text"),
        (("q", " ", 1, "anna"), "'product' is empty"),
        (("q", "a\nb", 1, "anna"), r"'product' has the character U\+000A"),
        (("q", "é" * 257, 1, "anna"), "the product's id has 514 bytes; at most 512"),
        (("q", None, 1, "anna"), "'product' is None"),
        (("q", "p", 1, ""), "'judge' is empty"),
        (("q", "p", 1, "an\x1bna"), r"'judge' has the character U\+001B"),
        (("q", "p", 1, "a" * 101), "the judge's name has 101 characters"),
        (("q", "p", 4, "anna"), "the grade is 4. Give 0, 1, 2 or 3, or null"),
        (("q", "p", -1, "anna"), "the grade is -1"),
        (("q", "p", 2.0, "anna"), "the grade is 2.0"),
        (("q", "p", True, "anna"), "the grade is True"),
        (("q", "p", "2", "anna"), "the grade is '2'"),
    ],
)
def test_what_is_no_judgment_is_refused(given_: Any, says: str) -> None:
    """A wrong event is refused in words that name the field, and nothing is written."""
    made = store()
    with pytest.raises(InputError, match=says):
        made.give(*given_)
    assert made.events() == []


def test_a_half_line_is_ridden_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a crash left at the end is no judgment, in the store and in the reader, and does not spoil what follows."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    whole = made.path.read_bytes()
    line = Event("kettle", "caf\u00e9", 2, "anna", "2026-11-28T09:30:00Z").line()
    for cut in range(1, len(line) - 1):
        made.path.write_bytes(whole + line[:cut])
        assert read_judgments(made.path).grades == {"kettle": {"k1": 3}}
        opened = JudgmentStore(made.path)
        assert opened.grades_of("kettle", "anna") == {"k1": 3}
        opened.give("kettle", "k2", 1, "anna")
        assert [event.product for event in read_events(made.path)] == ["k1", "k2"]
    assert "half a line at its end" in caplog.text


def test_a_last_line_without_a_line_feed_is_kept(tmp_path: Path) -> None:
    """A whole judgment that an editor has left without a line feed is one, to the store as to the reader."""
    made = store(tmp_path / "shop.jsonl")
    for product in ("k1", "k2"):
        made.give("kettle", product, 3, "anna")
    made.path.write_bytes(made.path.read_bytes().rstrip(b"\n"))
    opened = JudgmentStore(made.path)
    assert opened.grades_of("kettle", "anna") == read_judgments(made.path).grades["kettle"] == {"k1": 3, "k2": 3}
    opened.give("kettle", "k3", 1, "anna")
    assert [event.product for event in read_events(made.path)] == ["k1", "k2", "k3"]


def test_a_file_that_an_editor_has_changed_is_read_anew(tmp_path: Path) -> None:
    """A grade changed in the open file counts at once, also where the size is the same, and can be given back."""
    made = store(tmp_path / "shop.jsonl")
    for product in ("k1", "k2"):
        made.give("kettle", product, 3, "anna")
    changed = made.path.read_text().replace('"k1","grade":3', '"k1","grade":0')
    for text in (changed, "\ufeff" + changed.replace("\n", "\r\n")):
        with made.path.open("r+", newline="") as file:  # in its place, as some editors write
            file.truncate(0)
            file.write(text)
        assert made.grades_of("kettle", "anna") == {"k1": 0, "k2": 3} == read_judgments(made.path).grades["kettle"]
        made.give("kettle", "k1", 3, "anna")
        assert read_judgments(made.path).grades["kettle"] == {"k1": 3, "k2": 3}, "it was said to be saved"
        assert made.damaged == 0


def test_a_damaged_line_costs_that_line_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A line that is no event is passed over and counted by the store; the strict reader names it."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    with made.path.open("ab") as file:
        file.write(b"\0\0\0\n{}\n")
    opened = JudgmentStore(made.path)
    assert opened.give("kettle", "k2", 2, "anna") == 2
    assert opened.damaged == 1
    assert "is no judgment and passed over" in caplog.text
    assert opened.grades() == {"kettle": {"k1": 3, "k2": 2}}
    with pytest.raises(InputError, match=r"shop\.jsonl"):
        read_events(made.path)
    assert read_back(opened, "jsonl").grades == opened.grades()


WRITER = """
import sys
from pathlib import Path
from endcap.storefront.judgment_store import JudgmentStore
store = JudgmentStore(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    store.give("kettle", f"{sys.argv[2]}-{n}", n % 4, sys.argv[2])
    print(n, flush=True)
"""


def writer(path: Path, judge: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), judge, str(count)], stdout=subprocess.PIPE, text=True
    )


def test_what_was_told_to_be_saved_survives_a_kill(tmp_path: Path) -> None:
    """Writers are killed again and again: each judgment that was confirmed is there, and the file stays whole."""
    path = tmp_path / "shop.jsonl"
    confirmed = set()
    for round in range(4):
        process = writer(path, f"judge{round}", 100_000)
        assert process.stdout
        for _ in range(25 + 10 * round):
            confirmed.add(f"judge{round}-{int(process.stdout.readline())}")
        process.send_signal(signal.SIGKILL)
        rest = process.stdout.read()
        confirmed |= {f"judge{round}-{int(line)}" for line in rest.splitlines(keepends=True) if line.endswith("\n")}
        process.wait()
    made = JudgmentStore(path)
    assert confirmed <= {event.product for event in made.events()}
    assert made.damaged == 0
    assert made.give("kettle", "last", 3, "anna") == 1
    assert len(read_events(path)) == len(made.events())


def test_threads_and_processes_share_a_file(tmp_path: Path) -> None:
    """Two processes and four threads judge at once, through stores of their own and one that is shared: all is there,
    and a store sees what others have given and undone."""
    path = tmp_path / "shop.jsonl"
    shared, watching = JudgmentStore(path), JudgmentStore(path)
    processes = [writer(path, name, 50) for name in ("one", "two")]

    def judge(name: str) -> None:
        for n in range(25):
            shared.give("kettle", f"{name}-{n}", n % 4, name)
            shared.undo(name) if n % 5 == 4 else None

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(judge, ["a", "b", "c", "d"]))
    assert [process.wait(60) for process in processes] == [0, 0]
    for made in (shared, watching, JudgmentStore(path)):
        assert {name: made.count(name) for name in ("one", "two", "a", "b", "c", "d")} == {
            "one": 50, "two": 50, "a": 20, "b": 20, "c": 20, "d": 20,
        }  # fmt: skip
        assert made.damaged == 0
    assert len(read_events(path)) == 2 * 50 + 4 * 30


def test_a_file_in_the_place_of_another_is_read_anew(tmp_path: Path) -> None:
    """Where the file was replaced or emptied, as from a backup, the store says what is in it now."""
    made = store(tmp_path / "shop.jsonl")
    made.give("kettle", "k1", 3, "anna")
    other = store(tmp_path / "other.jsonl")
    other.give("tea", "t1", 2, "bob")
    other.path.replace(made.path)
    assert (made.count("anna"), made.count("bob")) == (0, 1)
    made.path.write_bytes(b"")
    assert made.events() == []


def test_a_judgment_that_can_not_be_written_is_not_there(tmp_path: Path) -> None:
    """A full disk, or a file of a size that may not grow, is an error that says so; the file and the store are as
    they were."""
    program = f"""
import resource, signal, sys
from pathlib import Path
from endcap.storefront.judgment_store import JudgmentStore
from endcap.errors import EndcapError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = JudgmentStore(Path({str(tmp_path / "shop.jsonl")!r}))
store.give("kettle", "k1", 3, "anna")
size = store.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, resource.RLIM_INFINITY))
try:
    store.give("kettle", "k2", 3, "anna")
except EndcapError as error:
    print(error)
assert store.path.stat().st_size == size and store.count("anna") == 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert store.give("kettle", "k2", 3, "anna") == 2
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "judgments can't be kept there (File too large). Nothing was saved." in ran.stdout
    (tmp_path / "file").write_text("")
    with pytest.raises(EndcapError, match="judgments can't be kept there"):
        JudgmentStore(tmp_path / "file" / "shop.jsonl")


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
        assert endcap(["warm", "--url", opensearch, "--index", name, "--map", "title=name"]) == 0
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

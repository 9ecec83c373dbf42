"""Query logs of every kind, and what a comparison without judgments says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluation_parts import products, write_catalogue
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.cli import main
from endcap.errors import InputError
from endcap.evaluate.page_changes import (
    Change,
    compare_pages,
    most_changed,
    overlap,
    rank_biased_overlap,
    summarise,
)
from endcap.evaluate.results import Shown
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.query_log import read_query_log
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.store import StateStore


def read(tmp_path: Path, name: str, content: str | bytes):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_query_log(path)


TYPED = ("phone", "phone", "USB cable")
UBI = [json.dumps({"user_query": typed, "query": '{"match": 1}'}) for typed in TYPED]
HITS = [{"_source": {"user_query": typed}} for typed in TYPED]


@pytest.mark.parametrize(
    ("name", "content", "form"),
    [
        ("my.log", "phone\nUSB  cable\nphone\n", "text"),
        ("my.txt", "\ufeffphone\r\nUSB  cable\r\nPhone", "text"),
        ("my.csv", "time,query\n1,phone\n2,USB cable\n3,phone\n", "csv"),
        ("counted.csv", "query,count\nphone,2\nUSB cable,1\n", "csv"),
        ("excel.csv", "Query;Count\r\nphone;2\r\nUSB cable;1\r\n", "csv"),
        ("excel.log", "query;count\nphone;2\nUSB cable;1\n", "csv"),
        ("counted.tsv", "Search_Term\tCount\nphone\t2\nUSB cable\t1.0\n", "tsv"),
        ("export", 'query,count\nphone,2\n"USB cable",1\n', "csv"),
        ("my.jsonl", '{"query": "phone", "count": 2}\n"USB cable"\n', "jsonl"),
        ("ubi_queries.ndjson", "\n".join(UBI), "jsonl"),
        ("bulk.jsonl", "".join(f'{{"index": {{}}}}\n{line}\n' for line in UBI), "jsonl"),
        ("hits.jsonl", "\n".join(map(json.dumps, HITS)), "jsonl"),
        ("reply.json", json.dumps({"hits": {"hits": HITS}}), "json"),
        ("list.json", json.dumps(TYPED), "json"),
    ],
)
def test_every_kind_of_log(tmp_path: Path, name: str, content: str, form: str) -> None:
    """The same two queries are read from every kind of log, with how often they were searched."""
    log = read(tmp_path, name, content)
    assert log.format == form
    assert dict(log.counts) == {"phone": 2, "USB cable": 1}
    assert list(log.counts) == ["phone", "USB cable"]
    assert (log.searches, log.odd) == (3, ())


def test_odd_lines_are_reported_not_fatal(tmp_path: Path) -> None:
    """Empty, endless, unreadable and meaningless lines are named by number, and the rest is read."""
    log = read(tmp_path, "my.log", b"phone\n\n" + b"x" * 501 + b"\n\xff\xfe\n???\nlamp\n")
    assert dict(log.counts) == {"phone": 1, "lamp": 1}
    assert [odd.line for odd in log.odd] == [2, 3, 4, 5]
    assert [odd.reason.split()[0] for odd in log.odd] == ["empty", "501", "not", "no"]


def test_odd_records(tmp_path: Path) -> None:
    """Broken JSON, records without a query and impossible counts are named."""
    log = read(tmp_path, "my.jsonl", '{"query": "a1", "count": 0}\n{"query":\n[1]\n{"x": 1}\n{"query": "ok"}\n\n')
    assert dict(log.counts) == {"ok": 1}
    assert [odd.line for odd in log.odd] == [1, 2, 3, 4, 6]
    log = read(tmp_path, "my.csv", "query,count\nok,1\nbad,many\n\nworse\n")
    assert dict(log.counts) == {"ok": 1, "worse": 1}
    assert [odd.line for odd in log.odd] == [3, 4]


@pytest.mark.parametrize(("name", "content"), [("a.log", ""), ("a.csv", "time,who\n1,me\n"), ("a.json", "{}")])
def test_a_log_without_queries(tmp_path: Path, name: str, content: str) -> None:
    """A file that holds no query is refused, with what it was read as."""
    with pytest.raises(InputError, match=r"holds no query|is empty"):
        read(tmp_path, name, content)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(["a.log", "a.csv", "a.tsv", "a.jsonl", "a.json", "a"]))
def test_any_bytes(tmp_path: Path, content: bytes, name: str) -> None:
    """Whatever a file holds, it is read or refused, and no query is empty."""
    try:
        log = read(tmp_path, name, content)
    except InputError:
        return
    assert all(query.strip() == query != "" and count > 0 for query, count in log.counts.items())


def test_overlap_worked_by_hand() -> None:
    """Overlap counts common products, rank-biased overlap weighs the top more."""
    assert overlap(list("abcd"), list("abxy")) == 0.5
    assert overlap([], []) == rank_biased_overlap([], []) == 1.0
    assert overlap(["a"], []) == rank_biased_overlap(["a"], []) == 0.0
    # Swapped pair, p = .9: agreement 0 at depth 1, 1 at depth 2: 1 * .81 + .1/.9 * (0 * .9 + 1 * .81).
    assert rank_biased_overlap(["a", "b"], ["b", "a"]) == pytest.approx(0.9)
    assert rank_biased_overlap(list("abcdefghij"), list("abcdefghij")) == pytest.approx(1.0)
    top = rank_biased_overlap(list("abcdef"), list("xbcdef"))
    bottom = rank_biased_overlap(list("abcdef"), list("abcdex"))
    assert top < bottom < 1


def change(query: str, searches: int, before: str, after: str, status: str = "reranked") -> Change:
    rank = {product: place for place, product in enumerate(before, 1)}
    old = tuple(Shown(p, p, None, rank[p], None) for p in before)
    new = tuple(Shown(p, p, None, rank.get(p), place) for place, p in enumerate(after, 1))
    return Change(
        query, searches, status, None if status == "reranked" else "deadline", old, new, overlap(before, after),
        rank_biased_overlap(before, after), 1.0, 5.0, 5.0 + searches,
    )  # fmt: skip


def test_the_summary_weighs_by_searches() -> None:
    """A query that was searched three times counts three times; what was not re-ranked is counted, and in no share."""
    changes = [
        change("often", 3, "abc", "bac"),
        change("once", 1, "abc", "abc"),
        change("late", 5, "a", "a", "skipped"),
    ]
    found = summarise(changes)
    assert (found.queries, found.searches, found.reranked) == (3, 9, 4)
    assert (found.first_changed, found.order_changed, found.set_changed) == (0.75, 0.75, 0.0)
    assert found.statuses == {"skipped: deadline": 5, "reranked": 4}
    none = summarise(changes[2:])
    assert (none.reranked, none.order_changed, none.engine_ms) == (0, 0.0, 0.0)
    assert (found.engine_ms, found.added_ms_p95) == (5.0, 3.0)
    assert [c.query for c in most_changed(changes, 5)] == ["often"]


@pytest.fixture
def states(endcap_home: Path) -> Iterator[StateStore]:
    store = StateStore.open()
    yield store
    store.close()


def test_compare_shows_what_the_middleware_would(states: StateStore) -> None:
    """Both pages are those of the engine and of the Reranker; products come with the ranks that they had."""
    engine, student = EmbeddedEngine("shop"), Student.load()
    engine.load(products())
    reranker = Reranker(engine, student, 10, 60_000, 0.9, states=states)
    counts = {"phone": 2, "leather shoes": 1, "zeppelin": 1}
    changes = compare_pages(Shop(engine), reranker, StudentWithStates(student, states), counts, 3)
    phone, shoes, nothing = changes
    assert (phone.query, phone.searches, phone.status, phone.reason) == ("phone", 2, "reranked", None)
    plain = engine.search(body={"query": engine.text_query("phone"), "size": 10})["hits"]["hits"]
    again = reranker.search(index="shop", body={"query": engine.text_query("phone"), "size": 3})["hits"]["hits"]
    places = {hit["_id"]: rank for rank, hit in enumerate(plain, 1)}
    assert [product.id for product in phone.before] == [hit["_id"] for hit in plain[:3]]
    assert [product.id for product in phone.after] == [hit["_id"] for hit in again]
    assert [product.rank_before for product in phone.after] == [places[product.id] for product in phone.after]
    assert phone.order_changed
    assert shoes.engine_ms > 0
    assert (nothing.before, nothing.after, nothing.status, nothing.overlap) == ((), (), "skipped", 1.0)
    found = summarise(changes)
    assert found.nothing_found == 1
    assert sum(found.statuses.values()) == 4
    reranker.close()


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`endcap compare` prints the sentence, the odd lines and the lists, and writes both reports."""
    log = tmp_path / "my.log"
    log.write_text("phone\nPhone\n\ncoffee beans\n<script>alert(1)</script> kettle\n")
    files = ["--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html")]
    index = str(write_catalogue(tmp_path))
    args = ["compare", "--queries", str(log), "--index", index, "--top", "3", "--deadline-ms", "60000", *files]
    assert main.run(args) == 0
    said = capsys.readouterr().out
    assert "Re-ranking would change the first page in" in said
    assert "line 3: empty" in said
    data = json.loads((tmp_path / "a.json").read_text())
    assert data["summary"]["searches"] == 4
    assert data["changes"][0]["query"] == "phone"
    assert data["changes"][0]["searches"] == 2
    page = (tmp_path / "a.html").read_text()
    assert "<script" not in page
    assert "Content-Security-Policy" in page


def test_a_catalogue_is_read_as_everywhere(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--fields, --encoding and the like say how the file of --index is read, and are refused of a known index."""
    (tmp_path / "my.log").write_text("phone\n")
    (tmp_path / "a.csv").write_bytes("sku;bezeichnung\n1;Hülle for a phone\n2;Phone\n".encode("cp1252"))
    given = ["compare", "--queries", str(tmp_path / "my.log"), "--fields", "id=sku,title=bezeichnung"]
    read = [*given, "--index", str(tmp_path / "a.csv"), "--encoding", "cp1252", "--json", str(tmp_path / "a.json")]
    assert main.run(read) == 0
    change = json.loads((tmp_path / "a.json").read_text())["changes"][0]
    assert {product["title"] for product in change["before"]} == {"Hülle for a phone", "Phone"}
    assert main.run(["index", str(write_catalogue(tmp_path)), "--name", "one", "--no-states"]) == 0
    capsys.readouterr()
    assert main.run([*given, "--index", "one"]) == 2
    assert "leave out --format, --fields" in capsys.readouterr().err


def test_the_only_index_need_not_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --index the one that there is gets compared; of several, or none, it asks which."""
    log = tmp_path / "my.log"
    log.write_text("phone\n")
    catalogue, compare = str(write_catalogue(tmp_path)), ["compare", "--queries", str(log), "--deadline-ms", "60000"]
    assert main.run(compare) == 2
    assert "there is no index yet" in capsys.readouterr().err
    assert main.run(["index", catalogue, "--name", "one", "--no-states"]) == 0
    assert main.run(compare) == 0
    assert main.run(["index", catalogue, "--name", "two", "--no-states"]) == 0
    assert main.run(compare) == 2
    assert "with one of one, two" in capsys.readouterr().err


def test_a_real_cluster(tmp_path: Path, opensearch: str, states: StateStore) -> None:
    """In front of a real OpenSearch the same comparison is made."""
    from opensearchpy import OpenSearch

    from endcap.evaluate.open_catalogue import open_catalogue

    opened = open_catalogue(str(write_catalogue(tmp_path)), url=opensearch)
    try:
        student = Student.load()
        reranker = Reranker(opened.shop.engine, student, 10, 60_000, 0.7, states=states)
        scorer = StudentWithStates(student, states)
        changes = compare_pages(opened.shop, reranker, scorer, {"phone": 1}, 5)
        assert changes[0].status == "reranked"
        assert len(changes[0].before) == len(changes[0].after) == 5
        reranker.close()
    finally:
        with OpenSearch(opensearch) as client:
            client.indices.delete(index=",".join(client.indices.get_alias(name=opened.index)))


def test_products_that_could_not_be_loaded_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By all that load a file: in the report here, and on stderr where two models are compared."""
    log, judged = tmp_path / "my.log", tmp_path / "j.csv"
    log.write_text("phone\n")
    judged.write_text("query,docid,rating\nphone,1,3\nphone,2,0\n")
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text(f"id,title\n1,Phone\n2,Phone case {name}\n{'x' * 600},Phone cable\n")
    report = tmp_path / "a.json"
    assert main.run(["compare", "--queries", str(log), "--index", str(tmp_path / "a.csv"), "--json", str(report)]) == 0
    assert json.loads(report.read_text())["about"]["warnings"][0].startswith("1 products could not be loaded")
    line = ["models", "compare", "shipped", "shipped", "--catalogue", str(tmp_path / "b.csv")]
    assert main.run([*line, "--judgments", str(judged)]) == 0
    assert "Warning: 1 products could not be loaded" in capsys.readouterr().err

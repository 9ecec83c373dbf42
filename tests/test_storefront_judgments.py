"""Judgments at the storefront's API: given, taken back, exported, refused, and shown as grades and a measure."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from storefront_server import JUDGED_BY_EVE, Server, error_of, page_of, served

from endcap.storefront.app import make_app
from endcap.storefront.example_searches import add_example_searches
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop, grades_by_text

pytest_plugins = ["storefront_fixtures"]


def test_judgments_are_given_taken_back_and_exported(server: Server) -> None:
    """Grades are kept per judge, undone one by one, and exported in every format."""
    give = {"query": "mouse", "judge": "Ada Ö"}
    assert server.post("/api/judgments", {**give, "product": "x1", "grade": 3}).json == {"saved": True, "count": 1}
    assert server.post("/api/judgments", {**give, "product": "x 2", "grade": 0}).json["count"] == 2
    assert server.get("/api/judgments", q="mouse", judge="Ada Ö").json == {"x1": 3, "x 2": 0}
    assert server.get("/api/judgments", q="mouse", judge="Bob").json == {}
    undone = server.post("/api/judgments/undo", {"judge": "Ada Ö"}).json["undone"]
    assert undone == {"query": "mouse", "product": "x 2", "grade": None}
    assert server.post("/api/judgments/undo", {"judge": "Bob"}).json == {"undone": None}
    for format, part in {
        "quepid": b"mouse,x1,3",
        "search-relevance": b'"x1"',
        "qrels": b"PK",
        "jsonl": b'"x1"',
    }.items():
        file = server.get("/api/judgments/export", format=format)
        assert (file.status, part in file.body) == (200, True)
        assert file.heads["content-disposition"].startswith('attachment; filename="demo')
    rows = list(csv.DictReader(io.StringIO(server.get("/api/judgments/export", format="quepid").body.decode())))
    assert [row["rater"] for row in rows] == ["Ada Ö"]


@pytest.mark.parametrize(
    "data",
    [{}, [], "x", {"query": "mouse", "product": "x", "grade": 7, "judge": "a"},
     {"query": "mouse", "product": "x", "grade": "3", "judge": "a"}, {"query": "mouse", "product": "x", "judge": "a"},
     {"query": "x" * 1001, "product": "x", "grade": 1, "judge": "a"},
     {"query": "mouse", "product": 5, "grade": 1, "judge": "a"},
     {"query": "", "product": "x", "grade": 1, "judge": "a"},
     {"query": "mouse", "product": "x", "grade": 1, "judge": ""}],
    ids=str,
)  # fmt: skip
def test_what_is_no_judgment_is_refused(server: Server, data: Any) -> None:
    """A grade that is none, a missing field or another type is a bad request."""
    assert error_of(server.post("/api/judgments", data)) == (400, "bad_request")


def test_disk_trouble_is_ours_and_told_in_words(demo: Shop, tmp_path: Path) -> None:
    """Where judgments can't be kept, the judge hears why, as a fault of the storefront and not of what was sent."""
    (tmp_path / "j.jsonl").mkdir()  # a folder where the file should be: what the disk refuses, whoever asks
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        for answer in (server.post("/api/judgments", JUDGED_BY_EVE), server.get("/api/judgments", q="x", judge="Eve")):
            assert error_of(answer) == (500, "internal")
            assert "Nothing was saved" in answer.json["error"]["message"]


def test_queries_that_are_alike_keep_their_grades(own: Shop, tmp_path: Path) -> None:
    """Of two judged queries that differ in case, each has its own grades, and a spelling that is not judged has those
    of both."""
    alike = grades_by_text({"Mouse": {"a2": 3, "a4": 0}, "MOUSE": {"a2": 1, "a1": 2}, " MOUSE": {"a/3 ü": 1}})
    with served(make_app(replace(own, grades=alike), JudgmentStore(tmp_path / "j.jsonl"))) as server:
        found = {
            q: {h["id"]: h["grade"] for h in page_of(server, q)["columns"]["engine"]}
            for q in ("Mouse", "mouse", "MOUSE")
        }
    assert found["Mouse"] == {"a2": 3, "a4": 0, "a/3 ü": None}
    assert found["MOUSE"] == {"a2": 1, "a4": None, "a/3 ü": 1}
    assert found["mouse"] == {"a2": 3, "a4": 0, "a/3 ü": 1}


def test_blanks_around_a_query_are_no_part_of_it(server: Server) -> None:
    """A judgment is of the query that a search has, however its words were sent."""
    given = {"query": " garden hose\n", "product": "p1", "grade": 2, "judge": "blank"}
    assert server.post("/api/judgments", given).status == 200
    for q in ("garden hose", "  garden hose "):
        assert server.get("/api/judgments", q=q, judge="blank").json == {"p1": 2}


def test_own_judgments_give_grades_and_searches_to_start_from(own: Shop, tmp_path: Path) -> None:
    """With judgments of one's own there are grades and a measure, and the searches that changed are offered."""
    shop_with_examples = add_example_searches(own)
    with served(make_app(shop_with_examples, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        page, shop = page_of(server, "mouse"), server.get("/api/shop").json
    assert {hit["id"]: hit["grade"] for hit in page["columns"]["engine"]} == {"a2": 3, "a4": 1, "a/3 ü": None}
    assert page["measure"]["judged"] == 2
    assert shop["judged"] == ["mouse"]
    changed = abs(page["measure"]["endcap"] - page["measure"]["engine"]) > 1e-9
    assert [each["query"] for each in shop["telling"]] == (["mouse"] if changed else [])


def test_grades_given_here_are_known_at_once_and_make_the_measure_when_both_pages_have_them(
    own: Shop, tmp_path: Path
) -> None:
    """A search shows the median of what its judges gave, before the shop's own judgments; a few are no measure yet."""
    store = JudgmentStore(tmp_path / "j.jsonl")
    with served(make_app(own, store)) as server:
        before = page_of(server, "acme")
        ids = [hit["id"] for hit in before["columns"]["endcap"]]
        assert len(ids) > 1
        assert before["measure"] is None
        for judge, grade in {"ada": 0, "bo": 3, "cy": 2}.items():
            store.give("acme", ids[0], grade, judge)
        some = page_of(server, "acme")
        assert [hit["grade"] for hit in some["columns"]["endcap"]] == [2, *[None] * (len(ids) - 1)]
        assert some["measure"] is None
        for id in ids[1:]:
            store.give("acme", id, 0, "ada")
        measure = page_of(server, "acme")["measure"]
        assert (measure["judged"], measure["endcap"]) == (len(ids), 1.0)
        store.give("mouse", "a2", 0, "ada")
        assert {hit["id"]: hit["grade"] for hit in page_of(server, "mouse")["columns"]["engine"]}["a2"] == 0
        (tmp_path / "j.jsonl").unlink()
        (tmp_path / "j.jsonl").mkdir()
        assert page_of(server, "mouse")["columns"]["endcap"]

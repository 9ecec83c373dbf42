"""The storefront's server: its API on a part of the demo shop, on somebody's own files, and on an OpenSearch."""

from __future__ import annotations

import csv
import io
import json
import os
import queue
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import ANY
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from opensearchpy import OpenSearch
from prometheus_client.parser import text_string_to_metric_families
from storefront_server import Answer, Server, demo_part, served

from endcap.cli.storefront import command, open_behaviour
from endcap.cli.storefront_shop import open_shown_shop
from endcap.demo.pictures import picture_svg
from endcap.demo.queries import judgments
from endcap.errors import EngineError
from endcap.evaluate.measure_words import GRADE_WORDS
from endcap.evaluate.measures import parse, score
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.judgments.reader import read_judgments
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.model.folder import default_folder
from endcap.plugin.search.reranker import Reranker
from endcap.storefront.app import MAX_BODY_BYTES, STATIC, make_app
from endcap.storefront.behaviour import Behaviour
from endcap.storefront.clicks import Clicks
from endcap.storefront.example_searches import add_example_searches
from endcap.storefront.facets import SHOWN, Chosen, Price, find_facets
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.own_shop import open_own_shop
from endcap.storefront.responses import MAX_WAITING, WORKERS
from endcap.storefront.shop import Shop, grades_by_text
from endcap.storefront.simulated_users import replay_shop
from endcap.storefront.ubi import event_record, query_record
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import ClusterSink, FileSink

SCRIPT = "<script>alert('title')</script> & \"quotes\""
OWN = [
    Product("a1", SCRIPT, brand="<b>Acme</b>", category="Mice", price=12.5, image="pics/a1.svg"),
    Product("a2", "Wireless mouse, silent", brand="Bolt", category="Mice", price=25.0, image="../outside.svg"),
    Product(
        "a/3 ü", "Mouse pad with script", brand="Bolt", category="Pads", price=7.0, image="https://cdn.example/3.png"
    ),
    Product("a4", "Mouse trap", brand="Acme", price=3.0, image="notes.txt"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two departments of the demo shop, in the embedded engine."""
    with demo_part(tmp_path_factory) as shop:
        yield shop


@pytest.fixture(scope="module")
def server(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A storefront of the demo shop that keeps no behaviour."""
    folder = tmp_path_factory.mktemp("judged")
    with served(make_app(demo, JudgmentStore(folder / "demo.jsonl"))) as running:
        yield running


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Shop]:
    """A shop on somebody's own files, one of whose titles is a script."""
    folder = tmp_path / "own"
    (folder / "pics").mkdir(parents=True)
    (folder / "shop.jsonl").write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in OWN))
    (folder / "judged.csv").write_text("query,docid,rating\nmouse,a2,3\nmouse,a4,1\nmouse,a1,2\n")
    (folder / "pics" / "a1.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')
    (folder / "notes.txt").write_text("no picture")
    (tmp_path / "outside.svg").write_text("<svg/>")
    opened = open_catalogue(str(folder / "shop.jsonl"))
    judged = read_judgments(folder / "judged.csv")
    settings = IndexSettings(opened.index)
    shop = open_own_shop(
        "own", settings, opened.shop.engine, opened.shop.fields, None,
        judgments=judged, pictures=folder, read_in_advance=True,
    )  # fmt: skip
    yield shop
    shop.close()


def page_of(server: Server, q: str, **more: Any) -> Any:
    answer = server.get("/api/search", q=q, **more)
    assert answer.status == 200, answer.body
    return answer.json


def ids(hits: list[dict[str, Any]]) -> list[str]:
    return [hit["id"] for hit in hits]


def error_of(answer: Any) -> tuple[int, str]:
    assert set(answer.json) == {"error"}
    assert set(answer.json["error"]) == {"kind", "message"}
    assert answer.json["error"]["message"]
    return answer.status, answer.json["error"]["kind"]


def test_the_shop_says_what_it_shows(server: Server, demo: Shop) -> None:
    """Name, products, engine, model and what the page needs to know beforehand."""
    shop = server.get("/api/shop").json
    assert (shop["products"], shop["engine"]["kind"], shop["engine"]["url"]) == (demo.engine.count(), "embedded", None)
    info = demo.student.info
    assert shop["model"] == {
        "name": info.name, "checksum": info.checksum, "window": info.window,
        "blend": "learnt" if info.learnt else "plain", "weight": info.blend_weight,
    }  # fmt: skip
    assert len(shop["telling"]) == 12
    assert set(shop["features"]) == set(FEATURES)
    assert shop["facets"] == ["brand", "category", "price"]
    assert shop["grades"] == list(GRADE_WORDS)
    assert len(shop["judged"]) == len(judgments().grades)
    assert (shop["ubi"], shop["interleaving"]) == (False, False)


def test_both_columns_are_the_engines_and_the_middlewares(server: Server, demo: Shop) -> None:
    """The left column is the engine's own order, the right one a Reranker's on the same body, with the same scores."""
    query = {"query": demo.engine.text_query("pushchair"), "size": 100}
    engine = demo.engine.search(body=query)["hits"]["hits"]
    reply = Reranker(demo.engine, demo.student, states=demo.states, deadline_ms=10_000).search(body=query)
    endcap = reply["hits"]["hits"]
    page = page_of(server, "pushchair", size=10)
    assert ids(page["columns"]["engine"]) == [hit["_id"] for hit in engine[:10]]
    assert ids(page["columns"]["endcap"]) == [hit["_id"] for hit in endcap[:10]]
    assert ids(page["columns"]["engine"]) != ids(page["columns"]["endcap"])
    for shown, hit in zip(page["columns"]["endcap"], endcap, strict=False):
        assert shown["engine_score"] == pytest.approx(hit["previous_score"])
        assert shown["student_score"] == pytest.approx(hit["student_score"])
    for shown, hit in zip(page["columns"]["engine"], engine, strict=False):
        assert shown["engine_score"] == pytest.approx(hit["_score"])
    assert (page["total"], page["window"], page["pages"]) == (len(engine), 100, -(-len(engine) // 10))
    assert page["rerank"] == {
        "status": "reranked", "reason": None, "detail": None, "blend": "learnt", "scored": len(engine),
    }  # fmt: skip
    assert page["took"]["engine_ms"] > 0
    assert page["took"]["added_ms"] > 0
    assert {"engine_ms", "score_ms"} <= set(page["took"]["stages"])


def test_each_hit_knows_its_place_in_the_other_column(server: Server) -> None:
    """rank counts on over pages, and other_rank is where the same product stands on the other side."""
    pages = [page_of(server, "wireless mouse", page=number, size=7) for number in range(1, 6)]
    places: dict[str, dict[str, int]] = {}
    for column in ("engine", "endcap"):
        hits = [hit for page in pages for hit in page["columns"][column]]
        assert [hit["rank"] for hit in hits] == list(range(1, len(hits) + 1))
        assert len(set(ids(hits))) == len(hits) == min(35, pages[0]["total"])
        places[column] = {hit["id"]: hit["rank"] for hit in hits}
    for page in pages:
        for hit in page["columns"]["engine"]:
            assert hit["other_rank"] == places["endcap"].get(hit["id"], hit["other_rank"])
        for hit in page["columns"]["endcap"]:
            assert hit["other_rank"] == places["engine"].get(hit["id"], hit["other_rank"])
    assert any(hit["rank"] != hit["other_rank"] for hit in pages[0]["columns"]["endcap"])


def test_reasons_are_what_the_middleware_explains(server: Server) -> None:
    """Each hit of endcap's column has its features with a meaning, the largest first; they order the column."""
    hits = page_of(server, "left handed mouse")["columns"]["endcap"]
    sums = []
    for hit in hits:
        adds = [abs(reason["adds"]) for reason in hit["reasons"]]
        assert adds == sorted(adds, reverse=True)
        assert all(reason["meaning"] for reason in hit["reasons"])
        sums.append(sum(reason["adds"] for reason in hit["reasons"]))
    assert sums == sorted(sums, reverse=True)


def test_the_slider_goes_from_the_engines_order_to_the_students(server: Server) -> None:
    """blend=0 gives the engine's order, blend=1 that of the student's scores, and both are the plain blend."""
    engine = page_of(server, "laptop 14 inch", blend="0", size=20)
    assert ids(engine["columns"]["endcap"]) == ids(engine["columns"]["engine"])
    assert engine["rerank"]["blend"] == "plain"
    student = [hit["student_score"] for hit in page_of(server, "laptop 14 inch", blend="1")["columns"]["endcap"]]
    assert student == sorted(student, reverse=True)


def test_the_measure_is_that_of_the_evaluation(server: Server) -> None:
    """nDCG@10 of both first pages is what the evaluation computes, from all judged products, on whichever page."""
    page = page_of(server, "pushchair", size=10)
    grades = {"pushchair": judgments().grades["pushchair"]}
    for column in ("engine", "endcap"):
        expected = score({"pushchair": ids(page["columns"][column])}, grades, parse(["nDCG@10"]))["nDCG@10"][
            "pushchair"
        ]
        assert page["measure"][column] == pytest.approx(expected)
        for hit in page["columns"][column]:
            assert hit["grade"] == grades["pushchair"].get(hit["id"])
    assert page["measure"]["name"] == "nDCG@10"
    assert 10 <= page["measure"]["judged"] <= page["measure"]["shown"] <= 20
    assert page_of(server, " Pushchair ", page=2, size=3)["measure"] == page["measure"]
    assert page_of(server, "something nobody judged mouse")["measure"] is None


def test_facets_count_all_that_matches_and_stay_with_reranking(server: Server, demo: Shop) -> None:
    """Counts are over all matches, not a page, whichever the blend; they are what searching for each value finds."""
    page = page_of(server, "mouse", size=1)
    assert page["total"] > 10
    assert page["facets"] == page_of(server, "mouse", size=50, page=1, blend="1")["facets"]
    for name in ("brand", "category"):
        for value in page["facets"][name]:
            assert not value["chosen"]
            narrowed = page_of(server, "mouse", **{name: value["value"]})
            assert narrowed["total"] == value["count"]
            assert all(hit[name] == value["value"] for hit in narrowed["columns"]["endcap"])
    counts = [page_of(server, "mouse", price=each["value"])["total"] for each in page["facets"]["price"]]
    assert counts == [each["count"] for each in page["facets"]["price"]]
    assert sum(counts) == page["total"]  # every product of the demo has a price
    found = sum(each["count"] for each in page["facets"]["brand"])
    assert found <= page["total"]


def test_a_facet_is_counted_without_its_own_filter(server: Server) -> None:
    """With a brand chosen, the other brands keep their counts, while categories and prices are those of the brand."""
    whole = page_of(server, "mouse")["facets"]
    first, second = (value["value"] for value in whole["brand"][:2])
    one = page_of(server, "mouse", brand=first)
    assert [{**each, "chosen": each["value"] == first} for each in whole["brand"]] == one["facets"]["brand"]
    assert (
        sum(each["count"] for each in one["facets"]["price"])
        == one["total"]
        < sum(each["count"] for each in whole["price"])
    )
    both = page_of(server, "mouse", brand=[first, second])
    assert both["total"] == sum(each["count"] for each in whole["brand"][:2])
    dear = page_of(server, "mouse", brand=first, price="0.5-20")
    own = next(each for each in dear["facets"]["price"] if each["chosen"])
    assert (own["value"], own["count"]) == ("0.5-20", dear["total"])
    gone = page_of(server, "mouse", brand="No such brand")
    assert (gone["total"], gone["rerank"]["reason"]) == (0, "empty_window")
    assert {"value": "No such brand", "count": 0, "chosen": True} in gone["facets"]["brand"]
    assert gone["columns"] == {"engine": [], "endcap": []}


def test_the_window_is_all_that_was_ranked(server: Server) -> None:
    """/api/window has the whole window in endcap's order, and no columns."""
    window = server.get("/api/window", q="pushchair").json
    page = page_of(server, "pushchair", size=50)
    assert "columns" not in window
    assert ids(window["hits"]) == ids(page["columns"]["endcap"])
    assert window["hits"][0]["reasons"]


def test_a_product_has_all_its_fields(server: Server, demo: Shop) -> None:
    """/api/product gives what the engine holds of it; an unknown one is not found."""
    known = next(iter(demo.engine.products()))
    found = server.get("/api/product", id=known.id).json
    assert found == {
        "id": known.id, "title": known.title, "brand": known.brand, "category": known.category,
        "description": known.description, "price": known.price, "attributes": dict(known.attributes),
        "picture": f"/pictures/{known.id}", "extra": dict(known.extra),
    }  # fmt: skip
    assert error_of(server.get("/api/product", id="nobody")) == (404, "not_found")
    assert error_of(server.get("/api/product")) == (400, "bad_request")


def test_pictures_are_drawn_and_may_do_nothing(server: Server, demo: Shop) -> None:
    """A demo product's picture is its drawing, under a policy that lets nothing run, and is known again by its ETag."""
    known = next(iter(demo.engine.products()))
    picture = server.get(f"/pictures/{known.id}")
    assert (picture.body.decode(), picture.heads["content-type"]) == (picture_svg(known), "image/svg+xml")
    assert picture.heads["content-security-policy"].startswith("default-src 'none'")
    assert "sandbox" in picture.heads["content-security-policy"]
    again = server.get(f"/pictures/{known.id}", heads={"If-None-Match": picture.heads["etag"]})
    assert (again.status, again.body) == (304, b"")
    assert error_of(server.get("/pictures/nobody")) == (404, "not_found")


WRONG: list[tuple[str, dict[str, Any]]] = [
    ("/api/search", {}),
    ("/api/search", {"q": "   "}),
    ("/api/search", {"q": "x" * 1001}),
    ("/api/search", {"q": "mouse", "page": "0"}),
    ("/api/search", {"q": "mouse", "page": "-1"}),
    ("/api/search", {"q": "mouse", "page": "١"}),
    ("/api/search", {"q": "mouse", "page": "10001"}),
    ("/api/search", {"q": "mouse", "page": "201", "size": "50"}),
    ("/api/search", {"q": "mouse", "size": "51"}),
    ("/api/search", {"q": "mouse", "size": "ten"}),
    ("/api/search", {"q": "mouse", "blend": "1.5"}),
    ("/api/search", {"q": "mouse", "blend": "nan"}),
    ("/api/search", {"q": "mouse", "price": "cheap"}),
    ("/api/search", {"q": "mouse", "price": "-"}),
    ("/api/search", {"q": "mouse", "price": "20-10"}),
    ("/api/search", {"q": "mouse", "brand": ""}),
    ("/api/search", {"q": "mouse", "brand": [str(n) for n in range(51)]}),
    ("/api/window", {"q": ""}),
    ("/api/judgments", {"q": "mouse"}),
    ("/api/judgments/export", {"format": "word"}),
    ("/api/interleaved", {"q": "mouse"}),
]


@pytest.mark.parametrize(("path", "parameters"), WRONG, ids=[f"{p} {str(a)[:40]}" for p, a in WRONG])
def test_a_wrong_parameter_is_named(server: Server, path: str, parameters: dict[str, Any]) -> None:
    """What can't be read is refused with 400 and a message, never guessed and never a traceback."""
    assert error_of(server.get(path, **parameters)) == (400, "bad_request")


@pytest.mark.parametrize(
    "text", ['"', "(a OR b", "\x00", "日本語 🎧", "' OR 1=1 --", "<script>", "%s{}", "x" * 1000, "\\", "a\nb"]
)
def test_any_words_are_searched_for(server: Server, text: str) -> None:
    """No text is an error: it comes back as it was typed, as JSON."""
    assert page_of(server, text)["query"] == text.strip()


def test_nothing_found_is_an_empty_page(server: Server) -> None:
    """Words that no product has give no hits and no values of facets, and say that there was nothing to order."""
    page = page_of(server, "zeppelinxyz")
    assert (page["total"], page["pages"], page["measure"]) == (0, 0, None)
    assert page["columns"] == {"engine": [], "endcap": []}
    assert page["facets"] == {"brand": [], "category": [], "price": []}
    assert (page["rerank"]["status"], page["rerank"]["reason"]) == ("skipped", "empty_window")


def test_a_page_behind_the_last_is_empty(server: Server) -> None:
    """Paging on behind the last product shows none, and still says how many there are."""
    page = page_of(server, "pushchair", page=900)
    assert page["columns"] == {"engine": [], "endcap": []}
    assert page["total"] > 0


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


JUDGED_BY_EVE = {"query": "mouse", "product": "x1", "grade": 3, "judge": "Eve"}


@pytest.mark.parametrize(
    "heads",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://127.0.0.1:1"}, {"Origin": ""},
     {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/judgments", "/api/judgments/undo", "/api/events"])
def test_no_page_of_another_site_may_write(server: Server, path: str, heads: dict[str, str]) -> None:
    """What a browser says was sent by a page of another site or another port is refused, and nothing is kept."""
    answer = server.post(path, JUDGED_BY_EVE, heads)
    assert error_of(answer) == (403, "forbidden")
    assert "only the storefront's own page" in answer.json["error"]["message"]
    assert server.get("/api/judgments", q="mouse", judge="Eve").json == {}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None])
@pytest.mark.parametrize("path", ["/api/judgments", "/api/judgments/undo", "/api/events"])
def test_only_json_is_taken(server: Server, path: str, kind: str | None) -> None:
    """What a form or a script of another site can send without asking is refused by its type, whatever is in it."""
    heads = {"Content-Type": kind} if kind else {}
    answer = server.ask("POST", path, json.dumps(JUDGED_BY_EVE).encode(), heads)
    assert error_of(answer) == (415, "bad_request")
    assert server.get("/api/judgments", q="mouse", judge="Eve").json == {}
    asks_first = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    asked = server.ask("OPTIONS", path, heads=asks_first)
    assert asked.status >= 400
    assert not any(name.startswith("access-control") for name in asked.heads)


def test_our_own_page_may_write(demo: Shop, tmp_path: Path) -> None:
    """What a browser says of our own page is taken, and what says nothing of where it comes from."""
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        own = {"Origin": f"http://127.0.0.1:{server.port}", "Sec-Fetch-Site": "same-origin"}
        for n, heads in enumerate((own, {"Sec-Fetch-Site": "none"}, {}), 1):
            given = {**JUDGED_BY_EVE, "product": f"x{n}"}
            assert server.post("/api/judgments", given, heads).json == {"saved": True, "count": n}
        assert server.get("/api/search", {"Sec-Fetch-Site": "same-origin"}, q="mouse").status == 200
        assert error_of(server.get("/api/search", {"Sec-Fetch-Site": "cross-site"}, q="mouse"))[0] == 403
        assert server.get("/?q=mouse", {"Sec-Fetch-Site": "cross-site"}).status == 200, "a link to us may be followed"


def test_a_name_that_nobody_gave_is_refused(demo: Shop, tmp_path: Path) -> None:
    """A page whose name was made to lead here gets nothing; localhost, addresses and allowed names are answered."""
    app = make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), hosts=["shop.example", "My-Host.", "bücher.example"])
    with served(app) as server:
        for host in ("evil.example", "evil.example:8080", "localhost.evil.example", "xshop.example", "", "[evil]:80",
                     "[::1].evil.example", "localhost:evil.example", "localhost:80:80"):  # fmt: skip
            for path in ("/", "/api/shop", "/main.js", "/pictures/x"):
                answer = server.get(path, {"Host": host})
                assert error_of(answer) == (403, "forbidden"), host
                assert "--allow-host" in answer.json["error"]["message"]
            refused = server.post("/api/judgments", JUDGED_BY_EVE, {"Host": host, "Origin": f"http://{host}"})
            assert error_of(refused) == (403, "forbidden")
        for host in ("localhost:8080", "LOCALHOST", "127.0.0.1:9", "[::1]:8080", "10.1.2.3", "shop.example:80",
                     "SHOP.example.", "my-host:8080", "xn--bcher-kva.example"):  # fmt: skip
            assert server.get("/api/shop", {"Host": host}).status == 200, host
            own = {"Host": host, "Origin": f"http://{host}"}
            assert server.post("/api/judgments", JUDGED_BY_EVE, own).status == 200, host
        for path in ("/health", "/ready", "/metrics"):  # asked by what watches over it, by a name of its own
            assert server.get(path, {"Host": "storefront:8080"}).status == 200


def test_disk_trouble_is_ours_and_told_in_words(demo: Shop, tmp_path: Path) -> None:
    """Where judgments can't be kept, the judge hears why, as a fault of the storefront and not of what was sent."""
    (tmp_path / "j.jsonl").mkdir()  # a folder where the file should be: what the disk refuses, whoever asks
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        for answer in (server.post("/api/judgments", JUDGED_BY_EVE), server.get("/api/judgments", q="x", judge="Eve")):
            assert error_of(answer) == (500, "internal")
            assert "Nothing was saved" in answer.json["error"]["message"]


def test_a_large_body_is_refused(server: Server) -> None:
    """More than the limit is not read to its end."""
    answer = server.post("/api/judgments", {"query": "x" * MAX_BODY_BYTES})
    assert error_of(answer) == (413, "bad_request")


def test_the_page_and_its_files(server: Server) -> None:
    """The page answers at /, each of its files under /static/ and beside it, with its type, an ETag and our policy."""
    page = server.get("/?q=mouse&page=2")
    assert page.body == (STATIC / "index.html").read_bytes()
    policy = page.heads["content-security-policy"]
    assert policy.startswith("default-src 'self'")
    assert "unsafe" not in policy
    types = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
    files = [path.relative_to(STATIC).as_posix() for path in STATIC.rglob("*") if path.suffix in types]
    assert "main.js" in files
    for name in files:
        for address in (f"/static/{name}", f"/{name}"):
            file = server.get(address)
            assert file.body == (STATIC / name).read_bytes()
            assert file.heads["content-type"] == types[Path(name).suffix]
            assert file.heads["cache-control"] == "no-cache"
            again = server.get(address, heads={"If-None-Match": file.heads["etag"]})
            assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path",
    ["/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2fapp.py", "/%2e%2e/app.py", "/static//etc/passwd",
     "/static/%00", "/static/vendor", "/static/", "/pictures/..%2f..%2fapp.py", "/pictures/", "/api", "/api/nothing",
     "/static/vendor/..%5c..%5capp.py"],
)  # fmt: skip
def test_no_path_leads_out_of_the_pages_folder(server: Server, path: str) -> None:
    """What is not one of the page's files is not found, however it is written."""
    assert error_of(server.get(path)) == (404, "not_found")


def test_every_answer_says_what_a_browser_may_do(server: Server) -> None:
    """Types are not guessed, nobody is told where a visitor came from, and the API's answers are no pages."""
    for path in ("/", "/api/shop", "/api/search?q=mouse", "/api/nothing", "/main.js", "/health", "/metrics"):
        heads = server.get(path).heads
        assert heads["x-content-type-options"] == "nosniff"
        assert heads["referrer-policy"] == "no-referrer"
        assert "default-src" in heads["content-security-policy"]
    assert error_of(server.ask("DELETE", "/api/judgments")) == (405, "bad_request")
    assert server.ask("HEAD", "/").body == b""


def test_it_says_how_it_is(server: Server, demo: Shop) -> None:
    """/health and /ready answer; /metrics is Prometheus' text and counts searches as the middleware does."""
    assert server.get("/health").json == {"status": "ok"}
    assert server.get("/ready").json["status"] == "ready"

    def metric(sample: str, **labels: str) -> float:
        text = server.get("/metrics").body.decode()
        found = [
            one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
            if one.name == sample and all(one.labels.get(k) == v for k, v in labels.items())
        ]
        return sum(found)

    name, model = "endcap_rerank_latency_seconds_count", demo.student.info.name
    before = metric(name, model=model), metric("endcap_rerank_outcomes_total", status="reranked", reason="")
    page_of(server, "mouse")
    after = metric(name, model=model), metric("endcap_rerank_outcomes_total", status="reranked", reason="")
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]
    assert metric("endcap_rerank_outcomes_total", status="reranked") == demo.reranker.outcomes["reranked"]
    assert metric("endcap_engine_latency_seconds_sum") > 0
    before_400 = metric("endcap_http_requests_total", route="/api/search", status="400")
    for path in (
        "/api/search?q=",
        "/made-up-mouse",
        "/api/nothing",
        "/static/made-up-mouse",
        "/pictures/made-up-mouse",
    ):
        assert server.get(path).status in (400, 404)
    assert metric("endcap_http_requests_total", route="/api/search", status="400") == before_400 + 1
    families = text_string_to_metric_families(server.get("/metrics").body.decode())
    routes = {sample.labels["route"] for each in families for sample in each.samples if "route" in sample.labels}
    assert len(routes) < 20  # whatever was asked for above: an address that somebody makes up is no label
    assert not any("nothing" in route or "mouse" in route for route in routes)


def test_a_fallback_is_passed_on(demo: Shop, tmp_path: Path) -> None:
    """With no time to re-rank, both columns are the engine's and the page says why."""
    hurried = Reranker(demo.engine, demo.student, states=demo.states, deadline_ms=0.001)
    with served(make_app(replace(demo, reranker=hurried), JudgmentStore(tmp_path / "j.jsonl"))) as server:
        page = page_of(server, "pushchair")
    hurried.close()
    assert (page["rerank"]["status"], page["rerank"]["reason"]) == ("fallback", "deadline")
    assert ids(page["columns"]["endcap"]) == ids(page["columns"]["engine"])
    assert all(hit["reasons"] == [] and hit["engine_score"] for hit in page["columns"]["endcap"])
    assert all(hit["rank"] == hit["other_rank"] for hit in page["columns"]["endcap"])


def test_an_engine_that_is_gone_is_told_with_what_to_do(demo: Shop, tmp_path: Path) -> None:
    """Where the cluster can't be reached, a search says 503 and how to help it, and so does /ready; /health is well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = IndexSettings("gone", "opensearch", f"http://127.0.0.1:{free.getsockname()[1]}")
        engine = OpenSearchEngine(connect(settings), "gone", url=settings.url)
        gone = replace(demo, engine=engine, reranker=Reranker(engine, demo.student, states=demo.states))
        with served(make_app(gone, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            for path in ("/api/search?q=mouse", "/api/window?q=mouse", "/api/product?id=x", "/ready"):
                answer = server.get(path)
                assert error_of(answer) == (503, "engine_unreachable")
                assert "Is it running" in answer.json["error"]["message"]
            assert server.get("/health").status == 200
            assert server.get("/").status == 200
        gone.reranker.close()


def test_an_engine_that_refuses_is_not_said_to_be_gone(opensearch: str, demo: Shop, tmp_path: Path) -> None:
    """Where the cluster answers, but has no such index (any more), that is said, and not that it does not answer."""
    settings = IndexSettings(f"endcap-test-{uuid.uuid4().hex[:8]}", "opensearch", opensearch)
    engine = OpenSearchEngine(connect(settings), settings.name, url=settings.url)
    gone = replace(demo, settings=settings, engine=engine, reranker=Reranker(engine, demo.student, states=demo.states))
    with served(make_app(gone, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        for path in ("/api/search?q=mouse", "/ready"):
            answer = server.get(path)
            assert error_of(answer) == (502, "engine_refused")
            assert f"there is no index '{settings.name}'" in answer.json["error"]["message"]
    gone.reranker.close()
    engine.close()


@dataclass(frozen=True, slots=True)
class Hanging:
    """An engine that answers when it is let go."""

    go: threading.Event

    def count(self) -> int:
        self.go.wait(60)
        return 1


def test_who_judges_does_not_wait_for_the_engine(demo: Shop, tmp_path: Path) -> None:
    """While an engine hangs, and as many searches as may run wait for it, a grade is saved at once."""
    go = threading.Event()
    with served(make_app(replace(demo, engine=Hanging(go)), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        threads = [threading.Thread(target=server.get, args=("/ready",)) for _ in range(2 * WORKERS)]
        for thread in threads:
            thread.start()
        given = {"query": "mouse", "product": "p1", "grade": 3, "judge": "ann"}
        assert server.post("/api/judgments", given).json == {"saved": True, "count": 1}
        assert server.get("/api/judgments/export").status == 200
        assert all(thread.is_alive() for thread in threads)
        go.set()
        for thread in threads:
            thread.join(30)


def test_a_fault_of_ours_is_told_without_its_insides(demo: Shop, tmp_path: Path) -> None:
    """What nobody has thought of is a 500 in the API's shape, and the traceback goes to the log alone."""

    class Faulty:
        def count(self) -> int:
            raise RuntimeError("the secret inside")

    with served(make_app(replace(demo, engine=Faulty()), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        answer = server.get("/ready")
    assert error_of(answer) == (500, "internal")
    assert b"secret" not in answer.body


def test_too_many_at_once_are_turned_away(demo: Shop, tmp_path: Path) -> None:
    """Behind a line that is full, a request is told to come again, and those in the line are answered."""
    go = threading.Event()
    with served(make_app(replace(demo, engine=Hanging(go)), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        answers: queue.Queue[Answer] = queue.Queue()
        threads = [
            threading.Thread(target=lambda: answers.put(server.get("/ready"))) for _ in range(WORKERS + MAX_WAITING + 1)
        ]
        for thread in threads:
            thread.start()
        refused = answers.get(timeout=30)  # nobody else is answered before the engine is
        assert error_of(refused) == (503, "overloaded")
        assert refused.heads["retry-after"] == "1"
        assert server.get("/health").status == 200
        go.set()
        for thread in threads:
            thread.join(30)
        assert [answers.get_nowait().status for _ in threads[1:]] == [200] * (WORKERS + MAX_WAITING)


def test_a_title_that_is_a_script_is_data(own: Shop, tmp_path: Path) -> None:
    """A product called <script> comes back as JSON, in a reply that no browser takes for a page."""
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        answer = server.get("/api/search", q="script")
        assert answer.heads["content-type"] == "application/json"
        assert answer.heads["x-content-type-options"] == "nosniff"
        titles = {hit["id"]: hit["title"] for hit in answer.json["columns"]["endcap"]}
        assert titles["a1"] == SCRIPT
        assert page_of(server, "<script>", brand="<b>Acme</b>")["total"] == 1
        assert SCRIPT.encode() not in server.get("/?q=%3Cscript%3E").body


def test_own_pictures_come_from_beside_the_catalogue_alone(own: Shop, tmp_path: Path) -> None:
    """A picture in the catalogue's folder is shown; one outside of it, of another site or of another kind is not."""
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        pictures = {hit["id"]: hit["picture"] for hit in page_of(server, "mouse script")["columns"]["engine"]}
        assert pictures == {"a1": "/pictures/a1", "a2": None, "a/3 ü": None, "a4": None}
        shown = server.get("/pictures/a1")
        assert (shown.status, shown.heads["content-type"]) == (200, "image/svg+xml")
        assert "sandbox" in shown.heads["content-security-policy"]
        for id in ("a2", "a/3 ü", "a4"):
            assert server.get(f"/pictures/{quote(id, safe='')}").status == 404
        assert server.get("/api/product", id="a/3 ü").json["title"] == OWN[2].title
        (tmp_path / "own" / "pics" / "a1.svg").unlink()
        (tmp_path / "own" / "pics" / "a1.svg").symlink_to(tmp_path / "outside.svg")
        assert server.get("/pictures/a1").status == 404


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


def test_half_a_character_is_shown_and_costs_no_page(own: Shop, tmp_path: Path) -> None:
    """An engine hands out what was put in, as a title that was cut in an emoji or a number without end: all is JSON."""

    class Odd:
        def __getattr__(self, name: str) -> Any:
            return getattr(own.engine, name)

        def search(self, **asked: Any) -> Any:
            reply = own.engine.search(**asked)
            for hit in reply["hits"]["hits"]:
                hit["_source"] |= {"title": hit["_source"].get("title", "") + " \ud83e", "serial\ud83e": 10**30}
            return reply

    odd = Odd()
    shop = replace(own, engine=odd, reranker=Reranker(odd, own.student, states=own.states, deadline_ms=5000))
    with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        page = page_of(server, "trap")
        assert page["columns"]["endcap"][0]["title"] == "Mouse trap \ufffd"
        assert server.get("/api/window", q="trap").status == 200
        assert server.get("/api/product", id="a4").json["extra"] == {"serial\ufffd": "1" + "0" * 30}
    shop.reranker.close()


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


def test_behaviour_is_kept_where_that_was_asked(demo: Shop, tmp_path: Path) -> None:
    """With --ubi searches and clicks are written with one id, and clicks in a mixed list are points for a team."""
    log = UbiLog(FileSink(tmp_path / "ubi"))
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), Behaviour(log))) as server:
        assert server.get("/api/shop").json["ubi"] is True
        page = page_of(server, "pushchair", client="tab-1")
        mixed = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        again = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        assert (mixed["query_id"], ids(mixed["hits"])) == (again["query_id"], ids(again["hits"]))
        more = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6, page=2).json
        assert not set(ids(mixed["hits"])) & set(ids(more["hits"]))
        assert {hit["team"] for hit in mixed["hits"]} == {"engine", "endcap"}
        places = {hit["id"]: (hit["rank"], hit["other_rank"]) for hit in page["columns"]["endcap"]}
        both = [hit for hit in mixed["hits"] if hit["id"] in places]
        assert both
        assert all((hit["endcap_rank"], hit["engine_rank"]) == places[hit["id"]] for hit in both)
        weighed = server.get("/api/interleaved", q="pushchair", client="tab-1", blend="0.5")
        assert error_of(weighed) == (400, "bad_request"), "clicks on lists of several weights are not added up"
        assert "Leave it out" in weighed.json["error"]["message"]
        assert server.get("/api/interleaved", q="pushchair", client="tab-1", size=6, blend="model").json == {
            **again, "took": ANY,
        }  # fmt: skip
        hit = next(hit for hit in mixed["hits"] if hit["team"] == "endcap")
        click = {
            "action_name": "click", "query_id": mixed["query_id"], "client_id": "tab-1",
            "event_attributes": {"object": {"object_id": hit["id"]}, "position": {"ordinal": 1}, "team": "endcap"},
        }  # fmt: skip
        assert server.post("/api/events", click).json["team"] == "endcap"
        assert error_of(server.post("/api/events", {"action_name": ""})) == (400, "bad_request")
        assert error_of(server.post("/api/events", {**click, "no_such": 1})) == (400, "bad_request")
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["open"]) == (0, 1), "a click counts once its search is over"
        server.get("/api/interleaved", q="mouse", client="tab-1")  # settles the search before
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["wins"], told["open"], told["simulated"]) == (1, 1, 1, False)
        anew = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        assert anew["query_id"] != mixed["query_id"], "to search again is another trial"
        assert server.post("/api/events", {**click, "query_id": anew["query_id"]}).json["team"] is not None
        assert server.post("/api/events", click).json["team"] is None, "the first one is over"
    queries = [json.loads(line) for line in (tmp_path / "ubi" / "queries.jsonl").read_text().splitlines()]
    events = [json.loads(line) for line in (tmp_path / "ubi" / "events.jsonl").read_text().splitlines()]
    assert queries[0]["query_id"] == page["query_id"]
    assert queries[0]["query_response_hit_ids"] == ids(page["columns"]["endcap"])
    assert (events[0]["query_id"], events[0]["event_attributes"]["team"]) == (mixed["query_id"], "endcap")
    assert {query["client_id"] for query in queries} == {"tab-1"}


def test_a_restart_forgets_no_click(demo: Shop, tmp_path: Path) -> None:
    """What clicks have said is read again from what was written, also those on a later page of a mixed list."""
    told = []
    for start in range(3):
        behaviour = open_behaviour(demo, "mine", True, None)
        with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), behaviour)) as server:
            told.append(server.get("/api/interleaving").json)
            for client in ("ann", "bob"):
                for page in (1, 2):
                    asked = {"q": "wireless mouse", "client": client, "size": 4, "page": page}
                    mixed = server.get("/api/interleaved", **asked).json
                    for hit in mixed["hits"]:
                        if hit["team"] == ("endcap" if client == "ann" or start else "engine"):
                            click = {
                                "action_name": "click", "query_id": mixed["query_id"], "client_id": client,
                                "event_attributes": {"object": {"object_id": hit["id"]}, "position": {"ordinal": 1}},
                            }  # fmt: skip
                            assert server.post("/api/events", click).json["team"] == hit["team"]
    told.append(open_behaviour(demo, "mine", True, None).summary())
    assert [(each["queries"], each["wins"], each["losses"], each["open"]) for each in told] == [
        (0, 0, 0, 0), (0, 0, 0, 2), (2, 1, 1, 2), (4, 3, 1, 2),
    ]  # fmt: skip


def test_a_restart_on_a_cluster_forgets_no_click(opensearch: str) -> None:
    """Where clicks go to the cluster, they are found again there: those of this index, and of no other."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    settings = IndexSettings(name, "opensearch", opensearch)
    sink = ClusterSink.from_settings(settings, f"{name}-")
    assert sink.interleaved_records(name) == [], "where nothing was ever written there is nothing, and no error"
    log = UbiLog(sink)
    for number in range(12):
        query_id, index = f"q{number}", name if number % 3 else "another"
        attributes = {"index": index, "page": 1, "mixed": True, "teams": ["endcap", "engine"]}
        record = query_record("kettle", ["p1", "p2"], query_id=query_id, client_id=query_id, attributes=attributes)
        log.query(record)
        about = {"object": {"object_id": "p1" if number % 2 else "p2"}, "position": {"ordinal": 1}}
        log.event(event_record({"action_name": "click", "query_id": query_id, "event_attributes": about}))
        log.event(event_record({"action_name": "view", "query_id": query_id}))
        log.query(query_record("kettle", ["p1"], query_id=f"plain{number}", client_id="ann", attributes={"page": 1}))
    log.close(30)
    try:
        sink.client.indices.refresh(index=f"{name}-*")
        clicks = Clicks(clock=lambda: time.time() + 1000)  # when all are over
        clicks.count(sink.interleaved_records(name))
        told = clicks.summary()
        assert (told["queries"], told["wins"], told["losses"]) == (8, 4, 4)
    finally:
        sink.client.indices.delete(index=f"{name}-*")
        sink.client.close()
    gone = ClusterSink.from_settings(IndexSettings("gone", "opensearch", "http://127.0.0.1:9"))
    with pytest.raises(EngineError, match="can't be reached"):
        gone.interleaved_records("gone")


def test_without_ubi_nothing_is_kept(server: Server) -> None:
    """Events are refused, and searches have no id."""
    assert error_of(server.post("/api/events", {"action_name": "click"})) == (400, "bad_request")
    assert page_of(server, "mouse")["query_id"] is None


def test_simulated_users_are_said_to_be(demo: Shop, tmp_path: Path) -> None:
    """After a replay the comparison is that of simulated users, and says so."""
    few = replace(demo, judged_queries=("pushchair", "mouse", "wireless mouse for laptop"))
    tally = replay_shop(few, 40).tally
    with served(make_app(few, JudgmentStore(tmp_path / "j.jsonl"), Behaviour(None, tally))) as server:
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["simulated"]) == (40, True)
        assert server.get("/api/shop").json["interleaving"] is True
        assert server.get("/api/interleaved", q="mouse").status == 200


def test_it_is_the_same_on_an_opensearch(opensearch: str, demo: Shop, server: Server, tmp_path: Path) -> None:
    """On a real cluster both columns, the counts and the chosen values are those of the embedded engine."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    settings = IndexSettings(name, "opensearch", opensearch)
    engine = OpenSearchEngine.from_settings(settings)
    engine.load(demo.engine.products())
    shop = open_own_shop("cluster", settings, engine, FieldMap(), None)
    shop = replace(shop, reranker=Reranker(shop.engine, shop.student, states=demo.states, deadline_ms=5000))
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as other:
            assert other.get("/api/shop").json["engine"] == {"kind": "opensearch", "url": opensearch, "index": name}
            for parameters in (
                {"q": "pushchair"},
                {"q": "wireless mouse", "page": 2},
                {"q": "mouse", "brand": "Quillan"},
                {"q": "mouse", "category": "Computers > Mice", "price": "10-30"},
                {"q": "zeppelinxyz"},
            ):
                mine, theirs = (each.get("/api/search", **parameters).json for each in (server, other))
                assert (theirs["total"], theirs["pages"]) == (mine["total"], mine["pages"])
                assert theirs["rerank"]["status"] == mine["rerank"]["status"]
                assert theirs["facets"] == mine["facets"]
                assert len(theirs["columns"]["endcap"]) == len(mine["columns"]["endcap"])
            body = {"query": engine.text_query("pushchair"), "size": 100}
            page = page_of(other, "pushchair", size=10)
            for column, searches in (("engine", engine), ("endcap", shop.reranker)):
                hits = searches.search(index=name, body=body)["hits"]["hits"]
                assert ids(page["columns"][column]) == [hit["_id"] for hit in hits[:10]]
    finally:
        shop.close()
        engine.client.indices.delete(index=f"{name}-*")
        engine.close()


def test_an_index_of_ones_own_is_only_read(opensearch: str, tmp_path: Path) -> None:
    """--opensearch-url --index --fields: facets by its own names where they can be counted, and nothing written."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    client = OpenSearch(opensearch)
    fields = {
        "name": {"type": "text"}, "maker": {"type": "keyword"}, "cost": {"type": "scaled_float", "scaling_factor": 100},
        "kind": {"type": "text", "fields": {"raw": {"type": "keyword"}}}, "notes": {"type": "text"},
    }  # fmt: skip
    client.indices.create(
        index=name,
        body={"settings": {"number_of_shards": 2, "number_of_replicas": 0}, "mappings": {"properties": fields}},
    )
    for product in OWN:
        document = {"name": product.title, "maker": product.brand, "kind": product.category, "cost": product.price}
        client.index(index=name, id=product.id, body={k: v for k, v in document.items() if v}, refresh=True)
    client.index(index=name, id="a5", body={"name": "Mouse, no brand", "maker": "", "kind": "Mice"}, refresh=True)
    before = client.indices.stats(index=name)["_all"]["primaries"]["indexing"]["index_total"]
    connection = IndexSettings(name, "opensearch", opensearch)
    shop = open_shown_shop(
        connection, None, name, None, "title=name,brand=maker,category=kind,price=cost", default_folder(), None
    )
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            page = page_of(server, "mouse", brand="Bolt")
            assert set(ids(page["columns"]["endcap"])) == {"a2", "a/3 ü"}
            assert shop.facets.fields == {"brand": "maker", "category": "kind.raw", "price": "cost"}
            assert {value["value"]: value["count"] for value in page["facets"]["brand"]} == {"Acme": 1, "Bolt": 2}
            assert page["columns"]["endcap"][0]["title"]
        assert client.indices.stats(index=name)["_all"]["primaries"]["indexing"]["index_total"] == before
        plain = replace(connection, fields=FieldMap.parse("title=name,brand=notes,price=maker,category="))
        uncounted = open_own_shop("x", plain, OpenSearchEngine.from_settings(plain), plain.fields, None)
        with served(make_app(uncounted, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            assert server.get("/api/shop").json["facets"] == []
            assert page_of(server, "mouse")["facets"] == {}
            assert error_of(server.get("/api/search", q="mouse", brand="Bolt")) == (400, "bad_request")
        uncounted.close()
    finally:
        shop.close()
        client.indices.delete(index=name)
        client.close()


def test_counts_are_those_of_the_chosen_also_over_shards(opensearch: str) -> None:
    """On an index of five shards, and of prices that a float only comes near, each facet's count is what choosing it
    finds: the sum of the shards' most frequent values would not be, nor a range's exact ends."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    client, chance = OpenSearch(opensearch), random.Random(1)
    kinds = {"title": {"type": "text"}, "brand": {"type": "keyword"}, "price": {"type": "float"}}
    settings = {"number_of_shards": 5, "number_of_replicas": 0}
    client.indices.create(index=name, body={"settings": settings, "mappings": {"properties": kinds}})
    lines = []
    for number in range(3000):
        brand, price = f"b{int(chance.paretovariate(0.5)) % 400}", chance.choice([9.99, 10, 12.1, 25.0])
        lines += [{"index": {"_id": str(number)}}, {"title": "mouse", "brand": brand, "price": price}]
    client.bulk(index=name, body=lines, refresh=True)
    engine = OpenSearchEngine(client, name, fields=FieldMap.parse("title=title,brand=brand,price=price"))
    try:
        facets = find_facets(engine, name, engine.fields)

        def counted(chosen: Chosen) -> tuple[int, dict[str, list[dict[str, Any]]]]:
            body = {"query": engine.text_query("mouse"), "size": 0, "track_total_hits": True, **facets.body(chosen)}
            reply = engine.search(index=name, body=body)
            return reply["hits"]["total"]["value"], facets.read(reply, chosen)

        _, offered = counted(Chosen())
        assert len(offered["brand"]) == SHOWN
        for brand in offered["brand"]:
            assert counted(Chosen(brand=(brand["value"],)))[0] == brand["count"]
        for text in (*(price["value"] for price in offered["price"]), "9.99-12.1", "-9.99", "12.1-", "30-40"):
            total, found = counted(Chosen(price=Price.read(text)))
            assert [price["count"] for price in found["price"] if price["chosen"]] == [total], text
    finally:
        client.indices.delete(index=name)
        client.close()


def test_an_index_that_endcap_knows_is_shown(tmp_path: Path) -> None:
    """--index shows what was loaded as that name, and reads of its products what is first found."""
    settings = IndexSettings("mine")
    EmbeddedEngine("mine").load(OWN)
    save_settings(settings)
    shop = open_shown_shop(IndexSettings("mine"), None, "mine", None, "", default_folder(), None)
    try:
        with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            assert server.get("/api/shop").json["name"] == "mine"
            page = page_of(server, "mouse")
            assert (page["total"], page["rerank"]["status"]) == (3, "reranked")
            assert page["measure"] is None
    finally:
        shop.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "My shop.jsonl").write_text("".join(json.dumps(product.to_mapping()) + "\n" for product in OWN))
    (tmp_path / "judged.csv").write_text("query,docid,rating\nmouse,a2,3\nmouse,a4,0\n")
    return tmp_path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_until_it_is_told_to_stop(files: Path, number: signal.Signals) -> None:
    """endcap storefront prints its address when it answers, and ends with 0 on SIGTERM and on Ctrl-C; what was judged
    before under this name is told, since it may be of another shop."""
    kept = files / "home" / "judged" / "my-shop.jsonl"
    before = JudgmentStore(kept).give("mouse", "a4", 0, "me") if number == signal.SIGINT else 0
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "endcap.cli.main", "storefront", "--port", "0",
         "--catalogue", files / "My shop.jsonl", "--judgments", files / "judged.csv", "--allow-host", "Shop.example"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "ENDCAP_HOME": str(files / "home")},
    )  # fmt: skip
    try:
        assert process.stdout is not None
        if before:
            assert process.stdout.readline() == f"It goes on with what was judged in {kept}; lines so far: 1.\n"
        said = process.stdout.readline()
        assert said.startswith("Storefront at http://localhost:"), process.communicate()
        server = Server(int(said.rsplit(":", 1)[1]))
        assert server.get("/api/shop").json["name"] == "My shop"
        assert server.get("/api/shop", {"Host": "shop.example"}).status == 200
        assert server.get("/api/shop", {"Host": "other.example"}).status == 403
        server.post("/api/judgments", {"query": "mouse", "product": "a2", "grade": 3, "judge": "me"})
        assert kept.read_text().count("\n") == before + 1
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
        assert (process.returncode, out, "Traceback" in err) == (0, "", False)
    finally:
        process.kill()


def test_a_port_in_use_is_told_before_any_work(files: Path, endcap_home: Path) -> None:
    """A taken port is named with what to do, and nothing was loaded for it."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(command, ["--port", str(port), "--catalogue", str(files / "My shop.jsonl")])
    assert "in use" in str(result.exception)
    assert "--port" in str(result.exception)
    assert not (endcap_home / "catalogues").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--index", "x", "--catalogue", "FILE"], "one of the two"),
        (["--judgments", "FILE"], "--catalogue or --index"),
        (["--fields", "title=name"], "--opensearch-url"),
        (["--index", "x", "--opensearch-url", "http://x:1", "--format", "csv"], "--format are for --catalogue"),
        (["--catalogue", "FILE", "--judgments-format", "quepid"], "add them"),
        (["--username-env", "U"], "--opensearch-url"),
        (["--catalogue", "FILE", "--opensearch-url", "http://x:1", "--insecure"], "endcap index"),
        (["--catalogue", "FILE", "--replay", "5"], "--judgments"),
        (["--index", "nobody"], "no index named"),
        (["--host", "no.such.host.invalid"], "--host"),
        (["--host", "shop..example"], "no host name"),
        (["--allow-host", "http://shop.example"], "no host name"),
        (["--allow-host", "shop.example:8080"], "without a port"),
        (["--allow-host", "shop..example"], "no host name"),
        (["--deadline-ms", "0"], "--deadline-ms"),
    ],
)
def test_options_that_contradict_each_other_are_told(files: Path, arguments: list[str], said: str) -> None:
    """What can't be meant is refused before anything is loaded, with what to do."""
    given = [str(files / "My shop.jsonl") if one == "FILE" else one for one in arguments]
    if "--judgments" in given:
        given[given.index("--judgments") + 1] = str(files / "judged.csv")
    result = CliRunner().invoke(command, [*given, "--port", "0"])
    assert result.exit_code != 0
    assert said in result.output + str(result.exception)

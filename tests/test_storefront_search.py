"""The storefront's searches, products and pictures: both orders, their measure, facets, and wrong parameters."""

from __future__ import annotations

from typing import Any

import pytest
from storefront_server import Server, error_of, ids, page_of

from endcap.demo.pictures import picture_svg
from endcap.demo.queries import judgments
from endcap.evaluate.measure_words import GRADE_WORDS
from endcap.evaluate.measures import parse, score
from endcap.plugin.blend.features import DENIED, FEATURES
from endcap.plugin.search.reranker import Reranker
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


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
    assert set(shop["features"]) == {*FEATURES, DENIED}
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
        "status": "reranked", "reason": None, "detail": None, "blend": "plain", "scored": len(engine),
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

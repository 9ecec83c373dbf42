"""The storefront's page in a real browser: judging by keyboard, and clicks in a mixed list."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect
from storefront_page import box, opened
from storefront_server import served, served_page

from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


@pytest.fixture(scope="module")
def shop(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of their storefront, which keeps what visitors do."""
    with served_page(demo, tmp_path_factory) as url:
        yield url


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_judging_by_keyboard_is_kept_and_exported(browser: Browser, shop: str, width: str) -> None:
    """Keys 0 to 3 grade and go on, j and k move, u takes back; what is kept comes back in the exports."""
    query, judge = "left handed mouse", f"Ada at the {width}"
    with opened(browser, shop, width) as page:
        page.goto("/?q=left+handed+mouse&view=judge")
        page.get_by_label("Who judges").fill(judge)
        page.keyboard.press("Enter")
        cards = page.locator(".card.judging")
        expect(cards.first).to_be_visible()
        ids = page.request.get("/api/window?q=left+handed+mouse").json()["hits"]
        by_title = {hit["title"]: hit["id"] for hit in ids}
        order = [by_title[title] for title in cards.locator("h2").all_inner_texts()]
        page.keyboard.type("30j2")
        expect(page.get_by_role("status")).to_contain_text(f"3 of {len(order)} graded")
        page.keyboard.press("u")
        expect(page.get_by_role("status")).to_contain_text(f"2 of {len(order)} graded")
        page.keyboard.press("k")
        page.keyboard.press("1")
        expect(page.get_by_role("status")).to_contain_text(f"3 of {len(order)} graded")
        expected = {order[0]: 3, order[1]: 0, order[2]: 1}
        page.reload()
        expect(page.get_by_role("status")).to_contain_text(f"3 of {len(order)} graded")
        for index, grade in enumerate(expected.values()):
            pressed = cards.nth(index).get_by_role("button", pressed=True)
            expect(pressed).to_contain_text(str(grade))
        with page.expect_download() as download:
            page.get_by_role("link", name="JSON lines").click()
        lines = download.value.path().read_text().splitlines()
        kept = {
            line["product"]: line["grade"]
            for line in map(json.loads, lines)
            if line["query"] == query and line["judge"] == judge
        }
        assert {id: grade for id, grade in kept.items() if grade is not None} == expected
        with page.expect_download() as download:
            page.get_by_role("link", name="Quepid").click()
        rows = list(csv.DictReader(io.StringIO(download.value.path().read_text())))
        assert {row["docid"]: int(row["rating"]) for row in rows if row["rater"] == judge} == expected


def test_a_grade_that_is_not_kept_is_not_shown(browser: Browser, demo: Shop, tmp_path: Path) -> None:
    """Where the storefront can't keep a grade, the judge reads why, and the page does not show it as given."""
    store = JudgmentStore(tmp_path / "judged" / "shop.jsonl")
    with served(make_app(demo, store)) as server, opened(browser, server.url) as page:
        page.goto("/?q=mouse&view=judge")
        page.get_by_label("Who judges").fill("Ada")
        page.keyboard.press("Enter")
        page.keyboard.type("3")
        expect(page.get_by_role("status")).to_contain_text(re.compile(r"1 of \d+ graded\. 1 by you"))
        shutil.rmtree(tmp_path / "judged")
        page.keyboard.type("2")
        expect(page.get_by_role("alert")).to_contain_text("That was not saved")
        expect(page.get_by_role("status")).to_contain_text("1 of")
        expect(page.get_by_role("button", pressed=True, name=re.compile("^2 "))).to_have_count(0)
        (tmp_path / "judged").mkdir()
        page.keyboard.type("1")
        expect(page.get_by_role("alert")).to_have_count(0)


def test_a_grade_is_not_lost_to_an_older_answer(browser: Browser, shop: str) -> None:
    """A grade that is given before the judge's earlier ones have come stays, and is kept beside them."""
    with opened(browser, shop) as page:
        page.goto("/?q=mouse&view=judge")
        first = str(page.locator(".card.judging").first.get_attribute("data-product"))
        earlier = {"query": "mouse", "product": "earlier", "grade": 2, "judge": "Bo"}
        assert page.request.post("/api/judgments", data=earlier).ok
        held: list[Route] = []
        page.route("**/api/judgments?*judge=Bo", lambda route: held.append(route))
        with page.expect_request("**/api/judgments?*judge=Bo"):
            page.get_by_label("Who judges").fill("Bo")
            page.keyboard.press("Enter")
        expect(page.locator(".judging-list")).to_be_focused()
        old = held[0].fetch()
        page.keyboard.type("3")
        expect(page.get_by_role("status")).to_contain_text("1 of")
        held[0].fulfill(response=old)
        expect(page.get_by_role("status")).to_contain_text("2 by you altogether")
        expect(page.get_by_role("status")).to_contain_text("1 of")
        kept = page.request.get("/api/judgments?q=mouse&judge=Bo").json()
        assert kept == {"earlier": 2, first: 3}


def test_no_key_grades_while_somebody_types(browser: Browser, shop: str) -> None:
    """A digit in the search box or in the judge's name is a digit, and nothing more."""
    with opened(browser, shop) as page:
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.goto("/?q=mouse&view=judge")
        page.get_by_label("Who judges").fill("Ada")
        page.keyboard.press("Enter")
        page.get_by_label("Who judges").press("3")
        box(page).press("3")
        page.evaluate("fetch('/health').then((reply) => reply.json())")  # what was sent before is known by now
        expect(page.get_by_role("status")).to_contain_text("0 of")
        assert set(sent) == {"GET"}


def test_a_mixed_list_is_clicked_blind(browser: Browser, shop: str) -> None:
    """One list of both orders; a click is told with its team, whose name is not shown before it is asked for."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair&view=mixed")
        tiles = page.locator(".tile button")
        expect(tiles).to_have_count(10)
        expect(page.locator(".team")).to_have_count(0)
        with page.expect_response("**/api/events") as answer:
            tiles.first.click()
        assert answer.value.json()["team"] in ("engine", "endcap")
        expect(tiles.first).to_have_attribute("aria-pressed", "true")
        expect(page.locator(".tally")).to_contain_text(re.compile(r"Still open[1-9]"))
        expect(page.locator(".tally")).to_contain_text("A click counts once its search is over")
        page.reload()
        expect(tiles).to_have_count(10)
        expect(page.locator(".tally")).to_contain_text(re.compile(r"Still open[1-9]"))
        page.get_by_role("button", name="Show whose is whose").click()
        expect(page.locator(".team")).to_have_count(10)


def test_a_mixed_list_that_keeps_no_clicks_asks_for_none(browser: Browser, shop: str) -> None:
    """Where only simulated users are counted, nobody is invited to click, and a click is not told."""
    with opened(browser, shop) as page:
        told = {**page.request.get("/api/shop").json(), "ubi": False}
        page.route("**/api/shop", lambda route: route.fulfill(json=told))
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.method))
        page.goto("/?q=pushchair&view=mixed")
        expect(page.get_by_role("status")).to_contain_text("What you click is not kept")
        page.locator(".tile button").first.click()
        expect(page.locator(".tile button").first).to_have_attribute("aria-pressed", "true")
        assert set(sent) == {"GET"}


def test_a_judge_hears_where_she_is(browser: Browser, shop: str) -> None:
    """Moving by keyboard is said: the product, its place among those to grade, and its grade."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair&view=judge")
        page.get_by_label("Who judges").fill("Eve")
        page.keyboard.press("Enter")
        cards = page.locator(".card.judging")
        said = page.locator("main > [aria-live]").filter(has_text=re.compile(r"not graded|exactly right"))
        page.keyboard.type("3k")
        first = cards.first.locator("h2").inner_text()
        expect(said).to_have_text(f"1 of {cards.count()}: {first}, exactly right")
        page.keyboard.press("j")
        second = cards.nth(1).locator("h2").inner_text()
        expect(said).to_have_text(f"2 of {cards.count()}: {second}, not graded")

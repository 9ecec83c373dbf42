"""The storefront's page in a real browser when a reply is late, missing, empty or partial, or a product is a script."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import rerank_parts
import storefront_page
from opensearchpy import OpenSearch
from playwright.sync_api import Browser, Route, expect
from storefront_page import Wire, box, opened, search, titles
from storefront_server import served, served_page

from endcap.cli.storefront_shop import open_shown_shop
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.folder import default_folder
from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


@pytest.fixture(scope="module")
def shop(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of their storefront, which keeps what visitors do."""
    with served_page(demo, tmp_path_factory) as url:
        yield url


WATCH = """() => {
  const names = (column) => [...document.querySelectorAll(`.of-${column} .title`)].map((title) => title.innerText);
  const now = () => JSON.stringify([names("engine"), names("endcap")]);
  const seen = [now()];
  window.seen = [];
  new MutationObserver(() => {
    if (now() === seen.at(-1)) return;
    seen.push(now());
    window.seen.push(JSON.parse(now()));
  }).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""
"""Notes each state of the two columns that can be seen from here on."""


def test_an_old_answer_never_replaces_a_newer_one(browser: Browser, shop: str) -> None:
    """While a slow search is under way another can be made; the slow one's answer is dropped when it comes."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        old = titles(page, "endcap")
        held: list[Route] = []
        page.route("**/api/search?q=mouse*", lambda route: held.append(route))
        with page.expect_request("**/api/search?q=mouse*"):
            box(page).fill("mouse")
            page.keyboard.press("Enter")
        expect(page.locator(".results.waits")).to_be_visible()
        assert titles(page, "endcap") == old, "the old results stay until there are new ones"
        page.evaluate(WATCH)
        search(page, "baby monitor")
        expect(page.locator(".of-endcap .card").first).to_contain_text(re.compile("monitor", re.IGNORECASE))
        newer = titles(page, "endcap")
        assert page.evaluate("window.seen") == [[titles(page, "engine"), newer]], "both columns are swapped at once"
        for route in held:
            # the page has given the question up; the browser may have, too
            route.continue_()
        page.evaluate(
            "fetch('/api/search?q=pushchair').then((reply) => reply.json())"
        )  # what was sent before is through
        assert titles(page, "endcap") == newer


def test_a_first_search_that_takes_its_time_says_so(browser: Browser, shop: str) -> None:
    """Until a first answer comes there are grey places for it, and a screen reader hears that it is being searched."""
    with opened(browser, shop) as page:
        held: list[Route] = []
        page.route("**/api/search?q=mouse*", lambda route: held.append(route))
        page.goto("/?q=mouse")
        expect(page.get_by_role("status").filter(has_text="Searching")).to_be_visible()
        expect(page.locator("main")).to_have_attribute("aria-busy", "true")
        held[0].continue_()
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        expect(page.locator(".waiting")).to_have_count(0)


def test_an_empty_result_and_a_wrong_address_say_what_they_are(browser: Browser, shop: str) -> None:
    """Nothing found, no such page and what can't be asked are told apart, each with a way on."""
    with opened(browser, shop) as page:
        page.goto("/?q=zzzzqqqq")
        expect(page.get_by_text("Nothing found for “zzzzqqqq”")).to_be_visible()
        expect(page.get_by_label("Narrow down")).to_have_count(0)
        page.goto("/?q=pushchair&blend=7")
        expect(page.get_by_text("asks for something that can't be")).to_be_visible()
        page.get_by_role("button", name="Search with nothing else set").click()
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        page.goto("/?q=pushchair&page=400")
        expect(page.get_by_role("status").first).to_have_text(re.compile(r"^\d+ products match\.$"))
        page.get_by_role("button", name="To the first page").click()
        expect(page.locator(".of-endcap .card").first).to_be_visible()


def test_a_storefront_that_is_gone_is_said_and_tried_again(browser: Browser, shop: str) -> None:
    """Where nobody answers any more, the page says so, does not pretend to search, and finds again what is back."""
    wire = Wire(shop)
    with opened(browser, wire.url) as page:
        page.goto("/?q=pushchair")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        wire.cut()
        box(page).fill("mouse")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The storefront does not answer")
        expect(page.locator(".card")).to_have_count(0)
        wire.join()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".of-endcap .card").first).to_be_visible()
    wire.cut()


def test_an_engine_that_is_gone_is_said(browser: Browser, opensearch: str, tmp_path: Path) -> None:
    """Where OpenSearch stops answering, the page says so, and finds again when it is there again."""
    client, index = OpenSearch(opensearch), rerank_parts.unique("page")
    rerank_parts.fill_index(client, index, rerank_parts.documents(60))
    wire = Wire(opensearch)
    connection = IndexSettings(index, "opensearch", wire.url)
    fields = "title=title,brand=brand,price=price"
    own = open_shown_shop(connection, None, index, Reading(fields=FieldMap.parse(fields)), default_folder(), None)
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server, opened(browser, server.url) as page:
        page.goto("/?q=cable")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        wire.cut()
        box(page).fill("usb")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("The search engine does not answer", timeout=60_000)
        expect(page.locator(".card")).to_have_count(0)
        wire.join()
        page.get_by_role("button", name="Try again").click()
        expect(page.locator(".of-endcap .card").first).to_be_visible(timeout=60_000)
    own.close()
    wire.cut()
    client.indices.delete(index=index)
    client.close()


KINDS = ("lamp", "kettle", "chair", "shelf", "curtain", "teapot", "mirror", "carpet")


def unread_index(name: str) -> None:
    """An index of eighty products of each kind, none of them read in advance, in the home that is set."""
    about = "It comes in a box with all that is needed, and a booklet that says how it is put together and cleaned. "
    EmbeddedEngine(name).load(
        Product(f"{kind}-{n}", f"{kind} number {n}", brand=f"Maker {n % 7}", description=about * 3)
        for kind in KINDS
        for n in range(80)
    )
    save_settings(IndexSettings(name))


def test_what_there_was_no_time_for_is_said(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With too little time for products that it has not read, it says how many it looked at; later it knows them."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    unread_index("mine")
    given = ("--index", "mine", "--deadline-ms", "150")
    with storefront_page.storefront(tmp_path / "home", *given) as (url, _), opened(browser, url) as page:
        notice = page.locator(".notice")
        for kind in KINDS:  # a machine that is very busy, or very fast, may need another try with what it has not read
            page.goto(f"/?q={kind}")
            expect(page.locator(".of-endcap .card").first).to_be_visible()
            if "Partly re-ranked" in "".join(notice.all_inner_texts()):
                break
        expect(notice).to_contain_text("no time left")
        looked = re.search(r"(\d+) of 80 products were looked at", notice.inner_text())
        assert looked is not None
        assert 0 < int(looked[1]) < 80
        expect(page.get_by_role("status").first).to_contain_text("80 products match")

        def known() -> bool:
            page.reload()
            expect(page.locator(".of-endcap .card").first).to_be_visible()
            return notice.count() == 0

        assert any(known() for _ in range(60)), "what was late is read after the reply"


def test_an_order_that_endcap_had_no_time_for_is_the_engines_and_said_to_be(browser: Browser, tmp_path: Path) -> None:
    """With no time at all both columns are the engine's, in every view, and the page says why."""
    unread_index("mine")
    own = open_shown_shop(IndexSettings("mine"), None, "mine", Reading(), default_folder(), None, deadline_ms=0.001)
    with served(make_app(own, JudgmentStore(tmp_path / "j.jsonl"))) as server, opened(browser, server.url) as page:
        page.goto("/?q=teapot")
        expect(page.get_by_role("alert")).to_contain_text("Not re-ranked")
        expect(page.get_by_role("alert")).to_contain_text("there was no time left")
        assert titles(page, "endcap") == titles(page, "engine")
        expect(page.locator(".of-endcap .moved.same")).to_have_count(10)
        expect(page.locator(".of-endcap > header")).to_contain_text("As the engine has it")
        page.locator(".of-endcap .title").first.click()
        expect(page.locator(".of-endcap .why")).to_contain_text("endcap did not look at it")
        page.goto("/?q=teapot&view=window")
        expect(page.get_by_role("alert")).to_contain_text("Not re-ranked")
    own.close()


def test_markup_is_neither_shown_nor_run(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Markup of products is left out, signs that make none are shown, what is searched for is text; one hit alone is
    said to have one order only."""
    folder = tmp_path_factory.mktemp("own")
    evil = "<script>alert(1)</script>"
    image = "<img src=x onerror=alert(2)>"
    signs = "5<6 & 'seven'>\"eight\""
    products = [
        {"id": f"p{number}", "title": f"{name} lamp", "brand": image, "description": evil, "price": number}
        for number, name in enumerate([evil, image, signs, "floor", "'\"><svg onload=alert(3)>"], 1)
    ]
    products.append({"id": "one", "title": "solitary umbrella", "brand": "", "description": ""})
    (folder / "products.jsonl").write_text("".join(json.dumps(product) + "\n" for product in products))
    given = ("--catalogue", str(folder / "products.jsonl"))
    with storefront_page.storefront(folder / "home", *given) as (url, _), opened(browser, url) as page:
        alerts: list[str] = []
        page.on("dialog", lambda dialog: (alerts.append(dialog.message), dialog.dismiss()))
        page.goto("/")
        search(page, f"lamp {evil}")
        shown = titles(page, "endcap")
        assert sorted(shown) == sorted(["lamp", "lamp", f"{signs} lamp", "floor lamp", "'\"> lamp"])
        expect(storefront_page.box(page)).to_have_value(f"lamp {evil}")
        page.goto("/?q=lamp&view=window")
        expect(page.get_by_text(f"{signs} lamp")).to_be_visible()
        page.goto("/?q=lamp&view=judge")
        expect(page.get_by_text(f"{signs} lamp")).to_be_visible()
        page.goto("/?q=umbrella")
        expect(page.get_by_text("one product has only one order")).to_be_visible()
        assert page.locator("main script, main img[src=x], main svg[onload]").count() == 0
        assert alerts == []

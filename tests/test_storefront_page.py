"""The storefront's page, in a real browser on the real storefront."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import rerank_parts
import storefront_page
from opensearchpy import OpenSearch
from playwright.sync_api import Browser, Locator, Page, Route, expect
from storefront_page import Wire, low_contrasts, opened, serious_faults, titles, too_wide
from storefront_server import demo_part, served

from endcap.cli.storefront_shop import open_shown_shop
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.folder import default_folder
from endcap.storefront.app import make_app
from endcap.storefront.behaviour import Behaviour
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import FileSink


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with storefront_page.chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two of the demo shop's departments."""
    with demo_part(tmp_path_factory) as opened_shop:
        yield opened_shop


@pytest.fixture(scope="module")
def shop(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of their storefront, which keeps what visitors do."""
    folder = tmp_path_factory.mktemp("page")
    kept = Behaviour(UbiLog(FileSink(folder / "ubi")))
    with served(make_app(demo, JudgmentStore(folder / "judged.jsonl"), kept)) as server:
        yield server.url


def box(page: Page) -> Locator:
    return page.get_by_label("Search the shop")


def search(page: Page, text: str) -> None:
    box(page).fill(text)
    page.keyboard.press("Enter")
    expect(page.locator(".column .card").first).to_be_visible()


def test_a_search_shows_both_orders_and_what_moved(browser: Browser, shop: str) -> None:
    """Typing a search shows both orders side by side, as the API gives them, and says what moved."""
    with opened(browser, shop) as page:
        page.goto("/")
        expect(box(page)).to_be_focused()
        search(page, "pushchair")
        given = page.request.get("/api/search?q=pushchair").json()
        for column in ("engine", "endcap"):
            assert titles(page, column) == [hit["title"] for hit in given["columns"][column]]
        first = given["columns"]["endcap"][0]
        card = page.locator(".of-endcap .card").first
        expect(card).to_contain_text(f"moved up {first['other_rank'] - 1} places")
        expect(card).to_contain_text(first["brand"])
        expect(card).to_contain_text(f"{first['price']:.2f}")
        assert card.locator("img").evaluate("image => image.complete && image.naturalWidth > 0")
        for column in ("engine", "endcap"):
            expect(page.locator(f".of-{column} .measure")).to_contain_text(f"{given['measure'][column]:.3f}")
        expect(page.get_by_role("status").first).to_contain_text(f"{given['total']} products match")


def test_a_searchs_address_shows_the_same_again_and_back_goes_back(browser: Browser, shop: str) -> None:
    """Every change is in the address: another browser shows the same, and going back shows what was there before."""
    with opened(browser, shop) as page:
        page.goto("/")
        search(page, "mouse")
        first = titles(page, "endcap")
        page.get_by_role("link", name="Page 2", exact=True).click()
        expect(page.locator(".of-endcap .rank").first).to_contain_text("11")
        brand = page.get_by_role("group", name="Brand").get_by_role("checkbox").first
        brand.check()
        expect(page.locator(".of-endcap .rank").first).to_contain_text(re.compile(r"\b1$"))
        expect(page).to_have_url(re.compile(r"brand="))
        with opened(browser, shop) as other:
            other.goto(page.url)
            expect(other.locator(".column .card").first).to_be_visible()
            assert titles(other, "endcap") == titles(page, "endcap")
        page.go_back()
        expect(page.locator(".of-endcap .rank").first).to_contain_text("11")
        page.go_back()
        expect(page.locator(".of-endcap .rank").first).to_contain_text(re.compile(r"\b1$"))
        assert titles(page, "endcap") == first


def test_columns_can_be_flipped_to_one_and_back(browser: Browser, shop: str) -> None:
    """The switch shows endcap's order alone, and both again."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        page.get_by_role("button", name="endcap's only").click()
        expect(page.locator(".of-engine")).to_have_count(0)
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        page.get_by_role("button", name="Both orders").click()
        expect(page.locator(".of-engine .card").first).to_be_visible()


def test_the_slider_blends_from_the_engines_order_to_the_models(browser: Browser, shop: str) -> None:
    """At 0 both columns are alike; the model's own blend comes back with one press."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        own = titles(page, "endcap")
        page.get_by_label("What counts").press("Home")
        expect(page).to_have_url(re.compile(r"blend=0\b"))
        expect(page.locator(".of-endcap .moved.same")).to_have_count(len(own))
        assert titles(page, "endcap") == titles(page, "engine") != own
        expect(page.locator(".of-endcap > header")).to_contain_text("By words alone")
        page.get_by_label("What counts").press("End")
        expect(page.locator(".of-endcap > header")).to_contain_text("By meaning alone")
        page.get_by_role("button", name="back to the model's own").click()
        expect(page.locator(".of-endcap > header")).to_contain_text("It asks what was meant")
        assert titles(page, "endcap") == own


def test_facets_narrow_both_columns_and_keep_their_own_counts(browser: Browser, shop: str) -> None:
    """A chosen brand leaves only its products; the other brands stay to be added, with the counts they had."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        brands = page.get_by_role("group", name="Brand")
        expect(brands.locator(".choice").first).to_be_visible()
        before = brands.locator(".choice").all_inner_texts()
        name, count = before[0].split("\n")
        brands.get_by_role("checkbox").first.check()
        expect(page.get_by_role("status").first).to_contain_text(f"{count} products match")
        assert brands.locator(".choice").all_inner_texts() == before
        shown = page.locator(".of-engine .facts, .of-endcap .facts").all_inner_texts()
        assert shown
        assert all(name in facts for facts in shown)
        page.get_by_role("group", name="Price").get_by_role("radio").nth(1).check()
        expect(page).to_have_url(re.compile("price="))
        page.get_by_role("button", name="Show everything again").click()
        expect(brands.locator(".choice")).to_have_text([text.replace("\n", "") for text in before])


def test_a_price_range_of_ones_own(browser: Browser, shop: str) -> None:
    """Any range can be typed, with either end left open; one that ends before it begins is said, and not asked for."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        prices = page.get_by_role("group", name="Price")
        prices.get_by_label("Lowest price").fill("12.50")
        prices.get_by_label("Price below").fill("80")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"price=12\.5-80\b"))
        expect(prices.get_by_role("radio", name="12.5 to 80")).to_be_checked()
        shown = [float(text) for text in page.locator(".of-engine .price").all_inner_texts()]
        assert shown
        assert all(12.5 <= price < 80 for price in shown)
        prices.get_by_label("Price below").fill("5")
        prices.get_by_role("button", name="Set").click()
        said = prices.get_by_label("Price below").evaluate("input => input.validationMessage")
        assert said == "The second price should be the higher one."
        expect(page).to_have_url(re.compile(r"price=12\.5-80\b"))
        prices.get_by_label("Lowest price").fill("")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(r"price=-5\b"))
        prices.get_by_role("radio", name="Any price").check()
        expect(prices.get_by_label("Price below")).to_have_value("")


def test_why_a_product_is_where_it_is(browser: Browser, shop: str) -> None:
    """An opened product shows both scores and what each feature adds, which together is what it was ordered by."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        card = page.locator(".of-endcap .card").first
        card.locator(".title").click()
        given = page.request.get("/api/search?q=pushchair").json()["columns"]["endcap"][0]
        why = card.locator(".why")
        expect(why).to_contain_text(f"{given['engine_score']:.2f}")
        expect(why).to_contain_text(f"{given['student_score']:.2f}")
        more = why.get_by_role("button", name=re.compile("more$"))
        if more.count():
            more.click()
        assert why.locator("tbody tr").count() == len(given["reasons"])
        expect(why.locator("tfoot")).to_contain_text(f"{sum(part['adds'] for part in given['reasons']):.2f}")
        expect(page).to_have_url(re.compile(f"product={given['id']}"))
        card.locator(".title").click()
        expect(why).to_have_count(0)


def test_a_product_leads_to_its_twin(browser: Browser, shop: str) -> None:
    """A product marks its twin in the other column, leads to it, and says on which page it is where that is another."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        on_page = page.locator(".of-endcap .card", has=page.get_by_role("button", name="show it there")).first
        product = on_page.get_attribute("data-product")
        on_page.locator(".title").hover()
        twin = page.locator(f".of-engine .card[data-product={product}]")
        expect(twin).to_have_class(re.compile("marked"))
        on_page.get_by_role("button", name="show it there").click()
        expect(twin.locator(".title")).to_be_focused()
        away = page.locator(".of-endcap .card", has=page.get_by_role("link", name=re.compile("on page"))).first
        product = away.get_attribute("data-product")
        away.get_by_role("link", name=re.compile("on page")).click()
        expect(page.locator(f".of-engine .card.open[data-product={product}]")).to_be_visible()


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


def test_a_whole_window_is_a_table_of_both_places(browser: Browser, shop: str) -> None:
    """One line for each product that endcap looked at, in endcap's order or in the engine's."""
    with opened(browser, shop) as page:
        page.goto("/?q=mouse&view=window")
        given = page.request.get("/api/window?q=mouse").json()["hits"]
        assert len(given) > 20
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(len(given))
        assert rows.locator("th").all_inner_texts() == [hit["title"] for hit in given]
        page.get_by_role("button", name="Engine", exact=True).click()
        by_engine = sorted(given, key=lambda hit: hit["other_rank"] or 10**9)
        assert rows.locator("th").all_inner_texts() == [hit["title"] for hit in by_engine]


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
    own = open_shown_shop(connection, None, index, None, fields, default_folder(), None)
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
    own = open_shown_shop(IndexSettings("mine"), None, "mine", None, "", default_folder(), None, deadline_ms=0.001)
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


def test_a_product_called_script_is_shown_and_not_run(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Markup in titles, brands, descriptions and searches is text; one hit alone is said to have one order only."""
    folder = tmp_path_factory.mktemp("own")
    evil = "<script>alert(1)</script>"
    image = "<img src=x onerror=alert(2)>"
    products = [
        {"id": f"p{number}", "title": f"{name} lamp", "brand": image, "description": evil, "price": number}
        for number, name in enumerate([evil, image, "desk", "floor", "'\"><svg onload=alert(3)>"], 1)
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
        assert f"{evil} lamp" in shown
        assert f"{image} lamp" in shown
        page.locator(".of-endcap .title", has_text=evil).click()
        expect(page.locator(".of-endcap .why .description")).to_have_text(evil)
        page.goto("/?q=lamp&view=window")
        expect(page.get_by_text(f"{evil} lamp")).to_be_visible()
        page.goto("/?q=lamp&view=judge")
        expect(page.get_by_text(f"{evil} lamp")).to_be_visible()
        page.goto("/?q=umbrella")
        expect(page.get_by_text("one product has only one order")).to_be_visible()
        assert page.locator("main script, main img[src=x], main svg[onload]").count() == 0
        assert alerts == []


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


VIEWS = {
    "start": ("/", ".telling"),
    "compare": ("/?q=pushchair", ".of-endcap .card"),
    "why": ("/?q=pushchair&at=endcap&product={product}", ".of-endcap .parts"),
    "alone": ("/?q=pushchair&columns=endcap", ".alone .card"),
    "slider": ("/?q=pushchair&blend=0.5&page=2", ".of-endcap .card"),
    "window": ("/?q=pushchair&view=window", "tbody tr"),
    "judge": ("/?q=pushchair&view=judge", ".card.judging .attributes"),
    "mixed": ("/?q=pushchair&view=mixed", ".tally"),
    "empty": ("/?q=zzzzqqqq", ".notice"),
    "wrong": ("/?q=pushchair&blend=7", ".notice.warning"),
}
"""Addresses, and what is there when a view is whole."""


@pytest.mark.parametrize("width", ["desk", "phone"])
def test_every_view_is_without_serious_faults(browser: Browser, shop: str, width: str) -> None:
    """axe-core finds nothing serious in any view, in light and dark colours, and none has to be pushed sideways."""
    # axe writes styles of its own to measure by, which the page's policy would refuse; all other tests are under it
    with opened(browser, shop, width, color_scheme="light", reduced_motion="reduce", bypass_csp=True) as page:
        product = page.request.get("/api/search?q=pushchair").json()["columns"]["endcap"][0]["id"]
        faults = {}
        for name, (address, whole) in VIEWS.items():
            page.emulate_media(color_scheme="light")
            page.goto(address.format(product=product))
            expect(page.locator(whole).locator("visible=true").first).to_be_visible()
            expect(page.locator("h1")).to_have_count(1)
            found = serious_faults(page)
            # the other colours change nothing but colours
            page.emulate_media(color_scheme="dark")
            found += [f"in the dark, {fault}" for fault in low_contrasts(page)]
            if too_wide(page):
                found.append(f"{too_wide(page)} pixels too wide")
            if found:
                faults[name] = found
        assert faults == {}


def test_the_whole_way_by_keyboard(browser: Browser, shop: str) -> None:
    """Without a mouse: past the header to the results, a product opened and closed, the other page."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="To the results")).to_be_focused()
        title = page.locator(".of-endcap .title").first
        title.focus()
        assert title.evaluate("button => getComputedStyle(button).outlineStyle") != "none"
        page.keyboard.press("Enter")
        expect(title).to_have_attribute("aria-expanded", "true")
        page.keyboard.press("Enter")
        expect(title).to_have_attribute("aria-expanded", "false")
        page.get_by_role("link", name="Next").press("Enter")
        expect(page.locator(".of-endcap .rank").first).to_contain_text("11")
        # the keyboard begins where the page does, not below it
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.locator(".times summary")).to_be_focused()


def test_a_touch_keyboard_goes_away_with_the_search(browser: Browser, shop: str) -> None:
    """On a phone the search box lets go of the focus, so that its keyboard doesn't cover what was found."""
    with opened(browser, shop, "phone", has_touch=True, is_mobile=True) as page:
        page.goto("/")
        box(page).fill("pushchair")
        page.keyboard.press("Enter")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        expect(box(page)).not_to_be_focused()
        page.goto("/?q=pushchair&view=judge")
        expect(page.get_by_text("Say who judges")).to_be_visible()


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


def test_a_phone_shows_one_column_at_a_time(browser: Browser, shop: str) -> None:
    """At 390 pixels the columns are tabs, which arrow keys change, and a twin is shown in the other tab; one narrows
    down, pages and flips as on a desk."""
    with opened(browser, shop, "phone") as page:
        page.goto("/")
        box(page).fill("pushchair")
        page.keyboard.press("Enter")
        expect(page.get_by_role("tab", name="endcap's order")).to_have_attribute("aria-selected", "true")
        expect(page.locator(".of-engine")).to_be_hidden()
        page.get_by_role("tab", name="endcap's order").press("ArrowLeft")
        expect(page.locator(".of-engine")).to_be_visible()
        expect(page.locator(".of-endcap")).to_be_hidden()
        page.locator(".of-engine").get_by_role("button", name="show it there").first.click()
        expect(page.locator(".of-endcap .card .title:focus")).to_be_visible()
        page.get_by_role("link", name="Next").click()
        expect(page.locator(".of-endcap .rank").first).to_contain_text("11")
        page.get_by_text("Narrow down").click()
        page.get_by_role("group", name="Brand").get_by_role("checkbox").first.check()
        expect(page.get_by_text("Narrow down, 1 chosen")).to_be_visible()
        expect(page.locator(".of-endcap .rank").first).to_contain_text(re.compile(r"\b1$"))
        page.get_by_role("button", name="endcap's only").click()
        expect(page.get_by_role("tab")).to_have_count(0)
        expect(page.locator(".alone .card").first).to_be_visible()
        assert too_wide(page) == 0


def test_a_click_is_told_to_the_storefront(browser: Browser, shop: str) -> None:
    """Where the storefront keeps UBI events, opening a product sends one, and the storefront takes it."""
    with opened(browser, shop) as page:
        page.goto("/?q=pushchair")
        card = page.locator(".of-endcap .card").first
        with page.expect_response("**/api/events") as answer:
            card.locator(".title").click()
        assert answer.value.ok
        sent = json.loads(str(answer.value.request.post_data))
        event = sent[0] if isinstance(sent, list) else sent
        assert event["event_attributes"]["object"]["object_id"] == card.get_attribute("data-product")
        assert event["event_attributes"]["position"] == {"ordinal": 1}

"""The storefront's page in a real browser: both orders of a search, what moved and why, facets and the slider."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from storefront_page import box, opened, search, titles
from storefront_server import served_page

from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


@pytest.fixture(scope="module")
def shop(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of their storefront, which keeps what visitors do."""
    with served_page(demo, tmp_path_factory) as url:
        yield url


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
        page.wait_for_function(
            "[...document.querySelectorAll('.of-engine .price')].every(p => p.innerText >= 12.5 && p.innerText < 80)"
        )
        assert page.locator(".of-engine .price").count() > 0
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

"""The storefront's page for everybody: axe-core finds nothing serious; by keyboard, by touch and on a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from storefront_page import box, low_contrasts, opened, serious_faults, too_wide
from storefront_server import served_page

from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


@pytest.fixture(scope="module")
def shop(demo: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of their storefront, which keeps what visitors do."""
    with served_page(demo, tmp_path_factory) as url:
        yield url


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

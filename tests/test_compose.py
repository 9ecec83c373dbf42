"""`docker compose up`, from nothing to a search that is answered, and `docker compose down -v`, back to nothing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest
import storefront_page
from composed import ROOT, UP_S, Composed, docker, need_docker
from playwright.sync_api import expect

from endcap.demo.catalogue import items
from endcap.demo.example_searches import EXAMPLE_SEARCHES


@pytest.fixture(scope="module")
def stack() -> Iterator[Composed]:
    """The whole of it, up."""
    need_docker()
    composed = Composed()
    try:
        composed.up()
        yield composed
    finally:
        composed.down()
        docker("image", "rm", "--force", composed.image)


def test_a_search_is_answered_in_both_orders_by_opensearch(stack: Composed) -> None:
    """The first search of a stack that has just come up is re-ranked, and its grades are known."""
    shop = stack.get_json("/api/shop")
    assert shop["engine"]["kind"] == "opensearch"
    assert shop["products"] == len(items())
    query = next(iter(EXAMPLE_SEARCHES))
    page = stack.get_json(f"/api/search?q={query.replace(' ', '+')}")
    assert page["rerank"]["status"] == "reranked"
    columns = page["columns"]
    assert len(columns["engine"]) == len(columns["endcap"]) == 10
    assert [hit["id"] for hit in columns["engine"]] != [hit["id"] for hit in columns["endcap"]]
    assert page["measure"]["endcap"] > page["measure"]["engine"]
    assert stack.get(columns["endcap"][0]["picture"].removeprefix(stack.url)).startswith(b"<svg")
    assert b"<html" in stack.get("/")


def test_a_second_up_loads_nothing_again(stack: Composed) -> None:
    """The first has indexed and read all products; after the second the index is the same, and none was read again."""
    indices = ("exec", "-T", "opensearch", "curl", "-s", "localhost:9200/_cat/indices/demo-*?h=index,docs.count")
    count, before = len(items()), stack.compose(*indices)
    assert before.split()[1:] == [str(count)]
    kept = 3 * count  # a state each, the key that a search finds it by, and the words
    assert f"{count:,} products, {kept:,} states and words of them kept just now" in stack.compose("logs", "load")
    stack.up()  # beside the storefront, which reads the same states
    assert stack.compose(*indices) == before
    assert f"{count:,} products, 0 states and words of them kept just now" in stack.compose("logs", "load")
    assert stack.container("load")["State"]["ExitCode"] == 0
    assert stack.get_json("/ready")["products"] == count


def test_nothing_but_the_page_can_be_reached_and_that_from_this_machine_alone(stack: Composed) -> None:
    """One port is published, at 127.0.0.1."""
    services = ("opensearch", "storefront")
    published = {name: stack.container(name)["HostConfig"]["PortBindings"] or {} for name in services}
    address = {"HostIp": "127.0.0.1", "HostPort": str(stack.port)}
    assert published == {"opensearch": {}, "storefront": {"8080/tcp": [address]}}


def test_the_service_is_no_root_and_can_write_to_its_home_alone(stack: Composed) -> None:
    """A user of its own, no capabilities, a root that is read-only, bounds on memory, and no torch."""
    found = stack.container("storefront")
    assert found["Config"]["User"] == "endcap"
    assert found["HostConfig"]["ReadonlyRootfs"]
    assert found["HostConfig"]["CapDrop"] == ["ALL"]
    assert all(stack.container(service)["HostConfig"]["Memory"] > 0 for service in ("opensearch", "storefront"))
    tried = (
        "import importlib.util, os, pathlib\n"
        "assert os.getuid() != 0\n"
        "assert importlib.util.find_spec('torch') is None\n"
        "for folder in ('/', '/opt/endcap', '/usr', '/var'):\n"
        "    assert not os.access(folder, os.W_OK), folder\n"
        "assert os.access('/var/lib/endcap', os.W_OK)\n"
    )
    stack.compose("exec", "-T", "storefront", "python", "-c", tried)
    assert "PIP_INDEX_URL" not in docker("history", "--no-trunc", stack.image)


def test_the_dashboard_asks_for_what_the_storefront_counts(stack: Composed) -> None:
    """Each metric and label in a query of the dashboard is one of the real /metrics, after a search."""
    stack.get("/api/search?q=lamp")
    counted = re.findall(r"^(\w+)(?:\{(.*)\})? \S+$", stack.get("/metrics").decode(), re.MULTILINE)
    names = {name for name, _ in counted}
    labels = {name: set(re.findall(r'(\w+)="', text)) for name, text in counted} | {"": {"job"}}
    board = json.loads((ROOT / "docker/grafana/dashboards/endcap.json").read_text())
    queries = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(queries) >= 10
    for query in queries:
        asked = set(re.findall(r"\b(?:endcap|process)_\w+", query))
        assert asked, query
        assert asked <= names, query
        used = {label.strip() for text in re.findall(r"by \((.*?)\)", query) for label in text.split(",")}
        used |= set(re.findall(r"[{,](\w+)[=!]", query))
        assert used <= set().union(*(labels[name] for name in asked), {"job"}), query


def test_the_proxy_shows_the_storefront_s_shop_to_any_client(stack: Composed) -> None:
    """`--profile proxy up`: well by the same HEALTHCHECK, a search re-ranked with the states that are there, all else
    passed on; the storefront goes on as it was."""
    stack.compose("--profile", "proxy", "up", "--detach", "--wait", "--quiet-pull", timeout=UP_S)
    try:
        assert stack.container("proxy")["State"]["Health"]["Status"] == "healthy"
        assert stack.container("storefront")["State"]["Health"]["Status"] == "healthy"
        url = f"http://127.0.0.1:{stack.proxy_port}"
        assert json.loads(urlopen(f"{url}/_cluster/health").read())["number_of_nodes"] == 1
        query = next(iter(EXAMPLE_SEARCHES))
        body = {"query": {"match": {"title": query}}, "size": 10}
        asked = Request(f"{url}/demo/_search", json.dumps(body).encode(), {"Content-Type": "application/json"})
        for _ in range(10):  # the first ones of a cluster that has just started may take longer than they have
            with urlopen(asked) as reply:
                said, hits = reply.headers["x-endcap-status"], json.loads(reply.read())["hits"]["hits"]
            if said == "reranked":
                break
        assert (said, len(hits)) == ("reranked", 10)
        found = stack.container("proxy")
        assert found["HostConfig"]["ReadonlyRootfs"]
        assert list(found["HostConfig"]["PortBindings"]) == ["9200/tcp"]
        told = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:9290/metrics').read().decode())"
        counted = stack.compose("exec", "-T", "proxy", "python", "-c", told)
        states = {name: float(n) for name, n in re.findall(r'endcap_states_total\{what="(\w+)"\} (\S+)', counted)}
        assert states["hits"] == states["lookups"] > 0  # what the load has read in advance
        assert stack.get_json(f"/api/search?q={query.replace(' ', '+')}")["rerank"]["status"] == "reranked"
    finally:
        stack.compose("--profile", "proxy", "rm", "--stop", "--force", "proxy")


@pytest.mark.parametrize("width", sorted(storefront_page.WIDTHS))
def test_its_page_is_searched_flipped_paged_and_judged_in_a_browser(stack: Composed, width: str) -> None:
    """What a newcomer does after `docker compose up`, with the keyboard and the links that the page shows."""
    judge = f"Ada at the {width}"
    with storefront_page.chromium() as browser, storefront_page.opened(browser, stack.url, width) as page:
        page.goto("/")
        page.get_by_label("Search the shop").fill("pushchair")
        page.keyboard.press("Enter")
        expect(page.locator(".of-endcap .card").first).to_be_visible()
        given = stack.get_json("/api/search?q=pushchair")
        assert given["rerank"]["status"] == "reranked"
        for column in ("engine", "endcap"):
            assert storefront_page.titles(page, column) == [hit["title"] for hit in given["columns"][column]]
        assert page.locator(".of-endcap img").first.evaluate("image => image.complete && image.naturalWidth > 0")
        assert not storefront_page.serious_faults(page)
        assert not storefront_page.too_wide(page)
        page.get_by_role("button", name="endcap's only").click()
        expect(page.locator(".of-engine")).to_have_count(0)
        page.get_by_role("link", name="Page 2", exact=True).click()
        expect(page.locator(".of-endcap .rank").first).to_contain_text("11")

        page.goto("/?q=pushchair&view=judge")
        page.get_by_label("Who judges").fill(judge)
        cards = page.locator(".card.judging")
        page.keyboard.press("Enter")
        expect(cards.first).to_be_visible()
        judged = [str(cards.nth(place).get_attribute("data-product")) for place in range(2)]
        page.keyboard.type("31")
        expect(page.get_by_role("status")).to_contain_text("2 of ")
        with page.expect_download() as download:
            page.get_by_role("link", name="Quepid").click()
        rows = csv.DictReader(io.StringIO(download.value.path().read_text()))
        assert {row["docid"]: row["rating"] for row in rows if row["rater"] == judge} == dict(
            zip(judged, "31", strict=True)
        )


def test_down_leaves_nothing(stack: Composed) -> None:
    """The last test of this file: no container, volume or network stays."""
    assert all(stack.left().values())
    stack.down()
    assert not any(stack.left().values()), stack.left()

"""Fixtures of the storefront's tests, which a test file names in ``pytest_plugins``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import storefront_page
from playwright.sync_api import Browser
from storefront_server import OWN, PATIENT_MS, Server, demo_part, served

from endcap.evaluate.open_catalogue import open_catalogue
from endcap.index.judgments.reader import read_judgments
from endcap.index.settings import IndexSettings
from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.own_shop import open_own_shop
from endcap.storefront.shop import Shop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with storefront_page.chromium() as browser:
        yield browser


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
    settings = IndexSettings(opened.index, budget_ms=PATIENT_MS)
    shop = open_own_shop(
        "own", settings, opened.shop.engine, opened.shop.fields, None,
        judgments=judged, pictures=folder, read_in_advance=True,
    )  # fmt: skip
    yield shop
    shop.close()

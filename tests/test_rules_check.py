"""``endcap rules check`` and ``try``: what a file names and the shop has not, and rules that are for no search."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from rules_parts import shop_products

from endcap.cli.main import run
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.settings import IndexSettings, save_settings

RULES: list[dict[str, Any]] = [
    {"name": "pins", "words": "usb cabel", "pin": ["p1", "B00x"], "hide": {"ids": ["p2", "nothing"]}},
    {"name": "stock", "in_stock_first": "stok", "at_most": {"count": 2, "field": "brand"}},
    {"name": "own", "query": ["usb cables", "usb cable"], "boost": [{"where": {"brand": "ACME"}}]},
    {"name": "other", "boost": {"where": {"brand": "Acne"}}, "bury": {"where": {"price": {"min": 1e6}}}},
    {"name": "fine", "boost": {"where": {"category": "Lamps"}}, "in_stock_first": "stock"},
    {"name": "cheap", "variant": {"lowest": "brand"}},
    {"name": "case", "pin": ["P3"], "boost": {"where": {"brand.keyword": "Acme"}}},
    {"name": "old", "from": "2020-01-01", "until": "2020-02-01", "pin": ["p3"]},
]
SIGNALS = {"sold": {"field": "popularty"}, "brand": {"field": "brand"}, "popular": {"field": "popularity"}}
LACKING = [
    "rule 'pins', pin: no product has the id 'B00x'.",
    "rule 'pins', hide: no product has the id 'nothing'.",
    "rule 'case', pin: no product has the id 'P3'. Did you mean 'p3'?",
    "rule 'stock', in_stock_first: no product has the field 'stok'. Did you mean 'stock'?",
    "rule 'case', boost: no product has the field 'brand.keyword'. Did you mean 'brand'?",
    "signal 'sold': no product has the field 'popularty'. Did you mean 'popularity'?",
    "signal 'brand': no product has a number in 'brand'.",
    "rule 'cheap', variant: no product has a number in 'brand'.",
    "rule 'other', boost: there are no products with brand 'Acne'.",
    "rule 'other', bury: there are no products with price from 1e+06.",
]


@pytest.fixture(params=["embedded", "opensearch"])
def index(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """The name of a known index, on either engine."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    name = f"rules-check-{tmp_path.name}".lower().replace("_", "-")
    if request.param == "embedded":
        EmbeddedEngine(name).load(shop_products(1500))
        save_settings(IndexSettings(name))
        yield name
        return
    settings = IndexSettings(name, "opensearch", request.getfixturevalue("opensearch"))
    engine = OpenSearchEngine.from_settings(settings)
    engine.load(shop_products(1500))
    save_settings(settings)
    yield name
    engine.client.indices.delete(index=f"{name}*")


def test_what_no_product_has_is_named(index: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each mistyped id, field and value, with its rule, by ``check`` and by ``try``; what is right is not."""
    file = tmp_path / "rules.json"
    file.write_text(json.dumps({"rules": RULES, "signals": SIGNALS}), encoding="utf-8")
    assert run(["rules", "check", str(file), "--index", index]) == 0
    ended = "rule 'old': it is over since 2020-02-02 00:00."
    warnings = [line.removeprefix("Warning: ") for line in capsys.readouterr().err.splitlines()]
    assert warnings == [ended, *LACKING]
    assert run(["rules", "try", str(file), "usb cable", "--index", index, "--size", "2"]) == 0
    spoken = capsys.readouterr()
    assert all(each in spoken.err for each in LACKING)
    assert "Hidden" not in spoken.out
    assert run(["rules", "use", str(file), "--index", index]) == 0
    assert [line.removeprefix("Warning: ") for line in capsys.readouterr().err.splitlines()] == LACKING
    file.write_text(json.dumps({"rules": [{"name": "recall", "hide": {"where": {"brand": "zen"}}}]}), encoding="utf-8")
    assert run(["rules", "try", str(file), "usb", "--index", index, "--size", "2"]) == 0
    assert re.search(r"Hidden: [1-9]\d* of 1,000 products, such as p\d+ \(recall\)", capsys.readouterr().out)


def test_rules_for_no_search_of_a_log_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, log = tmp_path / "rules.json", tmp_path / "searches.csv"
    file.write_text(json.dumps({"rules": RULES[:3]}), encoding="utf-8")
    log.write_text("query,count\nUSB cable,30\nusb cables,4\nlamp,6\n", encoding="utf-8")
    assert run(["rules", "check", str(file), "--queries", str(log)]) == 0
    spoken = capsys.readouterr()
    assert "own: 34 of 40 searches, such as 'USB cable'" in spoken.out
    assert "stock: 40 of 40 searches" in spoken.out
    assert spoken.err.splitlines() == ["Warning: rule 'pins': no search of searches.csv is one of its."]

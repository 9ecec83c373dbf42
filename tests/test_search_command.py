"""``endcap search`` with an engine that takes its time, and what it says of time and of numbers."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import flaky_proxy
import pytest
from click.testing import CliRunner
from flaky_proxy import Answer, Forward
from opensearchpy import OpenSearch
from rerank_parts import unique

from endcap.cli.main import endcap
from endcap.index.field_map import FieldMap
from endcap.index.settings import IndexSettings, load_settings, save_settings

PRODUCTS = [
    {"title": "Thermal label printer BT-4410", "description": "Prints labels."},
    {"title": "Sorvane BT printer", "description": "For desks."},
    *({"title": f"Label roll {n}", "description": "Thermal paper."} for n in range(20)),
]


def after_a_while(request: bytes, forward: Forward) -> Answer:
    time.sleep(0.11)
    return forward(request)


@pytest.fixture
def slow_shop(opensearch: str, endcap_home: Path) -> Iterator[str]:
    """The name of an index in a cluster of which each search takes 110 ms longer."""
    client, index = OpenSearch(opensearch), unique("slow")
    lines = [line for n, product in enumerate(PRODUCTS) for line in ({"index": {"_id": str(n)}}, product)]
    client.bulk(index=index, body=lines, refresh=True)
    try:
        with flaky_proxy.proxy(opensearch, searches=lambda: after_a_while) as url:
            fields = FieldMap.parse("title=title,description=description")
            save_settings(IndexSettings("shop", engine="opensearch", url=url, index=index, fields=fields))
            yield "shop"
    finally:
        client.indices.delete(index=index)


def said(*arguments: str) -> str:
    result = CliRunner().invoke(endcap, list(arguments), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_the_first_search_of_a_slow_engine_is_reranked(slow_shop: str) -> None:
    """By default, and by the index's own budget; a deadline of less than the engine takes is said, with what to do."""
    # More than one on a busy machine, which may not read all products in our own part's time at first.
    assert any("; reranked, " in said("search", "thermal label", "--index", slow_shop) for _ in range(6))
    assert "; reranked, " in said("search", "thermal label", "--index", slow_shop, "--budget", "9000")
    late = said("search", "thermal label", "--index", slow_shop, "--deadline", "100")
    assert "fallback (deadline)" in late
    assert re.search(r"deadline_ms=100 was over; the engine took \d{3,} ms", late)
    assert "--budget-ms 5000" in late


def test_a_detail_is_told_once(slow_shop: str) -> None:
    """Where a number's product was added, and the scores are explained."""
    told = said("search", "bt4410", "--index", slow_shop, "--numbers", "--explain")
    assert "BT-4410" in told
    assert told.count("of that number is shown") == 1


def test_an_index_keeps_its_budget(endcap_home: Path, tmp_path: Path) -> None:
    """Given when it is loaded, and kept when it is loaded again without."""
    catalogue = tmp_path / "few.jsonl"
    catalogue.write_text('{"id": "1", "title": "usb cable"}\n')
    said("index", str(catalogue), "--name", "few", "--budget", "30")
    assert load_settings("few").budget_ms == 30
    said("index", str(catalogue), "--name", "few")
    assert load_settings("few").budget_ms == 30

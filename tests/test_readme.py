"""The README's first code block is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from opensearchpy import OpenSearch
from rerank_parts import fill_index

README = Path(__file__).parent.parent / "README.md"
PRODUCTS = [
    {"name": "Adapter for a usb c charging cable", "maker": "orbit"},
    {"name": "Braided charging cable, usb c, 2 m", "maker": "acme"},
    {"name": "Usb c charging cable case", "maker": "zen"},
    {"name": "Desk lamp", "maker": "lux"},
]


def test_the_first_block_searches_a_real_opensearch(
    opensearch: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Import, load, search: the block prints what was done and the products in order."""
    block = re.search(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    assert block is not None
    client = OpenSearch(opensearch)
    if client.indices.exists(index="products"):
        pytest.fail(f"the test needs an index named 'products', and {opensearch} has one: give it another server")
    fill_index(client, "products", PRODUCTS, {"properties": {"name": {"type": "text"}}})
    monkeypatch.setenv("OPENSEARCH_URL", opensearch)
    printed = [""]
    try:
        for _ in range(5):  # on a busy machine the deadline may end before four unread products are read
            exec(compile(block[1], "README.md", "exec"), {})
            printed = capsys.readouterr().out.splitlines()
            if "'status': 'reranked'" in printed[0]:
                break
    finally:
        client.indices.delete(index="products")
    assert "'status': 'reranked'" in printed[0]
    assert sorted(line.split("  ", 1)[1] for line in printed[1:]) == sorted(p["name"] for p in PRODUCTS[:3])
    scores = [float(line.split()[0]) for line in printed[1:]]
    assert scores == sorted(scores, reverse=True)

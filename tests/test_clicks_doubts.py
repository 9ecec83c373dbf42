"""Exports in which something is not as it seems: it is mended or said, and never taken for what it is not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click_parts import event, numbers, read, search, write_lines

from endcap.index.clicks.judged import judged
from endcap.index.clicks.read import Read, read_clicks
from endcap.index.clicks.store import Limits
from endcap.index.clicks.values import time_of
from endcap.index.clicks.words import report

PRODUCTS = [f"p{n}" for n in range(12)]


def visits(searches: int = 60) -> Iterator[dict[str, Any]]:
    """Searches for two queries in changing orders; what is at places 1 to 3 is clicked now and then."""
    chance = random.Random(5)
    for n in range(searches):
        shown = chance.sample(PRODUCTS, 8)
        yield search(str(n), ("shoe", "kettle")[n % 2], shown, at=n * 60)
        for place, product in enumerate(shown[:3], 1):
            if chance.random() < (0.7 if product < "p4" else 0.2):
                yield event(str(n), "click", product, place, at=n * 60 + place)


def said(found: Read) -> str:
    return "\n".join(report(found, judged(found.counts), Limits(), known_bias=False))


ATTRIBUTES = {"page": 2, "size": 10, "simulated": True}
CELLS = {
    "JSON": {"query_attributes": json.dumps(ATTRIBUTES)},
    "Python": {"query_attributes": repr(ATTRIBUTES)},
    "columns": {f"query_attributes.{name}": str(value) for name, value in ATTRIBUTES.items()},
}


@pytest.mark.parametrize("form", CELLS)
def test_attributes_of_searches_in_tables(tmp_path: Path, form: str) -> None:
    """A page, a size and simulated visitors are known from any table, as they are from JSON."""
    row = {"query_id": "1", "user_query": "shoe", "query_response_hit_ids": '["a","b"]', **CELLS[form]}
    quoted = ('"' + cell.replace('"', '""') + '"' for cell in row.values())
    (tmp_path / "q.csv").write_text(",".join(row) + "\n" + ",".join(quoted) + "\n")
    write_lines(tmp_path / "e.ndjson", [event("1", "click", "b", 12)])
    found = read_clicks([tmp_path])
    assert [(product, place) for _, product, place in numbers(found)] == [("a", 11), ("b", 11)]
    assert found.joined.misplaced == 0
    assert found.joined.simulated


@pytest.mark.parametrize(
    "time", ["Nov 30, 2026 @ 10:00:00.000", "November 30th 2026, 10:00:00.000", "2026-11-30T10:00:00Z", "1796032800000"]
)
def test_times_of_dashboards(time: str) -> None:
    """Times as dashboards export them are the same second."""
    assert time_of(time) == (1796032800.0, "")


def test_times_that_cannot_be_read(tmp_path: Path) -> None:
    """They are counted with an example, in place of the word that there are none."""
    found = read(tmp_path, [{**record, "timestamp": "yesterday at ten"} for record in visits()])
    assert found.joined.odd_times == found.rows
    assert "have a 'timestamp' that can't be read, such as 'yesterday at ten'" in said(found)

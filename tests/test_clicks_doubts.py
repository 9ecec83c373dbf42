"""Exports in which something is not as it seems: it is mended or said, and never taken for what it is not."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click_parts import balanced, event, numbers, read, search, write_lines

from endcap.errors import InputError
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


def respelled(change: Any, share: float) -> list[dict[str, Any]]:
    """The visits, with the ids of some of the events changed."""
    chance, records = random.Random(1), list(visits())
    for record in records:
        if "event_attributes" in record and chance.random() < share:
            thing = record["event_attributes"]["object"]
            thing["object_id"] = change(thing["object_id"])
    return records


def test_clicks_whose_ids_are_spelled_otherwise(tmp_path: Path) -> None:
    """They would make firm grades of 0: a warning has both spellings and the mending; beyond a share it is refused."""
    found = read(tmp_path, respelled(str.upper, 0.3), most_strange=0.5)
    assert balanced(found)
    words = said(found)
    assert "clicks (" in found.strange
    assert "WARNING: " + found.strange in words
    assert "capitals in place of small letters" in words
    with pytest.raises(InputError, match="capitals in place of small letters"):
        read(tmp_path, respelled(str.upper, 0.3))
    assert read(tmp_path, respelled(str.upper, 0.05)).strange
    with pytest.raises(InputError, match="another beginning or end of the ids"):
        read(tmp_path, respelled(lambda id: f"another{id}", 0.3))
    assert read(tmp_path, respelled(str.upper, 1e-9)).strange == ""


def test_clicks_that_match_nothing(tmp_path: Path) -> None:
    """The error says what is wrong with the ids, and asks for no file that was given."""
    with pytest.raises(InputError, match=r"'\.0' at the end, as pandas writes whole numbers") as raised:
        read(tmp_path, respelled("{}.0".format, 1.0), most_strange=1.0)
    assert "Give both" not in str(raised.value)
    assert "the catalogue" not in str(raised.value)


def of_sessions(words: bool, share: float = 1.0) -> list[dict[str, Any]]:
    """The visits, some pairs of searches with one id; ``words``: events say of which search they are."""
    records, queries = [], {}
    for record in visits():
        own = record["query_id"]
        queries[own] = record.get("user_query") or queries[own]
        session = {"query_id": f"s{int(own) // 2}"} if int(own) < 60 * share else {}
        records.append({**record, **session, **({"user_query": queries[own]} if words else {})})
    return records


def test_ids_of_sessions(tmp_path: Path) -> None:
    """Several queries of one id are kept apart by the events' words; else left out, and refused where they are many."""
    plain = numbers(read(tmp_path, visits()))
    assert numbers(read(tmp_path, of_sessions(words=True))) == plain
    with pytest.raises(InputError, match="60 of 60 searches have a 'query_id' that other queries have, too"):
        read(tmp_path, of_sessions(words=False))
    found = read(tmp_path, of_sessions(words=False, share=0.07))
    assert [count for why, count in found.left_out.items() if "several different queries" in why] == [4]
    assert balanced(found)
    assert sum(n[0] for n in numbers(found).values()) == 56 * 8


def test_an_id_of_several_queries_with_one_list(tmp_path: Path) -> None:
    """That they showed the same is no reason to take them for one search."""
    twice = [search("same", words, ["a", "b"]) for words in ("shoe", "boot", "Shoe")]
    found = read(tmp_path, [*visits(), *twice, event("same", "click", "b", 2)])
    assert not {"a", "b"} & {product for _, product, _ in numbers(found)}
    assert found.merged["searches given twice"] == 1


def viewed(kind: str) -> list[dict[str, Any]]:
    """The visits with views: of products' pages, of the first two places alone, or of all down to the last click."""
    records, shown = [], {}
    for record in visits():
        records.append(record)
        own = record["query_id"]
        if "event_attributes" not in record:
            shown[own] = record["query_response_hit_ids"]
            last = {"pages": 0, "two": 1, "whole": 6}[kind]
            records += [event(own, "view", product, place) for place, product in enumerate(shown[own][:last], 1)]
        elif kind == "pages":
            product = record["event_attributes"]["object"]["object_id"]
            records.append(event(own, "view", product, shown[own].index(product) + 1))
    return records


@pytest.mark.parametrize("kind", ["pages", "two"])
def test_views_that_are_no_impressions(tmp_path: Path, kind: str) -> None:
    """Visits of products' pages, or a part of the impressions, don't hide what was shown and left alone."""
    found = read(tmp_path, viewed(kind))
    assert numbers(found) == numbers(read(tmp_path, visits()))
    assert balanced(found)
    assert '--actions "view=click"' in said(found)
    trusted = read(tmp_path, viewed(kind), actions="view=view")
    assert sum(n[0] for n in numbers(trusted).values()) < 60 * 8
    assert not trusted.joined.partial_views


def test_views_of_first_places_alone(tmp_path: Path) -> None:
    """Where others were clicked, more was seen than views say."""
    shown = PRODUCTS[:8]
    records = [search(str(n), "shoe", shown) for n in range(10)]
    records += [event(str(n), "view", product, place) for n in range(10) for place, product in enumerate(shown[:4], 1)]
    records += [event(str(n), "click", shown[n % 2 * 4], n % 2 * 4 + 1) for n in range(10)]
    found = read(tmp_path, records)
    assert found.joined.partial_views
    assert sum(n[0] for n in numbers(found).values()) == 80


def test_views_that_are_impressions(tmp_path: Path) -> None:
    """A whole record of what came into view is what was shown."""
    found = read(tmp_path, viewed("whole"))
    assert sum(n[0] for n in numbers(found).values()) == 60 * 6
    assert "view=click" not in said(found)


@pytest.mark.parametrize("position", [None, 4])
def test_views_alone(tmp_path: Path, position: int | None) -> None:
    """Where nothing but views is known, the error names them, and what to do."""
    records = [search("1", "shoe", ["a", "b", "c", "d"]), event("1", "view", "d", position)]
    with pytest.raises(InputError, match=r'no whole record of what was seen.*--actions "view=click"'):
        read(tmp_path, records)
    with pytest.raises(InputError, match='--actions "view=click"'):
        read(tmp_path, [search("1", "shoe", ["a", "b"]), event("1", "view", "a", 1), event("1", "view", "b", 2)])

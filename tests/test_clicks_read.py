"""Searches and clicks are read whatever way they were exported, and no row goes without a word."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click_parts import balanced, event, numbers, read, search

from endcap.errors import InputError
from endcap.index.clicks.read import read_clicks
from endcap.index.clicks.store import Limits

SEARCHES = [search("1", "Red  Shoe", ["a", "b", "c"]), search("2", "red shoe", ["b", "a"], at=100)]
EVENTS = [event("1", "click", "b", 2), event("2", "click", "b", 1, at=130), event("2", "add_to_cart", "b", at=140)]
EXPECTED = {
    ("Red Shoe", "a", 1): (1, 0, 0, 0, 0),
    ("Red Shoe", "a", 2): (1, 0, 0, 0, 0),
    ("Red Shoe", "b", 1): (1, 1, 0, 1, 0),
    ("Red Shoe", "b", 2): (1, 1, 0, 0, 0),
    ("Red Shoe", "c", 3): (1, 0, 0, 0, 0),
}


def hit(record: Any, index: str = "ubi") -> dict[str, Any]:
    return {"_index": index, "_id": "x", "_score": 1.0, "_source": record}


def reply(records: list[Any]) -> dict[str, Any]:
    hits = {"total": {"value": 9, "relation": "eq"}, "max_score": 1.0, "hits": list(map(hit, records))}
    return {"took": 3, "timed_out": False, "_shards": {"total": 1, "failed": 0}, "hits": hits}


def flat(record: dict[str, Any]) -> dict[str, Any]:
    row = {k: v for k, v in record.items() if k != "event_attributes"}
    attributes = record.get("event_attributes", {})
    if attributes:
        row["event_attributes.object.object_id"] = attributes["object"]["object_id"]
        row["event_attributes.position.ordinal"] = attributes.get("position", {}).get("ordinal", "")
    return row


LAYOUTS = {
    "lines": lambda records: "".join(json.dumps(r) + "\n" for r in records),
    "array": lambda records: json.dumps(records, indent=1),
    "elasticdump": lambda records: "".join(json.dumps(hit(r)) + "\n" for r in records),
    "bulk": lambda records: "".join('{"index": {"_index": "ubi"}}\n' + json.dumps(r) + "\n" for r in records),
    "reply": lambda records: json.dumps(reply(records)),
    "reply laid out": lambda records: json.dumps(reply(records), indent=2),
    "scroll pages": lambda records: json.dumps(reply(records[:2])) + "\n" + json.dumps(reply(records[2:])) + "\n",
    "msearch": lambda records: json.dumps({"took": 1, "responses": [reply(records[:1]), reply(records[1:])]}),
    "flat names": lambda records: "".join(json.dumps(flat(r)) + "\n" for r in records),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("packed", [False, True])
def test_exports(tmp_path: Path, layout: str, packed: bool) -> None:
    """Whatever an export looks like, the same is read; searches and events may be in one file."""
    path, data = tmp_path / "export", LAYOUTS[layout](EVENTS + SEARCHES).encode()
    path.write_bytes(gzip.compress(data) if packed else data)
    found = read_clicks([path])
    assert numbers(found) == EXPECTED
    assert found.rows == 5
    assert balanced(found)
    assert not found.left_out


def test_tables_of_events(tmp_path: Path) -> None:
    """A table with the documents' names joined by points, as a dashboard exports it."""
    (tmp_path / "q.csv").write_text(
        'query_id,client_id,user_query,query_response_hit_ids,timestamp\n1,c,red shoe,"a, b",2026-11-28T09:00:00Z\n'
    )
    (tmp_path / "e.csv").write_text(
        "action_name,query_id,timestamp,event_attributes.object.object_id\nclick,1,2026-11-28T09:00:09Z,b\n"
    )
    found = read_clicks([tmp_path])
    assert numbers(found) == {("red shoe", "a", 1): (1, 0, 0, 0, 0), ("red shoe", "b", 2): (1, 1, 0, 0, 0)}


def test_a_table_of_counts(tmp_path: Path) -> None:
    """Counts go in as they are; rows that can't be are counted by their reason."""
    rows = [
        "Search Term;sku;Average position;Impressions;Clicks;Orders",
        "red shoe;a;1.0;1,000;90;9",
        "Red Shoe;a;1;10;1;0",
        "red shoe;b;2.4;1000;20;",
        "red shoe;c;;10;1;0",
        "red shoe;d;3;10;11;0",
        "red shoe;;3;10;1;0",
        ";a;3;10;1;0",
        "red shoe;e;3;0;0;0",
        "red shoe;f;300;10;1;0",
        "red shoe;g;3;many;1;0",
    ]
    path = tmp_path / "clicks.csv"
    path.write_text("\n".join(rows) + "\n")
    found = read_clicks([path])
    assert numbers(found) == {("red shoe", "a", 1): (1010, 91, 0, 0, 9), ("red shoe", "b", 2): (1000, 20, 0, 0, 0),
        ("red shoe", "d", 3): (10, 10, 0, 0, 0)}  # fmt: skip
    assert found.rows == 10
    assert balanced(found)
    assert sum(found.left_out.values()) == 6
    assert found.tables.capped == 1


def test_a_table_without_places(tmp_path: Path) -> None:
    """Nobody can tell a better product from a higher one then."""
    path = tmp_path / "clicks.csv"
    path.write_text("query,product,impressions,clicks\nshoe,a,10,1\n")
    with pytest.raises(InputError, match="no column 'position', only query, product, impressions, clicks"):
        read_clicks([path])


def test_left_out(tmp_path: Path) -> None:
    """Each kind of what is no use is counted by its reason, and nothing twice."""
    robot = [search(f"r{n}", "red shoe", ["a"], client="robot") for n in range(30)]
    robot += [event(f"r{n}", "click", "a", 1, client_id="robot") for n in range(30)]
    people = [search(f"p{n}", "red shoe", ["a", "b"]) for n in range(60)]
    reload = [search(f"s{n}", "red shoe", ["a"], client="anna") for n in range(14)]
    odd = [
        event("p1", "click", "b", 2),
        event("p1", "click", "b", 2),
        event("p2", "click", "zzz", 1),
        event("gone", "click", "a", 1),
        {**event("p3", "click", "a", 1), "query_id": None},
        {"action_name": "click", "query_id": "p4", "timestamp": "x"},
        event("p5", "scroll", "a", 1),
        search("e1", "nothing found", []),
        search("e2", "   ", ["a"]),
        {"hello": 1},
        search("p1", "red shoe", ["a", "b"]),
    ]
    found = read(tmp_path, [*robot, *people, *reload, *odd], limits=Limits(client=20))
    assert balanced(found)
    assert numbers(found)["red shoe", "a", 1] == (70, 0, 0, 0, 0)
    assert numbers(found)["red shoe", "b", 2] == (60, 1, 0, 0, 0)
    assert dict(found.left_out) == {
        "searches of clients with too many (robots)": 30,
        "events of clients with too many (robots)": 30,
        "further searches of one client for the same words": 4,
        "events on products that their search did not show, or below place 100": 1,
        "events whose search is not in the files": 1,
        "events without a query_id": 1,
        "events without a product (event_attributes.object.object_id)": 1,
        "events of other kinds: 'scroll'": 1,
        "searches of which nothing is known of what they showed, or that showed nothing": 1,
        "searches without words, or with more than a query has": 1,
        "neither a search nor an event (no 'action_name', no 'user_query')": 1,
    }
    assert found.merged == {
        "searches given twice": 1,
        "events on one product in one search, counted once as the strongest": 1,
    }


def test_a_client_that_is_no_person(tmp_path: Path) -> None:
    """Where one client made most searches, they are not dropped in silence: the id is no person's."""
    records = [search(f"{n}", "shoe", ["a"], client="website") for n in range(30)] + [event("1", "click", "a", 1)]
    with pytest.raises(InputError, match="'client_id' is no person's here"):
        read(tmp_path, records, limits=Limits(client=20))
    assert numbers(read(tmp_path, records, limits=Limits(client=0, repeats=99)))["shoe", "a", 1][:2] == (30, 1)


def test_impressions_say_what_was_seen(tmp_path: Path) -> None:
    """Where events say what came into view, what was below was not seen; also where the search's record is missing."""
    seen = [event("1", "view", "a", 1), event("1", "impression", "b", 2), event("1", "click", "b", 2)]
    records = [search("1", "shoe", ["a", "b", "c", "d"]), *seen]
    records += [event("2", "view", "c", 1, user_query="shoe"), event("2", "view", "d", user_query="shoe")]
    found = read(tmp_path, records)
    assert {key: n[:2] for key, n in numbers(found).items()} == {
        ("shoe", "a", 1): (1, 0), ("shoe", "b", 2): (1, 1), ("shoe", "c", 1): (1, 0)
    }  # fmt: skip
    assert found.left_out == {"impressions without a place": 1}
    assert balanced(found)


def test_pages_and_places(tmp_path: Path) -> None:
    """A later page's products are as deep as they stood, whether a page, a size or an offset says so."""
    records = [
        search("1", "shoe", ["a", "b"], query_attributes={"page": 1}),
        search("1", "shoe", ["c"], query_attributes={"page": 2}),
        search("2", "shoe", ["d"], query_attributes={"page": 2, "size": 5}),
        search("3", "shoe", ["e"], query_attributes={"from": 8}),
        event("1", "click", "c", 3),
    ]
    found = numbers(read(tmp_path, records))
    assert sorted((product, place) for _, product, place in found) == [("a", 1), ("b", 2), ("c", 3), ("d", 6), ("e", 9)]


def test_places_that_are_told_otherwise(tmp_path: Path) -> None:
    """A list with a doubtful id keeps its places; clicks that say others are counted, from 1 or from 0 they are not."""
    records = [search("1", "shoe", ["a", None, "a", "b", {}, "c"]), event("1", "click", "c", 6)]
    records += [event("1", "click", "b", 3), event("1", "click", "a", 21)]
    found = read(tmp_path, records)
    assert sorted((product, place) for _, product, place in numbers(found)) == [("a", 1), ("b", 4), ("c", 6)]
    assert (found.joined.placed, found.joined.misplaced) == (3, 1)


def test_cells_of_tables(tmp_path: Path) -> None:
    """Objects and lists as texts: JSON, or as pandas writes them."""
    (tmp_path / "q.csv").write_text("query_id,user_query,query_response_hit_ids\n1,shoe,\"['a', 'b']\"\n")
    (tmp_path / "e.csv").write_text(
        'action_name,query_id,event_attributes\nclick,1,"{""object"": {""object_id"": ""b""}}"\n'
    )
    assert {key[1:]: n[:2] for key, n in numbers(read_clicks([tmp_path])).items()} == {
        ("a", 1): (1, 0),
        ("b", 2): (1, 1),
    }


def test_actions_without_end(tmp_path: Path) -> None:
    """A tracker that puts ids into its actions' names fills no memory, and no row is lost."""
    records = [search("1", "shoe", ["a"]), event("1", "click", "a", 1)]
    found = read(tmp_path, records + [event("1", f"open {n}", "a") for n in range(500)])
    assert len(found.left_out) < 60
    assert balanced(found)
    assert sum(found.left_out.values()) == 500


def test_short_clicks(tmp_path: Path) -> None:
    """Who is back within seconds liked it less; a cart is no short click; a dwell time that is given counts first."""
    records = [
        search("1", "shoe", ["a", "b", "c"], client="anna"),
        event("1", "click", "a", 1, at=5),
        event("1", "click", "b", 2, at=9),
        event("1", "click", "c", 3, at=60),
        search("2", "boot", ["d"], client="anna", at=63),
        event("2", "click", "d", 1, at=70, attributes={"dwell_time": 2}),
        search("3", "hat", ["e"], client="ben"),
        event("3", "click", "e", 1, at=5),
        event("3", "purchase", "e", 1, at=8),
        event("3", "click", "e", 1, at=9, attributes={"dwell_time": 2}),
    ]
    short = {product: n[2:] for (_, product, _), n in numbers(read(tmp_path, records)).items()}
    assert short == {"a": (1, 0, 0), "b": (0, 0, 0), "c": (1, 0, 0), "d": (1, 0, 0), "e": (0, 0, 1)}
    without = {p: n[2] for (_, p, _), n in numbers(read(tmp_path, records, limits=Limits(dwell_s=0))).items()}
    assert set(without.values()) == {0}


def test_simulated_users(tmp_path: Path) -> None:
    """They count only where there are no people, and then it is said."""
    made = [search("1", "shoe", ["a"], query_attributes={"simulated": True})]
    made += [event("1", "click", "a", 1, attributes={"simulated": True})]
    assert read(tmp_path, made).joined.simulated
    real = [search("2", "shoe", ["b"]), event("2", "click", "b", 1)]
    found = read(tmp_path, made + real)
    assert not found.joined.simulated
    assert list(numbers(found)) == [("shoe", "b", 1)]
    assert balanced(found)


def test_own_names_of_actions(tmp_path: Path) -> None:
    """A tracker's own words are given their meaning, and what is none of them is refused."""
    records = [search("1", "shoe", ["a"]), event("1", "PDP Open", "a", 1), event("1", "click", "a", 1)]
    found = read(tmp_path, records, actions="pdp-open=purchase, click=none")
    assert numbers(found) == {("shoe", "a", 1): (1, 1, 0, 0, 1)}
    assert found.left_out == {"events of other kinds: 'click'": 1}
    with pytest.raises(InputError, match="'a=b' is no action with its meaning"):
        read(tmp_path, records, actions="a=b")


def test_nothing_clicked(tmp_path: Path) -> None:
    """Searches alone are refused, with what was read."""
    with pytest.raises(InputError, match="1 rows read: 1 used"):
        read(tmp_path, [search("1", "shoe", ["a"])])


def test_unread_folder(tmp_path: Path) -> None:
    """An empty folder, and a file that is not there."""
    with pytest.raises(InputError, match="no file in this folder"):
        read_clicks([tmp_path])
    with pytest.raises(InputError, match="no such file"):
        read_clicks([tmp_path / "none.json"])


def test_storefront_columns(tmp_path: Path) -> None:
    """Beside the list that the search's record has, the storefront shows the engine's: no clicks on it."""
    records = [
        search("1", "shoe", ["a", "b"]),
        event("1", "click", "a", 1, attributes={"column": "engine"}),
        event("1", "click", "b", 2, attributes={"column": "endcap"}),
    ]
    found = read(tmp_path, records)
    assert {key[1]: n[1] for key, n in numbers(found).items()} == {"a": 0, "b": 1}
    assert found.left_out == {"events in the storefront's other column": 1}

"""Whatever is in the files: rows in are used, merged and left out, in any order; and no damage is a crash."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

import orjson
from click_parts import balanced, event, numbers, search
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.clicks.read import read_clicks
from endcap.index.clicks.store import Limits

SEARCHES = [search("1", "Red  Shoe", ["a", "b", "c"]), search("2", "red shoe", ["b", "a"], at=100)]
EVENTS = [event("1", "click", "b", 2), event("2", "click", "b", 1, at=130), event("2", "add_to_cart", "b", at=140)]

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(
    ["action_name", "query_id", "client_id", "timestamp", "user_query", "query_response_hit_ids", "event_attributes"]
)


@st.composite
def records(draw: st.DrawFn) -> list[Any]:
    """Searches and events of a few ids, some of them spoilt in a field."""
    made: list[Any] = []
    for _ in range(draw(st.integers(1, 12))):
        query_id, product = draw(st.sampled_from("123")), draw(st.sampled_from("abcd"))
        if draw(st.booleans()):
            record = search(query_id, draw(st.sampled_from(["x", "X ", "y"])), draw(st.lists(st.sampled_from("abc"))))
        else:
            action = draw(st.sampled_from(["click", "view", "purchase", "other"]))
            record = event(
                query_id, action, product, draw(st.none() | st.integers(0, 200)), at=draw(st.integers(0, 99))
            )
        if draw(st.integers(0, 3)) == 0:
            record[draw(FIELDS)] = draw(JUNK)
        made.append(draw(JUNK) if draw(st.integers(0, 9)) == 0 else record)
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(records(), st.randoms(use_true_random=False))
def test_rows_are_accounted_for_in_any_order(made: list[Any], chance: random.Random) -> None:
    """Rows in are used, merged and left out; and no order of the rows makes another result."""
    begin = [search("sure", "sure", ["s"]), *(search(f"s{n}", "sure", ["s"]) for n in range(150))]
    made += [event(f"s{n}", "click", "s", 1) for n in range(150)]
    limits = Limits(sure_views=True)  # which they are here, however few
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ndjson"
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in begin + made))
        first = read_clicks([path], limits=limits)
        chance.shuffle(made)
        path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in begin + made))
        second = read_clicks([path], limits=limits)
    assert balanced(first)
    assert first.rows == len(made) + len(begin)
    assert numbers(first) == numbers(second)
    assert first.left_out == second.left_out
    assert first.strange == second.strange


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 600))
def test_damaged_files(junk: bytes, cut: int) -> None:
    """Cut off or spoilt anywhere, a file is read as far as it goes or refused by a sentence."""
    whole = b"".join(orjson.dumps(record) + b"\n" for record in SEARCHES + EVENTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ndjson"
        path.write_bytes(whole[:cut] + junk + whole[cut:])
        try:
            assert balanced(read_clicks([path]))
        except InputError as error:
            assert str(error)  # noqa: PT017

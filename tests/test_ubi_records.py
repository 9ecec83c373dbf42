"""User Behaviour Insights: the records of searches and events, and what is refused to become one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ubi_parts import CLICK, changed, searched

from endcap.errors import InputError
from endcap.storefront.ubi import event_record, timestamp_of


def test_records_have_the_schemas_fields() -> None:
    """A query and an event have the fields of the schema 1.3, and times as the indices' mapping takes them."""
    record = searched("kettle", attributes={"page": 2})
    assert set(record) == {
        "application", "query_id", "client_id", "user_query", "query_attributes", "object_id_field", "timestamp",
        "query_response_id", "query_response_hit_ids",
    }  # fmt: skip
    assert (record["user_query"], record["query_response_hit_ids"]) == ("kettle", ["p1", "p2"])
    event = event_record({**CLICK, "timestamp": datetime.now(UTC).isoformat(), "user_query": "kettle"})
    assert event["event_attributes"] == {
        "position": {"ordinal": 1},
        "object": {"object_id": "p1", "object_id_field": "_id"},
    }
    for made in (record, event):
        assert made["timestamp"] == timestamp_of(datetime.fromisoformat(made["timestamp"]))
        assert made["timestamp"].endswith("Z")
        assert len(made["timestamp"]) == len("2026-11-28T09:30:00.000Z")


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ([], "an event is an object; this is list"),
        ({}, "'action_name' is None"),
        (changed("action_name", ""), "'action_name' is empty"),
        (changed("action_name", "a" * 101), "'action_name' has 101 characters; at most 100"),
        (changed("query_id", 7), "'query_id' is 7. Give a text"),
        (changed("query_id", "a\x00"), r"'query_id' has the character U\+0000"),
        (changed("client_id", "\ud83d"), r"'client_id' has the character U\+D83D"),
        (changed("user_query", "q" * 1001), "'user_query' has 1,001 characters"),
        (changed("message", "m" * 1025), "'message' has 1,025 characters"),
        (changed("password", "x"), "an event has no field 'password'"),
        (changed("timestamp", "yesterday"), "'timestamp' is 'yesterday'"),
        (changed("timestamp", 1), "'timestamp' is 1"),
        (changed("event_attributes", "x"), "'event_attributes' is an object; this is str"),
        (changed("event_attributes.position", None), "'event_attributes' needs a 'position'"),
        (changed("event_attributes.position", {"xy": 1}), "position has no field 'xy'"),
        (changed("event_attributes.position.ordinal", -1), "'ordinal' is -1"),
        (changed("event_attributes.position.ordinal", 1.5), "'ordinal' is 1.5"),
        (changed("event_attributes.position.ordinal", True), "'ordinal' is True"),
        (changed("event_attributes.object", 7), "'object' is an object; this is int"),
        (changed("event_attributes.object.object_id", None), "'object_id' is None"),
        (changed("event_attributes.object.object_id", "x" * 513), "'object_id' has 513 characters"),
        (changed("event_attributes.object.more", 1), "object has no field 'more'"),
        (changed("event_attributes.anything", 1), "event_attributes has no field 'anything'"),
        (changed("event_attributes.simulated", "yes"), "'simulated' is 'yes'. Give true or false"),
        (changed("event_attributes.team", 1), "'team' is 1"),
        (changed("event_attributes.page", "1"), "'page' is '1'"),
    ],
)
def test_what_comes_from_outside_is_checked(event: Any, says: str) -> None:
    """Wrong types, sizes, times and unknown fields are refused, in words that name the field."""
    with pytest.raises(InputError, match=says):
        event_record(event)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+14:00", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00", None])
def test_a_browsers_clock_may_be_wrong(told: str | None) -> None:
    """A click has the storefront's time, as its search has: it is taken, and never before its search or long after."""
    began = timestamp_of(datetime.now(UTC))
    assert began <= event_record({**CLICK, "timestamp": told})["timestamp"] <= timestamp_of(datetime.now(UTC))


FIELD = st.sampled_from(["action_name", "query_id", "timestamp", "event_attributes", "message", "user_query"])


@given(st.dictionaries(FIELD, JSON, max_size=4), JSON)
def test_any_event_is_a_record_or_an_input_error(fields: dict[str, Any], whole: Any) -> None:
    """Whatever JSON a browser sends, the answer is a record that can be written, or an InputError."""
    for data in (whole, fields, CLICK | fields, changed("event_attributes.object", whole)):
        try:
            assert json.loads(json.dumps(event_record(data)))["action_name"]
        except InputError:
            continue


@pytest.mark.parametrize(
    ("query", "more", "says"),
    [
        ("q" * 1001, {}, "'user_query' has 1,001 characters"),
        ("q", {"attributes": {"a": "x" * 5000}}, "query_attributes have 5,008 bytes; at most 4,096"),
        ("q", {"attributes": {"a": object()}}, "query_attributes can't be written as JSON"),
        ("q", {"query_id": "x" * 101}, "'query_id' has 101 characters"),
    ],
)
def test_a_search_that_is_too_large_is_refused(query: str, more: dict[str, Any], says: str) -> None:
    """What would not fit the indices is an InputError before it is queued."""
    with pytest.raises(InputError, match=says):
        searched(query, **more)

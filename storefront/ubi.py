"""User Behaviour Insights: what was searched, shown and clicked, by the OpenSearch project's schema 1.3.

Schema: https://github.com/o19s/ubi (query.request and event), mappings as the plugin's ``_plugins/ubi/initialize``
makes them (https://github.com/opensearch-project/user-behavior-insights). Times have milliseconds and a Z, since the
mapping's ``strict_date_time`` takes no others.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.events import check_text

QUERIES, EVENTS = "ubi_queries", "ubi_events"
MAX_ID, MAX_NAME, MAX_MESSAGE, MAX_QUERY = 100, 256, 1024, 1000
MAX_OBJECT_ID = 512
"""As long as an engine's ids may be: the mapping has 256 to search for, but a click on a longer one counts, too."""
MAX_HITS = 500
MAX_ATTRIBUTES_BYTES = 4096
MAX_ORDINAL = 100_000
APPLICATION = "endcap-storefront"
_SHORT = ("application", "action_name", "client_id", "query_id", "session_id", "user_id", "message_type")
_LONG: Mapping[str, int] = {"message": MAX_MESSAGE, "user_query": MAX_QUERY}
_EVENT = (*_SHORT, "message", "timestamp", "event_attributes", "user_query")


def new_id() -> str:
    """An id for a query or a response."""
    return str(uuid.uuid4())


def timestamp_now() -> str:
    """This moment, as UBI's indices take it."""
    return timestamp_of(datetime.now(UTC))


def timestamp_of(time: datetime) -> str:
    """A time as UBI's indices take it: UTC, with milliseconds."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def query_record(
    user_query: str,
    hit_ids: Sequence[str],
    *,
    query_id: str,
    client_id: str,
    attributes: Mapping[str, Any] | None = None,
    timestamp: str | None = None,
) -> dict[str, Any]:
    """A record of ``ubi_queries``: the search, and the ids that were shown for it, the best first.

    ``attributes`` are the page, filters, weight or teams of the search. Raises ``InputError`` where something is not
    what the schema says.
    """
    record = {
        "application": APPLICATION,
        "query_id": _text("query_id", query_id),
        "client_id": _text("client_id", client_id),
        "user_query": _text("user_query", user_query, MAX_QUERY, allowed="\n\t", empty=True),
        "query_attributes": _attributes(attributes or {}),
        "object_id_field": "_id",
        "timestamp": timestamp or timestamp_now(),
        "query_response_id": new_id(),
        "query_response_hit_ids": [_text("a hit's id", id, MAX_OBJECT_ID) for id in hit_ids],
    }
    if len(hit_ids) > MAX_HITS:
        raise InputError(f"{len(hit_ids):,} hits were shown; at most {MAX_HITS} are noted.")
    return record


def event_record(data: Any) -> dict[str, Any]:
    """A record of ``ubi_events`` from what a browser sent: checked, and without a field that was not checked.

    ``action_name`` is needed; null is as if it was not there. The time is ours, whatever ``timestamp`` says: searches
    have it, too, and a browser's clock that goes wrong must not put a click before its search. Raises ``InputError``
    that names the field.
    """
    _check_object("an event", data, _EVENT, "an event")
    data = {name: value for name, value in data.items() if value is not None}
    record: dict[str, Any] = {
        "application": APPLICATION,
        "action_name": _text("action_name", data.get("action_name")),
    }
    record |= {name: _text(name, data[name]) for name in _SHORT if name in data}
    record |= {
        name: _text(name, data[name], longest, allowed="\n\t", empty=True)
        for name, longest in _LONG.items()
        if name in data
    }
    if "timestamp" in data:
        _check_time(data["timestamp"])
    record["timestamp"] = timestamp_now()
    if "event_attributes" in data:
        record["event_attributes"] = _event_attributes(data["event_attributes"])
    return record


def _event_attributes(data: Any) -> dict[str, Any]:
    _check_object("event_attributes", data, ("object", "position", *_EXTRAS))
    # The schema has attributes with a position only.
    if not isinstance(data.get("position"), Mapping):
        raise InputError("'event_attributes' needs a 'position', as in {'ordinal': 3}.")
    _check_object("position", data["position"], ("ordinal",))
    attributes: dict[str, Any] = {"position": {"ordinal": _whole("ordinal", data["position"].get("ordinal"))}}
    if "object" in data:
        attributes["object"] = _product(data["object"])
    return attributes | {name: check(name, data[name]) for name, check in _EXTRAS.items() if name in data}


def _product(data: Any) -> dict[str, Any]:
    _check_object("object", data, ("object_id", "object_id_field", "name"))
    product = {"object_id": _text("object_id", data.get("object_id"), MAX_OBJECT_ID)}
    product["object_id_field"] = _text("object_id_field", data.get("object_id_field", "_id"))
    if "name" in data:
        product["name"] = _text("name", data["name"], MAX_NAME)
    return product


def _check_object(place: str, data: Any, names: Sequence[str], subject: str = "") -> None:
    if not isinstance(data, Mapping):
        raise InputError(f"{subject or repr(place)} is an object; this is {type(data).__name__}.")
    odd = next((key for key in data if key not in names), None)
    if odd is not None:
        raise InputError(f"{place} has no field {odd!r:.80}; known are {', '.join(names)}.")


def _text(name: str, value: Any, longest: int = MAX_ID, *, allowed: str = "", empty: bool = False) -> str:
    if isinstance(value, str) and len(value) > longest:  # first, so that only so much is ever looked through
        raise InputError(f"{name!r} has {len(value):,} characters; at most {longest:,} are allowed.")
    check_text(name, value, allowed=allowed, empty=empty)
    return str(value)


def _whole(name: str, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ORDINAL:
        raise InputError(f"{name!r} is {value!r:.80}. Give a whole number from 0 to {MAX_ORDINAL:,}.")
    return value


def _flag(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"{name!r} is {value!r:.80}. Give true or false.")
    return value


_EXTRAS: Mapping[str, Callable[[str, Any], Any]] = {"team": _text, "column": _text, "simulated": _flag, "page": _whole}
"""What ``event_attributes`` may hold beside the schema's own. No more, since each name becomes a field of the index."""


def _check_time(value: Any) -> None:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise InputError(f"'timestamp' is {value!r:.80}. Give it as in 2026-11-28T09:30:00.000Z.") from error


def _attributes(data: Mapping[str, Any]) -> dict[str, Any]:
    try:
        size = len(orjson.dumps(dict(data)))
    except TypeError as error:
        raise InputError(f"query_attributes can't be written as JSON: {error}.") from error
    if size > MAX_ATTRIBUTES_BYTES:
        raise InputError(f"query_attributes have {size:,} bytes; at most {MAX_ATTRIBUTES_BYTES:,} are allowed.")
    return dict(data)

"""What the tests of User Behaviour Insights share: a click, a search, and their files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from endcap.storefront.ubi import query_record

CLICK: dict[str, Any] = {
    "action_name": "click",
    "query_id": "q1",
    "client_id": "tab-1",
    "event_attributes": {"object": {"object_id": "p1"}, "position": {"ordinal": 1}},
}


def searched(query: str, query_id: str = "q1", **more: Any) -> dict[str, Any]:
    return query_record(query, ["p1", "p2"], query_id=query_id, client_id="tab-1", **more)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def changed(path: str, value: Any) -> dict[str, Any]:
    """A click with one value changed, as ``event_attributes.object.object_id`` names it."""
    made = json.loads(json.dumps(CLICK))
    *outer, last = path.split(".")
    inner = made
    for name in outer:
        inner = inner[name]
    inner[last] = value
    return dict(made)


BETTER, BASE = list("abcdef"), list("fbcdea")

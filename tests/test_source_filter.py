"""Cutting a document down to ``_source`` here gives what OpenSearch gives."""

from __future__ import annotations

import random
from typing import Any

from opensearchpy import OpenSearch
from rerank_parts import unique

from endcap.index.source_filter import SourceFilter

DOCUMENT: dict[str, Any] = {
    "title": "usb",
    "tags": ["a", "b"],
    "empty": {},
    "none": None,
    "no_items": [],
    "a": {"b": {"c": 1, "d": {"e": 2}}, "bc": 3, "list": [1, {"x": 1, "y": 2}, [{"x": 3}], {}]},
    "ab": {"c": 4},
    "list": [{"x": 1, "y": {"z": 2}}, {"x": 3}, {"w": []}, {}, [], [[{"x": 1}], "s"]],
    "dotted.name": {"c": 5},
}
NAMES = [
    "title",
    "tags",
    "empty",
    "none",
    "no_items",
    "a",
    "a.b",
    "a.b.c",
    "a.b.d",
    "a.b.d.e",
    "a.bc",
    "a.list",
    "a.list.x",
]
NAMES += [
    "ab",
    "ab.c",
    "list",
    "list.x",
    "list.y",
    "list.y.z",
    "list.w",
    "dotted.name",
    "dotted",
    "dotted.name.c",
    "x",
    "",
]
PATTERNS = ["*", "a*", "*c", "a.*", "*.c", "l*.x", "*.x", "a.b*", "*b*", "a.*.c", "list.*", "t*s"]


def options(chance: random.Random) -> Any:
    def some(most: int) -> list[str]:
        names = [name for name in NAMES if name]
        return [chance.choice(names if chance.random() < 0.7 else PATTERNS) for _ in range(chance.randint(0, most))]

    kind = chance.random()
    if kind < 0.3:
        return some(3) or True
    if kind < 0.4:
        return chance.choice(NAMES[:-1] + PATTERNS)
    includes = some(3)  # the engine refuses a path that is on both sides
    return {"includes": includes, "excludes": [one for one in some(3) if one not in includes]}


def test_every_option_cuts_as_the_engine_does(opensearch: str) -> None:
    """Lists, patterns, includes and excludes, on objects, lists of objects and names with dots."""
    client, index = OpenSearch(opensearch), unique("source")
    chance = random.Random(5)
    tried = [options(chance) for _ in range(600)]
    client.indices.create(index=index, body={"mappings": {"enabled": False}})
    try:
        client.index(index=index, id="1", body=DOCUMENT, refresh=True)
        lines = [line for option in tried for line in ({"index": index}, {"_source": option})]
        replies = client.msearch(body=lines)["responses"]
    finally:
        client.indices.delete(index=index)
    wrong = []
    for option, reply in zip(tried, replies, strict=True):
        expected = reply["hits"]["hits"][0]["_source"]
        if SourceFilter.read(option).cut(DOCUMENT) != expected:
            wrong.append((option, SourceFilter.read(option).cut(DOCUMENT), expected))
    assert not wrong, f"{len(wrong)} of {len(tried)}, such as {wrong[:5]}"

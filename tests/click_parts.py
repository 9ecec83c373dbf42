"""What the tests of judgments from clicks share: visitors whose taste and eyes are known, and their records."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from endcap.index.clicks.counts import GROUP_OF, ClickCounts, Tally, key_of
from endcap.index.clicks.read import Read, read_clicks

BEGAN = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
CLICK = (0.05, 0.35, 0.65, 0.95)
"""How probably a product of grade 0 to 3 is clicked by who looks at it."""


def stamp(second: float) -> str:
    return (BEGAN + timedelta(seconds=second)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def search(query_id: str, words: str, hits: Sequence[str], *, client: str = "", at: float = 0, **more: Any) -> dict:
    return {
        "application": "shop",
        "query_id": query_id,
        "client_id": client or f"client-of-{query_id}",
        "user_query": words,
        "query_response_hit_ids": list(hits),
        "timestamp": stamp(at),
        "object_id_field": "_id",
        **more,
    }


def event(query_id: str, action: str, product: str, place: int | None = None, *, at: float = 1, **more: Any) -> dict:
    attributes: dict[str, Any] = {"object": {"object_id": product, "object_id_field": "_id"}}
    if place is not None:
        attributes["position"] = {"ordinal": place}
    return {
        "action_name": action,
        "query_id": query_id,
        "timestamp": stamp(at),
        "event_attributes": {**attributes, **more.pop("attributes", {})},
        **more,
    }


def write_lines(path: Path, records: Iterable[Any]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def read(folder: Path, records: Iterable[Any], **options: Any) -> Read:
    return read_clicks([write_lines(folder / "ubi.ndjson", records)], **options)


def numbers(found: Read) -> dict[tuple[str, str, int], tuple[int, ...]]:
    """(query, product, place) to shown, clicks, short, carts, purchases."""
    counts = found.counts
    rows = zip(counts.query, counts.product, counts.group, counts.numbers.tolist(), strict=True)
    return {(counts.queries[q], counts.products[p], int(g)): tuple(n) for q, p, g, n in rows}


def balanced(found: Read) -> bool:
    """Whether all rows are used, merged or left out."""
    return found.rows == found.used + sum(found.merged.values()) + sum(found.left_out.values())


def simulated(
    grades: dict[str, dict[str, int]], searches: int, *, seed: int = 0, mixed: bool = True, decay: float = 1.0
) -> ClickCounts:
    """Clicks of visitors who look at place k with a probability of k^-decay; ``mixed``: each in another order."""
    chance, shown = random.Random(seed), {}
    queries = sorted(grades)
    ids = {id: number for number, id in enumerate(sorted({id for judged in grades.values() for id in judged}))}
    for _ in range(searches):
        query = chance.choice(queries)
        order = sorted(grades[query])
        if mixed:
            chance.shuffle(order)
        for place, id in enumerate(order, 1):
            clicked = chance.random() < place**-decay * CLICK[grades[query][id]]
            found = shown.setdefault(key_of(queries.index(query), ids[id], GROUP_OF[place]), [0, 0])
            found[0], found[1] = found[0] + 1, found[1] + clicked
    tally = Tally()
    for key, (impressions, clicks) in shown.items():
        tally.add_row(key, (impressions, clicks, 0, 0, 0))
    return tally.counts(dict(enumerate(queries)), ids)

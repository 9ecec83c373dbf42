"""A folder in which the documents' commands work as they stand: a shop's files, under the names used there."""

from __future__ import annotations

import csv
import json
import random
import shutil
from collections.abc import Iterable
from pathlib import Path

from endcap.cli.main import run
from endcap.plugin.model.folder import default_folder

KINDS = ("usb c charger", "usb c charging cable", "lamp", "desk lamp", "phone case", "kettle", "led lamp", "tea pot")
COLOURS = ("black", "white", "red", "blue")
MAKERS = ("Acme", "Orbit", "Zen")


def products() -> list[dict[str, str]]:
    """Thirty-two products: each kind in four colours."""
    pairs = [(kind, colour) for kind in KINDS for colour in COLOURS]
    return [
        {"id": f"p{n}", "title": f"{kind}, {colour}", "brand": MAKERS[n % 3], "category": kind.split()[-1]}
        for n, (kind, colour) in enumerate(pairs)
    ]


def grades() -> list[tuple[str, str, int]]:
    """Query, product and grade: what has all words of the query, half of them, or none."""
    rows = []
    for query in KINDS:
        for product in products():
            met = sum(word in product["title"].split(", ")[0].split() for word in query.split()) / len(query.split())
            rows.append((query, product["id"], 3 if met == 1 else 1 if met >= 0.5 else 0))
    return rows


def fill(folder: Path, index: str) -> None:
    """Write the files, and index the shop in the home of this process."""
    shop = products()
    lines(folder / "products.jsonl", (json.dumps(product) for product in shop))
    named = ([p["id"], p["title"], p["brand"], p["category"]] for p in shop)
    table(folder / "products.csv", ["id", "name", "maker", "category"], named)
    table(folder / "ratings.csv", ["query", "docid", "rating"], grades())
    table(folder / "shop-judgments.csv", ["query", "docid", "rating", "rater"], ((*row, "anna") for row in grades()))
    lines(folder / "queries.tsv", (f"{n}\t{query}" for n, query in enumerate(KINDS)))
    judged = ([KINDS.index(query), id, grade] for query, id, grade in grades())
    table(folder / "qrels.tsv", ["query-id", "corpus-id", "score"], judged, "\t")
    lines(folder / "my.log", KINDS)
    at = "2026-11-28T09:30:00Z"
    ubi = ({"query_id": str(n), "user_query": query, "timestamp": at} for n, query in enumerate(KINDS))
    lines(folder / "ubi_queries.jsonl", map(json.dumps, ubi))
    clicked(folder)
    query = {"multi_match": {"query": "{{query}}", "fields": ["title^3", "brand"]}}
    (folder / "query.json").write_text(json.dumps({"query": query}))
    for name, order in (("other", 1), ("vendor", -1)):
        ranked = [(n, id) for n in range(len(KINDS)) for id in [p["id"] for p in shop][::order]]
        lines(folder / f"{name}.run", (f"{n} Q0 {id} 1 {-at} {name}" for at, (n, id) in enumerate(ranked)))
    given_in_page = folder / ".local" / "share" / "endcap" / "judged"
    given_in_page.mkdir(parents=True)
    event = {"judge": "anna", "time": "2026-11-28T09:30:00.000Z"}
    given = ({"query": query, "product": id, "grade": grade, **event} for query, id, grade in grades())
    lines(given_in_page / "shop.jsonl", map(json.dumps, given))
    for name in ("zero-shot-model", "path/to/folder"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(default_folder(), target_is_directory=True)
    another_student(folder / "build" / "student")
    assert run(["index", str(folder / "products.jsonl"), "--name", index]) == 0


def clicked(folder: Path) -> None:
    """Visitors who click what has the words, at changing places: as counts, and as User Behavior Insights."""
    chance, counts, searches, events = random.Random(0), [], [], []
    for query in KINDS:
        rated = {id: grade for words, id, grade in grades() if words == query}
        for visit in range(100):
            shown = chance.sample(sorted(rated), 5)
            about = {
                "query_id": f"{query} {visit}",
                "client_id": f"client {visit}",
                "timestamp": "2026-11-28T09:30:00Z",
            }
            searches.append(about | {"user_query": query, "query_response_hit_ids": shown})
            for place, id in enumerate(shown, 1):
                counts.append([query, id, place, 40, round(40 * (0.1 + 0.3 * rated[id]) / place)])
                if chance.random() < (0.1 + 0.3 * rated[id]) / place:
                    attributes = {"object": {"object_id": id}, "position": {"ordinal": place}}
                    events.append(about | {"action_name": "click", "event_attributes": attributes})
    table(folder / "clicks.csv", ["query", "product", "position", "impressions", "clicks"], counts)
    (folder / "exports").mkdir()
    lines(folder / "exports" / "ubi_queries.ndjson", map(json.dumps, searches))
    lines(folder / "exports" / "ubi_events.ndjson", map(json.dumps, events))


def another_student(folder: Path) -> None:
    """The shipped student with another weight of its blend, which makes it another version."""
    shutil.copytree(default_folder(), folder)
    path = folder / "model.json"
    raw = json.loads(path.read_text())
    raw["blend"]["weight"] = 0.5
    path.write_text(json.dumps(raw))


def lines(path: Path, rows: Iterable[str]) -> None:
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def table(path: Path, head: list[str], rows: Iterable[Iterable[object]], delimiter: str = ",") -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([head, *rows])

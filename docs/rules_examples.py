"""Fills the tables of docs/rules.md: what the generated shop shows first, before and with each example's rules.

    python docs/rules_examples.py            # writes them
    python docs/rules_examples.py --check    # says whether they are as they should be

The order is the engine's own (blend weight 0), so that a table shows what a rule does, and is the same on all machines.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "rules.md"
EXAMPLE = re.compile(
    r"```toml\n(?P<rules>[^`]*)```\n\n(?P<table>\| `(?P<query>[^`]+)` \| without \| with \|\n(?:\|.*\n)+)"
)
NOW = datetime(2026, 11, 30, 12).astimezone()
WINDOW = 50


def filled(page: str) -> str:
    """The page with its tables made anew."""
    from endcap.demo.signals import products_with_signals
    from endcap.index.embedded.engine import EmbeddedEngine
    from endcap.plugin import Student

    engine, states = EmbeddedEngine("rules-examples"), _States()
    engine.load(products_with_signals())
    student = Student.load()
    return EXAMPLE.sub(lambda found: _with_table(found, engine, student, states), page)


def _with_table(found: re.Match[str], engine: Any, student: Any, states: _States) -> str:
    from endcap.plugin.rules.file import read_rules

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.toml"
        path.write_text(found["rules"], encoding="utf-8")
        rules = read_rules(path)
    query = {"query": engine.text_query(found["query"]), "size": found["table"].count("\n") - 2}
    both = [_cells(engine, student, states, query, each, rules.fields) for each in (None, rules)]
    rows = [f"| {n} | {one} | {other} |" for n, (one, other) in enumerate(zip(*both, strict=True), 1)]
    table = "\n".join([f"| `{found['query']}` | without | with |", "|---|---|---|", *rows]) + "\n"
    return found[0].replace(found["table"], table)


def _cells(engine: Any, student: Any, states: Any, body: Any, rules: Any, fields: Any) -> list[str]:
    from endcap.plugin import Reranker
    from endcap.plugin.rules.live import LiveRules

    live = LiveRules(rules, now=lambda: NOW) if rules is not None else None
    options: dict[str, Any] = {"window": WINDOW, "deadline_ms": 600_000, "blend_weight": 0.0, "states": states}
    reranker = Reranker(engine, student, rules=live, **options)
    reply = reranker.search(index=engine.index, body=body)
    reranker.close()
    assert reply["ext"]["rerank"]["status"] == "reranked", reply["ext"]
    return [_cell(hit, sorted(fields - {"id", "title"})) for hit in reply["hits"]["hits"]]


def _cell(hit: Mapping[str, Any], fields: list[str]) -> str:
    source = hit["_source"]
    values = {**source.get("attributes", {}), **source.get("extra", {}), **source}
    shown = [
        f"{name.removeprefix('attributes.')} {values.get(name.removeprefix('attributes.'), '-')}" for name in fields
    ]
    title = source["title"] if len(source["title"]) <= 44 else source["title"][:43] + "…"
    return f"`{hit['_id']}` {title}{'; ' if shown else ''}{', '.join(shown)}".replace("|", "/")


class _States:
    """States in memory."""

    def __init__(self) -> None:
        self._kept: dict[bytes, bytes] = {}

    def get(self, keys: Any) -> list[bytes | None]:
        return [self._kept.get(key) for key in keys]

    def put(self, items: Any) -> None:
        self._kept.update(items)


def main() -> int:
    """Write the page, or check it."""
    page = PAGE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as home:
        os.environ["ENDCAP_HOME"] = home
        made = filled(page)
    if "--check" in sys.argv:
        print("as it should be" if made == page else "differs")
        return int(made != page)
    PAGE.write_text(made, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

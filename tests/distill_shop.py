"""A small shop with judgments and a log, for the tests of generated queries and pairs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.work.folder import Work

BRANDS = ("Norvik", "Aurelo", "Kestravo", "Grumbold")
THINGS = {
    "desk lamp": ("Lamps", "with dimmer", "8 W"),
    "kettle": ("Kettles", "with filter", "1.7 l"),
    "frying pan": ("Pans", "with lid", "28 cm"),
    "phone case": ("Phone Cases", "for Pulse 3", "6.1 inch"),
    "water bottle": ("Bottles", "with straw", "0.75 l"),
}
COLOURS = ("red", "blue", "black")


def products() -> list[dict[str, Any]]:
    """Sixty products: five things of four brands in three colours."""
    made = []
    for t, (thing, (category, extra, amount)) in enumerate(THINGS.items()):
        for b, brand in enumerate(BRANDS):
            for c, colour in enumerate(COLOURS):
                with_extra = f" {extra}" if (b + c) % 2 else ""
                line = "Vela" if b % 2 else "Zephyr"
                made.append(
                    {
                        "id": f"p{t}{b}{c}",
                        "title": f"{brand} {line} {thing}{with_extra}, {amount}, {colour} KX-{t}{b}{c}0",
                        "brand": brand,
                        "category": f"Home > {category}",
                        "attributes": {"colour": colour, "dishwasher safe": "yes" if c else "no"},
                    }
                )
    return made


JUDGED = (
    "desk lamp red", "kettle", "norvik kettle", "blue frying pan", "phone case", "water bottle with straw",
    "aurelo pan", "kx-1200", "frying pan 28 cm", "lamp without dimmer", "bottles", "grumbold", "case for pulse 3",
    "black kettle 1.7 l", "kestravo desk lamp blue", "red bottle",
)  # fmt: skip


def write(
    folder: Path,
    *,
    settings: str = "",
    catalogue: Sequence[Mapping[str, Any]] | None = None,
    judged: Iterable[str] = JUDGED,
    log: str | None = None,
    extra: str = "",
) -> Path:
    """A recipe with its files; ``settings`` are lines of its tables, ``extra`` more tables."""
    folder.mkdir(parents=True, exist_ok=True)
    shelf = list(products() if catalogue is None else catalogue)
    (folder / "products.jsonl").write_text("".join(json.dumps(each) + "\n" for each in shelf), encoding="utf-8")
    with (folder / "ratings.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["query", "docid", "rating"])
        for q, query in enumerate(judged):
            rows.writerows([query, each["id"], (n + q) % 4] for n, each in enumerate(shelf[:4]))
    if log is not None:
        (folder / "log.csv").write_text(log, encoding="utf-8")
    text = f"""
name = "small"
base = "none"
license = "MIT"
seed = 3
{settings}
[[shops]]
name = "small"
catalogue = "products.jsonl"
judgments = "ratings.csv"
{'query_log = "log.csv"' if log is not None else ""}
{extra}
"""
    (folder / "recipe.toml").write_text(text, encoding="utf-8")
    return folder / "recipe.toml"


def ran(path: Path, *stages: str) -> tuple[Recipe, Work]:
    """The recipe and the work folder after these stages."""
    recipe, work = read_recipe(path, path.parent), Work(path.parent / "work")
    run_stages(recipe, work, list(stages))
    return recipe, work

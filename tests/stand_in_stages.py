"""Quick stages for the tests of the pipeline: each writes what it was given, the real split stage aside.

What such a stage writes depends on all that it may depend on, and on nothing else: what is stale shows in it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.stage import Stage, stages
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work, checksums, digest
from endcap.progress import Watch

PARTS = 5
"""Files that a stage writes one after the other; those that are there are not written again."""

QUERIES = "kettle shoe cable lamp chair phone jacket mug blanket tent radio pillow drill globe violin".split()  # noqa: SIM905


def install(put: Callable[[str, Any], object], pause_s: float = 0.0, ran: list[str] | None = None) -> None:
    """Put quick stages in place of the real ones, by ``put(module's name, module)``; ``ran`` notes what runs."""
    for stage in list(stages().values())[1:]:
        module = ModuleType(f"endcap.distill.stages.{stage.name}.run")
        module.run = _run(stage, pause_s, ran)  # type: ignore[attr-defined]
        put(module.__name__, module)


def _run(stage: Stage, pause_s: float, ran: list[str] | None) -> Callable[[Recipe, Work, Watch], None]:
    def run(recipe: Recipe, work: Work, watch: Watch) -> None:
        if ran is not None:
            ran.append(stage.name)
        given = {name: checksums(work.stage(name)) for name in stage.needs}
        said = digest([stage.settings(recipe), [path.read_bytes().hex() for path in stage.files(recipe)], given])
        for part in range(PARTS):
            path = work.stage(stage.name) / "parts" / f"{part}.json"
            if not path.exists():
                time.sleep(pause_s)
                write_json(path, [said, part])

    return run


def write_shop(
    folder: Path, grades: Iterable[tuple[str, str, object]] = (), products: int = 12, more: str = ""
) -> Path:
    """A shop's catalogue, judgments (of 15 queries, where no ``grades`` are given) and recipe; the recipe's path."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [f'{{"id": "p{i}", "title": "Thing {i}"}}\n' for i in range(products)]
    (folder / "products.jsonl").write_text("".join(lines))
    told = list(grades) or [(query, f"p{i}", (n + i) % 4) for n, query in enumerate(QUERIES) for i in range(6)]
    rows = [f"{query},{product},{grade}\n" for query, product, grade in told]
    (folder / "ratings.csv").write_text("query,docid,rating\n" + "".join(rows))
    recipe = folder / "shop.toml"
    recipe.write_text(
        'name = "shop"\nbase = "none"\nlicense = "none"\n[[shops]]\nname = "s"\ncatalogue = "products.jsonl"\n'
        f'judgments = "ratings.csv"\n{more}'
    )
    return recipe


if __name__ == "__main__":
    recipe, folder, pause = sys.argv[1:]
    install(sys.modules.__setitem__, float(pause))
    run_stages(read_recipe(recipe), Work(Path(folder)), say=lambda text: print(text, flush=True))

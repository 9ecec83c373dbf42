"""What the tests of the pipeline share: a run of its stages, and what they have written."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.pipeline import run_stages
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.stage import stages
from endcap.distill.work.folder import Work, checksums

ALL = list(stages())


def run(recipe: Path, folder: Path, names: list[str] | None = None) -> list[str]:
    return run_stages(read_recipe(recipe), Work(folder), names)


def outputs(folder: Path) -> dict[str, dict[str, str]]:
    return {name: dict(checksums(folder / name)) for name in ALL}

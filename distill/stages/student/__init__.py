"""Trains the student."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.recipe.settings import STUDENT_PARTS, Recipe
from endcap.distill.stages.stage import Stage


def _base(recipe: Recipe) -> list[Path]:
    """A base that is a folder here: what is in it counts, not its name alone."""
    return [Path(recipe.base)] if Path(recipe.base).is_dir() else []


STAGE = Stage(
    name="student",
    does="Train the student",
    help="Train the student on labels and judgments.",
    needs=("split", "labels"),
    reads=(*STUDENT_PARTS, "teacher"),
    files=_base,
)

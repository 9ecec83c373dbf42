"""Trains the student."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from endcap.distill.recipe.settings import STUDENT_PARTS, Recipe
from endcap.distill.stages.stage import Stage

if TYPE_CHECKING:
    from endcap.distill.work.folder import Work


def _base(recipe: Recipe) -> list[Path]:
    """A base that is a folder here: what is in it counts, not its name alone."""
    return [Path(recipe.base)] if Path(recipe.base).is_dir() else []


def _shipped(recipe: Recipe, work: Work) -> dict[str, str]:
    from endcap.distill.export.bases import base_content

    return dict(base_content(recipe.base))


STAGE = Stage(
    name="student",
    does="Train the student",
    help="Train the student on labels and judgments.",
    needs=("split", "labels"),
    reads=(*STUDENT_PARTS, "teacher"),
    files=_base,
    outside=_shipped,
)

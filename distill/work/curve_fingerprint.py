"""What a curve is drawn from, as a fingerprint: a model's lineage takes no points of another."""

from __future__ import annotations

import dataclasses

from endcap.distill.recipe.settings import STUDENT_PARTS, Recipe
from endcap.distill.work.folder import Work, digest

CURVE = "curve"
"""The curve's folder in the work folder."""
VERSION = 1


def curve_fingerprint(recipe: Recipe, work: Work) -> str:
    """A hash of all that decides the curve's points, beside their amounts and seeds."""
    parts = dataclasses.asdict(recipe)
    read = {name: parts[name] for name in STUDENT_PARTS}
    student = {name: value for name, value in read["student"].items() if name not in ("seeds", "average_seeds")}
    stages = {name: work.result(name) for name in ("split", "teacher", "labels")}
    settings = [read | {"student": student}, parts["teacher"]["smoothing"]]
    return digest([VERSION, *settings, recipe.curve.least_steps, recipe.curve.test_queries, stages])

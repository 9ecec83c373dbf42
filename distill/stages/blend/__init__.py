"""Learns the blend of student and engine."""

from __future__ import annotations

from endcap.distill.recipe.settings import STUDENT_PARTS
from endcap.distill.stages.stage import Stage

STAGE = Stage(
    name="blend",
    does="Learn the blend",
    help="Learn the blend of student and engine.",
    needs=("split", "labels", "export"),
    reads=("blend", "shops", "blend_weight", "window", "teacher", *STUDENT_PARTS),
    version=6,
    files=lambda recipe: recipe.bodies(),
    outside=lambda recipe, work: recipe.searched_by(),
)

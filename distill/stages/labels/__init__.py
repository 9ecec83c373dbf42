"""Lets the teacher label the pairs."""

from __future__ import annotations

from endcap.distill.stages.stage import Stage

STAGE = Stage(
    name="labels",
    does="Let the teacher label the pairs",
    help="Let the teacher label the generated pairs.",
    needs=("split", "queries", "pairs", "teacher"),
    reads=("labels", "seed"),
    version=6,
    idle=lambda recipe: not recipe.teacher.members and not recipe.labels.count,
)

"""Finds candidate products for each generated query."""

from __future__ import annotations

from endcap.distill.stages.stage import Stage

STAGE = Stage(
    name="pairs",
    does="Find candidate products for each query",
    help="Find candidate products for each generated query.",
    needs=("split", "queries"),
    reads=("pairs", "labels", "seed"),
    version=4,
    # Whether grades are to be known by construction, and nothing else of the labels.
    excerpts=lambda recipe: {"labels": bool(recipe.labels.known_share)},
    files=lambda recipe: recipe.bodies(),
    outside=lambda recipe, work: recipe.searched_by(),
    idle=lambda recipe: not recipe.queries.count,
)

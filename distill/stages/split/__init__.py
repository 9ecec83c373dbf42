"""Splits judged queries into train, dev and test."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage


def _sources(recipe: Recipe) -> list[Path]:
    names = [
        name for shop in recipe.shops for name in (shop.catalogue, shop.judgments, *shop.more_judgments, *shop.votes)
    ]
    names += [name for pairs in recipe.judged_pairs for name in (pairs.catalogue, pairs.judgments)]
    names.append(recipe.split.test_queries)
    return [recipe.path(name) for name in names if name]


STAGE = Stage(
    name="split",
    does="Split judged queries into train, dev and test",
    help="Split judged queries into train, dev and test.",
    needs=(),
    reads=("shops", "judged_pairs", "split", "seed"),
    version=4,
    files=_sources,
)

"""Generates queries for each shop."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage


def _llm(recipe: Recipe) -> dict[str, object]:
    """What of ``llm`` decides its answers: a raised cap, or another address of the model, writes no new queries."""
    names = ("model", "prompt", "max_tokens", "extra") if "llm" in recipe.queries.sources else ()
    return {"llm": {name: getattr(recipe.llm, name) for name in names}}


def _logs(recipe: Recipe) -> list[Path]:
    return [recipe.path(shop.query_log) for shop in recipe.shops if shop.query_log]


STAGE = Stage(
    name="queries",
    does="Generate queries",
    help="Generate queries from logs, from the catalogue, and from an LLM.",
    needs=("split",),
    reads=("queries", "llm", "seed", "shops"),
    version=4,
    excerpts=_llm,
    files=_logs,
    idle=lambda recipe: not recipe.queries.count,
)

"""Trains the teacher on judged products."""

from __future__ import annotations

from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage
from endcap.distill.teacher.member_classes import asks_llm


def _excerpts(recipe: Recipe) -> dict[str, object]:
    """What of ``llm`` decides its answers: a raised cap, or another address of the model, trains nothing anew.

    What the student reads is nothing to a teacher with a text of its own.
    """
    names = ("model", "prompt", "max_tokens", "samples", "logprobs", "extra", "min_kappa")
    excerpts: dict[str, object] = {
        "llm": {name: getattr(recipe.llm, name) for name in names} if asks_llm(recipe.teacher) else {}
    }
    return excerpts if recipe.teacher.text is None else excerpts | {"text": None}


def _bases(recipe: Recipe) -> list[Path]:
    bases = dict.fromkeys(member.base for member in recipe.teacher.members if member.base)
    return [Path(base) for base in bases if Path(base).is_dir()]


STAGE = Stage(
    name="teacher",
    does="Train the teacher on judged products",
    help="Train the teacher on judged products.",
    needs=("split",),
    reads=("teacher", "text", "seed", "llm"),
    version=4,
    excerpts=_excerpts,
    files=_bases,
    idle=lambda recipe: not recipe.teacher.members,
)

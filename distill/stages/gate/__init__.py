"""Compares the candidate with its fp32 and with the model in use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.stage import Stage

if TYPE_CHECKING:
    from endcap.distill.work.folder import Work


def _model_in_use(recipe: Recipe, work: Work) -> dict[str, str]:
    from endcap.distill.gate.baseline import baseline_fingerprint

    return baseline_fingerprint(recipe, work) | recipe.searched_by()


def _refusal(work: Work) -> str:
    from endcap.distill.gate.refusal import refusal
    from endcap.distill.work.files import read_record

    return refusal(read_record(work.stage("gate") / "gate.json"), work.stage("gate") / "gate.txt")


STAGE = Stage(
    name="gate",
    does="Compare with fp32 and with the model in use",
    help="Compare the candidate with its fp32 and with the model in use.",
    needs=("split", "export", "blend"),
    reads=("gate", "name"),
    files=lambda recipe: recipe.bodies(),
    version=2,
    outside=_model_in_use,
    refusal=_refusal,
)

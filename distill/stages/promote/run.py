"""Puts the candidate into use, if it passed the gate: with its history in ``model.json`` and its card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap.distill.export.latency import measure_latency
from endcap.distill.export.lineage import lineage
from endcap.distill.export.model_copy import model_copy
from endcap.distill.gate.baseline import CANDIDATE
from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.gate.run import refuse
from endcap.distill.work.files import read_json, write_json
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.plugin.model.folder import identity, read_model
from endcap.plugin.model.registry import promote
from endcap.progress import Watch


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Promote the candidate under the recipe's name; write ``model/``, the folder as promoted, and ``promoted.json``.

    Raises ``GateRefused`` where the gate has refused it, ``InputError`` where the gate's verdict is of another model.
    There is no way around the gate here: who has a reason to pass it promotes by hand (``endcap models promote``).
    """
    folder, gate = work.stage("promote"), work.stage("gate")
    report = read_json(gate / "gate.json")
    refuse(report, gate / "gate.txt")
    candidate = read_model(work.stage(CANDIDATE[0]) / CANDIDATE[1])
    if identity(candidate.raw) != report["candidate"]["identity"]:
        raise InputError(
            f"The verdict in {gate} is of another model than {candidate.folder}. Run `endcap distill gate`."
        )
    with watch("Promoting", 3) as advance:
        history = lineage(work, recipe) | {"gate": report, "latency": measure_latency(candidate)}
        advance(1)
        model_copy(candidate.folder, folder / "model", lineage=history)
        advance(2)
        promoted = promote(folder / "model", recipe.name, _reason(report))
        advance(3)
    write_json(folder / "promoted.json", {"name": recipe.name, "version": promoted.name})


def _reason(report: Mapping[str, Any]) -> str:
    """Why a candidate was promoted, in one line."""
    checks = "; ".join(f"{check['name']} {check['mean']:+.4f} ({check['verdict']})" for check in report["checks"])
    queries = f"{sum(report['queries'].values())} {report['part']} queries"
    return f"passed the gate on {queries}: {checks or 'nothing to compare'}"

"""The model that a candidate has to hold its own against."""

from __future__ import annotations

import json
from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.work.files import read_record
from endcap.distill.work.folder import Work
from endcap.errors import InputError, ModelError
from endcap.plugin.model.folder import default_folder, identity
from endcap.plugin.model.registry import current_folder, resolve
from endcap.plugin.model.registry_files import read_pointer

CURRENT = "current"
CANDIDATE = ("blend", "model")


def gate_baseline(recipe: Recipe) -> Path:
    """The folder that ``gate.against`` means.

    ``current`` is what is promoted under the recipe's name, or, where nothing is yet, the model that comes with endcap;
    else a folder or a registry word. Raises ``InputError`` where it is neither.
    """
    against = recipe.gate.against
    if against == CURRENT:
        return current_folder(recipe.name) if read_pointer(recipe.name) is not None else default_folder()
    if recipe.path(against).is_dir():
        return recipe.path(against)
    return resolve(against)


def baseline_fingerprint(recipe: Recipe, work: Work) -> dict[str, str]:
    """What the gate's verdict rests on outside of the work folder: the identity of the model in use.

    Where that is the candidate itself, which the gate has let through, it is the model that it was compared with:
    having been promoted is no reason to measure again.
    """
    try:
        baseline = identity(json.loads((gate_baseline(recipe) / "model.json").read_bytes()))
    except (InputError, ModelError, OSError, ValueError):
        return {}  # said when the gate is run
    report = read_record(work.stage("gate") / "gate.json")
    candidate = read_record(work.stage(CANDIDATE[0]) / CANDIDATE[1] / "model.json")
    try:
        if candidate and baseline == identity(candidate) == report["candidate"]["identity"]:
            baseline = str(report["against"]["identity"])
    except (KeyError, TypeError):
        pass
    return {"the model in use": baseline}

"""Several evaluations as one statement: the per-query differences of their JSON reports, combined."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.evaluate.results import SCHEMA
from endcap.evaluate.significance import Difference, combine, query_differences


def combine_reports(
    reports: Sequence[Path], *, setting: str, better: str, base: str, measure: str = "nDCG@10", seed: int = 0
) -> Difference:
    """What separates two systems over all queries of several data sets, from the JSON that each evaluation wrote.

    ``setting`` is ``pool`` or ``end-to-end``, ``better`` and ``base`` are names of systems (``engine``, ``cosine``,
    ``student``, ``blend``). Raises InputError where a report can't be read or lacks what is asked for.
    """
    differences = {str(path): _differences(path, setting, better, base, measure) for path in reports}
    return combine(differences, names=(better, base), measure=measure, seed=seed)


def _differences(path: Path, setting: str, better: str, base: str, measure: str) -> Any:
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
        schema = report["schema"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is not an evaluation's JSON: {error}. Write it with 'endcap evaluate --json'."
        ) from error
    if schema != SCHEMA:
        raise InputError(f"{path} has schema {schema!r}; this endcap reads {SCHEMA}. Evaluate again.")
    part = next((part for part in report["settings"] if part["name"] == setting), None)
    if part is None:
        raise InputError(f"{path} has no setting {setting!r}.")
    values = {system["name"]: system["values"] for system in part["systems"]}
    for name in (better, base):
        if measure not in values.get(name, {}):
            raise InputError(f"{path} has no {measure} of {name!r}; its systems are {', '.join(values)}.")
    return query_differences(values[better][measure], values[base][measure])

"""Where a model comes from, out of the records that the stages left: ``lineage`` of ``model.json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from endcap import __version__
from endcap.distill.recipe.settings import JudgedPairsRecipe, Recipe, ShopRecipe
from endcap.distill.stages.stage import stages
from endcap.distill.work.curve_fingerprint import CURVE, curve_fingerprint
from endcap.distill.work.files import read_json, read_table
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.errors import InputError
from endcap.index.datasets.sources import DATASETS

AFTER = ("gate", "promote")
"""Stages that make nothing of the model: the gate's verdict is told beside the lineage."""


def lineage(work: Work, recipe: Recipe) -> dict[str, Any]:
    """What the stages that are there say, JSON-ready; ``docs/model-folder.md`` has the layout.

    A stage that was not run, or left no record, has no part.
    """
    told = {
        "endcap": __version__,
        "stages": {name: result for name in stages() if name not in AFTER and (result := work.result(name))},
        "licenses": licenses(recipe),
        "data": _data(work, recipe),
        "queries": _queries(work),
        "pairs": _whole(work, "pairs", "pairs.json"),
        "teacher": _teacher(work),
        "labels": _labels(work),
        "student": _student(work),
        "parity": _whole(work, "export", "parity.json"),
        "blend": _blend(work),
        "curve": _curve(work, recipe),
    }
    return {name: part for name, part in told.items() if part}


def licenses(recipe: Recipe) -> dict[str, str]:
    """The licences of all that went in: base, teachers' bases, and data.

    Those of data are the recipe's ``licenses``, or what is known of a public data set whose folder the recipe names.
    """
    found = {f"base {recipe.base}": recipe.license}
    found |= {f"teacher {m.base}": m.license or "not said" for m in recipe.teacher.members if m.base}
    sources: tuple[ShopRecipe | JudgedPairsRecipe, ...] = (*recipe.shops, *recipe.judged_pairs)
    for source in sources:
        said = recipe.licenses.get(source.name) or _known(source.catalogue) or _known(source.judgments)
        found[f"data {source.name}"] = said or "not said"
    return found


def _known(path: str) -> str:
    parts = Path(path).parts
    return next((each.licence for name, each in DATASETS.items() if name in parts), "")


def _data(work: Work, recipe: Recipe) -> Any:
    try:
        data = read_data(work)
    except InputError:
        return None
    sources = work.record("split")[0].get("made_of", {}).get("files", {})
    told: dict[str, Any] = {}
    for name, products in data.products.items():
        judged = [each for each in (*data.judged, *data.pairs) if each.shop == name]
        told[name] = {
            "products": len(products),
            "queries": dict(Counter(each.part for each in judged)),
            "judgments": {
                part: sum(len(each.grades) for each in judged if each.part == part)
                for part in sorted({each.part for each in judged})
            },
        }
    refused = read_table(work.stage("split") / "refused.parquet")
    return {"shops": told, "sources": sources, "refused_queries": len(refused)}


def _queries(work: Work) -> Any:
    said = _whole(work, "queries", "queries.json")
    if not said or not said.get("queries"):
        return None
    rows = read_table(work.stage("queries") / "queries.parquet", ["shop", "source", "kind"])
    return {
        "queries": len(rows),
        "sources": dict(Counter(row["source"] for row in rows)),
        "kinds": dict(Counter(row["kind"] for row in rows)),
        "shops": dict(Counter(row["shop"] for row in rows)),
    }


def _teacher(work: Work) -> Any:
    said = _whole(work, "teacher", "teacher.json")
    if not said or not said.get("members"):
        return None
    members = [{key: each[key] for key in ("name", "base", "license") if key in each} for each in said["members"]]
    kept = ("folds", "temperature", "calibrated_on", "ece", "nDCG@10", "queries", "pairs")
    return {"members": members, **{key: said[key] for key in kept if key in said}}


def _labels(work: Work) -> Any:
    said = _whole(work, "labels", "labels.json")
    if not said:
        return None
    parts = {name: _some(said.get(name), ("pairs", "queries", "queries_with")) for name in ("judged", "generated")}
    return {name: part for name, part in parts.items() if part and part.get("pairs")}


def _student(work: Work) -> Any:
    said = _whole(work, "student", "training.json")
    if not said:
        return None
    courses = {
        seed: _some(course, ("steps", "best_step", "dev", "skipped", "seconds"))
        for seed, course in (said.get("courses") or {}).items()
    }
    return {**{name: part for name, part in said.items() if name != "courses"}, "courses": courses}


def _blend(work: Work) -> Any:
    said = _whole(work, "blend", "blend.json")
    return said if said and len(str(said)) < 20_000 else None


def _curve(work: Work, recipe: Recipe) -> Any:
    """The curve's points, where it was drawn from these labels: it is no stage, but tells what the pairs were worth."""
    said = _whole(work, CURVE, "curve.json")
    if not said or work.record(CURVE)[0].get("fingerprint") != curve_fingerprint(recipe, work):
        return None
    return _some(said, ("measure", "queries", "lines", "points", "answers"))


def _some(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record} if isinstance(record, Mapping) else {}


def _whole(work: Work, stage: str, name: str) -> Any:
    try:
        return read_json(work.stage(stage) / name)
    except InputError:
        return None

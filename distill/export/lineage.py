"""Where a model comes from, out of the records that the stages left: ``lineage`` of ``model.json``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from endcap import __version__
from endcap.distill.export.bases import base_licenses, base_name
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import JudgedPairsRecipe, ShopRecipe
from endcap.distill.stages.stage import stages
from endcap.distill.work.curve_fingerprint import CURVE, curve_fingerprint
from endcap.distill.work.files import read_record, read_rows
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
    parts = {
        "endcap": __version__,
        "stages": {
            name: result
            for name, stage in stages().items()
            if name not in AFTER and not stage.idle(recipe) and (result := work.result(name))
        },
        "licenses": licenses(recipe),
        "data": _data(work, recipe),
        "queries": _queries(work),
        "pairs": read_record(work.stage("pairs") / "pairs.json"),
        "teacher": _teacher(work),
        "labels": _labels(work),
        "student": _student(work),
        "parity": read_record(work.stage("export") / "parity.json"),
        "blend": _blend(work),
        "curve": _curve(work, recipe),
    }
    return {name: part for name, part in parts.items() if part}


def licenses(recipe: Recipe) -> dict[str, str]:
    """The licences of all that went in: base, teachers' bases, and data.

    Those of data are the recipe's ``licenses``, or what is known of a public data set whose folder the recipe names.
    """
    licenses = {f"base {base_name(recipe.base)}": recipe.license, **base_licenses(recipe.base)}
    licenses |= {f"teacher {m.base}": m.license or "not said" for m in recipe.teacher.members if m.base}
    sources: tuple[ShopRecipe | JudgedPairsRecipe, ...] = (*recipe.shops, *recipe.judged_pairs)
    for source in sources:
        known = recipe.licenses.get(source.name) or _public_license(source.catalogue)
        licenses[f"data {source.name}"] = known or _public_license(source.judgments) or "not said"
    return licenses


def _public_license(path: str) -> str:
    """The licence of the public data set whose folder a path names; empty where it names none."""
    parts = Path(path).parts
    return next((dataset.licence for name, dataset in DATASETS.items() if name in parts), "")


def _data(work: Work, recipe: Recipe) -> Any:
    try:
        data = read_data(work)
    except InputError:
        return None
    sources = work.record("split")[0].get("made_of", {}).get("files", {})
    shops: dict[str, Any] = {}
    for name, products in data.products.items():
        judged = [query for query in (*data.judged, *data.pairs) if query.shop == name]
        shops[name] = {
            "products": len(products),
            "queries": dict(Counter(query.part for query in judged)),
            "judgments": {
                part: sum(len(query.grades) for query in judged if query.part == part)
                for part in sorted({query.part for query in judged})
            },
        }
    refused = read_rows(work.stage("split") / "refused.parquet")
    return {"shops": shops, "sources": sources, "refused_queries": len(refused)}


def _queries(work: Work) -> Any:
    if not read_record(work.stage("queries") / "queries.json").get("queries"):
        return None
    rows = read_rows(work.stage("queries") / "queries.parquet", ["shop", "source", "kind"])
    return {
        "queries": len(rows),
        "sources": dict(Counter(row["source"] for row in rows)),
        "kinds": dict(Counter(row["kind"] for row in rows)),
        "shops": dict(Counter(row["shop"] for row in rows)),
    }


def _teacher(work: Work) -> Any:
    record = read_record(work.stage("teacher") / "teacher.json")
    if not record.get("members"):
        return None
    members = [_part(member, ("name", "base", "license")) for member in record["members"]]
    names = ("folds", "temperature", "calibrated_on", "ece", "nDCG@10", "queries", "pairs")
    return {"members": members, **_part(record, names)}


def _labels(work: Work) -> Any:
    record = read_record(work.stage("labels") / "labels.json")
    parts = {name: _part(record.get(name), ("pairs", "queries", "queries_with")) for name in ("judged", "generated")}
    return {name: part for name, part in parts.items() if part.get("pairs")}


def _student(work: Work) -> Any:
    record = read_record(work.stage("student") / "training.json")
    if not record:
        return None
    courses = {
        seed: _part(course, ("steps", "best_step", "dev", "skipped", "seconds"))
        for seed, course in (record.get("courses") or {}).items()
    }
    return {**{name: part for name, part in record.items() if name != "courses"}, "courses": courses}


def _blend(work: Work) -> Any:
    record = read_record(work.stage("blend") / "blend.json")
    return record if len(str(record)) < 20_000 else None


def _curve(work: Work, recipe: Recipe) -> Any:
    """The curve's points, where it was drawn from these labels: it is no stage, but tells what the pairs were worth."""
    record = read_record(work.stage(CURVE) / "curve.json")
    if not record or work.record(CURVE)[0].get("fingerprint") != curve_fingerprint(recipe, work):
        return None
    return _part(record, ("measure", "queries", "lines", "points", "answers"))


def _part(record: Any, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: record[name] for name in names if name in record} if isinstance(record, Mapping) else {}

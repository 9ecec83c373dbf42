"""Compares the candidate with its fp32 and with the model in use on judged queries, and refuses what lost too much."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from endcap.distill.data import DEV, TEST, JudgedQuery, read_data
from endcap.distill.files import read_json, write_json, write_whole
from endcap.distill.gate_report import say
from endcap.distill.in_use import CANDIDATE, in_use
from endcap.distill.recipe import Recipe
from endcap.distill.stages.pairs import loaded
from endcap.distill.work import CACHE, Work
from endcap.errors import GateRefused, InputError
from endcap.evaluate.model_report import check_json, model_json
from endcap.evaluate.non_inferiority import judge
from endcap.evaluate.significance import paired
from endcap.evaluate.systems import Shop, StudentWithStates, Watch
from endcap.evaluate.two_models import MEASURE, Pair, blended, in_pool
from endcap.plugin.identity import identity
from endcap.plugin.model import ModelInfo, read_model
from endcap.plugin.smoke import check_student, smoke_scores
from endcap.plugin.states import StateStore
from endcap.plugin.student import Student

SCHEMA = 1
Compare = Callable[[Shop, Mapping[str, Mapping[str, int]], StudentWithStates, StudentWithStates, Watch], Pair | None]


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``gate.json`` and ``gate.txt``. Raises ``GateRefused`` where the candidate lost more than it may.

    Test queries decide, or dev queries where the recipe keeps none for testing. A verdict that is there already (the
    stage is run again under the same fingerprint) is not measured again. Raises ``InputError`` where nothing is judged.
    """
    folder = work.stage("gate")
    if not (folder / "gate.json").exists():
        told = _measured(recipe, work, watch)
        text = say(told)
        write_whole(folder / "gate.txt", lambda file: file.write(text.encode("utf-8", "surrogatepass")))
        write_json(folder / "gate.json", told)
    refuse(read_json(folder / "gate.json"), folder / "gate.txt")


def refuse(told: Mapping[str, Any], report: Path) -> None:
    """Raise ``GateRefused`` where a verdict (``gate.json``) is that."""
    lost = [check for check in told["checks"] if not check["passed"]]
    if lost:
        said = "; ".join(
            f"{check['name']}: {MEASURE} {check['mean']:+.4f} over {check['queries']} queries "
            f"(it may lose {check['margin']:g})"
            for check in lost
        )
        raise GateRefused(f"The gate refuses {told['candidate']['name']}: {said}. The worst queries are in {report}.")


def _measured(recipe: Recipe, work: Work, watch: Watch) -> dict[str, Any]:
    candidate = read_model(work.stage(CANDIDATE[0]) / CANDIDATE[1])
    full, old = read_model(work.stage("export") / "fp32"), read_model(in_use(recipe))
    student = Student(candidate)
    check_student(student)
    part, shops = _judged(recipe, work, watch)
    warnings, checks = list[str](), list[dict[str, Any]]()
    if part == DEV:
        warnings.append("no judged query is kept for testing (split.test): dev queries decide, which the training saw")
    with closing(StateStore.open(work.stage("gate") / CACHE / "states")) as states:

        def check(name: str, compare: Compare, other: ModelInfo, margin: float) -> None:
            new_one, old_one = StudentWithStates(student, states), StudentWithStates(Student(other), states)
            pairs = {shop: compare(of, grades, new_one, old_one, watch) for shop, (of, grades) in shops.items()}
            found = {shop: pair for shop, pair in pairs.items() if pair is not None}
            if not found:
                raise InputError(
                    f"The gate can't compare anything: no {part} query has both good and bad judged products. "
                    "Judge more queries, or raise split.test or split.dev."
                )
            differences = {shop: paired(pair.new.values, pair.old.values) for shop, pair in found.items()}
            names = (candidate.name, other.name)
            checks.append(check_json(name, judge(differences, names, MEASURE, margin), found))

        if full.checksum != candidate.checksum:
            check("as exported, against fp32, judged pool", in_pool, full, recipe.gate.margin_int8)
        if identity(old.raw) == identity(candidate.raw):
            warnings.append("the candidate is the model in use already: there is nothing else to compare it with")
        else:
            check("against the model in use, judged pool", in_pool, old, recipe.gate.margin)
            check("against the model in use, end to end", blended, old, recipe.gate.margin)
    return {
        "schema": SCHEMA,
        "passed": all(check["passed"] for check in checks),
        "measure": MEASURE,
        "part": part,
        "queries": {shop: len(grades) for shop, (_, grades) in shops.items()},
        "candidate": model_json(candidate),
        "against": model_json(old),
        "checks": checks,
        "warnings": warnings,
        "smoke": smoke_scores(student),
    }


def _judged(
    recipe: Recipe, work: Work, watch: Watch
) -> tuple[str, dict[str, tuple[Shop, dict[str, Mapping[str, int]]]]]:
    """The part that decides; by shop, its catalogue in the embedded engine and the queries' grades."""
    data = read_data(work)
    part = TEST if data.part(TEST) else DEV
    judged: Sequence[JudgedQuery] = data.part(part)
    if not judged:
        raise InputError(
            "The gate has no judged queries: neither test nor dev has any. Raise split.test or split.dev, or judge "
            "more queries."
        )
    by_shop: dict[str, dict[str, Mapping[str, int]]] = {}
    for each in judged:
        by_shop.setdefault(each.shop, {})[each.query] = each.grades
    cache = work.stage("gate") / CACHE
    return part, {shop: (Shop(loaded(data.products[shop], cache, watch)), grades) for shop, grades in by_shop.items()}

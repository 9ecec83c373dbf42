"""Compares the candidate with its fp32 and with the model in use on judged queries, and refuses what lost too much."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from endcap.distill.gate.baseline import CANDIDATE, gate_baseline
from endcap.distill.gate.cross_validated_values import kept_values, values_to_keep, with_kept
from endcap.distill.gate.figures import pool_values, table, window_values
from endcap.distill.gate.refusal import refusal
from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.blend.run import FOLDS
from endcap.distill.work.files import read_json, write_json, write_stage_text
from endcap.distill.work.folder import CACHE, Work
from endcap.distill.work.records import DEV, TEST, TRAIN, Data, JudgedQuery, read_data
from endcap.distill.work.searched_shop import searched_shop
from endcap.errors import GateRefused, InputError
from endcap.evaluate.non_inferiority import fitting_margin, non_inferiority_verdict
from endcap.evaluate.open_catalogue import Opened
from endcap.evaluate.report.figures import figure_lines
from endcap.evaluate.report.two_models import check_json, check_lines, model_json
from endcap.evaluate.significance import query_differences
from endcap.evaluate.systems import StudentWithStates
from endcap.evaluate.two_models import MEASURE, Pair, blended_pair, joined_pair, pool_pair
from endcap.plugin.model.folder import ModelInfo, identity, read_model
from endcap.plugin.model.smoke_test import check_student, smoke_scores
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch

SCHEMA = 1
BY_FOLDS = "train (by folds)"
PARTS = {
    DEV: "no judged query is kept for testing (split.test): dev queries decide, which the training saw",
    BY_FOLDS: "no judged query is kept for testing (split.test): each train query is measured with "
    "what the recipe makes without its fold, a student of one seed and less data than the candidate's",
}
"""What is said of queries that are no test queries."""
POOL, END_TO_END = "against the model in use, judged pool", "against the model in use, end to end"
TABLES = {POOL: "judged pool", END_TO_END: "end to end"}
Compare = Callable[
    [Opened, Mapping[str, Mapping[str, float]], StudentWithStates, StudentWithStates, Watch], Pair | None
]


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``gate.json`` and ``gate.txt``, ``figures.json`` and ``figures.md`` (beside the engine and hybrid search).

    Raises ``GateRefused`` where the candidate lost more than it may.

    Test queries decide; where the recipe keeps none for testing, train queries by folds, if the blend was cross-fitted,
    else dev queries. A verdict that is there already (the stage is run again under the same fingerprint) is not
    measured again. Raises ``InputError`` where nothing is judged.
    """
    folder = work.stage("gate")
    if not (folder / "gate.json").exists():
        report = _report(recipe, work, watch)
        write_json(folder / "figures.json", report["figures"])
        write_stage_text(folder / "figures.md", "\n".join(_figures_told(report)))
        write_stage_text(folder / "gate.txt", "\n".join(_verdict_lines(report)) + "\n")
        write_json(folder / "gate.json", report)
    refuse(read_json(folder / "gate.json"), folder / "gate.txt")


def _verdict_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """``gate.json`` in words."""
    new, old = report["candidate"], report["against"]
    queries = sum(report["queries"].values())
    yield f"{'Passed' if report['passed'] else 'Refused'}: {new['name']} ({new['identity'][:8]})"
    yield f"In use: {old['name']} ({old['identity'][:8]})"
    yield f"Measured on {queries} {report['part']} queries of {', '.join(report['queries'])}"
    for shop, engine in report["searched"].items():
        yield f"{shop} is searched by: {engine}"
    for warning in report["warnings"]:
        yield f"Note: {warning}."
    for check in report["checks"]:
        yield ""
        yield from check_lines(check, report["measure"])


def _figures_told(report: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {report['candidate']['name']} ({report['candidate']['identity'][:8]})"
    yield ""
    yield f"Measured on {report['part']} queries; the model before is {report['against']['name']}."
    yield ""
    yield from figure_lines(report["figures"])


def _beside(
    check: _Check, name: str, opened: Opened, pair: Pair, states: StateStore, watch: Watch
) -> dict[str, dict[str, float]]:
    """What else makes of a shop's queries: the engine, and hybrid search with the student that each is measured by."""
    if check.compare is not _pool:
        return {system: dict(values) for system, values in window_values(opened.shop, pair.grades, watch).items()}
    found: dict[str, dict[str, float]] = {}
    for part in check.parts:
        of_shop = {query.query for query in part.judged if query.shop == name}
        grades = {query: grades for query, grades in pair.grades.items() if query in of_shop}
        if grades:
            for system, values in pool_values(
                opened.shop, grades, StudentWithStates(part.student, states), watch
            ).items():
                found.setdefault(system, {}).update(values)
    return found


def refuse(report: Mapping[str, Any], text: Path) -> None:
    """Raise ``GateRefused`` where the report (``gate.json``) refuses; ``text`` is where it is in words."""
    if sentence := refusal(report, text):
        raise GateRefused(sentence)


@dataclass(frozen=True, slots=True)
class _Part:
    """Queries to measure on, and the student: the candidate, or what the recipe makes without these queries."""

    student: Student
    judged: Sequence[JudgedQuery]


@dataclass(frozen=True, slots=True)
class _Check:
    """What is compared with which other model, on which queries, and what may be lost."""

    name: str
    compare: Compare
    other: ModelInfo
    margin: float
    parts: Sequence[_Part]


def _report(recipe: Recipe, work: Work, watch: Watch) -> dict[str, Any]:
    candidate = read_model(work.stage(CANDIDATE[0]) / CANDIDATE[1])
    full, old = read_model(work.stage("export") / "fp32"), read_model(gate_baseline(recipe))
    student = Student(candidate)
    check_student(student)
    # The queries that decide, and their shops' engines.
    data, cache = read_data(work), work.stage("gate") / CACHE
    part, parts = _parts(work, _of_shops(data, recipe.gate.shops), student)
    counts = Counter(query.shop for queries in parts for query in queries.judged)
    shops = {shop: searched_shop(recipe, shop, data.products[shop], cache, watch) for shop in sorted(counts)}
    # What is compared with what, and the verdicts.
    warnings = [PARTS[part]] if part in PARTS else []
    results, cross_validated = list[dict[str, Any]](), dict[str, dict[str, float]]()
    figures: dict[str, Any] = {"measure": MEASURE}
    checks = list(_checks(recipe, student, full, old, parts))
    if not any(check.other is old for check in checks):
        warnings.append("the candidate is the model in use already: there is nothing else to compare it with")
    with closing(StateStore.open(cache / "states")) as states:
        for check in checks:
            pairs, kept = with_kept(_pairs(check, part, shops, states, watch), kept_values(check.other, check.name))
            if check.name in TABLES:
                beside = {name: _beside(check, name, shops[name], pair, states, watch) for name, pair in pairs.items()}
                figures[TABLES[check.name]] = table(pairs, beside)
            if check.other is old and part == BY_FOLDS:
                cross_validated[check.name] = values_to_keep(pairs)
            warnings += _bias(check, kept, check.other is old and part == BY_FOLDS and _shares_sources(old, work))
            differences = {shop: query_differences(pair.new.values, pair.old.values) for shop, pair in pairs.items()}
            margin = fitting_margin(differences, check.margin, recipe.gate.most)
            verdict = non_inferiority_verdict(differences, (candidate.name, check.other.name), MEASURE, margin)
            results.append(check_json(check.name, verdict, pairs))
    return {
        "schema": SCHEMA,
        "passed": all(check["passed"] for check in results),
        "measure": MEASURE,
        "part": part,
        "queries": dict(sorted(counts.items())),
        "searched": {name: opened.engine for name, opened in shops.items()},
        "candidate": model_json(candidate),
        "against": model_json(old),
        "checks": results,
        "warnings": warnings,
        "unseen": cross_validated,
        "figures": figures,
        "smoke": smoke_scores(student),
    }


def _pool(
    opened: Opened,
    grades: Mapping[str, Mapping[str, float]],
    new: StudentWithStates,
    old: StudentWithStates,
    watch: Watch,
) -> Pair | None:
    return pool_pair(opened.shop, grades, new, old, watch)


def _answered(
    opened: Opened,
    grades: Mapping[str, Mapping[str, float]],
    new: StudentWithStates,
    old: StudentWithStates,
    watch: Watch,
) -> Pair | None:
    """What a shopper sees with each, by all that the shop's index decides."""
    answering = partial(opened.reranker, rules=opened.shop_rules())
    return blended_pair(opened.shop, grades, new, old, watch, answering)


def _checks(
    recipe: Recipe, student: Student, full: ModelInfo, old: ModelInfo, parts: Sequence[_Part]
) -> Iterator[_Check]:
    """int8 beside fp32 by the candidate itself; then, unless it is in use already, beside the model in use."""
    if full.checksum != student.info.checksum:
        everything = [_Part(student, [query for queries in parts for query in queries.judged])]
        yield _Check("as exported, against fp32, judged pool", _pool, full, recipe.gate.margin_int8, everything)
    if identity(old.raw) != identity(student.info.raw):
        yield _Check(POOL, _pool, old, recipe.gate.margin, parts)
        yield _Check(END_TO_END, _answered, old, recipe.gate.margin, parts)


def _pairs(check: _Check, part: str, shops: Mapping[str, Opened], states: StateStore, watch: Watch) -> dict[str, Pair]:
    """What both models make of each shop's queries. Raises ``InputError`` where no query tells orders apart."""
    other, by_shop = StudentWithStates(Student(check.other), states), dict[str, list[Pair | None]]()
    for queries in check.parts:
        new = StudentWithStates(queries.student, states)
        for name, shop in shops.items():
            grades = {query.query: query.grades for query in queries.judged if query.shop == name}
            if grades:
                by_shop.setdefault(name, []).append(check.compare(shop, grades, new, other, watch))
    pairs = {name: joined_pair(shop_pairs) for name, shop_pairs in by_shop.items()}
    if not any(pairs.values()):
        raise InputError(
            f"The gate can't compare anything: no {part} query has both good and bad judged products. "
            "Judge more queries, or raise split.test or split.dev."
        )
    return {name: pair for name, pair in pairs.items() if pair is not None}


def _bias(check: _Check, kept: int, shares_sources: bool) -> Iterator[str]:
    """What a reader must know of a model in use that was taught by the queries it is measured on."""
    model = f"{check.name}: {check.other.name} was fitted to"
    if kept:
        yield f"{model} {kept} of these queries; there its values are those of its own gate, by folds"
    elif shares_sources:
        yield (
            f"{model} judgments of the same files and kept no values by folds, so that it may have seen these queries, "
            "which the candidate's folds have not: this favours it"
        )


def _of_shops(data: Data, names: Sequence[str]) -> Data:
    """The data with the judged queries of these shops alone; all where none is named. Raises ``InputError``."""
    unknown = sorted(set(names) - data.products.keys())
    if unknown:
        raise InputError(
            f"gate.shops names {', '.join(map(repr, unknown))}, but the recipe's shops are "
            f"{', '.join(map(repr, sorted(data.products)))}. Name one of these."
        )
    return replace(data, judged=tuple(query for query in data.judged if query.shop in names)) if names else data


def _parts(work: Work, data: Data, candidate: Student) -> tuple[str, list[_Part]]:
    """Which queries decide, by the part's name.

    Test queries where the recipe keeps any. Else train queries, each measured with a model that never saw its fold,
    where the blend stage has such. Else dev queries.
    """
    test, folds = data.part(TEST), work.stage("blend") / FOLDS
    if not test and folds.is_dir():
        numbers = sorted(int(path.name) for path in folds.iterdir())
        return BY_FOLDS, [
            _Part(Student.load(folds / str(fold)), [query for query in data.part(TRAIN) if query.fold == fold])
            for fold in numbers
        ]
    part = TEST if test else DEV
    if not data.part(part):
        raise InputError(
            "The gate has no judged queries: neither test nor dev has any. Raise split.test or split.dev, or judge "
            "more queries."
        )
    return part, [_Part(candidate, data.part(part))]


def _shares_sources(old: ModelInfo, work: Work) -> bool:
    """Whether a model's lineage names files that this split was made from, by content."""
    sources = (((old.raw.get("lineage") or {}).get("data") or {}).get("sources")) or {}
    files = work.record("split")[0].get("made_of", {}).get("files", {})
    return bool(set(map(str, sources.values())) & set(map(str, files.values())))

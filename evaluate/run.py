"""The whole of ``endcap evaluate`` but its options: open, judge, measure, and put the answer together."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from endcap import __version__
from endcap.errors import InputError
from endcap.evaluate.end_to_end import chance_warning, nothing_found_warning
from endcap.evaluate.evaluation import END_TO_END, EvaluationPlan, evaluate
from endcap.evaluate.fine_grades import check_fine, is_fine
from endcap.evaluate.measure_kinds import GAINS, RELEVANT_GRADE
from endcap.evaluate.measures import Grades, Rankings, parse
from endcap.evaluate.open_catalogue import Opened
from endcap.evaluate.results import About, Evaluation, model_used
from endcap.evaluate.systems import BLEND, LABELS, RULES, StudentWithStates
from endcap.evaluate.trec_run import Run, read_run, write_run
from endcap.index.judgments.id_match import match_engine
from endcap.index.judgments.judgments import GRADES, Judgments
from endcap.plugin.blend.window import LEARNT, PLAIN
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch, unwatched

RUN_TOP = 10
"""Of a run, so many products of each query are looked up in the catalogue."""


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for; None takes the model folder's own value."""

    measures: tuple[str, ...]
    settings: tuple[str, ...]
    window: int | None = None
    blend_weight: float | None = None
    gains: str = "exponential"
    relevant: int | None = None
    """None: ``RELEVANT_GRADE``, or 1 where no product has a higher grade."""
    sweep: bool = False
    seed: int = 0
    command: str = ""
    data_set: str = ""
    dense: int = 0
    """How many candidates by meaning join the window in the order ``dense``; 0: neither that nor hybrid search."""
    rules: str = ""
    """The path of a shop's rules file; empty: the index's own, if it has one."""
    runs: tuple[Path, ...] = ()
    """TREC runs of other systems, each a row beside ours."""
    queries: Path | None = None
    """The texts of the runs' queries, where judgments do not name them by id."""
    write_run: Path | None = None
    """Where the blend's rankings are written as a TREC run; end to end where that is measured."""
    unknown_ids: float | None = None
    """The share of the judgments that may name products which the catalogue lacks; None: ``share_allowed``'s."""


def run(
    opened: Opened,
    judgments: Judgments,
    student: Student,
    baseline: Student | None,
    request: Request,
    states: StateStore,
    watch: Watch = unwatched,
    beside: Student | None = None,
) -> Evaluation:
    """Evaluate a student on an opened catalogue, ``beside`` another one. Raises InputError where nothing counts."""
    if not judgments.grades:
        raise InputError(f"{judgments.name} holds no judgments.")
    matched = match_engine(judgments.grades, opened.shop.engine, opened.shop.index)
    unmatched = matched.check(judgments.name, request.unknown_ids)
    runs = _named_runs(judgments, request)
    run_notes = [note for other in runs.values() for note in other.notes]
    for name, other in runs.items():
        tops = {query: ranking[:RUN_TOP] for query, ranking in other.rankings.items()}
        found = match_engine(tops, opened.shop.engine, opened.shop.index, noun="ranked products")
        run_notes += [sentence] if (sentence := found.check(f"run {name}", request.unknown_ids)) else []
    relevant, binary = relevant_grade(judgments.grades, request.relevant)
    measures = parse(request.measures, request.gains, relevant)
    for measure in measures if is_fine(judgments.grades.values()) else ():
        check_fine(measure.name, measure.measure)
    info, shop_rules = student.info, opened.shop_rules(request.rules)
    decided = opened.decided(info, shop_rules)
    plan = EvaluationPlan(
        settings=request.settings,
        window=info.window if request.window is None else request.window,
        blend_weight=info.blend_weight if request.blend_weight is None else request.blend_weight,
        measures=tuple(measures),
        sweep=request.sweep,
        seed=request.seed,
        learnt=info.learnt if request.blend_weight is None else None,
        dense=request.dense,
        runs={name: other.rankings for name, other in runs.items()},
    )
    about = About(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        command=request.command,
        data_set=request.data_set or judgments.name,
        catalogue=opened.catalogue,
        products=opened.products,
        judgments=f"{judgments.name} ({judgments.format}){_several(judgments)}; {judgments.account(warned=True)}",
        grades_from=_mapping(judgments, request.gains),
        queries=len(judgments.grades),
        judged_pairs=judgments.n_judgments,
        engine=opened.engine,
        student=model_used(student.info),
        baseline=model_used(baseline.info) if baseline is not None else None,
        blend_weight=plan.blend_weight,
        blend=PLAIN if plan.learnt is None else LEARNT,
        measures=tuple(measure.name for measure in plan.measures),
        gains=request.gains,
        gains_in_words=GAINS[request.gains].words,
        relevant_grade=relevant,
        seed=request.seed,
        warnings=opened.warnings,
        dense=request.dense,
        rules=", ".join(decided),
        beside=model_used(beside.info) if beside is not None else None,
    )
    scorer, ruled = StudentWithStates(student, states), None
    if decided:
        ruled = opened.reranker(scorer, window=plan.window, blend_weight=request.blend_weight, rules=shop_rules)
    kept = dict[str, Rankings]()
    results = evaluate(
        opened.shop,
        judgments.grades,
        plan,
        scorer,
        StudentWithStates(baseline, states) if baseline is not None else None,
        watch,
        ruled,
        lambda setting, rankings: kept.update({setting: rankings.get(RULES, rankings[BLEND])}),
        StudentWithStates(beside, states) if beside is not None else None,
    )
    if request.write_run is not None:
        written = kept.get(END_TO_END) or next(iter(kept.values()))
        write_run(request.write_run, written, info.name.replace(" ", "-"), judgments.query_ids)
    if ruled is not None:
        ruled.close()
    warnings = [
        *judgments.warnings,
        *([unmatched] if unmatched else []),
        *binary,
        *run_notes,
        *opened.warnings,
        *chance_warning(opened.shop, judgments.grades),
        *nothing_found_warning(kept.get(END_TO_END, {})),
        *opened.language_warning(info),
        *alike_warning(judgments.grades),
    ]
    for setting in results:
        if setting.missing_products:
            warnings.append(
                f"{setting.missing_products} judged products are not in the catalogue: they can't be ranked, but the "
                "ideal order still counts them, so no order can reach 1"
            )
        if setting.refused:
            query, words = next(iter(setting.refused.items()))
            warnings.append(
                f"{setting.name}: the engine refuses {len(setting.refused):,} of {len(setting.queries):,} searches, "
                f"which so find nothing; the first is {query!r}: {words.rstrip('.')}"
            )
        if setting.left_alone:
            listed = ", ".join(f"{said} in {count:,}" for said, count in setting.left_alone.items())
            warnings.append(
                f"{sum(setting.left_alone.values()):,} of {len(setting.queries):,} searches were not re-ranked as "
                f"searches are answered ({listed}): in the order 'rules' they count with what the engine has"
            )
        limit = setting.ceiling.get(about.measures[0], 1.0)
        if setting.name == END_TO_END and limit < 0.5:
            wider = (
                "a wider one may help" if setting.full_windows else "no search fills it, so the engine finds too few"
            )
            warnings.append(f"a window of {setting.window} allows at most {limit:.3f}: {wider}")
    return Evaluation(replace(about, warnings=tuple(warnings)), tuple(results))


def _named_runs(judgments: Judgments, request: Request) -> dict[str, Run]:
    """The runs by name; two of one name, or one called as an order of ours, are told apart by a number."""
    runs: dict[str, Run] = {}
    for path in request.runs:
        found = read_run(path, judgments.grades.keys(), judgments.query_ids, request.queries, request.unknown_ids)
        names = chain([found.name], (f"{found.name}-{number}" for number in count(2)))
        runs[next(name for name in names if name not in runs and name not in LABELS)] = found
    return runs


def relevant_grade(grades: Grades, asked: int | None) -> tuple[int, list[str]]:
    """From which grade on a product counts as relevant; a warning where nobody asked and grades are yes and no."""
    highest = max((grade for judged in grades.values() for grade in judged.values()), default=0)
    if asked is not None:
        return asked, []
    if highest > 1 or highest == 0:
        return RELEVANT_GRADE, []
    return 1, ["no product has a grade above 1: grade 1 counts as relevant, as --relevant 1 says"]


def _mapping(judgments: Judgments, gains: str) -> str:
    """Which rating became which grade, and what grades gain."""
    became = ", ".join(f"{label} → {grade:g}" for label, grade in judgments.mapping.items())
    grades = sorted({*GRADES, *(round(grade, 3) for grade in judgments.mapping.values())})
    fine = is_fine(judgments.grades.values())
    became += ", and decimals in between" if fine and grades == list(GRADES) else ""
    worth = ", ".join(f"{GAINS[gains].of(grade):.3g}" for grade in grades)
    return f"{became}; in nDCG grades {', '.join(f'{grade:g}' for grade in grades)} gain {worth}"


def _several(judgments: Judgments) -> str:
    """What became of the grades of several people, and of decimals; or nothing."""
    n_votes = [sum(votes) for products in judgments.votes.values() for votes in products.values()]
    several = sum(n > 1.5 for n in n_votes)
    between = len(n_votes) - several  # one rating between two grades is a part of a vote for both
    words = f", {several:,} of them judged by two people or more: their median, of two middle grades the lower"
    return (words if several else "") + (f", {between:,} of them decimals between two grades" if between else "")


def alike(queries: Sequence[str]) -> list[list[str]]:
    """Groups of queries that differ only in case, blanks or compatible characters (Unicode NFKC)."""
    groups: dict[str, list[str]] = defaultdict(list)
    for query in queries:
        groups[" ".join(unicodedata.normalize("NFKC", query).casefold().split())].append(query)
    return [group for group in groups.values() if len(group) > 1]


def alike_warning(grades: Grades) -> list[str]:
    """Look-alike queries are kept apart, as people judged them, but they are no independent evidence."""
    groups = alike(list(grades))
    if not groups:
        return []
    shown = ", ".join(repr(query) for query in groups[0])
    return [
        f"{sum(map(len, groups))} judged queries look alike in {len(groups)} groups, such as {shown}: each counts, "
        "so intervals are a little too narrow"
    ]

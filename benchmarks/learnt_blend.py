"""What the learnt blend is worth, on both real shops, by cross-validation over their queries.

    python benchmarks/learnt_blend.py --datasets DATA [--model FOLDER] [--window 100] [--ablation] [--json out.json]

DATA has ``chorus/`` and ``esci-us/``. Windows of the embedded engine, end to end (what is unjudged is irrelevant), and
judged pools, nDCG@10 with gain 2^g - 1. Both shops' queries are in five folds: the plain blend's weight, the learnt
blend's settings (by folds within) and its slopes come from the other four. A student that was trained on some of these
queries is judged too well here: give ``--model`` with ``{fold}`` in it for students that were each trained without one
fold, and ``--folds K``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from real_sets import FILES

from endcap.distill.blend.choice import (
    ENGINE,
    LEARNT,
    OUTER,
    PLAIN,
    STUDENT,
    best_choice,
    compared,
    cross_validated,
    cross_validated_scores,
    fold_of,
    measured_by,
    objective,
)
from endcap.distill.blend.fit import Window, fit
from endcap.distill.blend.windows import candidates_of, windows_of
from endcap.evaluate.catalogue import open_catalogue
from endcap.evaluate.report.json_file import plain, write
from endcap.evaluate.systems import Candidates, StudentWithStates, View
from endcap.index.judgments import read_judgments
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import progress

COMPARISONS = ((LEARNT, ENGINE), (LEARNT, STUDENT), (LEARNT, PLAIN), (PLAIN, ENGINE))


def gathered(data: Path, models: Sequence[str | None], size: int) -> list[Window]:
    """Both shops' windows; with several models, a query's is that of its fold."""
    found = []
    with closing(StateStore.open()) as states:
        students = [StudentWithStates(Student.load(model), states) for model in models]
        for name, (catalogue, judgments) in FILES.items():
            opened = open_catalogue(str(data / catalogue), watch=progress)
            grades = read_judgments(data / judgments).grades
            wide, pools = candidates_of(opened.shop, grades, size, progress)
            for fold, student in enumerate(students):
                mine = [c for q, c in (*wide.items(), *pools.items()) if _fold(q, len(students)) == fold]
                student.read(mine, progress)

            def look(candidates: Candidates) -> View:
                return students[_fold(candidates.query, len(students))].view(candidates)

            found += windows_of(name, wide, pools, grades, look, WordsMemory())
    return found


def _fold(query: str, folds: int) -> int:
    return fold_of(query, folds, "outer")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--model", help="a model folder; with {fold}, one for each fold")
    parser.add_argument("--folds", type=int, default=OUTER)
    parser.add_argument("--window", type=int, default=100)
    parser.add_argument("--ablation", action="store_true", help="also leave out one feature at a time")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    models = (
        [asked.model.format(fold=k) for k in range(asked.folds)] if "{fold}" in (asked.model or "") else [asked.model]
    )
    windows = gathered(asked.datasets, models, asked.window)
    scores = cross_validated_scores(windows, folds=asked.folds, watch=progress)
    ways = {way: measured_by(windows, of_way) for way, of_way in scores.items()}
    print(f"{'nDCG@10':32}" + "".join(f"{way:>9}" for way in ways))
    for shop, whole in sorted(ways[ENGINE], key=lambda each: (not each[1], each[0])):
        values = [np.mean(list(found[shop, whole].values())) for found in ways.values()]
        count = len(ways[ENGINE][shop, whole])
        print(f"{_setting((shop,), whole) + f' ({count})':32}" + "".join(f"{value:9.4f}" for value in values))
    differences = [each for better, base in COMPARISONS for each in compared(ways, better, base)]
    for each in differences:
        d = each.difference
        print(
            f"{_setting(each.shops, each.end_to_end):32}{d.better} - {d.base}: {d.mean:+.4f} "
            f"[{d.low:+.4f}, {d.high:+.4f}], p {d.p_value:.4f}, {d.wins} better, {d.losses} worse"
        )
    print("end to end, products that nobody judged left out:")
    wide = {way: measured_by(windows, of_way, judged_only=True) for way, of_way in scores.items()}
    for each in compared({way: {k: v for k, v in of.items() if k[1]} for way, of in wide.items()}, LEARNT, ENGINE):
        d = each.difference
        shown = [np.mean([v for s in each.shops for v in wide[way][s, True].values()]) for way in (ENGINE, LEARNT)]
        told = f"{shown[0]:.4f} -> {shown[1]:.4f}, {d.mean:+.4f} [{d.low:+.4f}, {d.high:+.4f}]"
        print(f"{_setting(each.shops, True):32}{told}")
    choice = best_choice(windows)
    print(f"on all queries: {choice}")
    learnt = fit(windows, choice)
    for term in learnt.terms:
        print(f"  {term.feature:14}{', '.join(f'{slope:.3f}' for slope in term.slopes)}")
    ablation = {}
    if asked.ablation:
        fixed = cross_validated(windows, [choice], folds=asked.folds)
        print(
            "one feature left out, settings as above: nDCG@10 over all, then",
            *map(_named, sorted(fixed[LEARNT])),
            sep=", ",
        )
    for name in FEATURES[1:] if asked.ablation else ():
        left = tuple(each for each in FEATURES if each != name)
        without = cross_validated(windows, [choice], left, asked.folds)
        ablation[name] = objective(without[LEARNT]) - objective(fixed[LEARNT])
        print(
            f"without {name:14}{ablation[name]:+.4f}",
            *(f"{_change(without, fixed, key):+.4f}" for key in sorted(fixed[LEARNT])),
        )
    if asked.json:
        said = {"ways": {way: {"/".join(map(str, k)): v for k, v in found.items()} for way, found in ways.items()}}
        write(asked.json, json.dumps(plain({**said, "differences": differences, "ablation": ablation}), indent=1))


def _change(without: object, ways: object, key: tuple[str, bool]) -> float:
    return float(np.mean(list(without[LEARNT][key].values())) - np.mean(list(ways[LEARNT][key].values())))  # type: ignore[index]


def _named(key: tuple[str, bool]) -> str:
    return _setting((key[0],), key[1])


def _setting(shops: Sequence[str], end_to_end: bool) -> str:
    return f"{' + '.join(shops)}, {'end to end' if end_to_end else 'pool'}"


if __name__ == "__main__":
    main()

"""Lets the teacher label the pairs, shard by shard, and says what its labels are like."""

from __future__ import annotations

import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.labels.plan import LabelPlan, make_plan
from endcap.distill.labels.shards import Done, Load, check_spread, label_here, labels_table, shard_table
from endcap.distill.labels.workers import label_by_ray
from endcap.distill.recipe.settings import Recipe
from endcap.distill.teacher.member_classes import asks_llm
from endcap.distill.teacher.members.endpoint import keep_connection
from endcap.distill.work.files import read_arrow, read_json, write_arrow, write_json
from endcap.distill.work.folder import CACHE, SPEED, Work, digest
from endcap.errors import InputError
from endcap.plugin.model.cpu import available_cpus
from endcap.plugin.model.folder import file_checksum
from endcap.plugin.states.ray_session import has_ray
from endcap.progress import Watch

WORTH = 4
"""From so many shards a core on, workers are started where the recipe does not say how many: it takes a while."""


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``shard-NNNNN.parquet``, ``labels.json`` with what the labels are like, and ``speed.json``.

    Raises ``InputError`` where there is nothing to label, or where the labels are all alike or no probabilities.
    """
    if not recipe.teacher.members:
        if recipe.labels.count:
            raise InputError(
                f"labels.count = {recipe.labels.count}, but the recipe has no [[teacher.members]] that could label: "
                "name some, or set labels.count = 0."
            )
        # A student of people's judgments alone: nobody labels, and nothing is missing.
        none = _summary((), (), ())
        write_json(work.stage("labels") / "labels.json", {"shards": 0, "judged": none, "generated": none})
        return
    if asks_llm(recipe.teacher):
        keep_connection(recipe, work.stage("teacher"))
        # Its cap, its concurrency and an endpoint's Retry-After hold within one process; waiting takes no core.
        recipe = replace(recipe, labels=replace(recipe.labels, workers=1))
    label(recipe, work, watch, partial(_load_teacher, work.stage("teacher")))


def label(recipe: Recipe, work: Work, watch: Watch, load: Load) -> None:
    """As ``run``, with any teacher. ``load`` is called once by each worker, and must be of a kind to be pickled."""
    plan = make_plan(recipe, work)
    if not plan.shards:
        raise InputError("There is nothing to label: no judged query is in training, and there are no generated pairs.")
    # Shards that this teacher labelled already are kept, where they are sound.
    folder, cache = work.stage("labels"), work.stage("labels") / CACHE / digest(work.result("teacher"))[:16]
    # Labels of another teacher are of no use any more; those of this one are, where only the count was raised.
    for old in (folder / CACHE).glob("*"):
        if old != cache:
            shutil.rmtree(old)
    kept = {shard: cache / f"{plan.key(shard)}.parquet" for shard in range(len(plan.shards))}
    todo = [shard for shard, path in kept.items() if not _is_sound(path)]
    start, pairs = time.monotonic(), 0
    with watch("Labelling", plan.pairs.num_rows) as advance:
        already = plan.pairs.num_rows - sum(plan.rows(shard).num_rows for shard in todo)
        for shard, probabilities in _labelled(plan, todo, load, recipe.labels.workers):
            write_arrow(kept[shard], shard_table(plan, shard, probabilities))
            write_json(kept[shard].with_suffix(".json"), file_checksum(kept[shard]))
            pairs += len(probabilities)
            advance(already + pairs)
    seconds = time.monotonic() - start
    paths = [folder / f"shard-{shard:05}.parquet" for shard in kept]
    for (shard, source), path in zip(kept.items(), paths, strict=True):
        write_arrow(path, labels_table(plan, shard, read_arrow(source)))
    write_json(folder / "labels.json", report(plan, paths))
    if pairs:
        write_json(folder / SPEED, {"pairs": pairs, "seconds": seconds, "pairs_per_second": pairs / seconds})


def report(plan: LabelPlan, paths: Sequence[Path]) -> dict[str, Any]:
    """What the labels are like.

    How many there are, their scores, how many grades were known by construction; and how many queries have something
    good (to the teacher, grade 3 is the likeliest), bad (grade 0) and between.

    Raises ``InputError`` where all scores are alike.
    """
    scores, grades, queries = list[float](), list[int](), list[tuple[str, str]]()
    known, answered = Counter[str](), set[tuple[str, str]]()
    for path in paths:
        table = read_arrow(path)
        scores += table["score"].to_pylist()
        grades += [int(np.argmax(p)) for p in table["probabilities"].to_pylist()]
        keys = list(zip(table["shop"].to_pylist(), table["query"].to_pylist(), strict=True))
        queries += keys
        for key, grade in zip(keys, table["grade"].to_pylist(), strict=True):
            if grade is not None:
                known[str(grade)] += 1
                answered.add(key)
    check_spread(np.array(scores))
    parts = {"judged": slice(0, plan.judged), "generated": slice(plan.judged, None)}
    return {
        "shards": len(paths),
        "left_out": dict(plan.left_out),
        **{name: _summary(scores[part], grades[part], queries[part]) for name, part in parts.items()},
        "known_by_construction": {
            "pairs": known.total(),
            "queries": len(answered),
            "grade": dict(sorted(known.items())),
        },
    }


def _summary(scores: Sequence[float], grades: Sequence[int], queries: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if not scores:
        return {"pairs": 0, "queries": 0}
    kinds = {query: set[str]() for query in queries}
    for query, grade in zip(queries, grades, strict=True):
        kinds[query].add(("bad", "between", "between", "good")[grade])
    having = {kind: sum(kind in of_query for of_query in kinds.values()) for kind in ("good", "between", "bad")}
    quantiles = np.quantile(scores, np.linspace(0, 1, 11))
    return {
        "pairs": len(scores),
        "queries": len(kinds),
        "score_mean": round(float(np.mean(scores)), 4),
        "score_std": round(float(np.std(scores)), 4),
        "score_deciles": [round(float(q), 4) for q in quantiles],
        "likeliest_grade": {str(grade): grades.count(grade) for grade in range(4)},
        "queries_with": {**having, "all three": sum(len(of_query) == 3 for of_query in kinds.values())},
    }


def _labelled(plan: LabelPlan, shards: Sequence[int], load: Load, workers: int) -> Iterator[Done]:
    """Shards with their labels, by as many workers as are of use."""
    if not shards:
        return iter(())
    alone = workers == 1 or len(shards) == 1
    if not workers:
        alone = not os.environ.get("RAY_ADDRESS") and len(shards) < WORTH * max(2, available_cpus())
    if alone or not has_ray():
        return label_here(plan, shards, load)
    return label_by_ray(plan, shards, load, workers)


def _is_sound(path: Path) -> bool:
    """Whether a kept shard is there as it was written; its checksum is beside it."""
    try:
        return bool(read_json(path.with_suffix(".json")) == file_checksum(path))
    except (InputError, OSError):
        return False


def _load_teacher(folder: Path) -> Any:
    from endcap.distill.teacher.ensemble import Teacher

    return Teacher.load(folder)

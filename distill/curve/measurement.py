"""The curve: is more generated data still worth it, and does the student pass its teacher?

Students are trained on growing amounts of generated, teacher-labelled pairs and measured on the test queries. Each
trained student is one file; a killed run goes on with what is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.curve.plot import plot
from endcap.distill.curve.report import Curve, Line, Point, markdown, to_mapping
from endcap.distill.pipeline import Say, silent, state_words
from endcap.distill.recipe.settings import Recipe, StudentRecipe
from endcap.distill.stage_status import UP_TO_DATE, Inspector
from endcap.distill.stages.stage import stages
from endcap.distill.student.dev_ndcg import MEASURE, teacher_ndcg_by_query, tells_apart, tower_ndcg, tower_ndcg_by_query
from endcap.distill.student.list_sources import generated_lists, judged_lists, label_rows, texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts, train_tower
from endcap.distill.student.training_lists import TrainingList, texts_needed
from endcap.distill.teacher.ensemble import TEACHER, Teacher
from endcap.distill.work.curve_fingerprint import CURVE, curve_fingerprint
from endcap.distill.work.files import read_json, write_json, write_stage_text
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TEST, TRAIN, Data, JudgedQuery, read_data
from endcap.errors import InputError
from endcap.progress import Watch, unwatched


def run_curve(recipe: Recipe, work: Work, watch: Watch = unwatched, say: Say = silent) -> Curve:
    """Train and measure what is missing, write ``curve.json``, ``curve.md`` and ``curve.svg``, and return the curve.

    ``recipe.curve`` may grow between runs: points that are there are kept, as long as split, labels and the student's
    part of the recipe are the same. Raises ``InputError`` where there are no test queries or no labels.
    """
    with work.locked():
        inspector = Inspector(recipe, work, watch)
        for need in inspector.needs(stages()["student"]):
            if need.state != UP_TO_DATE:
                raise InputError(
                    f"The curve needs the stage {need.name}, {state_words(need, work)}. "
                    "Run `endcap distill run … --until labels` first."
                )
        folder = work.begin(CURVE, curve_fingerprint(recipe, work))
        parts = _Parts(recipe, work, watch)
        teacher = _kept(folder / "teacher.json", parts.teacher)
        zero = _kept(folder / "zero-shot.json", parts.zero_shot)
        points = []
        for amount in sorted(set(recipe.curve.amounts)):
            for seed in recipe.curve.seeds:
                path = folder / "points" / f"{amount:07}-seed-{seed}.json"
                if not path.exists():
                    say(f"curve: {amount:,} generated pairs, seed {seed}")
                record = _kept(path, lambda a=amount, s=seed: parts.student(a, s, folder / "checkpoints"))
                points.append(Point(amount, seed, record["pairs"], record["seconds"], record[MEASURE]))
        curve = Curve(
            recipe.name,
            MEASURE,
            tuple(points),
            Line("teacher", teacher[MEASURE]) if teacher[MEASURE] else None,
            Line("zero-shot", zero[MEASURE]),
        )
        write_json(folder / "curve.json", to_mapping(curve))
        write_stage_text(folder / "curve.md", markdown(curve))
        write_stage_text(folder / "curve.svg", plot(curve))
    return curve


def _kept(path: Path, make: Any) -> Any:
    if not path.exists():
        write_json(path, make())
    return read_json(path)


@dataclass(slots=True)
class _Inputs:
    """What all students share."""

    dev: Sequence[JudgedQuery]
    test: Sequence[JudgedQuery]
    gold: Sequence[TrainingList]
    rows: Sequence[Mapping[str, Any]]
    texts: Texts


class _Parts:
    """Makes the parts of the curve; reads what they need once, and only where something is missing."""

    def __init__(self, recipe: Recipe, work: Work, watch: Watch) -> None:
        self._recipe, self._work, self._watch = recipe, work, watch

    def teacher(self) -> dict[str, Any]:
        """The teacher's own ranking of the test queries; nothing where the recipe has no teacher."""
        folder = self._work.stage("teacher")
        record = read_json(folder / TEACHER) if self._work.result("teacher") else {}
        if not record.get("members"):
            return {MEASURE: None}
        return {MEASURE: teacher_ndcg_by_query(Teacher.load(folder), self._test(), self._data, self._watch)}

    def zero_shot(self) -> dict[str, Any]:
        """The untrained base, with all its layers."""
        recipe, shared = self._recipe, self._shared
        tower = Tower.load(recipe.base, pooling=recipe.pooling, scale=recipe.student.scale)
        return {MEASURE: tower_ndcg_by_query(tower, shared.test, shared.texts, recipe.text)}

    def student(self, amount: int, seed: int, checkpoints: Path) -> dict[str, Any]:
        """A student taught by gold judgments and so many generated pairs."""
        recipe, shared = self._recipe, self._shared
        s = recipe.student
        guard = self._data.guard()
        generated = generated_lists(shared.rows, s.list_size, recipe.seed, guard, pairs=amount) if amount else []
        used = _pairs(generated)
        if used < 0.9 * amount:
            raise InputError(
                f"There are {used:,} labelled pairs of generated queries, not {amount:,}: raise queries.count, "
                "pairs.per_query and labels.count, or lower curve.amounts."
            )
        keys = texts_needed(generated) - shared.texts.keys()
        texts = {**shared.texts, **texts_of(self._data, keys, recipe.text)}
        tower = Tower.load(recipe.base, shape=recipe.shape, pooling=recipe.pooling, scale=s.scale, layers=s.layers)
        settings = dataclasses.replace(
            s, epochs=s.epochs * _epoch_factor(shared.gold, generated, s, recipe.curve.least_steps)
        )
        checkpoint = checkpoints / f"{amount:07}-seed-{seed}.pt"
        checkpoint.parent.mkdir(parents=True, exist_ok=True)
        course = train_tower(
            tower,
            shared.gold,
            generated,
            texts,
            recipe.text,
            settings,
            seed=seed,
            measure=(lambda tower: tower_ndcg(tower, shared.dev, texts, recipe.text)) if shared.dev else None,
            checkpoint=checkpoint,
            watch=self._watch,
        )
        values = tower_ndcg_by_query(tower, shared.test, texts, recipe.text)
        checkpoint.unlink(missing_ok=True)
        return {"pairs": used, "steps": course.steps, "dev": course.dev, "seconds": course.seconds, MEASURE: values}

    @cached_property
    def _data(self) -> Data:
        return read_data(self._work)

    def _test(self) -> list[JudgedQuery]:
        test = [query for query in self._data.part(TEST) if tells_apart(query)]
        if not test:
            raise InputError(
                "No test query tells rankings apart: give split.test a share of the judged queries, hundreds if there "
                "are, and let their products have different grades."
            )
        most = self._recipe.curve.test_queries
        if most and len(test) > most:
            drawn = np.random.default_rng([self._recipe.seed, 4]).permutation(len(test))[:most]
            test = [test[i] for i in sorted(drawn.tolist())]
        return test

    @cached_property
    def _shared(self) -> _Inputs:
        recipe, data = self._recipe, self._data
        train, dev, test = data.part(TRAIN), data.part(DEV), self._test()
        judged = [*train, *data.pairs, *dev, *test]
        texts = texts_of(data, {(query.shop, product) for query in judged for product in query.grades}, recipe.text)
        gold = judged_lists(recipe, self._work, data, train, texts)
        return _Inputs(dev, test, gold, label_rows(self._work), texts)


def _epoch_factor(
    gold: Sequence[TrainingList], generated: Sequence[TrainingList], settings: StudentRecipe, least_steps: int
) -> float:
    """How much longer to train where little was generated.

    Until an epoch's share of gold is all gold, and until there were ``least_steps``. Without that, a student with a
    little generated data would see less gold than one with none. The curve would begin with a dip, or a rise, that says
    nothing of the data.
    """
    gold_pairs, generated_pairs = _pairs(gold), _pairs(generated)
    share = settings.gold_share if gold and generated else 0.0
    gold_in_epoch = share / (1 - share) * generated_pairs if share < 1 else gold_pairs
    factor = max(1.0, gold_pairs / gold_in_epoch) if gold_in_epoch else 1.0
    in_epoch = generated_pairs + gold_in_epoch if generated_pairs else gold_pairs
    steps = in_epoch / settings.list_size / settings.lists_per_step * settings.epochs * factor
    return factor * max(1.0, least_steps / max(steps, 1.0))


def _pairs(lists: Sequence[TrainingList]) -> int:
    return sum(len(one.products) for one in lists)

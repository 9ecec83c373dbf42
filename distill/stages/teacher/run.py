"""Trains the teacher's members by folds, fits the stacker and the temperature, and writes how good it all is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.labels.logit import FloatArray, score
from endcap.distill.recipe.settings import Recipe
from endcap.distill.teacher.calibration import expected_calibration_error, fit_temperature, log_loss, temper
from endcap.distill.teacher.ensemble import SCHEMA, TEACHER, member_signals
from endcap.distill.teacher.examples import read_examples
from endcap.distill.teacher.member import SAVE_EVERY_S, FitData, Member, MemberSpec
from endcap.distill.teacher.member_classes import member_class
from endcap.distill.teacher.ordinal import Stacker, fit_stacker
from endcap.distill.teacher.pairs import Example, Pairs
from endcap.distill.teacher.quality import NDCG, examples_ndcg, ndcg_by_fold
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TRAIN, read_data
from endcap.errors import InputError
from endcap.files import whole_file
from endcap.progress import Watch

ALIKE = 1e-3
"""Scores, in logits, with a smaller standard deviation are all alike."""


def run(recipe: Recipe, work: Work, watch: Watch, *, save_every_s: float = SAVE_EVERY_S) -> None:
    """Write ``teacher.json`` and the members' folders.

    Raises ``InputError`` where judgments or members can't teach: all alike, a base that can't be loaded, a loss that is
    no number, predictions that do not differ.
    """
    folder, text = work.stage("teacher"), recipe.teacher.text or recipe.text
    report: dict[str, Any] = {"schema": SCHEMA, "folds": recipe.split.folds, "text": asdict(text), "members": []}
    if not recipe.teacher.members:
        write_json(folder / TEACHER, report)
        return
    # The members, each fitted by folds.
    data = read_data(work)
    products = [product for shop in data.products.values() for product in shop.values()]
    examples = read_examples(work, data, recipe.teacher.smoothing)
    names = [f"{n}-{settings.kind}" for n, settings in enumerate(recipe.teacher.members)]
    members = [
        member_class(settings.kind)(MemberSpec(folder, name, settings, text, recipe.split.folds))
        for name, settings in zip(names, recipe.teacher.members, strict=True)
    ]
    for member in members:
        member.fit(FitData(recipe, examples, products, watch, save_every_s))
    # Their signals, the stacker over them, and how good all are.
    train = [example for example in examples if example.part == TRAIN and example.ranked]
    dev = [example for example in examples if example.part == DEV and example.ranked]
    signals = _signals(folder, names, members, train, dev, watch)
    of_train, of_dev = ({name: parts[n] for name, parts in signals.items()} for n in (0, 1))
    report |= _stacked(train, dev, of_train, of_dev, recipe, members)
    for name, member, settings in zip(names, members, recipe.teacher.members, strict=True):
        quality = {
            column: {
                "folds": ndcg_by_fold(train, of_train[name][:, n], recipe.split.folds),
                "dev": examples_ndcg(dev, of_dev[name][:, n]),
            }
            for n, column in enumerate(member.columns)
        }
        facts = {"name": name, "base": settings.base, "license": settings.license, "recipe": asdict(settings)}
        report["members"].append(facts | {NDCG: quality})
    write_json(folder / TEACHER, report)


def _signals(
    folder: Path,
    names: Sequence[str],
    members: Sequence[Member],
    train: Sequence[Example],
    dev: Sequence[Example],
    watch: Watch,
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Each member's signals of train pairs (out of fold) and of dev pairs (all models' mean); kept in ``signals/``."""
    signals = {}
    for name, member in zip(names, members, strict=True):
        path = folder / "signals" / f"{name}.npy"
        if not path.exists():
            with watch(f"Scoring judged pairs: {name}", None):
                parts = [
                    member_signals(member, Pairs([e.query for e in part], [e.product for e in part]), folds)
                    for part, folds in ((train, [e.fold for e in train]), (dev, [-1] * len(dev)))
                ]
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole_file(path) as file:
                np.save(file, np.concatenate(parts))
        both = np.load(path)
        signals[name] = (both[: len(train)], both[len(train) :])
    return signals


def _stacked(
    train: Sequence[Example],
    dev: Sequence[Example],
    of_train: Mapping[str, FloatArray],
    of_dev: Mapping[str, FloatArray],
    recipe: Recipe,
    members: Sequence[Member],
) -> dict[str, Any]:
    """Stacker, temperature, and how good they are: by folds with a stacker that has not seen the fold, and on dev."""
    columns = [column for member in members for column in member.columns]
    x, x_dev = np.concatenate(list(of_train.values()), axis=1), np.concatenate(list(of_dev.values()), axis=1)
    t, fold = np.stack([e.observed for e in train]), np.array([e.fold for e in train])
    outside = np.zeros((len(train), t.shape[1]))
    for k in range(recipe.split.folds):
        held = fold == k
        rest = held if held.all() else ~held
        outside[held] = fit_stacker(x[rest], t[rest], columns).probabilities(x[held])
    stacker = fit_stacker(x, t, columns)
    _check_unlike(stacker, x)
    p = stacker.probabilities(x_dev) if dev else outside
    observed = np.stack([e.observed for e in dev]) if dev else t
    temperature = fit_temperature(p, observed) if dev else 1.0
    tempered = _cross_validated_tempered(p, observed, [e.fold for e in dev]) if dev else p
    return {
        "stacker": stacker.to_mapping(),
        "temperature": temperature,
        "calibrated_on": "dev" if dev else "nothing: there are no dev queries (split.dev)",
        "ece": {
            "before": expected_calibration_error(p, observed),
            "after": expected_calibration_error(tempered, observed),
        },
        "log_loss": {"before": log_loss(p, observed), "after": log_loss(tempered, observed)},
        NDCG: {
            "folds": ndcg_by_fold(train, score(outside), recipe.split.folds),
            "train": examples_ndcg(train, score(outside)),
            "dev": examples_ndcg(dev, score(p)) if dev else None,
        },
        "queries": {"train": _queries(train), "dev": _queries(dev)},
        "pairs": {"train": len(train), "dev": len(dev)},
    }


def _cross_validated_tempered(p: FloatArray, observed: FloatArray, folds: Sequence[int]) -> FloatArray:
    """Probabilities at a temperature that was fitted on the dev queries of the other folds.

    So they say what calibration is worth on new queries.
    """
    fold, result = np.array(folds), np.zeros_like(p)
    for k in sorted(set(folds)):
        rest = fold != k if (fold != k).any() else fold == k
        result[fold == k] = temper(p[fold == k], fit_temperature(p[rest], observed[rest]))
    return result


def _queries(examples: Sequence[Example]) -> int:
    return len({(example.shop, example.query) for example in examples})


def _check_unlike(stacker: Stacker, signals: FloatArray) -> None:
    spread = float(score(stacker.probabilities(signals)).std())
    if not spread > ALIKE:
        raise InputError(
            f"The teacher says nearly the same of all judged pairs (its scores differ by {spread:.1g}): labels from it "
            "would teach nothing. Train longer, lower the learning rate, or add a member that knows more, such as the "
            "base's cosine."
        )

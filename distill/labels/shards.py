"""The teacher labels shards of pairs: in this process, or by Ray Data on local cores, GPUs or a cluster.

A shard's labels do not depend on who makes them, beside what, or how often it was begun. The plan fixes its pairs,
their order and their batches, and its file appears whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.labels.logit import score, soft_target
from endcap.distill.labels.plan import LabelPlan
from endcap.distill.work.files import PAIR_COLUMNS
from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.judgments.judgments import GRADES
from endcap.index.product import Product

BATCH = 256
"""Pairs of similar length that the teacher is given at once."""

ALIKE = 1e-3
"""Labels whose scores have a smaller standard deviation teach nothing."""

ENOUGH = 200
"""From so many pairs on, a shard whose labels are all alike stops the work, before hours are spent on more."""

TEACHER_LABELS = pa.schema(
    [*PAIR_COLUMNS, ("fold", pa.int8()), ("probabilities", pa.list_(pa.float32())), ("score", pa.float32())]
)
LABELS = pa.schema([*list(TEACHER_LABELS)[:-1], ("grade", pa.int8()), ("score", pa.float32())])
"""``probabilities`` are the teacher's; ``grade`` is known by construction, or null; ``score`` is of both."""

Probabilities = npt.NDArray[np.float32]


class Labels(Protocol):
    """What a teacher is here."""

    def probabilities(
        self,
        queries: Sequence[str],
        products: Sequence[Product],
        folds: Sequence[int],
        made_from: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Probabilities:
        """Class probabilities, float32 (n, 4); ``made_from`` is by query (endcap.distill.teacher.ensemble)."""


Load = Callable[[], Labels]
Done = tuple[int, Probabilities]


def label_shard(teacher: Labels, plan: LabelPlan, shard: int) -> Probabilities:
    """Class probabilities float32 (n, 4) of a shard's pairs, asked for in batches of similar length.

    Raises ``InputError`` where the teacher gives something else than probabilities.
    """
    rows = plan.rows(shard).to_pydict()
    texts = plan.products.take(pa.array(rows["at"])).to_pylist()
    products = [FieldMap().product(json.loads(text)) for text in texts]
    probabilities = np.empty((len(texts), len(GRADES)), dtype=np.float32)
    for batch in _batches(rows["shop"], [len(q) + len(t) for q, t in zip(rows["query"], texts, strict=True)]):
        queries, folds = [rows["query"][i] for i in batch], [rows["fold"][i] for i in batch]
        made_from = {rows["query"][i]: json.loads(rows["made_from"][i]) for i in batch if rows["made_from"][i]}
        answer = np.asarray(teacher.probabilities(queries, [products[i] for i in batch], folds, made_from))
        _check_probabilities(answer, [(rows["query"][i], rows["product_id"][i]) for i in batch])
        probabilities[batch] = answer
    return probabilities


def _check_probabilities(answer: npt.NDArray[np.floating], pairs: Sequence[tuple[str, str]]) -> None:
    """Raise ``InputError`` where a teacher's answer on pairs of query and product's id is no probabilities (n, 4)."""
    if answer.shape != (len(pairs), len(GRADES)):
        raise InputError(
            f"The teacher gave labels of shape {answer.shape} for {len(pairs)} pairs; it must be "
            f"({len(pairs)}, {len(GRADES)}): run `endcap distill teacher` again."
        )
    faults = np.flatnonzero(~((answer >= 0).all(axis=1) & (abs(answer.sum(axis=1) - 1) < 1e-3)))
    if len(faults):
        query, product = pairs[faults[0]]
        raise InputError(
            f"The teacher's label of {query!r} and the product {product!r} is "
            f"{answer[faults[0]].tolist()}, which are no probabilities ({len(faults)} of {len(pairs)} pairs are like "
            "it): its training has failed; run `endcap distill teacher` with a lower learning rate."
        )


def _batches(shops: Sequence[str], lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of at most ``BATCH`` pairs of one shop, of similar length.

    Not of several shops: two may have made one query from different products.
    """
    for shop in sorted(set(shops)):
        order = sorted((i for i, name in enumerate(shops) if name == shop), key=lengths.__getitem__)
        yield from (order[start : start + BATCH] for start in range(0, len(order), BATCH))


def label_here(plan: LabelPlan, shards: Sequence[int], load: Load) -> Iterator[Done]:
    """Label shards one after the other in this process."""
    teacher = load()
    for shard in shards:
        yield shard, label_shard(teacher, plan, shard)


def shard_table(plan: LabelPlan, shard: int, probabilities: Probabilities) -> pa.Table:
    """What a teacher said of a shard, as it is kept. Raises ``InputError`` where its labels are all alike."""
    scores = score(probabilities)
    if len(scores) >= ENOUGH:
        check_spread(scores)
    rows = plan.rows(shard)
    columns = [rows[name] for name in ("shop", "query", "product_id", "fold")]
    columns += [
        pa.array(list(probabilities), TEACHER_LABELS.field("probabilities").type),
        pa.array(scores, pa.float32()),
    ]
    return pa.table(columns, schema=TEACHER_LABELS)


def labels_table(plan: LabelPlan, shard: int, labels: pa.Table) -> pa.Table:
    """A shard as it is written (``LABELS``): what the teacher said, with the grades that are known by construction."""
    grades = plan.rows(shard)["grade"]
    scores = labels["score"]
    if plan.known_share:
        mixed = with_known(scores.to_numpy(), grades.to_pylist(), plan.known_share, plan.smoothing)
        scores = pa.array(mixed, pa.float32())
    return pa.table([*(labels[name] for name in TEACHER_LABELS.names[:-1]), grades, scores], schema=LABELS)


def with_known(
    scores: npt.NDArray[np.floating], grades: Sequence[int | None], share: float, smoothing: float
) -> npt.NDArray[np.floating]:
    """The teacher's scores (n,), and where a grade is known ``(1 - share) x score + share x score(soft grade)``.

    Judged products have the same of people's grades and the base's cosine (``student/training_lists.py``).
    """
    of_grade = score(np.stack([soft_target(grade, smoothing) for grade in GRADES]))
    mixed = np.array(scores, dtype=np.float64)
    for at, grade in enumerate(grades):
        if grade is not None:
            mixed[at] = (1 - share) * mixed[at] + share * of_grade[grade]
    return mixed


def check_spread(scores: npt.NDArray[np.floating]) -> None:
    """Raise ``InputError`` where scores are all alike."""
    spread = float(np.std(scores))
    if not spread >= ALIKE:
        raise InputError(
            f"The teacher's labels are all alike: the scores of {len(scores)} pairs are {scores[0]:.3f} with a standard"
            f" deviation of {spread:.1g}, and nothing can be learnt from that. Look at teacher/teacher.json: its nDCG"
            " on held-out queries must be above that of a random order."
        )

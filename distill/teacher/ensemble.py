"""The trained teacher, as other stages use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.distill.labels.logit import FloatArray
from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.calibration import temper
from endcap.distill.teacher.member import Member, MemberSpec
from endcap.distill.teacher.member_classes import member_class
from endcap.distill.teacher.ordinal import Stacker
from endcap.distill.teacher.pairs import MadeFrom, Pairs
from endcap.distill.work.files import read_json
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.model.text import TextRecipe

TEACHER = "teacher.json"
SCHEMA = 1


@dataclass(slots=True)
class Teacher:
    """Members, stacker and temperature. It is small until it is asked, and is pickled without its models."""

    folder: Path
    record: dict[str, Any]
    """What ``teacher.json`` holds."""
    _members: list[Member] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Teacher:
        """Read ``teacher.json``; models are loaded when they are first needed. Raises ``InputError``."""
        record = read_json(folder / TEACHER)
        if record.get("schema") != SCHEMA:
            raise InputError(f"{folder / TEACHER} has schema {record.get('schema')!r}; this endcap reads {SCHEMA}.")
        return cls(folder, record)

    def __reduce__(self) -> tuple[Any, ...]:
        return Teacher, (self.folder, self.record)

    def probabilities(
        self,
        queries: Sequence[str],
        products: Sequence[Product],
        folds: Sequence[int],
        made_from: MadeFrom | None = None,
    ) -> npt.NDArray[np.float32]:
        """Calibrated class probabilities, float32 (n, 4), of ``queries[i]`` beside ``products[i]``.

        ``folds[i]`` is the fold of a query that the teacher was trained on, which the model answers that has not seen
        it; -1 for one that nobody was trained on: the mean of all. ``made_from`` says what generated queries were made
        from. A pair's answer depends on that pair alone, to rounding.
        """
        if not len(queries) == len(products) == len(folds):
            raise ValueError(f"{len(queries)} queries, {len(products)} products and {len(folds)} folds")
        if not self.record["members"]:
            raise InputError("This teacher has no members. Name some as [[teacher.members]] in the recipe.")
        pairs, stacker = Pairs(queries, products, made_from or {}), Stacker.from_mapping(self.record["stacker"])
        if not len(pairs):
            return np.zeros((0, 4), dtype=np.float32)
        signals = np.concatenate([member_signals(member, pairs, folds) for member in self.members()], axis=1)
        return temper(stacker.probabilities(signals), self.record["temperature"]).astype(np.float32)

    def members(self) -> list[Member]:
        """Its members, in their order."""
        if not self._members:
            text, folds = TextRecipe(**with_tuples(self.record["text"], "fields", "whole")), self.record["folds"]
            for record in self.record["members"]:
                recipe = MemberRecipe(**with_tuples(record["recipe"], "seeds"))
                spec = MemberSpec(self.folder, record["name"], recipe, text, folds)
                self._members.append(member_class(recipe.kind)(spec))
        return self._members


def member_signals(member: Member, pairs: Pairs, folds: Sequence[int]) -> FloatArray:
    """A member's signals, float64 (n, columns), each pair's by the models that have not seen its fold."""
    result, fold_of = np.zeros((len(pairs), len(member.columns))), np.asarray(folds)
    for fold in sorted(set(fold_of.tolist())):
        rows = np.flatnonzero(fold_of == fold)
        result[rows] = member.signals(pairs.take(rows), fold)
    return result


def with_tuples(record: dict[str, Any], *names: str) -> dict[str, Any]:
    """A record from JSON, its lists of these names as tuples."""
    return record | {name: tuple(record[name]) for name in names}

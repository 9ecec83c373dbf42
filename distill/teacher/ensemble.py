"""The trained teacher, as other stages use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.calibration import temper
from endcap.distill.teacher.members import open_member
from endcap.distill.teacher.ordinal import Stacker
from endcap.distill.teacher.pairs import FloatArray, MadeFrom, Member, Pairs
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
    said: dict[str, Any]
    _members: list[Member] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Teacher:
        """Read ``teacher.json``; models are loaded when they are first needed. Raises ``InputError``."""
        said = read_json(folder / TEACHER)
        if said.get("schema") != SCHEMA:
            raise InputError(f"{folder / TEACHER} has schema {said.get('schema')!r}; this endcap reads {SCHEMA}.")
        return cls(folder, said)

    def __getstate__(self) -> tuple[Path, dict[str, Any]]:
        return self.folder, self.said

    def __setstate__(self, state: tuple[Path, dict[str, Any]]) -> None:
        self.folder, self.said = state
        self._members = []

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
        if not self.said["members"]:
            raise InputError("This teacher has no members. Name some as [[teacher.members]] in the recipe.")
        pairs, stacker = Pairs(queries, products, made_from or {}), Stacker.from_mapping(self.said["stacker"])
        told = stacker.probabilities(signals(self.members(), pairs, folds)) if len(pairs) else np.zeros((0, 4))
        return temper(told, self.said["temperature"]).astype(np.float32)

    def members(self) -> list[Member]:
        """Its members, in their order."""
        if not self._members:
            text, folds = TextRecipe(**_text(self.said["text"])), self.said["folds"]
            self._members = [
                open_member(self.folder, each["name"], member_recipe(each["recipe"]), text, folds)
                for each in self.said["members"]
            ]
        return self._members


def signals(members: Sequence[Member], pairs: Pairs, folds: Sequence[int]) -> FloatArray:
    """All members' signals, float64 (n, all columns), each pair by the models that have not seen its fold."""
    return np.concatenate([member_signals(member, pairs, folds) for member in members], axis=1)


def member_signals(member: Member, pairs: Pairs, folds: Sequence[int]) -> FloatArray:
    """One member's signals, float64 (n, columns)."""
    result, of = np.zeros((len(pairs), len(member.columns))), np.asarray(folds)
    for fold in sorted(set(of.tolist())):
        rows = np.flatnonzero(of == fold)
        result[rows] = member.signals(pairs.take(rows), fold)
    return result


def member_recipe(said: dict[str, Any]) -> MemberRecipe:
    """A member's recipe from JSON."""
    return MemberRecipe(**said | {"seeds": tuple(said["seeds"])})


def _text(said: dict[str, Any]) -> dict[str, Any]:
    return said | {"fields": tuple(said["fields"]), "whole": tuple(said["whole"])}

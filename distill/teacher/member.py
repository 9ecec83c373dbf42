"""A member of the teacher: what it is made from, how it is fitted, and the signals it gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from endcap.distill.labels.logit import FloatArray
from endcap.distill.recipe.settings import MemberRecipe, Recipe
from endcap.distill.teacher.pairs import Example, Pairs
from endcap.index.product import Product
from endcap.plugin.model.text import TextRecipe
from endcap.progress import Watch, unwatched

SAVE_EVERY_S = 60.0


@dataclass(frozen=True, slots=True)
class MemberSpec:
    """A member's name (such as ``0-cross-encoder``), its recipe, and where under the teacher's folder it lies."""

    teacher: Path
    name: str
    recipe: MemberRecipe
    teacher_text: TextRecipe
    """What the teacher reads of a product."""
    folds: int

    @property
    def folder(self) -> Path:
        """Where the member keeps what it has learnt."""
        return self.teacher / "members" / self.name

    @property
    def text(self) -> TextRecipe:
        """What the member reads: the teacher's fields, with the member's own prefixes and token limit."""
        return replace(
            self.teacher_text,
            query_prefix=self.recipe.query_prefix,
            product_prefix=self.recipe.product_prefix,
            max_product_tokens=self.recipe.max_tokens,
            max_query_tokens=min(self.teacher_text.max_query_tokens, self.recipe.max_tokens),
        )


@dataclass(frozen=True, slots=True)
class FitData:
    """What members are fitted on: the judged pairs, and all products of all shops."""

    recipe: Recipe
    examples: Sequence[Example]
    products: Sequence[Product]
    watch: Watch = unwatched
    save_every_s: float = SAVE_EVERY_S


@dataclass(slots=True)
class Member(ABC):
    """Fitted once, then asked for signals, which are all of the kind "more is better"."""

    spec: MemberSpec
    needs_base: ClassVar[bool] = False
    """Whether the recipe has to name a model for it."""
    asks_llm: ClassVar[bool] = False
    """Whether it asks the recipe's ``llm``."""
    signal_names: ClassVar[tuple[str, ...]] = ()
    """Names of the signals; empty where there is one, which is called as the member is."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The signals' names in files and reports."""
        name = self.spec.name
        return tuple(f"{name} {signal}" for signal in self.signal_names) or (name,)

    def fit(self, data: FitData) -> None:  # noqa: B027 - a member that learns nothing makes nothing
        """Make what the member's folder has to hold; what it holds already is kept."""

    @abstractmethod
    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, columns), by the model that was trained without ``fold``; by all models' mean for fold -1.

        A pair's signals depend on that pair alone, never on what else is asked; NaN is "not known".
        """

"""What an evaluation found, as plain records; ``report/`` shows them, ``docs/evaluation.md`` explains their JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from endcap.evaluate.significance import Difference
from endcap.evaluate.systems import BLEND, RULES
from endcap.plugin.model.folder import ModelInfo

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class ModelUsed:
    """Which model took part."""

    name: str
    checksum: str
    folder: str
    fields: tuple[str, ...]


def model_used(info: ModelInfo) -> ModelUsed:
    """What a report says of a model folder."""
    return ModelUsed(info.name, info.checksum, str(info.folder.absolute()), info.fields)


@dataclass(frozen=True, slots=True)
class About:
    """All that is needed to read the numbers, or to get them again."""

    date: str
    version: str
    command: str
    data_set: str
    catalogue: str
    products: int
    judgments: str
    grades_from: str
    queries: int
    judged_pairs: int
    engine: str
    student: ModelUsed
    baseline: ModelUsed | None
    blend_weight: float
    measures: tuple[str, ...]
    gains: str
    gains_in_words: str
    relevant_grade: int
    seed: int
    warnings: tuple[str, ...]
    blend: str = "plain"
    """``learnt`` (the model's own) or ``plain`` (by ``blend_weight``)."""
    dense: int = 0
    """How many candidates by meaning the order ``dense`` has."""
    beside: ModelUsed | None = None
    """Another model, whose own blend is a row as well."""
    rules: str = ""
    """What the order ``rules`` follows: the shop's file, and signals of the model; empty: there is no such order."""

    @property
    def blend_in_words(self) -> str:
        """What "student + engine" means in this evaluation."""
        if self.blend == "learnt":
            return "the model's learnt blend of both scores and of what query and product say"
        return f"{self.blend_weight:g} of the student, the rest of the engine, both standardised in the search"


@dataclass(frozen=True, slots=True)
class SystemResult:
    """One way to order: per measure its mean, the mean's 95 % interval, and each query's value."""

    name: str
    label: str
    means: Mapping[str, float]
    intervals: Mapping[str, tuple[float, float]]
    unjudged: float
    values: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A product on a page: its grade is None where nobody judged it; a rank starts at 1, None is: nowhere."""

    id: str
    title: str
    grade: float | None
    rank_before: int | None
    rank_after: int | None
    brand: str = ""
    price: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One query, before and after: its value of the first measure, both pages, and what moved most."""

    query: str
    before: float
    after: float
    page_before: tuple[Shown, ...]
    page_after: tuple[Shown, ...]
    moved: tuple[Shown, ...]

    @property
    def change(self) -> float:
        """How much better the query became; negative: worse."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class SweepPoint:
    """The first measure's mean with another weight of the student, or another window (None: the whole pool)."""

    weight: float
    window: int | None
    value: float


@dataclass(frozen=True, slots=True)
class SettingResult:
    """All about one setting, ``pool`` or ``end-to-end``."""

    name: str
    window: int | None
    queries: tuple[str, ...]
    left_out: Mapping[str, tuple[str, ...]]
    missing_products: int
    cutoff: int
    systems: tuple[SystemResult, ...]
    ceiling: Mapping[str, float]
    differences: tuple[Difference, ...]
    losses: tuple[Case, ...]
    wins: tuple[Case, ...]
    sweep: tuple[SweepPoint, ...]
    left_alone: Mapping[str, int] = field(default_factory=dict)
    """Searches of the order ``rules`` that were not re-ranked, by what the middleware said: reason → searches."""
    full_windows: int = 0
    """Queries for which the engine found as many products as the window takes, or more."""
    refused: Mapping[str, str] = field(default_factory=dict)
    """Queries that the engine refuses in the shop's own query, with its words: such a search finds nothing."""

    @property
    def shown(self) -> str:
        """The order that a shopper would see: the one with all that the shop decides, where there is such."""
        return RULES if any(system.name == RULES for system in self.systems) else BLEND

    def system(self, name: str) -> SystemResult:
        """The system of this name."""
        return next(system for system in self.systems if system.name == name)

    def effect(self, better: str, base: str, measure: str) -> tuple[Difference, float, float] | None:
        """A comparison with the means of ``base`` and ``better``; None where no query counts for the measure."""
        difference = self.difference(better, base, measure)
        if difference is None or not difference.queries:
            return None
        return difference, self.system(base).means[measure], self.system(better).means[measure]

    def difference(self, better: str, base: str, measure: str) -> Difference | None:
        """The comparison of two systems in one measure, if both took part."""
        key = (better, base, measure)
        return next((d for d in self.differences if (d.better, d.base, d.measure) == key), None)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The whole answer of one ``endcap evaluate``."""

    about: About
    settings: tuple[SettingResult, ...]
    schema: int = SCHEMA

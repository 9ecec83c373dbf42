"""Recipes: what a model is made from and how. Each setting has its default, its meaning, and its range if it has one.

``recipe_file.py`` reads these records from TOML and checks the ranges.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Any

from endcap.distill.losses import LOSSES
from endcap.distill.recipe.shop_settings import JudgedPairsRecipe, Share, ShopRecipe
from endcap.distill.teacher.members import MEMBER_KINDS
from endcap.limits import Choice, Range
from endcap.plugin.blend.signals import Signal
from endcap.plugin.model.text import TextRecipe

Seed = Annotated[int, Range(0, 2**32 - 1)]
Pooling = Annotated[str, Choice("cls", "mean")]


@dataclass(frozen=True, slots=True)
class SplitRecipe:
    """Shares of the judged queries that are kept out of training (test) and out of its gradient (dev)."""

    test: Annotated[float, Range(0, 0.9)] = 0.0
    dev: Annotated[float, Range(0, 0.9)] = 0.15
    folds: Annotated[int, Range(2, 100)] = 3
    test_queries: str = ""
    """A file with queries, one a line, that must not get into training beside the test share."""
    unknown_ids: Share | None = None
    """The share of a shop's judgments that may name products which its catalogue lacks; without it, as commands."""


@dataclass(frozen=True, slots=True)
class QueriesRecipe:
    """How many queries to generate for each shop, and from what."""

    count: Annotated[int, Range(0, 1e9)] = 0
    sources: Annotated[tuple[str, ...], Choice("log", "catalogue", "llm")] = ("log", "catalogue")


@dataclass(frozen=True, slots=True)
class PairsRecipe:
    """Candidates for each generated query: ``depths`` are ranks up to which the engine's hits are drawn."""

    per_query: Annotated[int, Range(2, 10_000)] = 16
    depths: tuple[int, ...] = (10, 50, 200)
    hard: Share = 0.5
    """The share of candidates from the same category or brand, or with one attribute changed, beside the engine's."""


@dataclass(frozen=True, slots=True)
class MemberRecipe:
    """A member of the teacher: a model to be fine-tuned (one for each seed), or a score that is there."""

    kind: Annotated[str, Choice(*MEMBER_KINDS)]
    base: str = ""
    license: str = ""
    pooling: Pooling = "mean"
    query_prefix: str = ""
    product_prefix: str = ""
    seeds: tuple[int, ...] = (0,)
    epochs: Annotated[int, Range(1, 10_000)] = 2
    learning_rate: Share = 3e-5
    head_learning_rate: Share = 3e-4
    batch_size: Annotated[int, Range(1, 1e6)] = 32
    max_tokens: Annotated[int, Range(16, 1e6)] = 128
    lora_rank: Annotated[int, Range(0, 10_000)] = 0
    """Above 0: only low-rank updates are trained (decoders), by peft."""
    frozen_layers: Annotated[int, Range(0, 10_000)] = 0
    """A cross-encoder's lowest layers that stay as they are: what they make of a pair is read once and kept."""
    balance: Share = 0.0
    """How much more rare grades count in a cross-encoder's loss: from 0 (as often as they are) to 1 (all alike)."""


@dataclass(frozen=True, slots=True)
class TeacherRecipe:
    """An ensemble; ``smoothing`` is what ordinal label smoothing moves from a grade to its neighbours."""

    members: tuple[MemberRecipe, ...] = ()
    smoothing: Annotated[float, Range(0, 0.9)] = 0.1
    text: TextRecipe | None = None
    """What members read of a product; without it, what the student reads."""


@dataclass(frozen=True, slots=True)
class LlmRecipe:
    """An OpenAI-compatible endpoint. Prices are in money per million tokens; ``max_cost`` stops the work before it."""

    url: str = ""
    model: str = ""
    key_env: str = "OPENAI_API_KEY"
    prompt: str = "v1"
    concurrency: Annotated[int, Range(1, 10_000)] = 8
    timeout_s: Annotated[float, Range(0.001, 1e6)] = 60.0
    samples: Annotated[int, Range(1, 1_000)] = 5
    """Answers to a pair, where the endpoint gives no log-probabilities."""
    max_tokens: Annotated[int, Range(1, 1e6)] = 8
    """Of an answer; a model that thinks before it answers needs hundreds."""
    price_in: Annotated[float, Range(0, 1e9)] = 0.0
    price_out: Annotated[float, Range(0, 1e9)] = 0.0
    max_cost: Annotated[float, Range(0, 1e12)] | None = None
    min_kappa: Annotated[float, Range(-1, 1)] = 0.2
    """Its labels are used only where it agrees so well with people's grades (quadratic weighted kappa)."""
    check_pairs: Annotated[int, Range(1, 1e9)] = 300
    """Judged pairs of train and dev queries by which that is measured."""
    logprobs: bool = True
    """False: log-probabilities are never asked for; samples are drawn."""
    extra: Mapping[str, Any] = field(default_factory=dict)
    """More parameters of each request, as the endpoint has them; answers are kept apart by them."""


@dataclass(frozen=True, slots=True)
class LabelsRecipe:
    """How many generated pairs the teacher labels, and with how many workers (0: one a core, if it is worth it)."""

    count: Annotated[int, Range(0, 1e12)] = 0
    workers: Annotated[int, Range(0, 100_000)] = 0
    shard: Annotated[int, Range(1, 1e9)] = 2_000
    known_share: Share = 0.0
    """The part in a pair's score of the grade that is known by construction, where it is (0: the teacher alone)."""


@dataclass(frozen=True, slots=True)
class StudentRecipe:
    """How the student is trained. ``cosine_share`` is the zero-shot base's part in the target of judged products."""

    seeds: tuple[Seed, ...] = (0,)
    epochs: Annotated[float, Range(0, 1e6)] = 1.5
    learning_rate: Share = 3e-5
    warmup: Share = 0.1
    weight_decay: Annotated[float, Range(0, 100)] = 0.01
    list_size: Annotated[int, Range(2, 10_000)] = 8
    lists_per_step: Annotated[int, Range(1, 10_000)] = 4
    loss: Annotated[str, Choice(*LOSSES)] = "margin-mse"
    scale: float = 12.0
    cosine_share: Share = 0.5
    gold_share: Share = 0.5
    """The share of steps that take judged lists, where there are generated ones as well."""
    pairs: int = 0
    """How many judged pairs that are no ranking are used, each beside ``pair_negatives`` others taken as bad."""
    pair_negatives: int = 2
    text_dropout: Share = 0.0
    """How often a product is read by its title alone, so that shops which have no more are served, too."""
    patience: Annotated[int, Range(0, 1e9)] = 0
    """Evaluations on dev queries without a better one after which training stops (0: never)."""
    evaluations: Annotated[int, Range(0, 1e6)] = 4
    layers: Annotated[int, Range(0, 10_000)] = 0
    """Keep only so many of the base's layers (0: all)."""
    frozen_layers: int = 0
    """Leave the embeddings and so many of the lowest layers as they are (0: train all)."""
    average_seeds: bool = True
    """The weights of all seeds averaged (a model soup); else the seed that is best on dev queries."""
    stay_near: Share = 0.0
    """The trained weights are moved back towards the base by this share (0: not)."""


@dataclass(frozen=True, slots=True)
class SignalRecipe:
    """A number of the catalogue's products whose weight beside the blend is learnt (docs/rules.md, "Signals")."""

    name: str
    field: str
    direction: Annotated[str, Choice("up", "down")] = "up"
    scale: Annotated[str, Choice("linear", "log")] = "linear"
    low: float | None = None
    high: float | None = None

    def signal(self) -> Signal:
        """The signal, with no weight yet."""
        return Signal(self.name, self.field, self.direction == "up", 0.0, self.low, self.high, self.scale == "log")


@dataclass(frozen=True, slots=True)
class BlendRecipe:
    """Whether the blend is learnt (plugin/blend/learnt.py), and from which windows."""

    learnt: bool = False
    cross_fit: bool = True
    """A student of each fold, trained without its queries, scores them for the blend: else that trusts it too much."""
    folds: bool = False
    """Make such students also where no blend is learnt, so that the gate can measure all judged queries by them."""
    labelled: int = 300
    """At most so many generated queries with the teacher's labels are fitted to, where that proves better."""
    signals: tuple[SignalRecipe, ...] = ()
    """Numbers of the products that may weigh beside the blend, kept where that proves better."""


@dataclass(frozen=True, slots=True)
class GateRecipe:
    """What a candidate may lose: nDCG@10 of int8 beside fp32, and beside the model in production."""

    margin_int8: Share = 0.005
    margin: Share = 0.005
    most: Share = 0.0
    """Where few queries can't tell ``margin``: lower by one standard error, and by no more than this (0: never)."""
    against: str = "current"
    shops: tuple[str, ...] = ()
    """The shops whose queries decide (none named: all). Public ones may teach beside one's own and decide nothing."""


@dataclass(frozen=True, slots=True)
class CurveRecipe:
    """Amounts of generated pairs at which students are trained, and their seeds."""

    amounts: tuple[Annotated[int, Range(0, 1e12)], ...] = (0, 1_000, 4_000, 16_000, 64_000)
    seeds: tuple[Seed, ...] = (0, 1, 2)
    test_queries: Annotated[int, Range(0, 1e9)] = 0
    """At most so many test queries are measured on, drawn by the recipe's seed (0: all)."""
    least_steps: int = 0
    """Students of small amounts see their data again until they have had so many steps."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A base from the hub (or a folder), how it is taught and read, and what the model folder says of it."""

    name: str
    base: str
    license: str
    shape: Annotated[str, Choice("bi-encoder", "cross-encoder")] = "bi-encoder"
    pooling: Pooling = "cls"
    precision: Annotated[str, Choice("int8", "fp32")] = "int8"
    score_scale: float = 1.0
    score_offset: float = 0.0
    state_dtype: Annotated[str, Choice("float16", "int8")] = "float16"
    state_size: Annotated[int, Range(0, 1e6)] = 0
    """Numbers kept of a product's vector, the first ones (0: all)."""
    languages: tuple[str, ...] = ("en",)
    """What the model folder says that the student knows (ISO 639-1): searches in other languages are skipped."""
    vocabulary: Annotated[int, Range(0, 1e7)] = 0
    """Pieces that are kept of the base's vocabulary when it is exported, those of ``languages`` and shops (0: all)."""
    blend_weight: Share = 0.5
    window: Annotated[int, Range(1, 10_000)] = 100
    seed: Seed = 0
    text: TextRecipe = field(default_factory=TextRecipe)
    shops: tuple[ShopRecipe, ...] = ()
    judged_pairs: tuple[JudgedPairsRecipe, ...] = ()
    split: SplitRecipe = field(default_factory=SplitRecipe)
    queries: QueriesRecipe = field(default_factory=QueriesRecipe)
    pairs: PairsRecipe = field(default_factory=PairsRecipe)
    teacher: TeacherRecipe = field(default_factory=TeacherRecipe)
    llm: LlmRecipe = field(default_factory=LlmRecipe)
    labels: LabelsRecipe = field(default_factory=LabelsRecipe)
    student: StudentRecipe = field(default_factory=StudentRecipe)
    blend: BlendRecipe = field(default_factory=BlendRecipe)
    gate: GateRecipe = field(default_factory=GateRecipe)
    curve: CurveRecipe = field(default_factory=CurveRecipe)
    licenses: Mapping[str, str] = field(default_factory=dict)
    """Licences of the data, by the names of shops and judged pairs: for the model card alone."""
    data: Path = Path()
    """The folder that relative paths start from; not a key of the file."""

    def data_of_shops(self) -> list[dict[str, Any]]:
        """The shops without what says how they are searched."""
        kept = [item.name for item in fields(ShopRecipe) if item.name not in ("body", "index")]
        return [{name: getattr(shop, name) for name in kept} for shop in self.shops]

    def searched_by(self) -> dict[str, str]:
        """The own query and the index of each shop that has one."""
        return {f"search of {shop.name}": f"{shop.body} {shop.index}" for shop in self.shops if shop.body or shop.index}

    def bodies(self) -> list[Path]:
        """The files of the shops' own queries."""
        return [self.path(shop.body) for shop in self.shops if shop.body]

    def path(self, name: str) -> Path:
        """A path of the recipe, with ``~`` and environment variables, relative ones from ``data``."""
        return self.data / Path(os.path.expandvars(name)).expanduser()


STUDENT_PARTS = ("base", "shape", "pooling", "text", "student", "seed")
"""The parts of a recipe that make a student, whatever it is taught."""

"""Trains a student on lists of targets: margin MSE, gold and generated lists mixed, checkpoints, early stopping."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from endcap.distill.recipe.settings import StudentRecipe
from endcap.distill.student.losses import LOSSES
from endcap.distill.student.tower import Tower
from endcap.distill.student.training_lists import TrainingList, epoch
from endcap.errors import EndcapError
from endcap.files import whole_file
from endcap.plugin.model.text import TextRecipe, query_text
from endcap.progress import Watch, unwatched

CHECKPOINT_EVERY_S = 60.0
BAD_STEPS = 5
"""So many steps in a row whose loss is no number end a training; fewer are left out."""
MOST_GOLD_PASSES = 20.0
Texts = Mapping[tuple[str, str], tuple[str, str]]
"""(shop, product id) -> the product's text, and the text of its title alone."""
Measure = Callable[[Tower], float]


class TrainingFailed(EndcapError):
    """The loss is no number; what was learnt before is in the last checkpoint."""


@dataclass(frozen=True, slots=True)
class Course:
    """How a training went. ``dev`` holds (step, measure on dev queries), ``best_step`` is the one that was kept."""

    steps: int
    best_step: int
    dev: tuple[tuple[int, float], ...]
    losses: tuple[float, ...]
    skipped: int
    seconds: float


def train_tower(
    tower: Tower,
    gold: Sequence[TrainingList],
    generated: Sequence[TrainingList],
    texts: Texts,
    recipe: TextRecipe,
    settings: StudentRecipe,
    *,
    seed: int = 0,
    measure: Measure | None = None,
    checkpoint: Path | None = None,
    watch: Watch = unwatched,
) -> Course:
    """Train ``tower`` in place, by ``settings``.

    ``measure`` is asked ``settings.evaluations`` times; with ``settings.patience`` the best weights are kept and the
    training stops early. ``checkpoint`` is a file that makes a killed training go on where it was: the same steps
    follow as without the kill. Raises ``TrainingFailed`` where the loss stays no number.
    """
    order = _Order(gold, generated, settings, seed)
    run = _Run(tower, texts, recipe, settings, order.steps, seed)
    if checkpoint is not None and checkpoint.exists():
        run.load(checkpoint)
    saved = time.monotonic()
    marks = {max(1, round(order.steps * (n + 1) / max(1, settings.evaluations))) for n in range(settings.evaluations)}
    with watch(f"Training (seed {seed})", order.steps) as advance:
        while run.step < order.steps and not run.stopped:
            run.learn(order.step(run.step))
            advance(run.step)
            if measure is not None and run.step in marks:
                run.note(measure(tower))
            if checkpoint is not None and time.monotonic() - saved > CHECKPOINT_EVERY_S:
                run.save(checkpoint)
                saved = time.monotonic()
    run.keep_best()
    tower.eval()
    return Course(
        run.step, run.best_step or run.step, tuple(run.dev), tuple(run.losses), run.skipped, round(run.seconds(), 1)
    )


class _Order:
    """Which lists come when: decided by the seed and the step's number alone, so that a resumed training goes on."""

    def __init__(
        self, gold: Sequence[TrainingList], generated: Sequence[TrainingList], settings: StudentRecipe, seed: int
    ) -> None:
        self._gold, self._generated, self._settings, self._seed = gold, generated, settings, seed
        self._made: dict[int, list[TrainingList]] = {}
        self._per_epoch = math.ceil(len(self._epoch(0)) / settings.lists_per_step)
        wanted = max(1, round(self._per_epoch * settings.epochs)) if settings.epochs else 0  # 0: zero-shot
        self.steps = wanted if self._per_epoch else 0

    def step(self, number: int) -> list[TrainingList]:
        """The lists of a step."""
        size = self._settings.lists_per_step
        lists = self._epoch(number // self._per_epoch)
        start = number % self._per_epoch * size
        return lists[start : start + size]

    def _epoch(self, number: int) -> list[TrainingList]:
        """All generated lists once, and gold ones as often as makes their share; without generated ones, gold once."""
        if number not in self._made:
            rng = np.random.default_rng([self._seed, number])
            size = self._settings.list_size
            lists = epoch(self._generated, size, rng)
            gold = epoch(self._gold, size, rng)
            if lists and gold:
                share = min(self._settings.gold_share, 0.99)
                wanted = min(share / (1 - share) * len(lists), MOST_GOLD_PASSES * len(gold))
                while len(gold) < wanted:
                    gold += epoch(self._gold, size, rng)
                gold = gold[: max(1, round(wanted))] if share else []
            every = [*lists, *gold]
            self._made = {number: [every[i] for i in rng.permutation(len(every))]}
        return self._made[number]


class _Run:
    """A training's state: what a checkpoint holds."""

    def __init__(
        self, tower: Tower, texts: Texts, recipe: TextRecipe, settings: StudentRecipe, steps: int, seed: int
    ) -> None:
        self.tower, self.texts, self.recipe, self.settings, self.seed = tower, texts, recipe, settings, seed
        self.step, self.skipped, self.bad, self.best_step = 0, 0, 0, 0
        self._before, self._began, self.stopped = 0.0, time.monotonic(), False
        self.dev: list[tuple[int, float]] = []
        self.losses: list[float] = []
        self._best: dict[str, torch.Tensor] | None = None
        self._loss = LOSSES[settings.loss]
        # Dropout costs a fifth of a step on a CPU, and an epoch or two of small steps do not overfit.
        for module in tower.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        freeze(tower, settings.frozen_layers)
        self._optimizer = torch.optim.AdamW(_groups(tower, settings), lr=settings.learning_rate, fused=True)
        warm = max(1, round(settings.warmup * steps))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda n: min((n + 1) / warm, max(0.0, (steps - n) / max(1, steps - warm)))
        )

    def seconds(self) -> float:
        """How long it has taken, over all goes."""
        return self._before + time.monotonic() - self._began

    def learn(self, lists: Sequence[TrainingList]) -> None:
        """One step."""
        self.tower.train()
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        rng = np.random.default_rng([self.seed, 1, self.step])
        losses = [
            self._loss(scores, torch.from_numpy(each.targets).to(scores.device))
            for scores, each in zip(self._scores(lists, rng), lists, strict=True)
        ]
        loss = torch.stack(losses).mean()
        self._optimizer.zero_grad(set_to_none=True)
        if torch.isfinite(loss):
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(self.tower.parameters(), 1.0)
        if torch.isfinite(loss) and torch.isfinite(norm):
            self._optimizer.step()
            self.bad = 0
            self.losses.append(round(float(loss.detach()), 5))
        else:
            self.skipped, self.bad = self.skipped + 1, self.bad + 1
            if self.bad >= BAD_STEPS:
                raise TrainingFailed(
                    f"The loss was no number in {self.bad} steps in a row (step {self.step}). Lower "
                    f"student.learning_rate ({self.settings.learning_rate:g}) or look for targets that are no numbers."
                )
        self._schedule.step()
        self.step += 1

    def _scores(self, lists: Sequence[TrainingList], rng: np.random.Generator) -> list[torch.Tensor]:
        """The lists' scores; a product that several lists of a step share is read once."""
        text, tower = self.recipe, self.tower
        wanted = {(each.shop, product) for each in lists for product in each.products}
        short = {key: rng.random() < self.settings.text_dropout for key in sorted(wanted)}
        asked = [query_text(each.query, text) for each in lists]
        if tower.shape == "cross-encoder":
            rows = [
                row
                for query, each in zip(asked, lists, strict=True)
                for row in tower.pair_tokens(
                    query,
                    [self.texts[each.shop, p][short[each.shop, p]] for p in each.products],
                    text.max_query_tokens,
                    text.max_product_tokens,
                )
            ]
            return list(tower.logits(rows).split([len(each.products) for each in lists]))
        names = list(short)
        rows_of = tower.tokens([self.texts[key][short[key]] for key in names], text.max_product_tokens)
        vectors = tower.vectors(rows_of)
        queries = tower.vectors(tower.tokens(asked, text.max_query_tokens))
        place = {key: n for n, key in enumerate(names)}
        return [
            tower.scale * vectors[[place[each.shop, p] for p in each.products]] @ query
            for each, query in zip(lists, queries, strict=True)
        ]

    def note(self, value: float) -> None:
        """A measure on dev queries: keep the weights if they are the best so far. One that is no number (no dev query
        tells rankings apart) says nothing."""
        patience = self.settings.patience
        if not math.isfinite(value):
            return
        if patience and (not self.dev or value > max(v for _, v in self.dev)):
            self._best, self.best_step = {k: v.clone() for k, v in self.tower.state_dict().items()}, self.step
        self.dev.append((self.step, round(value, 5)))
        worse = len(self.dev) - 1 - max(range(len(self.dev)), key=lambda i: self.dev[i][1])
        self.stopped = bool(patience) and worse >= patience

    def keep_best(self) -> None:
        """Put the best weights back, where a choice was made."""
        if self._best is not None:
            self.tower.load_state_dict(self._best)

    def save(self, path: Path) -> None:
        """Write all that goes on is made from."""
        names = ("step", "skipped", "bad", "best_step", "dev", "losses", "_best", "stopped")
        state = {name: getattr(self, name) for name in names}
        state |= {
            "settings": asdict(self.settings),
            "_before": self.seconds(),
            "tower": self.tower.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            torch.save(state, file)

    def load(self, path: Path) -> None:
        """Go on from a checkpoint; one of other settings, or a broken one, is not used."""
        try:
            state = torch.load(path, weights_only=False)
        except Exception:  # torch raises a dozen types for a broken file
            return
        if state.pop("settings") != asdict(self.settings):
            return
        self.tower.load_state_dict(state.pop("tower"))
        self._optimizer.load_state_dict(state.pop("optimizer"))
        self._schedule.load_state_dict(state.pop("schedule"))
        for name, value in state.items():
            setattr(self, name, value)


def _groups(tower: Tower, settings: StudentRecipe) -> list[dict[str, object]]:
    """Weights decay, biases and norms do not; a new head learns ten times as fast as the body."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in tower.named_parameters():
        if not parameter.requires_grad:
            continue
        head = "classifier" in name or ".score." in name
        groups.setdefault((parameter.ndim > 1, head), []).append(parameter)
    return [
        {
            "params": found,
            "weight_decay": settings.weight_decay if decays else 0.0,
            "lr": settings.learning_rate * (10 if head else 1),
        }
        for (decays, head), found in groups.items()
    ]


def freeze(tower: Tower, layers: int) -> None:
    """Keep the embeddings and the lowest ``layers`` layers as they are (0: none): a step is cheaper, and what the base
    knows of words stays."""
    if layers:
        frozen = tuple(f".layer.{n}." for n in range(layers))
        for name, parameter in tower.named_parameters():
            parameter.requires_grad = not ("embeddings." in name or any(part in name for part in frozen))

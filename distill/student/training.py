"""Trains a student on lists of targets, gold and generated ones mixed, with checkpoints and early stopping."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from endcap.distill.losses import LOSSES
from endcap.distill.recipe.settings import StudentRecipe
from endcap.distill.student.tower import Tower
from endcap.distill.student.training_lists import StepLists, TrainingList
from endcap.errors import EndcapError
from endcap.files import whole_file
from endcap.plugin.model.text import TextRecipe, query_text
from endcap.progress import Watch, unwatched

CHECKPOINT_EVERY_S = 60.0
BAD_STEPS = 5
"""So many steps in a row whose loss is no number end a training; fewer are left out."""
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
    lists = StepLists(gold, generated, settings, seed)
    state = _TrainingState(tower, texts, recipe, settings, lists.steps, seed)
    if checkpoint is not None and checkpoint.exists():
        state.load(checkpoint)
    saved = time.monotonic()
    evaluations = settings.evaluations
    evaluated_at = {max(1, round(lists.steps * (n + 1) / max(1, evaluations))) for n in range(evaluations)}
    with watch(f"Training (seed {seed})", lists.steps) as advance:
        while state.step < lists.steps and not state.stopped:
            state.learn(lists.step(state.step))
            advance(state.step)
            if measure is not None and state.step in evaluated_at:
                state.add_dev_ndcg(measure(tower))
            if checkpoint is not None and time.monotonic() - saved > CHECKPOINT_EVERY_S:
                state.save(checkpoint)
                saved = time.monotonic()
    state.restore_best()
    tower.eval()
    return state.course()


class _TrainingState:
    """What a checkpoint holds, under the attributes' names."""

    def __init__(
        self, tower: Tower, texts: Texts, recipe: TextRecipe, settings: StudentRecipe, steps: int, seed: int
    ) -> None:
        self.tower, self.texts, self.recipe, self.settings, self.seed = tower, texts, recipe, settings, seed
        self.step, self.skipped, self.bad, self.best_step = 0, 0, 0, 0
        self._before, self._start, self.stopped = 0.0, time.monotonic(), False
        self.dev: list[tuple[int, float]] = []
        self.losses: list[float] = []
        self._best: dict[str, torch.Tensor] | None = None
        self._loss = LOSSES[settings.loss]
        # Dropout costs a fifth of a step on a CPU, and an epoch or two of small steps do not overfit.
        for dropout in (module for module in tower.modules() if isinstance(module, torch.nn.Dropout)):
            dropout.p = 0.0
        tower.freeze(settings.frozen_layers)
        self._optimizer = torch.optim.AdamW(_parameter_groups(tower, settings), lr=settings.learning_rate, fused=True)
        warm = max(1, round(settings.warmup * steps))
        self._schedule = torch.optim.lr_scheduler.LambdaLR(
            self._optimizer, lambda n: min((n + 1) / warm, max(0.0, (steps - n) / max(1, steps - warm)))
        )

    def course(self) -> Course:
        """How it went."""
        best_step = self.best_step or self.step
        return Course(
            self.step, best_step, tuple(self.dev), tuple(self.losses), self.skipped, round(self._seconds(), 1)
        )

    def _seconds(self) -> float:
        """How long it has taken, over all goes."""
        return self._before + time.monotonic() - self._start

    def learn(self, lists: Sequence[TrainingList]) -> None:
        """One step: a loss that is no number changes no weight, and too many in a row end the training."""
        self.tower.train()
        torch.manual_seed(self.seed * 1_000_003 + self.step)
        rng = np.random.default_rng([self.seed, 1, self.step])
        losses = [
            self._loss(scores, torch.from_numpy(item.targets).to(scores.device))
            for scores, item in zip(self._scores(lists, rng), lists, strict=True)
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
        # A product's text, or its title alone: one draw a product, in the order of the keys.
        keys = sorted({(item.shop, product) for item in lists for product in item.products})
        read = {key: self.texts[key][rng.random() < self.settings.text_dropout] for key in keys}
        if tower.shape == "cross-encoder":
            rows = [
                row
                for item in lists
                for row in tower.pair_tokens(item.query, [read[item.shop, p] for p in item.products], text)
            ]
            return list(tower.logits(rows).split([len(item.products) for item in lists]))
        products = tower.vectors(tower.tokens(list(read.values()), text.max_product_tokens))
        queries = tower.vectors(tower.tokens([query_text(item.query, text) for item in lists], text.max_query_tokens))
        row_of = {key: row for row, key in enumerate(read)}
        return [
            tower.scale * products[[row_of[item.shop, product] for product in item.products]] @ query
            for query, item in zip(queries, lists, strict=True)
        ]

    def add_dev_ndcg(self, dev_ndcg: float) -> None:
        """Keep the weights if they are the best so far, and stop where none were for ``patience`` measures.

        One that is no number (no dev query tells rankings apart) says nothing.
        """
        patience = self.settings.patience
        if not math.isfinite(dev_ndcg):
            return
        if patience and (not self.dev or dev_ndcg > max(value for _, value in self.dev)):
            self._best, self.best_step = {k: v.clone() for k, v in self.tower.state_dict().items()}, self.step
        self.dev.append((self.step, round(float(dev_ndcg), 5)))
        worse = len(self.dev) - 1 - max(range(len(self.dev)), key=lambda i: self.dev[i][1])
        self.stopped = bool(patience) and worse >= patience

    def restore_best(self) -> None:
        """Put the best weights back, where a choice was made."""
        if self._best is not None:
            self.tower.load_state_dict(self._best)

    def save(self, path: Path) -> None:
        """Write all that goes on is made from."""
        names = ("step", "skipped", "bad", "best_step", "dev", "losses", "_best", "stopped")
        state = {name: getattr(self, name) for name in names}
        state |= {
            "settings": asdict(self.settings),
            "_before": self._seconds(),
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
            state = torch.load(path, weights_only=True)
        except Exception:  # torch raises a dozen types for a broken file
            return
        if state.pop("settings") != asdict(self.settings):
            return
        self.tower.load_state_dict(state.pop("tower"))
        self._optimizer.load_state_dict(state.pop("optimizer"))
        self._schedule.load_state_dict(state.pop("schedule"))
        for name, value in state.items():
            setattr(self, name, value)


def _parameter_groups(tower: Tower, settings: StudentRecipe) -> list[dict[str, object]]:
    """Weights decay, biases and norms do not; a new head learns ten times as fast as the body."""
    groups: dict[tuple[bool, bool], list[torch.nn.Parameter]] = {}
    for name, parameter in tower.named_parameters():
        if not parameter.requires_grad:
            continue
        head = "classifier" in name or ".score." in name
        groups.setdefault((parameter.ndim > 1, head), []).append(parameter)
    return [
        {
            "params": parameters,
            "weight_decay": settings.weight_decay if decays else 0.0,
            "lr": settings.learning_rate * (10 if head else 1),
        }
        for (decays, head), parameters in groups.items()
    ]

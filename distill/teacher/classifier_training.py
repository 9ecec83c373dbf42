"""Trains a classifier by cross-entropy with soft targets; transformers' Trainer carries the loop.

    loss = mean_i w_i * -sum_g t_ig log p_ig,   w_i = sum_g t_ig c_g,   c_g ~ n_g^-balance,   mean_i w_i = 1

``balance`` 0 counts all pairs alike, 1 all grades.
"""

from __future__ import annotations

import logging
import shutil
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import SequentialSampler
from transformers import Trainer, TrainerCallback, TrainingArguments
from transformers.trainer_callback import PrinterCallback

from endcap.distill.labels.logit import FloatArray
from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.classifier import Encoded, PairTokenizer, even_start, head_and_body, load_base, with_lora
from endcap.distill.teacher.device import bf16_pays, device, quiet
from endcap.distill.teacher.lower_layers import LowerLayers
from endcap.distill.teacher.member import SAVE_EVERY_S
from endcap.errors import InputError
from endcap.files import whole_folder
from endcap.progress import Advance, Watch, unwatched

WHOLE = "whole"
"""A file that a checkpoint gets last: one without it is half a checkpoint."""
WARMUP = 0.1
WEIGHT_DECAY = 0.01
MEGA_BATCH = 50
LEAST_LORA_RATE = 1e-4
LEAST_FALL = 0.98
"""Of the first fifth's loss: what the last fifth's has to be below."""
LOG = logging.getLogger("endcap.distill")


def fit_classifier(
    member: MemberRecipe,
    queries: Sequence[str],
    products: Sequence[str],
    targets: FloatArray,
    folder: Path,
    *,
    seed: int,
    checkpoints: Path,
    advance: Advance = lambda step: None,
    save_every_s: float = SAVE_EVERY_S,
    states: Path | None = None,
    watch: Watch = unwatched,
) -> None:
    """Train on pairs of texts with ``targets`` float64 (n, 4), and put the model's folder in place.

    What frozen layers make of the pairs is kept in the folder ``states``, for all models of the same base.
    Goes on from the last whole checkpoint under ``checkpoints``; by whatever it was stopped, the weights are the same.
    Raises ``InputError`` where the loss is no number any more, or the base can't be loaded.
    """
    if member.lora_rank and member.learning_rate < LEAST_LORA_RATE:
        LOG.warning(
            "The teacher on %r has lora_rank = %d with learning_rate = %g, a rate for whole weights, at which low-rank "
            "updates learn next to nothing: set 1e-3, or at least %g.",
            member.base,
            member.lora_rank,
            member.learning_rate,
            LEAST_LORA_RATE,
        )

    # The model, with a new head.
    torch.manual_seed(seed)
    model, tokenizer = load_base(member.base, member.max_tokens, frozen=bool(member.lora_rank))
    even_start(model)
    pairs = tokenizer(queries, products)
    lower = None
    if member.frozen_layers:
        lower = LowerLayers(model.to(device()), member.frozen_layers, states)
        lower.fill(pairs, watch)
    model = with_lora(model, member.lora_rank) if member.lora_rank else model

    # All rows of all epochs, in their order.
    share = pair_weights(targets, member.balance)
    order = training_order(np.array([len(row["input_ids"]) for row in pairs]), member.epochs, member.batch_size, seed)
    rows = [pairs[i] | {"target": targets[i].tolist(), "share": float(share[i])} for i in order]

    # The training, from the last whole checkpoint on.
    with quiet(), warnings.catch_warnings():
        # That checkpoints are ordered by their numbers where a file system keeps no times is as it should be.
        warnings.filterwarnings("ignore", message="mtime may not be reliable")
        trainer = _trainer(member, model, tokenizer, rows, seed, checkpoints)
        for checkpoint in checkpoints.glob("checkpoint-*"):
            if not (checkpoint / WHOLE).exists():
                shutil.rmtree(checkpoint)
        trainer.add_callback(_CheckpointKeeper(advance, save_every_s))
        try:
            trainer.train(resume_from_checkpoint=_last_whole(checkpoints))
        except _DivergedError as error:
            raise InputError(_divergence(member, error.args[0], checkpoints)) from None

    _tell_of_losses(member, trainer.losses, step_count(len(pairs), member))

    # The model's folder, and the checkpoints away.
    folder.parent.mkdir(parents=True, exist_ok=True)
    if lower is not None and not member.lora_rank:
        lower.restore()
    with whole_folder(folder) as part:
        model.save_pretrained(part)
        tokenizer.tokenizer.save_pretrained(part)
    shutil.rmtree(checkpoints, ignore_errors=True)


def step_count(pairs: int, member: MemberRecipe) -> int:
    """How many steps a training on so many pairs takes."""
    return -(-pairs * member.epochs // member.batch_size)


def pair_weights(targets: FloatArray, balance: float) -> FloatArray:
    """How much each pair counts, float64 (n,), mean 1: rare grades more, the more so the nearer ``balance`` is to 1."""
    mass = np.maximum(targets.sum(axis=0), 1e-9)
    weights = targets @ mass**-balance
    return np.asarray(weights / weights.mean())


def training_order(lengths: Any, epochs: int, batch_size: int, seed: int) -> list[int]:
    """Positions of all epochs, one after the other, so that batches hold pairs of like length in random order.

    All of it is drawn before the training begins: one that goes on where it was killed meets the same batches.
    """
    random = np.random.default_rng(seed)
    order = np.concatenate([random.permutation(len(lengths)) for _ in range(epochs)])
    batches: list[Any] = []
    for start in range(0, len(order), MEGA_BATCH * batch_size):
        mega_batch = order[start : start + MEGA_BATCH * batch_size]
        mega_batch = mega_batch[np.argsort(-lengths[mega_batch], kind="stable")]
        batches += [mega_batch[i : i + batch_size] for i in range(0, len(mega_batch), batch_size)]
    full = [batch for batch in batches if len(batch) == batch_size]
    partial = [batch for batch in batches if len(batch) < batch_size]
    shuffled = [full[i] for i in random.permutation(len(full))]
    return [int(i) for batch in [*shuffled, *partial] for i in batch]


def _trainer(
    member: MemberRecipe, model: Any, tokenizer: PairTokenizer, rows: list[Any], seed: int, checkpoints: Path
) -> _SoftTrainer:
    total = -(-len(rows) // member.batch_size)
    arguments = TrainingArguments(
        output_dir=str(checkpoints),
        per_device_train_batch_size=member.batch_size,
        num_train_epochs=1,
        warmup_steps=int(WARMUP * total),
        lr_scheduler_type="linear",
        max_grad_norm=1.0,
        seed=seed,
        use_cpu=device() == "cpu",
        bf16=bf16_pays(),
        gradient_checkpointing=bool(member.lora_rank) and not member.frozen_layers,
        gradient_checkpointing_kwargs={"use_reentrant": False},
        save_strategy="no",
        save_total_limit=2,
        logging_strategy="no",
        report_to=[],
        disable_tqdm=True,
        remove_unused_columns=False,
        dataloader_pin_memory=False,
    )
    trainer = _SoftTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        data_collator=_collate(tokenizer),
        optimizers=(_optimizer(member, model), None),
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def _optimizer(member: MemberRecipe, model: Any) -> torch.optim.Optimizer:
    head, body = head_and_body(model)
    groups: list[dict[str, Any]] = []
    for parameters, rate in ((head, member.head_learning_rate), (body, member.learning_rate)):
        # Biases and norms are not pulled to zero.
        vectors = [p for p in parameters if p.ndim < 2]
        matrices = [p for p in parameters if p.ndim >= 2]
        groups += [{"params": matrices, "lr": rate, "weight_decay": WEIGHT_DECAY}]
        groups += [{"params": vectors, "lr": rate, "weight_decay": 0.0}]
    return torch.optim.AdamW([group for group in groups if group["params"]])


def _collate(tokenizer: PairTokenizer) -> Callable[[list[Any]], dict[str, torch.Tensor]]:
    def collate(batch: list[Any]) -> dict[str, torch.Tensor]:
        inputs: list[Encoded] = [{k: v for k, v in row.items() if k not in ("target", "share")} for row in batch]
        labels = {name: torch.tensor([row[name] for row in batch], dtype=torch.float32) for name in ("target", "share")}
        return tokenizer.collate(inputs) | labels

    return collate


class _SoftTrainer(Trainer):
    """Cross-entropy with soft targets, over the rows in the order in which they are given."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.losses: list[float] = []

    def _get_train_sampler(self, *_: Any) -> Any:
        return SequentialSampler(self.train_dataset)

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        target, share = inputs.pop("target"), inputs.pop("share")
        reply = model(**inputs)
        logits = reply.logits.float()
        loss = (share * -(target * torch.log_softmax(logits, dim=1)).sum(dim=1)).mean()
        if not torch.isfinite(loss):
            raise _DivergedError(self.state.global_step)
        self.losses.append(float(loss.detach()))
        return (loss, reply) if return_outputs else loss


class _DivergedError(Exception):
    """The loss is NaN or infinite, at this step."""


class _CheckpointKeeper(TrainerCallback):
    """Saves by time, marks a checkpoint once it is whole, and tells how far the training is."""

    def __init__(self, advance: Advance, every_s: float) -> None:
        self.advance, self.every_s = advance, every_s
        self.saved = time.monotonic()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """After each step."""
        self.advance(state.global_step)
        if time.monotonic() - self.saved >= self.every_s and state.global_step < state.max_steps:
            control.should_save = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, model: Any = None, **_: Any) -> None:
        """After a checkpoint was written; one with weights that are no numbers stays unmarked."""
        if all(bool(torch.isfinite(p).all()) for p in model.parameters() if p.requires_grad):
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / WHOLE).touch()
        self.saved = time.monotonic()


def _tell_of_losses(member: MemberRecipe, losses: Sequence[float], steps: int) -> None:
    """Log how the loss went, where the training was not stopped; warn where it did not fall."""
    part = len(losses) // 5
    if not part or len(losses) < steps:
        return
    first, last = float(np.mean(losses[:part])), float(np.mean(losses[-part:]))
    LOG.info(
        "The loss on %r in fifths of %d steps: %s.",
        member.base,
        steps,
        ", ".join(f"{np.mean(losses[i * part : (i + 1) * part]):.3f}" for i in range(5)),
    )
    if last > LEAST_FALL * first:
        LOG.warning(
            "The loss of the teacher on %r did not fall: %.3f in the first fifth of its %d steps, %.3f in the last. "
            "Raise learning_rate (%g; low-rank updates need ten times that of whole weights and more) or epochs (%d), "
            "or lower batch_size (%d).",
            member.base,
            first,
            steps,
            last,
            member.learning_rate,
            member.epochs,
            member.batch_size,
        )


def _divergence(member: MemberRecipe, step: int, checkpoints: Path) -> str:
    checkpoint = _last_whole(checkpoints)
    kept = f"The last good checkpoint is kept in {checkpoint}." if checkpoint else "There was no checkpoint yet."
    return (
        f"The loss of the teacher on {member.base!r} is no number at step {step}: the training has come apart. {kept} "
        f"Lower learning_rate ({member.learning_rate:g}) or head_learning_rate ({member.head_learning_rate:g})."
    )


def _last_whole(checkpoints: Path) -> str | None:
    whole = [p.parent for p in checkpoints.glob(f"checkpoint-*/{WHOLE}")]
    return str(max(whole, key=lambda p: int(p.name.rpartition("-")[2]))) if whole else None

"""The lowest layers of a BERT that are not taught: what they make of a text is read once, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from endcap.distill.teacher.device import autocast

MOST_NUMBERS = 400_000_000
"""Numbers of states that are kept, 1.6 GB; texts beyond are read anew each time."""


class LowerLayers:
    """The states that the embeddings and the lowest ``count`` layers make, float32 (tokens, d) a text, read in bfloat16
    where that is faster: good enough to learn from."""

    def __init__(self, model: Any, count: int) -> None:
        self._model, self._count = model, count
        self._kept: dict[tuple[int, ...], torch.Tensor] = {}
        self._numbers = 0

    @staticmethod
    def fits(model: Any) -> bool:
        """Whether a transformers model is built as a BERT is."""
        return model.config.model_type == "bert" and hasattr(model, "embeddings") and hasattr(model.encoder, "layer")

    @torch.no_grad()
    def states(self, rows: Sequence[Sequence[int]], ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """States float32 (n, longest, d) of rows of token ids, which ``ids`` and ``mask`` hold padded."""
        keys = [tuple(row) for row in rows]
        new = [n for n, key in enumerate(keys) if key not in self._kept]
        found = dict[tuple[int, ...], torch.Tensor]()
        if new:
            with autocast():
                states = self._model.embeddings(input_ids=ids[new])
                states = self._through(states, mask[new], 0, self._count).float()
            for n, state in zip(new, states, strict=True):
                found[keys[n]] = state[: len(keys[n])].clone()
                if self._numbers + found[keys[n]].numel() <= MOST_NUMBERS:
                    self._kept[keys[n]] = found[keys[n]]
                    self._numbers += found[keys[n]].numel()
        parts = [found[key] if key in found else self._kept[key] for key in keys]
        padded = torch.zeros(len(rows), ids.shape[1], parts[0].shape[1], device=ids.device)
        for n, part in enumerate(parts):
            padded[n, : len(part)] = part
        return padded

    def upper(self, states: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """What the other layers make of such states, float32 (n, longest, d), with gradients where they are on."""
        return self._through(states, mask, self._count, len(self._model.encoder.layer))

    def _through(self, states: torch.Tensor, mask: torch.Tensor, start: int, end: int) -> torch.Tensor:
        hidden = self._model.get_extended_attention_mask(mask, mask.shape)
        for layer in self._model.encoder.layer[start:end]:
            states = layer(states, hidden)[0]
        return states

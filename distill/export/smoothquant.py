"""Smoothing: make a model easy to quantise before it is quantised.

A few channels of a transformer's activations are far larger than the rest. With one scale for a whole tensor these take
most of int8's 256 steps, and the others are rounded to little. So each input channel j of a feed-forward layer is
divided by s_j and its weights are multiplied by it, which changes nothing in fp32 (SmoothQuant, Xiao et al., 2022,
https://arxiv.org/abs/2211.10438, equation 4):

    s_j = max|X_j|^alpha / max|W_j|^(1 - alpha)
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from endcap.distill.export.layer_inputs import see_inputs

CALIBRATION = Path(__file__).parent / "calibration.txt"
"""Products and queries of a generated shop, one text a line: what a model of this kind reads."""

ALPHA = 0.85
"""Of .35, .5, .7 and .85 the one whose scores stay nearest to fp32: docs/experiments/2026-11-25-int8.md."""

LAYERS = ("intermediate.dense", "output.dense")


class Smoothed(torch.nn.Module):
    """A linear layer whose input is divided by ``scale``, float32 (inputs,), and its weights multiplied by it."""

    def __init__(self, linear: torch.nn.Linear, scale: torch.Tensor) -> None:
        super().__init__()
        self.register_buffer("inverse", 1 / scale)
        self.linear = linear
        with torch.no_grad():
            linear.weight.mul_(scale)

    def forward(self, x: torch.Tensor) -> Any:
        """The layer's output for inputs float32 (..., inputs)."""
        return self.linear(x * self.inverse)


def calibration_texts() -> list[str]:
    """The texts that come with the package."""
    return CALIBRATION.read_text(encoding="utf-8").splitlines()


def smoothquant(model: torch.nn.Module, tokenizer: Any, texts: Sequence[str]) -> int:
    """Smooth the feed-forward layers of a BERT-like model in place; returns how many there were.

    The model computes the same as before, to float32 rounding. ``texts`` say which activations are usual.
    """
    if not texts:
        raise ValueError("there are no texts to see activations by; give some, such as calibration_texts()")
    layers = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, torch.nn.Linear) and name.endswith(LAYERS) and "attention" not in name
    }
    largest = _largest_inputs(model, tokenizer, texts, layers)
    for name, linear in layers.items():
        weights = linear.weight.detach().abs().amax(dim=0)
        scale = largest[name].clamp(min=1e-5) ** ALPHA / weights.clamp(min=1e-5) ** (1 - ALPHA)
        parent, _, last = name.rpartition(".")
        setattr(model.get_submodule(parent), last, Smoothed(linear, scale))
    return len(layers)


def _largest_inputs(
    model: torch.nn.Module, tokenizer: Any, texts: Sequence[str], layers: dict[str, torch.nn.Linear]
) -> dict[str, torch.Tensor]:
    """The largest absolute input of each layer's channels over all texts, float32 (inputs,) by name."""
    largest: dict[str, torch.Tensor] = {}

    def see(name: str, x: torch.Tensor) -> None:
        seen = x.abs().amax(dim=0)
        largest[name] = torch.maximum(largest[name], seen) if name in largest else seen

    see_inputs(model, tokenizer, texts, layers, see)
    return largest

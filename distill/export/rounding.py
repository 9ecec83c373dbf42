"""Rounding weights to int8 so that what a layer computes is kept, not each number for itself.

A student that is taught on from int8 weights begins exactly on their grid, and a training of few judgments moves each
weight by a hundredth of a step: rounded to the nearest, nearly all go back to where they were, and what was taught is
lost. So an input's weights are rounded one after the other, and what each loses is made up for by those to come, as
the inputs of usual texts go together (GPTQ, Frantar et al., 2022, https://arxiv.org/abs/2210.17323, equation 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from endcap.distill.export.bert_graph import WEIGHT_LEVELS
from endcap.distill.export.layer_inputs import see_inputs

DAMPING = 0.01
"""Added to the inputs' products, of their mean square: what was never seen together is not compensated."""
BLOCK = 64


def round_weights(model: torch.nn.Module, tokenizer: Any, texts: Sequence[str]) -> None:
    """Round the linear layers of a BERT's encoder in place, by what they read of the texts; ``weight_scale`` of each,
    float32 (outputs,), says in what steps. After ``smoothquant``, which it lets be."""
    layers = {name: module for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    products = _input_products(model, tokenizer, texts, layers)
    for name, linear in layers.items():
        if name in products:
            _round(linear, products[name])


def _input_products(
    model: torch.nn.Module, tokenizer: Any, texts: Sequence[str], layers: dict[str, torch.nn.Linear]
) -> dict[str, torch.Tensor]:
    """The sum of x xT over all inputs x of each layer, float32 (inputs, inputs), by name."""
    found: dict[str, torch.Tensor] = {}

    def see(name: str, x: torch.Tensor) -> None:
        found[name] = x.T @ x + found.get(name, 0)

    see_inputs(model, tokenizer, texts, layers, see)
    return found


@torch.no_grad()
def _round(linear: torch.nn.Linear, products: torch.Tensor) -> None:
    """Input by input, in blocks: within one the loss is handed on at once, to those after it by one product."""
    weight = linear.weight.T.contiguous()  # (inputs, outputs)
    scale = weight.abs().amax(dim=0).clamp(min=1e-12) / WEIGHT_LEVELS
    size = len(products)
    damped = products.double() + DAMPING * products.diagonal().double().mean().clamp(min=1e-9) * torch.eye(size)
    inverse = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(damped)), upper=True).float()
    for start in range(0, size, BLOCK):
        end = min(start + BLOCK, size)
        block, own = weight[start:end], inverse[start:end, start:end]
        lost = torch.empty_like(block)
        for n in range(end - start):
            rounded = (block[n] / scale).round().clamp(-WEIGHT_LEVELS, WEIGHT_LEVELS) * scale
            lost[n] = (block[n] - rounded) / own[n, n]
            block[n] = rounded
            block[n + 1 :] -= own[n, n + 1 :, None] * lost[n]
        weight[end:] -= inverse[start:end, end:].T @ lost
    linear.weight.copy_(weight.T)
    linear.register_buffer("weight_scale", scale)

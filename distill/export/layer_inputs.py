"""What goes into a model's layers while it reads texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

MAX_TOKENS = 128


def see_inputs(
    model: torch.nn.Module,
    tokenizer: Any,
    texts: Sequence[str],
    layers: Mapping[str, torch.nn.Linear],
    see: Callable[[str, torch.Tensor], None],
) -> None:
    """Read all texts, and give each layer's inputs, (tokens, inputs) in the model's type, with its name to ``see``."""

    def watch(name: str) -> Any:
        def hook(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            see(name, inputs[0].detach().flatten(0, -2))

        return hook

    hooks = [module.register_forward_pre_hook(watch(name)) for name, module in layers.items()]
    try:
        with torch.no_grad():
            for text in texts:
                model(**tokenizer(text, truncation=True, max_length=MAX_TOKENS, return_tensors="pt"))
    finally:
        for hook in hooks:
            hook.remove()

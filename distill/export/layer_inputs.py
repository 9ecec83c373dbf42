"""What goes into a model's layers while it reads texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

MAX_TOKENS = 128
AT_ONCE = 32


def see_inputs(
    model: torch.nn.Module,
    tokenizer: Any,
    texts: Sequence[str],
    layers: Mapping[str, torch.nn.Linear],
    see: Callable[[str, torch.Tensor], None],
) -> None:
    """Read all texts, and give each layer's inputs, (tokens, inputs) in the model's type, with its name to ``see``.

    Texts of as many tokens are read together: so nothing is padded, and each is read as it would be alone.
    """
    rows = defaultdict(list)
    for text in texts:
        ids = tokenizer(text, truncation=True, max_length=MAX_TOKENS)["input_ids"]
        rows[len(ids)].append(ids)

    def watch(name: str) -> Any:
        def hook(module: torch.nn.Module, inputs: tuple[torch.Tensor, ...]) -> None:
            see(name, inputs[0].detach().flatten(0, -2))

        return hook

    hooks = [module.register_forward_pre_hook(watch(name)) for name, module in layers.items()]
    try:
        with torch.no_grad():
            for of_length in rows.values():
                for start in range(0, len(of_length), AT_ONCE):
                    ids = torch.tensor(of_length[start : start + AT_ONCE])
                    model(input_ids=ids, attention_mask=torch.ones_like(ids))
    finally:
        for hook in hooks:
            hook.remove()

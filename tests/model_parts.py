"""Model folders for tests: some whose graph is never loaded, and small random ones that score for real."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from endcap.plugin.model import default_folder, file_checksum


def pretended(folder: Path, salt: str, **changes: Any) -> Path:
    """A folder that ``read_model`` takes for whole; its graph is a few bytes, which ``salt`` makes its own."""
    raw = json.loads((default_folder() / "model.json").read_text())
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx" / "model.onnx").write_bytes(b"graph " + salt.encode() + bytes(30_000))
    (folder / "tokenizer.json").write_text("{}")
    files = {name: file_checksum(folder / name) for name in ("onnx/model.onnx", "tokenizer.json")}
    raw |= {"name": f"pretended-{salt}", "files": files, **changes}
    (folder / "model.json").write_text(json.dumps(raw))
    (folder / "README.md").write_text(f"# {salt}\n")
    return folder


def tiny_weights(folder: Path, seed: int) -> Path:
    """A random BERT of two layers with the shipped tokenizer, as transformers saves it."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertModel

    tokenizer = AutoTokenizer.from_pretrained(default_folder())
    torch.manual_seed(seed)
    size = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    BertModel(BertConfig(vocab_size=len(tokenizer), initializer_range=0.5, **size)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_model(folder: Path, seed: int, **changes: Any) -> Path:
    """A model folder that scores for real, by weights that mean nothing. ``changes`` are keys of the recipe."""
    from endcap.distill.export import build_model
    from endcap.distill.recipe import Recipe

    weights = tiny_weights(folder.with_name(f"{folder.name}-weights"), seed)
    recipe = Recipe(**{"name": folder.name, "base": str(weights), "license": "none", "precision": "fp32", **changes})
    return build_model(recipe, folder, alpha=None).folder

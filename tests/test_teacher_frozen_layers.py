"""A classifier's lowest layers that stay as they are: read once, kept in files, and left out of each step."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import teacher_parts

from endcap.distill.recipe.settings import MemberRecipe
from endcap.errors import InputError

QUERIES = ["red shoe", "blue lamp", "red", "a kettle of steel"] * 3
PRODUCTS = ["red shoe", "red shoe works", "lamp " * 9, "kettle", "", "shoe"] * 2


def member(base: Path, lora_rank: int, **odd: Any) -> MemberRecipe:
    given = {"epochs": 80, "batch_size": 16, "max_tokens": 64, "frozen_layers": 1, "learning_rate": 1e-2} | odd
    return MemberRecipe("cross-encoder", str(base), head_learning_rate=1e-2, lora_rank=lora_rank, **given)


def base_of(folder: Path, kind: str) -> Path:
    return teacher_parts.bert(folder) if kind == "bert" else teacher_parts.decoder(folder, kind, 0.2)


@pytest.mark.parametrize("kind", ["bert", "llama", "qwen2"])
def test_the_divided_model_says_what_the_whole_one_says(tmp_path: Path, kind: str) -> None:
    """Padded or not, with segments or not, from files or new; and given back, it is whole again."""
    import torch

    from endcap.distill.teacher.classifier import load_base
    from endcap.distill.teacher.lower_layers import LowerLayers

    model, tokenizer = load_base(str(base_of(tmp_path / "base", kind)), 64)
    rows = tokenizer(QUERIES, PRODUCTS)

    def logits() -> np.ndarray:
        with torch.inference_mode():
            return np.asarray(model.eval()(**tokenizer.collate(rows)).logits)

    whole = logits()
    lower = LowerLayers(model, 1, tmp_path / "states")
    assert np.linalg.norm(logits() - whole) < 0.05 * np.linalg.norm(whole)
    lower.fill(rows)
    lower.restore()
    np.testing.assert_array_equal(logits(), whole)
    again, told = LowerLayers(model, 1, tmp_path / "states"), list[int]()
    again.fill(rows, lambda title, total: _Told(told, total))
    assert told == [0]
    assert np.linalg.norm(logits() - whole) < 0.05 * np.linalg.norm(whole)


class _Told:
    def __init__(self, told: list[int], total: int | None) -> None:
        told.append(total or 0)

    def __enter__(self) -> Callable[[int], None]:
        return lambda done: None

    def __exit__(self, *_: object) -> None:
        return None


@pytest.mark.parametrize(("kind", "rank"), [("qwen2", 8), ("bert", 0)])
def test_it_overfits_32_pairs(tmp_path: Path, kind: str, rank: int) -> None:
    """It learns 32 pairs by heart, and the states in the files are read, not made again."""
    from endcap.distill.teacher.classifier import Classifier
    from endcap.distill.teacher.classifier_training import fit_classifier

    base, states = base_of(tmp_path / "base", kind), tmp_path / "states"
    products, grades = teacher_parts.shop()
    pairs = [(q, products[p].title, g) for q, told in grades.items() for p, g in told.items()]
    chosen = [pairs[i] for i in np.random.default_rng(3).permutation(len(pairs))]
    of_grade = [[pair for pair in chosen if pair[2] == grade][:8] for grade in range(4)]
    queries, titles, told = zip(*(pair for of_one in of_grade for pair in of_one), strict=True)
    recipe = member(base, rank)
    fit_classifier(
        recipe,
        queries,
        titles,
        np.eye(4)[list(told)],
        tmp_path / "model",
        seed=1,
        checkpoints=tmp_path / "checkpoints",
        states=states,
    )
    kept = {path: path.stat().st_mtime_ns for path in states.rglob("*")}
    model = Classifier(tmp_path / "model", recipe, states=states)
    assert (model.probabilities(queries, titles).argmax(axis=1) == told).mean() > 0.95
    assert {path: path.stat().st_mtime_ns for path in states.rglob("*")} == kept


def test_a_frozen_encoder_is_saved_whole(tmp_path: Path) -> None:
    """Its folder is a model as any other; the frozen layer and the embeddings are the base's, the other's not."""
    from safetensors.numpy import load_file

    from endcap.distill.teacher.classifier_training import fit_classifier

    base = teacher_parts.bert(tmp_path / "base")
    fit_classifier(
        member(base, 0, epochs=2),
        QUERIES,
        PRODUCTS,
        np.tile(np.eye(4), (3, 1)),
        tmp_path / "model",
        seed=1,
        checkpoints=tmp_path / "checkpoints",
    )
    before, after = (load_file(folder / "model.safetensors") for folder in (base, tmp_path / "model"))
    same = {
        name: np.array_equal(value, after[f"bert.{name}"]) for name, value in before.items() if "pooler" not in name
    }
    assert {name for name, is_same in same.items() if is_same} == {
        name for name in same if name.startswith(("embeddings.", "encoder.layer.0."))
    }


def test_more_layers_than_there_are(tmp_path: Path) -> None:
    """It is said how many the base has."""
    from endcap.distill.teacher.classifier import load_base
    from endcap.distill.teacher.lower_layers import LowerLayers

    model, _ = load_base(str(teacher_parts.decoder(tmp_path / "base", "llama")), 64)
    with pytest.raises(InputError, match=r"frozen_layers is 2, and .* has 2 layers"):
        LowerLayers(model, 2)


def test_a_model_that_can_not_be_divided(tmp_path: Path) -> None:
    """Gemma multiplies what comes from its embeddings: refused, and the model is as it was."""
    import torch
    from transformers import GemmaConfig, GemmaForSequenceClassification

    from endcap.distill.teacher.lower_layers import LowerLayers

    torch.manual_seed(1)
    config = GemmaConfig(
        vocab_size=99, num_key_value_heads=1, head_dim=16, pad_token_id=0, initializer_range=0.2, **teacher_parts.SIZE
    )
    model = GemmaForSequenceClassification(config).eval()
    ids = torch.tensor([[5, 6, 7]])
    before = model(ids).logits.detach()
    with pytest.raises(InputError, match="can't be divided"):
        LowerLayers(model, 1)
    np.testing.assert_array_equal(model(ids).logits.detach(), before)

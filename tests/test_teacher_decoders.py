"""Decoders as teachers: low-rank updates on small random Llama and Qwen2 models, which is all that can be had here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import teacher_parts

from endcap.distill.recipe.settings import MemberRecipe


def member(base: Path, **odd: int) -> MemberRecipe:
    given = {"epochs": 15, "batch_size": 8, "max_tokens": 64, "lora_rank": 4} | odd
    return MemberRecipe("cross-encoder", str(base), learning_rate=2e-2, head_learning_rate=2e-2, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_only_updates_and_head_are_trained(tmp_path: Path, kind: str) -> None:
    """It learns what it is taught; what is kept is the updates and the head alone, far smaller than the base; they load
    beside each other on one copy of the base, and each says what it was taught."""
    from safetensors.numpy import load_file

    from endcap.distill.teacher.classifier import Classifier
    from endcap.distill.teacher.classifier_training import fit_classifier

    base = teacher_parts.decoder(tmp_path / "base", kind)
    before = {path.name: path.read_bytes() for path in base.iterdir()}
    queries, products = ["red", "blue"] * 8, ["shoe", "lamp of steel and glass"] * 8
    votes = np.array([[0.9, 0.1, 0.0, 0.0], [0.0, 0.0, 0.3, 0.7]] * 8)
    for name, taught in (("one", votes), ("other", votes[::-1])):
        folder, kept = tmp_path / name, tmp_path / "checkpoints" / name
        fit_classifier(member(base, epochs=40), queries, products, taught, folder, seed=1, checkpoints=kept)
    names = set(load_file(tmp_path / "one" / "adapter_model.safetensors"))
    assert all("lora_" in name or name.endswith("score.weight") for name in names)
    layers = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    assert all(any(layer in name for name in names) for layer in layers)
    assert {path.name: path.read_bytes() for path in base.iterdir()} == before
    one = Classifier(tmp_path / "one", member(base, epochs=40))
    other = Classifier(tmp_path / "other", member(base, epochs=40), one)
    assert other.model is one.model
    for taught, model in ((votes, one), (votes[::-1], other), (votes, one)):
        np.testing.assert_allclose(model.probabilities(queries[:2], products[:2]), taught[:2], atol=0.1)


def test_updates_go_on_where_they_were_stopped(tmp_path: Path) -> None:
    """Stopped after four steps, with a checkpoint after each: the same updates to the bit as without the stop."""
    from safetensors.numpy import load_file

    from endcap.distill.teacher.classifier_training import fit_classifier

    class Stopped(Exception):
        pass

    def stop(step: int) -> None:
        if step == 4:
            raise Stopped

    base, steps = teacher_parts.decoder(tmp_path / "base", "llama"), list[int]()
    queries, products, targets = ["red", "blue"] * 8, ["shoe", "lamp"] * 8, np.tile(np.eye(4), (4, 1))

    def fit(name: str, advance: Callable[[int], None]) -> dict[str, np.ndarray]:
        fit_classifier(
            member(base, epochs=4),
            queries,
            products,
            targets,
            tmp_path / name,
            seed=1,
            checkpoints=tmp_path / "checkpoints" / name,
            advance=advance,
            save_every_s=0.0,
        )
        return dict(load_file(tmp_path / name / "adapter_model.safetensors"))

    with pytest.raises(Stopped):
        fit("stopped", stop)
    resumed, whole = fit("stopped", steps.append), fit("whole", lambda step: None)
    assert steps == [4, 5, 6, 7, 8]
    assert all(np.array_equal(resumed[name], whole[name]) for name in whole)


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_a_prompt_keeps_its_end(tmp_path: Path, kind: str) -> None:
    """However long query and product are, both are read, and the last token is the prompt's; a padded batch gives what
    each pair gives alone, though the tokenizer had no padding token."""
    import torch

    from endcap.distill.teacher.classifier import PROMPT, load_base

    model, tokenizer = load_base(str(teacher_parts.decoder(tmp_path / "base", kind)), 64)
    pairs = tokenizer(["red shoe", "red " * 99, "red"], ["lamp", "lamp " * 99, ""])
    said = [tokenizer.tokenizer.decode(each["input_ids"]) for each in pairs]
    begin = "<s>" if kind == "llama" else ""
    assert said[0] == f"{begin}query: red shoe\nproduct: lamp\nrelevance:"
    assert all(text.startswith(f"{begin}query: red") and text.endswith(PROMPT[2]) for text in said)
    assert len(pairs[1]["input_ids"]) == 64
    assert "product: lamp lamp" in said[1]
    with torch.inference_mode():
        together = model.eval()(**tokenizer.collate(pairs)).logits
        alone = torch.cat([model(**tokenizer.collate([each])).logits for each in pairs])
    np.testing.assert_allclose(together, alone, atol=1e-5)

"""Rounding that keeps what a layer computes: what few judgments taught on int8 weights outlives the next int8."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

LEVELS = 64


def test_a_small_change_of_weights_on_the_grid_is_kept() -> None:
    """A hundredth of a step each: the nearest number is the old one, and all would be lost."""
    import torch

    from endcap.distill.export.rounding import _round

    torch.manual_seed(0)
    inputs = torch.randn(4_000, 96) + 1  # as a layer's are, with much in common
    on_grid = torch.randint(-LEVELS, LEVELS + 1, (32, 96)).float()
    on_grid[:, 0] = LEVELS  # so that the step is 1
    change = 0.02 * torch.sign(torch.randn(32, 1)) * (on_grid.abs() < LEVELS)
    linear = torch.nn.Linear(96, 32)
    with torch.no_grad():
        linear.weight.copy_(on_grid + change)
    _round(linear, inputs.T @ inputs)
    rounded = linear.weight.detach()
    np.testing.assert_allclose(linear.weight_scale.numpy(), 1, atol=1e-3)
    np.testing.assert_allclose(rounded.numpy(), rounded.round().numpy(), atol=1e-3)  # on the grid again
    lost = (inputs @ (rounded - on_grid - change).T).norm() / (inputs @ change.T).norm()
    assert torch.equal((on_grid + change).round(), on_grid)
    assert lost < 0.85


@pytest.mark.parametrize("precision", ["int8", "fp32"])
def test_what_was_taught_on_the_shipped_weights_is_in_the_export(tmp_path: Path, precision: str) -> None:
    """A nudge of the last layers, as small as a short training's, moves the exported scores as it moves torch's."""
    import torch

    from endcap.distill.export.export import build_model
    from endcap.distill.recipe_file import read_recipe
    from endcap.distill.student.tower import Tower
    from endcap.plugin.model.student import Student
    from endcap.plugin.model.text import query_text

    (tmp_path / "a.toml").write_text(f'name = "a"\nbase = "shipped"\nprecision = "{precision}"\n')
    recipe = read_recipe(tmp_path / "a.toml")
    texts = ["steel kettle 1.7 l", "red running shoe", "phone case, clear", "usb c cable 2 m", "garden hose 20 m"]
    tower = Tower.load("shipped", scale=1.0).eval()
    [asked] = tower.encode([query_text("kettle", recipe.text)], recipe.text.max_query_tokens)
    before = tower.encode(texts, recipe.text.max_product_tokens) @ asked
    tower.freeze(10)
    optimizer = torch.optim.SGD([p for p in tower.parameters() if p.requires_grad], lr=1.0)
    for _ in range(3):  # towards an order of its own
        query = tower.vectors(tower.tokens([query_text("kettle", recipe.text)], 64))[0]
        scores = tower.vectors(tower.tokens(texts, 64)) @ query
        optimizer.zero_grad()
        (scores[0] - scores[1:].mean()).backward()
        for parameter in tower.parameters():
            if parameter.grad is not None:
                parameter.grad.sign_().mul_(5e-5)
        optimizer.step()
    tower.save(tmp_path / "taught")
    taught = Tower.load(tmp_path / "taught", scale=1.0).eval()
    [asked] = taught.encode([query_text("kettle", recipe.text)], recipe.text.max_query_tokens)
    moved = taught.encode(texts, recipe.text.max_product_tokens) @ asked - before
    student = Student(build_model(recipe, tmp_path / "model", base=tmp_path / "taught"))
    exported = student.score("kettle", texts) - before
    assert np.abs(moved).max() > 0.02
    assert np.corrcoef(exported, moved)[0, 1] > 0.9
    assert np.linalg.norm(exported - moved) < 0.5 * np.linalg.norm(moved)

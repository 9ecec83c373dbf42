"""Fixtures of the gate's tests, which a test file names in ``pytest_plugins``."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluation_parts import write_catalogue, write_judgments
from model_parts import worst

from endcap.distill.recipe.settings import GateRecipe, Recipe, SplitRecipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.stages.split import run as split
from endcap.distill.work.folder import Work
from endcap.progress import unwatched


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A student that likes best what fits least."""
    return worst(tmp_path_factory.mktemp("worst") / "worst")


@pytest.fixture
def recipe(tmp_path: Path) -> Recipe:
    """Nine judged queries, by this seed seven of them for testing, of which four tell orders apart."""
    write_catalogue(tmp_path)
    write_judgments(tmp_path)
    shop = ShopRecipe("corner", "shop.jsonl", "ratings.csv")
    return Recipe(
        "shop-student",
        "tiny",
        "MIT",
        shops=(shop,),
        split=SplitRecipe(test=0.7, dev=0.2),
        gate=GateRecipe(margin=0.02, margin_int8=0.02),
        licenses={"corner": "ours"},
        seed=3,
        data=tmp_path,
    )


@pytest.fixture
def work(recipe: Recipe, tmp_path: Path) -> Work:
    made = Work(tmp_path / "work")
    split.run(recipe, made, unwatched)
    return made

"""A fine-tuned bi-encoder as a member: a tower taught by the judgments alone, as the student is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from endcap.distill.recipe.settings import MemberRecipe, Recipe, StudentRecipe
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import train_tower
from endcap.distill.student.training_lists import gold_list
from endcap.distill.teacher.pairs import Example
from endcap.errors import InputError
from endcap.plugin.model.text import TextRecipe, product_text, query_text
from endcap.progress import Watch, unwatched


def fit_bi_encoder(
    recipe: Recipe,
    member: MemberRecipe,
    examples: Sequence[Example],
    text: TextRecipe,
    folder: Path,
    *,
    seed: int,
    checkpoint: Path,
    watch: Watch = unwatched,
) -> None:
    """Train a tower on the examples' lists, and put its folder in place. ``checkpoint`` is a folder of its own."""
    settings = StudentRecipe(epochs=float(member.epochs), learning_rate=member.learning_rate)
    tower = Tower.load(member.base, pooling=member.pooling, scale=settings.scale)
    texts = {(e.shop, e.product.id): product_text(e.product, text) for e in examples}
    queries = list(dict.fromkeys((e.shop, e.query) for e in examples))
    asked = dict(
        zip(queries, tower.encode([query_text(q, text) for _, q in queries], text.max_query_tokens), strict=True)
    )
    read = dict(zip(texts, tower.encode(list(texts.values()), text.max_product_tokens), strict=True))
    grades: dict[tuple[str, str], dict[str, int]] = {}
    for e in examples:
        grades.setdefault((e.shop, e.query), {})[e.product.id] = e.grade
    lists = [
        gold_list(
            shop,
            query,
            found,
            {p: float(asked[shop, query] @ read[shop, p]) for p in found},
            smoothing=recipe.teacher.smoothing,
            share=settings.cosine_share,
            scale=settings.scale,
        )
        for (shop, query), found in grades.items()
        if len(found) > 1
    ]
    if not lists:
        raise InputError("No query has two judged products: a bi-encoder learns from comparisons. Judge more products.")
    both = {key: (said, said) for key, said in texts.items()}
    checkpoint.mkdir(parents=True, exist_ok=True)
    train_tower(tower, lists, (), both, text, settings, seed=seed, checkpoint=checkpoint / "state.pt", watch=watch)
    tower.save(folder)
    shutil.rmtree(checkpoint, ignore_errors=True)

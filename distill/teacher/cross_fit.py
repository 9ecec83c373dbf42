"""Cross-fitting: model k is trained on all judged queries but those of fold k, and answers for fold k.

So nothing that a member says of a query it was trained on ever reaches the stacker or the labels.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from endcap.distill.recipe.settings import MemberRecipe, Recipe
from endcap.distill.teacher.classifier_member import member_text, model_folder
from endcap.distill.teacher.engine_member import fit_engine
from endcap.distill.teacher.evidence_member import LEXICON
from endcap.distill.teacher.members import FINE_TUNED
from endcap.distill.teacher.pairs import Example
from endcap.distill.teacher.shop_lexicon import learn_lexicon
from endcap.distill.teacher.training import SAVE_EVERY_S, fit_classifier, steps
from endcap.distill.teacher.vector_member import BACKGROUND
from endcap.distill.work.files import write_json
from endcap.distill.work.records import TRAIN
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.model.text import TextRecipe, product_text, query_text
from endcap.progress import Watch, unwatched

BACKGROUND_SIZE = 256


def trained_on(examples: Sequence[Example], fold: int) -> list[Example]:
    """What the model of a fold is trained on. Raises ``InputError`` where that teaches nothing."""
    chosen = [each for each in examples if each.part == TRAIN and each.fold != fold]
    grades = {each.grade for each in chosen}
    if not chosen:
        raise InputError(
            f"Without fold {fold} no judged query is left to train the teacher on: judge more queries, or lower "
            "split.folds."
        )
    if len(grades) == 1:
        raise InputError(
            f"Without fold {fold} all judged products have grade {grades.pop()}: a teacher can't learn from judgments "
            "that are all alike. Judge more queries, or lower split.folds."
        )
    return chosen


def fit_member(
    recipe: Recipe,
    member: MemberRecipe,
    name: str,
    text: TextRecipe,
    examples: Sequence[Example],
    products: Sequence[Product],
    folder: Path,
    checkpoints: Path,
    *,
    watch: Watch = unwatched,
    save_every_s: float = SAVE_EVERY_S,
) -> None:
    """Make a member's folder: its models, one a seed and fold, or what it must know of all ``products``. What is there
    is kept."""
    read = member_text(text, member)
    if member.kind in ("cosine", "bi-encoder") and not (folder / BACKGROUND).exists():
        write_json(folder / BACKGROUND, background(examples, read, recipe.seed))
    if member.kind == "engine":
        fit_engine(products, folder)
    if member.kind == "evidence" and not (folder / LEXICON).exists():
        write_json(folder / LEXICON, learn_lexicon(products).to_mapping())
    if member.kind == "endpoint":
        from endcap.distill.llm.member import fit_endpoint

        fit_endpoint(recipe, examples, folder, folder.parent.parent, watch)
    if member.kind not in FINE_TUNED:
        return
    for seed in member.seeds:
        for fold in range(recipe.split.folds):
            into = model_folder(folder, seed, fold)
            if into.exists():
                continue
            chosen = trained_on(examples, fold)
            kept = checkpoints / name / f"seed-{seed}-fold-{fold}"
            title = f"Teacher {name}, seed {seed}, fold {fold + 1} of {recipe.split.folds}"
            drawn = seed_of(recipe.seed, name, seed, fold)
            if member.kind == "bi-encoder":
                from endcap.distill.teacher.bi_encoder import fit_bi_encoder

                fit_bi_encoder(recipe, member, chosen, read, into, seed=drawn, checkpoint=kept, watch=watch)
                continue
            with watch(title, steps(len(chosen), member)) as advance:
                fit_classifier(
                    member,
                    [query_text(each.query, read) for each in chosen],
                    [product_text(each.product, read) for each in chosen],
                    np.stack([each.target for each in chosen]),
                    into,
                    seed=drawn,
                    checkpoints=kept,
                    advance=advance,
                    save_every_s=save_every_s,
                )


def background(examples: Sequence[Example], text: TextRecipe, seed: int) -> list[str]:
    """Texts of a sample of the judged products."""
    texts = sorted({product_text(each.product, text) for each in examples})
    return random.Random(seed).sample(texts, min(BACKGROUND_SIZE, len(texts)))


def seed_of(*parts: object) -> int:
    """A seed, 31 bits, that differs for each model of the teacher."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4]) >> 1

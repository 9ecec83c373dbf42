"""Exports the student: ``fp32/``, and ``model/`` in the recipe's precision; checks fp32 against torch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from endcap.distill.export.export import build_model
from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.dev_ndcg import tower_scores
from endcap.distill.student.list_sources import texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TRAIN, read_data
from endcap.errors import EndcapError
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import product_text, query_text
from endcap.progress import Watch

QUERIES = 20
PARITY = 2e-3
"""fp32 in ONNX Runtime may differ from torch by so much on the scale of a cosine; states are float16."""


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write the model folders ``fp32`` and ``model``, and ``parity.json``.

    Raises ``EndcapError`` where the exported graph does not score as torch does.
    """
    folder, weights = work.stage("export"), work.stage("student") / "weights"
    with watch("Exporting", 3) as advance:
        full = build_model(
            replace(recipe, precision="fp32", state_dtype="float16", state_size=0),
            folder / "fp32",
            base=weights,
            texts=shop_texts(recipe, work),
        )
        advance(1)
        write_json(folder / "parity.json", parity(recipe, work, full.folder))
        advance(2)
        build_model(recipe, folder / "model", base=weights, texts=shop_texts(recipe, work))
        advance(3)


def shop_texts(recipe: Recipe, work: Work) -> Iterator[str]:
    """What a cut vocabulary has words for: the products of all shops, and the queries that are not measured on."""
    if not recipe.vocabulary:
        return
    data = read_data(work)
    yield from (product_text(product, recipe.text) for shop in data.products.values() for product in shop.values())
    yield from (query_text(query.query, recipe.text) for part in (TRAIN, DEV) for query in data.part(part))


def parity(recipe: Recipe, work: Work, exported: object) -> dict[str, float]:
    """The largest and the mean difference of scores in torch and in ONNX Runtime, over judged products."""
    data = read_data(work)
    judged = [query for query in data.judged if len(query.grades) > 1][:QUERIES]
    keys = {(query.shop, product) for query in judged for product in query.grades}
    texts = texts_of(data, keys, recipe.text)
    tower = Tower.load(work.stage("student") / "weights", shape=recipe.shape, pooling=recipe.pooling, scale=1.0)
    student = Student.load(str(exported))
    scale, offset = student.info.score_scale, student.info.score_offset
    differences = [np.zeros(1)]
    for query, torch_scores in zip(judged, tower_scores(tower, judged, texts, recipe.text), strict=True):
        scores = student.score(query.query, [data.products[query.shop][product] for product in query.grades])
        differences.append(np.abs((scores - offset) / scale - torch_scores))
    of_all = np.concatenate(differences)
    allowed = PARITY if recipe.shape == "bi-encoder" else 5 * PARITY  # a logit's scale is wider than a cosine's
    if of_all.max() > allowed:
        raise EndcapError(
            f"The exported graph does not score as torch does: by up to {of_all.max():.4f} (allowed: {allowed:g})."
        )
    return {"queries": len(judged), "max": float(of_all.max()), "mean": float(of_all.mean())}

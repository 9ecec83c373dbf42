"""How well a language model's likelihood of the query orders judged products, beside a zero-shot encoder.

    python benchmarks/query_likelihood.py HuggingFaceTB/SmolLM2-135M-Instruct --queries 70

Reads both public shops of the recipe ``default`` (`endcap datasets fetch chorus esci-us`). Each query is asked with 25
of its judged products at most, drawn by a seed, the shops' queries in turn.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from itertools import chain, zip_longest
from pathlib import Path

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.tower import Tower
from endcap.distill.teacher.member import MemberSpec
from endcap.distill.teacher.members.query_likelihood import QueryLikelihoodMember
from endcap.distill.teacher.pairs import Example, Pairs
from endcap.distill.teacher.quality import examples_ndcg
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TRAIN, read_data
from endcap.plugin.blend.plain import standardise
from endcap.plugin.model.text import product_text, query_text

BESIDE, MOST, SHARE, SEED = "BAAI/bge-small-en-v1.5", 25, 0.25, 19


def main() -> None:
    """Print nDCG@10 (gain 2^g - 1) of both, and of their sum, by shop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base")
    parser.add_argument("--queries", type=int, default=70)
    arguments = parser.parse_args()
    recipe = read_recipe("default", None)
    with tempfile.TemporaryDirectory() as folder:
        work = Work(Path(folder))
        run_stages(recipe, work, ["split"])
        data = read_data(work)
    rng, samples = random.Random(SEED), []
    for shop in ("esci", "chorus"):
        judged = sorted((q for q in data.judged if q.shop == shop and max(q.grades.values())), key=lambda q: q.query)
        rng.shuffle(judged)
        samples.append([(q, rng.sample(sorted(q.grades), min(MOST, len(q.grades)))) for q in judged])
    chosen = [one for one in chain(*zip_longest(*samples)) if one][: arguments.queries]
    settings = MemberRecipe("query-likelihood", arguments.base, max_tokens=40)
    member = QueryLikelihoodMember(MemberSpec(Path(), "0-query-likelihood", settings, recipe.text, 2))
    tower, text = Tower.load(BESIDE, pooling="cls", scale=1.0), recipe.text
    examples, likelihoods, cosines = list[Example](), list[FloatArray](), list[FloatArray]()
    for judged, ids in chosen:
        products = [data.products[judged.shop][i] for i in ids]
        none = np.zeros(4)
        examples += [
            Example(judged.shop, judged.query, p, judged.grades[p.id], none, none, 0, TRAIN, True) for p in products
        ]
        likelihoods.append(member.signals(Pairs([judged.query] * len(ids), products), -1)[:, 0])
        query = tower.encode([query_text(judged.query, text)], text.max_query_tokens)[0]
        cosines.append(tower.encode([product_text(p, text) for p in products], text.max_product_tokens) @ query)
    sums = [SHARE * standardise(a) + (1 - SHARE) * standardise(b) for a, b in zip(likelihoods, cosines, strict=True)]
    of_shop = np.array([example.shop for example in examples])
    for shop in ("esci", "chorus"):
        rows = np.flatnonzero(of_shop == shop)
        picked = [examples[i] for i in rows]
        scores = {"likelihood": likelihoods, BESIDE: cosines, f"{SHARE} of the likelihood beside it": sums}
        print(shop, len({e.query for e in picked}), "queries", len(picked), "pairs")
        for name, values in scores.items():
            print(f"  {examples_ndcg(picked, np.concatenate(values)[rows]):.3f}  {name}")


if __name__ == "__main__":
    main()

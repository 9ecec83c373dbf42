"""How deep must the query's tower be? Towers of fewer layers beside a product tower that keeps all of its own.

    python benchmarks/trade.py train --data DATA --work build/trade --only "bge-small, zero-shot"   # splits the data
    python benchmarks/query_depth.py --work build/trade --layers 0 --layers 3 --layers 6            # an hour, one core

A query tower keeps every n-th layer of the untrained base, the last among them; with none, a query's vector is the mean
of its tokens' vectors. It is taught to give the whole base's vectors of short texts: pieces of the shops' titles, none
of them a judged query. Nobody's judgments are used. Measured are all judged queries in the judged pool (nDCG@10, gain
2^g - 1), products by the whole base.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.recipe.file import read_recipe
from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.losses import margin_mse
from endcap.distill.student.tower import Tower
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import Data, read_data
from endcap.evaluate.measures import parse, score
from endcap.evaluate.significance import combine, paired
from endcap.plugin.model.text import product_text, query_text
from endcap.progress import progress

TEXTS, WORDS = 25_000, 5
"""So many pieces of titles, of at most so many words."""
EPOCHS, BATCH, RATE, WARM_UP = 3, 64, 5e-4, 0.05
STATIC_EPOCHS, STATIC_RATE = 20, 5e-3
"""Without layers an epoch takes seconds, and a token's vector is seldom seen."""
MARGINS = 0.1
"""The part of the margins between a step's texts in the loss, beside 1 - cosine."""
SCALE = 12.0
MEASURE = "nDCG@10"


def main() -> None:
    """Teach and measure each depth; figures go to ``WORK/query-depth.json``, too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--layers", type=int, action="append", required=True)
    args = parser.parse_args()
    recipe, data = read_recipe("default"), read_data(Work(args.work))
    whole = Tower.load(recipe.base, pooling=recipe.pooling)
    texts = pieces(data)
    with progress("Reading pieces of titles", None):
        targets = whole.encode([query_text(text, recipe.text) for text in texts], recipe.text.max_query_tokens)
    with progress("Reading judged products", None):
        products = judged_vectors(data, whole, recipe)
    asked = [query_text(each.query, recipe.text) for each in data.judged]
    aim = whole.encode(asked, recipe.text.max_query_tokens)
    base = ndcg(data, products, aim)
    told = {"all": {"nDCG@10": base, "cosine": 1.0}}
    for layers in args.layers:
        tower = every_nth(Tower.load(recipe.base, pooling=recipe.pooling), layers)
        teach(tower, texts, targets, recipe)
        found = tower.encode(asked, recipe.text.max_query_tokens)
        values, cosine = ndcg(data, products, found), float((found * aim).sum(axis=1).mean())
        told[str(layers)] = {"nDCG@10": values, "cosine": cosine}
        say(layers, cosine, values, base)
    write_json(args.work / "query-depth.json", told)


def pieces(data: Data) -> list[str]:
    """One to five words in a row of random titles, in small letters, each once; none is a judged query."""
    draw = np.random.default_rng(0)
    titles = [product.title.split() for shop in data.products.values() for product in shop.values()]
    judged = {normal_form(each.query) for each in data.judged}
    found: dict[str, None] = {}
    while len(found) < TEXTS:
        words = titles[draw.integers(len(titles))]
        count = int(draw.integers(1, WORDS + 1))
        start = int(draw.integers(0, max(1, len(words) - count + 1)))
        text = " ".join(words[start : start + count]).lower()
        if text and normal_form(text) not in judged:
            found[text] = None
    return list(found)


def judged_vectors(data: Data, whole: Tower, recipe: Recipe) -> dict[tuple[str, str], np.ndarray]:
    """The whole base's vectors of all judged products."""
    keys = sorted({(each.shop, product) for each in data.judged for product in each.grades})
    texts = [product_text(data.products[shop][product], recipe.text) for shop, product in keys]
    return dict(zip(keys, whole.encode(texts, recipe.text.max_product_tokens), strict=True))


def ndcg(data: Data, products: dict[tuple[str, str], np.ndarray], queries: np.ndarray) -> dict[str, dict[str, float]]:
    """nDCG@10 of each shop's judged queries."""
    found: dict[str, dict[str, float]] = {}
    for shop in data.products:
        rankings, grades = {}, {}
        for each, vector in zip(data.judged, queries, strict=True):
            if each.shop == shop:
                cosines = {product: float(products[shop, product] @ vector) for product in each.grades}
                rankings[each.query] = sorted(cosines, key=lambda product: -cosines[product])
                grades[each.query] = each.grades
        found[shop] = score(rankings, grades, parse([MEASURE]))[MEASURE]
    return found


def every_nth(tower: Tower, layers: int) -> Tower:
    """The tower with so many of its layers, evenly spread, the last one among them; without any, without places."""
    model = tower.model
    if not layers:
        tower.pooling = "mean"
        torch.nn.init.zeros_(model.embeddings.position_embeddings.weight).requires_grad_(False)
    whole = len(model.encoder.layer)
    kept = [round((n + 1) * whole / layers) - 1 for n in range(layers)]
    model.encoder.layer = torch.nn.ModuleList([model.encoder.layer[n] for n in kept])
    model.config.num_hidden_layers = layers
    return tower


def teach(tower: Tower, texts: Sequence[str], targets: np.ndarray, recipe: Recipe) -> None:
    """Teach a tower in place: 1 - cosine to the target, and the margins between the step's targets."""
    tower.train()
    for module in tower.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    rows = tower.tokens([query_text(text, recipe.text) for text in texts], recipe.text.max_query_tokens)
    aims = torch.from_numpy(targets)
    layers = tower.model.config.num_hidden_layers
    epochs, rate = (EPOCHS, RATE) if layers else (STATIC_EPOCHS, STATIC_RATE)
    optimizer = torch.optim.AdamW(tower.parameters(), lr=rate, weight_decay=0.0, fused=True)
    steps = epochs * -(-len(rows) // BATCH)
    warm = max(1, round(WARM_UP * steps))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda k: min((k + 1) / warm, (steps - k) / (steps - warm)))
    done = 0
    with progress(f"Teaching {layers} layers", steps) as advance:
        for epoch in range(epochs):
            order = np.random.default_rng([0, epoch]).permutation(len(rows))
            for start in range(0, len(order), BATCH):
                batch = order[start : start + BATCH].tolist()
                found, wanted = tower.vectors([rows[i] for i in batch]), aims[batch]
                near, far = SCALE * wanted @ found.T, SCALE * wanted @ wanted.T
                margins = torch.stack([margin_mse(got, goal) for got, goal in zip(near.T, far.T, strict=True)]).mean()
                loss = 1 - (found * wanted).sum(dim=1).mean() + MARGINS * margins
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(tower.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                done += 1
                advance(done)
    tower.eval()


def say(layers: int, cosine: float, values: dict[str, dict[str, float]], base: dict[str, dict[str, float]]) -> None:
    """Print a depth's figures, beside the whole base's."""
    means = ", ".join(f"{shop} {np.mean(list(of.values())):.3f}" for shop, of in values.items())
    both = {shop: paired(values[shop], base[shop]) for shop in values}
    for of in (*({shop: each} for shop, each in both.items()), both):
        found = combine(of, names=(f"{layers} layers", "all"), measure=MEASURE)
        apart = f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
        print(f"{layers} layers, cosine {cosine:.3f}, {means}; {'+'.join(of)}: {apart}")


if __name__ == "__main__":
    main()

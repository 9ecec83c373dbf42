"""Does a language model taught by two shops' judgments know more than a taught bi-encoder? For docs/experiments.

    endcap distill run RECIPE --work WORK --until split      # a recipe with both shops and [split] dev = 0, folds = 3
    python benchmarks/language_teacher.py read WORK --base Qwen/Qwen2.5-Coder-1.5B-Instruct --frozen 24 --lora 16
    python benchmarks/language_teacher.py classifier WORK --base ... --frozen 24 --lora 16 --out FILE.jsonl
    python benchmarks/language_teacher.py bi-encoder WORK --base BAAI/bge-small-en-v1.5 --out FILE.jsonl
    python benchmarks/language_teacher_table.py WORK FILE.jsonl ... --beside NAME

By folds: who ranks a query was taught without it and without its near-duplicates. Of each query that tells systems
apart, ``--per-query`` products are drawn, of each grade in turn. A line of FILE holds a fold's scores; what is there is
not made again, and a training that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from endcap.distill.labels.logit import FloatArray, score, soft_target
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import MemberRecipe, Recipe, StudentRecipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.dev_ndcg import tells_apart, tower_scores
from endcap.distill.student.list_sources import texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts, train_tower
from endcap.distill.student.training_lists import gold_list
from endcap.distill.teacher.classifier import Classifier, load_base
from endcap.distill.teacher.classifier_training import fit_classifier, step_count
from endcap.distill.teacher.lower_layers import LowerLayers
from endcap.distill.work.folder import Work
from endcap.distill.work.records import JudgedQuery, read_data
from endcap.plugin.model.text import query_text
from endcap.progress import progress

torch.set_num_threads(1)
SMOOTHING = 0.1


@dataclass(frozen=True, slots=True)
class Shops:
    """The queries that tell systems apart, each with the products that were drawn, and all products' texts."""

    queries: Sequence[JudgedQuery]
    drawn: Sequence[JudgedQuery]
    texts: Texts
    recipe: Recipe
    folds: int

    def held_and_taught(self, fold: int, drawn: bool = True) -> tuple[list[JudgedQuery], list[JudgedQuery]]:
        """A fold's queries, and the others but for near-duplicates of these."""
        held = [query for query in self.drawn if query.fold == fold]
        guard = LeakGuard(query.query for query in held)
        others = (query for query in (self.drawn if drawn else self.queries) if query.fold != fold)
        return held, [query for query in others if not guard.refuses(query.query)]


def read_shops(work_folder: Path, per_query: int) -> Shops:
    """What the split stage wrote; the query alone decides which of its products are drawn."""
    recipe = read_recipe("default")
    data = read_data(Work(work_folder))
    queries = [query for query in data.judged if tells_apart(query)]
    texts = texts_of(data, {(query.shop, id) for query in queries for id in query.grades}, recipe.text)
    drawn = [_with(query, _draw(query, per_query)) for query in queries]
    return Shops(queries, drawn, texts, recipe, 1 + max(query.fold for query in queries))


def _draw(query: JudgedQuery, count: int) -> list[str]:
    """Products of a query, one of each grade in turn."""
    rng = np.random.default_rng(list(f"{query.shop}: {query.query}".encode()))
    of_grade: dict[int, list[str]] = {}
    for product in rng.permutation(sorted(query.grades)):
        of_grade.setdefault(query.grades[str(product)], []).append(str(product))
    rounds = [[ids[n] for ids in of_grade.values() if n < len(ids)] for n in range(max(map(len, of_grade.values())))]
    return [product for of_round in rounds for product in of_round][:count]


def _with(query: JudgedQuery, products: Iterable[str]) -> JudgedQuery:
    return replace(query, grades={product: query.grades[product] for product in products})


def _pairs(queries: Sequence[JudgedQuery], shops: Shops) -> tuple[list[str], list[str]]:
    """Queries and products' texts of all pairs, as a teacher reads them."""
    text = replace(shops.recipe.text, query_prefix="")
    pairs = [(query, product) for query in queries for product in query.grades]
    return [query_text(q.query, text) for q, _ in pairs], [shops.texts[q.shop, product][0] for q, product in pairs]


@click.group()
def main() -> None:
    """Read, and teach."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")


_OPTIONS = [
    click.argument("work", type=click.Path(exists=True, path_type=Path)),
    click.option("--base", required=True, help="A model of the hub, or a folder."),
    click.option("--per-query", default=12, show_default=True, help="Products drawn of each query."),
    click.option("--frozen", default=0, show_default=True, help="Lowest layers that stay as they are."),
    click.option("--lora", default=0, show_default=True, help="Rank of low-rank updates; 0: all weights."),
    click.option("--tokens", default=56, show_default=True, help="Of a pair."),
]


def _options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _states(work: Path, base: str, frozen: int, tokens: int) -> Path:
    return work / "states" / f"{base.replace('/', '--')}-{frozen}-{tokens}"


@main.command()
@_options
def read(work: Path, base: str, per_query: int, frozen: int, lora: int, tokens: int) -> None:
    """Read all drawn pairs by the frozen layers, for all folds."""
    shops = read_shops(work, per_query)
    model, tokenizer = load_base(base, tokens, frozen=bool(lora))
    LowerLayers(model, frozen, _states(work, base, frozen, tokens)).fill(
        tokenizer(*_pairs(shops.drawn, shops)), progress
    )


@main.command()
@_options
@click.option("--name", required=True, help="What the table calls it.")
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--rate", default=4e-4, show_default=True, help="Learning rate.")
@click.option("--head-rate", default=1e-3, show_default=True)
@click.option("--epochs", default=2, show_default=True)
@click.option("--batch", default=16, show_default=True)
@click.option("--balance", default=0.5, show_default=True)
@click.option("--seed", default=0, show_default=True)
@click.option("--by-heart", default=0, help="Instead: teach so many pairs, and say how many it then knows.")
def classifier(
    work: Path,
    base: str,
    per_query: int,
    frozen: int,
    lora: int,
    tokens: int,
    name: str,
    out: Path,
    rate: float,
    head_rate: float,
    epochs: int,
    batch: int,
    balance: float,
    seed: int,
    by_heart: int,
) -> None:
    """Teach a classifier over grades on each fold's other queries; score the fold's."""
    shops = read_shops(work, per_query)
    member = MemberRecipe(
        "cross-encoder",
        base,
        epochs=epochs,
        learning_rate=rate,
        head_learning_rate=head_rate,
        batch_size=batch,
        max_tokens=tokens,
        lora_rank=lora,
        frozen_layers=frozen,
        balance=balance,
    )
    states = _states(work, base, frozen, tokens) if frozen else None
    if by_heart:
        some = [
            _with(query, list(query.grades)[:4]) for query in shops.drawn[:: max(1, 4 * len(shops.drawn) // by_heart)]
        ]
        some = some[: by_heart // 4]
        model, seconds = _taught(member, some, shops, work / "models" / f"{name}-by-heart", states, seed)
        p = model.probabilities(*_pairs(some, shops))
        right, loss = _right(p, some), -np.log(p[np.arange(len(p)), _grades(some)]).mean()
        click.echo(
            f"{name}: of {len(p)} pairs taught {epochs} times {right:.3f} right, loss {loss:.3f}; {seconds:.0f} s"
        )
        return
    for fold in _folds_to_do(shops, out, name, seed):
        held, taught = shops.held_and_taught(fold)
        model, seconds = _taught(member, taught, shops, work / "models" / f"{name}-{seed}-{fold}", states, seed)
        p = model.probabilities(*_pairs(held, shops))
        _record(out, name, fold, seed, held, score(p), seconds, _right(p, held))


def _taught(
    member: MemberRecipe, taught: Sequence[JudgedQuery], shops: Shops, folder: Path, states: Path | None, seed: int
) -> tuple[Classifier, float]:
    """A classifier taught by these queries, and the seconds that it took; one that was made already is read."""
    start, (queries, products) = time.monotonic(), _pairs(taught, shops)
    targets = np.stack([soft_target(g, SMOOTHING, q.votes.get(p)) for q in taught for p, g in q.grades.items()])
    if not folder.exists():
        with progress(f"Teaching {folder.name}", step_count(len(queries), member)) as advance:
            more: dict[str, Any] = {"checkpoints": folder.with_name(f"{folder.name}-checkpoints"), "states": states}
            more |= {"seed": seed, "advance": advance, "watch": progress}
            fit_classifier(member, queries, products, targets, folder, **more)
    return Classifier(folder, member, states=states), time.monotonic() - start


def _right(probabilities: FloatArray, queries: Sequence[JudgedQuery]) -> float:
    return float((probabilities.argmax(axis=1) == _grades(queries)).mean())


@main.command()
@click.argument("work", type=click.Path(exists=True, path_type=Path))
@click.option("--base", default="BAAI/bge-small-en-v1.5", show_default=True)
@click.option("--per-query", default=12, show_default=True)
@click.option("--frozen", default=8, show_default=True)
@click.option("--name", required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--rate", default=7e-5, show_default=True)
@click.option("--epochs", default=1.0, show_default=True, help="0: zero-shot.")
@click.option("--all-products/--drawn", default=True, help="Of the queries that are taught.")
@click.option("--seed", default=0, show_default=True)
def bi_encoder(
    work: Path,
    base: str,
    per_query: int,
    frozen: int,
    name: str,
    out: Path,
    rate: float,
    epochs: float,
    all_products: bool,
    seed: int,
) -> None:
    """Teach the student's base as a bi-encoder, as the default recipe does, and score each fold."""
    shops = read_shops(work, per_query)
    tower = Tower.load(base, scale=shops.recipe.student.scale)
    if frozen:
        tower.freeze(frozen)
    before = {key: value.clone() for key, value in tower.state_dict().items()}
    settings = StudentRecipe(epochs=epochs, learning_rate=rate, frozen_layers=frozen)
    cosines: dict[tuple[str, str], dict[str, float]] = {}
    if epochs:
        scored = tower_scores(tower, shops.queries, shops.texts, shops.recipe.text)
        for query, of_query in zip(shops.queries, scored, strict=True):
            cosines[query.shop, query.query] = dict(zip(query.grades, (of_query / tower.scale).tolist(), strict=True))
    for fold in _folds_to_do(shops, out, name, seed):
        start = time.monotonic()
        held, taught = shops.held_and_taught(fold, drawn=not all_products)
        tower.load_state_dict(before)
        if epochs:
            gold = [gold_list(query, cosines[query.shop, query.query], SMOOTHING, settings) for query in taught]
            train_tower(tower, gold, [], shops.texts, shops.recipe.text, settings, seed=seed, watch=progress)
        trained = time.monotonic() - start
        scores = np.concatenate(tower_scores(tower, held, shops.texts, shops.recipe.text))
        _record(out, name, fold, seed, held, scores, trained, None)


def _grades(queries: Sequence[JudgedQuery]) -> Any:
    return np.array([grade for query in queries for grade in query.grades.values()])


def _folds_to_do(shops: Shops, out: Path, name: str, seed: int) -> list[int]:
    done = {(record["name"], record["seed"], record["fold"]) for record in read_records([out])}
    return [fold for fold in range(shops.folds) if (name, seed, fold) not in done]


def _record(
    out: Path, name: str, fold: int, seed: int, held: Sequence[JudgedQuery], scores: Any, seconds: float, right: Any
) -> None:
    """A fold's scores, each query's products in the order of its grades."""
    remaining = iter(scores.tolist())
    of_query = {f"{query.shop}: {query.query}": {p: next(remaining) for p in query.grades} for query in held}
    record = {"name": name, "seed": seed, "fold": fold, "seconds": round(seconds, 1), "scores": of_query}
    record |= {"cpu": round(time.process_time(), 1), "right": right}
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    click.echo(f"{name}, seed {seed}, fold {fold + 1}: {seconds:.0f} s, grades right: {right}")


def read_records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    """The lines of all files that there are."""
    for file in files:
        if file.exists():
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    main()

"""Does a language model taught by two shops' judgments know more than a taught bi-encoder? For docs/experiments.

    endcap distill run RECIPE --work WORK --until split      # a recipe with both shops and [split] dev = 0, folds = 3
    python benchmarks/language_teacher.py read WORK --base Qwen/Qwen2.5-Coder-1.5B-Instruct --frozen 24 --lora 16
    python benchmarks/language_teacher.py classifier WORK --base ... --frozen 24 --lora 16 --out FILE.jsonl
    python benchmarks/language_teacher.py bi-encoder WORK --base BAAI/bge-small-en-v1.5 --out FILE.jsonl
    python benchmarks/language_teacher.py table WORK FILE.jsonl ...

By folds: who ranks a query was taught without it and without its near-duplicates. Of each query that tells systems
apart, ``--per-query`` products are drawn, as many of each grade as there are. A line of FILE holds a fold's scores; what
is there is not made again, and a training that was stopped goes on where it was.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from endcap.evaluate import measures
from endcap.evaluate.significance import combine, query_differences
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
    """What the split stage wrote, with a draw of products that the query alone decides."""
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


def _targets(queries: Sequence[JudgedQuery]) -> FloatArray:
    """float64 (n, 4): the raters' votes where there are some."""
    return np.stack([soft_target(g, SMOOTHING, q.votes.get(p)) for q in queries for p, g in q.grades.items()])


@click.group()
def main() -> None:
    """Read, teach, and print the table."""


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
    LowerLayers(model, frozen, _states(work, base, frozen, tokens)).fill(tokenizer(*_pairs(shops.drawn, shops)), progress)



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
    for fold in _folds_to_do(shops, out, name, seed):
        start, folder = time.monotonic(), work / "models" / f"{name}-{seed}-{fold}".replace(" ", "-")
        held, taught = shops.held_and_taught(fold)
        queries, products = _pairs(taught, shops)
        with progress(f"{name}, fold {fold + 1} of {shops.folds}", step_count(len(queries), member)) as advance:
            if not folder.exists():
                checkpoints = folder.with_name(f"{folder.name}-checkpoints")
                fit_classifier(
                    member,
                    queries,
                    products,
                    _targets(taught),
                    folder,
                    seed=seed,
                    checkpoints=checkpoints,
                    advance=advance,
                    states=states,
                    watch=progress,
                )
        trained = time.monotonic() - start
        model = Classifier(folder, member, states=states)
        right = (model.probabilities(queries, products).argmax(axis=1) == _grades(taught)).mean() if not fold else None
        _record(out, name, fold, seed, held, score(model.probabilities(*_pairs(held, shops))), trained, right)


@main.command()
@click.argument("work", type=click.Path(exists=True, path_type=Path))
@click.option("--base", default="BAAI/bge-small-en-v1.5", show_default=True)
@click.option("--per-query", default=12, show_default=True)
@click.option("--frozen", default=8, show_default=True)
@click.option("--name", required=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--rate", default=7e-5, show_default=True)
@click.option("--epochs", default=1.0, show_default=True, help="0: zero-shot.")
@click.option("--all-products/--drawn", default=True, help="Teach all judged products of the others, or the drawn ones.")
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
        for query, of_query in zip(
            shops.queries, tower_scores(tower, shops.queries, shops.texts, shops.recipe.text), strict=True
        ):
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


def _grades(queries: Sequence[JudgedQuery]) -> FloatArray:
    return np.array([grade for query in queries for grade in query.grades.values()])


def _folds_to_do(shops: Shops, out: Path, name: str, seed: int) -> list[int]:
    done = {(record["name"], record["seed"], record["fold"]) for record in _records([out])}
    return [fold for fold in range(shops.folds) if (name, seed, fold) not in done]


def _record(
    out: Path,
    name: str,
    fold: int,
    seed: int,
    held: Sequence[JudgedQuery],
    scores: FloatArray,
    seconds: float,
    right: float | None,
) -> None:
    """A fold's scores, each query's products in the order of its grades."""
    remaining = iter(scores.tolist())
    of_query = {f"{query.shop}: {query.query}": {p: next(remaining) for p in query.grades} for query in held}
    record = {"name": name, "seed": seed, "fold": fold, "seconds": round(seconds, 1), "scores": of_query}
    record |= {"cpu": round(time.process_time(), 1), "right": right}
    with out.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    click.echo(f"{name}, seed {seed}, fold {fold + 1}: {seconds:.0f} s, of the taught grades right: {right}")


def _records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        if file.exists():
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


@main.command()
@click.argument("work", type=click.Path(exists=True, path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--beside", required=True, help="The system that others are added to and compared with.")
@click.option("--per-query", default=12, show_default=True)
def table(work: Path, files: tuple[Path, ...], beside: str, per_query: int) -> None:
    """Print each system, and its sum with one of them: scores standardised within the query, in equal parts."""
    shops = read_shops(work, per_query)
    grades = {f"{query.shop}: {query.query}": query.grades for query in shops.drawn}
    systems: dict[str, dict[str, dict[str, float]]] = {}
    for record in _records(files):
        name = record["name"] + (f", seed {record['seed']}" if record["seed"] else "")
        systems.setdefault(name, {}).update(record["scores"])
    click.echo("| system | queries | alone | beside the reference | summed with it | sum beside the reference |")
    click.echo("|---|---|---|---|---|---|")
    base = _ndcg(systems[beside], grades)
    for name, scores in systems.items():
        common = {query: of_query for query, of_query in scores.items() if query in base}
        alone = _ndcg(common, grades)
        both = {query: _sum(of_query, systems[beside][query]) for query, of_query in common.items()}
        summed = _ndcg(both, grades)
        cells = [_by_shop(alone), _gain(alone, base, name), _by_shop(summed), _gain(summed, base, name)]
        click.echo(f"| {name} | {len(alone)} | {' | '.join(cells if name != beside else [cells[0], '', '', ''])} |")


def _ndcg(scores: Mapping[str, Mapping[str, float]], grades: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """nDCG@10 (gain 2^g - 1) of each query; ties by the product's id."""
    rankings = {q: [p for p, _ in sorted(of_q.items(), key=lambda pair: (-pair[1], pair[0]))] for q, of_q in scores.items()}
    return measures.score(rankings, {q: grades[q] for q in scores}, measures.parse(["nDCG@10"]))["nDCG@10"]


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    a, b = (_standard([of[p] for p in one]) for of in (one, other))
    return dict(zip(one, (a + b).tolist(), strict=True))


def _standard(values: Sequence[float]) -> FloatArray:
    array = np.asarray(values)
    return np.asarray((array - array.mean()) / max(float(array.std()), 1e-9))


def _shops_of(values: Mapping[str, float]) -> dict[str, dict[str, float]]:
    shops: dict[str, dict[str, float]] = {}
    for query, value in values.items():
        shops.setdefault(query.partition(": ")[0], {})[query] = value
    return shops


def _by_shop(values: Mapping[str, float]) -> str:
    shops = "; ".join(f"{shop} {np.mean(list(of.values())):.3f}" for shop, of in sorted(_shops_of(values).items()))
    return f"{np.mean(list(values.values())):.3f} ({shops})"


def _gain(new: Mapping[str, float], base: Mapping[str, float], name: str) -> str:
    shops = {shop: query_differences(of_shop, base) for shop, of_shop in _shops_of(new).items()}
    d = combine(shops, names=(name, "reference"), measure="nDCG@10")
    return f"{d.mean:+.3f} [{d.low:.3f}, {d.high:.3f}] p {d.p_value:.3f}"


if __name__ == "__main__":
    main()

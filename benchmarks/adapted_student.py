"""A shop's few judgments, and a student that never saw the shop: what is it worth to teach it on? For docs/experiments.

    endcap distill run RECIPE --work WORK --until split        # a recipe with this one shop
    python benchmarks/adapted_student.py train WORK --base FOLDER --out FILE.jsonl --taught 20,40,75 --frozen 8
    python benchmarks/adapted_student.py folds WORK SHOP --base FOLDER --out FILE.jsonl
    python benchmarks/adapted_student.py table FILE.jsonl ...

By folds: each fold's queries are measured, and of the others so many are drawn and taught. ``--base`` is a folder of
weights, or a model folder. With ``--start`` another is taught instead, and compared with the base. Each line of FILE
holds one fold's nDCG@10 in the judged pool, by query; what is there is not trained again. ``near 0.5`` is the mean of
the weights before and after. ``folds`` measures what a recipe with several shops made without each fold (its blend
stage keeps these students) beside a student that never saw SHOP; "taught" is 0 there: all other queries are.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from endcap.distill.export.bert_weights import write_weights
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe, StudentRecipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.dev_ndcg import tells_apart, tower_ndcg_by_query, tower_scores
from endcap.distill.student.list_sources import texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts, train_tower
from endcap.distill.student.training_lists import TrainingList, gold_list
from endcap.distill.teacher.device import autocast
from endcap.distill.work.folder import CACHE, Work
from endcap.distill.work.records import TRAIN, JudgedQuery, read_data
from endcap.evaluate.significance import combine, query_differences

NEAR = (0.0, 0.5)
"""Shares of the untaught weights in the mean."""
Values = Mapping[str, float]


@click.group()
def main() -> None:
    """Teach and measure, or print tables."""


@main.command()
@click.argument("work_folder", type=click.Path(exists=True, path_type=Path))
@click.option("--base", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--start", default="", help="Taught in the base's place: a folder of weights, or a name of the hub.")
@click.option("--mix", type=click.Path(exists=True, path_type=Path), help="A work folder whose shops are taught, too.")
@click.option("--taught", default="75", show_default=True, help="Numbers of queries.")
@click.option("--seeds", default="0", show_default=True, help="Of the training; several are averaged, too.")
@click.option("--draws", default="0", show_default=True, help="Seeds of folds and of the queries that are drawn.")
@click.option("--folds", "n_folds", default=5, show_default=True)
@click.option("--measured", default=0, show_default=True, help="At most so many queries a fold (0: all).")
@click.option("--frozen", default=8, show_default=True, help="Lowest layers that stay as they are.")
@click.option("--rates", default="5e-5", show_default=True, help="Learning rates.")
@click.option("--epochs", default="1", show_default=True)
@click.option("--cosine-shares", default="0.5", show_default=True, help="Of the base in the targets.")
def train(
    work_folder: Path,
    base: Path,
    out: Path,
    start: str,
    mix: Path | None,
    taught: str,
    seeds: str,
    draws: str,
    n_folds: int,
    measured: int,
    frozen: int,
    rates: str,
    epochs: str,
    cosine_shares: str,
) -> None:
    """Teach a student on each fold's other queries, and measure it before and after."""
    recipe = read_recipe("default")
    tower = Tower.load(_weights(base, out), scale=recipe.student.scale)
    student = Tower.load(start, scale=recipe.student.scale) if start else tower
    for each in (tower, student):
        each.freeze(frozen)  # what the lower layers make of a text is read once, for all folds
        each.eval()
    queries, texts = _judged(work_folder, recipe)
    further, more = _judged(mix, recipe) if mix else ([], {})
    texts = {**texts, **more}
    scores = [of_query / tower.scale for of_query in tower_scores(student, [*queries, *further], texts, recipe.text)]
    done = {_key(record) for record in _records([out])}
    numbers = [map(float, text.split(",")) for text in (rates, epochs, cosine_shares)]
    for (rate, times, share), count, draw, fold in product(
        list(product(*numbers)), map(int, taught.split(",")), map(int, draws.split(",")), range(n_folds)
    ):
        settings = replace(recipe.student, frozen_layers=frozen, learning_rate=rate, epochs=times, cosine_share=share)
        setting = {"frozen": frozen, "rate": rate, "epochs": times, "cosine": share, "mix": mix is not None}
        setting |= {"base": str(base), "seeds": seeds, "folds": n_folds}
        setting |= {"start": start} if start else {}
        record = {"shop": queries[0].shop, "draw": draw, "fold": fold, "taught": count, "setting": setting}
        if _key(record) in done:
            continue
        order = np.random.default_rng([draw, 19]).permutation(len(queries))
        held = [queries[i] for i in order[fold::n_folds] if tells_apart(queries[i])]
        guard = LeakGuard(query.query for query in held)
        others = [queries[i] for n, i in enumerate(order) if n % n_folds != fold]
        free = [query for query in others if not guard.refuses(query.query)]
        names = {(query.shop, query.query) for query in [*free[:count], *further]}
        gold = [
            gold_list(query, dict(zip(query.grades, map(float, of_query), strict=True)), 0.1, settings)
            for query, of_query in zip([*queries, *further], scores, strict=True)
            if (query.shop, query.query) in names
        ]
        held = held[:measured] if measured else held
        record |= {"used": min(count, len(free))} | _measured(
            (tower, student), gold, held, texts, recipe, settings, seeds
        )
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        click.echo(_line(record))


@main.command("folds")
@click.argument("work_folder", type=click.Path(exists=True, path_type=Path))
@click.argument("shop")
@click.option("--base", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path))
def fold_students(work_folder: Path, shop: str, base: Path, out: Path) -> None:
    """Measure the students of a work folder's folds, in bfloat16 where that is faster."""
    recipe, start = read_recipe("default"), time.monotonic()
    queries, texts = _judged(work_folder, recipe)
    of_shop = [query for query in queries if query.shop == shop and query.part == TRAIN]
    before, numbers = Tower.load(_weights(base, out)), sorted({query.fold for query in of_shop})
    for fold in numbers:
        [weights] = (Work(work_folder).stage("blend") / CACHE).glob(f"fold-{fold}-*/weights")
        held = [query for query in of_shop if query.fold == fold]
        with torch.inference_mode(), autocast():
            values = {"base": tower_ndcg_by_query(before, held, texts, recipe.text)}
            values["taught anew"] = tower_ndcg_by_query(Tower.load(weights), held, texts, recipe.text)
        setting = {"frozen": 0, "rate": recipe.student.learning_rate, "epochs": recipe.student.epochs}
        setting |= {"cosine": recipe.student.cosine_share, "mix": True, "folds": len(numbers), "base": str(base)}
        record = {"shop": shop, "draw": 0, "fold": fold, "taught": 0, "setting": setting, "steps": 0}
        record |= {"used": len(of_shop) - len(held), "seconds": round(time.monotonic() - start, 1), "values": values}
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        click.echo(_line(record))


def _weights(base: Path, out: Path) -> Path:
    if not (base / "model.json").exists():
        return base
    folder = out.with_name(f"{out.stem}-base")
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(base, folder)
    return folder


def _judged(work_folder: Path, recipe: Recipe) -> tuple[list[JudgedQuery], Texts]:
    data = read_data(Work(work_folder))
    queries = [query for query in data.judged if len(query.grades) > 1]
    return queries, texts_of(data, {(query.shop, id) for query in queries for id in query.grades}, recipe.text)


def _measured(
    towers: tuple[Tower, Tower],
    gold: Sequence[TrainingList],
    held: Sequence[JudgedQuery],
    texts: Texts,
    recipe: Recipe,
    settings: StudentRecipe,
    seeds: str,
) -> dict[str, Any]:
    """The base and what was taught, by query: of each seed, of the seeds' mean, and of these moved towards the base."""
    start, (base, tower) = time.monotonic(), towers
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    values = {"base": tower_ndcg_by_query(base, held, texts, recipe.text)}
    taught, steps = dict[str, dict[str, torch.Tensor]](), 0
    for seed in map(int, seeds.split(",")):
        tower.load_state_dict(before)
        steps = train_tower(tower, gold, [], texts, recipe.text, settings, seed=seed).steps
        taught[f"seed {seed}"] = {name: value.clone() for name, value in tower.state_dict().items()}
    if len(taught) > 1:
        taught["mean of seeds"] = {name: sum(s[name] for s in taught.values()) / len(taught) for name in before}
    for name, state in taught.items():
        for near in NEAR if tower is base else NEAR[:1]:
            tower.load_state_dict({key: (1 - near) * state[key] + near * before[key] for key in before})
            values[f"{name}, near {near:g}"] = tower_ndcg_by_query(tower, held, texts, recipe.text)
    tower.load_state_dict(before)
    return {"steps": steps, "seconds": round(time.monotonic() - start, 1), "values": values}


def _records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        if file.exists():
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _key(record: Mapping[str, Any]) -> str:
    return json.dumps([record[name] for name in ("shop", "draw", "fold", "taught", "setting")], sort_keys=True)


def _line(record: Mapping[str, Any]) -> str:
    means = {name: np.mean(list(of_query.values())) for name, of_query in record["values"].items()}
    told = ", ".join(f"{name} {mean - means['base']:+.4f}" for name, mean in means.items() if name != "base")
    return (
        f"{record['shop']} fold {record['fold']}, {record['used']} taught, {record['steps']} steps, "
        f"{record['seconds']:.0f} s: base {means['base']:.4f}; {told}"
    )


@main.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def table(files: tuple[Path, ...]) -> None:
    """Print the gain of each setting and number of queries: shop by shop, and of all shops together."""
    by_setting: dict[tuple[str, int, str], dict[str, dict[str, list[tuple[float, float]]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for record in _records(files):
        s = record["setting"]
        name = f"frozen {s['frozen']}, {s['rate']:g}, {s['epochs']:g} epochs, cosine {s['cosine']:g}"
        name += ", mixed" * s["mix"] + (f", from {s['start']}" if "start" in s else "")
        base = record["values"]["base"]
        for way, values in record["values"].items():
            way = "one seed" + way[way.index(",") :] if way.startswith("seed") else way
            for query, value in values.items() if way != "base" else ():
                by_setting[name, record["taught"], way][record["shop"]][query].append((value, base[query]))
    click.echo("| setting | taught | way | shop | base | gain |\n|---|---|---|---|---|---|")
    for (name, taught, way), shops in sorted(by_setting.items()):
        apart, bases = {}, {}
        for shop, queries in shops.items():
            new = {q: float(np.mean([v for v, _ in pairs])) for q, pairs in queries.items()}
            old = {q: float(np.mean([b for _, b in pairs])) for q, pairs in queries.items()}
            apart[shop], bases[shop] = query_differences(new, old), float(np.mean(list(old.values())))
        groups = [{shop: one} for shop, one in apart.items()] + ([apart] if len(apart) > 1 else [])
        for group in groups:
            d = combine(group, names=("taught", "base"), measure=way)
            base = f"{np.mean([bases[shop] for shop in group]):.3f}"
            gain = f"{d.mean:+.4f} [{d.low:.4f}, {d.high:.4f}] ({d.queries} queries, {d.wins}+ {d.losses}-)"
            click.echo(f"| {name} | {taught} | {way} | {' and '.join(group)} | {base} | {gain} |")


if __name__ == "__main__":
    main()

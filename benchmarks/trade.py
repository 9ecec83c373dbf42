"""Quality against milliseconds against bytes: students of several bases, depths, texts, state sizes and shapes.

    python benchmarks/trade.py train --data DATA --work build/trade            # resumable; an hour or two on two cores
    python benchmarks/trade.py time --work build/trade                         # on a quiet machine
    python benchmarks/trade.py table --work build/trade --plot docs/plots/trade.svg

DATA has ``chorus/`` and ``esci-us/``. All are taught by the same judgments as in the recipe ``default``, a student
of each half of the queries by the other half, and measured as exported (int8) in the judged pool: nDCG@10, gain
2^g - 1. Differences are paired, from zero-shot bge-small, over both shops' queries. ``--only NAME`` and ``--fold N``
share the work among processes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from trade_plot import Dot, scatter

from endcap.distill.export.latency import TEXTS
from endcap.distill.export.model_copy import model_copy
from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.file import read_recipe
from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.pairs import loaded
from endcap.distill.student.fold_students import fold_student
from endcap.distill.work.files import read_json, write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TRAIN, read_data
from endcap.evaluate.measures import mean
from endcap.evaluate.significance import combine, paired
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.evaluate.two_models import in_pool
from endcap.plugin.model.cpu import cpu_name
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import progress

FOLDS = 2
BASELINE = "bge-small, zero-shot"
MINILM, E5 = "sentence-transformers/all-MiniLM-L6-v2", "intfloat/e5-small-v2"
COUNTS = (100, 1000)
ROUNDS = 21


@dataclass(frozen=True, slots=True)
class Point:
    """A student: what differs from the recipe ``default``, and from its student's settings and text."""

    name: str
    changes: Mapping[str, Any]
    student: Mapping[str, Any]
    text: Mapping[str, Any]
    state: tuple[str, int] = ("int8", 384)
    """Number type and how many numbers are kept of a vector."""


def point(
    name: str, *, state: tuple[str, int] = ("int8", 384), student: Any = None, text: Any = None, **changes: Any
) -> Point:
    """A point, taught for one epoch unless its student's settings say otherwise."""
    return Point(name, changes, student or {}, text or {}, state)


ZERO = {"epochs": 0.0, "cosine_share": 0.0}
PLAIN = {"query_prefix": ""}
E5_TEXT = {"query_prefix": "query: ", "product_prefix": "passage: "}
POINTS = (
    point(BASELINE, student=ZERO),
    point("MiniLM, zero-shot", base=MINILM, pooling="mean", student=ZERO, text=PLAIN),
    point("e5-small, zero-shot", base=E5, pooling="mean", student=ZERO, text=E5_TEXT),
    point("bge-small, zero-shot, titles", student=ZERO, text={"fields": ("title",), "whole": (), "max_chars": {}}),
    point("bge-small, zero-shot, 96 tokens", student=ZERO, text={"max_product_tokens": 96}),
    point("bge-small"),
    point("bge-small, float16", state=("float16", 384)),
    point("bge-small, 256 numbers", state=("int8", 256)),
    point("bge-small, 128 numbers", state=("int8", 128)),
    point("bge-small, 6 layers", student={"layers": 6}),
    point("e5-small", base=E5, pooling="mean", text=E5_TEXT),
    point("MiniLM", base=MINILM, pooling="mean", text=PLAIN),
    point(
        "MiniLM, cross-encoder",
        base=MINILM,
        pooling="mean",
        text=PLAIN,
        shape="cross-encoder",
        student={"epochs": 2.0, "learning_rate": 5e-5},
    ),
)


def main() -> None:
    """Train and measure, time, or print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("train", "time", "table"))
    parser.add_argument("--data", type=Path, help="for train: a folder with chorus/ and esci-us/")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--only", action="append", help="a point's name; may be given again")
    parser.add_argument("--fold", type=int, choices=range(FOLDS), action="append")
    parser.add_argument("--plot", type=Path, help="for table: an SVG file to write")
    args = parser.parse_args()
    chosen = [each for each in POINTS if not args.only or each.name in args.only]
    if args.what == "train":
        if args.data is None:
            parser.error("train needs --data")
        train(chosen, args.fold or range(FOLDS), args.data, Work(args.work))
    elif args.what == "time":
        measure_times(chosen, args.work)
    else:
        table(args.work, args.plot)


def train(points: Any, folds: Any, data: Path, work: Work) -> None:
    """Each point's students, and nDCG by query, in ``WORK/points/NAME/FOLD.json``."""
    recipe = read_recipe("default", data)
    recipe = replace(recipe, split=replace(recipe.split, dev=0.0, folds=FOLDS))
    run_stages(recipe, work, ["split", "queries", "pairs", "teacher", "labels"], watch=progress, say=print)
    found = read_data(work)
    for each in points:
        for fold in folds:
            out = work.folder / "points" / each.name / f"{fold}.json"
            if out.exists():
                continue
            mine = of(recipe, each)
            made = fold_student(replace(mine, state_dtype="float16", state_size=0), work, found, fold, progress)
            model = out.parent / f"model-{fold}"
            dtype, size = each.state
            cross = mine.shape == "cross-encoder"
            model_copy(made, model, **({} if cross else {"state": {"dtype": dtype, "shape": [size]}}))
            values = {}
            with closing(StateStore.open(out.parent / f"states-{fold}-{os.getpid()}")) as states:
                student = StudentWithStates(Student.load(model), states)
                for shop in found.products:
                    grades = {q.query: q.grades for q in found.part(TRAIN) if q.shop == shop and q.fold == fold}
                    opened = Shop(loaded(found.products[shop], work.folder / "cache", progress))
                    pair = in_pool(opened, grades, student, student, progress)
                    values[shop] = dict(pair.new.values) if pair else {}
            write_json(out, values)
            print(each.name, fold, {shop: round(mean(by_query), 4) for shop, by_query in values.items()}, flush=True)


def of(recipe: Recipe, each: Point) -> Recipe:
    """The recipe of a point."""
    return replace(
        recipe,
        **each.changes,
        student=replace(recipe.student, **each.student),
        text=replace(recipe.text, **each.text),
    )


def measure_times(points: Any, folder: Path) -> None:
    """Milliseconds of a new query with 100 and 1,000 products that were read in advance, and to read one; one thread.

    Models take turns, so that a slow minute of the machine hits all alike.
    """
    texts = TEXTS.read_text(encoding="utf-8").splitlines()
    products = [texts[n % len(texts)] for n in range(max(COUNTS))]
    students, states = {}, {}
    for each in points:
        model = folder / "points" / each.name / "model-0"
        if model.is_dir():
            students[each.name] = Student(read_model(model), threads=1)
            began = time.perf_counter()
            states[each.name] = students[each.name].encode(products)
            print(f"{each.name}: {1e3 * (time.perf_counter() - began) / len(products):.2f} ms to read a product")
    times: dict[tuple[str, int], list[float]] = {(n, c): [] for n in students for c in COUNTS}
    for turn in range(ROUNDS):
        for (name, count), found in times.items():
            query = f"{texts[turn % len(texts)][:30]} {turn} {count}"  # one that is not remembered
            began = time.perf_counter()
            students[name].score(query, states[name][:count])
            found.append(1e3 * (time.perf_counter() - began))
    told = {
        name: {
            "ms": {str(count): round(statistics.median(times[name, count][1:]), 3) for count in COUNTS},
            "bytes": round(statistics.mean(map(len, states[name]))),
            "graph_mb": round((students[name].info.folder / "onnx" / "model.onnx").stat().st_size / 1e6, 1),
        }
        for name in students
    }
    write_json(folder / "times.json", {"cpu": cpu_name(), "threads": 1, "points": told})


def table(folder: Path, plot: Path | None) -> None:
    """Print the table in Markdown, and draw it."""
    values = {each.name: by_query(folder / "points" / each.name) for each in POINTS}
    values = {name: found for name, found in values.items() if found}
    times = read_json(folder / "times.json")["points"] if (folder / "times.json").exists() else {}
    base = values[BASELINE]
    print(
        "| student | queries | Chorus | ESCI | both - zero-shot bge | 100 products | 1,000 products | bytes a product |"
    )
    print("|---|---|---|---|---|---|---|---|")
    whole = sum(map(len, base.values()))
    dots = []
    for name, found in values.items():
        change = combine(
            {shop: paired(found[shop], {q: base[shop][q] for q in found[shop]}) for shop in found},
            names=(name, BASELINE),
            measure="nDCG@10",
        )
        ms = times.get(name, {}).get("ms", {})
        count = sum(map(len, found.values()))
        cells = [str(count), *(f"{mean(found[shop]):.3f}" for shop in ("chorus", "esci"))]
        cells.append("" if name == BASELINE else f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]")
        cells += [f"{ms[str(count)]:.2f} ms" if ms else "" for count in COUNTS]
        cells.append(str(times.get(name, {}).get("bytes", "")))
        print(f"| {name} | {' | '.join(cells)} |")
        if ms and count == whole:  # means over other queries stand in no one plot
            both = mean({(shop, q): v for shop, of_shop in found.items() for q, v in of_shop.items()})
            dots.append(Dot(name, ms["100"], both, times[name]["bytes"]))
    if plot is not None:
        plot.parent.mkdir(parents=True, exist_ok=True)
        plot.write_text(scatter(dots), encoding="utf-8")


def by_query(folder: Path) -> dict[str, dict[str, float]]:
    """Shop -> query -> nDCG@10, of the folds that are there."""
    found: dict[str, dict[str, float]] = {}
    for path in sorted(folder.glob("*.json")):
        for shop, values in json.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(shop, {}).update(values)
    return found


if __name__ == "__main__":
    main()

"""The table of ``language_teacher.py``: each system by folds, and its sum with one of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np
from language_teacher import read_records, read_shops

from endcap.evaluate import measures
from endcap.evaluate.significance import combine, query_differences
from endcap.plugin.blend.plain import standardise


@click.command()
@click.argument("work", type=click.Path(exists=True, path_type=Path))
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--beside", required=True, help="The system that others are added to and compared with.")
@click.option("--per-query", default=12, show_default=True)
def main(work: Path, files: tuple[Path, ...], beside: str, per_query: int) -> None:
    """Print each system, and its sum with one of them: scores standardised within the query, in equal parts."""
    shops = read_shops(work, per_query)
    grades = {f"{query.shop}: {query.query}": query.grades for query in shops.drawn}
    systems: dict[str, dict[str, dict[str, float]]] = {}
    for record in read_records(files):
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
    rankings = {
        q: [p for p, _ in sorted(of_q.items(), key=lambda pair: (-pair[1], pair[0]))] for q, of_q in scores.items()
    }
    return measures.score(rankings, {q: grades[q] for q in scores}, measures.parse(["nDCG@10"]))["nDCG@10"]


def _sum(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    a, b = (standardise([of[p] for p in one]) for of in (one, other))
    return dict(zip(one, (a + b).tolist(), strict=True))


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

"""Does the student pass its teacher on searches that nobody has looked at? On the generated shop there are always more.

    endcap demo --write demo-shop --queries 500 --log 9000
    endcap distill run demo --data demo-shop --work build/demo --until student          # an hour and more, two cores
    python benchmarks/new_searches.py --work build/demo --after 9500 --count 600        # 10 minutes, one core

Made searches are one endless list for a seed; the shop was written with the first ``--after`` of them, and the next
``--count`` are measured on. Those that are nearly one that anything was trained on are left out. The teacher, the
student and its untrained base rank each search's judged pool (nDCG@10, gain 2^g - 1, nothing unjudged).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from endcap.demo.catalogue import items
from endcap.demo.pools import pooled
from endcap.demo.query_maker import generate_queries
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.dev_ndcg import MEASURE, teacher_ndcg_by_query, tower_ndcg_by_query
from endcap.distill.student.list_sources import texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.teacher.ensemble import Teacher
from endcap.distill.work.files import read_rows, write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, TRAIN, Data, JudgedQuery, read_data
from endcap.evaluate.measures import mean
from endcap.evaluate.significance import paired_difference
from endcap.progress import progress

Values = dict[str, float]


def main() -> None:
    """Rank and compare; each search's measures go to ``WORK/new-searches.json``, too."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--recipe", default="demo")
    parser.add_argument("--after", type=int, default=9500)
    parser.add_argument("--count", type=int, default=600)
    args = parser.parse_args()
    work, recipe = Work(args.work), read_recipe(args.recipe)
    data = read_data(work)
    used = [row["query"] for row in read_rows(work.stage("queries") / "queries.parquet")]
    used += [judged.query for judged in data.judged if judged.part != TEST]
    searches = new_searches(args.after, args.count, used, recipe.shops[0].name, data)
    print(f"{len(searches)} of {args.count} searches are new to all that was trained")
    ndcg = {
        "zero-shot": by_tower(Tower.load(recipe.base, pooling=recipe.pooling), searches, data, recipe),
        "teacher": teacher_ndcg_by_query(Teacher.load(work.stage("teacher")), searches, data, progress),
        "student": by_tower(
            Tower.load(work.stage("student") / "weights", pooling=recipe.pooling), searches, data, recipe
        ),
    }
    write_json(args.work / "new-searches.json", ndcg)
    print(ndcg_table(ndcg))


def new_searches(after: int, count: int, used: Iterable[str], shop: str, data: Data) -> list[JudgedQuery]:
    """So many made searches after the first ones, but those that are nearly a used one, or tell no orders apart."""
    guard = LeakGuard(set(used))
    queries = [query for query in generate_queries(after + count)[after:] if not guard.refuses(query.text)]
    grades = pooled(queries, items(), 0)
    products = data.products[shop]
    pools = ({id: grade for id, grade in grades[query.text].items() if id in products} for query in queries)
    return [
        JudgedQuery(shop, query.text, judged, TRAIN, -1)
        for query, judged in zip(queries, pools, strict=True)
        if len(set(judged.values())) > 1
    ]


def by_tower(tower: Tower, searches: Sequence[JudgedQuery], data: Data, recipe: Recipe) -> Values:
    """Each search's nDCG by a bi-encoder."""
    with progress("Ranking by a tower", None):
        texts = texts_of(data, {(search.shop, id) for search in searches for id in search.grades}, recipe.text)
        return tower_ndcg_by_query(tower, searches, texts, recipe.text)


def ndcg_table(ndcg: dict[str, Values]) -> str:
    """Means, and each pair's difference with its 95 % interval."""
    lines = [f"{name:10} {mean(values):.4f}  ({len(values)} searches)" for name, values in ndcg.items()]
    for new, old in (("student", "teacher"), ("student", "zero-shot"), ("teacher", "zero-shot")):
        change = paired_difference(ndcg[new], ndcg[old], names=(new, old), measure=MEASURE)
        lines.append(
            f"{new} - {old}: {change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}], p = {change.p_value:.4f}"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()

"""The queries that re-ranking changed most, with both pages side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from endcap.evaluate.measures import Grades, Rankings
from endcap.evaluate.results import Case, Shown
from endcap.evaluate.significance import TIE
from endcap.index.product import Product

MOVED = 3
"""So many products are named as what moved."""


def cases(
    old: Mapping[str, float],
    new: Mapping[str, float],
    orders_before: Rankings,
    orders_after: Rankings,
    grades: Grades,
    products: Mapping[str, Product],
    cutoff: int,
) -> tuple[tuple[Case, ...], tuple[Case, ...]]:
    """All queries whose value became worse, the worst first, and all whose became better, the best first."""
    changed = []
    for query in old:
        if abs(new[query] - old[query]) > TIE:
            one, two = orders_before[query], orders_after[query]
            shown = _shown(one, two, grades[query], products)
            page_before, page_after = (tuple(shown[product] for product in order[:cutoff]) for order in (one, two))
            moved = _moved(shown.values(), grades[query], cutoff, new[query] > old[query])
            changed.append(Case(query, old[query], new[query], page_before, page_after, moved))
    changed.sort(key=lambda case: case.change)
    return tuple(c for c in changed if c.change < 0), tuple(c for c in reversed(changed) if c.change > 0)


def _shown(
    one: Sequence[str], two: Sequence[str], judged: Mapping[str, float], products: Mapping[str, Product]
) -> dict[str, Shown]:
    rank_one = {product: rank for rank, product in enumerate(one, 1)}
    rank_two = {product: rank for rank, product in enumerate(two, 1)}
    by_id = {id: products.get(id) or Product(id, "") for id in (*one, *two)}
    return {
        id: Shown(id, p.title, judged.get(id), rank_one.get(id), rank_two.get(id), p.brand, p.price)
        for id, p in by_id.items()
    }


def _moved(shown: Iterable[Shown], judged: Mapping[str, float], cutoff: int, better: bool) -> tuple[Shown, ...]:
    """The products whose move did most to the change: good ones that rose or bad ones that fell, or the reverse."""
    middle = (max(judged.values(), default=0) + min(judged.values(), default=0)) / 2

    def weight(product: Shown) -> float:
        gain = 1.0 / (product.rank_after or 1e9) - 1.0 / (product.rank_before or 1e9)
        return (gain if better else -gain) * ((product.grade or 0) - middle)

    near = [p for p in shown if min(p.rank_before or cutoff + 1, p.rank_after or cutoff + 1) <= cutoff]
    best = sorted(near, key=weight, reverse=True)
    return tuple(product for product in best[:MOVED] if weight(product) > 0)

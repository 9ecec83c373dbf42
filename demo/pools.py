"""Judged pools for made searches: of a shop's products those that tell rankings apart, so that files stay small."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from endcap.demo.item import Item
from endcap.demo.judge import Query, grade, item_stems, stems
from endcap.demo.wording import Draw

PER_GRADE = 8
"""So many products of each grade above 0 at most."""
HARD, EASY = 14, 4
"""Products of grade 0: those that share the rarest words with the search, and any."""


def pooled(queries: Iterable[Query], items: Sequence[Item], seed: int = 0) -> dict[str, dict[str, int]]:
    """For each search a pool of products with their grades: the good ones, and bad ones, the hard ones first.

    Hard is what shares words with the search, rare ones above all (by inverse document frequency): what BM25 brings.
    """
    with_stem, of_type = defaultdict[str, list[int]](list), defaultdict[str, list[int]](list)
    for place, item in enumerate(items):
        for stem in item_stems(item):
            with_stem[stem].append(place)
        of_type[item.type].append(place)
    pools = {}
    for query in queries:
        draw = Draw(f"endcap demo pool {seed} {query.text}")
        grades = {place: grade(query, items[place]) for name in query.types() for place in of_type[name]}
        chosen = [
            place
            for level in (3, 2, 1)
            for place in draw.some([place for place, value in grades.items() if value == level], PER_GRADE)
        ]
        weights = defaultdict[int, float](float)
        for stem in sorted(stems(query.text)):
            for place in with_stem[stem]:
                weights[place] += math.log(len(items) / len(with_stem[stem]))
        bad = [place for place in sorted(weights, key=lambda place: (-weights[place], place)) if not grades.get(place)]
        chosen += bad[:HARD]
        in_pool = set(chosen)
        rest = [place for place in range(len(items)) if not grades.get(place) and place not in in_pool]
        chosen += draw.some(rest, EASY + max(0, HARD - len(bad)))
        # the file's order must not tell the grades
        pools[query.text] = {items[p].product.id: grades.get(p, 0) for p in draw.shuffled(chosen)}
    return pools

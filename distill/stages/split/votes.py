"""What each rater gave to a shop's judged products: targets of the training, beside the grades that are measured on."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.errors import InputError
from endcap.index.judgments.judgments import Votes, votes_of
from endcap.index.judgments.reader import read_judgments
from endcap.progress import Watch

LOG = logging.getLogger("endcap.distill")


def all_votes(
    recipe: Recipe,
    shop: ShopRecipe,
    grades: Mapping[str, Mapping[str, float]],
    known: Mapping[str, Mapping[str, Votes]],
    watch: Watch,
) -> dict[str, dict[str, Votes]]:
    """The votes of all ``votes`` tables and those of the judgments themselves, added up.

    Raises ``InputError`` for a table that has votes for none of the judged pairs.
    """
    summed = {query: dict(of_query) for query, of_query in known.items()}
    for name in shop.votes:
        path, matched, others = recipe.path(name), 0, 0
        table = read_judgments(path, grades=shop.grades, watch=watch)
        for query, graded in table.grades.items():
            for product, grade in graded.items():
                if product not in grades.get(query, ()):
                    others += 1
                    continue
                votes = table.votes.get(query, {}).get(product) or votes_of([grade])
                before = summed.setdefault(query, {}).get(product, (0, 0, 0, 0))
                summed[query][product] = _added(before, votes)
                matched += 1
        if not matched:
            raise InputError(
                f"{path}: none of its {others:,} pairs of query and product is among the judgments of {shop.name!r}. "
                "A table of votes says what each rater gave to products that `judgments` has."
            )
        if others:
            LOG.warning(
                "%s: %s votes are left out, of pairs that %r has no judgment of.", path, f"{others:,}", shop.name
            )
    # One person's rating beside a grade does not take the grade's place.
    for query, of_query in summed.items():
        for product, votes in of_query.items():
            if sum(votes) <= 1 and product in grades.get(query, ()):
                of_query[product] = _added(votes, votes_of([grades[query][product]]))
    return summed


def _added(one: Votes, other: Votes) -> Votes:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]

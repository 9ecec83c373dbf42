"""Recipes: where catalogues and judgments are, and how much of them is used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from endcap.limits import Choice, Range

Share = Annotated[float, Range(0, 1)]
Most = Annotated[int, Range(0, 1e9)]


@dataclass(frozen=True, slots=True)
class ShopRecipe:
    """A catalogue with people's judgments, perhaps a query log. Formats and fields as ``endcap index`` takes them."""

    name: str
    catalogue: str
    judgments: str = ""
    grades: str = ""
    """What ratings are worth, as ``--grades`` has it; empty: what the format says."""
    judgments_format: str = ""
    """As ``--judgments-format`` has it, with options: ``esci:us:train``; empty: found out."""
    votes: tuple[str, ...] = ()
    """Tables of what each rater gave to products that ``judgments`` has: targets of the training, never measured on."""
    more_judgments: tuple[str, ...] = ()
    """Further files of judgments of the same catalogue, such as plans that were filled in; the last one counts."""
    test_format: str = ""
    """The part of the same judgments that their owner keeps for testing: ``esci:us:test``. Its queries are measured on,
    all others are taught; without it, ``test`` draws them."""
    test: Share | None = None
    """The share of the shop's judged queries that is kept for testing; without it, ``split.test``."""
    most_queries: Most = 0
    """At most so many judged queries are taught, drawn by the seed among those with products of two grades (0: all)."""
    most_test_queries: Most = 0
    """At most so many are measured on (0: all)."""
    most_judged: Most = 0
    """At most so many judged products of a query are taught, as many of each grade as there are (0: all)."""
    most_products: Most = 0
    """At most so many products, all that are judged and a draw of the others (0: all). It bounds the memory."""
    query_log: str = ""
    format: str = ""
    fields: str = ""
    encoding: str = ""
    variants: Annotated[str, Choice("merge", "each")] = "merge"
    language: str = ""
    query_column: str = ""
    """What the log's column of queries is called; empty: found out."""
    count_column: str = ""
    log_encoding: str = ""
    body: str = ""
    """The shop's own query, as ``--body`` has it; empty: the index's own, else endcap's."""
    index: str = ""
    """An index that ``endcap index`` or ``endcap warm`` knows, with this catalogue's ids, to be searched in the place
    of the catalogue's file."""


@dataclass(frozen=True, slots=True)
class JudgedPairsRecipe:
    """Judged pairs that are no ranking, as a sample of the ESCI data set's two parquet files: training data only."""

    name: str
    catalogue: str
    judgments: str
    grades: str = ""
    format: str = ""
    fields: str = ""
    encoding: str = ""
    variants: Annotated[str, Choice("merge", "each")] = "merge"
    language: str = ""
    locale: str = "us"

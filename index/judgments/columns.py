"""The names that exports give to the columns of a judgment: query, product, rating, rater."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from endcap.index.judgments.judgments import RowError, as_number
from endcap.index.product import words

NAMES: Mapping[str, tuple[str, ...]] = {
    "query": (
        *("querytext", "query", "searchquery", "userquery", "searchterm", "searchterms", "searchphrase", "keyword"),
        *("keywords", "term", "q", "querystring", "searchtext", "phrase"),
        *("suchbegriff", "suchanfrage", "anfrage", "requete", "recherche", "consulta", "busqueda", "zoekterm"),
    ),
    "docid": (
        *(
            "docid",
            "documentid",
            "productid",
            "corpusid",
            "itemid",
            "skuid",
            "doc",
            "document",
            "product",
            "item",
            "sku",
        ),
        *("asin", "did", "pid", "articleid", "objectid", "handle", "id"),
        *("produktid", "produktnummer", "artikelnummer", "artikelnr", "produkt", "artikel", "idproduit", "produit"),
        *("idproducto", "producto", "idprodotto", "prodotto", "productnummer"),
    ),
    "rating": (
        *(
            "rating",
            "grade",
            "relevance",
            "relevancegrade",
            "relevancescore",
            "relevancelabel",
            "judgment",
            "judgement",
        ),
        *("label", "score", "rel", "gain", "relevant", "isrelevant", "stars", "bewertung", "relevanz", "pertinence"),
        *("relevancia", "puntuacion", "valutazione", "beoordeling"),
    ),
}
"""In the order in which they are looked for, without case, blanks and marks."""
QUERY_IDS = ("queryid", "qid", "topicid", "topic", "searchid")
RATERS = ("rater", "annotator", "assessor", "judge", "ratedby", "user", "worker", "workerid")
NO_RATERS = {
    *("position", "rank", "price", "count", "views", "clicks", "title", "name", "url", "image", "docposition"),
    *("time", "times", "timems", "seconds", "duration", "timestamp", "date", "year", "month", "day", "mean", "average"),
    *("avg", "median", "stddev", "std", "sum", "total", "stock", "ctr", "impressions", "orders", "sales", "revenue"),
    *("quantity", "qty", "frequency", "votes", "number", "row", "index", "weight", "size", "confidence"),
    *("final", "finalrating", "finalgrade", "consensus", "majority", "agreed", "adjudicated"),
}
"""Columns that may hold small numbers and are no person's ratings; the last row: what was made of all of these."""


UNRATED = {
    *("", "nan", "null", "none", "nil", "n/a", "na", "n.a.", "#n/a", "<na>", "-", "--", "–", "—", "?", "unrated"),
    *("not rated", "unjudged", "not judged"),
}
"""What stands in the place of a rating that was not given."""


def letters(name: str) -> str:
    """A column's name as it is compared."""
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", name).lower())


def numbered_raters(columns: Iterable[str]) -> list[str]:
    """``Rating 1``, ``Rating 2``: the columns of several raters; empty where they are fewer than two."""
    columns = list(columns)
    alike = ([column for column in columns if letters(column) == name] for name in NAMES["rating"])
    return next((found for found in alike if len(found) > 1), [])


def own_names(columns: Iterable[str]) -> dict[str, str]:
    """``{query, docid, rating: the column's own name}`` of those there are."""
    return _own_names(tuple(columns))


@lru_cache(256)
def _own_names(columns: tuple[str, ...]) -> dict[str, str]:
    by_letters = {letters(column): column for column in reversed(columns)}
    found = {
        name: next((by_letters[known] for known in spellings if known in by_letters), None)
        for name, spellings in NAMES.items()
    }
    return {name: column for name, column in found.items() if column is not None}


def named(columns: Iterable[str], names: Iterable[str]) -> str:
    """The first of the columns that has one of the names; empty where none has."""
    return _named(tuple(columns), tuple(names))


@lru_cache(256)
def _named(columns: tuple[str, ...], names: tuple[str, ...]) -> str:
    by_letters = {letters(column): column for column in reversed(columns)}
    return next((by_letters[name] for name in names if name in by_letters), "")


def is_number(value: Any) -> bool:
    """Whether a cell holds a number, as a scale reads it; NaN is none."""
    try:
        return not math.isnan(as_number("", value))
    except RowError:
        return False


def product_of(value: Any) -> str:
    """The id of a product that a record names, also by an object of its fields; empty where that has no id."""
    if not isinstance(value, Mapping):
        return "" if isinstance(value, list) else id_of(value)
    found = value.get("_id", value.get(own_names(value).get("docid", "")))
    return id_of(found) if isinstance(found, (str, int, float)) else ""


def given(rating: Any) -> Any:
    """The rating, or None where none was given."""
    missing = rating is None or rating != rating or (isinstance(rating, str) and rating.strip().lower() in UNRATED)
    return None if missing else rating


def id_of(value: Any) -> str:
    """A value of JSON or Parquet as the id or query that it is: 101, never 101.0 where it is a whole number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else words(value)

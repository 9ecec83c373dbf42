"""What a cell of a query log says: which column it stands in, how often, and the words of a whole search body."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

QUERY_NAMES = (
    *("user_query", "query", "queries", "query_text", "search_term", "search_query", "search_queries"),
    *("search_keyword", "keyword", "key_phrase", "search_string", "search_phrase", "search_text"),
    *("internal_search_term", "site_search_term", "search", "q", "term", "top_query", "top_queries", "top_search"),
    *("searched_for", "suchbegriff", "suchbegriffe", "suchanfrage", "suchanfragen", "haufigste_suchanfragen"),
    *("original_search_query", "query_principali", "principais_consultas", "populairste_zoekopdrachten", "zoekterm"),
    "najczestsze_zapytania",
    *("requete", "requetes_les_plus_frequentes", "requetes_principales", "consulta", "consultas_principales"),
)
"""As owners and people call the column, the surest first; capitals, accents, blanks and a last s are no matter."""
COUNT_NAMES = (
    *("count", "n", "frequency", "searches", "search_count", "total_searches", "event_count", "total_unique_searches"),
    *("internal_searches", "site_searches", "unique_searches", "searches_count", "query_count"),
    *("occurrences", "instances", "impressions", "impressionen", "impresiones", "number_of_searches", "search_volume"),
    *("impressioni", "impressoes", "vertoningen", "wyswietlenia", "count_of_records", "doc_count", "anzahl"),
)
"""How often something was searched. ``hits`` and ``total`` are not among them: they count products found, mostly."""
NO_QUERIES = frozenset(
    (
        "(not set)",
        "(other)",
        "(not provided)",
        "grand total",
        "(empty)",
        "<empty search>",
        "unspecified",
        "::unspecified::",
    )
)
"""What reports write in the place of a query."""
FIRST_NO_QUERIES = NO_QUERIES | {"total", "totals"}
"""In the first row, which is a report's sum there."""

_AROUND = re.compile(
    r"\(.*?\)|\[.*?\]|:\s*(?:de|a)scending\s*$|^\s*top\s+(?:\d+\s+)?values\s+of\s|\.keyword\b", re.IGNORECASE
)
_GROUPED = re.compile(r"\d{1,3}(?:([,.'\u2019\u00a0\u202f ])\d{2,3}(?:\1\d{2,3})*)?")
_LARGE = re.compile(r"(\d+(?:\.\d+)?)([km])", re.IGNORECASE)
_WORDS_OF = {
    **dict.fromkeys(("match", "match_phrase", "match_phrase_prefix", "match_bool_prefix"), "query"),
    **dict.fromkeys(("neural", "neural_sparse"), "query_text"),
}
_FLAT = ("multi_match", "combined_fields", "query_string", "simple_query_string")
_NOT_SEARCHED_FOR = ("filter", "must_not", "post_filter", "aggs", "aggregations", "negative", "functions")


@lru_cache(maxsize=1024)
def plain_name(name: str) -> str:
    """A column's name as it is compared: ``Search Terms (v5)`` is ``searchterm``, as are ``search_term: Descending``
    and ``Top 10 values of search_term.keyword`` of Kibana's tables."""
    bare = unicodedata.normalize("NFKD", _AROUND.sub("", name)).casefold()
    return "".join(character for character in bare if character.isalnum()).removesuffix("s")


def column(head: Sequence[str], names: Iterable[str], asked: str = "") -> int | None:
    """The place of the column that was asked for, else of the first of these names; None where there is none."""
    if asked:
        names_as = ([name.strip() for name in head], [name.strip().casefold() for name in head])
        pairs = zip(names_as, (asked.strip(), asked.strip().casefold()), strict=True)
        return next((written.index(wanted) for written, wanted in pairs if wanted in written), None)
    plain = [plain_name(name) for name in head]
    return next((plain.index(wanted) for name in names if (wanted := plain_name(name)) in plain), None)


def count_of(value: Any) -> Any:
    """How often, as a whole number, however it is written (12.0, 1,234, 1.234, 1 234, 1.2K); else the value itself."""
    if isinstance(value, bool) or value is None:
        return value
    text = str(value).strip()
    if match := _GROUPED.fullmatch(text):
        mark = match.group(1)
        groups = text.split(mark) if mark else [text]
        if len(groups) == 1 or (len(groups[-1]) == 3 and all(len(g) in (2, 3) for g in groups[1:])):
            return int("".join(groups))
    if match := _LARGE.fullmatch(text):
        return round(float(match.group(1)) * (1e3 if match.group(2).lower() == "k" else 1e6))
    try:
        number = float(text)
    except ValueError:
        return value
    return int(number) if number == number and abs(number) < 1e15 and number.is_integer() else value


def query_of(value: str) -> tuple[str | None, str]:
    """What was typed, where the cell holds a whole search body as JSON that of the body; else None and the reason."""
    if not value.lstrip().startswith("{"):
        return value, ""
    try:
        body = json.loads(value)
    except (ValueError, RecursionError):
        return value, ""
    if not isinstance(body, Mapping):
        return value, ""
    texts: dict[str, str] = {}
    for text in _texts(body.get("query", body)):
        texts.setdefault(" ".join(text.split()).casefold(), text)
    if len(texts) == 1:
        return next(iter(texts.values())), ""
    return None, "the body searches for no text" if not texts else f"the body searches for {len(texts)} different texts"


def _texts(clause: Any) -> Iterator[str]:
    """The texts that a query's clauses search for, not those that they filter by or exclude."""
    waiting = [clause]
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        if not isinstance(item, Mapping):
            continue
        for name, value in item.items():
            if name in _WORDS_OF and isinstance(value, Mapping):
                for options in value.values():
                    text = options.get(_WORDS_OF[name]) if isinstance(options, Mapping) else options
                    if isinstance(text, str):
                        yield text
            elif name in _FLAT and isinstance(value, Mapping):
                if isinstance(value.get("query"), str):
                    yield value["query"]
            elif name not in _NOT_SEARCHED_FOR:
                waiting.append(value)

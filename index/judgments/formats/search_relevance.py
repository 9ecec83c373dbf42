"""Judgments as OpenSearch's search-relevance plugin imports them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.format_record import JudgmentFormat
from endcap.index.judgments.judgments import AS_THEY_ARE, Collector, Judgments, as_grade, as_number
from endcap.index.readers.files import Source, whole_text

RATINGS = {100.0: 3, 10.0: 2, 1.0: 1, 0.0: 0}
"""The ratings that OpenSearch's ESCI sample writes for Exact, Substitute, Complement and Irrelevant."""


def search_relevance(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The import format of OpenSearch's search-relevance plugin: ``judgmentRatings``, or only the list of it.

    Ratings are 100, 10, 1, 0 as in OpenSearch's ESCI sample (grades 3, 2, 1, 0), or grades 0 to 3 as they are.
    """
    rows = list(_rows(path))
    numbers = [as_number(place, rating) for place, _, _, rating in rows]
    scaled = all(number in RATINGS for number in numbers)
    collector = Collector()
    for (place, query, product_id, rating), number in zip(rows, numbers, strict=True):
        grade = RATINGS[number] if scaled else as_grade(place, rating)
        collector.add(place, query, product_id, grade)
    mapping = {f"{number:g}": grade for number, grade in RATINGS.items()} if scaled else AS_THEY_ARE
    return collector.judgments(path, "search-relevance", mapping)


def _rows(path: Path) -> list[tuple[str, str, str, Any]]:
    # The format has no records to read one by one, and judgments are held in memory anyway.
    try:
        data = orjson.loads(whole_text(Source(path)))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{path}, line {error.lineno}: not valid JSON: {error.msg}.") from error
    lists = data.get("judgmentRatings") if isinstance(data, dict) else data
    if not isinstance(lists, list):
        raise InputError(f"{path}: an object with a list 'judgmentRatings', or that list alone, was expected.")
    rows = []
    for at, entry in enumerate(lists):
        place = f"{path}, judgmentRatings[{at}]"
        ratings = entry.get("ratings") if isinstance(entry, dict) else None
        if not isinstance(ratings, list) or not isinstance(entry.get("query"), str):
            raise InputError(f"{place}: an object with 'query' and a list 'ratings' was expected.")
        for position, item in enumerate(ratings):
            if not isinstance(item, dict) or not isinstance(item.get("docId"), str):
                raise InputError(f"{place}.ratings[{position}]: an object with 'docId' and 'rating' was expected.")
            rows.append((f"{place}.ratings[{position}]", entry["query"], item["docId"], item.get("rating")))
    return rows


def _fits(start: bytes) -> bool:
    return b'"judgmentRatings"' in start or (b'"ratings"' in start and b'"docId"' in start)


FORMATS = (JudgmentFormat("search-relevance", search_relevance, 40, by_head=_fits),)

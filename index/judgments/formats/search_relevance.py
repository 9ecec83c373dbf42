"""Judgments as OpenSearch's search-relevance plugin (its workbench) imports them and gives them out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.columns import is_number
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings
from endcap.index.judgments.formats.nested import ratings_in
from endcap.index.judgments.json_parts import json_documents
from endcap.index.judgments.judgments import RowError, ScaleError, as_number
from endcap.index.judgments.scales import Scale

RATINGS = {100.0: 3, 10.0: 2, 1.0: 1, 0.0: 0}
"""The ratings that OpenSearch's ESCI sample writes for Exact, Substitute, Complement and Irrelevant."""


class SampleScale(Scale):
    """100, 10, 1 and 0 are grades 3, 2, 1 and 0."""

    mapping: Mapping[str, float] = {f"{number:g}": grade for number, grade in RATINGS.items()}

    def grade(self, place: object, rating: Any) -> float:
        """The grade of one of these ratings."""
        number = as_number(place, rating)
        if number not in RATINGS:
            raise ScaleError(place, "off the scale", f"the rating {rating!r} is none of 100, 10, 1, 0.")
        return RATINGS[number]


def search_relevance(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """``judgmentRatings``, or only the list of it, or the answer to ``GET _plugins/_search_relevance/judgments``.

    Ratings are 100, 10, 1, 0 as in OpenSearch's ESCI sample (grades 3, 2, 1, 0), or grades 0 to 3 as they are.
    """
    rows = list(_rows(path))
    rated = [row.value for row in rows if isinstance(row, Rating) and is_number(row.value)]
    scaled = all(float(value) in RATINGS for value in rated)
    return Ratings(rows, SampleScale() if scaled else Scale())


def _rows(path: Path) -> Iterator[Rating | RowError]:
    documents = list(json_documents(path))
    if len(documents) != 1 or _is_elsewhere(documents[0][1]):
        for place, document in documents:
            rows = [document] if isinstance(document, RowError) else list(ratings_in(document, place, {}))
            yield from rows
        if len(documents) != 1 or rows:
            return
    data = documents[0][1]
    if isinstance(data, Mapping) and isinstance(data.get("_source"), Mapping):
        data = data["_source"]
    hits = data.get("hits") if isinstance(data, Mapping) else None
    listed = hits.get("hits") if isinstance(hits, Mapping) else None
    if isinstance(listed, list):  # the workbench's own answer: each hit is a list of judgments
        for at, hit in enumerate(listed):
            source = hit.get("_source") if isinstance(hit, Mapping) else None
            yield from _rated(f"{path}, hits[{at}]: ", source)
    else:
        yield from _rated(f"{path}, ", data)


def _is_elsewhere(data: Any) -> bool:
    """Whether the lists stand in other names than the plugin's, as clients and scripts write them."""
    if not isinstance(data, Mapping):
        return False
    lists = data.get("judgmentRatings")
    return isinstance(lists, Mapping) or (lists is None and not {"_source", "hits"} & data.keys())


def _rated(before: str, data: Any) -> Iterator[Rating | RowError]:
    lists = data.get("judgmentRatings") if isinstance(data, Mapping) else data
    if not isinstance(lists, list):
        raise InputError(
            f"{before.rstrip(', ')}: an object with a list 'judgmentRatings', or that list alone, was expected."
        )
    for at, entry in enumerate(lists):
        place = f"{before}judgmentRatings[{at}]"
        ratings = entry.get("ratings") if isinstance(entry, dict) else None
        if not isinstance(ratings, list) or not isinstance(entry.get("query"), str):
            yield RowError(place, "no list of ratings", "an object with 'query' and a list 'ratings' was expected.")
            continue
        for position, item in enumerate(ratings):
            if not isinstance(item, dict) or not isinstance(item.get("docId"), (str, int)):
                detail = "an object with 'docId' and 'rating' was expected."
                yield RowError(f"{place}.ratings[{position}]", "no rating", detail)
                continue
            yield Rating(f"{place}.ratings[{position}]", entry["query"], str(item["docId"]), item.get("rating", ""))


def _fits(start: bytes) -> bool:
    return b'"judgmentRatings"' in start or (b'"ratings"' in start and b'"docId"' in start)


_KNOWN_BY = "JSON with 'judgmentRatings', also as the workbench answers"
FORMATS = (JudgmentFormat("search-relevance", search_relevance, _KNOWN_BY, 40, by_head=_fits),)

"""Request bodies of OpenSearch's and Elasticsearch's ranking evaluation, ``_rank_eval``."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings
from endcap.index.judgments.json_parts import searched_text, whole_json
from endcap.index.judgments.judgments import RowError


def rank_eval(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """Each request's ratings. Its query is the words that it searches for, or a template's parameter; else its id."""
    data = whole_json(path)
    requests = data.get("requests") if isinstance(data, Mapping) else None
    if not isinstance(requests, list):
        raise InputError(f"{path}: an object with a list 'requests' was expected.")

    def rows() -> Iterator[Rating | RowError]:
        named_by_id = 0
        for at, request in enumerate(requests):
            place = f"{path}, requests[{at}]"
            ratings = request.get("ratings") if isinstance(request, Mapping) else None
            if not isinstance(ratings, list):
                yield RowError(place, "no request", "an object with 'request' and a list 'ratings' was expected.")
                continue
            text = searched_text(request.get("request")) or _parameter(request.get("params"))
            named_by_id += not text
            for position, item in enumerate(ratings):
                within = f"{place}.ratings[{position}]"
                if not isinstance(item, Mapping) or not isinstance(item.get("_id"), (str, int)):
                    yield RowError(within, "no rating", "an object with '_id' and 'rating' was expected.")
                    continue
                yield Rating(within, text or str(request.get("id", "")), str(item["_id"]), item.get("rating", ""))
        if named_by_id:
            found.notes.append(f"{named_by_id:,} requests search for no words: their ids are taken for the queries")

    found = Ratings(rows())
    return found


def _parameter(params: Any) -> str:
    """The words among a template's parameters: by their name, else the only text there is."""
    if text := searched_text(params):
        return text
    texts = [value for value in params.values() if isinstance(value, str)] if isinstance(params, Mapping) else []
    return texts[0] if len(texts) == 1 else ""


def _fits(start: bytes) -> bool:
    return b'"requests"' in start and any(name in start for name in (b'"ratings"', b'"request"', b'"template_id"'))


FORMATS = (JudgmentFormat("rank-eval", rank_eval, "JSON with 'requests' and their 'ratings'", 84, by_head=_fits),)

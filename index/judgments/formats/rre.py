"""Ratings of RRE, the Rated Ranking Evaluator: https://github.com/SeaseLtd/rated-ranking-evaluator."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.columns import product_of
from endcap.index.judgments.format_record import JudgmentFormat, Rating, Ratings
from endcap.index.judgments.json_parts import whole_json
from endcap.index.judgments.judgments import RowError


def rre(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """Topics, query groups and their queries; the products of a group are judged for each of its queries.

    A query is its placeholder ``$query``, else the only placeholder, else the group's name. Products stand by grade
    (``{"3": ["a"]}``) or with it (``{"a": {"gain": 3}}``).
    """
    data = whole_json(path)
    if not isinstance(data, Mapping):
        raise InputError(f"{path}: an object with 'topics', 'query_groups' or 'queries' was expected.")

    def rows() -> Iterator[Rating | RowError]:
        for place, group in _groups(data, str(path)):
            if "relevant_documents" not in group:
                yield RowError(place, "no products", "neither 'relevant_documents' nor groups that have it are here.")
                continue
            documents = group.get("relevant_documents")
            if not isinstance(documents, Mapping):
                raise InputError(f"{place}: an object 'relevant_documents' was expected.")
            for query in _queries(group, place):
                yield from _rated(documents, query, place)

    return Ratings(rows())


def _groups(part: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if "relevant_documents" in part or not {"topics", "query_groups", "queries"} & part.keys():
        yield place, part
        return
    if not isinstance(part.get("queries", []), list) or any(
        isinstance(query, str) for query in part.get("queries", [])
    ):
        yield place, part  # a group's queries, which have no products of their own
        return
    for name in ("topics", "query_groups", "queries"):
        items = part.get(name, [])
        if not isinstance(items, list):
            raise InputError(f"{place}: {name!r} should be a list.")
        for at, item in enumerate(items):
            if not isinstance(item, Mapping):
                raise InputError(f"{place}, {name}[{at}]: an object was expected.")
            yield from _groups(item, f"{place}, {name}[{at}]")


def _queries(group: Mapping[str, Any], place: str) -> list[str]:
    entries = group.get("queries", [group])
    entries = entries if isinstance(entries, list) else [entries]
    texts = [
        entry if isinstance(entry, str) else _query(entry) for entry in entries if isinstance(entry, (Mapping, str))
    ]
    texts = [text for text in texts if text] or [str(group.get("name") or group.get("description") or "")]
    if not texts[0].strip():
        raise InputError(f"{place}: no query: neither a placeholder '$query' nor a name.")
    return list(dict.fromkeys(texts))


def _query(entry: Mapping[str, Any]) -> str:
    placeholders = entry.get("placeholders")
    texts = (
        {k.strip("${}"): v for k, v in placeholders.items() if isinstance(v, str)}
        if isinstance(placeholders, Mapping)
        else {}
    )
    if named := next((texts[name] for name in ("query", "q", "keywords", "text") if name in texts), ""):
        return named
    return next(iter(texts.values())) if len(texts) == 1 else ""


def _rated(documents: Mapping[str, Any], query: str, place: str) -> Iterator[Rating | RowError]:
    for name, value in documents.items():
        if isinstance(value, list):
            yield from (Rating(place, query, product_of(product), name) for product in value)
        elif isinstance(value, Mapping) and "gain" in value:
            yield Rating(place, query, name, value["gain"])
        else:
            detail = f"of {name!r} a list of products, or an object with 'gain', was expected."
            yield RowError(place, "no products", detail)


def _fits(start: bytes) -> bool:
    return b'"relevant_documents"' in start or b'"query_groups"' in start


FORMATS = (JudgmentFormat("rre", rre, "JSON with 'query_groups' and 'relevant_documents'", 86, by_head=_fits),)

"""One function for each format of judgments: ``(path, options, queries file) -> Judgments``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.judgments.collect import AS_THEY_ARE, Collector, Judgments, as_grade, as_number, by_label
from endcap.index.judgments.queries import find_queries, plain_lines, read_queries, readable
from endcap.index.product import words
from endcap.index.readers.files import Source
from endcap.index.readers.formats import items
from endcap.index.readers.record import Place

QUEPID = ("query", "docid", "rating")
RATERS = ("rater", "annotator", "assessor", "judge", "rated_by")
ESCI = {"E": 3, "S": 2, "C": 1, "I": 0}
ESCI_SPLITS, ESCI_VERSIONS = ("train", "test"), ("small", "large")
WANDS = {"Exact": 3, "Partial": 1, "Irrelevant": 0}
"""Our choice, the owner gives no numbers: between Exact and Irrelevant, Partial is nearer to Irrelevant."""
SEARCH_RELEVANCE = {100.0: 3, 10.0: 2, 1.0: 1, 0.0: 0}
"""The ratings that OpenSearch's ESCI sample writes for Exact, Substitute, Complement and Irrelevant."""


def trec(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """TREC qrels: lines of query id, an unused column, product id, grade, between blanks."""
    _no_options(path, options, "trec")
    texts = find_queries([path.parent], path, queries)
    collected = Collector()
    for place, line in plain_lines(Source(path)):
        columns = line.split()
        if len(columns) != 4:
            raise InputError(f"{place}: {len(columns)} columns; a line should have 4: query id, 0, product id, grade.")
        query_id, _, product_id, rating = columns
        collected.add(place, _text(place, query_id, texts), product_id, as_grade(place, rating))
    return _judgments(path, collected, "trec", AS_THEY_ARE)


def beir(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """BEIR: a folder with ``queries.jsonl`` and ``qrels/SPLIT.tsv``, or one such file; the option is the split."""
    if path.is_dir():
        folder = path / "qrels" if (path / "qrels").is_dir() else path
        splits = {file.stem: file for file in sorted(folder.glob("*.tsv"))}
        wanted = options[0] if options else next(iter(splits), "") if len(splits) == 1 else ""
        if wanted not in splits:
            known = ", ".join(f"beir:{name}" for name in splits) or "none"
            raise InputError(f"{folder}: say which split to read, as in format beir:test. There are: {known}.")
        path = splits[wanted]
    elif options:
        raise InputError(f"{path}: a split ({options[0]!r}) is chosen in a folder; this is one file.")
    texts = find_queries([path.parent.parent, path.parent], path, queries)
    collected = Collector()
    for record in readable(items(Source(path), "tsv")):
        row, place = record.value, record.place
        _needs(place, row, "query-id", "corpus-id", "score")
        text = _text(place, row["query-id"], texts)
        collected.add(place, text, row["corpus-id"], as_grade(place, row["score"]))
    return _judgments(path, collected, "beir", AS_THEY_ARE)


def quepid_names(columns: Iterable[str]) -> dict[str, str]:
    """``{query, docid, rating: the column's own name}`` of those there are; Quepid's exports spell them in many ways.

    ``query,docid,rating``, ``Query Text,Doc ID,Rating``, ...
    """
    plain = {re.sub(r"[^a-z]", "", column.lower()): column for column in reversed(list(columns))}
    if "querytext" in plain:
        plain["query"] = plain["querytext"]
    return {name: plain[name] for name in QUEPID if name in plain}


def quepid(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """Quepid's CSV: ``query,docid,rating``. A row without a rating, as Quepid writes it, is unrated and left out.

    With a column that names who rated (``rater``, ``annotator``, ...), a pair may have several rows: people's votes.
    """
    _no_options(path, options, "quepid")
    collected = Collector()
    for record in readable(items(Source(path), "csv")):
        row, place = record.value, record.place
        names = quepid_names(row)
        _needs(place, {**row, **names}, *QUEPID)
        query, docid, rating = (row[names[name]] for name in QUEPID)
        if not rating.strip():
            collected.n_unrated += 1
            continue
        collected.add(place, query, docid, as_grade(place, rating), _rater(row))
    return _judgments(path, collected, "quepid", AS_THEY_ARE)


def _rater(row: Mapping[str, str]) -> str:
    """Who gave a row's rating; empty where no column says it."""
    named = {re.sub(r"[^a-z]+", "_", column.lower()).strip("_"): column for column in row}
    return next((row[named[name]].strip() for name in RATERS if name in named), "")


def esci(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The examples of the Shopping Queries Data Set; options are a locale, a split and a version (small, large)."""
    wanted: dict[str, Any] = {}
    for option in options:
        if option in ESCI_SPLITS:
            wanted["split"] = option
        elif option in ESCI_VERSIONS:
            wanted[f"{option}_version"] = 1
        else:
            wanted["product_locale"] = option
    collected = Collector()
    for record in readable(items(Source(path), "esci")):
        row, place = record.value, record.place
        _needs(place, row, "query", "product_id", "esci_label", *wanted)
        if all(str(row[name]) == str(value) for name, value in wanted.items()):
            grade = by_label(place, row["esci_label"], ESCI)
            collected.add(place, words(row["query"]), words(row["product_id"]), grade)
    return _judgments(path, collected, ":".join(["esci", *options]), ESCI)


def wands(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """WANDS: a folder with ``label.csv`` and ``query.csv``, or the former with the latter beside."""
    _no_options(path, options, "wands")
    path = path / "label.csv" if path.is_dir() else path
    texts = read_queries(queries or path.with_name("query.csv"))
    collected = Collector()
    for record in readable(items(Source(path), "csv")):
        row, place = record.value, record.place
        _needs(place, row, "query_id", "product_id", "label")
        text = _text(place, row["query_id"], texts)
        collected.add(place, text, row["product_id"], by_label(place, row["label"], WANDS))
    return _judgments(path, collected, "wands", WANDS)


def search_relevance(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The import format of OpenSearch's search-relevance plugin: ``judgmentRatings``, or only the list of it.

    Ratings are 100, 10, 1, 0 as in OpenSearch's ESCI sample (grades 3, 2, 1, 0), or grades 0 to 3 as they are.
    """
    _no_options(path, options, "search-relevance")
    rows = list(_search_relevance_rows(path))
    numbers = [as_number(place, rating) for place, _, _, rating in rows]
    scaled = all(number in SEARCH_RELEVANCE for number in numbers)
    collected = Collector()
    for (place, query, product_id, rating), number in zip(rows, numbers, strict=True):
        grade = SEARCH_RELEVANCE[number] if scaled else as_grade(place, rating)
        collected.add(place, query, product_id, grade)
    mapping = {f"{number:g}": grade for number, grade in SEARCH_RELEVANCE.items()} if scaled else AS_THEY_ARE
    return _judgments(path, collected, "search-relevance", mapping)


def _search_relevance_rows(path: Path) -> list[tuple[str, str, str, Any]]:
    # The format has no records to read one by one, and judgments are held in memory anyway.
    try:
        data = orjson.loads(b"".join(_bytes(path)))
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


def _bytes(path: Path) -> list[bytes]:
    from endcap.index.readers.files import Damaged, chunks

    try:
        return list(chunks(Source(path)))
    except Damaged as damage:
        raise InputError(f"{path}: the file breaks off or is damaged ({damage}). Fetch it again.") from damage


def _text(place: Place, query_id: str, texts: Mapping[str, str]) -> str:
    text = texts.get(query_id)
    if text is None:
        raise InputError(f"{place}: query {query_id[:80]!r} is not in the file of queries.")
    return text


def _needs(place: Place, row: Mapping[str, Any], *names: str) -> None:
    missing = [name for name in names if name not in row]
    if missing:
        raise InputError(f"{place}: there is no column {missing[0]!r}, only {', '.join(row)}.")


def _no_options(path: Path, options: Sequence[str], name: str) -> None:
    if options:
        raise InputError(f"{path}: format {name!r} takes no option, but {':'.join(options)!r} was given.")


def _judgments(path: Path, collected: Collector, format: str, mapping: Mapping[str, int]) -> Judgments:
    if not collected.grades:
        unrated = f" ({collected.n_unrated:,} rows without a rating)" if collected.n_unrated else ""
        raise InputError(f"{path}: there is no judgment in it{unrated}.")
    name = path.name.partition(".")[0]
    return Judgments(name, collected.grades, format, mapping, collected.n_unrated, collected.votes())

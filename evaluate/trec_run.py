"""Rankings of any other system as TREC has them (a run), and ours written as one.

A line is query, ``Q0``, product, rank, score and the system's name, between blanks or tabs. As in trec_eval the score
decides and not the rank; of equal scores the smaller rank comes first (trec_eval would take the greater product id).
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from endcap.errors import InputError
from endcap.evaluate.measures import Rankings
from endcap.files import write_text
from endcap.index.judgments.columns import is_number
from endcap.index.judgments.id_match import match_ids, share_allowed
from endcap.index.judgments.json_parts import whole_json
from endcap.index.judgments.query_texts import BESIDE, normalised_query, plain_lines, read_query_texts
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.files import head

_WITH_BLANKS = re.compile(r"\s*(\S.*?)\s+[Qq]0\s+(\S.*)\s+([-+]?\d+)\s+([-+]?\.?\d\S*)(?:\s+(\S.*?))?\s*")
"""A line in which a query or a product's id has blanks: Q0 and the two numbers part it."""
QUERIES = ".queries.tsv"
"""What is added to a run's name for the file with the texts of its queries."""
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Run:
    """A system's rankings by the judged queries' texts, and what there is to say of how its file was read."""

    name: str
    rankings: Rankings
    notes: tuple[str, ...]


def read_run(
    path: Path,
    judged: Collection[str],
    query_ids: Mapping[str, str] | None = None,
    queries: Path | None = None,
    most: float | None = None,
) -> Run:
    """A run whose queries are named by id or by text; those that nobody judged are counted and left out.

    Ids are looked up in ``query_ids`` (those of the judgments), in the file ``queries``, and in a file beside the run.
    Raises ``InputError`` with the line where one can't be read, and where no query was judged, or so many judged ones
    are not in it while others are, that they are spelled otherwise (``share_allowed`` of ``most``).
    """
    ids = {**_texts_beside(path, queries), **(query_ids or {})}
    spelled = {normalised_query(query): query for query in judged}
    rows: dict[str, list[tuple[float, int, str]]] = {}
    unjudged: dict[str, None] = {}
    name_of: dict[str, str] = {}
    again: dict[str, None] = {}
    tags: dict[str, None] = {}
    for query_id, product, rank, score, tag in _ranked(path):
        tags[tag] = None
        text = ids.get(query_id, query_id)
        query = text if text in judged else spelled.get(normalised_query(text))
        if query is None:
            unjudged[query_id] = None
        elif name_of.setdefault(query, query_id) != query_id:
            again[query_id] = None
        else:
            rows.setdefault(query, []).append((score, rank, product))
    if len(tags) > 1:
        raise InputError(
            f"{path}: it holds runs of {len(tags):,} systems ({_listed(tags)}), and one order can't be made of them. "
            "Put each into a file of its own."
        )
    if not tags:
        raise InputError(f"{path}: there is no ranking in it.")
    if not rows:
        raise InputError(
            f"{path}: none of its {len(unjudged):,} queries was judged ({_listed(unjudged)}; judged were "
            f"{_listed(judged)}). Name queries as the judgments do, or give the file of their texts "
            f"(--judgments-queries, or {path.name}{QUERIES} beside the run)."
        )
    rankings, notes = _ordered(rows)
    if again:
        notes.append(f"{len(again):,} queries are the same as another of it and left out, such as {_listed(again)}")
    if unjudged:
        notes.append(f"{len(unjudged):,} of its queries were not judged, such as {_listed(unjudged)}")
    if lacking := [query for query in judged if query not in rankings]:
        _check_spelling(path, lacking, list(unjudged), len(judged), ids, most)
        notes.append(f"{len(lacking):,} judged queries are not in it and score 0, such as {_listed(lacking)}")
    name = next(iter(tags)) or path.name.partition(".")[0]
    return Run(name, rankings, tuple(f"run {name}: {note}" for note in notes))


def _check_spelling(
    path: Path, lacking: list[str], unjudged: list[str], count: int, ids: Mapping[str, str], most: float | None
) -> None:
    """Raises ``InputError`` where judged queries seem to be in a run by other names, so that they would score 0."""
    id_of = {text: id for id, text in ids.items()}
    missing = [id_of.get(query, query) for query in lacking]
    names = [*missing, *lacking]
    match = match_ids({"": unjudged}, set(names).intersection, names)
    share = min(len(lacking), len(unjudged)) / count
    if share <= share_allowed(most, match.mended, match.tried):
        return
    likely = f" Likely {match.mending}." if match.mending else ""
    raise InputError(
        f"{path}: {len(lacking):,} of {count:,} judged queries are not in it, such as {_listed(missing)}, and "
        f"{len(unjudged):,} of its queries were not judged, such as {_listed(unjudged)}.{likely} Name queries as the "
        "judgments do, or allow a share of them to be missing: --unknown-ids."
    )


def _ranked(path: Path) -> Iterator[tuple[str, str, int, float, str]]:
    """Query, product, rank, score and system of each line; of ``{query: {product: score}}``, as ranx has it, alike."""
    source = text_source(path)
    if head(source).lstrip().startswith(b"{"):
        for query, scores in whole_json(path).items():
            if not isinstance(scores, Mapping) or not all(map(is_number, scores.values())):
                raise InputError(f"{path}, {query[:60]!r}: an object of products with their scores was expected.")
            yield from (
                (query, product, rank, float(score), "") for rank, (product, score) in enumerate(scores.items(), 1)
            )
        return
    first = True
    for place, line in plain_lines(source):
        names_columns = first and not any(map(is_number, line.split()))
        first = False
        if not line.startswith("#") and not names_columns:
            yield _cells(place, line)


def _cells(place: object, line: str) -> tuple[str, str, int, float, str]:
    cells = [cell.strip() for cell in line.split("\t")] if line.count("\t") >= 4 else line.split()
    if len(cells) == 6:
        query, product, rank, score, tag = cells[0], *cells[2:]
    elif match := _WITH_BLANKS.fullmatch(line):
        query, product, rank, score, tag = match[1], match[2], match[3], match[4], match[5] or ""
    else:
        raise InputError(
            f"{place}: {len(cells)} columns; a line of a run has 6: query, Q0, product, rank, score, the system's name."
        )
    try:
        numbers = int(float(rank)), float(score)
    except (ValueError, OverflowError) as error:
        raise InputError(f"{place}: rank {rank[:40]!r} and score {score[:40]!r} should be numbers.") from error
    if not math.isfinite(numbers[1]):
        raise InputError(f"{place}: the score {score!r} is no finite number.")
    return query, product, *numbers, tag


def _ordered(rows: Mapping[str, list[tuple[float, int, str]]]) -> tuple[dict[str, list[str]], list[str]]:
    rankings: dict[str, list[str]] = {}
    twice = tied = contradicting = rising = same = 0
    for query, found in rows.items():
        found.sort(key=lambda row: (-row[0], row[1], row[2]))
        ranking = list(dict.fromkeys(product for _, _, product in found))
        twice += len(found) - len(ranking)
        tied += sum(one[0] == two[0] for one, two in pairwise(found))
        contradicting += any(one[1] > two[1] for one, two in pairwise(found))
        rising += len(found) > 1 and all(one[0] > two[0] and one[1] > two[1] for one, two in pairwise(found))
        same += len({row[1] for row in found}) < len({row[2] for row in found})
        rankings[query] = ranking
    notes = []
    if twice:
        notes.append(f"{twice:,} rows name a product again for a query: its best place counts")
    if tied:
        notes.append(f"{tied:,} rows have the score of the one before: of these the smaller rank comes first")
    if same:
        notes.append(f"in {same:,} queries several products have one rank: the scores decide")
    if 2 * rising > len(rows):
        notes.append(
            f"in {rising:,} queries the scores rise with the rank, as distances do: the scores decide, so the last "
            "rank comes first. Where the smallest is the best, write them with a minus"
        )
    elif contradicting:
        notes.append(f"in {contradicting:,} queries the ranks contradict the scores: the scores decide")
    return rankings, notes


def _texts_beside(path: Path, queries: Path | None) -> dict[str, str]:
    if queries is not None:
        return read_query_texts(queries)
    tried = [path.with_name(path.name + QUERIES), *(path.parent / name for name in BESIDE)]
    return next((read_query_texts(file) for file in tried if file.is_file()), {})


def write_run(path: Path, rankings: Rankings, name: str, query_ids: Mapping[str, str] | None = None) -> list[Path]:
    """Write rankings as a run, between tabs, with falling scores so that no tie can change them; the files written.

    Queries have the ids of ``query_ids`` (id to text); where one has none, numbers, and their texts stand in a file
    beside. Raises ``InputError`` where a file can't be written.
    """
    id_of = {text: id for id, text in (query_ids or {}).items()}
    numbered = any(query not in id_of for query in rankings)
    if numbered:
        id_of = {query: str(number) for number, query in enumerate(rankings, 1)}
    lines = [
        f"{id_of[query]}\tQ0\t{product}\t{rank}\t{len(ranking) - rank + 1}\t{name}\n"
        for query, ranking in rankings.items()
        for rank, product in enumerate(ranking, 1)
    ]
    files = [path]
    _write(path, "".join(lines))
    if numbered:
        files.append(path.with_name(path.name + QUERIES))
        _write(files[1], "".join(f"{id_of[query]}\t{' '.join(query.split())}\n" for query in rankings))
    return files


def _write(path: Path, text: str) -> None:
    try:
        write_text(path, text)
    except OSError as error:
        raise InputError(
            f"{path} can't be written: {error.strerror or error}. Name a file in a folder of yours."
        ) from error


def _listed(items: Iterable[str]) -> str:
    shown = [repr(item[:60]) for _, item in zip(range(SHOWN), items, strict=False)]
    return ", ".join(shown)

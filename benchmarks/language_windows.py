"""How many searches of a catalogue are taken for another language than English, and what finding that out costs.

    python benchmarks/language_windows.py CATALOGUE JUDGMENTS

Each judged query's first 100 hits by the embedded engine: once as the first search of a process, once after all those
before it; with descriptions, by titles alone, and by the titles of the first five hits. Times are of the processor.
"""

from __future__ import annotations

import logging
import math
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.catalogue import read_products
from endcap.plugin.search.languages import Languages

Hits = Sequence[Mapping[str, Any]]
ROUNDS = 20


@click.command()
@click.argument("catalogue", type=click.Path(exists=True, path_type=Path))
@click.argument("judgments", type=click.Path(exists=True, path_type=Path))
@click.option("--language", default="en", show_default=True, help="Whose word endings the index knows.")
def main(catalogue: Path, judgments: Path, language: str) -> None:
    """Print the searches that are skipped, and milliseconds."""
    logging.disable(logging.WARNING)
    windows = read_windows(catalogue, judgments, language)
    for name, cut in {"titles and descriptions": full, "titles": titles, "five titles": five_titles}.items():
        cut_windows = {query: cut(hits) for query, hits in windows.items()}
        first, later = (found(cut_windows, fresh=fresh) for fresh in (True, False))
        click.echo(f"{name}: of {len(windows)} skipped as a first search {dict(first)}, as a later one {dict(later)}")
    new, known = costs(windows)
    click.echo(f"ms a search: {new:.2f} as a first one, {known:.3f} where the index is known")


def read_windows(catalogue: Path, judgments: Path, language: str) -> dict[str, Hits]:
    """Each query's hits, of those that have two or more."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine("windows", Path(folder), language)
        engine.load(read_products(catalogue))
        hits = {
            query: engine.search(body={"query": engine.text_query(query), "size": 100})["hits"]["hits"]
            for query in read_judgments(judgments).grades
        }
    return {query: found for query, found in hits.items() if len(found) > 1}


def full(hits: Hits) -> Hits:
    return hits


def titles(hits: Hits) -> Hits:
    return [{"_source": {"title": hit["_source"]["title"]}} for hit in hits]


def five_titles(hits: Hits) -> Hits:
    return titles(hits[:5])


def found(windows: Mapping[str, Hits], *, fresh: bool) -> Counter[str]:
    """How many windows are said to be in a language that a student of English does not know, by what is said."""
    languages, said = Languages(FieldMap()), Counter[str]()
    for query, hits in windows.items():
        languages = Languages(FieldMap()) if fresh else languages
        if detail := languages.foreign(None, query, None, hits, ["en"]):
            said[detail.partition(",")[0]] += 1
    return said


def costs(windows: Mapping[str, Hits]) -> tuple[float, float]:
    """Milliseconds of the processor: the least of a first search, and the mean of those of an index that is known."""
    new, known, later = math.inf, Languages(FieldMap()), list[float]()
    for _ in range(ROUNDS):
        for query, hits in list(windows.items())[:ROUNDS]:
            new = min(new, cost(Languages(FieldMap()), query, hits)) if len(hits) >= 25 else new
            later.append(cost(known, query, hits))
    return new, sum(later[len(later) // 2 :]) / len(later[len(later) // 2 :])


def cost(languages: Languages, query: str, hits: Hits) -> float:
    began = time.process_time()
    languages.foreign(None, query, None, hits, ["en"])
    return 1_000 * (time.process_time() - began)


if __name__ == "__main__":
    main()

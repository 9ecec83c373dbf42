"""How many searches of a catalogue are taken for another language than English, and what finding that out costs.

    python benchmarks/language_windows.py CATALOGUE JUDGMENTS

Each judged query's first 100 hits by the embedded engine, as the first search of a process: with a sample of the
products, and without one; with descriptions, by titles alone, and by the titles of the first five hits. Times are of
the processor.
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
from endcap.plugin.search.language_samples import SIZE
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
    windows, sample = read_windows(catalogue, judgments, language)
    for name, cut in {"titles and descriptions": full, "titles": titles, "five titles": five_titles}.items():
        cut_windows = {query: cut(hits) for query, hits in windows.items()}
        sampled, none = found(cut_windows, cut(sample)), found(cut_windows, [])
        click.echo(f"{name}: of {len(windows)} skipped {dict(sampled)}, without a sample {dict(none)}")
    new, known = costs(windows, sample)
    click.echo(f"ms: {new:.2f} to learn a sample, {known:.3f} a search of an index that is known")


def read_windows(catalogue: Path, judgments: Path, language: str) -> tuple[dict[str, Hits], Hits]:
    """Each query's hits, of those that have two or more; and a sample of the products."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine("windows", Path(folder), language)
        engine.load(read_products(catalogue))
        hits = {
            query: engine.search(body={"query": engine.text_query(query), "size": 100})["hits"]["hits"]
            for query in read_judgments(judgments).grades
        }
        sample = engine.sample_hits(SIZE)
    return {query: found for query, found in hits.items() if len(found) > 1}, sample


def full(hits: Hits) -> Hits:
    return hits


def titles(hits: Hits) -> Hits:
    return [{"_source": {"title": hit["_source"]["title"]}} for hit in hits]


def five_titles(hits: Hits) -> Hits:
    return titles(hits if len(hits) > 100 else hits[:5])  # a sample stays whole


def found(windows: Mapping[str, Hits], sample: Hits) -> Counter[str]:
    """How many windows are said to be in a language that a student of English does not know, by what is said; each is
    the first search of a process."""
    said = Counter[str]()
    for query, hits in windows.items():
        if detail := knowing(sample).foreign("windows", query, None, hits, ["en"]):
            said[detail.partition(",")[0]] += 1
    return said


def knowing(sample: Hits) -> Languages:
    languages = Languages(FieldMap())
    if sample:
        languages.learn("windows", sample, ["en"])
    return languages


def costs(windows: Mapping[str, Hits], sample: Hits) -> tuple[float, float]:
    """Milliseconds of the processor: the least of learning a sample, and the mean of searches."""
    new, known, later = math.inf, knowing(sample), list[float]()
    for _ in range(ROUNDS):
        began = time.process_time()
        knowing(sample)
        new = min(new, 1_000 * (time.process_time() - began))
        later += [cost(known, query, hits) for query, hits in list(windows.items())[:ROUNDS]]
    return new, sum(later) / len(later)


def cost(languages: Languages, query: str, hits: Hits) -> float:
    began = time.process_time()
    languages.foreign("windows", query, None, hits, ["en"])
    return 1_000 * (time.process_time() - began)


if __name__ == "__main__":
    main()

"""How far do the text scores of a window deviate? That is what a rule's step is compared with.

    python benchmarks/text_spread.py $ENDCAP_DATASETS/esci-sample

Searches a catalogue for the queries of its judgments, by BM25 over title, brand and description in the embedded engine.
Printed is the standard deviation of each window's scores as a share of their mean: some quantiles over the queries.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.catalogue import read_products

QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95)


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path))
@click.option("--judgments", type=click.Path(exists=True, path_type=Path), help="Without it, the folder's.")
@click.option("--window", default=100, show_default=True)
def main(folder: Path, judgments: Path | None, window: int) -> None:
    """Print quantiles of deviation / mean."""
    engine = EmbeddedEngine("text-spread")
    engine.load(read_products(folder))
    spreads = []
    for query in sorted(read_judgments(judgments or folder).grades):
        clause = {"multi_match": {"query": query, "fields": ["title^3", "brand", "description"]}}
        hits = engine.search(index=engine.index, body={"query": clause, "size": window, "_source": False})["hits"][
            "hits"
        ]
        if len(hits) >= window / 5:
            scores = np.array([hit["_score"] for hit in hits])
            spreads.append(scores.std() / scores.mean())
    found = np.quantile(spreads, QUANTILES)
    print(
        f"{len(spreads)} windows of {window}: "
        + ", ".join(f"{q:.0%} {v:.2f}" for q, v in zip(QUANTILES, found, strict=True))
    )


if __name__ == "__main__":
    main()

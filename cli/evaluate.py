"""``endcap evaluate``: is the re-ranked order better than the engine's, by what people judged?"""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from endcap.cli.shared_options import (
    blend_weight_option,
    body_option,
    catalogue_options,
    grades_option,
    model_option,
    report_options,
    rules_option,
    unknown_ids_option,
    write_reports,
)
from endcap.evaluate.measure_kinds import GAINS
from endcap.index.judgments.reader import FORMATS
from endcap.index.readers.reading import Reading
from endcap.index.settings import ENGINES
from endcap.progress import progress

ORDER, SUMMARY = 60, "Measure by people's judgments whether re-ranking is better"

MEASURES = ("nDCG@10", "nDCG(judged_only=True)@10", "nDCG@5", "RR", "P@10", "R@10")
SETTINGS = ("end-to-end", "pool")
DENSE, DENSE_PRODUCTS = 50, 100_000


@click.command()
@click.argument("catalogue")
@click.option(
    "--judgments", required=True, type=click.Path(exists=True, path_type=Path), help="Graded products for queries."
)
@click.option("--judgments-format", metavar="FORMAT", help=f"{', '.join(FORMATS)}; else found out.")
@click.option(
    "--judgments-queries", type=click.Path(exists=True, path_type=Path), help="Query texts, where judgments have ids."
)
@grades_option
@click.option(
    "--engine", type=click.Choice(ENGINES), help="Where to load a catalogue's file; else opensearch with --url."
)
@click.option("--url", default="", help="The cluster, as in http://localhost:9200.")
@catalogue_options
@model_option
@click.option(
    "--baseline", metavar="MODEL", help="A second model, named as --model's is: the zero-shot cosine to beat."
)
@click.option("--beside", metavar="MODEL", help="Another model, as 'shipped': its own blend is a row beside --model's.")
@click.option("--setting", type=click.Choice([*SETTINGS, "both"]), default="both", show_default=True)
@click.option("--window", type=click.IntRange(2, 10_000), help="Hits that are re-ranked end to end; else the model's.")
@blend_weight_option
@body_option
@rules_option
@click.option(
    "--dense",
    type=click.IntRange(0, 1000),
    help="Candidates by meaning for the orders 'dense' and 'hybrid', which read the whole catalogue in advance; 0: "
    f"without these orders. Default: {DENSE} where the catalogue has at most {DENSE_PRODUCTS:,} products.",
)
@click.option("--sweep", is_flag=True, help="Also measure other weights and windows.")
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    help="By ir-measures' name, again for more; the first decides what is compared. Default: " + ", ".join(MEASURES),
)
@click.option(
    "--gains",
    type=click.Choice(list(GAINS)),
    default="exponential",
    show_default=True,
    help="What a grade is worth in nDCG.",
)
@click.option(
    "--relevant",
    type=click.IntRange(1, 3),
    help="From this grade on a product is relevant to yes/no measures. Default: 2; 1 where no grade is higher.",
)
@click.option(
    "--run",
    "runs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another system's rankings as a TREC run: a row beside ours; again for more.",
)
@click.option("--write-run", type=click.Path(dir_okay=False, path_type=Path), help="Write the blend's as a TREC run.")
@unknown_ids_option
@click.option("--name", "data_set", default="", help="What to call the data set; without it, the judgments' file.")
@report_options
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the resampling.")
def command(
    catalogue: str,
    judgments: Path,
    judgments_format: str | None,
    judgments_queries: Path | None,
    grades: str,
    engine: str | None,
    url: str,
    reading: Reading,
    model: Path,
    baseline: str | None,
    beside: str | None,
    setting: str,
    measures: tuple[str, ...],
    json_file: Path | None,
    html_file: Path | None,
    dense: int | None,
    body: str | None,
    rules: Path | None,
    **options: Any,
) -> None:
    """Measure by people's judgments whether re-ranking is better: engine, zero-shot cosine, student, blend
    and hybrid search; and what a shop's rules and signals cost or bring.

    CATALOGUE is a catalogue's file or folder, or the name of an index that 'endcap index' or 'endcap warm' made known.
    A file is loaded once and found again the next time.

    \b
    Examples:
      endcap evaluate products.jsonl --judgments ratings.csv
      endcap evaluate shop --judgments stars.csv --grades 1-5
      endcap evaluate shop --judgments ratings.csv --setting end-to-end --window 200
      endcap evaluate products.jsonl --judgments qrels.tsv --url http://localhost:9200 \\
          --model my-student --baseline zero-shot --html report.html --json report.json
      endcap evaluate shop --judgments qrels.tsv --run other.run --write-run ours.run
      endcap evaluate shop --judgments ratings.csv --body query.json
      endcap evaluate shop --judgments ratings.csv --model taught --beside shipped --html report.html
      endcap evaluate shop --judgments ratings.csv --sweep --measure nDCG@10 --measure AP
    """
    from rich.console import Console

    from endcap.evaluate.measures import parse
    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.evaluate.report.files import json_text
    from endcap.evaluate.report.html_page import evaluation_page
    from endcap.evaluate.report.table import print_evaluation
    from endcap.evaluate.run import Request, run
    from endcap.index.judgments.reader import read_judgments
    from endcap.plugin.model.registry import resolve
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore

    request = Request(
        measures=measures or MEASURES,
        settings=SETTINGS if setting == "both" else (setting,),
        command=shlex.join(["endcap", *sys.argv[1:]]),
        rules=str(rules or ""),
        queries=judgments_queries,
        **options,
    )
    # What can be wrong is found out before the work begins.
    parse(request.measures, request.gains, request.relevant or 1)
    judged = read_judgments(judgments, judgments_format, judgments_queries, grades, progress)
    student = Student.load(model)
    zero_shot = Student.load(resolve(baseline)) if baseline is not None else None
    other = Student.load(resolve(beside)) if beside is not None else None
    opened = open_catalogue(catalogue, engine=engine, url=url, reading=reading, body=body, watch=progress)
    few = opened.products <= DENSE_PRODUCTS and student.query_vector("") is not None
    request = replace(request, dense=(DENSE if few else 0) if dense is None else dense)
    with closing(StateStore.open()) as states:
        evaluation = run(opened, judged, student, zero_shot, request, states, progress, other)
    files = write_reports((json_file, lambda: json_text(evaluation)), (html_file, lambda: evaluation_page(evaluation)))
    print_evaluation(evaluation, Console(highlight=False))
    for file in (*files, *([request.write_run] if request.write_run else [])):
        click.echo(f"Wrote {file}")

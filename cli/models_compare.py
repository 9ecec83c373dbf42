"""`endcap models compare`: two models side by side, by what they are and by what they rank."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.shared_options import (
    Option,
    catalogue_options,
    grades_option,
    judgments_options,
    margin_option,
    model_folder,
    unknown_ids_option,
)

if TYPE_CHECKING:
    from endcap.index.judgments.judgments import Judgments
    from endcap.index.readers.reading import Reading
    from endcap.plugin.model.folder import ModelInfo

EXAMPLES = """
\b
Examples:
  endcap models compare build/student shipped
  endcap models compare shop@4 shop@3 --catalogue products.jsonl --judgments ratings.csv
  endcap models compare build/student shop --catalogue shop --judgments ratings.csv --json
"""


@click.command("compare", epilog=EXAMPLES)
@click.argument("new", metavar="MODEL", callback=model_folder)
@click.argument("old", metavar="MODEL", callback=model_folder)
@click.option("--catalogue", cls=Option, old=["--catalog"], help="A catalogue's file or folder, or a known index.")
@click.option("--judgments", type=click.Path(exists=True, path_type=Path), help="Graded products for queries.")
@judgments_options
@unknown_ids_option
@grades_option
@margin_option
@catalogue_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(
    new: Path,
    old: Path,
    catalogue: str | None,
    judgments: Path | None,
    judgments_format: str | None,
    judgments_queries: Path | None,
    unknown_ids: float | None,
    grades: str,
    margin: float,
    reading: Reading,
    as_json: bool,
) -> None:
    """Compare the first MODEL with the second: what they are and, with a catalogue and judgments, how they rank.

    Rankings are compared as the gate does: nDCG@10 of the students alone in the judged pool, and end to end with each
    model's own window and blend, query by query. Exits with 1 where the first is worse than the margin allows.
    """
    from endcap.plugin.model.folder import read_model

    if (catalogue is None) != (judgments is None):
        raise click.UsageError("--catalogue and --judgments belong together: give both, or neither.")
    infos = read_model(new), read_model(old)
    report: dict[str, Any] = {"facts": model_facts(*infos), "same_states": infos[0].checksum == infos[1].checksum}
    if catalogue is not None and judgments is not None:
        from endcap.index.judgments.reader import read_judgments
        from endcap.progress import progress

        judged = read_judgments(judgments, judgments_format, judgments_queries, grades, progress)
        report |= ranking_checks(infos[0], infos[1], catalogue, judged, unknown_ids, margin, reading)
    if as_json:
        click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print_model_comparison(report)
    if not all(check["passed"] for check in report.get("checks", ())):
        raise SystemExit(1)


def model_facts(new: ModelInfo, old: ModelInfo) -> dict[str, list[str]]:
    """What each of the two is, by name."""

    def facts_of(info: ModelInfo) -> dict[str, str]:
        return {
            "name": info.name,
            "folder": str(info.folder),
            "base": info.base,
            "shape": info.shape,
            "precision": info.precision,
            "reads": f"{', '.join(info.fields)}; {info.text.max_product_tokens} tokens",
            "state": f"{info.state_bytes or 'variable'} bytes ({info.state_dtype})",
            "blend": f"{'learnt, else ' if info.learnt else ''}weight {info.blend_weight:g}",
            "window": str(info.window),
            "graph": f"{(info.folder / 'onnx/model.onnx').stat().st_size / 1e6:.1f} MB",
            "checksum": info.checksum[:16],
        }

    old_facts = facts_of(old)
    return {name: [value, old_facts[name]] for name, value in facts_of(new).items()}


def ranking_checks(
    new: ModelInfo,
    old: ModelInfo,
    catalogue: str,
    judged: Judgments,
    unknown_ids: float | None,
    margin: float,
    reading: Reading,
) -> dict[str, Any]:
    """The gate's two comparisons on a catalogue and judgments, and how was searched for them; JSON-ready."""
    from contextlib import closing
    from functools import partial

    from endcap.errors import InputError
    from endcap.evaluate.end_to_end import query_warnings
    from endcap.evaluate.non_inferiority import non_inferiority_verdict
    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.evaluate.report.two_models import check_json
    from endcap.evaluate.significance import query_differences
    from endcap.evaluate.systems import StudentWithStates
    from endcap.evaluate.two_models import MEASURE, blended_pair, pool_pair
    from endcap.index.judgments.id_match import match_engine
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore
    from endcap.progress import progress

    click.echo(f"Judgments {judged.name} ({judged.format}): {judged.account()}.", err=True)
    opened = open_catalogue(catalogue, reading=reading, watch=progress)
    for warning in opened.warnings:
        click.echo(f"Warning: {warning}.", err=True)
    if warning := match_engine(judged.grades, opened.shop.engine, opened.shop.index).check(judged.name, unknown_ids):
        click.echo(f"Warning: {warning}.", err=True)
    checks = []
    with closing(StateStore.open()) as states:
        students = [StudentWithStates(Student(info), states) for info in (new, old)]
        rules = opened.shop_rules()
        as_answered = partial(blended_pair, answering=partial(opened.reranker, rules=rules))
        for name, pair_of in (("students alone, judged pool", pool_pair), ("blended, end to end", as_answered)):
            pair = pair_of(opened.shop, judged.grades, students[0], students[1], progress)
            if pair is None:
                raise InputError(f"{judged.name}: no query has both good and bad products that {catalogue} has.")
            differences = {judged.name: query_differences(pair.new.values, pair.old.values)}
            for warning in query_warnings(opened.shop, pair.old.rankings) if pair_of is as_answered else ():
                click.echo(f"Warning: {warning}.", err=True)
            verdict = non_inferiority_verdict(differences, (new.name, old.name), MEASURE, margin)
            checks.append(check_json(name, verdict, {judged.name: pair}))
    decided = [list(opened.decided(info, rules)) for info in (new, old)]
    return {"searched": {"catalogue": opened.catalogue, "engine": opened.engine, "decided": decided}, "checks": checks}


def print_model_comparison(report: dict[str, Any]) -> None:
    """Print both models side by side, then the comparisons."""
    from endcap.evaluate.report.two_models import check_lines
    from endcap.evaluate.two_models import MEASURE

    for name, (one, two) in report["facts"].items():
        click.echo(f"{name:<10} {one}" if one == two else f"{name:<10} {one}  |  {two}")
    if report["same_states"]:
        click.echo("Both read products alike: they share their states.")
    for check in report.get("checks", ()):
        click.echo("")
        for line in check_lines(check, MEASURE):
            click.echo(line)
    if "searched" in report:
        searched, (new, old) = report["searched"], report["searched"]["decided"]
        click.echo(f"\nEnd to end: {searched['catalogue']}; engine {searched['engine']}.")
        for names, name in ((new, "The first model"), (old, "The second")) if new != old else ((new, "Each"),):
            if names:
                click.echo(f"{name} also follows {', '.join(names)}.")

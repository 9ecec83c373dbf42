"""``endcap judgments``: judgments from what visitors did."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from endcap.cli.shared_options import FILE, Option, catalogue_options, unknown_ids_option
from endcap.errors import InputError
from endcap.index.readers.reading import Reading
from endcap.progress import progress

ORDER, SUMMARY = 55, "Make judgments of clicks"


EXAMPLES = """
\b
Examples:
  endcap judgments from-clicks ubi_queries.ndjson ubi_events.ndjson.gz --write judgments.csv
  endcap judgments from-clicks ~/.local/share/endcap/ubi/shop --catalogue shop --write judgments.csv
  endcap judgments from-clicks clicks.csv --catalogue products.jsonl --write judgments.csv --json clicks.json
  endcap evaluate products.jsonl --judgments judgments.csv
"""


@click.group("judgments", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Make judgments of clicks, for 'endcap evaluate', 'models' and 'distill'."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("from-clicks", epilog=EXAMPLES)
@click.argument("events", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--write", required=True, type=FILE, help="The file of judgments: query, product_id, grade, and how sure."
)
@click.option(
    "--catalogue",
    cls=Option,
    old=["--catalog"],
    default="",
    help="A file, folder or index that has the products.",
)
@catalogue_options
@unknown_ids_option
@click.option("--json", "json_file", type=FILE, help="Write all numbers there, each query's among them.")
@click.option("--soft", is_flag=True, help="Write grades as decimals, which are read by --grades 0-3.")
@click.option("--actions", default="", metavar="MAP", help="What action names mean: pdp_open=click,scroll=none,…")
@click.option("--cart", default=2.0, show_default=True, type=click.FloatRange(1), help="Clicks that a cart counts as.")
@click.option("--purchase", default=4.0, show_default=True, type=click.FloatRange(1), help="And a purchase.")
@click.option("--short", default=0.5, show_default=True, type=click.FloatRange(0, 1), help="And a short click.")
@click.option(
    "--dwell-s",
    default=10.0,
    show_default=True,
    type=click.FloatRange(0),
    help="A click left sooner is short; 0: none.",
)
@click.option(
    "--widest",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.1, 3),
    help="Grades that the interval of a pair may span.",
)
@click.option(
    "--position-bias", default="", metavar="NUMBERS", help="How probably places are looked at: 1,0.6,0.4; else fitted."
)
@click.option(
    "--most-of-a-client",
    default=1000,
    show_default=True,
    type=click.IntRange(0),
    help="A client with more searches or events is a robot; 0: nobody is.",
)
def from_clicks(
    events: tuple[Path, ...],
    write: Path,
    catalogue: str,
    reading: Reading,
    unknown_ids: float | None,
    json_file: Path | None,
    soft: bool,
    actions: str,
    cart: float,
    purchase: float,
    short: float,
    dwell_s: float,
    widest: float,
    position_bias: str,
    most_of_a_client: int,
) -> None:
    """Make judgments of searches and clicks, by a click model that knows that first places are clicked more.

    EVENTS are files or folders of User Behavior Insights (ubi_queries and ubi_events, as the storefront keeps them or
    an index exports them), or tables with query, product, position, impressions and clicks. A pair is graded where its
    clicks are enough to tell grades apart; the report says what the others need.
    """
    import orjson

    from endcap.evaluate.report.files import write_report
    from endcap.index.clicks.judged import as_mapping, judged, parse_bias, table_text
    from endcap.index.clicks.position_model import Weights
    from endcap.index.clicks.read import read_clicks
    from endcap.index.clicks.store import Limits
    from endcap.index.clicks.words import report

    _check_outputs((write, json_file), (*events, Path(catalogue)) if catalogue else events)
    theta, limits = parse_bias(position_bias) if position_bias else None, Limits(most_of_a_client, dwell_s=dwell_s)
    read = read_clicks(events, limits=limits, actions=actions, most_strange=unknown_ids, watch=progress)
    unknown, warning = _unknown(read.counts.pairs(), catalogue, reading, unknown_ids)
    found = judged(read.counts, weights=Weights(cart, purchase, short), widest=widest, theta=theta, unknown=unknown)
    if json_file:
        write_report(
            json_file, orjson.dumps(as_mapping(found), option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode()
        )
    if found.pairs:
        write_report(write, table_text(found.pairs, soft=soft))
    for line in report(read, found, limits, theta is not None):
        click.echo(line)
    click.echo(warning)
    if not found.pairs:
        raise click.ClickException(
            f"no pair can be graded, so {write} is not written: collect more searches, or allow wider "
            "intervals (--widest)."
        )
    for file in filter(None, (write, json_file)):
        click.echo(f"Wrote {file}")


def _check_outputs(outputs: tuple[Path, Path | None], inputs: tuple[Path, ...]) -> None:
    """Raises ``InputError`` where a file would be written over what is read, or among it, or over the other one."""
    files = [output.resolve() for output in outputs if output]
    if len(set(files)) < len(files):
        raise InputError(f"--write and --json both name {outputs[0]}: give each a file of its own.")
    for file in files:
        for read in inputs:
            if read.is_file() and (file == read.resolve() or (file.exists() and file.samefile(read))):
                raise InputError(f"{file} is read, so it is not written over: name another file.")
            if read.is_dir() and file.is_relative_to(read.resolve()):
                raise InputError(
                    f"{file} lies in the folder {read}, which is read, so the next run would read it too: name a file "
                    "elsewhere."
                )


def _unknown(
    pairs: dict[str, list[str]], catalogue: str, reading: Reading, most: float | None
) -> tuple[Collection[str], str]:
    """The products that the catalogue lacks, and what there is to say of them."""
    if not catalogue:
        return (), "Whether the catalogue has these products was not looked at: --catalogue."
    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.index.judgments.id_match import known_in, match_engine

    opened = open_catalogue(catalogue, reading=reading, watch=progress)
    for loading in opened.warnings:
        click.echo(f"WARNING: {loading}.")
    engine, index = opened.shop.engine, opened.index
    match = match_engine(pairs, engine, index, "pairs")
    sentence = match.check(catalogue, most)
    if not sentence:
        return (), f"All products are known to {opened.catalogue}."
    known = known_in(engine, index)
    ids = list(dict.fromkeys(product for products in pairs.values() for product in products))
    found = {id for start in range(0, len(ids), 1_000) for id in known(ids[start : start + 1_000])}
    return [id for id in ids if id not in found], f"WARNING: {sentence}."

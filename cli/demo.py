"""``endcap demo``: the generated shop, searched before and after."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from endcap.cli.shared_options import model_folder
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.demo.run import DemoMeasures, DemoShop, SearchRun
    from endcap.plugin.search.reranker import Reranker

ORDER, SUMMARY = 10, "Show what re-ranking does to the searches of a generated shop"


@click.command()
@click.option(
    "--write",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Only write the shop's catalogue, judgments and pictures into this folder.",
)
@click.option(
    "--queries",
    type=click.IntRange(min=1),
    help="With --write: also so many made searches with known grades, made-judgments.csv.",
)
@click.option(
    "--log", type=click.IntRange(min=1), help="With --write: also so many made searches without grades, query-log.csv."
)
@click.option("--seed", default=0, show_default=True, help="Which made searches: others for another seed.")
@click.option("--kinds", is_flag=True, help="Also show the measure for each kind of query.")
@click.option(
    "--language",
    default="en",
    show_default=True,
    help="Five of its departments in German, Spanish or French: de, es, fr.",
)
@click.option(
    "--model", metavar="MODEL", callback=model_folder, help="A model folder or a promoted model; else the shipped one."
)
def command(
    folder: Path | None, queries: int | None, log: int | None, seed: int, kinds: bool, language: str, model: Path | None
) -> None:
    """Show what re-ranking does to the searches of a generated shop: first pages before and after, and the numbers.

    The shop is indexed as 'demo' in the embedded engine; that and reading its products in advance is done once.

    \b
    Examples:
      endcap demo
      endcap demo --kinds
      endcap demo --language de
      endcap demo --write demo-shop
      endcap demo --write demo-shop --queries 2000 --log 5000
    """
    if folder is not None:
        from endcap.demo.files import write_searches, write_shop
        from endcap.demo.translation import ToldShop

        if language != "en" and (queries or log):
            raise click.UsageError("--queries and --log make English searches: leave out --language.")
        count = write_shop(folder, ToldShop(language))
        click.echo(f"Wrote {count:,} products, their pictures and the judgments into {folder}.")
        if queries or log:
            write_searches(folder, queries or 0, log or 0, seed)
            click.echo(f"Wrote {queries or 0:,} made searches with grades and {log or 0:,} without.")
    elif queries or log:
        raise click.UsageError("--queries and --log make files: name a folder with --write.")
    else:
        show_demo(kinds, language, model)


def show_demo(kinds: bool, language: str = "en", model: Path | None = None) -> None:
    """Search the shop before and after, and print first pages, the numbers over all searches, and their times."""
    from endcap.demo import run
    from endcap.demo.translation import ToldShop
    from endcap.plugin.search.catalogue_language import CatalogueSample
    from endcap.plugin.search.reranker import Reranker

    # open the shop, and search it both ways
    shop = run.open_demo_shop(progress, told=ToldShop(language), model=model)
    told = shop.told
    click.echo(f"A generated shop of {len(told.items):,} products, in the embedded engine as {told.index!r}.")
    if warning := CatalogueSample().look(told.products()).warning(shop.student.info):
        click.echo(f"Warning: {warning}", err=True)
    reranker = Reranker(shop.engine, shop.student, states=shop.states, deadline_ms=run.DEADLINE_MS)
    run.warm_up(shop, reranker)
    search_run = run.search_all(shop, reranker, progress)
    measures = run.measure(search_run, told)
    # print what came out
    print_first_pages(shop, reranker, measures)
    print_measure(measures, reranker.options.window)
    if kinds:
        from endcap.demo.kinds import measure_kinds

        print_kinds(measure_kinds(shop, progress))
    print_latency(search_run, shop.student.info.name)
    print_next(language)
    reranker.close()


def print_first_pages(shop: DemoShop, reranker: Reranker, measures: DemoMeasures) -> None:
    """Print the first products of the example searches, before and after."""
    from endcap.demo.page_text import page_lines, signs_for
    from endcap.demo.run import MEASURE, first_pages

    signs, width = signs_for(sys.stdout.encoding), shutil.get_terminal_size().columns
    click.echo(
        f"{len(shop.told.examples())} of its {len(measures.before)} searches, the first five products of each: "
        f"{signs.grades[3]} is what was meant, {signs.grades[2]} nearly.\n"
        f"{signs.up}3 came up three places, {signs.down}3 went down three.\n"
    )
    for text, note in shop.told.examples().items():
        before, after = first_pages(shop, reranker, text)
        heads = (
            f'"{text}"  {note}',
            f"the engine ({MEASURE} {measures.before[text]:.2f})",
            f"re-ranked ({measures.after[text]:.2f})",
        )
        print_text("\n".join(page_lines(heads, before, after, width, signs)) + "\n")


def print_text(text: str) -> None:
    """Print text that may hold signs which the stream can't carry."""
    encoding = sys.stdout.encoding or "ascii"
    click.echo(text.encode(encoding, "replace").decode(encoding))


def print_measure(measures: DemoMeasures, window: int) -> None:
    """Print the measure before and after, with what the difference is worth."""
    from endcap.demo.run import MEASURE
    from endcap.evaluate.measures import mean
    from endcap.evaluate.verdict import p_words

    difference = measures.difference
    click.echo(
        f"{MEASURE} over all {difference.queries} searches, the first {window} hits of each re-ranked "
        "(gain 2^grade - 1):\n"
        f"  before {mean(measures.before):.3f}   after {mean(measures.after):.3f}   difference {difference.mean:+.3f} "
        f"(95 % interval {difference.low:+.3f} to {difference.high:+.3f}, paired)"
    )
    verdict = "Re-ranking makes them " + ("better" if difference.mean > 0 else "worse")
    sentence = verdict if difference.clear else "So many searches can't tell the two apart"
    click.echo(
        f"  {sentence}, {p_words(difference.p_value)}: {difference.wins} searches are better, "
        f"{difference.losses} worse, {difference.ties} the same.\n"
        f"  Unjudged among the first ten: {measures.unjudged_before:.1%} before, {measures.unjudged_after:.1%} after."
    )


def print_kinds(kinds: Mapping[str, tuple[int, Mapping[str, float]]]) -> None:
    """Print the measure of each kind of query."""
    systems = next(iter(kinds.values()))[1]
    click.echo("\n  " + f"{'kind of search':16}{'':>5}" + "".join(f"{name:>10}" for name in systems))
    for kind, (count, means) in kinds.items():
        click.echo("  " + f"{kind:16}{count:>5}" + "".join(f"{mean:>10.3f}" for mean in means.values()))


def print_latency(search_run: SearchRun, model: str) -> None:
    """Print what a search takes."""
    click.echo(
        f"\nA search takes (median of {len(search_run.before)}, model {model}, in this process):\n"
        f"  the engine alone {search_run.engine_ms:.1f} ms   re-ranked {search_run.reranked_ms:.1f} ms   "
        f"added {search_run.added_ms:.1f} ms"
    )
    if search_run.cut_short:
        click.echo(
            f"  {search_run.cut_short} of them ran out of time and kept the engine's order, in whole or in part."
        )


def print_next(language: str) -> None:
    """Print what to do next, in commands that work as they stand."""
    endcap = program()
    if language != "en":
        click.echo(f"\nNext:\n  {endcap} demo --language {language} --write demo-shop   (docs/languages.md says more)")
        return
    click.echo(
        "\nNext:\n"
        f"  {endcap} storefront   (the same on a page, both orders side by side)\n"
        f'  {endcap} search "headphones for running" --index demo\n'
        f"  {endcap} demo --write demo-shop\n"
        f"  {endcap} evaluate demo-shop/catalogue.jsonl --judgments demo-shop/judgments.csv\n"
        f"  {endcap} index demo-shop/catalogue.jsonl --name mine   (or your own catalogue)\n"
        f"  {endcap} warm --help   (re-rank an OpenSearch index that is there already)"
    )


def program() -> str:
    """How this program was called, in a way that can be typed again from here."""
    called = Path(sys.argv[0])
    if called.name != "endcap":
        return "endcap"
    if shutil.which("endcap") and Path(str(shutil.which("endcap"))).resolve() == called.resolve():
        return "endcap"
    try:
        return str(called.absolute().relative_to(Path.cwd()))
    except ValueError:
        return str(called.absolute())

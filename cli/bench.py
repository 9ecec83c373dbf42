"""``endcap bench``: which window and how many threads fit a deadline on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from endcap.cli.shared_options import FILE, Option, catalogue_options, model_option
from endcap.files import write_text

if TYPE_CHECKING:
    from endcap.index.product import Product
    from endcap.index.readers.reading import Reading
    from endcap.plugin.bench import BenchReport

ORDER, SUMMARY = 100, "Measure which window and how many threads fit a deadline here"


@click.command()
@model_option
@click.option(
    "--catalogue",
    cls=Option,
    old=["--catalog"],
    help="A catalogue's file or folder; without it, the demo's shop.",
)
@catalogue_options
@click.option(
    "--deadline-ms",
    "deadline",
    cls=Option,
    old=["--deadline"],
    default=50.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Milliseconds for a whole search.",
)
@click.option(
    "--engine",
    "engine_ms",
    default=0.0,
    show_default=True,
    type=click.FloatRange(min=0),
    help="Of these, the engine's.",
)
@click.option("--products", default=1000, show_default=True, type=click.IntRange(1), help="How many to measure with.")
@click.option("--threads", type=click.IntRange(1), help="The most to try; without it, what the machine allows.")
@click.option("--seconds", default=1.0, show_default=True, type=click.FloatRange(0.01, 60), help="For each figure.")
@click.option("--json", "json_file", type=FILE, help="Write the figures there.")
def command(
    model: Path,
    catalogue: str | None,
    reading: Reading,
    deadline: float,
    engine_ms: float,
    products: int,
    threads: int | None,
    seconds: float,
    json_file: Path | None,
) -> None:
    """Measure which window and how many threads fit a deadline here, with a student and products of yours.

    Every query is a new one. Products have been read in advance, into a store made for it; your own is not touched.

    \b
    Examples:
      endcap bench
      endcap bench --catalogue products.jsonl --deadline-ms 30 --engine 12
      endcap bench --model build/student --catalogue products.csv --fields title=name --json bench.json
    """
    from endcap.plugin.bench import bench

    chosen = list(islice(_products(catalogue, reading), products))
    figures = bench(
        model, chosen, max_threads=threads, seconds=seconds, on_step=lambda step: click.echo(f"… {step}", err=True)
    )
    click.echo(bench_table(figures, deadline, engine_ms))
    if json_file is not None:
        write_text(json_file, json.dumps(figures.to_mapping(), indent=2) + "\n")


def _products(catalogue: str | None, reading: Reading) -> Iterable[Product]:
    if catalogue is None:
        from endcap.demo.catalogue import products

        return islice(products(), 0, None, 7)
    return reading.products(catalogue)


def bench_table(figures: BenchReport, deadline_ms: float, engine_ms: float) -> str:
    """The figures as a table, and what follows from them for a deadline."""
    state = f"{figures.state_bytes} bytes a product" if figures.state_bytes else "4 bytes a token"
    lines = [
        f"{figures.model} ({figures.shape}, {figures.precision}); state: {state}; loaded in {figures.load_s:.2f} s",
        f"{figures.cpu}, {figures.cpus} CPUs to use; {', '.join(figures.features) or 'no known instructions for int8'}",
        "",
        f"{'window':>7} {'threads':>8} {'median ms':>10} {'90th pct.':>10} {'of it states':>13}",
    ]
    lines += [
        f"{time.window:>7,} {time.threads:>8} {time.median_ms:>10.2f} {time.p90_ms:>10.2f} {time.states_ms:>13.2f}"
        for time in figures.windows
    ]
    if figures.query_ms:
        lines.append(f"A query's encoding is {figures.query_ms:.2f} ms of these; it is done while the engine searches.")
    lines += ["", f"{'threads':>7} {'products read a second':>24} {'hours for 1,000,000':>21}"]
    lines += [
        f"{rate.threads:>7} {rate.products_per_s:>24,.0f} {rate.million_hours:>21.2f}" for rate in figures.reading
    ]
    return "\n".join([*lines, "", advice(figures, deadline_ms, engine_ms)])


def advice(figures: BenchReport, deadline_ms: float, engine_ms: float) -> str:
    """What to set, in sentences."""
    left = deadline_ms - engine_ms
    chosen = figures.window(left)
    deadline = f"{deadline_ms:g} ms" + (f", of which the engine takes {engine_ms:g}" if engine_ms else "")
    if chosen is None:
        least = min(figures.windows, key=lambda time: time.p90_ms)
        return (
            f"Nothing fits a deadline of {deadline}: {least.window} products take {least.p90_ms:.1f} ms in nine of ten "
            "searches. Give more time, or a smaller model."
        )
    measured = (
        "the largest measured" if chosen.window == max(time.window for time in figures.windows) else "the largest"
    )
    unread = int(max(left - chosen.p90_ms, 0) / 1e3 * max(rate.products_per_s for rate in figures.reading))
    return (
        f"For a deadline of {deadline}: window {chosen.window} ({measured} that fits), threads {figures.threads()}. "
        f"In the time that is then left, {unread} products that were not read in advance can be read."
    )

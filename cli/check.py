"""``endcap check``: what would be read of a catalogue, before anything is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import click

from endcap.cli.shared_options import model_option
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.catalogue_files import find_catalogue
from endcap.index.readers.known_formats import FORMAT_NAMES
from endcap.index.readers.likely_fields import likely_columns
from endcap.index.readers.record import Fault
from endcap.index.readers.rejects import Rejects
from endcap.index.readers.variants import WAYS
from endcap.progress import Advance, progress

ORDER, SUMMARY = 25, "Say what would be read of a catalogue, and load nothing"

FIELDS = ("brand", "category", "description", "attributes", "price", "image")
SHOWN_FAULTS = 5
MOST_OTHERS = 1_000
"""Of so many other fields it is asked whether they are a product's."""


class FirstFaults(Rejects):
    """Counts faults, and keeps the first of them to be shown."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Count a fault."""
        super().add(fault)
        if len(self.first) < SHOWN_FAULTS:
            self.first.append(fault)


@click.command()
@click.argument("catalogue", type=click.Path(exists=True, path_type=Path))
@click.option("--fields", default="", metavar="MAP", help="Which field is which: title=name,brand=maker,…")
@click.option("--format", "format_", metavar="FORMAT", help=f"One of {', '.join(FORMAT_NAMES)}; without it, found out.")
@click.option("--encoding", default="", metavar="NAME", help="Of text files: cp1252, utf-16, …; without it, UTF-8.")
@click.option("--variants", type=click.Choice(WAYS), default="merge", show_default=True, help="One product, or each.")
@click.option("--language", default="", metavar="CODE", help="Of texts in several languages, the one to read.")
@model_option
@click.option("--samples", default=10, show_default=True, type=click.IntRange(0, 1000), help="Products to show.")
def command(
    catalogue: Path,
    fields: str,
    format_: str | None,
    encoding: str,
    variants: Literal["merge", "each"],
    language: str,
    model: Path,
    samples: int,
) -> None:
    """Say what would be read of a catalogue, and load nothing.

    It prints the format, how many products have which field, faults, some products as the student sees them, and where
    all rows went.

    \b
    Examples:
      endcap check products.jsonl
      endcap check export.csv --fields "id=sku,title=name" --encoding cp1252
    """
    from endcap.plugin.model.student import Student

    map_, faults = FieldMap.parse(fields), FirstFaults()
    found = find_catalogue(catalogue, format_, map_, encoding, language)
    click.echo(f"Format {found.format}, {len(found.files):,} file{'s' * (len(found.files) != 1)}.")
    products = read_products(catalogue, format_, map_, "skip", faults, encoding, variants, language)
    filled = dict.fromkeys(FIELDS, 0)
    others: dict[str, None] = {}
    with progress("Reading") as advance:
        shown = list(_watched(products, filled, others, samples, advance))
    likely = likely_columns(list(others))
    click.echo(f"{faults.account()}.")
    for name, count in filled.items():
        hint = f'; perhaps --fields "{name}={likely[name]}"' if not count and name in likely else ""
        click.echo(f"  {name:<12}{count:>12,}  {count / faults.products:>5.0%} of the products{hint}")
    if faults.counts:
        click.echo(f"{faults.summary()}, such as:")
        for fault in faults.first:
            click.echo(f"  {fault}")
    if shown:
        student = Student.load(model)
        click.echo(f"As {student.info.name} sees the first {len(shown):,}:")
    for product in shown:
        click.echo(f"  {product.id}: {student.text(product)}")


def _watched(
    products: Iterator[Product], filled: dict[str, int], others: dict[str, None], samples: int, advance: Advance
) -> Iterator[Product]:
    """The first products; of all, how many have each field is counted, and what else they have is noted."""
    for place, product in enumerate(products, 1):
        advance(place)
        for name in filled:
            filled[name] += getattr(product, name) not in ("", None, {})
        if len(others) < MOST_OTHERS:
            others |= dict.fromkeys(product.extra)
        if place <= samples:
            yield product

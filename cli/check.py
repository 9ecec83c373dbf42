"""``endcap check``: what would be read of a catalogue, before anything is loaded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import click

from endcap.cli.shared_options import catalogue_options, model_option
from endcap.index.product import Product
from endcap.index.readers.catalogue_files import find_catalogue
from endcap.index.readers.likely_fields import likely_columns
from endcap.index.readers.reading import Reading
from endcap.index.readers.record import Fault
from endcap.index.readers.rejects import Rejects
from endcap.progress import Advance, progress

ORDER, SUMMARY = 25, "Say what would be read of a catalogue, and load nothing"

FIELDS = ("brand", "category", "description", "attributes", "price", "image")
SHOWN_FAULTS = 5
HIDDEN = {
    "Status": ("draft", "archived", "unlisted"),
    "status": ("draft", "archived", "private", "pending"),
    "Published": ("false", "0", "-1"),
    "product_online": ("2",),
}
"""What exports say of products that their shop does not show."""
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
@catalogue_options
@model_option
@click.option("--samples", default=10, show_default=True, type=click.IntRange(0, 1000), help="Products to show.")
def command(
    catalogue: Path,
    reading: Reading,
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

    faults = FirstFaults()
    found = find_catalogue(catalogue, reading.format or None, reading.fields, reading.encoding, reading.language)
    click.echo(f"Format {found.format}, {len(found.files):,} file{'s' * (len(found.files) != 1)}.")
    products = reading.products(catalogue, "skip", faults)
    filled = dict.fromkeys(FIELDS, 0)
    others: dict[str, None] = {}
    hidden = Counter[tuple[str, str]]()
    with progress("Reading") as advance:
        shown = list(_watched(products, filled, others, hidden, samples, advance))
    likely = likely_columns(list(others))
    click.echo(f"{faults.account()}.")
    for name, count in filled.items():
        hint = f'; perhaps --fields "{name}={likely[name]}"' if not count and name in likely else ""
        click.echo(f"  {name:<12}{count:>12,}  {count / faults.products:>5.0%} of the products{hint}")
    if hidden:
        said = ", ".join(f"{name} {value}: {count:,}" for (name, value), count in hidden.most_common(5))
        click.echo(f"Read, though the shop does not show them: {said}. Leave them out of the export if need be.")
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
    products: Iterator[Product],
    filled: dict[str, int],
    others: dict[str, None],
    hidden: Counter[tuple[str, str]],
    samples: int,
    advance: Advance,
) -> Iterator[Product]:
    """The first products; of all, it is counted which fields they have and which are not shown by the shop, and noted
    what else they have."""
    for place, product in enumerate(products, 1):
        advance(place)
        for name in filled:
            filled[name] += getattr(product, name) not in ("", None, {})
        hidden.update((n, str(v)) for n, v in product.extra.items() if str(v).casefold() in HIDDEN.get(n, ()))
        if len(others) < MOST_OTHERS:
            others |= dict.fromkeys(product.extra)
        if place <= samples:
            yield product

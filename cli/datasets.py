"""``endcap datasets``: list and fetch public catalogues with judgments."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path

import click

from endcap.errors import InputError
from endcap.index.datasets.sources import DATASETS, Dataset, DatasetFile, dataset_named
from endcap.progress import progress

ORDER, SUMMARY = 80, "List public catalogues with judgments, or fetch one"


@click.group(name="datasets", invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the list as JSON, with every file's address and checksum.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """List public catalogues with judgments, or fetch one from where its owner publishes it.

    \b
    Examples:
      endcap datasets                              what there is
      endcap datasets fetch chorus esci-us         fetch some, checked and resumable
      endcap datasets fetch wands --to data/wands  into a folder of your choice
      endcap datasets fetch esci --from /mnt/esci  take files you have
    """
    if ctx.invoked_subcommand is None:
        print_datasets(as_json)
    elif as_json:
        raise click.UsageError("--json goes with the list only.", ctx)


def print_datasets(as_json: bool) -> None:
    """Print what there is."""
    if as_json:
        click.echo(json.dumps([asdict(dataset) for dataset in DATASETS.values()], indent=2))
        return
    for dataset in DATASETS.values():
        click.echo(f"{dataset.name}  ({size(dataset.n_bytes)})")
        click.echo(f"    {dataset.contents}")
        click.echo(f"    owner    {dataset.owner}")
        click.echo(f"    licence  {dataset.licence}")
        click.echo(f"    pinned   {dataset.pinned}, each file checked by its checksum")
    click.echo("\nFetch one with: endcap datasets fetch NAME")


@command.command()
@click.argument("names", nargs=-1, required=True)
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Folder to put one in [HOME/datasets/NAME].")
@click.option("--from", "source", type=click.Path(path_type=Path), help="Folder that has the files of one already.")
@click.option("--mirror", metavar="URL", help="Fetch URL/NAME/FILE instead of asking the owner; checked all the same.")
def fetch(names: tuple[str, ...], folder: Path | None, source: Path | None, mirror: str | None) -> None:
    """Fetch the data sets NAMES, or take one's files from a folder; every file is checked.

    What is fetched must be the pinned version. What --from names is taken as it is, with a warning where it differs.
    A fetch that breaks off is continued by the next one. HOME is endcap's home folder.

    \b
    Examples:
      endcap datasets fetch chorus
      endcap datasets fetch esci wands
      endcap datasets fetch esci-us --to data/esci-us
      endcap datasets fetch esci --from /mnt/esci
      endcap datasets fetch wands --mirror https://files.example.com/datasets
    """
    from endcap.index.datasets.fetch import copy_dataset, fetch_dataset
    from endcap.index.home import home

    datasets = [dataset_named(name) for name in dict.fromkeys(names)]
    if source is not None and mirror is not None:
        raise click.UsageError("Give --from or --mirror, not both.")
    if len(datasets) > 1 and (folder is not None or source is not None):
        raise click.UsageError("--to and --from are of one data set: fetch the others by themselves.")
    if source is not None and not source.is_dir():
        raise InputError(f"{source}: there is no such folder. Give the folder that has the files.")
    for dataset in datasets:
        place = folder or home() / "datasets" / dataset.name
        if source is not None:
            for difference in copy_dataset(dataset, source, place):
                click.echo(f"Warning: {difference}", err=True)
        else:
            with Bars() as bars:
                fetch_dataset(mirrored(dataset, mirror) if mirror else dataset, place, bars.begin)
        click.echo(f"{dataset.name} is in {place}")
        layout = f" --format {dataset.format}" if dataset.format else ""
        click.echo(f"Load it with: endcap index {place} --name {dataset.name}{layout}")


class Bars(ExitStack):
    """One progress bar after the other, in kB."""

    def begin(self, file: DatasetFile) -> Callable[[int], None]:
        """End the bar of the last file and begin that of this one."""
        self.close()
        total = None if file.n_bytes is None else file.n_bytes // 1000
        advance = self.enter_context(progress(f"Fetching {file.name} (kB)", total=total))
        return lambda n_bytes: advance(n_bytes // 1000)


def mirrored(dataset: Dataset, mirror: str) -> Dataset:
    """The same data set, fetched from a mirror."""
    if not mirror.startswith(("http://", "https://")):
        raise InputError(f"mirror {mirror!r} is not an address. Give it as https://HOST/FOLDER.")
    files = (replace(file, url=f"{mirror.rstrip('/')}/{dataset.name}/{file.name}") for file in dataset.files)
    return replace(dataset, files=tuple(files))


def size(n_bytes: int | None) -> str:
    """A size for people."""
    if n_bytes is None:
        return "size unknown"
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.1f} MB"

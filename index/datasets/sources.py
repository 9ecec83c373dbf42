"""The public data sets that endcap knows; ``public.toml`` has them."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from endcap.errors import InputError


@dataclass(frozen=True, slots=True)
class DatasetFile:
    """One file to fetch. ``checksum`` is ``sha256:…``, ``md5:…`` or ``git-blob:…`` (git's SHA-1 of the content).

    ``n_bytes`` is None where the owner does not say; a zip with ``unpack`` is taken apart after it was checked.
    """

    name: str
    url: str
    checksum: str
    n_bytes: int | None = None
    unpack: bool = False


@dataclass(frozen=True, slots=True)
class Dataset:
    """A public catalogue with its judgments, as its owner publishes it; ``format`` where readers should be told one."""

    name: str
    owner: str
    licence: str
    contents: str
    pinned: str
    files: tuple[DatasetFile, ...]
    format: str = ""

    @property
    def n_bytes(self) -> int | None:
        """The size of all files together, or None where one is not known."""
        sizes = [file.n_bytes for file in self.files]
        return sum(size for size in sizes if size is not None) if None not in sizes else None


def _datasets() -> dict[str, Dataset]:
    tables = tomllib.loads(Path(__file__).with_name("public.toml").read_text(encoding="utf-8"))
    return {
        name: Dataset(name, **{**table, "files": tuple(DatasetFile(**file) for file in table["files"])})
        for name, table in tables.items()
    }


DATASETS: Mapping[str, Dataset] = _datasets()


def dataset_named(name: str) -> Dataset:
    """The data set of this name; ``InputError`` lists the names there are."""
    if name not in DATASETS:
        raise InputError(f"data set {name!r} is not known. There are: {', '.join(DATASETS)}.")
    return DATASETS[name]

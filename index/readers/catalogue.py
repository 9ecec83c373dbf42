"""A catalogue as a stream of products, one at a time: the entrance to this room."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import orjson

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue_files import Catalogue, find_catalogue
from endcap.index.readers.known_formats import read_records
from endcap.index.readers.record import Fault, Place, Record
from endcap.index.readers.rejects import Rejects

_NO_ID = ("", "nan", "NaN", "<NA>", "null", "None")
"""What programs write where there is no id."""
_log = logging.getLogger(__name__)


def read_products(
    path: str | Path,
    format: str | None = None,
    fields: FieldMap = FieldMap(),  # noqa: B008 (frozen)
    on_error: Literal["fail", "skip"] = "fail",
    rejects: Rejects | Path | None = None,
    encoding: str = "",
) -> Iterator[Product]:
    """The products of a catalogue: a file, or a folder of files of one format. Holds one record at a time.

    ``format`` is one of ``FORMAT_NAMES``, or None to find it out; ``esci:us`` reads only the locale ``us``. ``fields``
    says which field is which in JSONL, CSV, TSV and Parquet; ``encoding`` is that of texts, else UTF-8. With
    ``on_error="skip"`` records that can't be read are passed over, counted and written to ``rejects``; a ``Rejects``
    tells afterwards how many there were.

    Raises ``InputError`` with file and line: at once where there is no catalogue or its format can't be told. On
    reading it does where a record has a fault (``"fail"``), a file is no text at all, or there is no product.
    Duplicate ids are known by a 64-bit hash: in 10 million products, one of 300,000 runs would name one wrongly.
    """
    if on_error not in ("fail", "skip"):
        raise InputError(f"on_error is {on_error!r}. Use 'fail' or 'skip'.")
    catalogue = find_catalogue(Path(path), format, fields, encoding)
    return _products(catalogue, on_error == "skip", rejects if isinstance(rejects, Rejects) else Rejects(rejects), path)


def _products(catalogue: Catalogue, skip: bool, rejects: Rejects, path: str | Path) -> Iterator[Product]:
    id_hashes: set[int] = set()
    n_products = 0
    with rejects if skip else nullcontext():
        for source in catalogue.files:
            for item in read_records(source, catalogue.format):
                product = item if isinstance(item, Fault) else _product(item, catalogue, id_hashes)
                if product is None:
                    continue
                if isinstance(product, Product):
                    n_products += 1
                    yield product
                elif skip:
                    rejects.add(product)
                else:
                    raise InputError(str(product))
        if skip and rejects.counts and rejects.path is None:
            _log.warning("%s: %s", path, rejects.summary())
    if not n_products:
        owner = catalogue.owner
        selected = f" of {owner.option} {catalogue.selected!r}" if owner and catalogue.selected else ""
        raise InputError(f"{path}: there is no product{selected} in it ({rejects.summary()}).")


def _product(record: Record, catalogue: Catalogue, id_hashes: set[int]) -> Product | Fault | None:
    """The product of a record, or what is wrong with it, or None where it was not asked for."""
    owner = catalogue.owner
    if owner and catalogue.selected and record.value.get(owner.option) != catalogue.selected:
        return None
    product = catalogue.product(record.value)
    if product.id.strip() in _NO_ID:
        return _fault(record, "missing id", f"the product has no id (title {product.title[:80]!r}).")
    if not product.title.strip() and not (owner and owner.may_lack_titles and product.description.strip()):
        return _fault(record, "missing title", f"product {product.id[:80]!r} has no title.")
    id_hash = int.from_bytes(hashlib.blake2b(product.id.encode(errors="surrogatepass"), digest_size=8).digest())
    if id_hash in id_hashes:
        hint = ""
        if owner and owner.option and not catalogue.selected:
            hint = f" Read one {owner.option_name}, as in format {owner.name}:{owner.option_example}."
        return _fault(record, "duplicate id", f"the id {product.id[:80]!r} was there before.{hint}")
    id_hashes.add(id_hash)
    return product


def _fault(record: Record, reason: str, detail: str) -> Fault:
    raw = record.raw if record.raw is not None else orjson.dumps(record.value, default=str)
    return Fault(Place(*record.place), reason, detail, raw)

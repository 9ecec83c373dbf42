"""A catalogue as a stream of products, one at a time: the entrance to this room."""

import hashlib
import logging
import re
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Literal

import orjson

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.catalogue_files import Catalogue, advice_for, find_catalogue
from endcap.index.readers.files import with_spans
from endcap.index.readers.known_formats import read_records
from endcap.index.readers.record import Fault, Place, Record
from endcap.index.readers.rejects import Rejects
from endcap.index.readers.row_groups import groups
from endcap.index.readers.variants import WAYS, is_of_language, products, with_own_columns

NO_ID = ("", "nan", "NaN", "<NA>", "null", "None", "\\N", "#N/A")
"""What programs write where there is no id."""
_SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+\d+")
"""What Excel makes of a long number: 4,00638E+12."""
_log = logging.getLogger(__name__)


def read_products(
    path: str | Path,
    format: str | None = None,
    fields: FieldMap = FieldMap(),  # noqa: B008 (frozen)
    on_error: Literal["fail", "skip"] = "fail",
    rejects: Rejects | Path | None = None,
    encoding: str = "",
    variants: Literal["merge", "each"] = "merge",
    language: str = "",
) -> Iterator[Product]:
    """The products of a catalogue: a file, or a folder of files of one format. Holds one record at a time.

    ``format`` is one of ``FORMAT_NAMES``, or None to find it out; ``esci:us`` reads only the locale ``us``. ``fields``
    says which field is which, of an owner's layout only what it names; ``encoding`` is that of texts, else UTF-8. With
    ``on_error="skip"`` records that can't be read are passed over, counted and written to ``rejects``; a ``Rejects``
    tells afterwards how many there were. Of shops' exports with several rows a product, ``variants`` makes one product
    (``"merge"``), or one for each variant (``"each"``). ``language`` is the one to read of texts in several.

    Raises ``InputError`` with file and line: at once where there is no catalogue or its format can't be told. On
    reading it does where a record has a fault (``"fail"``), a file is no text at all, or there is no product.
    Duplicate ids are known by a 64-bit hash: in 10 million products, one of 300,000 runs would name one wrongly.
    """
    if on_error not in ("fail", "skip"):
        raise InputError(f"on_error is {on_error!r}. Use 'fail' or 'skip'.")
    if variants not in WAYS:
        raise InputError(f"variants is {variants!r}. Use 'merge' or 'each'.")
    catalogue = find_catalogue(Path(path), format, fields, encoding, language)
    rejects = rejects if isinstance(rejects, Rejects) else Rejects(rejects)
    return _products(catalogue, on_error == "skip", rejects, path, variants)


def _products(catalogue: Catalogue, skip: bool, rejects: Rejects, path: str | Path, variants: str) -> Iterator[Product]:
    id_hashes: set[int] = set()
    rejects.rows = rejects.products = rejects.merged = rejects.left_out = 0
    with rejects if skip else nullcontext():
        for item in _found(catalogue, variants, rejects):
            product = item if isinstance(item, Fault) else _checked(*item, catalogue, id_hashes)
            if isinstance(product, Product):
                rejects.products += 1
                yield product
            elif skip:
                rejects.add(product)
            else:
                raise InputError(str(product))
        if skip and rejects.counts and rejects.path is None:
            _log.warning("%s: %s", path, rejects.summary())
    if not rejects.products:
        owner = catalogue.owner
        selected = f" of {owner.option} {catalogue.selected!r}" if owner and catalogue.selected else ""
        raise InputError(
            f"{path}: there is no product{selected} in it ({rejects.summary()}).{_advice(catalogue, rejects)}"
        )


def _advice(catalogue: Catalogue, rejects: Rejects) -> str:
    """What may help where no product has an id, or none a title; a text that can't be read goes before its fields."""
    if "not UTF-8" in rejects.counts:
        return " Say how it is written first: --encoding cp1252, as a rule, where it is from Windows."
    if not {"missing id", "missing title"} & set(rejects.counts) or not catalogue.files:
        return ""
    return f" {advice_for(catalogue.files[0], catalogue.format)}"


def _found(catalogue: Catalogue, variants: str, rejects: Rejects) -> Iterator[tuple[Product, Record] | Fault]:
    """The products of all records as they are, each with the first of its records; all rows are counted."""
    owner = catalogue.owner
    records = _counted(catalogue, rejects)
    if owner is None or owner.key is None or owner.family is None:
        for item in records:
            yield item if isinstance(item, Fault) else (catalogue.change(catalogue.product(item.value), [item]), item)
        return
    views: set[str] = set()
    for group in groups(_seen(records, owner.view, views), owner.key):
        if isinstance(group, Fault):
            yield group
            continue
        if views and catalogue.language and not any(is_of_language(code, catalogue.language) for code in views):
            raise InputError(
                f"no store view is in {catalogue.language!r}; there are {', '.join(sorted(views)[:20])}. Name one of "
                "them, or leave out --language for the default's texts."
            )
        family = with_own_columns(owner.family(group), group).in_language(catalogue.language)
        made = list(products(family, owner.product, variants))
        rejects.merged += max(0, len(group) - len(made))
        rejects.rows += max(0, len(made) - len(group))  # variants within a record count as rows
        for product in made:
            yield catalogue.change(product, group), group[0]


def _seen(records: Iterator[Record | Fault], view: str, views: set[str]) -> Iterator[Record | Fault]:
    """The records; the codes of store views are noted, and all are known before the first group is given."""
    for item in records:
        if view and isinstance(item, Record) and (code := words(item.value.get(view)).strip()):
            views.add(code)
        yield item


def _counted(catalogue: Catalogue, rejects: Rejects) -> Iterator[Record | Fault]:
    for source in with_spans(catalogue.files):
        for item in read_records(source, catalogue.format):
            rejects.rows += 1
            if isinstance(item, Record) and not catalogue.asks_for(item.value):
                rejects.left_out += 1
                continue
            yield item


def _checked(product: Product, record: Record, catalogue: Catalogue, id_hashes: set[int]) -> Product | Fault:
    """The product, or what is wrong with it."""
    owner = catalogue.owner
    if product.id.strip() in NO_ID:
        return _fault(record, "missing id", f"the product has no id (title {product.title[:80]!r}).")
    if _SHORTENED.fullmatch(product.id.strip()):
        detail = (
            f"the id {product.id!r} is a number that Excel has shortened, and others may have the same. Export again, "
            "and open the file with this column as text, or not in Excel."
        )
        return _fault(record, "shortened id", detail)
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

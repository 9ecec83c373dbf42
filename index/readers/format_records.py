"""What a module of ``formats/`` or ``owners/`` says of the format that it reads."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.files import Source
from endcap.index.readers.record import Items, Record
from endcap.index.readers.row_groups import Key
from endcap.index.readers.variants import Family

Read = Callable[[Source], Items]
LAST = 100


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How files are written. ``endings`` are those of their names; ``order`` is the place in lists for people.

    ``magic`` is how such a file begins whatever its name is, ``starts`` is how its text begins where the name says
    nothing. In a format with ``columns`` all records have the same fields; ``schema`` reads their names alone.
    ``read_loosely`` is for owners whose files have stray quotes.
    """

    name: str
    endings: tuple[str, ...]
    read: Read
    order: int = LAST
    magic: bytes = b""
    starts: tuple[bytes, ...] = ()
    columns: bool = False
    schema: Callable[[Source], list[str]] | None = None
    read_loosely: Read | None = None


@dataclass(frozen=True, slots=True)
class OwnerFormat:
    """How an owner lays out a catalogue, in files of any format.

    ``product`` makes a product of a record. A mark names fields, with blanks between; a file is known by having all
    fields of one mark. ``option`` is the field that ``format="NAME:VALUE"`` selects by; ``option_name`` is its word for
    people, ``option_example`` a value. ``order`` is the place in lists. Where a product may have several rows, ``key``
    says which belong together, and ``family`` what they are; in a mark "_" stands for a blank of such a name, too.
    ``own_name`` is how the owner writes a name that a file has otherwise: in other capitals, or translated;
    ``own_marks`` are marks of such names, which say more than others, since a file of anybody's may have them;
    ``mark_name`` is ``own_name`` for marks, where words of anybody's, as "price", don't count. A file with one of the
    names in ``never`` is another's; ``ids`` is how all ids of its records begin. ``view`` is the field with the code of
    the store view, in a row that has its texts. ``holds`` says whether a record is a product, where files have others.
    """

    name: str
    product: Callable[[Mapping[str, Any]], Product] = FieldMap().product
    marks: tuple[str, ...] = ()
    order: int = LAST
    option: str = ""
    option_name: str = ""
    option_example: str = ""
    has_stray_quotes: bool = False
    may_lack_titles: bool = False
    own_name: Callable[[str], str] | None = None
    own_marks: tuple[str, ...] = ()
    mark_name: Callable[[str], str] | None = None
    never: tuple[str, ...] = ()
    ids: str = ""
    key: Key | None = None
    family: Callable[[Sequence[Record]], Family] | None = None
    view: str = ""
    holds: Callable[[Mapping[str, Any]], bool] | None = None


def own_names(columns: Iterable[str], others: Mapping[str, str] = {}) -> Callable[[str], str]:
    """What an owner calls a column, whatever its capitals, blanks and signs; ``others`` are other words for some."""
    known = {plain_name(column): column for column in columns}
    known = {**{plain_name(name): column for name, column in others.items()}, **known}
    return lambda name: known.get(plain_name(name), name)


def plain_name(name: str) -> str:
    """A name as it is compared: ``Variant SKU`` and ``variant_sku`` are one."""
    return "".join(character for character in name.casefold() if character.isalnum())


def renamed(items: Items, own_name: Callable[[str], str]) -> Items:
    """The records with the owner's names; a name that stands there as the owner writes it goes first."""

    @lru_cache(maxsize=256)
    def names(written: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in written:
            own = own_name(name)
            if own != name and own not in written and own not in found.values():
                found[name] = own
        return found

    for item in items:
        if isinstance(item, Record) and (new := names(tuple(item.value))):
            item = replace(item, value={new.get(name, name): value for name, value in item.value.items()})
        yield item


def is_of(owner: OwnerFormat, names: Collection[str]) -> bool:
    """Whether a record of these fields is in an owner's layout."""
    if not set(owner.never).isdisjoint(names):
        return False
    own_name = owner.mark_name or owner.own_name
    return has_mark(names, owner.marks) or (own_name is not None and has_mark([*map(own_name, names)], owner.own_marks))


def has_mark(names: Collection[str], marks: Iterable[str]) -> bool:
    """Whether a record of these fields has all of one mark."""
    known = {*names, *(name.strip().replace(" ", "_") for name in names)}
    return any(set(mark.split()) <= known for mark in marks)

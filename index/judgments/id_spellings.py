"""Ids of two exports that mean the same product, found by what stays of both: letters and digits, rounded numbers, the
first part; and fields of products in which judged ids stand."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from endcap.index.product import Product

SCANNED = 5_000
"""So many products are looked through for a field that holds the judged ids."""
_NUMBER = re.compile(r"\d+(\.\d+)?([eE]\+?\d{1,3})?")


def spelled_alike(unknown: Sequence[str], sample: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """Ways in which ids are alike, each with the catalogue's ids for the judged ones, as far as the sample has them."""
    for words, key in (
        ("other signs between the same letters and digits, or ones that nobody sees", plain),
        ("variants of products: only the first parts of the ids are the same", _first_part),
        ("numbers in scientific notation on one side, as Excel writes them", _number),
    ):
        yield words, _changed(unknown, sample, key)
    for digits in sorted({_digits(id) for id in unknown if _NUMBER.fullmatch(id)}):
        rounded = _changed(unknown, sample, lambda id, digits=digits: _rounded(id, digits))  # type: ignore[misc]
        yield "numbers that a spreadsheet or a float has rounded, so export ids as texts", rounded


def field_of(unknown: Iterable[str], products: Iterable[Product]) -> tuple[str, str, int]:
    """The field that holds most of the unknown ids, an id of a product that has one there, and how many were found."""
    wanted, found = set(unknown), dict[str, dict[str, str]]()
    for product in islice(products, SCANNED):
        for name, value in {**product.to_mapping(), **product.extra}.items():
            for text in _texts(value):
                if name not in ("id", "extra") and text in wanted:
                    found.setdefault(name, {})[text] = product.id
    if not found:
        return "", "", 0
    name = max(found, key=lambda name: len(found[name]))
    return name, next(iter(found[name].values())), len(found[name])


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, (str, int)):
        yield str(value)


def _changed(unknown: Sequence[str], sample: Sequence[str], key: Callable[[str], str]) -> list[str]:
    of_key: dict[str, str] = {}
    for id in sample:
        of_key[key(id)] = "" if key(id) in of_key else id  # two of one key: nobody knows which
    return [of_key.get(key(id), "") if key(id) else "" for id in unknown]


def plain(id: str) -> str:
    """Its letters and digits alone, without case."""
    return "".join(character for character in id.casefold() if character.isalnum())


def _first_part(id: str) -> str:
    return re.split(r"[-_:. /]", id, maxsplit=1)[0]


def _number(id: str) -> str:
    return str(int(float(id))) if _NUMBER.fullmatch(id) and len(id) < 30 and float(id) < 1e15 else ""


def _digits(id: str) -> int:
    mantissa = re.split(r"[eE]", id)[0]
    return len(mantissa.replace(".", "")) if "e" in id.lower() else 16


def _rounded(id: str, digits: int) -> str:
    return f"{float(id):.{min(digits, 16) - 1}e}" if _NUMBER.fullmatch(id) and len(id) < 30 else ""

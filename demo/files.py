"""The demo shop as files, for tools that read files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from endcap.demo.catalogue import items, json_lines
from endcap.demo.pictures import picture_svg
from endcap.demo.pools import pooled
from endcap.demo.query_maker import generate_queries
from endcap.demo.signals import products_with_signals
from endcap.demo.translation import ToldShop
from endcap.errors import InputError
from endcap.files import whole_file

COLUMNS = ("id", "title", "brand", "category", "description", "price", "image")
"""What a shop's export to CSV usually has."""


def write_shop(folder: Path, told: ToldShop = ToldShop()) -> int:  # noqa: B008 (frozen)
    """Write ``catalogue.jsonl``, the same as ``catalogue.csv`` without attributes and as ``catalogue-signals.jsonl``
    with popularity, stock, rating, margin and age, ``judgments.csv`` (Quepid's format) and ``pictures/``; returns how
    many products.

    Raises InputError where the folder can't be written to.
    """
    shop = list(told.products())
    try:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        for product in shop:
            _put(folder / product.image, picture_svg(product).encode())
        _put(folder / "judgments.csv", _quepid(told.judgments().grades))
        _put(folder / "catalogue.jsonl", b"".join(json_lines(shop)))
        _put(folder / "catalogue-signals.jsonl", b"".join(json_lines(products_with_signals(shop))))
        _put(folder / "catalogue.csv", _csv([COLUMNS, *([getattr(p, name) for name in COLUMNS] for p in shop)]))
    except OSError as error:
        raise InputError(f"the demo shop can't be written into {folder}: {error}. Choose another folder.") from error
    return len(shop)


def write_searches(folder: Path, queries: int, log: int, seed: int = 0) -> None:
    """Write ``made-judgments.csv``, so many made searches in pools, and ``query-log.csv``, so many others.

    Raises InputError where the folder can't be written to or there are not so many searches.
    """
    try:
        searches = generate_queries(queries + log, seed)
        folder.mkdir(parents=True, exist_ok=True)
        _put(folder / "made-judgments.csv", _quepid(pooled(searches[:queries], items(), seed)))
        _put(folder / "query-log.csv", _csv([["query"], *([query.text] for query in searches[queries:])]))
    except OSError as error:
        raise InputError(f"made searches can't be written into {folder}: {error}. Choose another folder.") from error
    except ValueError as error:
        raise InputError(str(error)) from error


def _quepid(grades: Mapping[str, Mapping[str, float]]) -> bytes:
    rows = ((query, id, grade) for query, judged in grades.items() for id, grade in judged.items())
    return _csv([("query", "docid", "rating"), *rows])


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _put(path: Path, content: bytes) -> None:
    with whole_file(path, durable=False) as file:
        file.write(content)

"""The demo shop as files, for tools that read files."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

from endcap.demo.catalogue import jsonl, products
from endcap.demo.pictures import svg
from endcap.demo.queries import judgments
from endcap.errors import InputError


def write(folder: Path) -> int:
    """Write ``catalogue.jsonl``, ``judgments.csv`` (Quepid's format) and ``pictures/``; returns how many products.

    Raises InputError where the folder can't be written to.
    """
    try:
        (folder / "pictures").mkdir(parents=True, exist_ok=True)
        made = list(products())
        for product in made:
            _put(folder / product.image, svg(product).encode())
        _put(folder / "judgments.csv", _quepid().encode())
        _put(folder / "catalogue.jsonl", b"".join(jsonl()))
    except OSError as error:
        raise InputError(f"the demo shop can't be written into {folder}: {error}. Choose another folder.") from error
    return len(made)


def _quepid() -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["query", "docid", "rating"])
    rows.writerows((query, id, grade) for query, grades in judgments().grades.items() for id, grade in grades.items())
    return text.getvalue()


def _put(path: Path, content: bytes) -> None:
    beside = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    beside.write_bytes(content)
    beside.replace(path)

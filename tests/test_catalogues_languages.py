"""Texts in several languages: one is read, the one asked for, and never all as one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from endcap.errors import InputError
from endcap.index.readers.catalogue import read_products

BOTH = [
    {"en": "Kettle", "de": "Kessel"},
    {"en_GB": "Kettle", "de_DE": "Kessel"},
    [{"locale": "en_US", "scope": None, "data": "Kettle"}, {"locale": "de_DE", "scope": None, "data": "Kessel"}],
    [{"@language": "en", "@value": "Kettle"}, {"@language": "de", "@value": "Kessel"}],
]


def write(path: Path, **row: Any) -> Path:
    path.write_text(json.dumps({"id": "1", **row}) + "\n")
    return path


@pytest.mark.parametrize("title", BOTH)
def test_one_language_is_read(title: Any, tmp_path: Path) -> None:
    """In every shape; without the option, the reader asks, in both modes."""
    path = write(tmp_path / "shop.jsonl", title=title, attributes={"colour": {"en": "red", "de": "rot"}, "n": 2})
    (kettle,) = read_products(path, language="de")
    assert (kettle.title, kettle.attributes) == ("Kessel", {"colour": "rot", "n": "2"})
    assert next(read_products(path, language="en")).title == "Kettle"
    for mode in ("fail", "skip"):
        with pytest.raises(InputError, match=r"title.* in several languages .*--language"):
            list(read_products(path, on_error=mode))  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no title"):
        list(read_products(path, language="fr"))


def test_columns_of_languages(tmp_path: Path) -> None:
    """A table with a column for each language."""
    path = tmp_path / "shop.csv"
    path.write_text("SKU,id,Title_EN,title_de,description_de\n9,1,Kettle,Kessel,Gross\n")
    (kettle,) = read_products(path, language="de")
    assert (kettle.title, kettle.description) == ("Kessel", "Gross")
    with pytest.raises(InputError, match=r"its titles are in en, de\. Say which"):
        list(read_products(path))


def test_what_only_looks_like_languages(tmp_path: Path) -> None:
    """One language needs no question, and other objects stay what they are."""
    path = write(tmp_path / "a.jsonl", title={"en": "Kettle"}, attributes={"size": {"w": 2, "h": 3}})
    (kettle,) = read_products(path)
    assert (kettle.title, kettle.attributes) == ("Kettle", {"size": "h: 3, w: 2"})

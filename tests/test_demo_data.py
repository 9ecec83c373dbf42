"""The demo's products and searches are data: whoever writes an entry reads at once what is wrong with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from endcap.demo import data_file
from endcap.demo.catalogue import departments, product_types
from endcap.demo.product_type import VARIES, read_type
from endcap.demo.queries import demo_queries
from endcap.demo.synonyms import concepts
from endcap.errors import InputError

KETTLE: dict[str, Any] = {
    **{"key": "kettle", "category": "Kitchen > Kettles", "count": 3, "price": "20-90", "brands": ["Hexolo: Aqua #"]},
    **{"titles": "{brand} {model} kettle, {colour}", "text": "(colour=red) As red as {_sort} paint."},
    "values": {"colour": ["red", "blue=blue~navy"], "_sort": ["fire", "(colour=blue) sea"]},
}


def test_a_type_is_read() -> None:
    """Brands, values, prices and lines come from texts; what is left out has a default."""
    kettle = read_type(KETTLE | {"price": "colour: red 20-90, blue 30-99", "fits": "hob"}, {"hob"})
    assert (kettle.brands[0].name, kettle.brands[0].models) == ("Hexolo", ("Aqua #",))
    assert [(value.fact, value.spellings) for value in kettle.values["colour"]] == [
        ("red", ("red",)),
        ("blue", ("blue", "navy")),
    ]
    assert kettle.price.ranges == {"red": (20, 90), "blue": (30, 99)}
    assert [rule.type for rule in kettle.fits] == ["hob"]
    assert (kettle.icon, kettle.dear, kettle.varies) == ("box", "", frozenset(VARIES))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": "red"}, "field 'colour' is unknown"),
        ({"count": "3"}, "field 'count' is '3'. Make it a whole number"),
        ({"brands": "Hexolo"}, "field 'brands' is 'Hexolo'. Make it a list of texts"),
        ({"values": {"colour": "red"}}, "field 'values.colour' is 'red'. Make it a list of texts"),
        ({"titles": ""}, "field 'titles' is ''. Make it a text"),
        ({"price": "20"}, "field 'price' is '20'. Write"),
        ({"price": "colour: red 20-90"}, "field 'price' has no range for the value 'blue' of 'colour'"),
        ({"price": "size: big 20-90"}, "field 'price' names 'size'. 'values' has colour, _sort"),
        ({"dear": "size"}, "field 'dear' names 'size'"),
        ({"titles": "{brand} for {for}"}, "field 'titles' names 'for'"),
        ({"text": "(size=big) Big."}, "field 'text' names 'size'"),
        ({"text": "(colour=green) Green."}, "field 'text' has 'green', which is no value of 'colour'"),
        ({"values": {"colour": ["(size=big) red"]}, "text": "x"}, "field 'values.colour' names 'size'"),
        ({"fits": "hob["}, "field 'fits': 'hob[' is no rule"),
        ({"fits": "hob[size]"}, "field 'fits': 'size' is no condition"),
        ({"fits": "oven"}, "field 'fits' names 'oven', which is no type before this one"),
        ({"key": "hob"}, "field 'key' is 'hob', as in another type"),
    ],
)
def test_a_fault_is_named(change: dict[str, Any], message: str) -> None:
    """The field and the value that are wrong are in the message, with what to write instead."""
    with pytest.raises(InputError) as raised:
        read_type(KETTLE | change, {"hob"})
    assert message in str(raised.value)


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError, match="field 'price' is missing"):
        read_type({name: value for name, value in KETTLE.items() if name != "price"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of the demo's, for data files."""
    monkeypatch.setattr(data_file, "FOLDER", tmp_path)
    (tmp_path / "departments").mkdir()
    (tmp_path / "departments.toml").write_text('KI = ["kitchen"]\n')
    return tmp_path


def test_the_file_and_the_type_are_named(folder: Path) -> None:
    """An error of a department says in which file, and of which type."""
    (folder / "departments/kitchen.toml").write_text('[[type]]\nkey = "pan"\n')
    with pytest.raises(InputError, match=r"departments/kitchen.toml, type 'pan': field 'category' is missing"):
        departments.__wrapped__()


def test_a_broken_file_is_named(folder: Path) -> None:
    (folder / "departments/kitchen.toml").write_text("[[type\n")
    with pytest.raises(InputError, match=r"departments/kitchen.toml is no TOML: .*line 1"):
        departments.__wrapped__()


def test_types_are_in_the_order_of_the_files() -> None:
    """The first type of the first file is the first of all: ids and draws depend on the order."""
    assert next(iter(product_types())) == departments()["PH"][0].key == "smartphone"
    assert [key for key, types in departments().items() if not types] == []


@pytest.mark.parametrize(
    ("file", "table", "message"),
    [
        (
            "queries",
            '[[query]]\ntext = "lamp"\nkind = "plain"\n',
            "query 'lamp': field 'want' is missing",
        ),
        (
            "queries",
            '[[query]]\ntext = "lamp"\nkind = "plain"\nwant = "lamp["\n',
            "field 'want': 'lamp[' is no rule",
        ),
        ("synonyms", '[[concept]]\nrule = "lamp"\nnames = "lamp"\n', "concept 'lamp': field 'names' is 'lamp'"),
        ("synonyms", '[[concept]]\nrule = "a | b"\nnames = ["c"]\n', "concept 'a | b': field 'rule' is 'a | b'"),
    ],
)
def test_a_fault_of_a_search_is_named(folder: Path, file: str, table: str, message: str) -> None:
    """Hand-written searches and synonyms are checked as the types are."""
    (folder / f"{file}.toml").write_text(table)
    with pytest.raises(InputError) as raised:
        {"queries": demo_queries, "synonyms": concepts}[file].__wrapped__()
    assert message in str(raised.value)

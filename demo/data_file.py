"""The demo's data files: TOML beside these modules, for whoever writes products and searches."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from endcap.errors import InputError

Entry = TypeVar("Entry")
Value = TypeVar("Value")
Forms = Mapping[str, type]
FOLDER = Path(__file__).parent
_FORMS = {str: "a text", int: "a whole number", list: "a list of texts", dict: "a table with lists of texts"}


def read_data(name: str) -> dict[str, Any]:
    """The tables of a data file, in its order. Raises InputError where it is no TOML."""
    with (FOLDER / name).open("rb") as file:
        try:
            return tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{FOLDER / name} is no TOML: {error}.") from error


def read_entries(file: str, name: str, read: Callable[[Mapping[str, Any]], Entry]) -> Iterator[Entry]:
    """What ``read`` makes of each ``[[name]]`` table of a data file.

    Raises InputError that names the file and the table, by its first field.
    """
    for table in read_data(file)[name]:
        try:
            yield read(table)
        except InputError as error:
            raise InputError(f"{file}, {name} {next(iter(table.values()), '')!r}: {error}") from error


def check_forms(table: Mapping[str, Any], required: Forms, optional: Forms) -> None:
    """Raises InputError where a field of a table is missing, unknown, empty or of another form."""
    if missing := [name for name in required if name not in table]:
        raise InputError(f"field {missing[0]!r} is missing. Add it.")
    forms = {**required, **optional}
    for name, value in table.items():
        if name not in forms:
            raise InputError(f"field {name!r} is unknown. The fields are {', '.join(forms)}.")
        check_form(name, value, forms[name])


def check_form(name: str, value: object, form: type) -> None:
    """Raises InputError where a field's value is empty or of another form."""
    texts = value if isinstance(value, list) else []
    if not isinstance(value, form) or not value or not all(isinstance(text, str) for text in texts):
        raise InputError(f"field {name!r} is {value!r}. Make it {_FORMS[form]}.")


def read_field(table: Mapping[str, Any], name: str, read: Callable[[str], Value]) -> Value:
    """What ``read`` makes of a field's text, or of ``""`` without it. Raises InputError that names the field."""
    try:
        return read(table.get(name, ""))
    except InputError as error:
        raise InputError(f"field {name!r}: {error}") from error

"""The demo's data files: TOML beside these modules, for whoever writes products and searches."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from endcap.errors import InputError

FOLDER = Path(__file__).parent


def read_data(name: str) -> dict[str, Any]:
    """The tables of a data file, in its order. Raises InputError where it is no TOML."""
    with (FOLDER / name).open("rb") as file:
        try:
            return tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"{FOLDER / name} is no TOML: {error}.") from error

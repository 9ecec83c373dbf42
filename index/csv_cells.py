"""Texts in a CSV file that somebody may open in a spreadsheet, which takes what begins with "=" for a formula."""

from __future__ import annotations

import re

_FORMULA = re.compile(r"'* *[=+\-@\t\r\n]")
"""What a spreadsheet would run, and what such a text is written as."""


def as_cell(text: str) -> str:
    """The text as a cell that is a text to a spreadsheet, too: with an apostrophe where it would be a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def from_cell(cell: str) -> str:
    """The text that ``as_cell`` has written."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell

"""Texts of a shop's visitors in a CSV file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.csv_cells import as_cell, from_cell
from endcap.index.judgments.events import Event
from endcap.index.judgments.reader import read_judgments
from endcap.storefront.judgment_exports import export_judgments

SIGNS = "=+-@\t\r"


@given(st.text(alphabet="'=+-@\t\r\n ax1") | st.text())
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    """What is written begins with no sign of a formula, and is read as it was."""
    cell = as_cell(text)
    assert not cell.lstrip(" ").startswith(tuple(SIGNS))
    assert from_cell(cell) == text


@pytest.mark.parametrize("sign", list(SIGNS))
def test_an_export_can_be_opened_in_a_spreadsheet(sign: str, tmp_path: Path) -> None:
    """Whatever the query, the product's id and the judge's name are; the readers of judgments read them again."""
    text = f'{sign}HYPERLINK("http://x","y")'
    event = Event(text, f"{sign}1", 3, text, datetime(2026, 11, 30, tzinfo=UTC))
    content = export_judgments([event], "shop", "quepid").content
    cells = [cell for row in csv.reader(io.StringIO(content.decode(), newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(tuple(SIGNS))]
    file = tmp_path / "judged.csv"
    file.write_bytes(content)
    grades = read_judgments(file, "quepid").grades
    assert {query.strip(): list(products) for query, products in grades.items()} == {text.strip(): [f"{sign}1"]}

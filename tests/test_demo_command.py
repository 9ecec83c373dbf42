"""``endcap demo``: what it prints and writes."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from endcap.cli.demo import command, print_text, program
from endcap.demo import catalogue, run, translation
from endcap.demo.example_searches import EXAMPLE_SEARCHES
from endcap.demo.files import write_shop
from endcap.demo.page_text import ASCII, MAX_WIDTH, MIN_WIDTH, UNICODE, Row, page_lines, signs_for
from endcap.demo.pictures import picture_svg
from endcap.demo.queries import judgments
from endcap.errors import InputError
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.catalogue import read_products

HEADS = ("kettle", "the engine", "re-ranked")
LONG = "A title that is much longer than any column of a page that two lists share side by side " * 2
BEFORE = [Row("Red kettle", 0, 4), Row("Blue kettle", 3, 1), Row(LONG, 2, 3)]
AFTER = [Row("Blue kettle", 3, 2), Row(LONG, 1, 60), Row("Kettle", 0, None)]


@pytest.mark.parametrize("width", [20, 80, 100, 120, 400])
@pytest.mark.parametrize("signs", [UNICODE, ASCII])
def test_pages_fit_the_width(width: int, signs: object) -> None:
    """Both lists stand side by side within the width, in 72 to 120 columns, and say how far each product moved."""
    lines = page_lines(HEADS, BEFORE, AFTER, width, signs)  # type: ignore[arg-type]
    assert max(map(len, lines)) <= min(max(width, MIN_WIDTH), MAX_WIDTH)
    text = "\n".join(lines)
    up, down = (signs.up, signs.down)  # type: ignore[attr-defined]
    assert f"{down}3" in text
    assert f"{up}1" in text
    assert f"{up}58" in text
    assert lines[4].endswith("new")


def test_a_query_without_hits_says_so() -> None:
    """Where the engine finds nothing there are no empty columns."""
    assert page_lines(HEADS, [], [], 80, UNICODE)[1].strip() == "the engine finds nothing"


def test_signs_follow_the_encoding() -> None:
    """A terminal or file that can't carry the arrows gets plain ASCII ones."""
    assert signs_for("utf-8") is UNICODE
    assert signs_for("ascii") is signs_for(None) is signs_for("no-such") is ASCII


def test_titles_print_on_any_stream(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A title with an accent does not stop the demo where the stream is plain ASCII."""
    monkeypatch.setattr("endcap.cli.demo.sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    print_text("cafetière ●")


def test_the_program_is_named_as_it_was_called(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The commands to go on with begin with a path that works from the working directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "argv", [str(tmp_path / ".venv" / "bin" / "endcap")])
    assert program() == str(Path(".venv") / "bin" / "endcap")
    monkeypatch.setattr(sys, "argv", ["/elsewhere/endcap"])
    assert program() == "/elsewhere/endcap"
    monkeypatch.setattr(sys, "argv", ["/elsewhere/__main__.py"])
    assert program() == "endcap"


def test_write_gives_files_that_read_back(tmp_path: Path) -> None:
    """Catalogue, judgments and pictures are written whole, and the project's own readers give the same back."""
    result = CliRunner().invoke(command, ["--write", str(tmp_path / "shop")], catch_exceptions=False)
    assert result.exit_code == 0
    shop = tmp_path / "shop"
    assert list(read_products(shop / "catalogue.jsonl")) == list(catalogue.products())
    assert read_judgments(shop / "judgments.csv").grades == judgments().grades
    one = next(catalogue.products())
    assert (shop / one.image).read_text() == picture_svg(one)
    assert not list(shop.rglob("*.tmp"))


def test_write_where_it_cannot_be_is_an_error_with_advice(tmp_path: Path) -> None:
    """A folder that can't be made is named, with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.*another folder"):
        write_shop(tmp_path / "file" / "shop")


@pytest.fixture
def small_shop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A shop of 120 products in place of the whole one, and a home of its own."""
    few = tuple(item for item in catalogue.items() if item.type in ("pram", "pram-part", "mouse", "mouse-pad", "drill"))
    for module in (catalogue, translation):
        monkeypatch.setattr(module, "items", lambda: few)
    monkeypatch.setattr(catalogue, "products", lambda: (item.product for item in few))
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path))
    return tmp_path


def test_the_demo_runs_twice(small_shop: Path) -> None:
    """The demo indexes, searches, measures and times; a second run finds the shop there and says the same numbers."""
    first, second = (CliRunner().invoke(command, [], catch_exceptions=False).stdout for _ in range(2))
    assert first.count("re-ranked (") + first.count("the engine finds nothing") >= len(EXAMPLE_SEARCHES)
    for word in ("nDCG@10", "95 % interval", "Unjudged", "the engine alone", "Next:"):
        assert word in first

    def numbers(text: str) -> list[str]:
        return [line for line in text.splitlines() if line.startswith("  before ")]

    assert numbers(first) == numbers(second) != []


def test_a_changed_shop_is_indexed_again(small_shop: Path) -> None:
    """What is indexed is compared by content: the same is left alone, another is replaced."""
    shop = run.open_demo_shop()
    pointer = {path: path.stat().st_mtime_ns for path in (small_shop / "catalogues" / "demo").rglob("*")}
    run.open_demo_shop()
    assert pointer == {path: path.stat().st_mtime_ns for path in (small_shop / "catalogues" / "demo").rglob("*")}
    shop.engine.load(list(catalogue.products())[:-1])
    assert run.open_demo_shop().engine.count() == len(catalogue.items())

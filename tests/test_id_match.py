"""Judgments whose ids are not the catalogue's: counted, explained, and refused where no number would mean anything."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluation_parts import GRADES, write_catalogue
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.cli.main import main
from endcap.errors import InputError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.judgments.id_match import match_engine, match_ids
from endcap.index.product import Product

CATALOGUE = [f"{n:04d}" for n in range(101, 160)]


def told(change: Callable[[str], str], ids: list[str] = CATALOGUE) -> str:
    judged = {"q": [change(id) for id in ids]}
    found = match_ids(judged, lambda asked: set(asked) & set(ids), ids)
    assert found.unknown == len(ids)
    with pytest.raises(InputError, match=r"ratings: .* \(100\.0 %\) name products") as error:
        found.check("ratings")
    return str(error.value)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda id: f"{id}.0", "'.0' at the end, as pandas"),
        (lambda id: f" {id} ", "blanks around"),
        (lambda id: f'"{id}"', "quotation marks"),
        (lambda id: id.lstrip("0"), "lost leading zeros (4 digits"),
        (lambda id: f"00{id}", "leading zeros"),
        (lambda id: f"sku-{id}", "'sku-'…'' in place of ''…''"),
        (lambda id: f"{id}-us", "''…'-us' in place of"),
        (lambda id: f"https://shop.example/p/{id}", "addresses or paths"),
        (lambda id: f"{int(id[1]) + ord(id[-1])}/{id}", "addresses or paths"),
    ],
)
def test_the_likely_mending_is_named(change: Callable[[str], str], says: str) -> None:
    """With examples of both sides."""
    message = told(change)
    assert says in message
    assert f"so changed, {len(CATALOGUE)} of {len(CATALOGUE)} of these ids are known" in message
    assert repr(change("0101")) in message
    assert "'0101'" in message


def test_cases_prefixes_of_the_catalogue_and_catalogues_by_pandas() -> None:
    assert "capitals in place of small letters" in told(str.upper, [f"ab{n}" for n in range(20)])
    assert "small letters in place of capitals" in told(str.lower, [f"AB{n}" for n in range(20)])
    assert "''…'' in place of 'gid/P-'…''" in told(lambda id: id[6:], [f"gid/P-{n}" for n in range(10, 30)])
    assert "at the end of the catalogue's ids" in told(lambda id: id[:-2], [f"{n}.0" for n in range(10, 30)])


def test_dots_in_numbers_are_not_taken_for_a_beginning_of_the_ids() -> None:
    """Without '1.' the ids are other products': 100 is known, and is not 1100."""
    numbers = [f"{n}" for n in range(1, 1200)]
    judged = {"q": [f"{n:,}".replace(",", ".") for n in range(1100, 1150)]}
    assert match_ids(judged, lambda asked: set(asked) & set(numbers), numbers).mending == "dots in numbers"


def test_the_limit_is_said_as_it_is() -> None:
    """A small share is not rounded to none, and where nothing is known no share would help."""
    known = [f"{n}" for n in range(99)]
    found = match_ids({"q": [*known, "gone"]}, lambda asked: set(asked) & set(known), known)
    with pytest.raises(InputError, match=r"At most 0\.5 % may be unknown \(--unknown-ids\)"):
        found.check("ratings", 0.005)
    nothing = match_ids({"q": ["gone"]}, lambda asked: set(asked) & set(known), known)
    with pytest.raises(InputError, match="Some must be known, whatever --unknown-ids allows") as error:
        nothing.check("ratings", 1.0)
    assert "At most" not in str(error.value)


def test_half_are_told_and_nothing_is_said_where_all_match() -> None:
    judged = {"q": ["0101", "0102.0"], "r": ["0103"], "s": ["0104.0"]}
    found = match_ids(judged, lambda asked: set(asked) & set(CATALOGUE), CATALOGUE)
    assert found.check("ratings", 0.5).startswith("2 of 4 judgments (50.0 %) name products that the catalogue lacks")
    with pytest.raises(InputError, match="At most 20 % may be unknown"):
        found.check("ratings", 0.2)
    with pytest.raises(InputError, match="At most 10 % may be unknown"):
        found.check("ratings")
    assert match_ids({"q": ["0101"]}, lambda asked: set(asked) & set(CATALOGUE), CATALOGUE).check("ratings") == ""
    of_the_past = match_ids({"q": ["0101", "gone"]}, lambda asked: set(asked) & set(CATALOGUE), CATALOGUE)
    assert of_the_past.check("ratings").startswith("1 of 2 judgments")


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=30), st.sets(st.text(max_size=8), max_size=30))
def test_any_ids_are_counted(judged: list[str], catalogue: set[str]) -> None:
    found = match_ids({"q": set(judged)}, lambda asked: catalogue & set(asked), sorted(catalogue))
    assert (found.judgments, found.unknown) == (len(set(judged)), len(set(judged) - catalogue))
    assert isinstance(found.sentence(), str)


def test_an_engine_is_asked(endcap_home: Path) -> None:
    """Also for more ids than one search takes."""
    engine = EmbeddedEngine("ids")
    engine.load([Product(f"p{n}", "lamp") for n in range(1_500)])
    judged = {"q": [f"p{n}" for n in range(1_400)] + ["", "x" * 600, "P3"]}
    found = match_engine(judged, engine, "ids")
    assert (found.judgments, found.unknown) == (1_403, 3)


def wrong_ids(folder: Path, every: int) -> Path:
    """The judgments with another id in each ``every``-th row."""
    path = folder / "wrong.csv"
    rows = [(q, p, g) for q, judged in GRADES.items() for p, g in judged.items()]
    lines = [f"{q},{p}{'.0' if n % every == 0 else ''},{g}" for n, (q, p, g) in enumerate(rows)]
    path.write_text("\n".join(["query,docid,rating", *lines]) + "\n")
    return path


@pytest.mark.parametrize("setting", ["pool", "end-to-end"])
def test_evaluate_refuses_and_warns(
    setting: str, tmp_path: Path, endcap_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All unknown: refused in both settings. A third of them, where that is allowed: a warning under the answer."""
    line = ["evaluate", str(write_catalogue(tmp_path)), "--setting", setting, "--dense", "0", "--judgments"]
    with pytest.raises(SystemExit, match="2"):
        main([*line, str(wrong_ids(tmp_path, 1))])
    assert "Likely '.0' at the end" in capsys.readouterr().err
    report = tmp_path / "report.json"
    with pytest.raises(SystemExit, match="0"):
        main([*line, str(wrong_ids(tmp_path, 3)), "--json", str(report), "--unknown-ids", "0.5"])
    assert "of 28 judgments (" in capsys.readouterr().out
    assert "name products that the catalogue lacks" in json.loads(report.read_text())["about"]["warnings"][0]


@pytest.mark.parametrize(
    ("judged", "catalogue", "says"),
    [
        (["\u200b101", "\ufeff102"], ["101", "102"], "other signs between the same letters"),
        (["AB_1", "CD_2"], ["AB-1", "CD-2"], "'_' in place of '-' in the ids"),
        (["AB.1/x", "CD.2/x"], ["AB1/x", "CD2/x"], "the sign '.' in the ids"),
        (["AB1", "CD2"], ["AB-1", "CD-2"], "other signs between the same letters"),
        (["9007199254740992", "12345678901234568"], ["9007199254740993", "12345678901234567"], "a float has rounded"),
        (["1.23457E+12"], ["1234567890123"], "that a spreadsheet"),
        (["1.01E+12"], ["1010000000000"], "in scientific notation"),
        (["1010000000000"], ["1.01E+12"], "in scientific notation"),
        (["101-RED-M", "102-BLUE-L"], ["101", "102"], "their first part is the product's id"),
        (["101", "102"], ["101-RED", "102-BLUE"], "only the first parts"),
        (["7.0", "12.0"], ["000007", "000012"], "'.0' of pandas, and lost leading zeros"),
        (["gid://shopify/Product/101"], ["101"], "addresses or paths"),
    ],
)
def test_other_spellings_are_named(judged: list[str], catalogue: list[str], says: str) -> None:
    found = match_ids({"q": judged}, lambda asked: set(asked) & set(catalogue), catalogue)
    assert says in found.mending
    assert (found.unknown, found.mended) == (len(judged), len(judged))


def test_two_products_of_one_spelling_are_no_mending() -> None:
    catalogue = ["A-1", "A_1"]
    assert not match_ids({"q": ["A 1"]}, lambda asked: set(asked) & set(catalogue), catalogue).mending


def test_skus_are_found_in_their_field(endcap_home: Path) -> None:
    """Judged by what variants are called: the field is named, and how to load by it."""
    engine = EmbeddedEngine("shop")
    products = (Product(f"h{n}", f"Lamp {n}", extra={"sku": [f"S{n}-RED", f"S{n}-BLUE"]}) for n in range(20))
    engine.load(products)
    found = match_engine({"lamp": [f"S{n}-RED" for n in range(20)]}, engine)
    assert (found.unknown, found.mended) == (20, 20)
    assert "what products have in the field 'sku'" in found.sentence()
    assert '--fields "id=' in found.sentence()

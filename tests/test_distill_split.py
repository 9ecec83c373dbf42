"""What can't be learnt from is refused by `endcap distill split`, in one line that says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stand_in_stages import QUERIES, write_shop

from endcap.cli.main import run as endcap
from endcap.distill.stages.split.run import PRODUCTS
from endcap.distill.teacher.examples import read_examples
from endcap.distill.work.files import read_rows, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.errors import InputError

GOOD = [(query, f"p{i}", (n + i) % 4) for n, query in enumerate(QUERIES) for i in range(6)]


def said(recipe: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """The one line in which the stage fails; nothing is finished then."""
    assert endcap(["distill", "split", str(recipe), "--work", str(recipe.parent / "work")]) == 2
    assert not (recipe.parent / "work/split/done.json").exists()
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("Error: ")
    return last


@pytest.mark.parametrize(
    ("grades", "says"),
    [
        (
            [(query, product, 2) for query, product, _ in GOOD],
            "All judged products have grade 2: nothing can be learnt",
        ),
        (GOOD[:6], "judged queries are left to train on; it takes at least 2"),
        ([(q, p, n % 4) for n, (q, p, _) in enumerate(GOOD[::6])], "has products of two grades"),
        (
            [(q, f"x-{p}", g) for q, p, g in GOOD],
            "judged on 's': 90 of 90 judgments (100.0 %) name products that the catalogue lacks, such as 'x-p0'",
        ),
        (
            [*GOOD[:-1], ("violin", "p5", 4)],
            "ratings.csv, line 91: the rating '4' is out of range. Grades are 0, 1, 2 or 3",
        ),
        ([*GOOD[:-1], ("violin", "p5", -1)], "the rating '-1' is out of range"),
        ([(q, p, "good") for q, p, _ in GOOD], "the rating 'good' is no number"),
        ([("", p, g) for _, p, g in GOOD], "the query is empty"),
    ],
)
def test_judgments_that_teach_nothing_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], grades: list[tuple[str, str, object]], says: str
) -> None:
    """One grade, one query, no query with something worse, other ids, grades out of range, broken rows."""
    assert says in said(write_shop(tmp_path, grades), capsys)


def test_a_finer_scale_and_few_broken_rows(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Decimals are measured as they are, and parts of votes, which training reads; what was left out is said."""
    graded = [(q, p, f"{g}.75" if g < 3 else g) for q, p, g in GOOD]
    recipe = write_shop(tmp_path, [*graded, ("kettle", "p0", "good"), ("", "p0", 3), ("kettle", GOOD[0][1], 3)])
    assert endcap(["distill", "split", str(recipe), "--work", str(tmp_path / "work")]) == 0
    rows = read_rows(tmp_path / "work/split/judged.parquet")
    quarter = next(row for row in rows if row["votes"] and row["votes"][0] == 0.25 and sum(row["votes"]) == 1)
    assert (quarter["grade"], list(quarter["votes"])) == (0.75, [0.25, 0.75, 0, 0])
    grades = {grade for query in read_data(Work(tmp_path / "work")).judged for grade in query.grades.values()}
    assert grades == {0.75, 1.75, 2.75, 3} & grades >= {0.75, 3}
    examples = read_examples(Work(tmp_path / "work"), read_data(Work(tmp_path / "work")), 0.1)
    assert {example.grade for example in examples} <= grades
    assert "2 rejected (1 no number as rating, 1 without a query)" in caplog.text
    assert "1 pairs of query and product have several grades" in caplog.text


def test_an_empty_catalogue_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = write_shop(tmp_path, products=0)
    assert "products.jsonl: the file is empty" in said(recipe, capsys)


def test_files_that_are_not_there_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = write_shop(tmp_path)
    for name in ("ratings.csv", "products.jsonl"):
        (tmp_path / name).unlink()
        assert f"{tmp_path / name} is not there; the recipe's paths start from {tmp_path}" in said(recipe, capsys)


def test_a_recipe_without_shops_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = write_shop(tmp_path)
    recipe.write_text(recipe.read_text().split("[[shops]]")[0])
    assert "has no [[shops]]" in said(recipe, capsys)


def test_half_a_surrogate_pair_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It has no UTF-8 and can be in no file that is passed on; the reader says so, with the line."""
    recipe = write_shop(tmp_path)
    catalogue = tmp_path / "products.jsonl"
    catalogue.write_text(catalogue.read_text() + json.dumps({"id": "odd", "title": "half \ud83d"}) + "\n")
    assert "products.jsonl, line 13: not valid JSON: no low surrogate" in said(recipe, capsys)
    with pytest.raises(InputError, match="half of a surrogate pair, which can't be written to"):
        write_rows(tmp_path / "a.parquet", PRODUCTS, [{"shop": "s", "id": "\ud83d", "product": "{}"}])

"""``votes`` of a shop: what each rater gave is taught, and the grades of ``judgments`` are measured on."""

from __future__ import annotations

from pathlib import Path

import pytest

from endcap.distill.recipe.settings import Recipe, ShopRecipe, SplitRecipe
from endcap.distill.stages.split.run import run
from endcap.distill.teacher.examples import read_examples
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.errors import InputError
from endcap.progress import unwatched

CATALOGUE = "id,title\n1,red shoe\n2,blue shoe\n3,lamp\n"
JUDGMENTS = "query,docid,rating\nshoe,1,3\nshoe,2,2\nshoe,3,0\nlamp,3,3\nlamp,1,0\n"
RATERS = "query,docid,rater_1,rater_2,rater_3,final_rating\nshoe,1,3,3,2,3\nshoe,3,0,1,0,0\n"
ONE = "query,docid,rating\nshoe,2,3\nshoe,1,3\n"


def split(folder: Path, *votes: str) -> Work:
    for name, text in {"c.csv": CATALOGUE, "j.csv": JUDGMENTS}.items():
        (folder / name).write_text(text)
    names = []
    for n, text in enumerate(votes):
        names.append(f"votes-{n}.csv")
        (folder / names[-1]).write_text(text)
    shop = ShopRecipe("s", "c.csv", "j.csv", votes=tuple(names))
    recipe = Recipe(name="v", base="none", license="none", shops=(shop,), split=SplitRecipe(dev=0), data=folder)
    work = Work(folder / "work")
    work.stage("split").mkdir(parents=True)
    run(recipe, work, unwatched)
    return work


def test_votes_are_taught_and_grades_stay(tmp_path: Path) -> None:
    """Tables are added up; what was made of the raters' grades is no vote; one person alone stands beside the grade."""
    work = split(tmp_path, RATERS, ONE)
    data = read_data(work)
    shoe, lamp = data.judged
    assert shoe.grades == {"1": 3, "2": 2, "3": 0}
    assert {product: list(votes) for product, votes in shoe.votes.items()} == {
        "1": [0, 0, 1, 3],
        "3": [2, 1, 0, 0],
        "2": [0, 0, 1, 1],
    }
    assert lamp.votes == {}
    targets = {(e.query, e.product.id): e.target.round(3).tolist() for e in read_examples(work, data, 0.1)}
    assert targets["shoe", "3"] == [0.667, 0.333, 0, 0]
    assert targets["lamp", "3"] == [0, 0, 0.1, 0.9]


def test_votes_of_another_shop(tmp_path: Path) -> None:
    """A table that fits nothing is refused by name."""
    with pytest.raises(InputError, match=r"votes-0.csv: none of its 1 pairs .* is among the judgments of 's'"):
        split(tmp_path, "query,docid,rating\nboat,7,3\n")

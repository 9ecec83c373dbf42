"""A shop's first recipe: what is found out is in it, and what can't be taught by is refused."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from reader_files import write_parquet

from endcap.cli.main import run as endcap
from endcap.distill.recipe.first_recipe import PUBLISHED, recipe_text, shop_facts, with_published
from endcap.distill.recipe_file import read_recipe
from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.readers.reading import Reading
from endcap.plugin.model.folder import read_model

ENGLISH = ("red shoe for running", "steel kettle with a filter", "desk lamp with dimmer", "phone case, clear")
GERMAN = (
    "Rote Schuhe für Damen aus Leder",
    "Wasserkocher mit Filter und Anzeige",
    "Schreibtischlampe mit Dimmer für zu Hause",
)


def write_shop(folder: Path, titles: tuple[str, ...] = ENGLISH, queries: int = 24, scale: int = 3) -> tuple[Path, Path]:
    """A catalogue of 60 products, and judgments of so many queries, four products each."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue, judgments = folder / "products.jsonl", folder / "ratings.csv"
    rows = [{"id": f"p{n}", "title": f"{titles[n % len(titles)]} {n}", "brand": "Norvik"} for n in range(60)]
    catalogue.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    with judgments.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["query", "docid", "rating"])
        table.writerows([f"thing {q}", f"p{q + n}", n * scale // 3] for q in range(queries) for n in range(4))
    return catalogue, judgments


def test_what_is_found_out_is_in_the_recipe(tmp_path: Path) -> None:
    """Paths are relative to the recipe, the shop's name is its folder's, and the base is the shipped student."""
    catalogue, judgments = write_shop(tmp_path / "My Shop")
    facts = shop_facts(catalogue, judgments)
    assert (facts.name, facts.products, facts.queries, facts.pairs) == ("My-Shop", 60, 24, 96)
    assert facts.filled == {"title": 60, "brand": 60}
    (tmp_path / "My Shop" / "a.toml").write_text(recipe_text(facts, catalogue.parent), encoding="utf-8")
    recipe = read_recipe(tmp_path / "My Shop" / "a.toml")
    assert recipe.base == "shipped"
    assert (recipe.shops[0].catalogue, recipe.shops[0].judgments) == ("products.jsonl", "ratings.csv")
    assert recipe.blend.folds
    assert recipe.split.test == recipe.split.dev == 0
    elsewhere = recipe_text(facts, tmp_path / "other")
    assert json.dumps(str(catalogue)) in elsewhere


def test_odd_paths_and_fields_are_told_as_toml_has_them(tmp_path: Path) -> None:
    catalogue, judgments = write_shop(tmp_path / 'a "quoted" \\ folder')
    reading = Reading(fields=FieldMap.parse("title=title,brand=brand"), language="de", variants="each")
    facts = shop_facts(catalogue, judgments, name="n", reading=reading)
    (tmp_path / "a.toml").write_text(recipe_text(facts, tmp_path / "elsewhere"), encoding="utf-8")
    [shop] = read_recipe(tmp_path / "a.toml").shops
    assert (shop.catalogue, shop.fields) == (str(catalogue.resolve()), "title=title,brand=brand")
    assert Reading.of(shop) == reading


def test_another_language_has_another_base(tmp_path: Path) -> None:
    catalogue, judgments = write_shop(tmp_path / "shop", GERMAN)
    facts = shop_facts(catalogue, judgments)
    assert "German" in facts.foreign
    (tmp_path / "a.toml").write_text(recipe_text(facts, tmp_path), encoding="utf-8")
    recipe = read_recipe(tmp_path / "a.toml")
    assert recipe.base == "intfloat/multilingual-e5-small"
    assert recipe.text.product_prefix == "passage: "
    assert (recipe.languages, recipe.vocabulary) == (("de",), 60_000)


def write_published(folder: Path) -> Path:
    """A stand-in for a public shop's folder: two judged products."""
    folder.mkdir()
    (folder / PUBLISHED["chorus"][1]).write_text("query,docid,rating\nlamp,a,3\nlamp,b,0\n", encoding="utf-8")
    return folder


def test_with_published_shops_a_student_is_taught_anew(tmp_path: Path) -> None:
    """From what the shipped student was taught from, reading what it reads; the own shop's queries alone decide."""
    catalogue, judgments = write_shop(tmp_path / "shop")
    facts = with_published(shop_facts(catalogue, judgments), {"chorus": write_published(tmp_path / "chorus")})
    assert facts.beside == 2
    (tmp_path / "a.toml").write_text(recipe_text(facts, tmp_path), encoding="utf-8")
    recipe, shipped = read_recipe(tmp_path / "a.toml"), read_model()
    assert [shop.name for shop in recipe.shops] == ["shop", "chorus"]
    assert "Apache-2.0" in recipe.licenses["chorus"]
    assert recipe.base == shipped.raw["base"]["name"]
    assert recipe.license == shipped.raw["base"]["license"]
    assert recipe.text == shipped.text
    assert (recipe.pooling, recipe.precision, recipe.state_dtype, recipe.blend_weight, recipe.window) == (
        shipped.raw["pooling"],
        shipped.raw["precision"],
        shipped.raw["state"]["dtype"],
        shipped.raw["blend"]["weight"],
        shipped.raw["blend"]["window"],
    )
    assert (recipe.student.frozen_layers, recipe.student.stay_near) == (0, 0.0)
    assert recipe.gate.shops == ("shop",)


def test_a_shop_of_another_language_keeps_its_base_beside_published_ones(tmp_path: Path) -> None:
    catalogue, judgments = write_shop(tmp_path / "shop", GERMAN)
    facts = with_published(shop_facts(catalogue, judgments), {"chorus": write_published(tmp_path / "chorus")})
    (tmp_path / "a.toml").write_text(recipe_text(facts, tmp_path), encoding="utf-8")
    recipe = read_recipe(tmp_path / "a.toml")
    assert recipe.base == "intfloat/multilingual-e5-small"
    assert recipe.student.stay_near == 0.5


def test_yes_and_no_are_taken_for_the_best_and_the_worst(tmp_path: Path) -> None:
    """Ratings of 0 and 1 alone say relevant or not; where somebody says what they are worth, that counts."""
    catalogue, judgments = write_shop(tmp_path / "shop", scale=1)
    facts = shop_facts(catalogue, judgments)
    assert 'grades = "0-1"' in recipe_text(facts, tmp_path)
    assert {grade for of_query in facts.judged.grades.values() for grade in of_query.values()} == {0, 3}
    assert shop_facts(catalogue, judgments, grades="0=0,1=1").grades == "0=0,1=1"


def test_grades_that_differ_by_less_than_one_tell_nothing_apart(tmp_path: Path) -> None:
    """The gate measures whole grades: a query with 2.1 and 2.4 is none that can be measured."""
    catalogue, judgments = write_shop(tmp_path / "shop")
    lines = [f"thing {q},p{q + n},{2.1 + n / 10}" for q in range(24) for n in range(4)]
    judgments.write_text("\n".join(["query,docid,rating", *lines]))
    with pytest.raises(InputError, match="0 of 24 judged queries have products of two grades"):
        shop_facts(catalogue, judgments)


def test_a_layout_of_judgments_with_options_is_in_the_recipe(tmp_path: Path) -> None:
    """One locale of three: without it most judged products would not be in the catalogue."""
    catalogue, _ = write_shop(tmp_path / "shop")
    rows = [
        {"query": f"thing {q}", "product_id": f"{locale}{q + n}", "product_locale": code, "esci_label": "ESCI"[n]}
        for locale, code in (("p", "us"), ("e", "es"), ("j", "jp"))
        for q in range(24)
        for n in range(4)
    ]
    judged = write_parquet(tmp_path / "examples.parquet", rows)
    with pytest.raises(InputError, match="name products that the catalogue lacks"):
        shop_facts(catalogue, judged)
    facts = shop_facts(catalogue, judged, judgments_format="esci:us")
    assert 'judgments_format = "esci:us"' in recipe_text(facts, tmp_path)
    assert facts.queries == 24


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c, j: write_shop(c.parent, queries=7), "7 of 7 judged queries have products of two grades"),
        (lambda c, j: write_shop(c.parent, scale=0), "0 of 24 judged queries have products of two grades"),
        (lambda c, j: c.unlink(), "there is no such file or folder"),
        (lambda c, j: j.unlink(), "there is no such file or folder"),
        (
            lambda c, j: c.write_text('{"id": "q1", "title": "another shop"}\n'),
            "name products that the catalogue lacks",
        ),
    ],
)
def test_what_cant_be_taught_by_is_refused(tmp_path: Path, change: object, said: str) -> None:
    catalogue, judgments = write_shop(tmp_path / "shop")
    change(catalogue, judgments)  # type: ignore[operator]
    with pytest.raises(InputError, match=said):
        shop_facts(catalogue, judgments)


def test_the_command_says_what_it_found_and_keeps_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """How long it takes is measured with the shipped student itself; a recipe that is there is not overwritten."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    catalogue, judgments = write_shop(tmp_path / "shop")
    words = ["distill", "init", str(catalogue), str(judgments), "--to", str(tmp_path / "shop")]
    assert endcap(words) == 0
    said = capsys.readouterr().out
    assert "24 of these queries have products of two grades, 4 products each" in said
    assert "No product has category, description, attributes" in said
    assert "products a second" in said
    assert "takes about" in said
    path = tmp_path / "shop" / "shop.toml"
    path.write_text("mine", encoding="utf-8")
    assert endcap(words) == 2
    assert "is there already and was left as it is" in capsys.readouterr().err
    assert path.read_text(encoding="utf-8") == "mine"

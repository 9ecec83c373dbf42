"""The recipe of all public shops, in the owners' own layouts: from their files to figures and a promoted student."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from distill_parts import COLOURS, THINGS, write_base, write_recipe, write_shop
from reader_files import ICECAT, gzipped, write_jsonl, write_parquet, write_table, zipped

from endcap.distill.judging_plan import planned
from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.settings import GateRecipe, Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.split import run as split
from endcap.distill.stages.split.draw import drawn_grades, drawn_products
from endcap.distill.stages.split.shop_data import shop_data
from endcap.distill.stages.stage import stages
from endcap.distill.student.pace import Amounts, Pace, estimate
from endcap.distill.work.files import read_json, read_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, TRAIN, read_data
from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.model.registry import current_folder
from endcap.progress import unwatched

KINDS = [f"{colour} {thing}" for thing in THINGS for colour in COLOURS]
PLACES = ("kitchen", "garden", "office", "travel", "outdoor", "wedding", "school", "winter")


def judged(queries: list[str], per_query: int = 6) -> Iterator[tuple[str, int, int]]:
    """Query, number of a product, grade 0 to 3: products are ``KINDS`` again and again."""
    for n, query in enumerate(queries):
        best = KINDS.index(" ".join(query.split()[:2]))
        for i in range(per_query):
            product = (best + i * 5 + n * len(KINDS) * (i > 0)) % (3 * len(KINDS))
            kind = KINDS[product % len(KINDS)]
            grade = 3 if kind == KINDS[best] else 2 * (kind.split()[1] == query.split()[1]) or i % 2
            yield query, product, grade


def write_esci(folder: Path) -> None:
    """``amazon-science/esci-data``: two parquet files, three locales, the owner's split in a column of the examples."""
    folder.mkdir(parents=True)
    products = [
        {
            "product_id": f"B{locale}{n:03d}",
            "product_title": f"{KINDS[n % len(KINDS)].title()} {n}",
            "product_description": "A <b>good</b> one.",
            "product_bullet_point": "Light\nStrong",
            "product_brand": "Norvik",
            "product_color": KINDS[n % len(KINDS)].split()[0],
            "product_locale": locale,
        }
        for locale in ("us", "es", "jp")
        for n in range(4 * len(KINDS))
    ]
    write_parquet(folder / "shopping_queries_dataset_products.parquet", products)
    rows = []
    queries = [f"{kind} {place}" for kind in KINDS[:12] for place in PLACES[:3]]
    for locale in ("us", "es"):
        for query, product, grade in judged(queries if locale == "us" else queries[:4]):
            rows.append(
                {
                    "example_id": len(rows),
                    "query": query if locale == "us" else f"{query} rojo",
                    "query_id": queries.index(query),
                    "product_id": f"B{locale}{product:03d}",
                    "product_locale": locale,
                    "esci_label": "ICSE"[grade],
                    "small_version": 1,
                    "large_version": 1,
                    "split": "test" if queries.index(query) % 4 == 0 else "train",
                }
            )
    write_parquet(folder / "shopping_queries_dataset_examples.parquet", rows)


def write_wands(folder: Path) -> None:
    """``wayfair/WANDS``: three tables with tabs between their columns."""
    folder.mkdir(parents=True)
    products = [
        {
            "product_id": n,
            "product_name": KINDS[n % len(KINDS)],
            "product_class": "Things",
            "category hierarchy": "Home / Things",
            "product_description": 'a 24" thing',
            "product_features": f"color:{KINDS[n % len(KINDS)].split()[0]}|style:modern",
            "rating_count": 3.0,
            "average_rating": 4.5,
            "review_count": 2.0,
        }
        for n in range(3 * len(KINDS))
    ]
    write_table(folder / "product.csv", "\t", products)
    queries = [f"{kind} with legs" for kind in KINDS]
    write_table(
        folder / "query.csv",
        "\t",
        [{"query_id": n, "query": query, "query_class": "Things"} for n, query in enumerate(queries)],
    )
    labels = [
        {
            "id": n,
            "query_id": queries.index(query),
            "product_id": product,
            "label": ("Irrelevant", "Partial", "Partial", "Exact")[grade],
        }
        for n, (query, product, grade) in enumerate(judged(queries, 12))
    ]
    write_table(folder / "label.csv", "\t", labels)


def write_others(folder: Path) -> None:
    """OpenSearch's sample, and Chorus."""
    sample, chorus = folder / "esci-us", folder / "chorus"
    sample.mkdir(parents=True)
    chorus.mkdir(parents=True)
    asked = [f"{kind} gift" for kind in KINDS[:8]]
    rows = [{"asin": f"A{n}", "title": kind, "bullet_points": "Soft", "brand": "B"} for n, kind in enumerate(KINDS * 3)]
    gzipped(write_jsonl(sample / "ubi_ecommerce_products.json", rows)).rename(sample / "ubi_ecommerce_products.json.gz")
    (sample / "ubi_ecommerce_products.json").unlink()
    ratings: dict[str, list[dict[str, str]]] = {}
    for query, product, grade in judged(asked):
        ratings.setdefault(query, []).append({"docId": f"A{product}", "rating": ("0", "1", "10", "100")[grade]})
    book = {
        "type": "IMPORT_JUDGMENT",
        "judgmentRatings": [{"query": query, "ratings": of_query} for query, of_query in ratings.items()],
    }
    (sample / "esci_us_judgments.json").write_text(json.dumps(book))
    for number in range(4):
        part = chorus / f"{number + 1}.json"
        part.write_text(
            json.dumps([{**ICECAT, "id": str(n), "title": kind} for n, kind in enumerate(KINDS * 3) if n % 4 == number])
        )
        zipped(chorus / f"{number + 1}.json.zip", part)
        part.unlink()
    table = [{"query": q, "docid": p, "rating": g} for q, p, g in judged([f"{kind} for sale" for kind in KINDS[::2]])]
    write_table(chorus / "Broad_Query_Set_rated.csv", ",", table)


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    """``shops-all`` with a tiny base, small bounds, and a gate that lets it pass."""
    data = tmp_path_factory.mktemp("datasets")
    write_esci(data / "esci")
    write_wands(data / "wands")
    write_others(data)
    shipped = read_recipe("shops-all", data)
    bounds = {"esci": {"most_queries": 14, "most_test_queries": 5, "most_products": 90}, "wands": {"most_judged": 6}}
    return replace(
        shipped,
        base=str(write_base(tmp_path_factory.mktemp("base") / "base")),
        shops=tuple(replace(shop, **bounds.get(shop.name, {})) for shop in shipped.shops),
        student=replace(shipped.student, seeds=(0,)),
        gate=GateRecipe(margin=1.0, margin_int8=1.0),
    )


def test_from_the_owners_files_to_a_promoted_student(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What is kept for testing is never taught, bounds hold, and figures stand where the page says.

    Nobody is told of rows that were not asked for, nor of weights that nobody reads.
    """
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    work = Work(tmp_path / "work")
    run_stages(recipe, work)
    data = read_data(work)
    count = Counter((query.shop, query.part) for query in data.judged)
    assert count["esci", TEST] == 5
    assert 0 < count["esci", TRAIN] <= 14
    assert len(data.products["esci"]) == 90
    assert (count["esci-us", TEST], count["esci-us", TRAIN]) == (8, 0)
    assert count["wands", TEST] > 0 < count["chorus", TEST]
    examples = read_rows(recipe.data / "esci" / "shopping_queries_dataset_examples.parquet")
    kept = {row["query"] for row in examples if row["split"] == "test"}
    assert {query.query for query in data.judged if query.shop == "esci" and query.part == TEST} <= kept
    assert not kept & {query.query for query in data.judged if query.part == TRAIN}
    assert max(len(query.grades) for query in data.judged if query.shop == "wands" and query.part == TRAIN) == 6
    assert {query.grades[p] for query in data.judged for p in query.grades if query.shop == "wands"} == {0, 1, 3}
    # Where the figures go.
    figures = read_json(work.stage("gate") / "figures.json")
    assert set(figures["end to end"]["shops"]) == {"esci", "esci-us", "wands", "chorus"}
    assert set(figures["judged pool"]["gains"]) == {"engine", "hybrid", "old"}
    told = (work.stage("gate") / "figures.md").read_text()
    card = (current_folder("shops-all") / "README.md").read_text()
    for text in (told, card):
        assert "| wands | " in text
        assert "hybrid (BM25 and this student)" in text
    assert "data wands: MIT" in card
    assert "data esci: Apache-2.0" in card
    assert "rejected" not in caplog.text
    assert "were not used" not in caplog.text


def test_the_time_is_said_before_it_begins(recipe: Recipe, tmp_path: Path) -> None:
    """Twice the queries take twice as long, within what does not grow with them."""
    work = Work(tmp_path / "work")
    split.run(recipe, work, unwatched)
    data = read_data(work)
    amounts = Amounts.of(data)
    assert f"Taught: {amounts.queries} queries with {amounts.pairs} judged products, measured on" in estimate(
        recipe, data
    )
    pace, large = Pace(100, 20), Amounts(200_000, 150_000, 10_000, 5_000, 500)
    twice = replace(large, pairs=400_000, products=300_000, queries=20_000)
    assert pace.seconds(recipe, twice) / pace.seconds(recipe, large) == pytest.approx(1.9, abs=0.1)
    assert pace.seconds(recipe, large) > 200_000 / 20


def test_a_data_set_that_is_not_there_says_what_brings_it(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="endcap datasets fetch esci` brings it"):
        run_stages(replace(recipe, data=tmp_path), Work(tmp_path / "work"), ["split"])


def test_draws_hold_what_is_judged_and_move_little() -> None:
    products = [Product(id=f"p{n}", title="t") for n in range(1000)]
    shown: list[int] = []
    kept = drawn_products(iter(products), {"p3", "p999"}, 50, 0, shown.append)
    assert len(kept) == 50
    assert {"p3", "p999"} <= set(kept)
    assert shown[-1] == 1000
    more = drawn_products(iter([*products, Product(id="new", title="t")]), {"p3", "p999"}, 50, 0, shown.append)
    assert len(set(kept) - set(more)) <= 1
    assert set(drawn_products(iter(products), {"p3"}, 0, 0, shown.append)) == {product.id for product in products}
    grades = {f"p{n}": 3 if n == 7 else int(n % 40 == 0) for n in range(400)}
    of_query = drawn_grades("q", grades, 12, 0)
    assert Counter(of_query.values()) == {3: 1, 1: 6, 0: 5}


def test_a_plan_that_was_filled_in_is_added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a later file says of a pair counts, what it leaves empty does not; a plan takes its queries for judged."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path / "home"))
    write_shop(tmp_path)
    path = write_recipe(tmp_path, Path("base"))
    rows = [
        {"query": "rot stiefel", "docid": "red-shoe", "rating": 0, "title": "Red shoe"},
        {"query": "something new", "docid": "blue-bag", "rating": 3, "title": "Blue bag"},
        {"query": "something new", "docid": "red-bag", "rating": "", "title": "Red bag"},
    ]
    write_table(tmp_path / "next.csv", ",", rows)
    recipe = read_recipe(path)
    more = replace(recipe, shops=(replace(recipe.shops[0], more_judgments=("next.csv",)),))
    before, after = (shop_data(each, each.shops[0], unwatched).grades for each in (recipe, more))
    assert (before["rot stiefel"]["red-shoe"], after["rot stiefel"]["red-shoe"]) == (3, 0)
    assert after["something new"] == {"blue-bag": 3}
    assert {**after, "rot stiefel": {}} == {**before, "rot stiefel": {}, "something new": {"blue-bag": 3}}
    assert tmp_path / "next.csv" in stages()["split"].files(more)
    write_table(tmp_path / "log.csv", ",", [{"query": "something new"}, {"query": "lamp"}])
    assert [one.query for one in planned(more, Work(tmp_path / "work"), tmp_path / "log.csv", 5, 5)] == ["lamp"]

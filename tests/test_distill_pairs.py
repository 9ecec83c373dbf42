"""Each generated query gets products from the engine and from beside its own, the same ones every time."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import distill_shop
import pytest
from distill_shop import ran, write

from endcap.distill.generate.candidates import ProductGroups, candidates
from endcap.distill.generate.vocabulary import learn
from endcap.distill.recipe.settings import PairsRecipe
from endcap.distill.stages.pairs import run as stage
from endcap.distill.work.files import read_json, read_rows
from endcap.distill.work.folder import Work
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.progress import unwatched

import numpy as np  # isort: skip

SETTINGS = "[split]\ntest = 0.2\n[queries]\ncount = 40\n[pairs]\nper_query = 10\ndepths = [3, 8, 20]\n"


def rows_of(work: Work) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in read_rows(work.stage("pairs") / "pairs.parquet"):
        found.setdefault(row["query"], []).append(row)
    return found


def test_every_query_has_its_product_and_others_found_in_every_way(tmp_path: Path) -> None:
    _, work = ran(write(tmp_path, settings=SETTINGS), "split", "queries", "pairs")
    queries = read_rows(work.stage("queries") / "queries.parquet")
    found = rows_of(work)
    assert list(found) == [row["query"] for row in queries]
    for row in queries:
        ids = [each["product_id"] for each in found[row["query"]]]
        assert len(ids) == len(set(ids)) == 10
        assert ids[0] == json.loads(row["made_from"])["product"]
    ways = Counter(each["how"] for rows in found.values() for each in rows)
    assert {"made-from", "engine@3", "engine@8", "engine@20", "category", "brand", "attribute", "random"} <= set(ways)
    assert ways == read_json(work.stage("pairs") / "pairs.json")["how"]
    assert not (work.stage("pairs") / "parts").exists()


def test_the_same_pairs_every_time_and_after_a_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped in its third part, it keeps the first two as they are, and ends in what it would have been."""
    monkeypatch.setattr(stage, "PART", 10)
    path = write(tmp_path, settings=SETTINGS)
    recipe, work = ran(path, "split", "queries")
    stage.run(recipe, work, unwatched)
    whole = (work.stage("pairs") / "pairs.parquet").read_bytes()
    (work.stage("pairs") / "pairs.parquet").unlink()
    asked: list[str] = []
    real = stage.pairs_of

    def stops(row: Any, *rest: Any) -> Any:
        asked.append(row["query"])
        if len(asked) == 25:
            raise KeyboardInterrupt
        return real(row, *rest)

    monkeypatch.setattr(stage, "pairs_of", stops)
    with pytest.raises(KeyboardInterrupt):
        stage.run(recipe, work, unwatched)
    assert len(list((work.stage("pairs") / "parts").glob("*.parquet"))) == 2
    stage.run(recipe, work, unwatched)
    assert (work.stage("pairs") / "pairs.parquet").read_bytes() == whole
    assert len(asked) == 25 + 20


def test_no_queries_no_pairs(tmp_path: Path) -> None:
    _, work = ran(write(tmp_path, settings="[queries]\ncount = 0\n"), "split", "queries", "pairs")
    assert rows_of(work) == {}


@pytest.fixture(scope="module")
def groups() -> ProductGroups:
    products = {each["id"]: FieldMap().product(each) for each in distill_shop.products()}
    return ProductGroups(products, learn(list(products.values())))


def found(groups: ProductGroups, made_from: dict[str, Any] | None, hits: list[str], **settings: Any) -> dict[str, str]:
    return candidates(groups, made_from, hits, PairsRecipe(**settings), np.random.default_rng(0))


def test_one_attribute_changed(groups: ProductGroups) -> None:
    """For a red Norvik lamp: lamps that are red or Norvik's, not both."""
    asked = {"product": "p000", "brand": "norvik", "attributes": {"colour": "red"}}
    changed = [each for each, how in found(groups, asked, [], per_query=12, hard=1.0).items() if how == "attribute"]
    assert len(changed) >= 2
    for each in changed:
        title = groups.products[each].title.lower()
        assert "lamp" in title
        assert ("norvik" in title) != ("red" in title.replace("kestravo", ""))


def test_hits_are_drawn_from_each_depth(groups: ProductGroups) -> None:
    """Half of the list is the engine's, in equal parts from the ranks 1-5, 6-10 and 11-30."""
    hits = list(groups.ids)[10:40]
    chosen = found(groups, {"product": "p000"}, hits, per_query=14, depths=(5, 10, 30), hard=0.5)
    assert len(chosen) == 14
    for name, there in (("engine@5", hits[:5]), ("engine@10", hits[5:10]), ("engine@30", hits[10:30])):
        mine = [each for each, how in chosen.items() if how == name]
        assert len(mine) in (2, 3)
        assert set(mine) <= set(there)


@pytest.mark.parametrize("hits", [[], ["p110", "p111"]])
@pytest.mark.parametrize("made_from", [None, {"product": "gone"}, {"product": "p000"}])
def test_too_little_is_filled_up_by_chance(
    groups: ProductGroups, hits: list[str], made_from: dict[str, Any] | None
) -> None:
    """Queries of a log, of a product that is gone, without a hit: the list is as long as any."""
    chosen = found(groups, made_from, hits, per_query=16)
    assert len(chosen) == 16
    assert ("p000" in chosen) or made_from != {"product": "p000"}
    assert set(hits) <= set(chosen)


def test_a_shop_smaller_than_the_list() -> None:
    one = {"1": Product("1", "Red lamp")}
    assert found(ProductGroups(one, learn(list(one.values()))), {"product": "1"}, ["1"], per_query=16) == {
        "1": "made-from"
    }


def test_a_log_query_gets_the_product_that_answers_it(groups: ProductGroups, tmp_path: Path) -> None:
    """Of a real log: a product that has all that is asked for is in the list, and is named as that."""
    settings = SETTINGS.replace("count = 40", 'count = 2\nsources = ["log"]') + "[labels]\nknown_share = 0.5\n"
    _, work = ran(
        write(tmp_path, settings=settings, log="query,count\nred aurelo kettles,9\nkettle of gold,5\n"),
        "split",
        "queries",
        "pairs",
    )
    rows = rows_of(work)
    [answer] = [row["product_id"] for row in rows["red aurelo kettles"] if row["how"] == "answers"]
    product = groups.products[answer]
    assert (product.brand, product.category, product.attributes["colour"]) == ("Aurelo", "Home > Kettles", "red")
    assert "answers" not in {row["how"] for row in rows["kettle of gold"]}


def test_an_answer_is_what_is_looked_for_before_what_mentions_it(groups: ProductGroups) -> None:
    """A lid is mentioned by pans with one, which are the better hits; nothing answers what no product has."""
    lid, pan = Product("lid", "Steel lid", category="Lids"), Product("pan", "Pan with steel lid", category="Pans")
    shop = ProductGroups({"pan": pan, "lid": lid}, learn([pan, lid]))
    assert shop.answer("steel lid", ["pan", "lid"]) == "lid"
    assert shop.answer("steel pan", ["lid", "pan"]) == "pan"
    assert shop.answer("glass lid", ["pan", "lid"]) == ""

"""A recipe's shop is searched as shoppers search it: by its own query or its index, for candidates and in the gate."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import distill_shop
import pytest
from distill_shop import ran, write
from model_parts import candidate

from endcap.distill.recipe.settings import Recipe
from endcap.distill.stage_status import Inspector
from endcap.distill.stages.gate import run as gate
from endcap.distill.stages.stage import stages
from endcap.distill.work.files import read_rows
from endcap.distill.work.folder import Work
from endcap.errors import GateRefused, InputError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.settings import IndexSettings, save_settings
from endcap.progress import unwatched

pytest_plugins = ["gate_fixtures"]

SETTINGS = "[split]\ntest = 0.2\n[queries]\ncount = 30\n[pairs]\nper_query = 6\ndepths = [5, 30]\nhard = 0.0\n"
RED = {
    "query": {
        "bool": {
            "must": {"multi_match": {"query": "{{query}}", "fields": ["title", "brand", "category"]}},
            "filter": {"term": {"attributes.colour": "red"}},
        }
    },
    "size": 1,
}


def own_query_file(folder: Path, content: Any, name: str = "own.json") -> str:
    (folder / name).write_text(json.dumps(content), encoding="utf-8")
    return name


def colours_found(work: Work) -> set[str]:
    """Of the products that the engine has found, by pairs."""
    colour = {each["id"]: each["attributes"]["colour"] for each in distill_shop.products()}
    rows = read_rows(work.stage("pairs") / "pairs.parquet")
    return {colour[row["product_id"]] for row in rows if row["how"].startswith("engine@")}


def with_shop(path: Path, lines: str) -> Path:
    path.write_text(path.read_text(encoding="utf-8").replace("[[shops]]", f"[[shops]]\n{lines}", 1))
    return path


def loaded(name: str, ids: str = "", **settings: Any) -> None:
    """A known index of the same products, each id after ``ids``."""
    products = (FieldMap().product({**each, "id": ids + each["id"]}) for each in distill_shop.products())
    EmbeddedEngine(name).load(products)
    save_settings(IndexSettings(name, **settings))


def test_candidates_are_found_by_the_shops_own_query(endcap_home: Path, tmp_path: Path) -> None:
    """By the recipe's, by its index's, and by the recipe's in the index: what the query filters is no candidate."""
    name = own_query_file(tmp_path, RED)
    loaded("red-shop", body=str(tmp_path / name))
    loaded("whole-shop")
    found = {}
    for lines in ("", f'body = "{name}"', 'index = "red-shop"', f'index = "whole-shop"\nbody = "{name}"'):
        folder = tmp_path / str(len(found))
        path = with_shop(write(folder, settings=SETTINGS), lines)
        own_query_file(folder, RED)
        found[lines] = colours_found(ran(path, "split", "queries", "pairs")[1])
    assert found.pop("") == {"red", "blue", "black"}
    assert list(found.values()) == [{"red"}] * 3


def test_an_index_of_other_products_is_refused(endcap_home: Path, tmp_path: Path) -> None:
    loaded("others", "other-")
    path = with_shop(write(tmp_path, settings=SETTINGS), 'index = "others"')
    with pytest.raises(InputError, match=r"'others' has 0 of \d+ products.*lacks 'p000'"):
        ran(path, "split", "queries", "pairs")


def test_another_query_makes_what_rests_on_it_stale(endcap_home: Path, tmp_path: Path) -> None:
    """Its content, too; the split does not rest on it, and a recipe without one has the fingerprints of before."""
    path = with_shop(write(tmp_path, settings=SETTINGS), 'body = "own.json"')
    own_query_file(tmp_path, RED)
    recipe, work = ran(path, "split", "queries")

    def fingerprints() -> dict[str, str]:
        names = ("split", "queries", "pairs", "blend", "gate")
        return {name: Inspector(recipe, work).state(stages()[name]).fingerprint for name in names}

    before = fingerprints()
    own_query_file(tmp_path, {**RED, "min_score": 0.1})
    after = fingerprints()
    assert {name for name in before if before[name] != after[name]} == {"pairs", "blend", "gate"}
    assert "body" not in str(stages()["split"].settings(recipe)["shops"])


def test_the_gate_measures_what_runs(endcap_home: Path, recipe: Recipe, work: Work, bad: Path) -> None:
    """With a query that finds one product for each search, no order loses anything end to end; the report names it."""
    one = {"query": {"bool": {"must": {"match": {"title": "{{query}}"}}, "filter": {"ids": {"values": ["phone2"]}}}}}
    body = own_query_file(recipe.data, one)
    candidate(work, bad, bad)
    for shop in (recipe.shops[0], replace(recipe.shops[0], body=body)):
        for file in work.stage("gate").glob("gate.*"):
            file.unlink()
        with pytest.raises(GateRefused):  # in the judged pool it is worse all the same
            gate.run(replace(recipe, shops=(shop,)), work, unwatched)
        told = json.loads((work.stage("gate") / "gate.json").read_text())
        pool, whole = told["checks"]
        assert (pool["passed"], whole["passed"]) == (False, bool(shop.body))
        assert ("own query own.json (sha256" in told["searched"]["corner"]) is bool(shop.body)
        assert ("own.json" in (work.stage("gate") / "gate.txt").read_text()) is bool(shop.body)

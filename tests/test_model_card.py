"""The card and the lineage: what the stages' records say is told, and what they do not say is left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation_parts import write_catalogue, write_judgments
from model_parts import variant

from endcap.distill.export.lineage import licenses, lineage
from endcap.distill.export.model_card import model_card
from endcap.distill.recipe.settings import MemberRecipe, Recipe, SplitRecipe, TeacherRecipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.stages.split import run as split
from endcap.distill.work.files import write_json, write_rows
from endcap.distill.work.folder import Work
from endcap.plugin.model.folder import read_model
from endcap.progress import unwatched

CHECK: dict[str, Any] = {
    "name": "against the model in use, end to end",
    "passed": True,
    "verdict": "no loss seen",
    "margin": 0.005,
    "queries": 150,
    "mean": 0.0123,
    "low": -0.006,
    "high": 0.03,
    "visible": 0.0271,
    "wins": 60,
    "losses": 50,
    "ties": 40,
    "shops": {"corner": {"queries": 150, "new": 0.91, "old": 0.9}},
    "worst": [],
}
LINEAGE: dict[str, Any] = {
    "stages": {"split": "ab" * 32, "student": "cd" * 32},
    "licenses": {"base some/base": "MIT", "data corner": "CC BY 4.0"},
    "data": {
        "shops": {"corner": {"products": 1234, "queries": {"train": 70, "test": 150}, "judgments": {"train": 2000}}},
        "sources": {"ratings.csv": "0123456789abcdef"},
        "refused_queries": 3,
    },
    "queries": {"queries": 5000, "sources": {"log": 1000, "catalogue": 4000}},
    "labels": {"generated": {"pairs": 80000}},
    "teacher": {
        "members": [{"name": "0-cross", "base": "some/teacher"}, {"name": "1-engine", "base": ""}],
        "folds": 3,
        "temperature": 1.25,
        "ece": {"before": 0.1, "after": 0.021},
        "nDCG@10": {"train": 0.9, "dev": None},
    },
    "student": {
        "gold": {"lists": 70, "pairs": 2000},
        "dev_queries": 20,
        "dev_zero_shot": 0.8,
        "dev": 0.88,
        "courses": {"0": {"steps": 90, "dev": [[45, 0.86], [90, 0.88]]}},
    },
    "curve": {
        "measure": "nDCG@10",
        "queries": 150,
        "lines": {"teacher": {"mean": 0.905}},
        "points": [{"amount": 0, "mean": 0.88}, {"amount": 16000, "mean": 0.91}],
    },
    "gate": {
        "passed": True,
        "part": "test",
        "measure": "nDCG@10",
        "queries": {"corner": 150},
        "against": {"name": "zero-shot"},
        "checks": [CHECK],
        "warnings": [],
    },
    "latency": {
        "cpu": "Some CPU",
        "threads": 1,
        "products": 100,
        "query_and_1_product_ms": 4.04,
        "query_and_products_ms": 4.26,
        "read_a_product_ms": 7.5,
    },
}


def test_the_card_tells_the_lineage(tmp_path: Path) -> None:
    """Data with checksums, teacher, training, curve, gate, time, limits and licences."""
    card = model_card(read_model(variant(tmp_path / "model", "taught", lineage=LINEAGE)))
    for line in (
        "# taught",
        "- Taught by: people's judgments of products in corner (70 queries)",
        "- Costs: about 4 ms of one CPU thread a search, and no GPU; its file has 34.4 MB",
        "- against the model in use, end to end (zero-shot): level, as far as can be told, +0.012 [-0.006, +0.030] "
        "(one-sided 95 %), 150 queries",
        "- What is smaller than 0.027 nDCG@10 would most likely go unseen with so many queries.",
        "- Where it was promoted: `endcap models rollback taught` puts the model before it back into use.",
        "| corner | 1,234 | 70, 0, 150 | 2,000 |",
        "- 3 queries were kept out of training, being too like test queries.",
        "- Generated: 5,000 queries (log 1,000, catalogue 4,000), 80,000 labelled pairs.",
        "- `ratings.csv` 0123456789abcdef",
        "- Teacher: 0-cross (some/teacher), 1-engine; 3 folds",
        "- Teacher's nDCG@10 on queries that it has not seen: train 0.9000",
        "- Teacher's calibration error: 0.021 (temperature 1.25)",
        "- Student's nDCG@10 on 20 dev queries: 0.8800 (zero-shot 0.8000)",
        "- Seed 0: 90 steps, dev nDCG@10 0.8600 at 45, 0.8800 at 90",
        "| 16,000 | 0.9100 |",
        "Passed on 150 test queries, against zero-shot.",
        "- against the model in use, end to end: passed, not proved: no loss can be seen",
        "  - A loss of less than 0.0271 would most likely go unseen with so many queries.",
        "On Some CPU, 1 thread: a new query with 100 products read in advance 4.3 ms, of which the query 4.0 ms; "
        "to read a product 7.5 ms.",
        "- It was taught and measured on corner; in other shops it may rank worse than the engine does: measure first, "
        "with `endcap evaluate`.",
        "- data corner: CC BY 4.0",
    ):
        assert line in card.splitlines()


def test_gains_stand_beside_the_engine_and_hybrid_search(tmp_path: Path) -> None:
    """With intervals; what an interval leaves open is called so. No stage is named that had nothing to do."""
    gains = {
        "engine": {"mean": 0.05, "low": 0.01, "high": 0.09},
        "hybrid": {"mean": -0.02, "low": -0.06, "high": 0.02},
        "old": {"mean": -0.03, "low": -0.05, "high": -0.01},
    }
    row = {"queries": 150, "values": {"engine": 0.8, "hybrid": 0.87, "old": 0.88, "new": 0.85}}
    table = {"shops": {"corner": row}, "all": row, "gains": gains}
    gate = {**LINEAGE["gate"], "part": "train (by folds)", "figures": {"measure": "nDCG@10", "judged pool": table}}
    stages = {"split": "ab" * 32, "labels": "ef" * 32, "queries": "01" * 32}
    history = {"gate": gate, "stages": stages, "data": LINEAGE["data"]}
    lines = model_card(read_model(variant(tmp_path / "model", "taught", lineage=history))).splitlines()
    for line in (
        "On 150 train (by folds) queries:",
        "- beside words alone (BM25): better, +0.050 [+0.010, +0.090] (95 %)",
        "- beside hybrid (BM25 and this student): level, as far as can be told, -0.020 [-0.060, +0.020] (95 %)",
        "- beside zero-shot: worse, -0.030 [-0.050, -0.010] (95 %)",
        "| all | 150 | 0.800 | 0.870 | 0.880 | 0.850 |",
        "- Each query was measured by a student that was not taught by it; the model itself was taught by all.",
        f"Results of the stages: split {'ab' * 6}",
    ):
        assert line in lines


def test_the_card_that_ships_says_what_its_model_does() -> None:
    """It is written anew by `model_card` when `model.json` or the card's code changes."""
    info = read_model()
    assert (info.folder / "README.md").read_text(encoding="utf-8") == model_card(info)


def test_the_card_of_a_model_without_history(tmp_path: Path) -> None:
    """What nobody recorded has no heading."""
    card = model_card(read_model(variant(tmp_path / "model", "without", lineage={})))
    assert [line for line in card.splitlines() if line.startswith("##")] == [
        "## What it can't",
        "## Where it comes from, and the licences",
        "## How to go back",
        "## Details",
    ]
    assert "zero-shot" in card


def test_the_lineage_is_what_the_stages_left(tmp_path: Path) -> None:
    """Counts of the split, the records of later stages without their bulk; a stage that was not run has no part."""
    write_catalogue(tmp_path)
    write_judgments(tmp_path)
    recipe = Recipe(
        "shop",
        "some/base",
        "MIT",
        shops=(ShopRecipe("corner", "shop.jsonl", "ratings.csv"),),
        split=SplitRecipe(test=0.7, dev=0.2),
        seed=3,
        teacher=TeacherRecipe(members=(MemberRecipe("cross-encoder", "some/teacher", "Apache-2.0"),)),
        data=tmp_path,
    )
    work = Work(tmp_path / "work")
    split.run(recipe, work, unwatched)
    bare = lineage(work, recipe)
    assert set(bare) == {"endcap", "licenses", "data"}
    assert bare["data"]["shops"]["corner"]["queries"] == {"test": 6, "train": 2}
    assert bare["data"]["shops"]["corner"]["judgments"] == {"test": 20, "train": 5}
    write_json(work.stage("queries") / "queries.json", {"queries": 2, "shops": {}})
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in ("shop", "source", "kind", "query")])
    rows = [{"shop": "corner", "source": "log", "kind": kind, "query": kind} for kind in ("brand", "type")]
    write_rows(work.stage("queries") / "queries.parquet", schema, rows)
    write_json(work.stage("labels") / "labels.json", {"generated": {"pairs": 7, "score_deciles": [0.0]}, "judged": {}})
    write_json(
        work.stage("teacher") / "teacher.json",
        {"members": [{"name": "0", "base": "b", "recipe": {}}], "stacker": {}, "folds": 3},
    )
    course = {"steps": 3, "losses": [1.0], "dev": []}
    write_json(work.stage("student") / "training.json", {"dev": 0.5, "courses": {"0": course}})
    told = lineage(work, recipe)
    assert told["queries"]["kinds"] == {"brand": 1, "type": 1}
    assert told["labels"] == {"generated": {"pairs": 7}}
    assert told["teacher"] == {"members": [{"name": "0", "base": "b"}], "folds": 3}
    assert told["student"] == {"dev": 0.5, "courses": {"0": {"steps": 3, "dev": []}}}


def test_licences_of_all_that_went_in() -> None:
    """The recipe's own, else what is known of a public data set; where nobody says, that is said."""
    recipe = Recipe(
        "shop",
        "some/base",
        "MIT",
        shops=(ShopRecipe("one", "chorus", "chorus/Broad_Query_Set_rated.csv"), ShopRecipe("two", "mine.csv")),
        teacher=TeacherRecipe(members=(MemberRecipe("cross-encoder", "some/teacher"), MemberRecipe("engine"))),
    )
    found = licenses(recipe)
    assert "Open Icecat" in found.pop("data one")
    assert found == {"base some/base": "MIT", "teacher some/teacher": "not said", "data two": "not said"}

"""The labels stage: the same labels whoever makes them, and however often they were begun."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import ray
import stand_in_teacher
from stand_in_teacher import StandIn, fill_work, recipe

from endcap.distill.data import read_data
from endcap.distill.files import read_table
from endcap.distill.score import score
from endcap.distill.stages.labels import label
from endcap.distill.work import Work
from endcap.evaluate.systems import unwatched


def labels_of(work: Work) -> dict[str, bytes]:
    """Every output of the stage, by name."""
    return {path.name: path.read_bytes() for path in work.stage("labels").glob("*.*") if path.name != "speed.json"}


def made(folder: Path, **words: int) -> Work:
    work = fill_work(folder)
    label(recipe(**words), work, unwatched, StandIn())
    return work


def rows_of(work: Work) -> list[dict]:
    return [row for path in sorted(work.stage("labels").glob("shard-*")) for row in read_table(path)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return labels_of(made(tmp_path_factory.mktemp("undisturbed")))


def test_each_pair_has_its_own_label(tmp_path: Path) -> None:
    """Length order within a shard mixes nothing up; the score is that of the probabilities; folds are the query's."""
    work = made(tmp_path)
    rows, products = rows_of(work), read_data(work).products["s"]
    told = {row["query"]: row["made_from"] for row in read_table(work.stage("queries") / "queries.parquet")}
    for row in rows:
        made_from = json.loads(told.get(row["query"]) or "null")
        product = products[row["product_id"]]
        [expected] = StandIn().probabilities([row["query"]], [product], [row["fold"]], [made_from])
        np.testing.assert_array_equal(np.float32(row["probabilities"]), expected)
        assert row["score"] == pytest.approx(float(score(expected[None])[0]), abs=1e-6)
    assert len(rows) == 8 * 6 + 600
    folds = {row["query"]: row["fold"] for row in rows}
    assert folds["train want kettle"] == 0
    assert folds["train want shoe"] == 1
    assert folds["kettle number 0"] == -1


def test_ray_makes_the_same_labels(tmp_path: Path, undisturbed: dict[str, bytes]) -> None:
    """Two Ray workers write what a plain loop writes, to the byte."""
    ray.cloudpickle.register_pickle_by_value(stand_in_teacher)  # workers can't import it
    assert labels_of(made(tmp_path, workers=2)) == undisturbed

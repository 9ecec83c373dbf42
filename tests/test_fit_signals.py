"""Signals' weights are learnt from judgments, kept where they prove better, and read by the model's searches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from rerank_parts import reranker

from endcap.distill.blend.fit import Window, dcg, gains_of
from endcap.distill.blend.signals import taught_signals
from endcap.distill.recipe_file import read_recipe
from endcap.errors import ModelError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin import Student
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.signals import Signal
from endcap.plugin.model.folder import default_folder

SOLD = Signal("sold", "sold", weight=0.0)
AGE = Signal("age", "age", rises=False, weight=0.0)


def windows(follows: float, count: int = 60) -> list[Window]:
    """Queries whose grades follow the student's score, and a number of the products as far as ``follows`` says."""
    rng = np.random.default_rng(3)
    made = []
    for n in range(count):
        scores, numbers = rng.normal(size=20), rng.normal(size=(20, 2))
        want = scores + follows * numbers[:, 0] + 0.3 * rng.normal(size=20)
        grades = np.digitize(want, np.quantile(want, [0.6, 0.8, 0.9]))
        features = np.zeros((20, len(FEATURES)))
        features[:, FEATURES.index("student")] = (scores - scores.mean()) / scores.std()
        gains = gains_of(map(int, grades))
        numbers[rng.integers(0, 20, 2), 0] = np.nan
        made.append(Window("shop", f"query {n}", features, gains, dcg(np.sort(gains)[::-1]), True, numbers=numbers))
    return made


def test_a_number_that_tells_is_learnt_and_noise_is_not() -> None:
    """What people's grades follow gets a weight, what they do not follow none worth the name."""
    kept, told = taught_signals(windows(1.0), [SOLD, AGE], 1.0, None)
    weights = {signal.name: signal.weight for signal in kept}
    assert told["kept"]
    assert told["with"] > told["without"] + 0.02
    assert weights["sold"] > 1.0
    assert weights.get("age", 0.0) < 0.1 * weights["sold"]


def test_numbers_that_say_nothing_are_not_kept() -> None:
    kept, told = taught_signals(windows(0.0), [SOLD, AGE], 1.0, None)
    assert (kept, told["kept"]) == ((), False)


def test_a_recipe_names_signals(tmp_path: Path) -> None:
    """As a rules file does, but for the weight, which is learnt."""
    text = (Path(read_recipe.__code__.co_filename).parent / "recipes" / "default.toml").read_text(encoding="utf-8")
    text += '\n[[blend.signals]]\nname = "sales"\nfield = "sold"\ndirection = "down"\nscale = "log"\nhigh = 100\n'
    (tmp_path / "recipe.toml").write_text(text, encoding="utf-8")
    (signal,) = read_recipe(tmp_path / "recipe.toml").blend.signals
    assert signal.signal() == Signal("sales", "sold", rises=False, weight=0.0, high=100.0, log=True)


def test_a_models_signals_are_read_where_the_index_has_them(tmp_path: Path) -> None:
    """A model folder's signals order like those of a rules file, whatever ``_source`` a body asks for."""
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder)
    raw = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    raw["blend"]["signals"] = [Signal("sales", "sold", weight=2.0).to_json()]
    (folder / "model.json").write_text(json.dumps(raw), encoding="utf-8")
    engine = EmbeddedEngine("alike")
    engine.load([Product(f"p{n}", f"usb cable {'ab'[n % 2]}", extra={"sold": n}) for n in range(6)])
    body = {"query": {"match": {"title": "usb cable"}}, "_source": ["title"]}
    hits = reranker(engine, Student.load(folder)).search(index="alike", body=body)["hits"]["hits"]
    order = [int(hit["_id"][1:]) for hit in hits]
    assert [n for n in order if n % 2] == [5, 3, 1]
    assert [n for n in order if not n % 2] == [4, 2, 0]
    assert {name for hit in hits for name in hit["_source"]} == {"title"}
    raw["blend"]["signals"][0]["weight"] = -1
    (folder / "model.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(ModelError, match="a weight of 0 or more"):
        Student.load(folder)

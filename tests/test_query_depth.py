"""The benchmark of shallow query towers (benchmarks/query_depth.py), its parts that need no hour."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
import teacher_parts
from benchmark_scripts import script

from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.student.tower import Tower
from endcap.distill.work.records import Data, JudgedQuery
from endcap.index.product import Product


@pytest.fixture(scope="module")
def depth() -> ModuleType:
    return script("query_depth")


def shop() -> Data:
    titles = {f"p{i}": f"{i} Red Brass Lamp Stand Kettle Number {i * i}" for i in range(40)}
    products = {"s": {id: Product(id=id, title=title) for id, title in titles.items()}}
    judged = (JudgedQuery("s", "brass lamps", {"p1": 3, "p2": 0, "p3": 1}, "train", 0),)
    return Data(products, judged, ())


def test_no_judged_query_is_taught(depth: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of titles are distinct, short, and none is a judged query in another form."""
    monkeypatch.setattr(depth, "TEXTS", 300)
    found = depth.pieces(shop())
    assert len(set(found)) == len(found) == 300
    assert all(1 <= len(text.split()) <= depth.WORDS for text in found)
    assert normal_form("brass lamp") not in {normal_form(text) for text in found}


def test_layers_are_spread_with_the_last_among_them(depth: ModuleType, tmp_path: Path) -> None:
    """Half of the layers are every second one; all of them are the tower as it was."""
    base = str(teacher_parts.bert(tmp_path))
    last = [name for name, _ in Tower.load(base, pooling="cls").model.encoder.layer.named_children()][-1]
    half = depth.every_nth(Tower.load(base, pooling="cls"), 1)
    whole = Tower.load(base, pooling="cls")
    kept = half.model.encoder.layer[0].state_dict()
    assert all((kept[key] == value).all() for key, value in whole.model.encoder.layer[int(last)].state_dict().items())
    same = depth.every_nth(Tower.load(base, pooling="cls"), 2).encode(["red lamp"], 8)
    np.testing.assert_array_equal(same, whole.encode(["red lamp"], 8))


def test_without_layers_places_do_not_count(depth: ModuleType, tmp_path: Path) -> None:
    """A query is the mean of its tokens' vectors, whatever their order; with layers it is not."""
    base = str(teacher_parts.bert(tmp_path))
    static = depth.every_nth(Tower.load(base, pooling="cls"), 0).encode(["red lamp", "lamp red", "red kettle"], 8)
    np.testing.assert_allclose(static[0], static[1], atol=1e-6)
    assert abs(static[0] - static[2]).max() > 1e-3
    whole = Tower.load(base, pooling="cls").encode(["red lamp", "lamp red"], 8)
    assert abs(whole[0] - whole[1]).max() > 1e-4


def test_the_best_order_measures_one(depth: ModuleType) -> None:
    """Cosines that follow the grades give 1, others less."""
    data, vectors = shop(), {("s", f"p{n}"): np.eye(4, dtype=np.float32)[n] for n in (1, 2, 3)}
    good, bad = (np.array([row], dtype=np.float32) for row in ((0, 0.9, 0, 0.4), (0, 0.1, 0.9, 0.4)))
    assert depth.ndcg(data, vectors, good) == {"s": {"brass lamps": 1.0}}
    assert depth.ndcg(data, vectors, bad)["s"]["brass lamps"] < 0.7

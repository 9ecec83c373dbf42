"""``endcap rules learn``: the weights of signals by a shop's judgments, for the model as it is."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from rules_parts import rules_file

from endcap.cli.main import run
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.rules.file import read_rules

pytest.importorskip("scipy")
THINGS = (
    "kettle",
    "lamp",
    "chair",
    "table",
    "mirror",
    "pan",
    "knife",
    "towel",
    "basket",
    "candle",
    "clock",
    "vase",
    "rug",
)
THINGS += ("pillow", "shelf", "plate")


@pytest.fixture
def judged(endcap_home: Path, tmp_path: Path) -> Path:
    """A shop in which people want what sells, and their judgments; a search that finds nothing is among them."""
    rng, products, rows = np.random.default_rng(1), list[Product](), ["query,docid,rating"]
    for thing in THINGS:
        for n in range(12):
            sold = int(rng.integers(0, 1000))
            products.append(
                Product(f"{thing}{n}", f"{thing} number {n}", extra={"sold": sold, "noise": int(rng.integers(9))})
            )
            rows.append(f"{thing},{thing}{n},{3 if sold > 800 else 1 if sold > 400 else 0}")
        rows.append(f"{thing},{thing}99,3")
    rows.append("nothing at all,gone,3")
    EmbeddedEngine("small").load(products)
    save_settings(IndexSettings("small"))
    (tmp_path / "ratings.csv").write_text("\n".join(rows), encoding="utf-8")
    return tmp_path / "ratings.csv"


def test_what_people_want_is_learnt(judged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The signal that they follow gets a weight, which the rules file takes; one that says nothing does not."""
    named = {"sold": {"field": "sold"}, "noise": {"field": "noise"}}
    file = rules_file(tmp_path, [], signals=named)
    assert run(["rules", "learn", str(file), "--index", "small", "--judgments", str(judged)]) == 0
    spoken = capsys.readouterr().out
    without, with_them = map(float, re.findall(r"0\.\d+", spoken)[:2])
    assert with_them > without + 0.05
    weights = dict(re.findall(r"\[signals\.(\w+)\]\nweight = ([\d.]+)", spoken))
    assert float(weights["sold"]) > 5 * float(weights.get("noise", 0))
    learnt = rules_file(tmp_path, [], signals={"sold": {"field": "sold", "weight": float(weights["sold"])}})
    assert read_rules(learnt).signals[0].weight == float(weights["sold"])
    rules_file(tmp_path, [], signals={"noise": {"field": "noise"}})
    assert run(["rules", "learn", str(file), "--index", "small", "--judgments", str(judged)]) == 0
    assert "do not show that a signal brings anything" in capsys.readouterr().out


def test_too_little_is_said(judged: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = tmp_path / "few.csv"
    few.write_text("query,docid,rating\nkettle,kettle1,3\nkettle,kettle2,0\n", encoding="utf-8")
    file = rules_file(tmp_path, [], signals={"sold": {"field": "sold"}})
    assert run(["rules", "learn", str(file), "--index", "small", "--judgments", str(few)]) == 2
    assert "1 judged searches have a relevant product; weights are learnt from 15 on" in capsys.readouterr().err
    assert run(["rules", "learn", str(rules_file(tmp_path, [])), "--index", "small", "--judgments", str(few)]) == 2
    assert "has no signals" in capsys.readouterr().err

"""The learnt blend: monotone, told in parts, kept in ``model.json``."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from endcap.errors import ModelError
from endcap.index.product import Product
from endcap.plugin.blend.document_words import words_of
from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.blend.plain import blend
from endcap.plugin.blend.window import learnt_blend, plain_blend
from endcap.plugin.model.folder import default_folder, read_model

PRODUCTS = [
    Product("1", "Red lamp 40 W", brand="Acme"),
    Product("2", "Blue lamp", category="Lamps"),
    Product("3", "Lamp shade for red lamp"),
    Product("4", ""),
]
SLOPES = st.floats(0, 100)
KNOTS = st.lists(st.integers(-3, 3).map(float), max_size=4, unique=True).map(sorted)


@st.composite
def blends(draw: st.DrawFn) -> LearntBlend:
    names = draw(st.lists(st.sampled_from(FEATURES), min_size=1, unique=True))
    terms = []
    for name in names:
        knots = draw(KNOTS)
        slopes = draw(st.lists(SLOPES, min_size=len(knots) + 1, max_size=len(knots) + 1))
        terms.append(Term(name, tuple(slopes), tuple(knots)))
    return LearntBlend(tuple(terms))


ROWS = hnp.arrays(np.float64, (2, len(FEATURES)), elements=st.floats(-5, 5))


def test_by_hand() -> None:
    """Slopes 1, 2, 0 with knots 0 and 1: -2 adds -2, 0.5 adds 1, 3 adds 2 (the slope ends at 1)."""
    term = Term("student", (1.0, 2.0, 0.0), (0.0, 1.0))
    assert list(term.value(np.array([-2.0, 0.0, 0.5, 1.0, 3.0]))) == [-2.0, 0.0, 1.0, 2.0, 2.0]
    assert list(Term("engine", (0.5,)).value(np.array([-2.0, 4.0]))) == [-1.0, 2.0]
    assert list(Term("title", (2.0, 4.0), (0.5,)).value(np.array([0.0, 0.5, 1.0]))) == [0.0, 1.0, 3.0]


@given(blends(), ROWS)
def test_better_in_all_is_never_lower(learnt: LearntBlend, rows: np.ndarray) -> None:
    """A product that is at least as good in each feature has at least the score of the other."""
    better = np.stack([rows.min(axis=0), rows.max(axis=0)])
    worse, best = learnt.contributions(better).sum(axis=1)
    assert best >= worse - 1e-9


@given(blends(), ROWS, st.sampled_from(FEATURES), st.floats(0, 3))
def test_more_of_one_feature_is_never_lower(learnt: LearntBlend, rows: np.ndarray, feature: str, more: float) -> None:
    """All else equal: one feature raised, and only its own part may move, upwards."""
    raised = rows.copy()
    column = FEATURES.index(feature)
    raised[:, column] += more
    before, after = learnt.contributions(rows), learnt.contributions(raised)
    assert (after[:, column] >= before[:, column] - 1e-9).all()
    assert (np.delete(after, column, 1) == np.delete(before, column, 1)).all()


@given(blends())
def test_json_gives_the_blend_back(learnt: LearntBlend) -> None:
    """What is written to ``model.json`` is read as the same blend."""
    assert LearntBlend.from_json(json.loads(json.dumps(learnt.to_json()))) == learnt


@given(blends(), st.integers(0, 2**32 - 1))
def test_an_explanation_sums_to_the_score(learnt: LearntBlend, seed: int) -> None:
    """The parts of each product's explanation add up to its score, also where the student has not scored."""
    random = np.random.default_rng(seed)
    student, engine = random.normal(size=4), np.sort(random.normal(size=4))[::-1]
    student[random.integers(4)] = np.nan
    products = [words_of(product) for product in PRODUCTS]
    for blended in (
        learnt_blend("red lamp 40 w", products, student, engine, learnt),
        plain_blend(student, engine, 0.3),
    ):
        for position in range(4):
            told = blended.explanation(position)
            assert sum(part["adds"] for part in told["parts"]) == pytest.approx(told["score"], abs=1e-9)
            assert told["score"] == blended.scores[position]


def test_two_straight_terms_are_the_plain_blend() -> None:
    """With one slope each for student and engine it orders as the plain blend does."""
    student, engine = np.array([0.1, 0.9, np.nan, 0.4]), np.array([9.0, 7.0, 3.0, 1.0])
    learnt = LearntBlend((Term("student", (0.7,)), Term("engine", (0.3,))))
    found = learnt_blend("lamp", [words_of(product) for product in PRODUCTS], student, engine, learnt)
    assert found.scores == pytest.approx(blend(student, engine, 0.7))
    assert plain_blend(student, engine, 0.7).scores == pytest.approx(found.scores)


BAD: list[tuple[Any, str]] = [
    ({"version": 1, "terms": []}, "version 1"),
    ([], "version 'list'"),
    ({"version": 2, "terms": []}, "a list of objects"),
    ({"version": 2, "terms": [3]}, "a list of objects"),
    ({"version": 2, "terms": [{"feature": "colour", "slopes": [1]}]}, "feature 'colour'"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": [-1]}]}, "none below 0"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": [float("nan")]}]}, "none below 0"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": "1"}]}, "a list of numbers"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": [1], "knots": [0]}]}, "1 slopes of student for 1 knots"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": [1, 1, 1], "knots": [1, 0]}]}, "each above"),
    ({"version": 2, "terms": [{"feature": "student", "slopes": [1]}] * 2}, "each feature once"),
]


@pytest.mark.parametrize(("raw", "said"), BAD)
def test_what_is_malformed_is_refused(raw: Any, said: str, tmp_path: Path) -> None:
    """A model folder whose blend can't be read is refused, with what is wrong in it."""
    with pytest.raises(ValueError, match=said):
        LearntBlend.from_json(raw)
    folder = with_blend(tmp_path, raw)
    with pytest.raises(ModelError, match=said):
        read_model(folder)


def test_a_model_folder_keeps_it(tmp_path: Path) -> None:
    """The blend is read from ``model.json``, and the checksum of what was read of products stays the same."""
    learnt = LearntBlend((Term("student", (1.0, 2.0), (0.5,)), Term("title", (0.25,))))
    info = read_model(with_blend(tmp_path, learnt.to_json()))
    assert info.learnt == learnt
    assert info.checksum == read_model().checksum
    assert read_model(with_blend(tmp_path / "plain", None)).learnt is None


def with_blend(folder: Path, learnt: Any) -> Path:
    """The shipped model's folder with a learnt blend in its ``model.json``."""
    made = folder / "model"
    folder.mkdir(exist_ok=True)
    shutil.copytree(default_folder(), made)
    raw = json.loads((made / "model.json").read_text())
    raw["blend"].pop("learnt", None)
    if learnt is not None:
        raw["blend"]["learnt"] = learnt
    (made / "model.json").write_text(json.dumps(raw))
    return made

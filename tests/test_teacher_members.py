"""Members that are not trained: the engine's score, evidence, and how far a cosine lies above the background."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import teacher_parts

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.member import FitData
from endcap.distill.teacher.pairs import Pairs
from endcap.index.product import Product

BRANDS = ("Norvik", "Almar", "Kestrel")
COLOURS = ("red", "blue", "green")
LAMPS = [
    Product(f"{b}-{c}", f"{b} {c} desk lamp", b, "Home > Lamps", attributes={"colour": c})
    for b in BRANDS
    for c in COLOURS
]
SHOES = [
    Product(f"s-{b}-{c}", f"{b} {c} trail shoe", b, "Sport > Shoes", attributes={"colour": c})
    for b in BRANDS
    for c in COLOURS
]
SHOP = [*LAMPS, *SHOES]


def test_the_engine_says_what_a_search_says(tmp_path: Path) -> None:
    """The share of the best is that of the engine's own scores; no word in common is 0, a product that it has not is
    not known, and it is loaded once."""
    from endcap.distill.teacher.members.engine import EngineMember
    from endcap.index.embedded.engine import EmbeddedEngine

    recipe = MemberRecipe("engine")
    member = EngineMember(teacher_parts.member_spec(tmp_path, recipe))
    member.fit(FitData(teacher_parts.recipe(recipe), [], SHOP))
    member.fit(FitData(teacher_parts.recipe(recipe), [], []))
    engine = EmbeddedEngine("shop", tmp_path)
    engine.load(SHOP)
    reply = engine.search(body={"query": engine.text_query("norvik lamp"), "size": 100})
    scores = {hit["_id"]: hit["_score"] for hit in reply["hits"]["hits"]}
    best = max(scores.values())
    stranger = Product("x", "Norvik lamp")
    signals = member.signals(Pairs(["norvik lamp"] * (len(SHOP) + 1), [*SHOP, stranger]), 0)
    expected = [scores.get(product.id, 0.0) for product in SHOP]
    np.testing.assert_allclose(signals[:-1, 0], np.array(expected) / best, rtol=1e-5)
    np.testing.assert_allclose(signals[:-1, 1], np.log1p(expected), rtol=1e-5)
    assert min(expected) == 0.0
    assert np.isnan(signals[-1]).all()


@pytest.fixture
def evidence(tmp_path: Path) -> object:
    from endcap.distill.teacher.members.evidence import EvidenceMember

    recipe = MemberRecipe("evidence")
    member = EvidenceMember(teacher_parts.member_spec(tmp_path, recipe))
    member.fit(FitData(teacher_parts.recipe(recipe), [], SHOP))
    return member


def signals_of(
    evidence: object, query: str, product: Product, made_from: dict[str, object] | None = None
) -> dict[str, float]:
    row = evidence.signals(Pairs([query], [product], {query: made_from} if made_from else {}), -1)[0]  # type: ignore[attr-defined]
    return dict(zip(evidence.signal_names, row.tolist(), strict=True))  # type: ignore[attr-defined]


def test_evidence_of_a_judged_query_is_read_from_its_words(evidence: object) -> None:
    """A query beside what it asks for, and beside a green shoe of another brand; "lamp" asks for no brand."""
    right, wrong = LAMPS[0], SHOES[-1]
    found = signals_of(evidence, "norvik red lamps", right)
    assert [found[name] for name in ("title", "anywhere", "brand", "attributes")] == [1, 1, 1, 1]
    found = signals_of(evidence, "norvik red lamps", wrong)
    assert [found[name] for name in ("title", "anywhere", "brand", "attributes")] == [0, 0, -1, -1]
    assert signals_of(evidence, "lamp", wrong)["brand"] == 0


def test_evidence_of_a_generated_query_is_what_it_was_made_from(evidence: object) -> None:
    """Its words say nothing here; brand, type, leaf and attribute that it was made from do."""
    made = {"product": "1", "brand": "Norvik", "type": "lamp", "category": "Lamps", "attributes": {"colour": "red"}}
    right, wrong = signals_of(evidence, "nrvk", LAMPS[0], made), signals_of(evidence, "nrvk", SHOES[-1], made)
    assert [right[name] for name in ("brand", "type", "attributes")] == [1, 1, 1]
    assert [wrong[name] for name in ("brand", "type", "attributes")] == [-1, -1, -1]
    other = Product("o", "Case for desk lamp", "Almar", "Home > Cases")
    assert [signals_of(evidence, "nrvk", other, made)[name] for name in ("brand", "type", "attributes")] == [-1, 0, 0]


def test_evidence_takes_anything(evidence: object) -> None:
    """No word, only stop words, an odd ``made_from``: numbers all the same."""
    for query in ("", "for the", "\u200b", "☃ " * 500):
        for made in (None, {"attributes": ["red"], "brand": None, "type": 3}):
            assert np.isfinite(list(signals_of(evidence, query, Product("", ""), made).values())).all()


def test_a_cosine_above_its_background(tmp_path: Path) -> None:
    """(c - mean) / standard deviation over the sample's cosines, and the cosine itself, as torch has them."""
    from endcap.distill.student.tower import Tower
    from endcap.distill.teacher.members.cosine import BACKGROUND, CosineMember
    from endcap.distill.work.files import write_json

    base = str(teacher_parts.bert(tmp_path / "bert"))
    sample = ["desk", "shoe", "red thing"]
    spec = teacher_parts.member_spec(tmp_path, MemberRecipe("cosine", base, query_prefix="find ", max_tokens=16))
    write_json(spec.folder / BACKGROUND, sample)
    found = CosineMember(spec).signals(Pairs(["lamp"], [LAMPS[0]]), 1)
    tower = Tower.load(base, pooling="mean")
    [query], near = tower.encode(["find lamp"], 16), tower.encode(sample, 16)
    [product] = tower.encode(["Norvik red desk lamp. Lamps. colour red"], 16)
    cosine, others = float(product @ query), near @ query
    np.testing.assert_allclose(found, [[cosine, (cosine - others.mean()) / others.std()]], rtol=1e-3)

"""Searches in a language that the student was not taught: noticed, said, and left in the engine's order."""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from model_parts import pretended
from rerank_parts import ids
from shops_in_languages import WORDS, products, queries

from endcap.demo.catalogue import products as demo_products
from endcap.demo.queries import demo_queries
from endcap.errors import InputError, ModelError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.settings import IndexSettings, load_settings, save_settings
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.search.catalogue_language import CatalogueSample
from endcap.plugin.search.languages import Languages
from endcap.plugin.search.reranker import Reranker

MODELS = ["Samsung Galaxy S21 128GB", "Sony WH-1000XM4", "Canon EOS R6 Mark II", "HP LaserJet Pro M404dn", "JBL Flip 5"]
FRENCH_NAMED = ["Le Creuset Casserole, Cerise", "Eau de Parfum Belle Nuit 50 ml", "Café au lait bowl", "Chaise longue"]


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


def loaded(name: str, shop: list[Product]) -> EmbeddedEngine:
    engine = EmbeddedEngine(name)
    engine.load(shop)
    return engine


def body(engine: EmbeddedEngine, text: str, **rerank: Any) -> dict[str, Any]:
    return {"query": engine.text_query(text), "size": 10, "ext": {"rerank": rerank}}


def told(reply: Mapping[str, Any]) -> tuple[str, str | None]:
    rerank = reply["ext"]["rerank"]
    return rerank["status"], rerank["reason"]


@pytest.mark.parametrize("language", [code for code in WORDS if code != "en"])
def test_an_unknown_language_keeps_the_engines_order(language: str, student: Student) -> None:
    """Each search, the first of a process included, is the engine's, scores and all, and says why."""
    engine = loaded(f"shop-{language}", products(language))
    for text in queries(language)[::3]:
        reranker = Reranker(engine, student, deadline_ms=60_000)
        reply = reranker.search(body=body(engine, text))
        plain = engine.search(body={"query": engine.text_query(text), "size": 10})
        assert told(reply) == ("skipped", "language"), text
        assert "English" in reply["ext"]["rerank"]["detail"]
        assert ids(reply) == ids(plain)
        assert [hit["_score"] for hit in reply["hits"]["hits"]] == [hit["_score"] for hit in plain["hits"]["hits"]]


def test_english_is_re_ranked(student: Student) -> None:
    """Type and colour, model numbers, French names in an English shop, some German products among English ones."""
    german = products("de", 30)
    shops = {
        "plain": (products("en"), queries("en")),
        "mixed": ([*products("en"), *german], queries("en")),
        "models": ([Product(str(n), f"{MODELS[n % 5]} {n}") for n in range(40)], ["samsung galaxy", "canon eos"]),
        "named": (
            [*products("en"), *(Product(f"f{n}", name) for n, name in enumerate(FRENCH_NAMED))],
            [*queries("en"), "cafe au lait bowl"],
        ),
    }
    for name, (shop, texts) in shops.items():
        engine = loaded(name, shop)
        reranker = Reranker(engine, student, deadline_ms=60_000)
        for text in texts:
            assert told(reranker.search(body=body(engine, text)))[1] != "language", (name, text)


def test_no_search_of_the_generated_shop_is_taken_for_another_language(student: Student) -> None:
    """Each of them as the first of a process: nothing is known of the index."""
    engine = loaded("demo", list(demo_products()))
    for query in demo_queries()[::4]:
        hits = engine.search(body={"query": engine.text_query(query.text), "size": 100})["hits"]["hits"]
        fresh = Languages(FieldMap())
        assert not fresh.foreign(None, query.text, None, hits, ["en"]), query.text


def test_a_query_in_another_script(student: Student) -> None:
    """It says nothing to the student, whatever the products are in."""
    engine = loaded("latin", [*products("en"), Product("k", "مصباح lamp")])
    reranker = Reranker(engine, student, deadline_ms=60_000)
    reply = reranker.search(body=body(engine, "مصباح lamp مصباح", rank_window_size=50))
    assert told(reply) == ("skipped", "language")
    assert "Arabic letters" in reply["ext"]["rerank"]["detail"]
    assert told(reranker.search(body=body(engine, "lamp 5 µm Ω")))[0] == "reranked"


def test_it_can_be_said_otherwise(student: Student) -> None:
    """By the re-ranker's argument, for all searches; by ``ext.rerank.language``, for one."""
    engine = loaded("german", products("de"))
    text = queries("de")[0]
    for languages, language, reason in (
        ("any", None, None),
        (["de", "en"], None, None),
        (["fr"], None, "language"),
        (None, "any", None),
        (None, "en", None),
        (None, "de", "language"),
        ("any", "de", None),
    ):
        reranker = Reranker(engine, student, deadline_ms=60_000, languages=languages)
        asked = {} if language is None else {"language": language}
        assert told(reranker.search(body=body(engine, text, **asked)))[1] == reason, (languages, language)
    for wrong in ("German", [], ["de", "any"], 7):
        with pytest.raises(InputError, match="languages"):
            Reranker(engine, student, languages=wrong)
    reply = Reranker(engine, student).search(body=body(engine, text, language="German"))
    assert told(reply) == ("skipped", "bad_request")


def test_it_is_logged_once(student: Student, caplog: pytest.LogCaptureFixture) -> None:
    """A warning for the index, not one for each search."""
    engine = loaded("german", products("de"))
    reranker = Reranker(engine, student, deadline_ms=60_000)
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        for text in queries("de"):
            reranker.search(index="german", body=body(engine, text))
    [record] = [r for r in caplog.records if "German" in r.message]
    assert "german" in record.message


def test_a_detector_that_fails_costs_nothing(student: Student, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search is re-ranked as if nobody had asked."""
    engine = loaded("english", products("en"))
    reranker = Reranker(engine, student, deadline_ms=60_000)
    monkeypatch.setattr("endcap.plugin.search.languages.evidence", lambda *_: 1 / 0)
    assert told(reranker.search(body=body(engine, queries("en")[0])))[0] == "reranked"


def test_the_warning_at_load(student: Student) -> None:
    """A sentence where most products are in a language that the student does not know, and only there."""
    german, english = products("de"), products("en")
    assert "German" in (CatalogueSample().look(german).warning(student.info) or "")
    assert "German" in (CatalogueSample().look([*german, *english[:40]]).warning(student.info) or "")
    for shop, languages in ((english, None), ([*english, *german[:40]], None), (german, ("any",)), (german, ("de",))):
        assert CatalogueSample().look(shop).warning(student.info, languages) is None


def test_a_model_folder_says_what_it_was_taught(tmp_path: Path) -> None:
    """``languages``; a folder from before that says nothing is English if its base is, else nobody knows."""
    assert read_model().languages == ("en",)
    for salt, base, said, languages in (
        ("a", "BAAI/bge-small-en-v1.5", None, ("en",)),
        ("b", "own/base", None, ()),
        ("c", "own/base", ["de", "fr"], ("de", "fr")),
        ("d", "BAAI/bge-small-en-v1.5", [], ()),
    ):
        folder = pretended(tmp_path / salt, salt, base={"name": base, "license": "none"})
        raw = json.loads((folder / "model.json").read_text())
        raw.pop("languages", None)
        raw |= {} if said is None else {"languages": said}
        (folder / "model.json").write_text(json.dumps(raw))
        assert read_model(folder).languages == languages
    raw["languages"] = ["German"]
    (folder / "model.json").write_text(json.dumps(raw))
    with pytest.raises(ModelError, match="languages"):
        read_model(folder)


def test_settings_keep_languages(endcap_home: Path) -> None:
    """What the student is taken to know, and whose endings the index knows."""
    save_settings(IndexSettings("shop", language="de", languages=("de", "en")))
    assert load_settings("shop").languages == ("de", "en")
    assert load_settings("shop").language == "de"
    for wrong in ({"languages": ("German",)}, {"languages": ("any", "en")}, {"language": "xx"}):
        with pytest.raises(InputError):
            IndexSettings("shop", **wrong)  # type: ignore[arg-type]


def test_endings_of_the_language(endcap_home: Path) -> None:
    """An index that knows German endings finds what English ones do not, and is opened so whoever opens it."""
    shop = [Product("1", "Rote Lampen"), Product("2", "Stuhl"), *products("de", 20)]
    EmbeddedEngine("endings", language="de").load(shop)
    EmbeddedEngine("english").load(shop)

    def found(name: str) -> list[str]:
        engine = EmbeddedEngine(name)
        return ids(engine.search(body={"query": {"match": {"title": "lampe"}}, "size": 50}))

    assert "1" in found("endings")
    assert "1" not in found("english")
    random.seed(0)
    assert found("endings") == found("endings")

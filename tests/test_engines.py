"""What both engines promise: one suite, run on the embedded one, OpenSearch 3 and OpenSearch 2.19."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from engine_catalogue import CATALOGUE, CREAM, LAMP, QUERIES, SHOES, numbered

from endcap.errors import EndcapError, EngineError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings


@pytest.fixture(params=["embedded", "opensearch", "opensearch_2"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    if request.param == "embedded":
        yield EmbeddedEngine(name)
        return
    made = open_engine(IndexSettings(name, "opensearch", request.getfixturevalue(request.param)))
    yield made
    made.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]
    made.close()  # type: ignore[attr-defined]


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    engine.load(CATALOGUE)
    return engine


def ids(engine: Engine, query: dict[str, Any], **body: Any) -> list[str]:
    reply = engine.search(index=engine.index, body={"query": query, **body})
    return [hit["_id"] for hit in reply["hits"]["hits"]]


def test_products_come_back_as_they_were_loaded(loaded: Engine) -> None:
    """What a load takes is what ``products`` and every hit's ``_source`` give back, extra fields and odd names too."""
    assert {p.id: p for p in loaded.products()} == {p.id: p for p in CATALOGUE}
    assert loaded.count() == len(CATALOGUE)
    hits = loaded.search(body={"query": {"match_all": {}}})["hits"]["hits"]
    assert {hit["_id"]: hit["_source"] for hit in hits} == {p.id: p.to_mapping() for p in CATALOGUE}


def test_reply_has_opensearchs_shape(loaded: Engine) -> None:
    """A reply holds took, timed_out, _shards, the total, max_score, and hits with index, id, score and source."""
    reply = loaded.search(index=loaded.index, body={"query": {"match": {"title": "lamp"}}})
    assert isinstance(reply["took"], int)
    assert reply["timed_out"] is False
    assert reply["_shards"] == {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
    assert reply["hits"]["total"] == {"value": 2, "relation": "eq"}
    first = reply["hits"]["hits"][0]
    assert reply["hits"]["max_score"] == first["_score"] > 0
    assert set(first) == {"_index", "_id", "_score", "_source"}


def test_nothing_found_is_an_empty_page(loaded: Engine) -> None:
    """A search without a hit has total 0, no max_score and no hits."""
    hits = loaded.search(body={"query": {"match": {"title": "zeppelin"}}})["hits"]
    assert hits == {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("runs SHOE", SHOES.id),  # stems and case
        ("creme brulee", CREAM.id),  # accents
        ("patisserie", CREAM.id),  # brand
        ("lighting", LAMP.id),  # category
        ("3.5mm", LAMP.id),  # description, a number that stays one word
        ("white", CREAM.id),  # attribute value
        ("power 8", LAMP.id),  # attribute name and value
    ],
)
def test_text_is_found_in_every_field(loaded: Engine, text: str, expected: str) -> None:
    """The tuned query finds words of title, brand, category, description and attributes, in any form of the word."""
    assert ids(loaded, loaded.text_query(text))[:1] == [expected]


@pytest.mark.parametrize(("query", "expected"), QUERIES, ids=[str(query)[:60] for query, _ in QUERIES])
def test_clauses_find_the_same_on_both_engines(loaded: Engine, query: dict[str, Any], expected: set[str]) -> None:
    """Each clause of the common part of the query language finds what OpenSearch's documentation says."""
    assert set(ids(loaded, query)) == expected


def test_filters_do_not_score(loaded: Engine) -> None:
    """A filter leaves the score of what it lets through as it is, and alone gives 0."""
    query = {"match": {"title": "desk"}}
    plain = loaded.search(body={"query": query})["hits"]["max_score"]
    filtered = {"bool": {"must": query, "filter": {"term": {"brand.keyword": "Acme"}}}}
    assert loaded.search(body={"query": filtered})["hits"]["max_score"] == pytest.approx(plain)
    alone = {"bool": {"filter": {"term": {"brand.keyword": "Acme"}}}}
    assert loaded.search(body={"query": alone})["hits"]["max_score"] == 0


def test_boosts_weigh_fields(loaded: Engine) -> None:
    """A field's boost multiplies its score."""

    def score(field: str) -> float:
        query = {"multi_match": {"query": "bolt", "fields": [field]}}
        return float(loaded.search(body={"query": query})["hits"]["max_score"])

    assert score("brand^4") == pytest.approx(4 * score("brand"), rel=1e-5)


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (False, None),
        (True, LAMP.to_mapping()),
        ("title", {"title": LAMP.title}),
        (["title", "attributes.colour"], {"title": LAMP.title, "attributes": {"colour": "red"}}),
        (
            {"includes": ["attributes", "price"], "excludes": ["attributes.Max*", "attributes."]},
            {"attributes": {"colour": "red"}, "price": 19.5},
        ),
        ({"excludes": ["a*", "b*", "c*", "d*", "e*", "i*", "p*"]}, {"title": LAMP.title}),
        (["nothing"], {}),
    ],
)
def test_source_is_cut_as_asked(loaded: Engine, option: Any, expected: Any) -> None:
    """``_source`` takes true, false, a path, a list, and includes with excludes, with ``*`` for anything."""
    (hit,) = loaded.search(body={"query": {"ids": {"values": [LAMP.id]}}, "_source": option})["hits"]["hits"]
    assert hit.get("_source") == expected


def test_pages_join_without_gap_or_repeat(engine: Engine) -> None:
    """Equal scores come in the order of the catalogue, so pages of any size join to the same list."""
    engine.load(numbered(137))
    query = {"match": {"title": "lamp"}}
    whole = ids(engine, query, size=137)
    assert whole == [f"p{i}" for i in range(137)]
    assert [id for start in range(0, 137, 20) for id in ids(engine, query, size=20, **{"from": start})] == whole


def test_totals_are_tracked_as_asked(engine: Engine) -> None:
    """``track_total_hits`` false leaves the total out, a number caps it, true counts all."""
    engine.load(numbered(30))

    def total(tracked: Any) -> Any:
        body = {"query": {"match": {"title": "lamp"}}, "size": 1, "track_total_hits": tracked}
        return engine.search(body=body)["hits"].get("total")

    assert total(False) is None
    assert total(True) == {"value": 30, "relation": "eq"}
    assert total(10) == {"value": 10, "relation": "gte"}
    assert total(100) == {"value": 30, "relation": "eq"}


def test_size_zero_only_counts(loaded: Engine) -> None:
    """``size`` 0 gives the total and no hit."""
    hits = loaded.search(body={"query": {"match_all": {}}, "size": 0})["hits"]
    assert (hits["total"]["value"], hits["hits"], hits["max_score"]) == (5, [], None)


ODD = ['"', "(a OR b", "title:lamp^2 ~ /x/ \\", "🎧 🛋️", "", "   ", "\x00", "\ud800", "AND OR NOT", "日本語", "%s %(x)s"]
ODD += ["w " * 10_000, " ".join(f"word{i}" for i in range(10_000)), "x" * 100_000]


@pytest.mark.parametrize("text", ODD, ids=[repr(text[:12]) for text in ODD])
def test_no_text_is_an_error(loaded: Engine, text: str) -> None:
    """Whatever somebody types is searched for as words, or finds nothing."""
    assert isinstance(ids(loaded, loaded.text_query(text)), list)


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"no_such_query": {}}},
        {"query": {"match": {"title": {"query": "x", "no_such_option": 1}}}},
        {"query": {"match": {"title": "x"}, "term": {"id": "y"}}},
        {"query": {"match_all": {}}, "no_such_key": 1},
        {"query": {"match_all": {}}, "size": 10_001},
        {"query": {"match_all": {}}, "size": -3},
    ],
)
def test_what_is_not_understood_is_named(loaded: Engine, body: dict[str, Any]) -> None:
    """A search that an engine does not understand is one EngineError, never an empty page or a traceback."""
    with pytest.raises(EngineError):
        loaded.search(body=body)


def test_unknown_index_is_an_error(loaded: Engine) -> None:
    """A search of an index that is not there names it."""
    with pytest.raises(EngineError, match="endcap-test-nobody"):
        loaded.search(index="endcap-test-nobody", body={})


def test_nothing_loaded_yet_is_an_error(engine: Engine) -> None:
    """Before the first load a search says what to do."""
    with pytest.raises(EngineError, match="endcap index"):
        engine.search(body={"query": {"match_all": {}}})


def test_a_load_replaces_the_catalogue(engine: Engine) -> None:
    """After a second load there is exactly the second catalogue."""
    engine.load(numbered(20))
    report = engine.load([LAMP, SHOES])
    assert (report.loaded, dict(report.failed)) == (2, {})
    assert {p.id for p in engine.products()} == {LAMP.id, SHOES.id}


def test_products_that_cannot_be_loaded_are_reported(engine: Engine) -> None:
    """No id, a repeated id, an id that is too long, half a surrogate pair: each is reported, the rest is loaded."""
    bad = [Product("", "no id"), Product(LAMP.id, "again"), Product("i" * 513, "long"), Product("s", "\ud800")]
    report = engine.load([LAMP, *bad, SHOES])
    assert report.loaded == engine.count() == 2
    assert set(report.failed) == {"", LAMP.id, "i" * 513, "s"}
    assert all(report.failed.values())
    assert {p.id: p for p in engine.products()} == {p.id: p for p in (LAMP, SHOES)}


def test_a_load_that_fails_changes_nothing(engine: Engine) -> None:
    """A catalogue that breaks in the middle, or is empty, leaves the old one in place."""

    def broken() -> Iterator[Product]:
        yield from numbered(3000)
        raise ValueError("broken file")

    engine.load(CATALOGUE)
    with pytest.raises(ValueError, match="broken file"):
        engine.load(broken())
    with pytest.raises(EndcapError, match="no products"):
        engine.load([])
    with pytest.raises(EndcapError, match="no id"):
        engine.load([Product("", "no id")])
    assert {p.id for p in engine.products()} == {p.id for p in CATALOGUE}


def test_large_texts_are_loaded(engine: Engine) -> None:
    """A description of 10 MB is loaded, found and given back."""
    long = Product("long", "long", description="words " * 1_700_000 + "needle")
    engine.load([long, LAMP])
    assert ids(engine, {"match": {"description": "needle"}}, _source=False) == ["long"]
    assert {p.id: p for p in engine.products()}["long"] == long


def test_progress_is_told(engine: Engine) -> None:
    """``progress`` hears how many are done, up to all of them."""
    told: list[int] = []
    engine.load(numbered(1200), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1200


def test_bodies_are_not_changed(loaded: Engine) -> None:
    """A search leaves the caller's body as it was."""
    body = {"query": {"match": {"title": "lamp"}}, "size": 2, "_source": ["title"]}
    before = repr(body)
    loaded.search(index=loaded.index, body=body)
    assert repr(body) == before

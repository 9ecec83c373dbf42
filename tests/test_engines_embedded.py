"""What only the embedded engine promises: files on disk, and a known part of the query language."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from engine_catalogue import CATALOGUE, LAMP, numbered
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import EngineError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.minimum_should_match import minimum_should_match
from endcap.index.product import Product

ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.fixture
def loaded() -> EmbeddedEngine:
    engine = EmbeddedEngine("shop")
    engine.load(CATALOGUE)
    return engine


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=ANY_TEXT)
def test_any_text_is_searched_for(loaded: EmbeddedEngine, text: str) -> None:
    """No text, whatever it is made of, makes a search fail."""
    for query in (loaded.text_query(text), {"match": {"title": text}}, {"term": {"brand.keyword": text}}):
        loaded.search(body={"query": query})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "match",
                    "bool",
                    "must",
                    "title",
                    "query",
                    "term",
                    "range",
                    "price",
                    "gte",
                    "ids",
                    "values",
                    "boost",
                    "x",
                ]
            ),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=JSON, size=JSON, source=JSON, tracked=JSON)
def test_odd_bodies_are_answered_or_refused(
    loaded: EmbeddedEngine, query: Any, size: Any, source: Any, tracked: Any
) -> None:
    """Any JSON as a search body gives a reply or an EngineError, nothing else."""
    for body in ({"query": query}, {"size": size}, {"_source": source}, {"track_total_hits": tracked}):
        with suppress(EngineError):
            loaded.search(body=body)


@given(
    products=st.lists(
        st.builds(
            Product,
            id=st.text(max_size=5),
            title=ANY_TEXT,
            brand=ANY_TEXT,
            description=ANY_TEXT,
            attributes=st.dictionaries(ANY_TEXT, ANY_TEXT.filter(bool), max_size=3),
            price=st.none() | st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda product: product.id,
    )
)
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_product_comes_back(products: list[Product], tmp_path_factory: pytest.TempPathFactory) -> None:
    """Every product is given back as any reader reads it, or reported as failed."""
    engine = EmbeddedEngine("any", tmp_path_factory.mktemp("home"))
    try:
        report = engine.load(products)
    except EngineError:
        return  # none of them could be loaded
    loaded = [FieldMap().product(product.to_mapping()) for product in products if product.id not in report.failed]
    assert list(engine.products()) == loaded


def test_an_open_reader_outlives_its_files(loaded: EmbeddedEngine) -> None:
    """A reader opened before another process's load keeps answering while its files are removed under it."""
    reader = loaded._open()
    other = EmbeddedEngine("shop")
    other.load(numbered(30))
    assert reader.searcher.num_docs == len(CATALOGUE)
    assert {hit["_id"] for hit in loaded.search(body={"size": 100})["hits"]["hits"]} == {f"p{i}" for i in range(30)}


def test_leftovers_are_removed(loaded: EmbeddedEngine, endcap_home: Path) -> None:
    """What a killed load left behind goes with the next load; the live folder stays."""
    folder = endcap_home / "catalogues" / "shop"
    (folder / "load-20200101T000000-deadbeef").mkdir()
    (folder / ".live.0a1b2c3d.part").write_text("half")
    loaded.load(numbered(3))
    assert len(list(folder.glob("load-*"))) == 1
    assert not list(folder.glob("*.part"))


@pytest.mark.parametrize(
    "harm", ["manifest gone", "manifest broken", "files gone", "file cut", "folder gone", "format"]
)
def test_broken_catalogue_is_said(endcap_home: Path, harm: str) -> None:
    """A catalogue whose files were harmed is one EngineError that says to load again, never a wrong page."""
    EmbeddedEngine("shop").load(CATALOGUE)
    (folder,) = (endcap_home / "catalogues" / "shop").glob("load-*")
    match harm:
        case "manifest gone":
            (folder / "catalogue.json").unlink()
        case "manifest broken":
            (folder / "catalogue.json").write_text("{")
        case "format":
            (folder / "catalogue.json").write_text('{"format": 99, "products": 5}')
        case "files gone":
            for path in folder.glob("*.store"):
                path.unlink()
        case "file cut":
            for path in folder.glob("*.store"):
                path.write_bytes(path.read_bytes()[:-40])
        case "folder gone":
            shutil.rmtree(folder)
    with pytest.raises(EngineError, match=r"[Ll]oad it again"):
        EmbeddedEngine("shop").search(body={})
    EmbeddedEngine("shop").load([LAMP])
    assert EmbeddedEngine("shop").count() == 1


def test_ties_follow_the_catalogue_over_many_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Equal scores come in the order of the catalogue also where tantivy wrote several segments."""
    monkeypatch.setattr("endcap.index.embedded.engine._HEAP_BYTES", 15_000_000)
    engine = EmbeddedEngine("many")
    filler = " ".join(f"word{i}" for i in range(300))
    engine.load(Product(f"p{i}", "lamp", description=f"{filler} {i}") for i in range(12_000))
    assert engine._open().searcher.num_segments > 1
    hits = engine.search(body={"query": {"match": {"title": "lamp"}}, "from": 35, "size": 30})["hits"]["hits"]
    assert [hit["_id"] for hit in hits] == [f"p{i}" for i in range(35, 65)]


def test_threads_share_an_engine(loaded: EmbeddedEngine) -> None:
    """Searches from many threads, while loads go live, all succeed."""
    with ThreadPoolExecutor(8) as threads:
        totals = [threads.submit(lambda: loaded.search(body={"size": 1})["hits"]["total"]["value"]) for _ in range(200)]
        loaded.load(numbered(30))
        assert {each.result() for each in totals} <= {len(CATALOGUE), 30}


@pytest.mark.parametrize(
    ("rule", "clauses", "expected"),
    [
        (2, 5, 2), ("3", 5, 3), (-1, 5, 4), (-9, 5, 0), ("75%", 4, 3), ("75%", 5, 3), ("-25%", 4, 3), ("-25%", 5, 4),
        ("0%", 3, 0), ("2<75%", 2, 2), ("2<75%", 4, 3), ("2<-1", 5, 4), ("2<-25% 9<-3", 2, 2), ("2<-25% 9<-3", 5, 4),
        ("2<-25% 9<-3", 12, 9), ("100%", 7, 7), (0, 3, 0),
    ],
)  # fmt: skip
def test_minimum_should_match(rule: Any, clauses: int, expected: int) -> None:
    """The rules of OpenSearch's ``minimum_should_match``, worked out by hand."""
    assert minimum_should_match(rule, clauses) == expected


@pytest.mark.parametrize("rule", ["", "many", "2<", "<3", "1.5", None])
def test_minimum_should_match_refuses_the_rest(rule: Any) -> None:
    """What is no rule is an EngineError."""
    with pytest.raises(EngineError):
        minimum_should_match(rule, 3)

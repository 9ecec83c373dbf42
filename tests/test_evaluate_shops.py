"""The shops of an evaluation: a catalogue, a known index, both engines, and an index with names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from evaluation_parts import TITLES, evaluated, of, products, write_catalogue
from opensearchpy import OpenSearch

from endcap.errors import InputError
from endcap.evaluate.evaluation import POOL
from endcap.evaluate.open_catalogue import fingerprint, open_catalogue
from endcap.evaluate.systems import STUDENT, Shop, search
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.field_map import FieldMap
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore


@pytest.fixture(scope="module")
def student() -> Student:
    return Student.load()


@pytest.fixture
def states(endcap_home: Path) -> Iterator[StateStore]:
    store = StateStore.open()
    yield store
    store.close()


def test_a_catalogue_is_loaded_once(tmp_path: Path, endcap_home: Path) -> None:
    """A file is found again by its content, and loaded anew once that changes."""
    path = write_catalogue(tmp_path)
    first = open_catalogue(str(path))
    assert (first.products, open_catalogue(str(path)).index) == (len(TITLES), first.index)
    assert len(list((endcap_home / "catalogues").iterdir())) == 1
    path.write_text(path.read_text() + '{"id": "new", "title": "A new thing"}\n')
    assert open_catalogue(str(path)).products == len(TITLES) + 1
    assert fingerprint(path, "a") != fingerprint(path, "b")


def test_wrong_catalogues(tmp_path: Path) -> None:
    """What is no catalogue is named, and options that contradict each other are."""
    path = str(write_catalogue(tmp_path))
    EmbeddedEngine("known").load(products())
    save_settings(IndexSettings("known"))
    with pytest.raises(InputError, match="neither a file or folder here nor a known index"):
        open_catalogue("unheard-of")
    with pytest.raises(InputError, match="needs --url"):
        open_catalogue(path, engine="opensearch")
    with pytest.raises(InputError, match="embedded engine has no address"):
        open_catalogue(path, engine="embedded", url="http://localhost:9200")
    with pytest.raises(InputError, match="leave out --engine and --url"):
        open_catalogue("known", engine="opensearch", url="http://localhost:9200")
    with pytest.raises(InputError, match="leave out --format, --fields, --encoding"):
        open_catalogue("known", reading=Reading(fields=FieldMap.parse("title=name")))


def test_of_a_folder_and_an_index_of_one_name_it_is_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that happens to be called as a shop does not take its place; ./NAME is the folder."""
    monkeypatch.chdir(tmp_path)
    EmbeddedEngine("shop").load(products())
    save_settings(IndexSettings("shop"))
    Path("shop").mkdir()
    (Path("shop") / "products.jsonl").write_text('{"id": "1", "title": "One thing"}\n')
    assert open_catalogue("shop").products == len(TITLES)
    assert open_catalogue("./shop").products == 1


def test_both_engines(tmp_path: Path, opensearch: str, student: Student, states: StateStore) -> None:
    """A real OpenSearch is measured by the same code: loaded once, the same pools, and no order above 1."""
    path = str(write_catalogue(tmp_path))
    at = open_catalogue(path, url=opensearch)
    try:
        again = open_catalogue(path, url=opensearch)
        assert (again.index, again.warnings, again.products) == (at.index, (), len(TITLES))
        there, here = evaluated(at, student, states), evaluated(open_catalogue(path), student, states)
        assert of(there, POOL).queries == of(here, POOL).queries
        # In the pool, the student alone does not depend on the engine but for ties.
        ours, theirs = of(here, POOL).system(STUDENT), of(there, POOL).system(STUDENT)
        assert theirs.means["nDCG@10"] == pytest.approx(ours.means["nDCG@10"], abs=1e-6)
        assert "OpenSearch" in there.about.engine
    finally:
        with OpenSearch(opensearch) as client:
            client.indices.delete(index=",".join(client.indices.get_alias(name=at.index)))


def test_an_index_with_names_of_its_own(opensearch: str, student: Student, states: StateStore) -> None:
    """An index that endcap did not load is measured through its field map."""
    from endcap.index.field_map import FieldMap

    name = "evaluate-test-foreign"
    lines = "".join(
        f'{{"index": {{"_id": "{id}"}}}}\n{{"name": "{title}", "maker": "Acme"}}\n' for id, title in TITLES.items()
    )
    client = OpenSearch(opensearch)
    try:
        assert not client.bulk(index=name, body=lines, refresh=True)["errors"]
        save_settings(IndexSettings("ours", "opensearch", opensearch, name, FieldMap.parse("title=name,brand=maker")))
        result = evaluated(open_catalogue("ours"), student, states)
        pool = of(result, POOL)
        assert pool.system(STUDENT).means["nDCG@10"] > 0.8
        assert {p.title for case in pool.wins for p in case.page_after} <= set(TITLES.values())
    finally:
        client.indices.delete(index=name)
        client.close()


def test_the_shop_protocol_needs_no_index(student: Student, states: StateStore) -> None:
    """A shop without a name of its own searches the engine's."""
    engine = EmbeddedEngine("plain")
    engine.load(products())
    found, scores = search(Shop(engine), {"query": engine.text_query("kettle")}, 10)
    assert {product.id for product in found} == {"kettle1", "kettle2"}
    assert scores == sorted(scores, reverse=True)


def test_a_file_is_read_as_it_is_said(tmp_path: Path) -> None:
    """Encoding, variants and language reach the reader; the same file read otherwise is another index."""
    path = tmp_path / "shop.csv"
    text = "Handle,Title,Variant SKU,Variant Price,Option1 Name,Option1 Value\ncup,Café,C-S,5,Size,S\ncup,,C-M,6,,M\n"
    path.write_bytes(text.encode("cp1252"))
    merged = open_catalogue(str(path), reading=Reading(encoding="cp1252"))
    each = open_catalogue(str(path), reading=Reading(encoding="cp1252", variants="each"))
    assert (merged.products, each.products) == (1, 2)
    assert next(iter(merged.shop.engine.products())).title == "Café"

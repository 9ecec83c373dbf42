"""Products in JSON as APIs, engines and databases give them: in lists, by their ids, in pages, in MongoDB's words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.readers import files
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.rejects import Rejects

KETTLE, CUP = {"title": "Kettle"}, {"title": "Cup"}
WHOLES: dict[str, Any] = {
    "an object of ids": {"1": KETTLE, "2": CUP},
    "an object of ids in an object": {"status": "ok", "products": {"1": KETTLE, "2": CUP}, "next": {"page": 2}},
    "Solr": {"responseHeader": {"status": 0, "params": {"q": "*:*", "fl": ["id"]}},
             "response": {"numFound": 2, "start": 0, "docs": [{"id": "1", **KETTLE}, {"id": "2", **CUP}]}},
    "GraphQL": {"data": {"products": {"pageInfo": {"hasNextPage": False}, "edges": [
        {"cursor": "a", "node": {"id": "1", **KETTLE}}, {"cursor": "b", "node": {"id": "2", **CUP}}]}}},
    "JSON:API": {"data": [{"type": "products", "id": "1", "attributes": KETTLE, "links": {}},
                          {"type": "products", "id": "2", "attributes": CUP}]},
    "hits with fields": {"took": 3, "hits": {"hits": [{"_index": "s", "_id": "1", "fields": {"title": ["Kettle"]}},
                                                      {"_index": "s", "_id": "2", "fields": {"title": ["Cup"]}}]}},
    "an engine's answer with aggregations": {"aggregations": {"b": {"buckets": [{"key": "x", "n": {"v": [1]}}]}},
                                             "hits": {"hits": [{"_id": "1", "_source": KETTLE},
                                                               {"_id": "2", "_source": CUP}]}},
    "MongoDB": [{"_id": {"$oid": "1"}, **KETTLE}, {"_id": {"$numberLong": "2"}, **CUP}],
}  # fmt: skip


def read(path: Path) -> tuple[list[tuple[str, str]], Rejects]:
    rejects = Rejects()
    return [(p.id, p.title) for p in read_products(path, on_error="skip", rejects=rejects)], rejects


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("name", WHOLES)
def test_products_are_found(name: str, indent: int | None, tmp_path: Path) -> None:
    """Whatever is around them, the products are read, with their ids; each is a row."""
    path = tmp_path / "a.json"
    path.write_text(json.dumps(WHOLES[name], indent=indent))
    products, rejects = read(path)
    assert products == [("1", "Kettle"), ("2", "Cup")]
    assert (rejects.rows, rejects.counts.total()) == (2, 0)


def test_pages(tmp_path: Path) -> None:
    """An API's pages, one a line, are all read; where they are laid out otherwise, a second is named."""
    pages = [{"products": [{"id": n, "title": f"Cup {n}"}], "page": n} for n in (1, 2, 3)]
    path = tmp_path / "a.json"
    path.write_text("\n".join(map(json.dumps, pages)))
    assert [id for id, _ in read(path)[0]] == ["1", "2", "3"]
    path.write_text("\n".join(json.dumps(page, indent=1) for page in pages))
    products, rejects = read(path)
    assert (len(products), rejects.counts) == (1, {"broken JSON": 2})


def test_values_of_mongodb(tmp_path: Path) -> None:
    """Numbers and dates in its extended JSON are values; an id of the shop's own goes before the database's."""
    path = tmp_path / "a.jsonl"
    record = {"_id": {"$oid": "5f"}, "id": {"$numberInt": "7"}, "title": "Cup", "price": {"$numberDecimal": "9.50"},
              "attributes": {"weight": {"$numberDouble": "2.5"}}, "at": {"$date": "2026-01-01T00:00:00Z"}}  # fmt: skip
    path.write_text(json.dumps(record))
    (cup,) = read_products(path)
    assert (cup.id, cup.price, cup.attributes) == ("7", 9.5, {"weight": "2.5"})
    assert cup.extra == {"_id": "5f", "at": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("record", [{"items": [{"x": 1}], "id": "1", "title": "Set"},
                                    {"name": {"en": "Set"}, "id": "1", "title": "Set"},
                                    {"id": "1", "title": "Set", "type": "x", "attributes": {"a": "1"}}])  # fmt: skip
def test_a_product_is_no_list(record: dict[str, Any], tmp_path: Path) -> None:
    """Fields that are called as lists are, or hold objects, stay fields, in one record and in many."""
    path = tmp_path / "a.jsonl"
    for count in (1, 2):
        path.write_text("".join(json.dumps({**record, "id": str(n)}) + "\n" for n in range(count)))
        assert [id for id, _ in read(path)[0]] == [str(n) for n in range(count)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(
    st.dictionaries(st.text(min_size=1, max_size=9).filter(str.strip), st.text(max_size=40), min_size=2, max_size=9),
    st.integers(1, 50),
    st.booleans(),
)
def test_objects_by_id_in_any_pieces(tmp_path: Path, texts: dict[str, str], size: int, whole: bool) -> None:
    """However the file is cut into pieces, each name is its product's id; a file that breaks off is said to."""
    rows = {name: {"title": f"t{text}", "d": {"x": [text]}} for name, text in texts.items()}
    text = json.dumps(rows, ensure_ascii=False)
    (tmp_path / "a.json").write_text(text if whole else text[:-1], encoding="utf-8", errors="replace")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "CHUNK_BYTES", size)
        try:
            products, rejects = read(tmp_path / "a.json")
        except InputError:  # ids such as "nan", or none
            return
    assert rejects.rows == len(products) + rejects.counts.total() == len(rows) + (not whole)
    assert {id for id, _ in products} <= set(rows)
    assert len(products) + rejects.counts["missing id"] + rejects.counts["duplicate id"] >= len(rows) * whole
